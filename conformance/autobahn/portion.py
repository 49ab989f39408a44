"""One process of the engine with its list of cases, and the client if one is tested."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from endpoint import Certificate, Limits, Target, environment_with, fill
from engine import BadEvent, Engine, parse_event
from processes import Processes, cancel, describe_status, read_end, within

# How long a client may go on after it has asked for the reports.
SETTLE_SECONDS = 5.0

# How long nothing has to happen after the end of a client that has not asked for the reports, until
# the engine can be taken to have seen all of it: while a case runs, and otherwise.
QUIET_SECONDS = (2.0, 0.3)

# For cases that an engine does not tell of one by one.
UNTOLD_CASE_SECONDS = 10.0


class Ending(NamedTuple):
    """How a portion came to its end.

    done          as it should
    stalled       a case or the whole took too long
    refused       the server took no connection
    unconnected   the client never connected
    client_died   the client ended with a failure
    engine_broke  the engine ended early or told nonsense
    """

    kind: str
    reason: str = ""


@dataclass(frozen=True)
class Setting:
    """What all portions of a run have in common."""

    engine: Engine
    target: Target
    limits: Limits
    processes: Processes
    client_log: Path
    certificate: Certificate | None = None
    url: str | None = None  # of the server under test


class Portion:
    """`on_event` is called with each event of the engine, see engine.py."""

    def __init__(
        self,
        setting: Setting,
        cases: list[str],
        directory: Path,
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        """`directory`: an empty one of its own, unique on this machine."""
        self._setting = setting
        self._cases = cases
        self._directory = directory
        self._on_event = on_event
        # What happened: ("event", dict), ("broken", text), ("engine ended", None) or
        # ("client ended", status).
        self._happened: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._client: asyncio.subprocess.Process | None = None
        self._current: str | None = None
        self._client_status: int | None = None
        self._engine_asked_to_end = False
        self._events: set[str] = set()

    @property
    def current(self) -> str | None:
        """The case that has started and not finished."""
        return self._current

    async def run(self) -> Ending:
        """Runs the cases. Nothing it has started is left when it returns."""
        label = f"wsproof-{self._directory.parent.name}-{self._directory.name}"
        processes, engine = self._setting.processes, self._setting.engine
        command = engine.command_for(self._write_plan(), self._directory, label)
        with (self._directory / "engine.log").open("wb") as log:
            try:
                process = await processes.start(
                    command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                )
            except OSError as error:
                return Ending("engine_broke", f"could not start {command[0]}: {error.strerror}")
        try:
            self._spawn(self._read_events(process))
            return await self._follow(process)
        finally:
            await self._end(process, engine.end_command(label))

    def _write_plan(self) -> Path:
        target, certificate = self._setting.target, self._setting.certificate
        plan: dict[str, Any] = {
            "role": target.role, "cases": self._cases, "results": str(self._directory),
        }
        if target.role == "server":
            plan.update(url=self._setting.url, agent=target.name)
        else:
            plan.update(host=target.host, tls=target.tls)
            if certificate:
                plan.update(certificate=str(certificate.certificate), key=str(certificate.key))
        path = self._directory / "plan.json"
        path.write_text(json.dumps(plan), encoding="ascii")
        return path

    def _spawn(self, work: Any) -> None:
        self._tasks.add(asyncio.ensure_future(work))

    async def _end(
        self, process: asyncio.subprocess.Process, extra_command: list[str] | None
    ) -> None:
        processes = self._setting.processes
        ended_itself = process.returncode is not None
        try:
            if self._client:
                await processes.end(self._client)
        finally:
            await processes.end(process)
            await cancel(self._tasks)
        if extra_command and not ended_itself:
            null = asyncio.subprocess.DEVNULL
            extra = await processes.start(extra_command, stdin=null, stdout=null, stderr=null)
            with contextlib.suppress(TimeoutError):
                await within(SETTLE_SECONDS, extra.wait())
            await processes.end(extra)

    async def _read_events(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        try:
            while line := await process.stdout.readline():
                self._happened.put_nowait(("event", parse_event(line)))
        except (BadEvent, ValueError) as error:
            self._happened.put_nowait(("broken", str(error)))
            return
        await process.wait()
        self._happened.put_nowait(("engine ended", None))

    async def _start_client(self, port: int) -> None:
        setting = self._setting
        assert setting.target.command is not None
        values = setting.target.placeholders(port, setting.certificate)
        with setting.client_log.open("ab") as log:
            self._client = await setting.processes.start(
                fill(setting.target.command, values), env=environment_with(values),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )
        self._spawn(self._wait_for_client(self._client))

    async def _wait_for_client(self, client: asyncio.subprocess.Process) -> None:
        self._happened.put_nowait(("client ended", await client.wait()))

    def _time_left_for(self) -> tuple[float, Ending]:
        """Returns the time that what is awaited next may take, and what it is if it takes more."""
        limits, of_server = self._setting.limits, self._setting.target.role == "server"
        if self._engine_asked_to_end:
            return 3 * SETTLE_SECONDS, Ending("engine_broke", "the engine did not end")
        if self._current:
            seconds = limits.of_case(self._current)
            return seconds, Ending("stalled", f"no result within {seconds:g} s (--case-timeout)")
        if of_server or not self._client:
            return limits.start, Ending(
                "engine_broke", f"the engine did nothing for {limits.start:g} s")
        if "reports" in self._events:
            return SETTLE_SECONDS, Ending("done")
        if not self._setting.engine.tells_of_clients:
            seconds = max(map(limits.of_case, self._cases))
            seconds += UNTOLD_CASE_SECONDS * (len(self._cases) - 1)
            return seconds, Ending("stalled", f"no result within {seconds:g} s (--case-timeout)")
        if "request" not in self._events:
            return limits.start, Ending(
                "unconnected", f"the client did not connect within {limits.start:g} s "
                "(--start-timeout)")
        return limits.case, Ending(
            "stalled", f"the client asked for nothing more within {limits.case:g} s "
            "(--case-timeout)")

    async def _follow(self, process: asyncio.subprocess.Process) -> Ending:
        """Follows what happens until there is nothing more to come."""
        of_server = self._setting.target.role == "server"
        while True:
            client_gone = self._client_status is not None and not self._engine_asked_to_end
            if client_gone and "reports" in self._events:
                self._ask_engine_to_end(process)
            seconds, ending = self._time_left_for()
            if client_gone:
                seconds = min(seconds, QUIET_SECONDS[0 if self._current else 1])
            try:
                what, value = await within(seconds, self._happened.get())
            except TimeoutError:
                if not client_gone:
                    return ending
                self._ask_engine_to_end(process)
                continue
            if what == "broken":
                return Ending("engine_broke", f"the engine wrote {value}")
            if what == "client ended":
                self._client_status = value
            elif what == "engine ended":
                return self._ending_of_engine(process)
            else:
                self._events.add(value["event"])
                if value["event"] == "refused":
                    return Ending("refused", str(value.get("reason", "")))
                if value["event"] == "started":
                    self._current = value.get("case")
                elif value["event"] == "finished" and value.get("case") == self._current:
                    self._current = None
                self._on_event(value)
                if value["event"] == "listening" and not of_server:
                    try:
                        await self._start_client(value["port"])
                    except OSError as error:
                        return Ending("unconnected", f"could not start the client: {error}")

    def _ask_engine_to_end(self, process: asyncio.subprocess.Process) -> None:
        self._engine_asked_to_end = True

        async def ask() -> None:
            if not self._setting.engine.tells_of_clients:
                # It ends by itself if it has the verdicts of all cases, and writes them before.
                with contextlib.suppress(TimeoutError):
                    await within(SETTLE_SECONDS, process.wait())
            await self._setting.processes.end(process)

        self._spawn(ask())

    def _ending_of_engine(self, process: asyncio.subprocess.Process) -> Ending:
        status = self._client_status
        if status:
            return Ending("client_died", f"the client ended {describe_status(status)}")
        if "reports" in self._events and (process.returncode == 0 or self._engine_asked_to_end):
            return Ending("done")
        if status == 0 and not self._setting.engine.tells_of_clients:
            return Ending("stalled", "the client ended before the engine had a result")
        return self._engine_broke(process)

    def _engine_broke(self, process: asyncio.subprocess.Process) -> Ending:
        said = read_end(self._directory / "engine.log").strip().rpartition("\n")[2].strip()
        return Ending("engine_broke", f"the engine ended {describe_status(process.returncode or 0)}"
                      f": {said or 'it said nothing'}")
