"""Who fuzzes next: every arm, a target under one engine, gets its share of the time.

A part of the time is divided equally, so that nothing starves and late finds are noticed; the rest
in proportion to how fast an arm's coverage still grows. Next is the arm that is furthest behind its
share, which needs no chance: the same history makes the same choice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

EQUAL_PART = 0.3
MEMORY = 0.7  # what a slice leaves of the weight of those before it


@dataclass
class Arm:
    """What is known of one target under one engine."""

    seconds: float = 0.0  # fuzzed, old slices weighing less
    growth: float = 0.0  # of coverage in these seconds, as a logarithm
    slices: int = 0
    credit: float = 0.0  # seconds that it is behind its share

    def rate(self) -> float:
        return self.growth / self.seconds if self.seconds > 0 else 0.0


def add_slice(arms: dict[str, Arm], name: str, seconds: float, features_before: int,
              features_after: int) -> None:
    """Counts a slice; features are the engine's: edges, and how often they were taken."""
    for each, share in shares(arms).items():
        arms[each].credit += share * seconds
    arm = arms[name]
    arm.credit -= seconds
    gained = 0.0
    # The first slice starts from nothing, which says nothing about what is still to be found.
    if features_before > 0 and features_after > features_before:
        gained = math.log(features_after / features_before)
    arm.seconds = arm.seconds * MEMORY + seconds
    arm.growth = arm.growth * MEMORY + gained
    arm.slices += 1


def shares(arms: dict[str, Arm]) -> dict[str, float]:
    """The part of the time that each arm deserves; they sum up to 1."""
    total = sum(arm.rate() for arm in arms.values())
    equal = 1 / len(arms)
    if total <= 0:
        return dict.fromkeys(arms, equal)
    return {name: EQUAL_PART * equal + (1 - EQUAL_PART) * arm.rate() / total
            for name, arm in arms.items()}


def choose(arms: dict[str, Arm], running: Iterable[str] = ()) -> str:
    """The arm to run next. One that runs already is only taken when all do.

    Requires: at least one arm.
    """
    busy = set(running)
    free = {name: arm for name, arm in arms.items() if name not in busy} or arms
    untried = [name for name in sorted(free) if free[name].slices == 0]
    if untried:
        return untried[0]
    return max(sorted(free), key=lambda name: arms[name].credit)
