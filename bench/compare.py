#!/usr/bin/env python3
"""Sets two runs of the benchmarks side by side, and says which changes are more than noise.

    compare.py BEFORE/benchmark.json AFTER/benchmark.json

A change counts if it is larger than the spreads of both figures together, and than 2 %. Runs of
different machines are compared with a warning: then only the ratios to peers mean anything.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import results

MIN_CHANGE = 0.02


@dataclass(frozen=True)
class Change:
    key: results.Key
    before: results.Throughput
    after: results.Throughput

    @property
    def change(self) -> float:
        """Positive if it became faster."""
        return self.after.median / self.before.median - 1

    @property
    def noise(self) -> float:
        return max(MIN_CHANGE, self.before.spread + self.after.spread)

    @property
    def verdict(self) -> str:
        if abs(self.change) <= self.noise:
            return "noise"
        return "faster" if self.change > 0 else "slower"


def find_changes(before: results.Results, after: results.Results) -> list[Change]:
    common = sorted(before.throughputs.keys() & after.throughputs.keys())
    return [Change(key, before.throughputs[key], after.throughputs[key]) for key in common]


def format_changes(changes: list[Change]) -> str:
    rows = [["GB/s", "before", "after", "change", "noise", ""]]
    rows += [
        [str(each.key), f"{each.before.median / 1e9:.3f}", f"{each.after.median / 1e9:.3f}",
         f"{each.change:+.1%}", f"{each.noise:.1%}", each.verdict]
        for each in changes
    ]
    return results.format_table(rows)


def summarise(before: results.Results, after: results.Results, changes: list[Change]) -> str:
    count = {verdict: sum(each.verdict == verdict for each in changes)
             for verdict in ("faster", "slower", "noise")}
    only_once = len(before.throughputs.keys() ^ after.throughputs.keys())
    lines = [
        f"{count['faster']} faster, {count['slower']} slower, {count['noise']} within the noise; "
        f"a figure moves by {before.typical_spread():.1%} before and {after.typical_spread():.1%} "
        "after."
    ]
    if only_once:
        lines.append(f"{only_once} were measured in one of the two runs only.")
    if before.machine != after.machine:
        lines.append(f"The machines differ: {before.machine} / {after.machine}.")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    try:
        before, after = results.load(options.before), results.load(options.after)
    except (OSError, results.ResultsError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    changes = find_changes(before, after)
    if not changes:
        print("compare: the runs have no benchmark in common", file=sys.stderr)
        return 2
    print(format_changes(changes))
    print()
    print(summarise(before, after, changes))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
