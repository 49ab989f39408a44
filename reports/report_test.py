"""Tests of wsproof report: what is in the page, and that nothing in a run file can break out of its
place. WSPROOF names the program.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import fake_runs
import run_file

HERE = Path(__file__).parent
TESTDATA = Path(__file__).with_name("testdata")
FEW = {"1.1.1": "Echo", "2.10": "Ten pings", "7.1.6": "Close", "9.1.1": "Large"}
HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\u2028\x00&{{index}}"


class Page(HTMLParser):
    """The page as a browser's parser splits it: elements, and the texts of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.style = ""
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        elif self._inside == "style":
            self.style += data

    def index(self) -> dict[str, Any]:
        [text] = [text for attributes, text in self.scripts if attributes.get("id") == "index"]
        index = json.loads(text)
        for run in index["runs"]:
            run["results"] = [
                result and {**run["kinds"][result[0]], "duration_ms": result[1], "chunk": result[2]}
                for result in run["results"]
            ]
        return index

    def details(self) -> dict[str, Any]:
        """Every case of every chunk by chunk and id."""
        return {
            f"{attributes['id']}/{case_id}": case
            for attributes, text in self.scripts
            if (attributes.get("id") or "").startswith("chunk-")
            for case_id, case in json.loads(gzip.decompress(base64.b64decode(text))).items()
        }


def few(run_id: str = "few", **options: Any) -> run_file.Run:
    return fake_runs.fake_run(run_id, titles=FEW, **options)


