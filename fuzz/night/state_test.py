"""Tests of state.py."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from night import state
from night.schedule import Arm


class StateTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.night = Path(directory.name)

    def test_reads_back_all_of_it(self) -> None:
        self.assertIsNone(state.load(self.night))
        written = state.State(started=1.5, spent=20, notes=[{"at": 1, "text": "stopped"}],
                              targets={"a": state.Target(executions=5, problem="broken")},
                              arms={"a libFuzzer": state.ArmState(Arm(1.0, 2.0, 3, 4.0), 7, 8)},
                              history=[{"spent": 1, "edges": {"a": 2}, "files": {"f": [1, 2]}}],
                              running=[state.Running("fuzz", "a", "libFuzzer", 3.0)])
        state.save(self.night, written, 9.0)
        self.assertEqual(state.load(self.night), written)

    def test_refuses_another_version(self) -> None:
        state.path_of(self.night).write_text('{"version": 0}')
        with self.assertRaisesRegex(ValueError, "another version"):
            state.load(self.night)

    def test_a_new_night_keeps_the_schedule_and_what_was_learnt(self) -> None:
        old = state.State(started=1, spent=9, phase=state.DONE, history=[{}], notes=[{}],
                          targets={"a": state.Target(executions=5, edges=7, problem="x", merged=True)},
                          arms={"a libFuzzer": state.ArmState(features=7)})
        state.begin_night(old, 100.0)
        self.assertEqual((old.started, old.spent, old.phase, old.history), (100.0, 0, "fuzzing", []))
        self.assertEqual(old.targets["a"], state.Target(edges=7))
        self.assertEqual(old.arms["a libFuzzer"].features, 7)


if __name__ == "__main__":
    unittest.main()
