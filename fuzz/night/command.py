"""What `./dev fuzz --overnight`, `--hours`, `--until` and `--status` do."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from fuzz_targets import Places, find_targets
from night import corpora, deadline, state, status, storage
from night.engines import Afl, Engine, LibFuzzer
from night.overnight import EXIT_BROKEN, Night, Settings

EXIT_USAGE = 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of a night."""
    group = parser.add_argument_group("a night")
    group.add_argument("--overnight", action="store_true",
                       help=f"fuzz all targets until {deadline.MORNING}")
    group.add_argument("--hours", type=float, metavar="N",
                       help="until there were N hours of it, interruptions left out")
    group.add_argument("--until", metavar="TIME", help="until the clock shows TIME, such as 07:00")
    group.add_argument("--status", action="store_true", help="how the night goes, or went")
    group.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    group.add_argument("--only", metavar="TARGET,..", help="these targets alone")
    group.add_argument("--afl-build", type=Path, metavar="DIR",
                       help="take AFL++ as a second engine, with the targets of this build")
    group.add_argument("--min-free-mb", type=int, default=storage.MIN_FREE_BYTES >> 20, metavar="N",
                       help="wait while less is free on the disk (default %(default)s)")


def is_asked_for(chosen: argparse.Namespace) -> bool:
    return bool(chosen.overnight or chosen.hours is not None or chosen.until is not None)


def deadline_of(chosen: argparse.Namespace) -> deadline.Deadline:
    """Errors: BadDeadline."""
    if sum((chosen.overnight, chosen.hours is not None, chosen.until is not None)) != 1:
        raise deadline.BadDeadline("give one of --overnight, --hours and --until")
    if chosen.hours is not None:
        return deadline.after_hours(chosen.hours)
    return deadline.next_time_of_day(chosen.until or deadline.MORNING, time.time())


def again(chosen: argparse.Namespace) -> str:
    """The command that goes on with this night."""
    words = ["./dev fuzz"]
    if chosen.hours is not None:
        words.append(f"--hours {chosen.hours:g}")
    elif chosen.until is not None:
        words.append(f"--until {chosen.until}")
    else:
        words.append("--overnight")
    if chosen.only:
        words.append(f"--only {chosen.only}")
    if chosen.afl_build:
        words.append("--afl")
    return " ".join(words)


def refuse(reason: object, status_: int = EXIT_USAGE) -> int:
    print(f"fuzz: {reason}", file=sys.stderr)
    return status_


def run_night(chosen: argparse.Namespace, build: Path, output: Path) -> int:
    """Runs a night, or goes on with one. Returns: the exit status."""
    targets = find_targets(build)
    if chosen.only:
        unknown = set(chosen.only.split(",")) - set(targets)
        if unknown:
            return refuse(f"no target {', '.join(sorted(unknown))}; there are {', '.join(targets)}")
        targets = [name for name in targets if name in chosen.only.split(",")]
    if chosen.cores < 1:
        return refuse("--cores must be at least 1")
    engines: list[Engine] = [LibFuzzer(build)]
    if chosen.afl_build:
        mutator = chosen.afl_build.resolve() / "fuzz" / "libws_afl_mutator.so"
        engines.append(Afl(chosen.afl_build.resolve(), mutator if mutator.exists() else None))
    try:
        settings = Settings(folder=output / "night", build=build, targets=targets, engines=engines,
                            deadline=deadline_of(chosen), cores=chosen.cores,
                            min_free=chosen.min_free_mb << 20, command=again(chosen))
    except deadline.BadDeadline as error:
        return refuse(error)
    settings.folder.mkdir(parents=True, exist_ok=True)
    night = Night(settings)
    try:
        result = night.run()
    except storage.AlreadyRunning as error:
        return refuse(f"{error}; ./dev fuzz --status says how it goes", EXIT_BROKEN)
    except (storage.DiskFull, ValueError) as error:
        return refuse(error, EXIT_BROKEN)
    print(f"page: {settings.folder / 'night.html'}")
    return result


def show_status(output: Path) -> int:
    """Returns: 0, 1 if there was no night yet, 4 if it was one of another version."""
    night = output / "night"
    try:
        known = state.load(night)
    except ValueError as error:
        return refuse(error, EXIT_BROKEN)
    if known is None:
        print(f"there was no night yet in {night}; ./dev fuzz --overnight begins one")
        return 1
    print(status.describe(night, known, time.time()))
    return 0


def merge_into_seeds(target: str, places: Places, output: Path) -> Places:
    """Where run.py's merge is to take what nights have learnt of `target` from."""
    night = output / "night"
    if storage.is_held(night):
        raise storage.AlreadyRunning(f"{night} is in use")
    corpora.recover(night)
    return Places(**{**places.__dict__, "corpus": night / "corpus" / target})
