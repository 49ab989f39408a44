#!/usr/bin/env python3
"""Sets two runs of the benchmarks side by side, and says which changes are more than noise.

    compare.py BEFORE/benchmark.json AFTER/benchmark.json      or load.json

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
    before: results.Figure
    after: results.Figure

    @property
    def change(self) -> float:
        """Of the figure itself, which for some subjects is better when it is less."""
        return self.after.median / self.before.median - 1

    @property
    def noise(self) -> float:
        return max(MIN_CHANGE, self.before.spread + self.after.spread)

    @property
    def verdict(self) -> str:
        if abs(self.change) <= self.noise:
            return "noise"
        return "better" if (self.change > 0) == self.key.unit.more_is_better else "worse"


def find_changes(before: results.Results, after: results.Results) -> list[Change]:
    common = sorted(before.figures.keys() & after.figures.keys())
    return [Change(key, before.figures[key], after.figures[key]) for key in common]


def format_changes(changes: list[Change]) -> str:
    rows = [["", "before", "after", "change", "noise", ""]]
    rows += [
        [f"{each.key} ({each.key.unit.name})", f"{each.before.median / each.key.unit.scale:.3f}",
         f"{each.after.median / each.key.unit.scale:.3f}",
         f"{each.change:+.1%}", f"{each.noise:.1%}", each.verdict]
        for each in changes
    ]
    return results.format_table(rows)


def summarise(before: results.Results, after: results.Results, changes: list[Change]) -> str:
    count = {verdict: sum(each.verdict == verdict for each in changes)
             for verdict in ("better", "worse", "noise")}
    only_once = len(before.figures.keys() ^ after.figures.keys())
    lines = [
        f"{count['better']} better, {count['worse']} worse, {count['noise']} within the noise; "
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
