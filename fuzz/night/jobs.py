"""Processes that run beside one another, each in a group of its own, waited for without polling."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 10.0  # from the asking to the killing
_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    # Whoever kills the night with -9 kills what it runs too.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass
class Job:
    """A process that runs, or has ended."""

    kind: str
    target: str
    process: subprocess.Popen[bytes]
    log: Path
    engine: str = ""
    argument: str = ""
    stop_signal: signal.Signals = signal.SIGKILL
    started: float = field(default_factory=time.monotonic)
    limit: float = 3600.0  # seconds, after which it is killed
    descriptor: int = -1
    stop_asked: float = 0.0  # when it was asked to stop; 0 if it was not
    overran: bool = False

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Jobs:
    """The processes, and the signals that ask the whole night to stop."""

    def __init__(self) -> None:
        self.running: list[Job] = []
        self.stop_signals = 0  # how many came
        self._selector = selectors.DefaultSelector()

    @contextlib.contextmanager
    def catching_signals(self) -> Iterator[None]:
        """Ctrl-C, SIGTERM and SIGHUP are counted, and end a wait."""
        inside, outside = socket.socketpair()
        inside.setblocking(False)
        outside.setblocking(False)
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

        def count(_number: int, _frame: object) -> None:
            self.stop_signals += 1

        previous = {number: signal.signal(number, count) for number in numbers}
        previous_descriptor = signal.set_wakeup_fd(outside.fileno())
        self._selector.register(inside, selectors.EVENT_READ, inside)
        try:
            yield
        finally:
            self._selector.unregister(inside)
            signal.set_wakeup_fd(previous_descriptor)
            for number, handler in previous.items():
                signal.signal(number, handler)
            inside.close()
            outside.close()

    def start(self, kind: str, target: str, command: list[str], log: Path, *, cwd: Path,
              environment: dict[str, str], engine: str = "", argument: str = "",
              limit: float = 3600.0, stop_signal: signal.Signals = signal.SIGKILL) -> Job:
        with open(log, "wb") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, env=environment, cwd=cwd,
                                       start_new_session=True, preexec_fn=_die_with_parent)
        job = Job(kind, target, process, log, engine, argument, stop_signal, limit=limit)
        job.descriptor = os.pidfd_open(process.pid)
        self._selector.register(job.descriptor, selectors.EVENT_READ, job)
        self.running.append(job)
        return job

    def wait(self, seconds: float) -> list[Job]:
        """Waits until a job has ended, a signal has come, or the time is up.

        Returns: the jobs that have ended.
        """
        done = []
        for key, _ in self._selector.select(max(0.0, seconds)):
            if isinstance(key.data, Job):
                done.append(key.data)
            else:
                with contextlib.suppress(BlockingIOError):
                    key.data.recv(4096)
        for job in done:
            self._reap(job)
        self._kill_late_ones()
        return done

    def stop(self, *kinds: str) -> None:
        """Asks jobs to stop, all of them if no kind is named; they end in a later wait()."""
        for job in self.running:
            if (not kinds or job.kind in kinds) and not job.stop_asked:
                job.stop_asked = time.monotonic()
                job.signal_group(job.stop_signal)

    def stop_all_now(self) -> None:
        for job in self.running:
            job.signal_group(signal.SIGKILL)
        for job in list(self.running):
            self._reap(job)

    def _reap(self, job: Job) -> None:
        job.process.wait()
        job.signal_group(signal.SIGKILL)  # what it may have left behind
        self._selector.unregister(job.descriptor)
        os.close(job.descriptor)
        self.running.remove(job)

    def _kill_late_ones(self) -> None:
        now = time.monotonic()
        for job in self.running:
            late = now - job.started > job.limit
            if late or (job.stop_asked and now - job.stop_asked > STOP_SECONDS):
                job.overran = job.overran or late
                job.signal_group(signal.SIGKILL)
