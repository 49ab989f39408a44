"""Files that are whole after any interruption, and a disk that may be full."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MIN_FREE_BYTES = 256 << 20  # below that nothing is started, so that what runs can still be saved
FULL = {errno.ENOSPC, errno.EDQUOT}


class DiskFull(Exception):
    """There is no room for a file; the one that it was to replace is as it was."""


class AlreadyRunning(Exception):
    """Another process holds the folder."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replaces `path` by one that is whole and on the disk, or leaves it as it is.

    Errors: DiskFull.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if error.errno in FULL:
            raise DiskFull(f"no room for {path}") from error
        raise


def sync_folder(folder: Path) -> None:
    """Puts the names in `folder` on the disk, so that a rename outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Any) -> None:
    write_atomically(path, json.dumps(value, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """Returns: None if there is no such file."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds `folder` for this process alone; the system lets go of it however the process ends.

    Errors: AlreadyRunning.
    """
    with open(folder / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"{folder} is in use by another night") from error
        yield


def is_held(folder: Path) -> bool:
    try:
        with open(folder / "lock") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
