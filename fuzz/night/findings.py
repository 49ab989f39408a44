"""The findings of all nights: a folder for each cause, and what waits to be looked at.

    findings/TARGET/ID/   finding.json, input, minimised, report.txt
    pending/TARGET/       inputs as an engine left them, whose cause is not known yet

A folder is made under another name and renamed when it is whole. An input is pending until its
folder is there, so an interruption at any time loses nothing; it is looked at once more.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from night import storage
from night.causes import Cause

MAX_HASHES = 1000  # of inputs with a known cause, so that each is counted once


@dataclass
class Finding:
    """One cause, and the input that shows it best."""

    id: str
    target: str
    kind: str
    title: str
    frames: list[str]
    found_at: float  # seconds since the epoch
    engine: str = ""
    size: int = 0  # bytes of the input
    minimised_size: int = 0
    replays: str = ""  # how often it was seen again, such as "3 of 3"
    times: int = 1  # inputs with this cause
    hashes: list[str] = field(default_factory=list)
    fixed: bool = False  # no longer seen when it was replayed at the start of a night


class Findings:
    """Errors, of all that writes: storage.DiskFull."""

    def __init__(self, night: Path) -> None:
        self.folder = night / "findings"
        self.pending_folder = night / "pending"

    def pending(self) -> list[tuple[str, Path]]:
        """Targets and inputs that wait, the oldest first."""
        waiting = [(path.parent.name, path) for path in self.pending_folder.glob("*/*")
                   if path.is_file() and not path.name.startswith(".")
                   and path.suffix not in (".log", ".engine")]
        return sorted(waiting, key=lambda each: (each[1].stat().st_mtime, each[1].name))

    def folder_of(self, target: str, id_: str) -> Path:
        return self.folder / target / id_

    def all(self) -> list[Finding]:
        found = []
        for path in sorted(self.folder.glob("*/*/finding.json")):
            if not path.parent.name.startswith("."):
                found.append(Finding(**json.loads(path.read_text())))
        return sorted(found, key=lambda finding: finding.found_at)

    def open(self) -> list[Finding]:
        return [finding for finding in self.all() if not finding.fixed]

    def save(self, finding: Finding) -> None:
        storage.write_json(self.folder_of(finding.target, finding.id) / "finding.json",
                           asdict(finding))

    def count_again(self, target: str, cause: Cause, data: bytes) -> bool:
        """Counts another input of a cause that is known. Returns: false if it is not known."""
        content = storage.read_json(self.folder_of(target, cause.id()) / "finding.json")
        if content is None:
            return False
        finding = Finding(**content)
        digest = digest_of(data)
        if digest not in finding.hashes or finding.fixed:
            finding.times += 1
            finding.fixed = False
            finding.hashes = [*finding.hashes, digest][-MAX_HASHES:]
            self.save(finding)
        return True

    def add(self, target: str, cause: Cause, data: bytes, minimised: bytes, report: str,
            replays: str, engine: str, now: float | None = None) -> Finding:
        """Adds a finding whose cause is new."""
        finding = Finding(id=cause.id(), target=target, kind=cause.kind, title=cause.title,
                          frames=list(cause.frames), found_at=time.time() if now is None else now,
                          engine=engine, size=len(data), minimised_size=len(minimised),
                          replays=replays, hashes=[digest_of(data)])
        final = self.folder_of(target, finding.id)
        making = final.with_name(f".{finding.id}")
        shutil.rmtree(making, ignore_errors=True)
        try:
            making.mkdir(parents=True)
        except OSError as error:
            if error.errno in storage.FULL:
                raise storage.DiskFull(f"no room for {final}") from error
            raise
        contents: dict[str, Any] = {"input": data, "minimised": minimised, "report.txt": report,
                                    "finding.json": json.dumps(asdict(finding), indent=1) + "\n"}
        for name, content in contents.items():
            storage.write_atomically(making / name, content)
        os.replace(making, final)
        storage.sync_folder(final.parent)
        return finding


def digest_of(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
