"""What is read from index.json and case files, whole and broken ones."""

from __future__ import annotations

import copy
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reports"))

from fakes.fake_suite import case_report  # noqa: E402
from results import (  # noqa: E402
    BrokenReport, convert_case, parse_payload, read_case_file, read_index,
)
from selection import Case  # noqa: E402

CASE = Case("1.1.1", 1, "1.1", "Echo text of 0 bytes")


class ReportTest(unittest.TestCase):
    def setUp(self) -> None:
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "report.json"
        self.report = copy.deepcopy(case_report("1.1.1", "x"))

    def convert(self, **changes: Any) -> dict[str, Any]:
        return convert_case({**self.report, **changes}, CASE, latin1=False)


class CaseFileTest(ReportTest):
    def test_gives_both_verdicts(self) -> None:
        for verdict, close_verdict, passed in (
            ("OK", "OK", True),
            ("NON-STRICT", "OK", True),
            ("INFORMATIONAL", "INFORMATIONAL", True),
            ("UNIMPLEMENTED", "OK", False),
            ("FAILED", "OK", False),
            ("OK", "UNCLEAN", False),
            ("OK", "WRONG CODE", False),
            ("OK", "FAILED BY CLIENT", False),
            ("OK", "FAILED", False),
        ):
            result = self.convert(behavior=verdict, behaviorClose=close_verdict)
            self.assertEqual((result["verdict"], result["close_verdict"], result["passed"]),
                             (verdict, close_verdict, passed))

    def test_has_no_verdict_where_kosoku_has_none(self) -> None:
        result = self.convert(behavior="ERROR", behaviorClose="FAILED", result="refused")
        self.assertEqual((result["verdict"], result["x-engine-verdict"]), ("MISSING", "ERROR"))
        self.assertIn("refused", result["reason"])

    def test_has_no_duration_if_the_connection_never_opened(self) -> None:
        self.assertIsNone(self.convert(duration=1764085303000)["duration_ms"])
        self.assertEqual(self.convert(duration=2)["duration_ms"], 2)

    def test_writes_the_start_in_utc(self) -> None:
        result = self.convert(started="2026-11-25T16:25:02.957642+01:00")
        self.assertEqual(result["started"], "2026-11-25T15:25:02.957Z")

    def test_says_who_is_to_close(self) -> None:
        self.assertEqual(self.convert()["expected_close"],
                         {"closer": "harness", "close_codes": [1000], "clean": True})
        expected = self.convert(expectedClose={
            "closedByMe": False, "closeCode": [1007], "requireClean": False,
            "closedByWrongEndpointIsFatal": True})["expected_close"]
        self.assertEqual(expected, {"closer": "endpoint", "close_codes": [1007], "clean": False,
                                    "wrong_closer_is_fatal": True})
        self.assertIsNone(self.convert(expectedClose={})["expected_close"])

    def test_names_the_timers_that_ran_out(self) -> None:
        self.assertEqual(self.convert(wasCloseHandshakeTimeout=True)["timeouts"],
                         ["closing_handshake"])

    def test_has_no_head_that_was_never_seen(self) -> None:
        self.assertEqual(self.convert()["handshake"],
                         {"request": "GET / HTTP/1.1\r\n\r\n", "response": None})

    def test_tells_of_the_events(self) -> None:
        self.assertEqual(self.convert()["received"], [
            {"event": "message", "binary": False, "payload": {"hex": "2a", "length": 1}},
            {"event": "timeout", "tag": "A"},
        ])

    def test_refuses_broken_files(self) -> None:
        for content in (
            b"", b"{", b"[]", b"null", b'"text"', b"{}", b'\xff{"id": "1.1.1"}',
            json.dumps({**self.report, "id": "1.1.2"}).encode(),
            json.dumps({**self.report, "behavior": "FINE"}).encode(),
            json.dumps({**self.report, "behaviorClose": None}).encode(),
            json.dumps({**self.report, "received": [["gesture", "x"]]}).encode(),
            json.dumps({**self.report, "wirelog": [["RO"]]}).encode(),
            json.dumps({**self.report, "wirelog": [["??", 1]]}).encode(),
            json.dumps({**self.report, "started": "yesterday"}).encode(),
            json.dumps({**self.report, "duration": "long"}).encode(),
        ):
            with self.subTest(content[:40]), self.assertRaises(BrokenReport):
                self.path.write_bytes(content)
                read_case_file(self.path, CASE)

    def test_refuses_a_file_that_is_not_there(self) -> None:
        with self.assertRaises(BrokenReport):
            read_case_file(self.path, CASE)


