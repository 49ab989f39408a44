"""Endpoints: other implementations under test, a folder with a manifest each (README.md)."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROLES = ("server", "client", "api")


class BadManifest(ValueError):
    """A manifest that cannot be used."""


class CannotInstall(RuntimeError):
    """An endpoint that is not there and was not installed; says what to do."""


@dataclass(frozen=True)
class Tested:
    """How an endpoint is started in one role."""

    command: str
    tls_command: str | None = None
    url: str | None = None  # of a server, with {port}
    profile: str | None = None
    exclude: tuple[str, ...] = ()
    reason: str | None = None  # for what is excluded


@dataclass(frozen=True)
class Endpoint:
    """A manifest."""

    folder: Path
    name: str
    language: str
    version: str | None = None
    version_command: str | None = None
    debian: tuple[str, ...] = ()
    build: str | None = None  # a command that makes build/, run in the folder
    roles: dict[str, Tested] = field(default_factory=dict)

    @property
    def npm(self) -> bool:
        """Whether it comes from npm."""
        return (self.folder / "package.json").exists()

    def baseline(self, role: str) -> Path | None:
        """The known failures of this release, if there are any."""
        path = self.folder / f"{role}.baseline.json"
        return path if path.exists() else None

    def find_version(self) -> str | None:
        """The version that is tested: the pinned one, or what the program says of itself."""
        if self.version is not None or self.version_command is None:
            return self.version
        said = subprocess.run(self.version_command, shell=True, capture_output=True, text=True,
                              check=False, cwd=self.folder).stdout.split()
        return next((word for word in said if word[0].isdigit()), None)

    def missing(self) -> str | None:
        """What has to be done first, as a command for people; None if nothing."""
        if self.npm and not _npm_is_current(self.folder):
            return f"npm ci --prefix {self.folder}"
        for package in self.debian:
            if shutil.which(package) is None and not _debian_has(package):
                return f"apt-get install --no-install-recommends {package}"
        if self.build and not self._is_built():
            return f"cd {shlex.quote(str(self.folder))} && {self.build}"
        return None

    def install(self) -> None:
        """Installs or builds what the endpoint needs and is not there. Errors: CannotInstall."""
        while (command := self.missing()) is not None:
            quietly = _QUIETLY.get(command.split()[0], "")
            result = subprocess.run(["sh", "-c", f"{command} {quietly}"],
                                    check=False, stdout=subprocess.DEVNULL)
            if result.returncode == 0:
                if self.npm:
                    (self.folder / "node_modules" / ".package-lock.json").touch()
                if self.build and command.endswith(self.build):
                    self._built_from.write_text(self._sources())
            if result.returncode != 0 or self.missing() == command:
                raise CannotInstall(f"{self.name} could not be installed; by hand: {command}")

    @property
    def _built_from(self) -> Path:
        return self.folder / "build" / "built_from"

    def _is_built(self) -> bool:
        return self._built_from.exists() and self._built_from.read_text() == self._sources()

    def _sources(self) -> str:
        """A digest of the command and of what is in the folder, but for what is not built from."""
        digest = hashlib.sha256((self.build or "").encode())
        for path in sorted(self.folder.iterdir()):
            if path.is_file() and path.suffix != ".json":
                digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()


_QUIETLY = {"npm": "--no-audit --no-fund", "apt-get": "--yes"}


def _debian_has(package: str) -> bool:
    """Whether a package without a program of its name, such as a library, is installed."""
    if shutil.which("dpkg-query") is None:
        return False
    said = subprocess.run(["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package],
                          capture_output=True, text=True, check=False).stdout
    return said == "installed"


def _npm_is_current(folder: Path) -> bool:
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def read_manifest(path: Path) -> Endpoint:
    """Reads NAME/endpoint.json. Errors: BadManifest."""
    def complain(what: str) -> BadManifest:
        return BadManifest(f"{path}: {what}")

    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise complain(str(error)) from error
    known = {"name", "version", "version_command", "language", "debian", "build", *ROLES}
    if unknown := set(content) - known:
        raise complain(f"{sorted(unknown)[0]!r} is no member; there are {sorted(known)}")
    for member in ("name", "language"):
        if not isinstance(content.get(member), str):
            raise complain(f"{member} is missing")
    if content["name"] != path.parent.name:
        raise complain("name and folder differ")
    return Endpoint(
        folder=path.parent, name=content["name"], language=content["language"],
        version=content.get("version"), version_command=content.get("version_command"),
        debian=tuple(content.get("debian", ())), build=content.get("build"),
        roles={role: _read_role(content[role], role, complain) for role in ROLES
               if role in content})


def _read_role(content: dict[str, Any], role: str, complain: Any) -> Tested:
    known = Tested.__dataclass_fields__
    if unknown := set(content) - set(known):
        raise complain(f"{role} has no {sorted(unknown)[0]!r}; there are {sorted(known)}")
    for member in ("command", "tls_command"):
        placeholder = "{port}" if role == "server" else "{url}"
        if member in content and placeholder not in content[member]:
            raise complain(f"{role}: {member} has no {placeholder}")
    if "command" not in content:
        raise complain(f"{role}: command is missing")
    if bool(content.get("exclude")) != bool(content.get("reason")):
        raise complain(f"{role}: exclude and reason belong together")
    return Tested(**{**content, "exclude": tuple(content.get("exclude", ()))})


def read_all(names: Iterable[str] = ()) -> list[Endpoint]:
    """The endpoints of these names, or all. Errors: BadManifest, also for a name without one."""
    paths = {path.parent.name: path for path in sorted(HERE.glob("*/endpoint.json"))}
    for name in names:
        if name not in paths:
            raise BadManifest(f"no endpoint {name!r}; there are {', '.join(paths)}")
    return [read_manifest(paths[name]) for name in (list(names) or paths)]
