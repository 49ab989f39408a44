"""The goals of goals.tsv beside what was measured: met, missed, or not to be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from results import OURS, Figure, Key, Ratio, Results

TABLE = Path(__file__).with_name("goals.tsv")
BEST = "best"
LIMITS = ("memcpy", "ours in one piece", "raw TCP", "Boost.Asio TCP", "limit")  # what can be reached, beside which no peer is best


class GoalsError(Exception):
    """The table is not one."""


@dataclass(frozen=True)
class Goal:
    subject: str
    kind: str
    sizes: tuple[int, int]  # first and last
    peer: str
    at_least: float

    def concerns(self, key: Key) -> bool:
        return (key.subject, key.kind) == (self.subject, self.kind) and (
            self.sizes[0] <= key.size <= self.sizes[1])


@dataclass(frozen=True)
class Outcome:
    goal: Goal
    ours: Key
    ratio: Ratio | None  # None: no such peer was measured

    @property
    def verdict(self) -> str:
        """A ratio is near its goal if it is on one side of it, and its spread reaches the other."""
        if self.ratio is None:
            return "not measured"
        if abs(self.ratio.ratio / self.goal.at_least - 1) < self.ratio.spread:
            return "near"
        return "met" if self.ratio.ratio >= self.goal.at_least else "missed"


def read_goals(path: Path = TABLE) -> list[Goal]:
    """Errors: GoalsError, OSError."""
    goals = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            subject, kind, sizes, peer, at_least = line.split("\t")
            first, _, last = ("0-" + str(1 << 62) if sizes == "*" else sizes).partition("-")
            goals.append(Goal(subject, kind, (int(first), int(last or first)), peer,
                              float(at_least)))
        except ValueError as error:
            raise GoalsError(f"{path}:{number}: {error}") from error
    return goals


def judge(goals: list[Goal], measured: Results) -> list[Outcome]:
    """Each goal at each size at which ours was measured."""
    outcomes = []
    for goal in goals:
        for ours, figure in sorted(measured.figures.items()):
            if ours.implementation == OURS and goal.concerns(ours):
                outcomes.append(Outcome(goal, ours, _ratio(goal, ours, figure, measured)))
    return outcomes


def _ratio(goal: Goal, ours: Key, figure: Figure, measured: Results) -> Ratio | None:
    peers = {
        key: value for key, value in measured.figures.items()
        if (key.subject, key.kind, key.size) == (ours.subject, ours.kind, ours.size)
        and not key.is_ours
        and (key.implementation == goal.peer
             or (goal.peer == BEST and key.implementation not in LIMITS))
    }
    if not peers:
        return None
    choose = max if ours.unit.more_is_better else min
    peer, best = choose(peers.items(), key=lambda item: item[1].median)
    return Ratio(ours, peer, figure.median, best.median, figure.spread + best.spread)
