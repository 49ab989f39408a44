"""Comparing verdicts, and what is known of the differences."""

from __future__ import annotations

import copy
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from comparison import BadDifferences, Difference, compare_all, explain, load
from engines import cut
from evidence import (
    FOLDER, BadEvidence, load_all, load_timings, merge, parts_of_all, seconds_of, write,
)
from parity import PAGE, main
from results_page import render, report_data, summarise

from environment import AUTOBAHN, KOSOKU
from selection import load_catalogue

OURS = {"endpoint": "beast", "role": "server", "cases": {"7.1.5": ["UNCLEAN, OK", "OK, OK"]},
        "reason": "a race", "evidence": "seen in ten runs"}
THEIRS = {"endpoint": "*", "role": "client", "cases": ["4.*"], "original": "OK, FAILED",
          "other": "OK, OK", "reason": "skips what it should refuse", "evidence": "ENGINES.md"}


def differences_file(ours: Any = (OURS,), theirs: Any = (THEIRS,)) -> dict[str, Any]:
    return {"format": "wsproof-parity-differences", "version": 1, "wsproof": list(ours),
            KOSOKU: list(theirs)}


def engine(verdicts: dict[str, str], wall: float = 2.0) -> dict[str, Any]:
    return {"version": "1", "library": None,
            "parts": {"1-10": {"date": "2026-11-26", "python": "CPython 2.7.18", "cpu": "x",
                               "cores": 2, "cases": 2, "jobs": 1, "wall": wall, "own": 1.0,
                               "peer": 0.5}},
            "verdicts": verdicts}


def found(**verdicts: dict[str, str]) -> dict[str, Any]:
    return {"format": "wsproof-parity", "version": 1, "endpoint": "beast", "role": "server",
            "language": "C++", "endpoint_version": "1.81",
            "engines": {name: engine(cases) for name, cases in verdicts.items()}}


class ExplainTest(unittest.TestCase):
    def test_equal_verdicts_need_no_explanation(self) -> None:
        result = explain("wsproof", "ws", "server",
                         {AUTOBAHN: {"1.1.1": "OK, OK"}, "wsproof": {"1.1.1": "OK, OK"}}, [OURS])
        self.assertEqual((result.compared, result.explained, result.unexplained, result.gone),
                         (1, [], [], []))

    def test_only_the_very_same_verdicts_of_the_same_endpoint_are_explained(self) -> None:
        for endpoint, role, ours, is_explained in (
            ("beast", "server", "OK, OK", True), ("beast", "server", "OK, UNCLEAN", False),
            ("beast", "client", "OK, OK", False), ("ws", "server", "OK, OK", False),
        ):
            result = explain("wsproof", endpoint, role, {
                AUTOBAHN: {"7.1.5": "UNCLEAN, OK"}, "wsproof": {"7.1.5": ours}}, [OURS])
            difference = [Difference("7.1.5", "UNCLEAN, OK", ours)]
            self.assertEqual((result.explained, result.unexplained),
                             (difference, []) if is_explained else ([], difference))

    def test_an_explanation_of_what_is_equal_now_is_told(self) -> None:
        same = {"7.1.5": "OK, OK"}
        result = explain("wsproof", "beast", "server", {AUTOBAHN: same, "wsproof": same}, [OURS])
        self.assertEqual(result.gone, ["7.1.5"])

    def test_an_explanation_of_what_was_not_played_is_not(self) -> None:
        result = explain("wsproof", "beast", "server", {
            AUTOBAHN: {"7.1.5": "OK, OK"}, "wsproof": {}}, [OURS])
        self.assertEqual((result.compared, result.gone), (0, []))

    def test_of_an_unsteady_endpoint_each_engine_may_see_either(self) -> None:
        unsteady = {**OURS, "unsteady": True}
        for original, ours, is_explained in (
            ("UNCLEAN, OK", "OK, OK", True), ("OK, OK", "UNCLEAN, OK", True),
            ("OK, OK", "FAILED, OK", False),
        ):
            result = explain("wsproof", "beast", "server", {
                AUTOBAHN: {"7.1.5": original}, "wsproof": {"7.1.5": ours}}, [unsteady])
            self.assertEqual(bool(result.explained), is_explained, (original, ours))
        same = {"7.1.5": "OK, OK"}
        result = explain("wsproof", "beast", "server", {AUTOBAHN: same, "wsproof": same},
                         [unsteady])
        self.assertEqual(result.gone, [])

    def test_kosokus_differences_are_explained_by_class(self) -> None:
        for case, role, theirs, is_explained in (
            ("4.1.1", "client", "OK, OK", True), ("4.1.1", "server", "OK, OK", False),
            ("5.1", "client", "OK, OK", False), ("4.1.1", "client", "OK, UNCLEAN", False),
        ):
            result = explain(KOSOKU, "any", role, {
                AUTOBAHN: {case: "OK, FAILED"}, KOSOKU: {case: theirs}}, [THEIRS])
            self.assertEqual(bool(result.explained), is_explained, (case, role, theirs))


