"""How long the three engines take for the same cases against the same server: ./dev parity --timing.

In turns, group by group, each with a server of its own that is started afresh. The processor time
is that of the engine alone: Autobahn and kosoku run under their drivers, without the Python around
them. kosoku is first tried with several kinds of parallelism, and has the fastest of them.

The goals: our own processor time is at most a fifth of kosoku's and a fiftieth of Autobahn's; our
wall time is at most 1.2 times what the server's own processor time allows, and below both of theirs.
What it allows: that time, divided among the cores.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engines import AUTOBAHN, KOSOKU, WSPROOF, Part
from engines import Engine as Player
from play import NotPlayed, minutes, with_server
from tested import Tested

from engine import Engine
from processes import Processes, cancel, read_end

OWN_OF_KOSOKU = 1 / 5
OWN_OF_AUTOBAHN = 1 / 50
WALL_OF_ALLOWED = 1.2
ORDER = (WSPROOF, KOSOKU, AUTOBAHN)


@dataclass(frozen=True)
class Parallelism:
    """How an engine shares its cases: among processes, each with several cases at a time."""

    processes: int = 1
    concurrency: int = 1

    def __str__(self) -> str:
        return f"{self.processes} x {self.concurrency}"


@dataclass(frozen=True)
class Times:
    """Seconds."""

    wall: float = 0.0
    own: float = 0.0
    peer: float = 0.0

    def __add__(self, other: Times) -> Times:
        return Times(self.wall + other.wall, self.own + other.own, self.peer + other.peer)


def kinds_of_parallelism(cores: int) -> list[Parallelism]:
    """Those that kosoku is tried with."""
    return list(dict.fromkeys((Parallelism(), Parallelism(1, cores), Parallelism(1, 4 * cores),
                               Parallelism(cores), Parallelism(cores, cores))))


def plans(cases: tuple[str, ...], parallelism: Parallelism) -> list[tuple[str, ...]]:
    """Deals the cases out to the processes."""
    return [share for number in range(parallelism.processes)
            if (share := cases[number::parallelism.processes])]


async def measure_driver(engine: Engine, tested: Tested, part: Part,
                         parallelism: Parallelism) -> Times:
    """Lets the original or kosoku play a part. Errors: NotPlayed."""
    with tempfile.TemporaryDirectory(prefix="wsproof-timing-") as scratch:
        async with Processes() as processes:
            async def drive(url: str, cases: tuple[str, ...], directory: Path) -> None:
                plan: dict[str, Any] = {"role": "server", "cases": cases, "url": url,
                                        "agent": tested.name, "results": str(directory)}
                if engine.name == KOSOKU:
                    plan["concurrency"] = parallelism.concurrency
                path = directory / "plan.json"
                path.write_text(json.dumps(plan), encoding="ascii")
                with (directory / "log").open("wb") as log:
                    process = await processes.start(
                        engine.command_for(path, directory, directory.name),
                        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log)
                assert process.stdout is not None
                finished = set()
                while line := await process.stdout.readline():
                    event = json.loads(line)
                    if event["event"] == "finished":
                        finished.add(event["case"])
                await process.wait()
                await processes.end(process)
                if finished != set(cases):
                    raise NotPlayed(f"{engine.name} played {len(finished)} of {len(cases)} cases: "
                                    + read_end(directory / "log"))

            async def drive_all(url: str) -> None:
                tasks = []
                for number, cases in enumerate(plans(part.cases, parallelism)):
                    directory = Path(scratch) / str(number)
                    directory.mkdir()
                    tasks.append(asyncio.ensure_future(drive(url, cases, directory)))
                try:
                    await asyncio.gather(*tasks)
                finally:
                    await cancel(tasks)

            return Times(**await with_server(tested, Path(scratch) / "server.log", processes,
                                             drive_all))


async def measure_wsproof(player: Player, tested: Tested, part: Part) -> Times:
    """Lets wsproof play a part. Errors: NotPlayed."""
    with tempfile.TemporaryDirectory(prefix="wsproof-timing-") as scratch:
        run_file = Path(scratch) / "run.json"
        async with Processes() as processes:
            async def work(url: str) -> None:
                process = await processes.start(player.command(tested, url, part, run_file),
                                                stdin=asyncio.subprocess.DEVNULL,
                                                stdout=asyncio.subprocess.DEVNULL)
                await process.wait()
                await processes.end(process)

            times = Times(**await with_server(tested, Path(scratch) / "server.log", processes,
                                              work))
        if not run_file.exists() or not set(part.cases) <= set(
                json.loads(run_file.read_bytes())["cases"]):
            raise NotPlayed("wsproof did not play all cases")
    return times


async def best_parallelism(engine: Engine, tested: Tested, part: Part, cores: int,
                           say: Callable[[str], None]) -> Parallelism:
    """Tries a part with each kind of parallelism. Returns that with the least wall time."""
    walls = {}
    for kind in kinds_of_parallelism(cores):
        times = await measure_driver(engine, tested, part, kind)
        say(f"kosoku, {kind} (processes x cases at a time), {len(part.cases)} cases of "
            f"{part.name}: {minutes(times.wall)}")
        walls[kind] = times.wall
    return min(walls, key=lambda kind: walls[kind])


@dataclass(frozen=True)
class Goal:
    """A ratio, what it has to stay below, and what it is of."""

    what: str
    ratio: float
    limit: float

    @property
    def is_met(self) -> bool:
        """Whether it does."""
        return self.ratio <= self.limit


def goals(times: dict[str, Times], cores: int) -> list[Goal]:
    """What came out, as ratios. The engines that were not measured have none."""
    ours = times[WSPROOF]
    found = [Goal("wall / (the server's processor time / cores)",
                  ours.wall / max(ours.peer / cores, 1e-9), WALL_OF_ALLOWED)]
    for name, share in ((KOSOKU, OWN_OF_KOSOKU), (AUTOBAHN, OWN_OF_AUTOBAHN)):
        if name in times:
            found += [Goal(f"own / {name}'s own", ours.own / max(times[name].own, 1e-9), share),
                      Goal(f"wall / {name}'s wall", ours.wall / max(times[name].wall, 1e-9), 1.0)]
    return found


def show(title: str, times: dict[str, Times], cores: int) -> list[str]:
    """Lines on what came out of one part, or of all."""
    lines = [f"{title}:"]
    for name in ORDER:
        if name in times:
            one = times[name]
            lines.append(f"    {name:17} wall {one.wall:8.2f} s   own {one.own:8.2f} s   "
                         f"server {one.peer:8.2f} s")
    for goal in goals(times, cores):
        lines.append(f"    {goal.what:46} {goal.ratio:7.3f}   goal {goal.limit:.3g}"
                     + ("" if goal.is_met else "   MISSED"))
    return lines


async def measure_all(tested: Tested, parts: list[Part], engines: dict[str, Engine],
                      player: Player, say: Callable[[str], None]) -> dict[str, Any]:
    """Measures the parts in turns. Returns what came out, as it is written down.

    Errors: NotPlayed.
    """
    cores = len(os.sched_getaffinity(0))
    kind = Parallelism()
    if KOSOKU in engines:
        some = replace(parts[0], cases=parts[0].cases[::3], is_whole=False)
        kind = await best_parallelism(engines[KOSOKU], tested, some, cores, say)
        say(f"kosoku is at its best with {kind}")
    total: dict[str, Times] = {}
    measured = {}
    for part in parts:
        times = {WSPROOF: await measure_wsproof(player, tested, part)}
        for name in ORDER[1:]:
            if name in engines:
                times[name] = await measure_driver(
                    engines[name], tested, part, kind if name == KOSOKU else Parallelism())
        total = {name: total.get(name, Times()) + one for name, one in times.items()}
        say("\n".join(show(f"{part.name}, {len(part.cases)} cases", times, cores)))
        measured[part.name] = times
    if len(parts) > 1:
        say("\n".join(show("all of them", total, cores)))
    return {
        "endpoint": tested.name, "endpoint_version": tested.version, "cores": cores,
        "kosoku_parallelism": str(kind),
        "parts": {name: {engine: {what: round(getattr(one, what), 2)
                                  for what in ("wall", "own", "peer")}
                         for engine, one in times.items()} for name, times in measured.items()},
        "goals": [{"what": goal.what, "ratio": round(goal.ratio, 4), "goal": round(goal.limit, 4),
                   "met": goal.is_met} for goal in goals(total, cores)],
    }
