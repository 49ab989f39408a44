"""Plays a part of the cases with one engine against one endpoint, and keeps its run file.

A run file that is whole and of the same versions is not made again: that is how what was
interrupted goes on. How long it took stands in it as `x-parity`.
"""

from __future__ import annotations

import asyncio
import re
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines import Engine, Part, measured_client
from tested import Tested

import run_file
from endpoint import NoAnswer, environment_with, fill, free_port, wait_for_answer
from processes import Processes, read_end

START_SECONDS = 30
BROKEN_STATUSES = ("not_run", "interrupted", "harness_error", "endpoint_dead")
HOST = "127.0.0.1"

# The lines in which autobahn.py tells of each case.
COUNT = re.compile(rb"\[ *(\d+)/(\d+)\]")

OnCount = Callable[[int, int], None]


class NotPlayed(RuntimeError):
    """There is no whole run of a part; `endpoint_died` says whose fault it is."""

    def __init__(self, reason: str, endpoint_died: bool = False) -> None:
        super().__init__(reason)
        self.endpoint_died = endpoint_died


@dataclass(frozen=True)
class Task:
    """One part, one engine, one endpoint."""

    tested: Tested
    engine: Engine
    part: Part
    directory: Path

    @property
    def path(self) -> Path:
        """Of its run file."""
        return (self.directory / self.tested.label / f"{self.engine.name}-{self.part.label}.json"
                ).resolve()

    def kept(self) -> dict[str, Any] | None:
        """Returns the run that there is already, if it has all cases and is of these versions."""
        try:
            run = run_file.load(self.path)
        except (OSError, run_file.RunFileError):
            return None
        made = run.get("x-parity", {})
        whole = run["status"] not in BROKEN_STATUSES and set(self.part.cases) <= set(run["cases"])
        same = (made.get("engine"), made.get("endpoint")) == (
            self.engine.version, self.tested.fingerprint)
        return run if whole and same else None


def processor_seconds() -> float:
    """The processor time of all processes that have been waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def play(task: Task, on_count: OnCount) -> dict[str, Any]:
    """Plays a part and returns its run, which is kept. Nothing that it has started is left.

    Errors: NotPlayed.
    """
    task.path.parent.mkdir(parents=True, exist_ok=True)
    task.path.unlink(missing_ok=True)
    async with Processes() as processes:
        play_as = play_server if task.tested.role == "server" else play_client
        times = await play_as(task, processes, on_count)
    try:
        run = run_file.load(task.path)
    except (OSError, run_file.RunFileError) as error:
        raise NotPlayed(f"{task.engine.name} left no run file: {error}") from error
    if run["status"] in BROKEN_STATUSES:
        raise NotPlayed(f"{task.engine.name}: {run['reason']}", run["status"] == "endpoint_dead")
    run["x-parity"] = {
        "engine": task.engine.version, "endpoint": task.tested.fingerprint,
        "jobs": task.engine.jobs(task.part, task.tested),
        **{name: round(value, 2) for name, value in times.items()},
    }
    run_file.write(run_file.small_form(run), task.path)
    return run


async def play_server(task: Task, processes: Processes, on_count: OnCount) -> dict[str, float]:
    """Starts the server and the engine. Returns their times. Errors: NotPlayed."""
    return await with_server(task.tested, task.path.with_suffix(".log"), processes,
                             lambda url: follow(task, processes, url, on_count))


async def with_server(tested: Tested, log: Path, processes: Processes,
                      work: Callable[[str], Awaitable[None]]) -> dict[str, float]:
    """Starts a server, does some work with its URL, and ends it.

    Returns the seconds `wall` and `own` of the work and `peer` of the server; `work` has to wait
    for what it starts. Errors: NotPlayed.
    """
    port = str(free_port(HOST))
    url = tested.url.replace("{port}", port)
    values = {"port": port, "host": HOST, "url": url, "agent": tested.name}
    with log.open("wb") as output:
        try:
            server = await processes.start(
                fill(tested.command, values), env=environment_with(values), cwd=tested.folder,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output)
        except OSError as error:
            raise NotPlayed(f"{tested.label} could not be started: {error}", True) from error
    try:
        await wait_for_answer(url, START_SECONDS)
    except NoAnswer as error:
        raise NotPlayed(f"{tested.label}: {error}: {read_end(log)}", True) from error
    begin, before = time.monotonic(), processor_seconds()
    await work(url)
    wall, own = time.monotonic() - begin, processor_seconds() - before
    if server.returncode is not None:
        raise NotPlayed(f"{tested.label} ended by itself: {read_end(log)}", True)
    before = processor_seconds()
    await processes.end(server)
    return {"wall": wall, "own": own, "peer": processor_seconds() - before}


async def play_client(task: Task, processes: Processes, on_count: OnCount) -> dict[str, float]:
    """Lets the engine start the client. Returns their times. Errors: NotPlayed."""
    times = task.path.with_suffix(".times")
    times.unlink(missing_ok=True)
    begin, before = time.monotonic(), processor_seconds()
    await follow(task, processes, measured_client(task.tested.command, times), on_count)
    wall, both = time.monotonic() - begin, processor_seconds() - before
    peer = sum(map(float, times.read_text().split())) if times.exists() else 0.0
    times.unlink(missing_ok=True)
    return {"wall": wall, "own": both - peer, "peer": peer}


async def follow(task: Task, processes: Processes, where: str, on_count: OnCount) -> None:
    """Runs the engine to its end."""
    command = task.engine.command(task.tested, where, task.part, task.path)
    with task.path.with_suffix(".engine.log").open("wb") as log:
        engine = await processes.start(command, cwd=task.tested.folder, stderr=log,
                                       stdin=asyncio.subprocess.DEVNULL,
                                       stdout=asyncio.subprocess.PIPE)
        assert engine.stdout is not None
        while line := await engine.stdout.readline():
            log.write(line)
            if count := COUNT.match(line):
                on_count(int(count[1]), int(count[2]))
        await engine.wait()
        await processes.end(engine)


def minutes(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def timing_of(run: dict[str, Any]) -> str:
    """What a run took, for people."""
    made = run["x-parity"]
    return (f"{minutes(made['wall'])}, of the processor {minutes(made['own'])} and "
            f"{minutes(made['peer'])} of the endpoint's")


def describe(task: Task) -> str:
    """Names a task for people."""
    return f"{task.tested.name} as {task.tested.role}, {task.engine.name}, {task.part.name}"

