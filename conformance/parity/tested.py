"""What the engines are compared on: the reference, what people use, and endpoints with a fault."""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "conformance" / name) for name in ("endpoints", "autobahn")]
sys.path.insert(0, str(ROOT / "reports"))

import manifest  # noqa: E402

ROLES = ("server", "client")

# Of conformance/endpoints, if none are named.
MANIFESTS = ("beast", "websocketpp", "ws", "websockets", "aiohttp", "gorilla", "tungstenite")

# Of conformance/mutants, role by role: faults in frames, in messages, at the end. None whose effect
# depends on random masking keys: there the original says something else each time.
FAULTY = "faulty-"
FAULTS = {
    "server": (
        "fr-reserved-opcode-silent", "own-fr-rsv-frame-skipped", "fr-echo-wrong-type",
        "fr-send-65535-nonminimal", "own-fr-empty-not-echoed", "own-ct-pong-as-text",
        "ct-unsolicited-pong-fails", "own-cl-goes-on-after-failing", "cl-no-echo",
        "own-cl-ends-tcp-at-once",
    ),
    "client": (
        "fr-reserved-opcode-silent", "own-fr-rsv-frame-skipped", "fr-echo-wrong-type",
        "ct-unsolicited-pong-fails", "own-fr-empty-not-echoed", "own-cl-ends-tcp-at-once",
    ),
}


@dataclass(frozen=True)
class Tested:
    """An endpoint in one role."""

    name: str
    role: str
    language: str
    version: str | None
    command: str  # with {port}, or {url} and {agent}; run in `folder`
    folder: Path
    program: Path | None = None  # ours, which has no version but its bytes
    url: str = "ws://127.0.0.1:{port}/"  # of a server

    @property
    def label(self) -> str:
        """Names its files."""
        return f"{self.name}-{self.role}"

    @property
    def fingerprint(self) -> str | None:
        """What tells one version of it from another."""
        if self.program is None:
            return self.version
        return digest_of(self.program)

    @property
    def is_faulty(self) -> bool:
        """Whether a deliberate fault is in it."""
        return self.name.startswith(FAULTY)


@cache
def digest_of(program: Path) -> str:
    """Tells a build of a program from another."""
    return hashlib.sha256(program.read_bytes()).hexdigest()[:16]


class UnknownEndpoint(ValueError):
    """A name without an endpoint."""


def from_manifest(endpoint: manifest.Endpoint, role: str) -> Tested:
    """Returns an endpoint that is installed in one of its roles."""
    tested = endpoint.roles[role]
    return Tested(endpoint.name, role, endpoint.language, endpoint.find_version(), tested.command,
                  endpoint.folder, url=tested.url or Tested.url)


def reference(build: Path, role: str) -> Tested:
    """Returns the reference that was built in `build`."""
    program = build / "impl" / "apps" / f"echo_{role}"
    rest = "--port {port}" if role == "server" else "--autobahn {url} --agent {agent}"
    return Tested("reference", role, "C++", None, f"{shlex.quote(str(program))} {rest}", ROOT,
                  program)


def faulty(build: Path, role: str, fault: str) -> Tested:
    """Returns the endpoint of conformance/mutants that was built in `build`, with this fault."""
    program = build / "conformance" / "mutants" / "wsproof_mutant"
    rest = ("--listen 127.0.0.1 --port {port}" if role == "server"
            else "--url {url} --agent {agent}")
    return Tested(FAULTY + fault, role, "C++", None,
                  f"{shlex.quote(str(program))} --role {role} --fault {fault} {rest}", ROOT, program)


def names() -> list[str]:
    """The names that can be asked for."""
    people_use = [endpoint.name for endpoint in manifest.read_all()
                  if any(can_be_compared(endpoint, role) for role in ROLES)]
    faults = dict.fromkeys(fault for role in ROLES for fault in FAULTS[role])
    return ["reference", *people_use, *(FAULTY + fault for fault in faults)]


def can_be_compared(endpoint: manifest.Endpoint, role: str) -> bool:
    """Whether Autobahn can talk to an endpoint in this role: with nothing above WebSocket."""
    return role in endpoint.roles and endpoint.roles[role].profile is None


def choose(wanted: Iterable[str], roles: Iterable[str], build: Path) -> list[Tested]:
    """Returns the endpoints of these names in these roles, all by default; installs what is named.

    Errors: UnknownEndpoint, manifest.CannotInstall, manifest.BadManifest.
    """
    wanted, roles = list(wanted), list(roles) or list(ROLES)
    known = names()
    if unknown := [name for name in wanted if name not in known]:
        raise UnknownEndpoint(f"there is no endpoint {unknown[0]!r}; there are {', '.join(known)}")
    chosen = []
    for name in wanted or [name for name in known if name in ("reference", *MANIFESTS)
                           or name.startswith(FAULTY)]:
        if name == "reference":
            chosen += [reference(build, role) for role in roles]
        elif name.startswith(FAULTY):
            fault = name.removeprefix(FAULTY)
            chosen += [faulty(build, role, fault) for role in roles if fault in FAULTS[role]]
        else:
            (endpoint,) = manifest.read_all([name])
            endpoint.install()
            chosen += [from_manifest(endpoint, role) for role in roles
                       if can_be_compared(endpoint, role)]
    return chosen
