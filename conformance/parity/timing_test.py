"""Timing: how cases are dealt out, what the goals are, and how a driver is measured."""

from __future__ import annotations

import asyncio
import sys
import unittest
import unittest.mock
from pathlib import Path

from engines import AUTOBAHN, KOSOKU, WSPROOF, Part
from play import NotPlayed
from tested import HERE, Tested
from timing import Parallelism, Times, goals, kinds_of_parallelism, measure_driver, plans, show

from engine import Engine

AUTOBAHN_FAKES = HERE.parent / "autobahn" / "fakes"
PART = Part("1-10", ("1.1.1", "1.1.2", "1.1.3"), is_whole=False)


def server() -> Tested:
    return Tested("fake", "server", "C++", "1",
                  f"{sys.executable} -S {AUTOBAHN_FAKES / 'fake_server.py'} {{port}} good", Path("/"))


class GoalsTest(unittest.TestCase):
    def test_each_goal_is_a_ratio_with_its_limit(self) -> None:
        times = {WSPROOF: Times(wall=6.0, own=1.0, peer=10.0),
                 KOSOKU: Times(wall=12.0, own=5.0), AUTOBAHN: Times(wall=60.0, own=49.0)}
        self.assertEqual(
            [(goal.what.split()[0], round(goal.ratio, 3), goal.is_met)
             for goal in goals(times, cores=2)],
            [("wall", 1.2, True), ("own", 0.2, True), ("wall", 0.5, True),
             ("own", 0.02, False), ("wall", 0.1, True)])
        self.assertIn("MISSED", "\n".join(show("all", times, 2)))

    def test_what_was_not_measured_has_no_goal(self) -> None:
        self.assertEqual(len(goals({WSPROOF: Times(1.0, 1.0, 1.0)}, 2)), 1)


class ParallelismTest(unittest.TestCase):
    def test_every_case_is_played_once(self) -> None:
        for kind in kinds_of_parallelism(4):
            self.assertEqual(sorted(case for share in plans(PART.cases, kind) for case in share),
                             list(PART.cases))
        self.assertEqual(plans(PART.cases, Parallelism(2)), [("1.1.1", "1.1.3"), ("1.1.2",)])

    def test_a_kind_is_tried_once(self) -> None:
        self.assertEqual(kinds_of_parallelism(1), [Parallelism(), Parallelism(1, 4)])


class MeasureTest(unittest.TestCase):
    def measure(self, name: str = KOSOKU) -> Times:
        engine = Engine(name, "a fake", (sys.executable, "-S", str(AUTOBAHN_FAKES / "fake_suite.py")))
        return asyncio.run(measure_driver(engine, server(), PART, Parallelism(2, 4)))

    def test_the_processes_of_an_engine_and_the_server_are_measured(self) -> None:
        times = self.measure()
        self.assertGreater(times.own, 0)
        self.assertGreater(times.peer, 0)
        self.assertGreater(times.wall, 0)

    def test_an_engine_that_plays_less_is_no_measurement(self) -> None:
        with unittest.mock.patch.dict("os.environ", FAKE_SUITE='{"crash": ["1.1.2"]}'):
            with self.assertRaisesRegex(NotPlayed, "played 0 of 1 cases"):
                self.measure()


if __name__ == "__main__":
    unittest.main()
