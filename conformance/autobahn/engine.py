"""What runs and judges Autobahn's cases: one program with two ways of being had.

An engine is started with one argument, the path of a plan:

    {"role": "server" or "client",     the role of the implementation under test
     "cases": ["1.1.1", ..],           exact ids
     "results": DIRECTORY,             where index.json and the case files go
     "url": URL, "agent": NAME,        role server: whom to test, and its name in the files
     "concurrency": N,                 role server, kosoku, optional: so many cases at a time
     "host": ADDRESS, "tls": BOOL,     role client: where to listen
     "certificate": FILE, "key": FILE} role client with TLS

and tells what happens on stdout, one JSON object a line, member `event`:

    engine     version, library, python: what is running
    listening  port                      role client: clients may connect
    request    path                      role client: one of the URLs of Autobahn's client protocol
    started    case                      its connection is there
    finished   case, file                its verdict stands in `file`, within `results`
    refused    case, reason              role server: no TCP connection could be made
    reports    -                         index.json has been written

It ends when its stdin does, so that it cannot outlive whoever started it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DRIVERS = HERE / "drivers"  # apart, so that they import none of our modules instead of theirs


class BadEvent(ValueError):
    """A line on an engine's stdout that is no event."""


@dataclass(frozen=True)
class Engine:
    """A way to run an engine that has been found to be there."""

    name: str  # autobahntestsuite or kosoku
    found: str  # how it was found, for people
    command: tuple[str, ...]  # what runs the driver, up to the path of the plan
    # Whether `started` and `finished` come while a client is being tested, not all at the end.
    tells_of_clients: bool = True
    speaks_tls: bool = True
    image: str | None = None

    def command_for(self, plan: Path, directory: Path, label: str) -> list[str]:
        """Returns the command that runs the plan, which lies in `directory` as all it writes.

        `label` is unique to this process on this machine.
        """
        if self.image is None:
            return [*self.command, str(plan)]
        docker, *rest = self.command
        return [
            docker, "run", "--rm", "--init", "--interactive", "--name", label,
            # The server under test listens on this host's loopback, or the client connects to it.
            "--network", "host", "--user", f"{os.getuid()}:{os.getgid()}",
            "--volume", f"{DRIVERS}:{DRIVERS}:ro", "--volume", f"{directory}:{directory}",
            self.image, *rest, str(plan),
        ]

    def end_command(self, label: str) -> list[str] | None:
        """Returns the command that ends what a signal to command_for's process may not reach."""
        return None if self.image is None else [self.command[0], "kill", label]


def parse_event(line: bytes) -> dict[str, Any]:
    """Parses a line of an engine's stdout.

    Errors: BadEvent.
    """
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        raise BadEvent(f"no event: {line[:200]!r}")
    return event
