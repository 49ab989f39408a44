"""Tests of autobahn_kills."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import autobahn_kills
from autobahn_kills import CASES, catch, in_order_of, is_worse, sort_key, write


class Verdicts(unittest.TestCase):
    def test_a_failure_where_the_right_endpoint_passes_is_worse(self) -> None:
        for verdict in (("FAILED", "OK"), ("OK", "UNCLEAN"), ("NON-STRICT", "OK"),
                        ("UNIMPLEMENTED", "OK"), ("FAILED", "DIED")):
            self.assertTrue(is_worse(verdict, ("OK", "OK")), verdict)

    def test_the_same_and_better_are_not(self) -> None:
        self.assertFalse(is_worse(("OK", "OK"), ("OK", "OK")))
        self.assertFalse(is_worse(("OK", "OK"), ("NON-STRICT", "OK")))
        self.assertFalse(is_worse(("INFORMATIONAL", "INFORMATIONAL"), ("OK", "OK")))


class Cases(unittest.TestCase):
    def test_the_sections_that_are_run_are_chosen_by_id(self) -> None:
        chosen = [case for case in ("1.1.1", "2.10", "9.1.1", "10.1.1", "12.1.1", "12.1.2", "13.1.1",
                                    "rfc6455/5.5/fragmented-ping") if CASES.fullmatch(case)]
        self.assertEqual(chosen, ["1.1.1", "2.10", "10.1.1", "12.1.1", "13.1.1"])

    def test_ids_are_in_the_order_of_their_numbers(self) -> None:
        self.assertEqual(sorted(["10.1.1", "2.10", "2.9"], key=sort_key), ["2.9", "2.10", "10.1.1"])


class Catching(unittest.TestCase):
    RIGHT = {case: ("OK", "OK") for case in ("1.1.1", "1.1.2", "1.1.3")}

    def catch(self, *runs: dict[str, tuple[str, str]]) -> tuple[dict[str, Any], list[list[str]]]:
        """What is kept if Autobahn says this and then that, and which cases it was asked for."""
        with mock.patch.object(autobahn_kills, "run",
                               side_effect=[(verdicts, {}) for verdicts in runs]) as run:
            kept = catch(mock.Mock(), Path(), "server", "x", list(self.RIGHT), 1, self.RIGHT)
        return kept, [call.args[4] for call in run.call_args_list]

    def test_what_catches_a_fault_twice_is_kept(self) -> None:
        bad = {**self.RIGHT, "1.1.2": ("FAILED", "OK")}
        kept, asked = self.catch(bad, bad)
        self.assertEqual(kept, {"caught_by": {"1.1.2": "FAILED/OK"}, "played": 3, "of": 3})
        # The second time with what came before it.
        self.assertEqual(asked, [["1.1.1", "1.1.2", "1.1.3"], ["1.1.1", "1.1.2"]])

    def test_what_catches_a_fault_once_is_not(self) -> None:
        kept, _ = self.catch({**self.RIGHT, "1.1.2": ("FAILED", "OK")}, self.RIGHT)
        self.assertEqual(kept["caught_by"], {})

    def test_what_catches_nothing_is_played_once(self) -> None:
        kept, asked = self.catch(self.RIGHT)
        self.assertEqual((kept["caught_by"], len(asked)), ({}, 1))


class Output(unittest.TestCase):
    def test_what_is_written_can_be_read_again(self) -> None:
        report = {"suite": {"version": "1"}, "right": {"server": {"1.1.1": ["OK", "OK"]}},
                  "faults": {"x server": {"caught_by": {}, "played": 1, "of": 1}}}
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "kills.json"
            write(path, report)
            self.assertEqual(json.loads(path.read_text()), report)

    def test_faults_are_in_the_order_of_the_table(self) -> None:
        rows = {"a server": {}, "b client": {}, "c server": {}}
        report = {"suite": {}, "faults": {"c server": 3, "a server": 1, "gone server": 0}}
        self.assertEqual(list(in_order_of(report, rows)["faults"]),
                         ["gone server", "a server", "c server"])


if __name__ == "__main__":
    unittest.main()
