"""Tests of autobahn_kills."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

from autobahn_kills import CASES, is_worse, sort_key, write


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


class Output(unittest.TestCase):
    def test_what_is_written_can_be_read_again(self) -> None:
        report = {"suite": {"version": "1"}, "right": {"server": {"1.1.1": ["OK", "OK"]}},
                  "faults": {"x server": {"caught_by": {}, "played": 1, "of": 1}}}
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "kills.json"
            write(path, report)
            self.assertEqual(json.loads(path.read_text()), report)


if __name__ == "__main__":
    unittest.main()
