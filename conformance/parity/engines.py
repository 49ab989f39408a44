"""The three engines, and how each is told to run some of Autobahn's cases against an endpoint."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tested import ROOT, Tested, digest_of

from environment import AUTOBAHN, KOSOKU, SUITE_VERSION
from selection import SLOW_SECTIONS, Case, load_catalogue

WSPROOF = "wsproof"
ENGINES = (AUTOBAHN, KOSOKU, WSPROOF)
AUTOBAHN_GLUE = ROOT / "conformance" / "autobahn" / "autobahn.py"
KOSOKU_REQUIREMENTS = AUTOBAHN_GLUE.with_name("requirements-kosoku.txt")

WAITING_JOBS = 8


@dataclass(frozen=True)
class Part:
    """Cases that are run in one go, so that what was interrupted costs little to run again."""

    name: str
    cases: tuple[str, ...]
    is_whole: bool = True

    @property
    def is_busy(self) -> bool:
        """Whether what takes time is the traffic, not waits that overlap.

        One process of the original then is what people use; kosoku is at its best with one for each
        core.
        """
        return self.cases[0].split(".")[0] in SLOW_SECTIONS

    @property
    def label(self) -> str:
        """Names its files."""
        if self.is_whole:
            return self.name
        return f"{self.name}-{hashlib.sha256(' '.join(self.cases).encode()).hexdigest()[:8]}"


def part_of(case_id: str) -> str:
    """Names the part that a case is in: the cheap sections, section 9, each group of 12 and 13."""
    section, group = case_id.split(".")[:2]
    return "9" if section == "9" else f"{section}.{group}" if section in SLOW_SECTIONS else "1-10"


def cut(cases: Iterable[Case]) -> list[Part]:
    """Cuts cases into parts."""
    parts: dict[str, list[str]] = {}
    for case in cases:
        parts.setdefault(part_of(case.id), []).append(case.id)
    sizes = Counter(map(part_of, load_catalogue()))
    return [Part(name, tuple(ids), len(ids) == sizes[name]) for name, ids in parts.items()]


@dataclass(frozen=True)
class Engine:
    """What plays the cases."""

    name: str
    version: str  # what a kept run has to have been made with
    program: Path | None = None  # wsproof

    def jobs(self, part: Part, tested: Tested) -> int:
        """How many processes of an engine run side by side. The original's users have one."""
        if self.name == AUTOBAHN:
            return WAITING_JOBS if tested.is_faulty else 1
        return len(os.sched_getaffinity(0)) if part.is_busy else WAITING_JOBS

    def command(self, tested: Tested, where: str, part: Part, run_file: Path) -> list[str]:
        """Returns the command that plays a part and writes its run file.

        `where`: the URL of the server, or the command of the client.
        """
        about = ["--name", tested.name, "--language", tested.language]
        if tested.version:
            about += ["--impl-version", tested.version]
        about += ["--cases", ",".join(part.cases)]
        jobs = str(self.jobs(part, tested))
        if self.name == WSPROOF:
            where_words = [where] if tested.role == "server" else ["--spawn", where]
            if tested.role == "client":
                where_words += ["--jobs", jobs]
            return [str(self.program), tested.role, *where_words, *about, "--quiet",
                    "--json", str(run_file)]
        if tested.role == "client":
            where = where.replace("{url}", "{url}/")  # which is how wsproof gives it
        return [sys.executable, str(AUTOBAHN_GLUE), f"--{tested.role}", where, *about,
                "--engine", self.name, "--jobs", jobs, "--timeout", "14400",
                "--output", str(run_file)]


def engine_named(name: str, program: Path) -> Engine:
    """Returns an engine; `program` is wsproof."""
    if name == AUTOBAHN:
        return Engine(name, SUITE_VERSION)
    if name == KOSOKU:
        return Engine(name, KOSOKU_REQUIREMENTS.read_text(encoding="ascii").split("==")[1].strip())
    return Engine(name, digest_of(program), program)


def measured_client(command: str, times: Path) -> str:
    """Returns a client's command with its processor time noted in a file."""
    measured = Path(__file__).with_name("measured.py")
    return shlex.join([sys.executable, "-S", str(measured), str(times)]) + " " + command


def verdicts(run: dict[str, Any]) -> dict[str, str]:
    """Returns Autobahn's two verdicts of each case of a run file, such as "OK, UNCLEAN"."""
    found = {}
    for case_id, case in run["cases"].items():
        if "compatible" in case:
            pair = case["compatible"]["behavior"], case["compatible"]["behavior_close"]
        else:
            pair = case["verdict"], case["close_verdict"]
        found[case_id] = ", ".join(filter(None, pair))
    return found
