"""Which changes between two runs are more than noise."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import compare
import results
from test_data import write_run


def change(before: float, after: float, spread: float = 0.0) -> compare.Change:
    return compare.Change(results.Key("a", "b", 1, "wsproof"), results.Figure(before, spread),
                          results.Figure(after, spread))


class ChangeTest(unittest.TestCase):
    def test_counts_only_beyond_the_noise_of_both_runs(self) -> None:
        for before, after, spread, verdict in (
            (100, 110, 0.02, "better"),
            (100, 90, 0.02, "worse"),
            (100, 110, 0.06, "noise"),
            (100, 101, 0.0, "noise"),
            (100, 103, 0.0, "better"),
        ):
            self.assertEqual(change(before, after, spread).verdict, verdict, (before, after, spread))


class MainTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compare(self, *paths: Path) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = compare.main([str(path) for path in paths])
        return code, out.getvalue(), err.getvalue()

    def test_prints_both_runs_and_the_noise(self) -> None:
        before = write_run(self.folder / "a", {"m/k/wsproof/16": [1e9] * 3, "m/k/old/16": [1e9]})
        after = write_run(self.folder / "b", {"m/k/wsproof/16": [2e9] * 3}, compiler="Clang 19")
        code, out, _ = self.compare(before, after)
        self.assertEqual(code, 0)
        self.assertRegex(out, r"m/k/wsproof/16 \(GB/s\) +1.000 +2.000 +\+100.0% +2.0% +better")
        self.assertIn("1 better, 0 worse, 0 within the noise", out)
        self.assertIn("1 were measured in one of the two runs only", out)
        self.assertIn("The machines differ: 2 cores, GNU 12 / 2 cores, Clang 19", out)

    def test_refuses_runs_without_a_common_benchmark(self) -> None:
        before = write_run(self.folder / "a", {"m/k/wsproof/16": [1e9]})
        after = write_run(self.folder / "b", {"m/k/wsproof/17": [1e9]})
        self.assertEqual(self.compare(before, after)[0], 2)

    def test_refuses_what_is_no_run(self) -> None:
        code, _, err = self.compare(self.folder / "none", self.folder / "none")
        self.assertEqual(code, 2)
        self.assertIn("none", err)


if __name__ == "__main__":
    unittest.main()
