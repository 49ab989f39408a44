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
import signal
import sys
import time
from pathlib import Path

import evidence
from comparison import BadDifferences, compare_all
from comparison import load as load_differences
from engines import AUTOBAHN, BUSY_SECTIONS, ENGINES, KOSOKU, Engine, Part, cut, engine_named
from play import NotPlayed, Task, describe, play, timing_of
from results_page import PAGE, render, summarise
from tested import ROLES, ROOT, Tested, UnknownEndpoint, choose, names

from environment import BadSetting, EngineUnavailable, find_engine
from manifest import BadManifest, CannotInstall
from run_file import Run
from selection import BadPattern, Case, load_catalogue, select, split_list

PASSED, FAILED, USAGE, DEAD, BROKEN = range(5)
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
    parser.add_argument("--list", action="store_true", help="list the endpoints, and do nothing")
    parser.add_argument("--check", action="store_true",
                        help="run nothing; compare what is committed, and write its page")
    return parser


def selected(options: argparse.Namespace) -> list[Case]:
    """The cases that the options mean. Errors: BadPattern."""
    patterns = split_list(options.cases)
    excluded = (list(BUSY_SECTIONS) if options.quick
                else [] if options.full or patterns else list(LONG_SECTIONS))
    return select(load_catalogue(), patterns, excluded, False)


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


def run_tasks(tasks: list[Task], again: bool) -> int:
    """Plays the tasks; SIGINT, SIGTERM and SIGHUP end that in order. Returns the status."""

    async def until_interrupted() -> int:
        loop, current = asyncio.get_running_loop(), asyncio.current_task()
        assert current is not None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, current.cancel)
        return await play_all(tasks, again)

    try:
        return asyncio.run(until_interrupted())
    except asyncio.CancelledError:
        print("\ninterrupted; the same command goes on with what is left")
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


def report(found: list[evidence.Evidence], parts: list[Part]) -> int:
    """Prints how the verdicts compare. Returns the status. Errors: BadDifferences."""
    compared = compare_all(found, load_differences())
    print(summarise(compared, parts), end="")
    if any(result.unexplained for row in compared for result in row.results.values()):
        return FAILED
    return PASSED


def main(words: list[str]) -> int:
    """Returns the exit status."""
    parser = make_parser()
    options = parser.parse_args(words)
    parts = cut(load_catalogue().values())
    try:
        if options.list:
            print(*names(), sep="\n")
            return PASSED
        if options.check:
            found = evidence.load_all(evidence.FOLDER)
            PAGE.write_text(render(compare_all(found, load_differences()), parts),
                            encoding="utf-8")
            return report(found, parts)
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
        status = run_tasks(tasks, options.again)
        found = [evidence_of(tested, engines, chosen_parts + parts, options.out)
                 for tested in chosen]
        if options.evidence:
            for tested in chosen:
                whole = evidence_of(tested, engines, parts, options.out)
                if whole["engines"]:
                    evidence.write(whole, options.evidence)
        return max(status, report(found, parts))
    except (UnknownEndpoint, BadPattern, BadManifest, BadSetting, BadDifferences,
            evidence.BadEvidence) as error:
        print(f"parity: {error}", file=sys.stderr)
        return USAGE
    except (EngineUnavailable, CannotInstall, OSError) as error:
        print(f"parity: {error}", file=sys.stderr)
        return BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
