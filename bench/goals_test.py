"""The table of goals, and the verdicts beside it."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import goals
from results import Figure, Key, Results


def run(medians: dict[str, float], spread: float = 0.01) -> Results:
    return Results("", "", {Key.parse(name): Figure(median, spread)
                            for name, median in medians.items()})


class TableTest(unittest.TestCase):
    def test_of_the_project_is_read(self) -> None:
        table = goals.read_goals()
        self.assertGreater(len(table), 10)
        self.assertIn(goals.Goal("masking", "in place", (1024, 1024), "best", 1.2), table)

    def test_takes_one_size_a_range_or_all(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "goals.tsv"
            path.write_text("# a\n\na\tb\t16\tc\t1\na\tb\t16-125\tc\t1\na\tb\t*\tc\t1.5\n")
            read = goals.read_goals(path)
        self.assertEqual([goal.sizes[:1] for goal in read], [(16,), (16,), (0,)])
        self.assertTrue(read[1].concerns(Key("a", "b", 125, "x")))
        self.assertFalse(read[1].concerns(Key("a", "b", 126, "x")))
        self.assertFalse(read[1].concerns(Key("a", "c", 16, "x")))

    def test_names_the_line_that_is_none(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "goals.tsv"
            path.write_text("# a\na\tb\n")
            with self.assertRaisesRegex(goals.GoalsError, "goals.tsv:2"):
                goals.read_goals(path)


class JudgeTest(unittest.TestCase):
    def verdicts(self, goal: goals.Goal, measured: Results) -> list[str]:
        return [outcome.verdict for outcome in goals.judge([goal], measured)]

    def test_is_met_missed_or_near(self) -> None:
        goal = goals.Goal("a", "b", (16, 16), "peer", 2.0)
        for ours, verdict in ((3.0, "met"), (1.0, "missed"), (2.02, "near"), (1.98, "near")):
            measured = run({"a/b/wsproof/16": ours, "a/b/peer/16": 1.0, "a/b/wsproof/99": 9.0})
            self.assertEqual(self.verdicts(goal, measured), [verdict], ours)

    def test_takes_the_best_peer_and_no_limit_for_one(self) -> None:
        measured = run({"a/b/wsproof/16": 3, "a/b/x/16": 1, "a/b/y/16": 2, "a/b/memcpy/16": 9,
                        "a/b/wsproof Connection/16": 9})
        outcome, = goals.judge([goals.Goal("a", "b", (16, 16), "best", 1.0)], measured)
        self.assertEqual((outcome.ratio.peer.implementation, outcome.ratio.ratio), ("y", 1.5))

    def test_says_what_was_not_measured(self) -> None:
        goal = goals.Goal("a", "b", (16, 16), "peer", 2.0)
        self.assertEqual(self.verdicts(goal, run({"a/b/wsproof/16": 3})), ["not measured"])


if __name__ == "__main__":
    unittest.main()
