"""Tests of run_file: what is valid, what is not, and what the messages say."""

from __future__ import annotations

import copy
import io
import json
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Callable

import run_file

TESTDATA = Path(__file__).with_name("testdata")


def example() -> run_file.Run:
    return json.loads((TESTDATA / "example.json").read_text())


def problems_after(change: Callable[[run_file.Run], Any]) -> list[str]:
    """The messages for the example after one change to it."""
    run = example()
    change(run)
    return [str(problem) for problem in run_file.check(run)]


class Check(unittest.TestCase):
    def test_accepts_the_examples(self) -> None:
        for path in sorted(TESTDATA.glob("*.json")):
            with self.subTest(path.name):
                self.assertEqual(run_file.load(path)["format"], "wsproof-run")

    def test_accepts_members_that_start_with_x(self) -> None:
        self.assertEqual(problems_after(lambda run: run.update({"x-note": 1})), [])

    def test_says_where_what_and_what_to_do(self) -> None:
        cases: list[tuple[Callable[[run_file.Run], Any], str]] = [
            (
                lambda run: run["cases"]["1.1.1"].update(verdict="ok"),
                'cases/1.1.1/verdict: is "ok"; write one of "OK", "NON-STRICT", ',
            ),
            (lambda run: run.pop("suite"), "suite: is missing; add it"),
            (lambda run: run.update(colour="red"), "colour: is not known; see run.schema.json"),
            (
                lambda run: run.update(started="yesterday"),
                'started: is "yesterday"; match ^[0-9]{4}-',
            ),
            (
                lambda run: run.update(started="2026-11-25T15:17:03Z\n"),
                'started: is "2026-11-25T15:17:03Z\\n"; match',
            ),
            (lambda run: run.update(exit_status=5), "exit_status: is 5; write at most 4"),
            (lambda run: run.update(exit_status=True), "exit_status: is true; write integer"),
            (lambda run: run.update(duration_ms=-1), "duration_ms: is -1; write at least 0"),
            (lambda run: run["implementation"].update(name=""), "implementation/name: is empty;"),
            (
                lambda run: run["cases"]["1.1.1"]["wire_log"][0].pop("hex"),
                "cases/1.1.1/wire_log/0/hex: is missing; add it",
            ),
            (
                lambda run: run["cases"]["1.1.1"]["wire_log"][0].update(hex="8"),
                'cases/1.1.1/wire_log/0/hex: is "8"; match',
            ),
            (
                lambda run: run["cases"]["2.10"]["received"][0].pop("payload"),
                "cases/2.10/received/0/payload: is missing; add it",
            ),
            (
                lambda run: run["cases"].update({"<script>": run["cases"]["1.1.1"]}),
                'cases/<script>: is "<script>"; match',
            ),
        ]
        for change, message in cases:
            with self.subTest(message):
                first = problems_after(change)[0]
                self.assertTrue(first.startswith(message), first)

    def test_finds_contradictions(self) -> None:
        cases: list[tuple[Callable[[run_file.Run], Any], str]] = [
            (lambda run: run["cases"]["2.10"].update(passed=True), "cases/2.10/passed: is true"),
            (lambda run: run["cases"].pop("1.1.1"), "totals/cases: is 4 where cases give 3"),
            (lambda run: run["totals"].update(failed=1), "totals/failed: is 1 where cases give 0"),
            (lambda run: run.update(status="failed"), "exit_status: is 0 with status"),
            (lambda run: run["cases"]["9.1.1"].pop("unexpected_pass"), "cases/9.1.1/unexpected_"),
            (lambda run: run.update(form="small"), "cases/1.1.1/expected: does not belong"),
            (lambda run: run["suite"].update(engine=None), "suite/engine: is null with status"),
            (lambda run: run["suite"].update(name="wsproof"), "cases/1.1.1/verdict: \"OK\" is not"),
            (
                lambda run: run["cases"]["1.1.1"].update(close_verdict=None),
                "cases/1.1.1/close_verdict: is null",
            ),
            (
                lambda run: run["cases"]["1.1.1"]["wire_log"][0].update(length=1),
                "cases/1.1.1/wire_log/0/hex: is longer than length says",
            ),
            (
                lambda run: run.update(status="interrupted", exit_status=4),
                "reason: is missing with status \"interrupted\"",
            ),
            (
                lambda run: run.update(status="not_run", exit_status=4, reason="no engine"),
                "status: is \"not_run\", yet cases have verdicts",
            ),
        ]
        for change, message in cases:
            with self.subTest(message):
                found = problems_after(change)
                self.assertTrue(any(one.startswith(message) for one in found), found)

    def test_never_takes_an_empty_or_a_failed_run_for_passed(self) -> None:
        def empty(run: run_file.Run) -> None:
            run["cases"] = {}
            run["totals"] = run_file.compute_totals({})

        def failed(run: run_file.Run) -> None:
            run["cases"]["2.10"].pop("baseline")
            run["totals"] = run_file.compute_totals(run["cases"])

        self.assertIn('status: is "passed" with 0 failed of 0 cases', problems_after(empty)[0])
        self.assertIn('status: is "passed" with 1 failed of 4 cases', problems_after(failed)[0])

    def test_tells_of_another_version(self) -> None:
        [problem] = problems_after(lambda run: run.update(version=2))
        self.assertEqual(
            problem,
            "version: is 2, and this wsproof reads version 1; "
            "use the wsproof that wrote the file, or a newer one",
        )

    def test_refuses_what_is_no_object(self) -> None:
        for value in ([], None, 3, "run"):
            with self.subTest(value=value):
                self.assertTrue(str(run_file.check(value)[0]).endswith("write object"))


