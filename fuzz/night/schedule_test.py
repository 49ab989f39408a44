"""Tests of schedule.py."""

from __future__ import annotations

import unittest
from collections import Counter
from collections.abc import Callable

from night.schedule import Arm, add_slice, choose, shares


def simulate(growth: dict[str, Callable[[int], float]], slices: int) -> list[str]:
    """Runs a schedule whose arms grow, by slice of their own, by a factor. Returns: the choices."""
    arms = {name: Arm() for name in growth}
    features = dict.fromkeys(growth, 1000.0)
    chosen = []
    for _ in range(slices):
        name = choose(arms)
        before = features[name]
        features[name] *= growth[name](arms[name].slices)
        add_slice(arms, name, 60, int(before), int(features[name]))
        chosen.append(name)
    return chosen


class ScheduleTest(unittest.TestCase):
    def test_tries_each_once_first(self) -> None:
        chosen = simulate(dict.fromkeys("cab", lambda _: 2.0), 3)
        self.assertEqual(chosen, ["a", "b", "c"])

    def test_equal_arms_get_the_same(self) -> None:
        counts = Counter(simulate(dict.fromkeys("abcd", lambda _: 1.0), 400))
        self.assertEqual(set(counts.values()), {100})

    def test_favours_what_still_grows_and_starves_nothing(self) -> None:
        counts = Counter(simulate({"new": lambda _: 1.1, "old": lambda _: 1.0,
                                   "dead": lambda _: 1.0}, 300))
        self.assertGreater(counts["new"], 150)
        self.assertGreater(min(counts["old"], counts["dead"]), 20)

    def test_turns_to_an_arm_that_begins_to_grow_late(self) -> None:
        chosen = simulate({"early": lambda slice_: 1.2 if slice_ < 20 else 1.0,
                           "late": lambda slice_: 1.2 if slice_ > 10 else 1.0}, 400)
        self.assertGreater(Counter(chosen[:25])["early"], 15)
        self.assertGreater(Counter(chosen[-100:])["late"], 60)

    def test_two_cores_fuzz_two_targets(self) -> None:
        arms = {name: Arm() for name in "ab"}
        self.assertEqual(choose(arms, running=["a"]), "b")
        self.assertIn(choose(arms, running=["a", "b"]), "ab")

    def test_shares_are_all_of_the_time(self) -> None:
        arms = {"a": Arm(seconds=10, growth=1, slices=1), "b": Arm(seconds=10, growth=3, slices=1),
                "c": Arm()}
        self.assertAlmostEqual(sum(shares(arms).values()), 1)
        self.assertAlmostEqual(shares(arms)["b"], 0.1 + 0.7 * 3 / 4)

    def test_the_seeds_are_no_find(self) -> None:
        arms = {"a": Arm()}
        add_slice(arms, "a", 60, 0, 5000)
        self.assertEqual(arms["a"].rate(), 0)


if __name__ == "__main__":
    unittest.main()
