"""Tests of page.py and status.py."""

from __future__ import annotations

import json
import re
import tempfile
import unittest
from pathlib import Path

from night import page, state, status
from night.causes import Cause
from night.findings import Finding, Findings


class PageTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.night = Path(directory.name) / "night"
        self.night.mkdir()
        self.findings = Findings(self.night)
        self.state = state.State(
            started=1000.0, spent=3600, planned=7200, phase=state.DONE,
            targets={"utf8": state.Target(executions=5_000_000, seconds=50, last_find=2000.0),
                     "masking": state.Target(problem="it is <b>gone</b>")},
            history=[{"spent": 60, "edges": {}, "files": {"impl/a.cpp": [1, 4]}},
                     {"spent": 3600, "edges": {}, "files": {"impl/a.cpp": [3, 4]}}])

    def add_finding(self, cause: Cause, replays: str = "3 of 3") -> Finding:
        return self.findings.add("utf8", cause, b"input", b"in\x00", "report </script><!--", replays,
                                 "libFuzzer", 1500.0)

    def write(self) -> str:
        return page.write(self.night, self.state, self.findings,
                          lambda finding: f"replay {finding.id}", "./dev fuzz --hours 2").read_text()

    def data(self, text: str) -> dict[str, object]:
        match = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
        assert match is not None
        loaded = json.loads(match[1])
        assert isinstance(loaded, dict)
        return loaded

    def test_it_is_one_file_that_needs_no_other(self) -> None:
        text = self.write()
        for word in ("src=", "href=", "@import", "url(", "/*CSS*/", "/*JS*/", "/*DATA*/"):
            self.assertNotIn(word, text)

    def test_what_a_report_says_cannot_break_the_page(self) -> None:
        self.add_finding(Cause("crash", "</script><script>alert(1)</script>", ("f<g>",)))
        text = self.write()
        self.assertEqual(text.count("</script>"), 2)
        finding, = self.data(text)["findings"]  # type: ignore[misc]
        self.assertEqual(finding["report"], "report </script><!--")
        self.assertEqual(finding["dump"], "0000  69 6e 00" + " " * 41 + "in.")

    def test_each_finding_has_a_replay_and_something_to_do(self) -> None:
        finding = self.add_finding(Cause("mismatch", "a text is complete if it is valid"))
        data = self.data(self.write())
        self.assertEqual(data["findings"][0]["replay"], f"replay {finding.id}")  # type: ignore[index]
        todo = "\n".join(data["todo"])  # type: ignore[arg-type]
        self.assertIn("fuzz/regressions/utf8/", todo)
        self.assertIn("See why masking does not run", todo)
        self.assertIn("./dev fuzz utf8 --merge-night", todo)

    def test_a_night_that_was_cut_off_says_how_it_goes_on(self) -> None:
        self.state.phase = state.FUZZING
        self.assertIn("`./dev fuzz --hours 2` goes on", str(self.data(self.write())["todo"]))

    def test_a_mended_finding_is_gone(self) -> None:
        finding = self.add_finding(Cause("crash", "x"))
        finding.fixed = True
        self.findings.save(finding)
        self.assertEqual(self.data(self.write())["findings"], [])

    def test_coverage_is_summed_at_each_look(self) -> None:
        history = self.data(self.write())["history"]
        self.assertEqual([each["total"] for each in history], [[1, 4], [3, 4]])  # type: ignore[union-attr]

    def test_the_status_has_the_figures_that_one_asks_for(self) -> None:
        self.add_finding(Cause("crash", "deadly"))
        text = status.describe(self.night, self.state, 2060.0)
        for part in ("night: done", "1h00m of 2h00m", "5M executions", "coverage 75.0%",
                     "last find 1m00s ago (utf8)", "1 finding |", "100k", "it is <b>gone</b>",
                     "finding: utf8: crash: deadly"):
            self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main()