class Totals(unittest.TestCase):
    def test_count_each_case_once(self) -> None:
        run = example()
        self.assertEqual(run_file.compute_totals(run["cases"]), run["totals"])
        self.assertEqual(
            run["totals"],
            {
                "cases": 4,
                "passed": 3,
                "failed": 0,
                "expected_failures": 1,
                "unexpected_passes": 1,
                "verdicts": {"FAILED": 1, "INFORMATIONAL": 1, "OK": 2},
                "close_verdicts": {"INFORMATIONAL": 1, "OK": 2, "UNCLEAN": 1},
            },
        )

    def test_pass_needs_both_verdicts(self) -> None:
        for verdict, close_verdict, passed in [
            ("OK", "OK", True),
            ("NON-STRICT", "OK", True),
            ("INFORMATIONAL", "INFORMATIONAL", True),
            ("pass", None, True),
            ("OK", "WRONG CODE", False),
            ("OK", "FAILED BY CLIENT", False),
            ("UNIMPLEMENTED", "OK", False),
            ("MISSING", None, False),
            ("unsupported", None, True),
            ("fail", None, False),
        ]:
            with self.subTest(verdict=verdict, close_verdict=close_verdict):
                self.assertEqual(run_file.is_passed(verdict, close_verdict), passed)

    def test_compatible_verdicts_and_the_level_asked_for_count_too(self) -> None:
        failed = {"behavior": "FAILED", "behavior_close": "OK"}
        unclean = {"behavior": "OK", "behavior_close": "UNCLEAN"}
        missing = {"behavior": "UNIMPLEMENTED", "behavior_close": "OK"}
        self.assertFalse(run_file.is_passed("non_strict", None, failed))
        self.assertFalse(run_file.is_passed("pass", None, unclean))
        self.assertTrue(run_file.is_passed("unsupported", None, missing))
        self.assertFalse(run_file.is_passed("non_strict", None, None, "should"))
        self.assertTrue(run_file.is_passed("informational", None, None, "should"))
        self.assertFalse(run_file.is_passed("informational", None, None, "any"))


class Files(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_what_is_written_is_what_is_read(self) -> None:
        run = example()
        run["cases"]["1.1.1"]["remote_close_reason"] = "\ud800\u2028 \u00fc </script>"
        path = self.folder / "new" / "run.json"
        run_file.write(run, path)
        self.assertEqual(run_file.load(path), run)
        self.assertEqual([entry.name for entry in path.parent.iterdir()], ["run.json"])

    def test_an_invalid_run_is_not_written(self) -> None:
        run = example()
        run["status"] = "fine"
        with self.assertRaises(run_file.RunFileError):
            run_file.write(run, self.folder / "run.json")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_cases_are_in_the_order_of_their_numbers(self) -> None:
        ids = ["2.10", "10.1.1", "2.9", "2.10.1", "rfc6455/5.5/ping"]
        self.assertEqual(
            sorted(ids, key=run_file.case_order),
            ["2.9", "2.10", "2.10.1", "10.1.1", "rfc6455/5.5/ping"],
        )

    def test_damaged_json_is_named(self) -> None:
        for text in (b"", b"{", b"\xff\xfe", b'{"a": NaN}'):
            with self.subTest(text=text):
                path = self.folder / "run.json"
                path.write_bytes(text)
                with self.assertRaisesRegex(run_file.RunFileError, "run.json: the file: is not JSON"):
                    run_file.load(path)

    def test_small_form_keeps_verdicts_and_drops_details(self) -> None:
        run = example()
        before = copy.deepcopy(run)
        small = run_file.small_form(run)
        self.assertEqual(run, before)
        self.assertEqual(run_file.check(small), [])
        self.assertEqual(small["totals"], run["totals"])
        self.assertNotIn("wire_log", small["cases"]["1.1.1"])
        self.assertIn("result", small["cases"]["1.1.1"])

    def test_a_long_list_of_problems_is_cut(self) -> None:
        problems = [run_file.Problem(str(n), "is odd", "make it even") for n in range(30)]
        lines = str(run_file.RunFileError("run.json", problems)).splitlines()
        self.assertEqual(len(lines), 21)
        self.assertEqual(lines[-1], "run.json: and 10 more")

    def test_program_tells_valid_from_invalid(self) -> None:
        bad = self.folder / "bad.json"
        bad.write_text("{}")
        for arguments, status, text in [
            ([str(TESTDATA / "example.json")], 0, "valid, passed, 4 cases"),
            ([str(TESTDATA / "example.json"), str(bad)], 1, "bad.json: format: is missing; add it"),
            ([str(self.folder / "none.json")], 1, "No such file"),
            (["--help"], 0, "usage"),
            ([], 2, "usage"),
        ]:
            with self.subTest(arguments=arguments), io.StringIO() as out:
                with redirect_stdout(out), redirect_stderr(out):
                    self.assertEqual(run_file.main(arguments), status)
                self.assertIn(text, out.getvalue())


if __name__ == "__main__":
    unittest.main()
