"""The comparison of two run files."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reports"))

from compare_engines import Difference, compare, main  # noqa: E402
from run_file import compute_totals  # noqa: E402


def run_of(**cases: dict[str, Any]) -> dict[str, Any]:
    return {"cases": {f"1.1.{name[1:]}": case for name, case in cases.items()}}


class CompareTest(unittest.TestCase):
    def test_finds_nothing_in_equal_runs(self) -> None:
        run = run_of(c1={"verdict": "OK", "close_verdict": "OK"})
        self.assertEqual(compare(run, run, ("verdict", "close_verdict")), [])

    def test_finds_other_verdicts_in_the_order_of_cases(self) -> None:
        left = run_of(c10={"verdict": "OK"}, c9={"verdict": "OK"}, c1={"verdict": "OK"})
        right = run_of(c1={"verdict": "OK"}, c9={"verdict": "FAILED"},
                       c10={"verdict": "NON-STRICT"})
        self.assertEqual(compare(left, right, ("verdict",)), [
            Difference("1.1.9", "verdict", "OK", "FAILED"),
            Difference("1.1.10", "verdict", "OK", "NON-STRICT"),
        ])

    def test_finds_cases_that_only_one_run_has(self) -> None:
        self.assertEqual(compare(run_of(), run_of(c1={"verdict": "OK"}), ("verdict",)),
                         [Difference("1.1.1", "selected", False, True)])


class MainTest(unittest.TestCase):
    def test_exits_with_what_it_found(self) -> None:
        example = Path(__file__).resolve().parents[2] / "reports" / "testdata" / "example.json"
        run = json.loads(example.read_text())
        passed = next(name for name, case in run["cases"].items()
                      if (case["verdict"], case["close_verdict"]) == ("OK", "OK"))
        with tempfile.TemporaryDirectory() as directory:
            other = Path(directory) / "other.json"
            run["cases"][passed].update(verdict="UNIMPLEMENTED", passed=False)
            run.update(status="failed", exit_status=1, totals=compute_totals(run["cases"]))
            other.write_text(json.dumps(run))
            for right, status in ((str(example), 0), (str(other), 1)):
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    self.assertEqual(main([str(example), right]), status, out.getvalue())
            self.assertIn(f"{passed:8} verdict: OK | UNIMPLEMENTED", out.getvalue())
            self.assertIn(f"1 cases pass on the left alone {passed}\n", out.getvalue())


if __name__ == "__main__":
    unittest.main()