class FileTest(unittest.TestCase):
    def setUp(self) -> None:
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "differences.json"

    def test_a_good_file_is_read(self) -> None:
        self.path.write_text(json.dumps(differences_file()))
        self.assertEqual(load(self.path), {"wsproof": [OURS], KOSOKU: [THEIRS]})

    def test_what_is_wrong_is_named(self) -> None:
        for ours, theirs, said in (
            ([{**OURS, "endpoint": "*"}], [], "for each endpoint"),
            ([{**OURS, "cases": ["7.1.5"]}], [], "cases are"),
            ([{**OURS, "reason": " "}], [], "reason is to be written"),
            ([{**OURS, "role": "both"}], [], "role is 'both'"),
            ([{**OURS, "why": "x"}], [], "an entry has"),
            ([], [OURS], "an entry has"),
        ):
            self.path.write_text(json.dumps(differences_file(ours, theirs)))
            with self.assertRaisesRegex(BadDifferences, said):
                load(self.path)
        for text in ("{", "[]", "{}", json.dumps({**differences_file(), "more": []})):
            self.path.write_text(text)
            with self.assertRaises(BadDifferences):
                load(self.path)


class EvidenceTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.parts = cut(load_catalogue().values())

    def test_what_is_written_is_read(self) -> None:
        one = found(**{AUTOBAHN: {"1.1.1": "OK, OK", "7.1.5": "UNCLEAN, OK", "1.1.2": "OK, OK"}})
        write(copy.deepcopy(one), self.folder)
        self.assertEqual(load_all(self.folder), [one])
        self.assertIn('"OK, OK": "1.1.1 1.1.2"', (self.folder / "beast-server.json").read_text())

    def test_what_is_no_evidence_is_refused(self) -> None:
        for text in ("{", "[]", '{"format": "x", "version": 1}'):
            (self.folder / "a.json").write_text(text)
            with self.assertRaises(BadEvidence):
                load_all(self.folder)

    def test_times_are_summed_over_parts_that_all_have_played(self) -> None:
        one = found(**{AUTOBAHN: {}, "wsproof": {}})
        one["engines"][AUTOBAHN]["parts"]["9"] = {"wall": 5.0}
        self.assertEqual(parts_of_all(one, self.parts), ["1-10"])
        self.assertEqual(seconds_of(one, AUTOBAHN, "wall", ["1-10", "9"]), 7.0)
        self.assertIsNone(seconds_of(one, "wsproof", "wall", ["1-10", "9"]))
        self.assertIsNone(seconds_of(one, KOSOKU, "wall", []))

    def test_parts_of_the_same_versions_are_kept(self) -> None:
        old = found(**{AUTOBAHN: {"9.1.1": "OK, OK", "1.1.1": "FAILED, OK"}, KOSOKU: {}})
        old["engines"][AUTOBAHN]["parts"] = {"9": {"wall": 5.0}, "1-10": {"wall": 6.0}}
        new = found(**{AUTOBAHN: {"1.1.1": "OK, OK"}, "wsproof": {}})
        both = merge(new, old)
        self.assertEqual(list(both["engines"]), [AUTOBAHN, KOSOKU, "wsproof"])
        original = both["engines"][AUTOBAHN]
        self.assertEqual({name: part["wall"] for name, part in original["parts"].items()},
                         {"9": 5.0, "1-10": 2.0})
        self.assertEqual(original["verdicts"], {"9.1.1": "OK, OK", "1.1.1": "OK, OK"})
        for change in ({"endpoint_version": "1.82"}, {"endpoint_version": None}):
            self.assertEqual(merge({**new, **change}, old), {**new, **change})
        old["engines"][AUTOBAHN]["version"] = "2"
        self.assertEqual(list(merge(new, old)["engines"][AUTOBAHN]["parts"]), ["1-10"])

    def test_the_page_says_which_python_played_what(self) -> None:
        one = found(**{AUTOBAHN: {}, "wsproof": {}})
        for played in one["engines"].values():
            played["parts"]["9"] = {**played["parts"]["1-10"], "python": "PyPy 2.7.18"}
        row = "| beast | server | 1-10, 9 | CPython 2.7.18: 1-10; PyPy 2.7.18: 9 | 4.0 |"
        rows = compare_all([one], {"wsproof": [], KOSOKU: []})
        self.assertIn(row, render(rows, self.parts, []))
        del one["engines"][AUTOBAHN]["parts"]["9"]
        self.assertIn("| 1-10 | CPython 2.7.18 | 2.0 |", render(rows, self.parts, []))

    def test_the_page_and_the_terminal_tell_what_is_not_explained(self) -> None:
        rows = compare_all([found(**{AUTOBAHN: {"1.1.1": "OK, OK"}, "wsproof": {"1.1.1": "FAILED, OK"},
                                     KOSOKU: {"1.1.1": "OK, OK"}})], {"wsproof": [], KOSOKU: []})
        self.assertIn("wsproof 1.1.1: OK, OK | FAILED, OK", summarise(rows, self.parts))
        data = report_data(rows, self.parts)["endpoints"][0]
        self.assertEqual(data["results"]["wsproof"]["differences"], [
            {"cases": "1.1.1", "original": "OK, OK", "other": "FAILED, OK", "reason": None}])
        self.assertEqual(data["times"]["wsproof"]["wall"], 2.0)
        self.assertIn("| beast | 1.81 | server | 1 | 0 | 0 | 1 | 1 | 0 | 0 |",
                      render(rows, self.parts, []))