class PayloadTest(unittest.TestCase):
    def test_is_read_as_the_suite_shows_it(self) -> None:
        for text, expected, length in (
            ("", b"", 0),
            ("Hello", b"Hello", 5),
            ("κ", "κ".encode(), 2),
            ("0x00fe", b"\x00\xfe", 2),
            ("0x" + "00" * 64 + " ...", bytes(64), None),
            ("a" * 64 + " ...", b"a" * 64, None),
            ("well ...", b"well ...", 8),
            ("0x is a prefix", b"0x is a prefix", 14),
        ):
            self.assertEqual(parse_payload(text), {"hex": expected.hex(), "length": length})

    def test_may_be_a_character_for_each_byte(self) -> None:
        self.assertEqual(parse_payload("\x00ÿ", latin1=True), {"hex": "00ff", "length": 2})


class WireLogTest(ReportTest):
    def entry(self, *entry: Any) -> dict[str, Any]:
        return self.convert(wirelog=[list(entry)])["wire_log"][0]

    def test_has_octets(self) -> None:
        self.assertEqual(self.entry("RO", [2, "8100"]),
                         {"kind": "octets_in", "length": 2, "hex": "8100"})
        self.assertEqual(self.entry("TO", [997, "81ff ..."], True),
                         {"kind": "octets_out", "length": 997, "hex": "81ff", "queued": True})

    def test_has_frames_read(self) -> None:
        frame = self.entry("RF", [2, "0x03e8"], 8, True, 0, True, b"73df9b0b".hex())
        self.assertEqual(frame, {
            "kind": "frame_in", "length": 2, "hex": "03e8", "opcode": 8, "fin": True, "rsv": 0,
            "masked": True, "masking_key": "73df9b0b"})

    def test_has_frames_written(self) -> None:
        frame = self.entry("TF", [1, "*"], 1, False, 4, "7e7b5d9c", None, 64, True)
        self.assertEqual(frame, {
            "kind": "frame_out", "length": 1, "hex": "2a", "opcode": 1, "fin": False, "rsv": 4,
            "masked": True, "masking_key": "7e7b5d9c", "piece_length": 64, "own_write": True})

    def test_repeats_patterns(self) -> None:
        frame = self.entry("TF", [2, "ab"], 1, True, 0, None, 125, None, False)
        self.assertEqual((frame["length"], frame["hex"]), (125, b"ab".hex() * 32))
        frame = self.entry("TF", [2, "ab"], 1, True, 0, None, 3, None, False)
        self.assertEqual((frame["length"], frame["hex"]), (3, b"aba".hex()))

    def test_finds_the_bytes_behind_text_by_their_number(self) -> None:
        self.assertEqual(self.entry("RF", [1, "ÿ"], 2, True, 0, False, None)["hex"], "ff")
        self.assertEqual(self.entry("RF", [2, "ÿ"], 1, True, 0, False, None)["hex"], "c3bf")

    def test_has_timers_and_notes(self) -> None:
        self.assertEqual(self.entry("KL", 1), {"kind": "timer", "timer": "fail", "event": "armed",
                                               "seconds": 1})
        self.assertEqual(self.entry("CTE", "A"), {"kind": "timer", "timer": "pause",
                                                  "event": "fired", "tag": "A"})
        self.assertEqual(self.entry("TIE"), {"kind": "timer", "timer": "close", "event": "fired"})
        self.assertEqual(self.entry("WLM", False)["kind"], "note")


class IndexTest(ReportTest):
    def test_gives_both_verdicts_of_each_case(self) -> None:
        self.path.write_text(json.dumps(
            {"x": {"1.1.1": {"behavior": "OK", "behaviorClose": "UNCLEAN"}}}))
        self.assertEqual(read_index(self.path), {"1.1.1": ("OK", "UNCLEAN")})

    def test_is_refused_when_broken(self) -> None:
        for content in ("", "[]", '{"x": 1}', '{"x": {"1.1.1": {"behavior": "OK"}}}'):
            with self.subTest(content), self.assertRaises(BrokenReport):
                self.path.write_text(content)
                read_index(self.path)


if __name__ == "__main__":
    unittest.main()
