#!/usr/bin/env python3
"""Compares Autobahn|Testsuite, kosoku and wsproof case by case on the same endpoints: ./dev parity.

Each plays the same cases against each endpoint. Every verdict that is not the original's has to
be explained in differences.json. What was played is kept, so that a run that was interrupted goes
on where it was.

Exit status: 0 all equal or explained, 1 not so, 2 bad usage, 3 an endpoint died or never answered,
4 not run or interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import evidence
from comparison import BadDifferences, Row, compare_all
from comparison import load as load_differences
from engines import (
    AUTOBAHN, ENGINES, KOSOKU, WSPROOF, Engine, Part, cut, engine_named,
)
from play import NotPlayed, Task, describe, play, timing_of
from results_page import PAGE, render, report_data, summarise
from tested import ROLES, ROOT, Tested, UnknownEndpoint, choose, names
from timing import measure_all

from environment import BadSetting, EngineUnavailable, find_engine
from manifest import BadManifest, CannotInstall
from run_file import Run
from selection import BadPattern, Case, load_catalogue, select, split_list

PASSED, FAILED, USAGE, DEAD, BROKEN = range(5)
REPORT_DATA = "parity.json"
LONG_SECTIONS = ("12", "13")  # which are left out unless they are asked for


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev parity", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", action="append", nargs="+", default=[], metavar="NAME",
                        help="these alone; --list shows them. What they need is installed")
    parser.add_argument("--role", action="append", choices=ROLES, default=[], help="this alone")
    parser.add_argument("--engine", action="append", choices=ENGINES, default=[],
                        help="let these alone play; of the others what is kept is compared")
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument("--quick", action="store_true", help="without sections 9, 12 and 13")
    how_many.add_argument("--full", action="store_true",
                          help="all 517 cases: minutes of processor time for each endpoint")
    parser.add_argument("--cases", action="append", default=[], metavar="LIST",
                        help="ids, sections or globs, with commas; default: all but 12 and 13")
    parser.add_argument("--again", action="store_true", help="play what is kept again")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "parity", metavar="DIR",
                        help="where runs are kept (build/parity)")
    parser.add_argument("--evidence", type=Path, metavar="DIR",
                        help="write the small form there as well")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", metavar="DIR",
                        help="where wsproof is")
    parser.add_argument("--timing", action="store_true",
                        help="measure the engines in turns against Beast's server (or --endpoint), "
                        "in sections 12 and 13 (or --cases), and print the ratios of their times")
    parser.add_argument("--list", action="store_true", help="list the endpoints, and do nothing")
    parser.add_argument("--check", action="store_true",
                        help="run nothing; compare what is committed, and write its page")
    parser.add_argument("--committed", type=Path, metavar="FILE",
                        help="run nothing; write what is committed for wsproof report --parity")
    return parser


def selected(options: argparse.Namespace) -> list[Case]:
    """The cases that the options mean. Errors: BadPattern."""
    patterns = split_list(options.cases)
    excluded = [] if options.quick or options.full or patterns else list(LONG_SECTIONS)
    return select(load_catalogue(), patterns, excluded, options.quick)


async def play_all(tasks: list[Task], again: bool) -> int:
    """Plays what is not kept. Returns the worst status; one that fails keeps no other from it."""
    worst = PASSED
    for number, task in enumerate(tasks, 1):
        line = f"[{number}/{len(tasks)}] {describe(task)}"
        if not again and task.kept():
            print(f"{line}: kept", flush=True)
            continue
        progress = Progress(line)
        try:
            run = await play(task, progress.show)
        except NotPlayed as error:
            progress.end(f"not played: {error}")
            worst = max(worst, DEAD if error.endpoint_died else BROKEN)
        else:
            progress.end(f"{run['totals']['cases']} cases, {timing_of(run)}")
    return worst


class Progress:
    """A line that counts cases on a terminal, and says at the end what came out."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._shown = 0.0
        self._is_terminal = sys.stdout.isatty()

    def show(self, done: int, of: int) -> None:
        if self._is_terminal and time.monotonic() - self._shown > 0.2:
            self._shown = time.monotonic()
            print(f"\r\033[K{self._line}: {done} of {of}", end="", flush=True)

    def end(self, text: str) -> None:
        start = "\r\033[K" if self._is_terminal else ""
        print(f"{start}{self._line}: {text}", flush=True)


def until_interrupted(work: Coroutine[Any, Any, int]) -> int:
    """Runs work that returns a status; SIGINT, SIGTERM and SIGHUP end it in order."""

    async def run() -> int:
        loop, current = asyncio.get_running_loop(), asyncio.current_task()
        assert current is not None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, current.cancel)
        return await work

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        print("\ninterrupted; the same command goes on with what is left")
    except NotPlayed as error:
        print(f"parity: {error}", file=sys.stderr)
        if error.endpoint_died:
            return DEAD
    return BROKEN


