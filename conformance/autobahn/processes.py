"""Starts processes so that every one of them is ended, with all that it started itself.

Each process leads a process group of its own. A watchdog knows the groups; when this process is
gone without having ended them, killed itself for instance, the watchdog does it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

T = TypeVar("T")

GRACE_SECONDS = 5.0  # between asking a process to end and killing it
WATCHDOG_GRACE_SECONDS = 1.0


class Processes:
    """The processes of a run. Leaving the context ends them all."""

    def __init__(self) -> None:
        self._alive: set[asyncio.subprocess.Process] = set()
        self._watchdog: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Processes:
        self._watchdog = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--watchdog"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await asyncio.gather(*(self.end(process) for process in list(self._alive)))
        finally:
            assert self._watchdog and self._watchdog.stdin
            self._watchdog.stdin.close()
            self._watchdog.wait()

    async def start(self, command: list[str], **options: Any) -> asyncio.subprocess.Process:
        """Starts a command; `options` are those of asyncio.create_subprocess_exec.

        Errors: OSError.
        """
        # Lines of events name cases and may be long; the default would cut at 64 KiB.
        process = await asyncio.create_subprocess_exec(
            *command, start_new_session=True, limit=1 << 20, **options
        )
        self._alive.add(process)
        self._tell_watchdog("+", process.pid)
        return process

    async def end(
        self, process: asyncio.subprocess.Process, grace: float = GRACE_SECONDS
    ) -> int:
        """Ends a process and all that it started; asks first, then kills.

        Returns the status as subprocess gives it: negative for a signal.
        """
        if process in self._alive:
            try:
                signal_group(process.pid, signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    await within(grace, process.wait())
            finally:
                signal_group(process.pid, signal.SIGKILL)
                self._alive.discard(process)
                self._tell_watchdog("-", process.pid)
        return await process.wait()

    def _tell_watchdog(self, sign: str, group: int) -> None:
        assert self._watchdog and self._watchdog.stdin
        with contextlib.suppress(BrokenPipeError):
            self._watchdog.stdin.write(f"{sign}{group}\n".encode())
            self._watchdog.stdin.flush()


def signal_group(group: int, number: signal.Signals) -> None:
    """Sends a signal to a process group, if there still is one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Awaits `work` for at most `seconds`.

    Unlike asyncio.wait_for of Python 3.11 it never loses a cancellation that comes just when the
    work has ended: a Ctrl-C would be lost.
    Errors: TimeoutError, and those of `work`.
    """
    async with asyncio.timeout(seconds):
        return await work


async def cancel(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancels tasks and waits until they have ended."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def read_end(path: Path, limit: int = 8192) -> str:
    """Returns the last `limit` bytes of a file as text; nothing if there is no such file."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - limit))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def describe_status(status: int) -> str:
    """Says how a process ended, such as `with status 1` or `by SIGSEGV`."""
    if status >= 0:
        return f"with status {status}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"


def watch(lines: IO[str]) -> None:
    """Follows the groups that a run starts and ends; ends what is left when it is gone."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    if groups:
        end_groups(groups)


def end_groups(groups: Iterable[int]) -> None:
    """Ends process groups whose leaders are not children of this process."""
    for group in groups:
        signal_group(group, signal.SIGTERM)
    time.sleep(WATCHDOG_GRACE_SECONDS)
    for group in groups:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    # A Ctrl-C at the terminal is for the run, which then needs this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch(sys.stdin)
