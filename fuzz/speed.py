#!/usr/bin/env python3
"""Measures how fast frame_decoder fuzzes, beside the least that uWebSockets can do.

    speed.py --build-dir build/fuzz [--runs N] [--repeat N]

Both under AddressSanitizer with the same engine, options and frames, in turns; ours also under
UndefinedBehaviorSanitizer, and held to the oracle. Executions by second of processor time, median of
the repetitions. Exit status: 0 the goals are met, 1 not so, 2 bad usage, 4 a program is missing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz_targets import FUZZ, environment, limits_of

GOAL_RATE, GOAL_RATIO = 400_000, 0.6
OURS, PEER = "frame_decoder", "uWebSockets"


def peer_seeds(folder: Path) -> None:
    """The same streams as ours are seeded with, behind a byte for the cut instead of our settings."""
    for path in (FUZZ / "corpus" / OURS).iterdir():
        data = path.read_bytes()
        settings = 2 + data[1] % 8 if len(data) > 1 else len(data)
        (folder / path.name).write_bytes(data[:1] + data[settings:])


def measure(program: Path, seeds: Path, runs: int) -> float:
    """Executions by second of processor time, start and reading of seeds included."""
    with tempfile.TemporaryDirectory() as corpus:
        process = subprocess.Popen(
            [str(program), "-seed=1", f"-runs={runs}", *limits_of(OURS),
             f"-dict={FUZZ / 'dictionaries' / 'frames.dict'}", corpus, str(seeds)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), text=True)
        assert process.stderr is not None
        with process.stderr:
            said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{program} ended with status {process.returncode}:\n{said[-2000:]}")
    return runs / (usage.ru_utime + usage.ru_stime)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build-dir", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    chosen = parser.parse_args(arguments)
    build = chosen.build_dir.resolve()
    programs = {OURS: build / "fuzz" / "frame_decoder_fuzz", PEER: build / "peers" / "uwebsockets_frames"}
    if not programs[OURS].is_file():
        print(f"{programs[OURS]} is missing; ./dev fuzz --speed builds it", file=sys.stderr)
        return 4
    rates: dict[str, list[float]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as seeds:
        peer_seeds(Path(seeds))
        for _ in range(chosen.repeat):
            for name, program in programs.items():
                if program.is_file():
                    folder = FUZZ / "corpus" / OURS if name == OURS else Path(seeds)
                    rates[name].append(measure(program, folder, chosen.runs))
    for name, each in rates.items():
        if each:
            print(f"{name:14} {statistics.median(each):9,.0f} a second "
                  f"({min(each):,.0f} to {max(each):,.0f})")
    rate = statistics.median(rates[OURS])
    met = rate >= GOAL_RATE
    print(f"{'met   ' if met else 'MISSED'} at least {GOAL_RATE:,} a second: {rate:,.0f}")
    if not rates[PEER]:
        print(f"not measured: {PEER}, whose sources were not fetched (bench/fetch_peers.py)")
        return 4
    ratio = rate / statistics.median(rates[PEER])
    met = met and ratio >= GOAL_RATIO
    print(f"{'met   ' if ratio >= GOAL_RATIO else 'MISSED'} at least {GOAL_RATIO} of {PEER}: {ratio:.2f}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