def evidence_of(tested: Tested, engines: list[Engine], parts: list[Part],
                out: Path) -> evidence.Evidence:
    """What is kept of an endpoint; the first part of a name that there is counts."""
    kept: dict[tuple[Engine, str], tuple[Task, Run]] = {}
    for engine in engines:
        for part in parts:
            task = Task(tested, engine, part, out)
            if (engine, part.name) not in kept and (run := task.kept()):
                kept[engine, part.name] = task, run
    return evidence.make(tested, kept.values())


def report(rows: list[Row], parts: list[Part]) -> int:
    """Prints how the verdicts compare. Returns the status."""
    print(summarise(rows, parts), end="")
    if any(result.unexplained for row in rows for result in row.results.values()):
        return FAILED
    return PASSED


def write_data(rows: list[Row], parts: list[Part], path: Path) -> None:
    """Writes how the verdicts compare, for the HTML report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report_data(rows, parts), indent=1) + "\n", encoding="ascii")


def write_page(out: Path, program: Path, tasks: list[Task]) -> None:
    """Makes one HTML page of the comparison and of our runs."""
    runs = [str(task.path) for task in tasks if task.kept()]
    page = out / "index.html"
    if runs and subprocess.run([str(program), "report", "-o", str(page), "--parity",
                                str(out / REPORT_DATA), *runs],
                               stdout=subprocess.DEVNULL, check=False).returncode == 0:
        print(f"report: {page}")


def run_timing(options: argparse.Namespace) -> int:
    """Measures, prints, and writes timing.json. Returns the status: 1 if a goal is missed.

    Errors: as `choose` and `find_engine`; BadPattern.
    """
    patterns = split_list(options.cases) or list(LONG_SECTIONS)
    parts = cut(select(load_catalogue(), patterns, [], False))
    build = options.build.resolve()
    wanted = [name for names in options.endpoint for name in names] or ["beast"]
    player = engine_named(WSPROOF, build / "wsproof")
    engines = {name: find_engine(name) for name in (KOSOKU, AUTOBAHN)
               if not options.engine or name in options.engine}
    result: dict[str, Any] = {}

    async def measure(tested: Tested) -> int:
        result.update(await measure_all(tested, parts, engines, player,
                                        lambda text: print(text, flush=True)))
        return PASSED if all(goal["met"] for goal in result["goals"]) else FAILED

    status = PASSED
    for tested in choose(wanted, ["server"], build):
        status = max(status, until_interrupted(measure(tested)))
        if result:
            folder = options.evidence or options.out
            folder.mkdir(parents=True, exist_ok=True)
            evidence.write_timing(result, folder)
    return status


def main(words: list[str]) -> int:
    """Returns the exit status."""
    parser = make_parser()
    options = parser.parse_args(words)
    parts = cut(load_catalogue().values())
    try:
        if options.list:
            print(*names(), sep="\n")
            return PASSED
        if options.timing:
            return run_timing(options)
        if options.committed:
            rows = compare_all(evidence.load_all(evidence.FOLDER), load_differences())
            write_data(rows, parts, options.committed)
            return PASSED
        if options.check:
            rows = compare_all(evidence.load_all(evidence.FOLDER), load_differences())
            PAGE.write_text(render(rows, parts, evidence.load_timings(evidence.FOLDER)),
                            encoding="utf-8")
            return report(rows, parts)
        chosen_parts = cut(selected(options))
        program = options.build.resolve() / "wsproof"
        chosen = choose([name for names in options.endpoint for name in names], options.role,
                        options.build.resolve())
        engines = [engine_named(name, program) for name in ENGINES]
        for name in (AUTOBAHN, KOSOKU):
            if not options.engine or name in options.engine:
                print(f"engine: {find_engine(name).found}", flush=True)
        tasks = [Task(tested, engine, part, options.out)
                 for tested in chosen for part in chosen_parts for engine in engines
                 if not options.engine or engine.name in options.engine]
        status = until_interrupted(play_all(tasks, options.again))
        found = [evidence_of(tested, engines, chosen_parts + parts, options.out)
                 for tested in chosen]
        if options.evidence:
            for tested in chosen:
                whole = evidence_of(tested, engines, parts, options.out)
                if whole["engines"]:
                    path = evidence.path_of(whole, options.evidence)
                    if path.exists():
                        whole = evidence.merge(whole, evidence.load(path))
                    evidence.write(whole, options.evidence)
        rows = compare_all(found, load_differences())
        status = max(status, report(rows, parts))
        write_data(rows, parts, options.out / REPORT_DATA)
        write_page(options.out, program, [task for task in tasks if task.engine.name == WSPROOF])
        return status
    except (UnknownEndpoint, BadPattern, BadManifest, BadSetting, BadDifferences,
            evidence.BadEvidence) as error:
        print(f"parity: {error}", file=sys.stderr)
        return USAGE
    except (EngineUnavailable, CannotInstall, OSError) as error:
        print(f"parity: {error}", file=sys.stderr)
        return BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
