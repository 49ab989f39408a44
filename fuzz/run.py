#!/usr/bin/env python3
"""Runs the fuzz targets of a libFuzzer build.

    run.py --build-dir build/fuzz --list
    run.py --build-dir build/fuzz TARGET [--minutes N] [--merge]
    run.py --build-dir build/fuzz --smoke
    run.py --build-dir build/fuzz --overnight | --hours N | --until 07:00
    run.py --build-dir build/fuzz --status

What a run finds goes to fuzz-out beside the build directory: new inputs to fuzz-out/corpus/TARGET,
failing ones to fuzz-out/findings/TARGET. Exit status: 0 nothing found, 1 something was found, 2 bad
usage, 4 a target is missing or does not run.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from fuzz_targets import FUZZ, Places, environment, find_targets, limits_of
from night import command, storage

EXIT_FOUND = 1
EXIT_BROKEN = 4
SMOKE_SECONDS = 3
SMOKE_SEED = 6455

def make_command(target: str, places: Places, seconds: int, seed: int | None) -> list[str]:
    command = [str(places.program), f"-max_total_time={seconds}", *limits_of(target),
               f"-artifact_prefix={places.findings}/", "-print_final_stats=1", "-verbosity=1"]
    if seed is not None:
        command.append(f"-seed={seed}")
    if places.dictionary.is_file():
        command.append(f"-dict={places.dictionary}")
    folders = (places.corpus, places.seeds, places.regressions)
    return command + [str(folder) for folder in folders if folder.is_dir()]


def read_statistics(log: str) -> dict[str, str]:
    """libFuzzer's final "stat::name: value" lines."""
    lines = (line.removeprefix("stat::").partition(":") for line in log.splitlines()
             if line.startswith("stat::"))
    return {name: value.strip() for name, _, value in lines}


def run_target(target: str, places: Places, seconds: int, seed: int | None = None) -> int:
    """Runs one target and says what came of it."""
    if not places.program.is_file():
        print(f"{target}: {places.program} does not exist; build the fuzz preset first",
              file=sys.stderr)
        return EXIT_BROKEN
    places.corpus.mkdir(parents=True, exist_ok=True)
    places.findings.mkdir(parents=True, exist_ok=True)
    before = set(places.findings.iterdir())
    done = subprocess.run(make_command(target, places, seconds, seed), check=False, text=True,
                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment())
    statistics = read_statistics(done.stdout)
    runs = statistics.get("number_of_executed_units", "?")
    rate = statistics.get("average_exec_per_sec", "?")
    found = sorted(set(places.findings.iterdir()) - before)
    if done.returncode == 0 and not found:
        print(f"{target}: nothing found in {runs} runs, {rate} a second", flush=True)
        return 0
    print(done.stdout)
    if not found:
        print(f"{target}: the target does not run (status {done.returncode})", flush=True)
        return EXIT_BROKEN
    for finding in found:
        print(f"{target}: found {finding}\n  replay: {places.program} {finding}", flush=True)
    return EXIT_FOUND


def merge(target: str, places: Places) -> int:
    """Adds to the seeds those new inputs that reach code which the seeds do not."""
    before = set(places.seeds.iterdir())
    done = subprocess.run([str(places.program), "-merge=1", str(places.seeds), str(places.corpus)],
                          check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    added = set(places.seeds.iterdir()) - before
    print(f"{target}: {len(added)} new seeds in {places.seeds}")
    return EXIT_BROKEN if done.returncode else 0


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("target", nargs="?", help="one of --list")
    parser.add_argument("--build-dir", type=Path, default=FUZZ.parent / "build" / "fuzz")
    parser.add_argument("--output", type=Path, help="default: fuzz-out beside the build directory")
    parser.add_argument("--list", action="store_true", help="print the targets")
    parser.add_argument("--smoke", action="store_true",
                        help=f"run each target for {SMOKE_SECONDS} seconds, always the same way")
    parser.add_argument("--minutes", type=float, default=1.0, metavar="N")
    parser.add_argument("--merge", action="store_true", help="add what was learnt to the seeds")
    parser.add_argument("--merge-night", action="store_true",
                        help="add what nights have learnt to the seeds, without fuzzing")
    command.add_options(parser)
    chosen = parser.parse_args(arguments)
    if sum((chosen.list, chosen.smoke, chosen.target is not None, command.is_asked_for(chosen),
            chosen.status)) != 1:
        parser.error("give a TARGET, --smoke, --list, --status, or the length of a night")
    if chosen.minutes <= 0:
        parser.error("--minutes must be above 0")
    return chosen


def main(arguments: list[str]) -> int:
    chosen = parse_arguments(arguments)
    build = chosen.build_dir.resolve()
    output = (chosen.output or build.parent / "fuzz-out").resolve()
    if chosen.status:
        return command.show_status(output)
    targets = find_targets(build)
    if chosen.list:
        print("\n".join(targets))
        return 0
    if not targets:
        print(f"no fuzz targets in {build}; build the fuzz preset first", file=sys.stderr)
        return EXIT_BROKEN

    if command.is_asked_for(chosen):
        return command.run_night(chosen, build, output)
    if chosen.smoke:
        # Every time from the seeds alone, so that a run says the same on every machine.
        smoke = output / "smoke"
        shutil.rmtree(smoke, ignore_errors=True)
        results = [run_target(target, Places.of(target, build, smoke), SMOKE_SECONDS, SMOKE_SEED)
                   for target in targets]
        passed = results.count(0)
        print(f"fuzz targets: {passed} passed, {len(results) - passed} failed")
        return max(results)

    if chosen.target not in targets:
        print(f"no target {chosen.target}; there are {', '.join(targets)}", file=sys.stderr)
        return 2
    places = Places.of(chosen.target, build, output)
    if chosen.merge_night:
        try:
            return merge(chosen.target, command.merge_into_seeds(chosen.target, places, output))
        except storage.AlreadyRunning as error:
            return command.refuse(error, EXIT_BROKEN)
    result = run_target(chosen.target, places, max(1, round(60 * chosen.minutes)))
    return result or (merge(chosen.target, places) if chosen.merge else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
