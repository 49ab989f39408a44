#!/usr/bin/env python3
"""Compares two run files case by case, such as those of the two engines.

Exit status: 0 if all verdicts agree, 1 if some differ, 2 for bad usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reports"))

from run_file import RunFileError, case_order, load  # noqa: E402

# What is compared besides the verdicts. Payloads, times and texts are each engine's own.
DETAILS = (
    "remote_close_code", "local_close_code", "was_clean", "closed_by_harness", "failed_by_harness",
    "dropped_by_harness", "timeouts",
)


SHOWN = 10  # of the cases that pass on one side alone


class Difference(NamedTuple):
    """Something that two runs say differently of a case; None where a run does not tell."""

    case_id: str
    what: str
    left: Any
    right: Any


def compare(
    left: dict[str, Any], right: dict[str, Any], names: tuple[str, ...]
) -> list[Difference]:
    """Returns what differs between the cases of two runs, in the members `names`.

    A case that only one of them has differs in `selected`.
    """
    differences = []
    for case_id in sorted({*left["cases"], *right["cases"]}, key=case_order):
        ours, theirs = left["cases"].get(case_id), right["cases"].get(case_id)
        if ours is None or theirs is None:
            differences.append(
                Difference(case_id, "selected", ours is not None, theirs is not None))
            continue
        differences += [
            Difference(case_id, name, ours.get(name), theirs.get(name))
            for name in names
            if ours.get(name) != theirs.get(name)
        ]
    return differences


def cases_passed(run: dict[str, Any]) -> set[str]:
    """Returns the ids of the cases that passed."""
    return {case_id for case_id, case in run["cases"].items() if case["passed"]}


def describe(run: dict[str, Any]) -> str:
    suite, implementation = run["suite"], run["implementation"]
    return (f"{suite['engine']} {suite['engine_version']}, {implementation['name']} as "
            f"{implementation['role']}, {run['started'][:10]}: {run['totals']['cases']} cases in "
            f"{run['duration_ms'] / 1000:.0f} s")


def main(words: list[str]) -> int:
    """Runs the command. Returns its exit status."""
    parser = argparse.ArgumentParser(prog="compare_engines", description=__doc__)
    parser.add_argument("left", metavar="RUN_FILE")
    parser.add_argument("right", metavar="RUN_FILE")
    parser.add_argument("--details", action="store_true",
                        help="show close codes and how the connection ended as well")
    arguments = parser.parse_args(words)
    try:
        left, right = load(arguments.left), load(arguments.right)
    except (RunFileError, OSError) as error:
        parser.error(str(error))
    print(f"left:  {describe(left)}\nright: {describe(right)}")
    verdicts = compare(left, right, ("verdict", "close_verdict"))
    details = compare(left, right, DETAILS) if arguments.details else []
    for case_id, what, ours, theirs in verdicts + details:
        print(f"{case_id:8} {what.replace('_', ' ')}: {ours} | {theirs}")
    for what, passes, other in (("left", left, right), ("right", right, left)):
        only = cases_passed(passes) - cases_passed(other)
        print(f"{len(only)} cases pass on the {what} alone",
              *sorted(only, key=case_order)[:SHOWN], *["..."] * (len(only) > SHOWN))
    differing = len({difference.case_id for difference in verdicts})
    print(f"{differing} cases with different verdicts")
    return 1 if verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
