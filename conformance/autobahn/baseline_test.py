"""Baselines: which failures they excuse, and which files are refused."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from baseline import BadBaseline, apply_baseline, load_baseline

HEAD = {"format": "wsproof-baseline", "version": 1}


class LoadBaselineTest(unittest.TestCase):
    def load(self, content: Any) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "baseline.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            return load_baseline(path, ["1.1.1", "12.1.1"])

    def test_gives_patterns_with_reasons(self) -> None:
        cases = {"1.1.1": "a", "12": "b", "12.*": "c"}
        self.assertEqual(self.load({**HEAD, "cases": cases}), cases)

    def test_refuses_what_is_no_baseline(self) -> None:
        for content in ("{", "[]", "{}", {**HEAD, "version": 2, "cases": {}},
                        {**HEAD, "cases": ["1.1.1"]}):
            with self.subTest(content), self.assertRaises(BadBaseline):
                self.load(content)

    def test_refuses_cases_that_are_none(self) -> None:
        with self.assertRaisesRegex(BadBaseline, "'7.2' names no case"):
            self.load({**HEAD, "cases": {"7.2": "why"}})

    def test_refuses_entries_without_a_reason(self) -> None:
        for reason in ("", "  ", None, {}):
            with self.subTest(reason), self.assertRaisesRegex(BadBaseline, "no reason"):
                self.load({**HEAD, "cases": {"1.1.1": reason}})

    def test_refuses_a_file_that_is_not_there(self) -> None:
        with self.assertRaisesRegex(BadBaseline, "--baseline"):
            load_baseline(Path("/nowhere.json"), [])


class ApplyBaselineTest(unittest.TestCase):
    def test_marks_known_failures_and_unexpected_passes(self) -> None:
        cases: dict[str, dict[str, Any]] = {
            "1.1.1": {"passed": True}, "12.1.1": {"passed": False}, "12.1.2": {"passed": True},
            "13.1.1": {"passed": False},
        }
        apply_baseline(cases, {"12": "no compression", "12.1.1": "never reached"})
        self.assertEqual(cases, {
            "1.1.1": {"passed": True},
            "12.1.1": {"passed": False, "baseline": {"reason": "no compression"}},
            "12.1.2": {"passed": True, "baseline": {"reason": "no compression"},
                       "unexpected_pass": True},
            "13.1.1": {"passed": False},
        })


if __name__ == "__main__":
    unittest.main()