def render(runs: list[run_file.Run], bench: Any = None, max_payload: int | None = None) -> str:
    """What wsproof makes of the runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = []
        for number, run in enumerate(runs):
            path = folder / f"{number}.json"
            path.write_text(json.dumps(run))
            words.append(str(path))
        if bench is not None:
            (folder / "bench.json").write_text(json.dumps(bench))
            words += ["--bench", str(folder / "bench.json")]
        if max_payload is not None:
            words += ["--max-payload", str(max_payload)]
        subprocess.run([os.environ["WSPROOF"], "report", *words, "-o", folder / "index.html"],
                       check=True, stdout=subprocess.DEVNULL)
        return (folder / "index.html").read_text(encoding="utf-8")


def page_of(*runs: run_file.Run, **options: Any) -> Page:
    return Page(render(list(runs), **options))


class Content(unittest.TestCase):
    def test_every_result_of_every_run_is_there(self) -> None:
        server, client = few("a"), few("b", role="client")
        page = page_of(server, client)
        index = page.index()
        self.assertEqual([case["id"] for case in index["cases"]], list(FEW))
        self.assertEqual(index["cases"][1]["section"], "2")
        self.assertEqual(index["sections"][0], {"id": "1", "title": "Framing"})
        self.assertEqual([run["id"] for run in index["runs"]], ["a", "b"])
        for run, shown in zip((server, client), index["runs"]):
            for case, result in zip(index["cases"], shown["results"]):
                original = run["cases"][case["id"]]
                self.assertEqual(result["verdict"], original["verdict"])
                shown = page.details()[f"chunk-{result['chunk']}/{case['id']}"]
                self.assertEqual({**shown, "wire_log": None}, {**original, "wire_log": None})

    def test_runs_of_other_cases_leave_gaps(self) -> None:
        other = fake_runs.fake_run("b", titles={"1.1.2": "Echo more", "2.10": "Ten pings"})
        index = page_of(few("a"), other).index()
        self.assertEqual(
            [case["id"] for case in index["cases"]], ["1.1.1", "1.1.2", "2.10", "7.1.6", "9.1.1"]
        )
        self.assertEqual(
            [result is not None for result in index["runs"][1]["results"]],
            [False, True, True, False, False],
        )

    def test_suites_and_engines_stay_apart(self) -> None:
        own = few("own")
        own["suite"].update(name="wsproof", engine="wsproof")
        own["cases"] = {
            "rfc6455/5.5/ping": {**own["cases"]["1.1.1"], "verdict": "pass", "close_verdict": None},
            "1.1.1": {**own["cases"]["1.1.1"], "verdict": "pass", "close_verdict": None},
        }
        own["totals"] = run_file.compute_totals(own["cases"])
        self.assertEqual(run_file.check(own), [])
        index = page_of(few("a"), few("b", engine="kosoku"), own).index()
        self.assertEqual([run["suite"]["engine"] for run in index["runs"]],
                         ["autobahntestsuite", "kosoku", "wsproof"])
        self.assertEqual([case["section"] for case in index["cases"]],
                         ["1", "2", "7", "9", "1", "rfc6455"])
        self.assertEqual([bool(result) for result in index["runs"][2]["results"]],
                         [False] * 4 + [True] * 2)

    def test_small_form_is_shown_too(self) -> None:
        page = page_of(run_file.small_form(few()))
        self.assertNotIn("wire_log", page.details()["chunk-0/1.1.1"])

    def test_outcomes(self) -> None:
        for verdict, close_verdict, more, wanted in [
            ("OK", "OK", {}, "ok"),
            ("pass", None, {}, "ok"),
            ("NON-STRICT", "OK", {}, "non_strict"),
            ("INFORMATIONAL", "INFORMATIONAL", {}, "informational"),
            ("UNIMPLEMENTED", "OK", {}, "unsupported"),
            ("OK", "WRONG CODE", {}, "failed"),
            ("FAILED", "OK", {}, "failed"),
            ("harness_error", None, {}, "failed"),
            ("MISSING", None, {}, "missing"),
            ("FAILED", "OK", {"baseline": {"reason": "known"}}, "expected_failure"),
            ("OK", "OK", {"baseline": {"reason": "k"}, "unexpected_pass": True}, "unexpected_pass"),
        ]:
            with self.subTest(verdict=verdict, close_verdict=close_verdict):
                run = few()
                run["cases"]["1.1.1"].update(
                    verdict=verdict, close_verdict=close_verdict,
                    passed=run_file.is_passed(verdict, close_verdict), **more)
                run["totals"] = run_file.compute_totals(run["cases"])
                self.assertEqual(page_of(run).index()["runs"][0]["results"][0]["outcome"], wanted)

    def test_overall_verdict(self) -> None:
        def failing(case_id: str, case: dict[str, Any]) -> None:
            if case_id == "2.10":
                fake_runs.make_failed(case)

        def known(case_id: str, case: dict[str, Any]) -> None:
            failing(case_id, case)
            if case_id == "2.10":
                case["baseline"] = {"reason": "known"}

        skipped = fake_runs.not_run("n")
        stopped = fake_runs.interrupted(few("i"), 3)
        dead = {**few("d"), "status": "endpoint_dead", "exit_status": 3, "reason": "gone"}
        for runs, status, text, details in [
            ([few()], "passed", "All 4 results passed", []),
            ([few(change=failing)], "failed", "1 of 4 results did not pass", ["1 failed"]),
            ([few(change=known)], "passed", "3 of 4 results passed", ["1 known to fail"]),
            ([skipped], "not_run", "Nothing was run", ["1 run did not happen"]),
            ([few(), skipped], "incomplete", "The runs are incomplete", ["1 run did not happen"]),
            ([stopped], "failed", "1 of 4 results did not pass",
             ["1 missing", "1 run interrupted"]),
            ([dead, few()], "incomplete", "The runs are incomplete", ["1 run lost the endpoint"]),
        ]:
            with self.subTest(text=text, status=status):
                self.assertEqual(
                    page_of(*runs).index()["overall"], {"status": status, "text": text, "details": details}
                )


class Safety(unittest.TestCase):
    def assert_intact(self, text: str) -> Page:
        """The page has the elements of an ordinary page, and its scripts are those it allows."""
        page = Page(text)
        ordinary = page_of(few())
        tags = [tag for tag, _ in page.elements if tag != "script"]
        self.assertEqual(tags, [tag for tag, _ in ordinary.elements if tag != "script"])
        code = [body for attributes, body in page.scripts if "type" not in attributes]
        self.assertEqual(len(code), 1)
        [policy] = [
            attributes["content"] or ""
            for tag, attributes in page.elements
            if attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        for kind, body in (("script", code[0]), ("style", page.style)):
            digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            self.assertIn(f"{kind}-src 'sha256-{digest}';", policy)
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        return page

    def test_hostile_text_stays_text_everywhere(self) -> None:
        run = few(name=HOSTILE, version=HOSTILE, language=HOSTILE)
        run["reason"] = run["endpoint_output"] = run["reproduce"] = HOSTILE
        run["implementation"]["target"] = HOSTILE
        run["environment"] = {"os": HOSTILE, "kernel": HOSTILE, "cpu": HOSTILE, "cores": 1}
        case = run["cases"]["1.1.1"]
        for name in ("title", "result", "result_close", "remote_close_reason", "description"):
            case[name] = HOSTILE
        case["handshake"] = {"request": HOSTILE, "response": None}
        case["wire_log"].append({"kind": "note", "text": HOSTILE})
        self.assertEqual(run_file.check(run), [])
        bench = {"plots": [{"title": HOSTILE, "svg": f"<svg>{HOSTILE}</svg>"}], "ratios": []}
        page = self.assert_intact(render([run], bench))
        index = page.index()
        self.assertEqual(index["cases"][0]["title"], HOSTILE)
        self.assertEqual(index["runs"][0]["implementation"]["name"], HOSTILE)
        self.assertEqual(index["bench"], bench)
        shown = page.details()["chunk-0/1.1.1"]
        self.assertEqual({**shown, "wire_log": []}, {**case, "wire_log": []})
        self.assertIn({"kind": "note", "text": HOSTILE}, shown["wire_log"])

    def test_page_names_nothing_outside(self) -> None:
        text = render([few()])
        page = Page(text)
        for tag, attributes in page.elements:
            for name in ("src", "href", "srcset", "action"):
                value = attributes.get(name) or ""
                self.assertTrue(value == "" or value.startswith("#"), f"{tag} {name}={value}")
        self.assertNotRegex(page.style, r"url\(|@import")

    def test_sources_cannot_end_their_elements(self) -> None:
        for path in (HERE / "page").iterdir():
            if path.suffix in (".js", ".css"):
                self.assertNotRegex(path.read_text(), re.compile("</(script|style)|<!--", re.I))

    def test_huge_payloads_are_cut_and_their_length_kept(self) -> None:
        run = few()
        length = 1 << 20
        entry = {"kind": "octets_in", "length": length, "hex": "2a" * length}
        event = {"event": "message", "binary": True,
                 "payload": {"hex": "2a" * length, "length": length}}
        run["cases"]["9.1.1"]["wire_log"] = [entry]
        run["cases"]["9.1.1"]["received"] = [event]
        case = page_of(run, max_payload=100).details()["chunk-0/9.1.1"]
        self.assertEqual(case["wire_log"], [{**entry, "hex": "2a" * 100}])
        self.assertEqual(case["received"][0]["payload"], {"hex": "2a" * 100, "length": length})
        self.assertEqual(len(run["cases"]["9.1.1"]["wire_log"][0]["hex"]), 2 * length)

    def test_wire_logs_of_cases_that_passed_are_shortened(self) -> None:
        run = few()
        log = [{"kind": "octets_in", "at_ms": i, "length": 999, "hex": "2a" * 500}
               for i in range(100)]
        passed, failed = list(run["cases"])[:2]
        run["cases"][failed].update(verdict="FAILED", passed=False)
        for name in (passed, failed):
            run["cases"][name]["wire_log"] = log
        details = page_of(run).details()
        shorter = details[f"chunk-0/{passed}"]["wire_log"]
        self.assertEqual([entry["at_ms"] for entry in shorter], [*range(13), *range(94, 100)])
        self.assertEqual(shorter[0]["hex"], "2a" * 500)
        self.assertEqual(shorter[2]["hex"], "2a" * 64)
        self.assertEqual(shorter[12]["text"], "82 entries are left out; the run file has them")
        self.assertEqual(details[f"chunk-0/{failed}"]["wire_log"], log)

    def test_wire_logs_of_cases_that_passed_have_octets_only_where_there_are_no_frames(self) -> None:
        run = few()
        log = [{"kind": kind, "at_ms": i, "length": 2, "hex": "2a2a"}
               for i, kind in enumerate(["octets_out", "octets_in", "frame_out", "octets_out"])]
        passed, failed = list(run["cases"])[:2]
        run["cases"][failed].update(verdict="FAILED", passed=False)
        for name in (passed, failed):
            run["cases"][name]["wire_log"] = log
        details = page_of(run).details()
        self.assertEqual(details[f"chunk-0/{failed}"]["wire_log"], log)
        self.assertEqual(details[f"chunk-0/{passed}"]["wire_log"], [
            log[2], {"kind": "note", "at_ms": 2,
                     "text": "3 reads and writes are left out; the run file has them"}])

    def test_of_tens_of_thousands_of_results_less_is_kept(self) -> None:
        run = fake_runs.fake_run("many", titles={f"9.1.{i}": "title" for i in range(30_001)})
        log = [{"kind": "octets_in", "at_ms": i, "length": 999, "hex": "2a" * 500}
               for i in range(100)]
        cases = run["cases"].values()
        for case in cases:
            case["wire_log"] = log[:1]
        passed, opening, failed = list(cases)[:3]
        opening["requirements"] = ["RFC6455-4.2.2-17"]
        failed.update(verdict="FAILED", passed=False)
        for case in (passed, opening, failed):
            case["wire_log"] = log
        details = page_of(run).details()
        shorter = details["chunk-0/9.1.0"]
        self.assertEqual([entry["at_ms"] for entry in shorter["wire_log"]],
                         [*range(6), *range(97, 100)])
        self.assertEqual(shorter["wire_log"][2]["hex"], "2a" * 24)
        self.assertNotIn("handshake", shorter)
        self.assertIn("handshake", details["chunk-0/9.1.1"])
        self.assertEqual(details["chunk-0/9.1.2"]["wire_log"], log)
        self.assertIn("handshake", details["chunk-0/9.1.2"])

    def test_what_a_log_says_is_not_said_again(self) -> None:
        run = few()
        event = {"event": "message", "binary": False, "payload": {"hex": "2a", "length": 1}}
        compared, passed, failed = list(run["cases"])[:3]
        run["cases"][failed].update(verdict="FAILED", passed=False)
        for name in (compared, passed, failed):
            run["cases"][name]["received"] = [event]
        for name in (passed, failed):
            run["cases"][name]["expected"] = {}
        details = page_of(run).details()
        self.assertEqual(details[f"chunk-0/{compared}"]["received"], [event])
        self.assertNotIn("received", details[f"chunk-0/{passed}"])
        self.assertEqual(details[f"chunk-0/{failed}"]["received"], [event])

    def test_no_time_is_made_up_for_a_shortened_log_without_times(self) -> None:
        run = few()
        name = next(iter(run["cases"]))
        run["cases"][name]["wire_log"] = [{"kind": "octets_in", "length": 1, "hex": "2a"}] * 100
        shorter = page_of(run).details()[f"chunk-0/{name}"]["wire_log"]
        self.assertNotIn("at_ms", shorter[12])

    def test_full_report_stays_small(self) -> None:
        """Ten implementations, all of Autobahn's cases, and wire logs as long as Autobahn keeps them."""
        runs = [fake_runs.fake_run(str(number)) for number in range(10)]
        for run in runs:
            for number, case in enumerate(run["cases"].values()):
                case["wire_log"] *= 5
                for entry in case["wire_log"]:
                    if "hex" in entry:
                        data = hashlib.shake_128(f"{number}{entry['length']}".encode()).digest(64)
                        entry.update(hex=data.hex(), length=max(64, entry["length"]))
        text = render(runs)
        self.assertLess(len(text), 15_000_000)
        self.assertEqual(len(Page(text).details()), 5170)


