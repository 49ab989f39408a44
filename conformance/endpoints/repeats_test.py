"""Repeats against a program that stands in for wsproof, and says now this, now that."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import repeats

# Each run says of case 1.1.2 what the next word of the file `verdicts` is; it ends as `status` says.
FAKE = """#!/bin/sh
cd "$(dirname "$0")"
while [ $# -gt 0 ]; do [ "$1" = --json ] && run=$2; shift; done
verdict=$(head -n 1 verdicts); sed -i 1d verdicts
cat > "$run" <<END
{"status": "$(cat status)", "reason": "as the test wants it", "started": "2026-11-26T00:00:00Z",
 "duration_ms": 1500, "cases": {
  "1.1.1": {"verdict": "pass", "compatible": {"behavior": "OK", "behavior_close": "OK"}},
  "1.1.2": {"verdict": "$verdict", "reason": "so it came"}}}
END
"""


class RepeatsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.build = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.build / "impl" / "apps").mkdir(parents=True)
        for role in repeats.ROLES:
            (self.build / "impl" / "apps" / f"echo_{role}").write_text(role)
        self.program("")
        (self.build / "status").write_text("passed")
        self.evidence = self.build / "repeats.json"
        self.enterContext(mock.patch.object(repeats, "EVIDENCE", self.evidence))
        self.enterContext(mock.patch.object(repeats, "ROOT", self.build))

    def program(self, comment: str) -> None:
        """Another comment is another build."""
        (self.build / "wsproof").write_text(f"{FAKE}# {comment}\n")
        (self.build / "wsproof").chmod(0o755)

    def play(self, verdicts: str, *options: str, times: int) -> tuple[int, str]:
        (self.build / "verdicts").write_text("".join(f"{word}\n" for word in verdicts.split()))
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = repeats.main(["reference", "--role", "server", "--times", str(times), "--build",
                                   str(self.build), "--out", str(self.build / "out"), "--side-by-side", "1",
                                   *options])
        return status, output.getvalue()

    def test_no_changed_verdict_is_status_0(self) -> None:
        status, output = self.play("pass pass pass", times=3)
        self.assertEqual(status, 0)
        self.assertIn("reference as server: 3 runs of 2 cases, 0 verdicts changed", output)

    def test_a_changed_verdict_is_told_and_its_run_is_kept(self) -> None:
        status, output = self.play("pass fail pass", times=3)
        self.assertEqual(status, repeats.FAILED)
        self.assertIn("1.1.2: pass | fail: so it came", output)
        self.assertIn("3 runs of 2 cases, 1 verdicts changed", output)
        run = json.loads((self.build / "out" / "reference-server-run2.json").read_bytes())
        self.assertEqual(run["cases"]["1.1.2"]["verdict"], "fail")

    def test_runs_of_one_endpoint_go_side_by_side(self) -> None:
        # Each run waits for the other, so one after the other they would not end.
        (self.build / "wsproof").write_text(FAKE.replace("verdict=", """
touch started-$$; while [ $(ls started-* | wc -l) -lt 2 ]; do sleep 0.01; done
verdict=pass #"""))
        status, output = self.play("", "--side-by-side", "2", times=2)
        self.assertEqual(status, 0)
        self.assertIn("2 runs of 2 cases, 0 verdicts changed", output)

    def test_it_goes_on_where_it_was(self) -> None:
        self.play("pass fail", times=2)
        status, output = self.play("pass", times=3)
        self.assertEqual(status, repeats.FAILED)
        self.assertIn("reference-server: 3 of 3", output)
        self.assertNotIn("2 of 3", output)

    def test_another_build_begins_anew(self) -> None:
        self.play("fail", times=1)
        self.program("another")
        status, output = self.play("pass pass", times=2)
        self.assertEqual(status, 0)
        self.assertIn("1 of 2", output)

    def test_a_run_that_does_not_end_is_no_run_without_a_change(self) -> None:
        (self.build / "status").write_text("harness_error")
        status, output = self.play("pass", times=1)
        self.assertEqual(status, repeats.FAILED)
        self.assertIn("None: whole | harness_error: as the test wants it", output)

    def test_what_leaves_no_run_file_is_broken(self) -> None:
        (self.build / "wsproof").write_text("#!/bin/sh\n")
        status, output = self.play("", times=1)
        self.assertEqual(status, repeats.BROKEN)
        self.assertIn("left no run file", output)

    def test_the_evidence_has_a_line_for_each_build(self) -> None:
        self.play("pass", "--evidence", times=1)
        self.play("pass", "--evidence", times=2)
        self.program("another")
        self.play("pass", "--evidence", times=1)
        entries = json.loads(self.evidence.read_bytes())
        self.assertEqual([(entry["runs"], entry["cases"], entry["changed"]) for entry in entries],
                         [(2, 2, []), (1, 2, [])])
        self.assertNotIn("verdicts", entries[0])

    def test_numbers_below_1_are_bad_usage(self) -> None:
        with self.assertRaises(SystemExit) as raised, contextlib.redirect_stderr(io.StringIO()):
            repeats.main(["--times", "0"])
        self.assertEqual(raised.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
