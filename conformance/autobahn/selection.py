"""Which of Autobahn's 517 cases are run, and in which portions."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CASES_PATH = Path(__file__).with_name("cases.json")

# What --quick leaves out: sections that take minutes rather than seconds.
SLOW_SECTIONS = ("9", "12", "13")

# Rough cost of a case by section, in units of a cheap one, and how much makes a portion.
COSTS = {"9": 10, "12": 30, "13": 30}
PORTION_COST = 270


class BadPattern(ValueError):
    """A pattern that selects no case."""


@dataclass(frozen=True)
class Case:
    """What Autobahn's catalogue says about a case, in our words."""

    id: str
    number: int  # position among all 517, from 1
    section: str
    title: str

    @property
    def cost(self) -> int:
        return COSTS.get(self.id.split(".")[0], 1)


def load_catalogue() -> dict[str, Case]:
    """Loads all cases by id, in Autobahn's order."""
    rows = json.loads(CASES_PATH.read_text(encoding="utf-8"))
    return {
        row["id"]: Case(row["id"], row["number"], row["section"], row["title"]) for row in rows
    }


def matches(pattern: str, case_id: str) -> bool:
    """Says whether a pattern names a case.

    An id, a section or the start of one (`7`, `6.12`), or a glob that has to match all of the id
    (`7.*`, `12.1.*`). `1` and `1.*` are section 1 alone, unlike with the suite's own patterns.
    """
    if any(character in pattern for character in "*?["):
        return fnmatch.fnmatchcase(case_id, pattern)
    return case_id == pattern or case_id.startswith(pattern + ".")


def select(
    catalogue: dict[str, Case], patterns: Iterable[str], exclude: Iterable[str], quick: bool
) -> list[Case]:
    """Returns the cases selected, in Autobahn's order.

    Errors: BadPattern for a pattern that names no case at all, or if nothing is left.
    """
    patterns, exclude = list(patterns), list(exclude)
    for option, given in (("--cases", patterns), ("--exclude", exclude)):
        for pattern in given:
            if not any(matches(pattern, case_id) for case_id in catalogue):
                raise BadPattern(
                    f"{option} {pattern!r} names no case; give ids (1.1.1), sections (7, 6.12) or "
                    "globs (12.1.*), separated by commas"
                )
    chosen = [
        case
        for case in catalogue.values()
        if (not patterns or any(matches(pattern, case.id) for pattern in patterns))
        and not any(matches(pattern, case.id) for pattern in exclude)
        and not (quick and case.id.split(".")[0] in SLOW_SECTIONS)
    ]
    if not chosen:
        raise BadPattern(
            "no case is left; --cases, --exclude and --quick (which leaves out sections "
            f"{', '.join(SLOW_SECTIONS)}) exclude each other"
        )
    return chosen


def split_list(values: Iterable[str]) -> list[str]:
    """Splits option values such as `1,2.5` and removes what is empty."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def portions(cases: list[Case], jobs: int, tells_of_each: bool) -> list[list[str]]:
    """Cuts the cases into the lists of ids that one process of the engine gets at a time.

    One job takes everything at once if the engine tells of each case as it ends.
    """
    if jobs == 1 and tells_of_each:
        return [[case.id for case in cases]]
    limit = PORTION_COST if tells_of_each else PORTION_COST // 9
    result: list[list[str]] = []
    cost = limit
    for case in cases:
        if cost + case.cost > limit:
            result.append([])
            cost = 0
        result[-1].append(case.id)
        cost += case.cost
    return result
