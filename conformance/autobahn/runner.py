"""Runs cases with an engine against a server or a client, in portions and several at a time.

A result is kept from the moment its verdict is there, so that whatever ends the run early leaves
those it has. A case that takes too long is given up alone: with some peers the suite itself would
wait for ever.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endpoint import (
    Limits, NoAnswer, Target, environment_with, fill, free_port, make_certificate, wait_for_answer,
)
from engine import Engine
from portion import Ending, Portion, Setting
from processes import Processes, cancel, describe_status, read_end, within
from results import BrokenReport, missing_case, read_case_file, read_index
from selection import Case, portions

# How long after a server's death the engine may take to come to verdicts.
SETTLE_SECONDS = 5.0

# How many times in a row a client or an engine may end early without a result of any case, before
# it is given up.
FAILURES_IN_A_ROW = 3

# Statuses of a server that did what it was asked to when it was ended by SIGTERM.
ENDED_WHEN_ASKED = (0, -15, 143)

# When several things go wrong, the later one here is what the run came to.
BY_WEIGHT = (None, "harness_error", "endpoint_dead", "interrupted")

# Why a case has no result when the run ended before its turn.
WHY_MISSING = {
    "interrupted": "the run was interrupted before this case had a result",
    "endpoint_dead": "the endpoint was dead before this case had a result",
    "harness_error": "the engine broke before this case had a result",
}


@dataclass
class Outcome:
    """What a run came to. `status` is of run.schema.json, or None if all cases were run."""

    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: str | None = None
    reason: str | None = None
    engine: dict[str, Any] = field(default_factory=dict)  # version, library, python as told
    endpoint_output: str = ""

    def note(self, status: str, reason: str) -> None:
        """Takes down that something went wrong; the weightiest is kept, and of these the first."""
        if BY_WEIGHT.index(status) > BY_WEIGHT.index(self.status):
            self.status, self.reason = status, reason


class Stop(Exception):
    """Nothing more can be run; the outcome says why."""


class Runner:
    """One run."""

    def __init__(
        self,
        engine: Engine,
        target: Target,
        cases: list[Case],
        directory: Path,
        on_result: Callable[[str, dict[str, Any]], None],
        jobs: int = 1,
        limits: Limits = Limits(),
    ) -> None:
        """`directory`: empty, and left as the engine filled it; its name unique on this machine.

        `on_result` is called with each case that has been run and its result.
        """
        self._engine = engine
        self._target = target
        self._cases = {case.id: case for case in cases}
        self._directory = directory
        self._on_result = on_result
        self._jobs = jobs
        self._limits = limits
        tells_of_each = target.role == "server" or engine.tells_of_clients
        self._portions = deque(portions(cases, jobs, tells_of_each))
        self._processes = Processes()
        self._running: set[str] = set()
        self._portions_started = 0
        self._failures = 0
        self._task: asyncio.Task[None] | None = None
        self._outcome = Outcome()

    async def run(self) -> Outcome:
        """Runs all cases, or as many as can be. Nothing it has started is left afterwards."""
        self._task = asyncio.ensure_future(self._run())
        try:
            await within(self._limits.run, self._task)
        except TimeoutError:
            self._outcome.note("interrupted", f"the limit of the whole run, {self._limits.run:g} s,"
                               " was reached (--timeout)")
        except asyncio.CancelledError:
            if self._outcome.status != "interrupted":
                raise
        except Stop:
            pass
        why = WHY_MISSING.get(self._outcome.status or "", "no result")
        for case in self._cases.values():
            if case.id not in self._outcome.cases:
                self._outcome.cases[case.id] = missing_case(case, why)
        return self._outcome

    def interrupt(self, reason: str) -> None:
        """Ends the run early; to be called from the event loop."""
        self._outcome.note("interrupted", reason)
        if self._task:
            self._task.cancel()

    def _record(self, case_id: str, result: dict[str, Any]) -> None:
        self._outcome.cases[case_id] = result
        self._on_result(case_id, result)

    def _stop(self, status: str, reason: str) -> Stop:
        self._outcome.note(status, reason)
        return Stop()

    async def _run(self) -> None:
        log = self._directory / "endpoint.log"
        async with self._processes:
            certificate = None
            if self._target.tls and self._target.command:
                try:
                    certificate = await make_certificate(self._directory)
                except OSError as error:
                    raise self._stop("harness_error", f"no certificate: {error}") from error
            url, server = self._target.url, None
            try:
                if self._target.role == "server" and self._target.command:
                    values = self._target.placeholders(free_port(self._target.host), certificate)
                    url = fill(url or "{url}/", values)[0]
                    server = await self._start_server(values, log)
                if self._target.role == "server":
                    assert url is not None
                    await self._wait_for_server(url, server)
                setting = Setting(self._engine, self._target, self._limits, self._processes, log,
                                  certificate, url)
                await self._run_portions(setting, server)
                if server and self._outcome.status != "endpoint_dead":
                    status = await self._processes.end(server)
                    if status not in ENDED_WHEN_ASKED:
                        raise self._stop("endpoint_dead", "the server, asked to end by SIGTERM, "
                                         f"ended {describe_status(status)}")
            finally:
                self._outcome.endpoint_output = read_end(log)

    async def _start_server(
        self, values: dict[str, str], log: Path
    ) -> asyncio.subprocess.Process:
        assert self._target.command is not None
        command = fill(self._target.command, values)
        with log.open("ab") as output:
            try:
                return await self._processes.start(
                    command, env=environment_with(values), stdin=asyncio.subprocess.DEVNULL,
                    stdout=output, stderr=output,
                )
            except OSError as error:
                raise self._stop(
                    "endpoint_dead", f"could not start {command[0]}: {error.strerror}"
                ) from error

    async def _wait_for_server(
        self, url: str, server: asyncio.subprocess.Process | None
    ) -> None:
        answer = asyncio.ensure_future(wait_for_answer(url, self._limits.start))
        waits: list[asyncio.Future[Any]] = [answer]
        if server:
            waits.append(asyncio.ensure_future(server.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if server and server.returncode is not None:
                raise self._stop("endpoint_dead", "the server ended "
                                 f"{describe_status(server.returncode)} before it answered")
            await answer
        except NoAnswer as error:
            raise self._stop("endpoint_dead",
                             f"the server at {url} never answered: {error}") from error
        finally:
            await cancel(waits)

    async def _run_portions(
        self, setting: Setting, server: asyncio.subprocess.Process | None
    ) -> None:
        workers = asyncio.gather(*(self._work(setting) for _ in range(self._jobs)))
        waits: list[asyncio.Future[Any]] = [workers]
        if server:
            waits.append(asyncio.ensure_future(server.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if server and server.returncode is not None and not workers.done():
                running = sorted(self._running, key=lambda case_id: self._cases[case_id].number)
                during = f" during case {', '.join(running)}" if running else ""
                status = describe_status(server.returncode)
                self._outcome.note("endpoint_dead", f"the server ended {status}{during}")
                await asyncio.wait([workers], timeout=SETTLE_SECONDS)
                return
            await workers
        except Stop:
            # Connections fail a moment before the death of the server is known.
            if len(waits) > 1 and (await asyncio.wait(waits[1:], timeout=0.5))[0]:
                status = describe_status(waits[1].result())
                self._outcome.reason = f"{self._outcome.reason}; the server ended {status}"
            raise
        finally:
            await cancel(waits)

    async def _work(self, setting: Setting) -> None:
        while self._portions:
            await self._run_portion(setting, self._portions.popleft())

    async def _run_portion(self, setting: Setting, case_ids: list[str]) -> None:
        self._portions_started += 1
        directory = self._directory / f"portion-{self._portions_started}"
        directory.mkdir()
        portion = Portion(setting, case_ids, directory,
                          lambda event: self._take_event(event, directory))
        try:
            ending = await portion.run()
        finally:
            self._running -= set(case_ids)
        left = [case_id for case_id in case_ids if case_id not in self._outcome.cases]
        if len(left) < len(case_ids):
            self._failures = 0
        if ending.kind == "done":
            self._check_index(directory)
            for case_id in left:
                self._record(case_id, missing_case(
                    self._cases[case_id],
                    "the client did not run this case" if self._target.role == "client"
                    else "the engine came to no result"))
            return
        self._judge(ending, portion.current, made_progress=len(left) < len(case_ids))
        self._put_back(left, portion.current, ending)
        if self._target.role == "server":
            assert setting.url is not None
            try:
                await wait_for_answer(setting.url, min(self._limits.start, SETTLE_SECONDS))
            except NoAnswer as error:
                raise self._stop("endpoint_dead", f"the server at {setting.url} answers no more: "
                                 f"{error}") from error

    def _take_event(self, event: dict[str, Any], directory: Path) -> None:
        kind, case = event["event"], self._cases.get(event.get("case", ""))
        if kind == "engine":
            self._outcome.engine = event
        elif kind == "started" and case:
            self._running.add(case.id)
        elif kind == "finished" and case:
            self._running.discard(case.id)
            try:
                result = read_case_file(
                    directory / str(event.get("file")), case, self._engine.name == "kosoku")
            except BrokenReport as error:
                self._outcome.note("harness_error", f"case {case.id}: {error}")
                result = missing_case(case, f"the engine's report is broken: {error}")
            self._record(case.id, result)

    def _judge(self, ending: Ending, current: str | None, made_progress: bool) -> None:
        """Takes down what an ending that is not `done` means for the run.

        Errors: Stop if there is no point in going on.
        """
        during = f" during case {current}" if current else ""
        if ending.kind == "refused":
            raise self._stop("endpoint_dead", f"the server took no connection for case {current}: "
                             f"{ending.reason}")
        if ending.kind == "unconnected":
            raise self._stop("endpoint_dead", ending.reason)
        if ending.kind == "client_died":
            self._outcome.note("endpoint_dead", ending.reason + during)
        if ending.kind == "engine_broke":
            self._outcome.note("harness_error", ending.reason + during)
        if ending.kind in ("client_died", "engine_broke") and not made_progress:
            self._failures += 1
            if self._failures == FAILURES_IN_A_ROW:
                raise Stop

    def _put_back(self, left: list[str], current: str | None, ending: Ending) -> None:
        """Lets the cases run that had no turn; the one that was running has had it.

        If it is not known which that was, each is run alone.
        """
        guilty = current if current in left else left[0] if len(left) == 1 else None
        if guilty:
            self._record(guilty, missing_case(self._cases[guilty], ending.reason))
            rest = [[case_id for case_id in left if case_id != guilty]]
        else:
            rest = [[case_id] for case_id in left]
        self._portions.extendleft(reversed([case_ids for case_ids in rest if case_ids]))

    def _check_index(self, directory: Path) -> None:
        """Checks that index.json and the case files of a portion agree."""
        try:
            index = read_index(directory / "index.json")
        except BrokenReport as error:
            self._outcome.note("harness_error", f"{self._engine.name} left no index: {error}")
            return
        for case_id, verdicts in index.items():
            result = self._outcome.cases.get(case_id, {})
            read = (result.get("verdict"), result.get("close_verdict"))
            if verdicts != read and read[0] != "MISSING":
                self._outcome.note("harness_error", f"{self._engine.name}: index.json and the case "
                                   f"file of {case_id} give different verdicts")