class CommittedTest(unittest.TestCase):
    def test_every_difference_in_the_evidence_is_explained(self) -> None:
        for row in compare_all(load_all(FOLDER), load()):
            for name, result in row.results.items():
                self.assertEqual(result.unexplained, [], (row.evidence["endpoint"], name))
                self.assertEqual(result.gone, [], (row.evidence["endpoint"], name))

    def test_the_page_is_made_of_the_evidence(self) -> None:
        parts = cut(load_catalogue().values())
        self.assertEqual(PAGE.read_text(encoding="utf-8"),
                         render(compare_all(load_all(FOLDER), load()), parts,
                                load_timings(FOLDER)),
                         "bring it up to date: ./dev parity --check")

    def test_every_explanation_is_about_the_evidence(self) -> None:
        known = {(one["endpoint"], one["role"]) for one in load_all(FOLDER)}
        for entry in load()["wsproof"]:
            self.assertIn((entry["endpoint"], entry["role"]), known)


class UsageTest(unittest.TestCase):
    def test_what_is_not_there_is_bad_usage(self) -> None:
        self.assertEqual(main(["--endpoint", "nobody"]), 2)
        self.assertEqual(main(["--cases", "99"]), 2)
        with self.assertRaises(SystemExit) as caught:
            main(["--quick", "--full"])
        self.assertEqual(caught.exception.code, 2)

    def test_without_the_program_nothing_is_run(self) -> None:
        self.assertEqual(main(["--endpoint", "reference", "--build", "/nowhere"]), 4)


if __name__ == "__main__":
    unittest.main()