class Program(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.output = self.folder / "out" / "index.html"

    def run_program(self, *arguments: str | Path) -> tuple[int, str]:
        done = subprocess.run([os.environ["WSPROOF"], "report", *arguments, "-o", self.output],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def test_renders_the_examples(self) -> None:
        bench = self.write("bench.json", json.dumps({
            "plots": [{"title": "Masking", "svg": "<svg></svg>"}],
            "ratios": [{"name": "m", "ours": 2, "peer": 1, "ratio": 2.0, "unit": "GB/s"}],
        }))  # fmt: skip
        status, text = self.run_program(
            TESTDATA / "example.json", TESTDATA / "not_run.json", "--bench", bench
        )
        self.assertEqual((status, text), (0, f"{self.output}\n"))
        page = Page(self.output.read_text(encoding="utf-8"))
        self.assertEqual(len(page.index()["runs"]), 2)
        self.assertEqual(page.index()["overall"]["status"], "incomplete")
        self.assertEqual(page.index()["bench"]["ratios"][0]["ratio"], 2.0)

    def test_same_input_gives_the_same_page(self) -> None:
        pages = []
        for _ in range(2):
            self.run_program(TESTDATA / "example.json")
            pages.append(self.output.read_bytes())
        self.assertEqual(pages[0], pages[1])

    def test_names_what_is_wrong_with_its_input(self) -> None:
        example = TESTDATA / "example.json"
        broken = self.write("broken.json", "{}")
        for arguments, message in [
            ([example, broken], 'has no "format": "wsproof-run"'),
            ([example, self.folder / "none.json"], "cannot be read"),
            ([example, "--bench", broken], "is not what ./dev bench writes"),
            ([example, "--bench", self.write("b.json", "[")], "is not JSON"),
        ]:
            with self.subTest(message):
                status, text = self.run_program(*arguments)
                self.assertEqual(status, 2)
                self.assertIn(message, text)
                self.assertFalse(self.output.exists())


if __name__ == "__main__":
    unittest.main()
