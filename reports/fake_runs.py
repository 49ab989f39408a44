#!/usr/bin/env python3
"""Makes run files that look real, for tests of the report: Autobahn's 517 cases, invented results.

As a program: fake_runs.py FOLDER [--cases CASES.json] writes one file for each of `fake_runs()`, or
with --large of `large_runs()`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import run_file
from run_file import Run

Case = dict[str, Any]

# Number of cases in each of Autobahn's subsections; a plain section has no third level.
SUBSECTIONS: dict[str, int] = {
    "1.1": 8, "1.2": 8, "2": 11, "3": 7, "4.1": 5, "4.2": 5, "5": 20,
    "6.1": 3, "6.2": 4, "6.3": 2, "6.4": 4, "6.5": 5, "6.6": 11, "6.7": 4, "6.8": 2, "6.9": 4,
    "6.10": 3, "6.11": 5, "6.12": 8, "6.13": 5, "6.14": 10, "6.15": 1, "6.16": 3, "6.17": 5,
    "6.18": 5, "6.19": 5, "6.20": 7, "6.21": 8, "6.22": 34, "6.23": 7,
    "7.1": 6, "7.3": 6, "7.5": 1, "7.7": 13, "7.9": 9, "7.13": 2,
    "9.1": 6, "9.2": 6, "9.3": 9, "9.4": 9, "9.5": 6, "9.6": 6, "9.7": 6, "9.8": 6, "10.1": 1,
    **{f"12.{n}": 18 for n in range(1, 6)},
    **{f"13.{n}": 18 for n in range(1, 8)},
}  # fmt: skip
INFORMATIONAL = ("7.1.6", "7.13.1", "7.13.2")

REQUEST = (
    "GET / HTTP/1.1\r\nUser-Agent: AutobahnTestSuite/25.10.1-0.10.9\r\nHost: 127.0.0.1:9001\r\n"
    "Upgrade: WebSocket\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
RESPONSE = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
TEXTS = ("", "Hello, world!", "κόσμε", "fragment1", "*" * 125, '{"name": "<b>wsproof</b>"}')


def case_titles() -> dict[str, str]:
    """The 517 ids in order, each with a title of no meaning."""
    return {
        f"{subsection}.{number}": f"Case {number} of subsection {subsection}"
        for subsection, count in SUBSECTIONS.items()
        for number in range(1, count + 1)
    }


def encode_frame(opcode: int, payload: bytes, masking_key: bytes | None) -> bytes:
    """One final frame, its length in the shortest form, and for a key masked."""
    length = len(payload)
    mask_bit = 0x80 if masking_key else 0
    head = bytes([0x80 | opcode])
    if length < 126:
        head += bytes([mask_bit | length])
    elif length < 65536:
        head += bytes([mask_bit | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([mask_bit | 127]) + length.to_bytes(8, "big")
    if not masking_key:
        return head + payload
    return head + masking_key + bytes(b ^ masking_key[i % 4] for i, b in enumerate(payload))


def frame_entries(direction: str, at_ms: float, opcode: int, payload: bytes, key: bytes | None) \
        -> list[dict[str, Any]]:  # fmt: skip
    """The two entries that a frame leaves in a wire log, its octets and itself."""
    octets = encode_frame(opcode, payload, key)
    return [
        {"kind": f"octets_{direction}", "at_ms": at_ms, "length": len(octets), "hex": octets.hex()},
        {
            "kind": f"frame_{direction}",
            "at_ms": at_ms,
            "opcode": opcode,
            "fin": True,
            "rsv": 0,
            "masked": key is not None,
            "masking_key": key.hex() if key else None,
            "length": len(payload),
            "hex": payload.hex(),
        },
    ]


def fake_case(number: int, title: str, role: str, rng: random.Random) -> Case:
    """A case that is OK in both verdicts, with all its details."""
    payload = rng.choice(TEXTS).encode()
    key = rng.randbytes(4)
    # The client masks, and the harness is the client of a server under test.
    key_out, key_in = (key, None) if role == "server" else (None, key)
    close = (1000).to_bytes(2, "big")
    event = {
        "event": "message",
        "binary": False,
        "payload": {"hex": payload.hex(), "length": len(payload)},
    }
    return {
        "number": number,
        "verdict": "OK",
        "close_verdict": "OK",
        "passed": True,
        "duration_ms": rng.choice((1, 2, 2, 3, 4, 7)) if number < 247 else rng.randrange(9, 900),
        "title": title,
        "result": "The events match what was expected.",
        "result_close": "The connection was closed as expected.",
        "expected": {"OK": [event]},
        "received": [event],
        "expected_close": {"closer": "harness", "close_codes": [1000], "clean": True},
        "remote_close_code": 1000,
        "remote_close_reason": None,
        "local_close_code": 1000,
        "local_close_reason": None,
        "was_clean": True,
        "was_not_clean_reason": None,
        "closed_by_harness": True,
        "failed_by_harness": False,
        "dropped_by_harness": False,
        "timeouts": [],
        "handshake": {"request": REQUEST, "response": RESPONSE},
        "wire_log": [
            *frame_entries("out", 0.4, 1, payload, key_out),
            {"kind": "timer", "at_ms": 0.5, "timer": "fail", "event": "armed", "seconds": 1},
            *frame_entries("in", 0.9, 1, payload, key_in),
            *frame_entries("out", 1.0, 8, close, key_out),
            *frame_entries("in", 1.4, 8, close, key_in),
            {"kind": "note", "at_ms": 1.6, "text": "TCP ended by the endpoint"},
        ],
    }


def make_informational(case: Case) -> None:
    """Turns a case that passed into one that nobody judges."""
    case.update(verdict="INFORMATIONAL", close_verdict="INFORMATIONAL")


def make_failed(case: Case, verdict: str = "FAILED", close_verdict: str = "UNCLEAN") -> None:
    """Turns a case that passed into one that gets these verdicts for an answer of its own."""
    case.update(
        verdict=verdict,
        close_verdict=close_verdict,
        passed=run_file.is_passed(verdict, close_verdict),
    )
    if verdict == "FAILED":
        case["received"] = [
            *case["expected"]["OK"],
            {"event": "message", "binary": True, "payload": {"hex": "ff00fe", "length": 3}},
        ]
        case["expected"] = {"NON-STRICT": [], **case["expected"]}
        case["result"] = "The events match nothing that was expected."
    if close_verdict == "WRONG CODE":
        case.update(
            remote_close_code=1002,
            remote_close_reason="protocol error",
            result_close="The close code is none of those expected.",
        )
    elif close_verdict == "UNCLEAN":
        case.update(
            remote_close_code=None,
            was_clean=False,
            was_not_clean_reason="the endpoint dropped TCP without the closing handshake",
            result_close="The closing handshake did not complete.",
            duration_ms=1003,
            timeouts=["closing_handshake"],
            dropped_by_harness=True,
        )


def make_missing(case: Case) -> None:
    """Turns a case into one that was selected but has no result."""
    kept = {"number": case["number"], "title": case["title"]}
    case.clear()
    case.update(
        **kept, verdict="MISSING", close_verdict=None, passed=False, duration_ms=None
    )


def fake_run(
    run_id: str,
    role: str = "server",
    *,
    name: str = "wsproof echo",
    version: str = "0.1.0",
    language: str = "C++",
    engine: str = "autobahntestsuite",
    tls: bool = False,
    titles: dict[str, str] | None = None,
    change: Callable[[str, Case], None] = lambda case_id, case: None,
) -> Run:
    """A run over all titles; `change` may alter each case in place."""
    rng = random.Random(run_id)
    cases: dict[str, Case] = {}
    for number, (case_id, title) in enumerate((titles or case_titles()).items(), start=1):
        cases[case_id] = fake_case(number, title, role, rng)
        if case_id in INFORMATIONAL:
            make_informational(cases[case_id])
        change(case_id, cases[case_id])
        if "baseline" in cases[case_id] and cases[case_id]["passed"]:
            cases[case_id]["unexpected_pass"] = True
    totals = run_file.compute_totals(cases)
    scheme = "wss" if tls else "ws"
    target = {
        "server": f"{scheme}://127.0.0.1:9001",
        "client": f"build/release/echo_client --autobahn {scheme}://127.0.0.1:9002",
    }[role]
    return {
        "format": "wsproof-run",
        "version": 1,
        "id": run_id,
        "form": "full",
        "implementation": {
            "name": name,
            "version": version,
            "language": language,
            "role": role,
            "target": target,
            "tls": tls,
        },
        "suite": {
            "autobahntestsuite": {
                "name": "autobahn",
                "engine": "autobahntestsuite",
                "engine_version": "25.10.1",
                "library": "autobahn 0.10.9",
                "python": "CPython 2.7.18",
            },
            "kosoku": {
                "name": "autobahn",
                "engine": "kosoku",
                "engine_version": "0.1.0",
                "library": None,
                "python": "CPython 3.11.2",
            },
        }[engine],
        "environment": {
            "os": "Debian GNU/Linux 12 (bookworm)",
            "kernel": "6.1.0-28-amd64",
            "cpu": "AMD EPYC 7763 64-Core Processor",
            "cores": 4,
        },
        "started": "2026-11-25T15:17:03Z",
        "duration_ms": sum(case["duration_ms"] or 0 for case in cases.values()),
        "status": "failed" if totals["failed"] else "passed",
        "exit_status": 1 if totals["failed"] else 0,
        "reason": None,
        "selection": {"cases": ["*"], "exclude": [], "quick": False},
        "totals": totals,
        "reproduce": f"./dev autobahn --{role} '{target}' --cases {{case}}",
        "cases": cases,
    }


def not_run(run_id: str, role: str = "client", **names: str) -> Run:
    """A run for which no engine could be had."""
    run = fake_run(run_id, role, titles={"1.1.1": "unused"}, **names)
    del run["reproduce"]
    run["suite"].update(engine=None, engine_version=None, library=None, python=None)
    return {
        **run,
        "status": "not_run",
        "exit_status": 4,
        "reason": "Found neither Python 2.7 nor a way to install kosoku.",
        "duration_ms": 12,
        "cases": {},
        "totals": run_file.compute_totals({}),
    }


def interrupted(run: Run, after: int) -> Run:
    """The same run, stopped after so many cases."""
    for number, case in enumerate(run["cases"].values(), start=1):
        if number > after:
            make_missing(case)
    return {
        **run,
        "status": "interrupted",
        "exit_status": 4,
        "reason": f"Stopped by Ctrl-C after {after} cases. {'^' * 90}",
        "totals": run_file.compute_totals(run["cases"]),
    }


def fake_runs(titles: dict[str, str] | None = None) -> list[Run]:
    """Five runs that show between them everything a report has to show."""

    def flawed(case_id: str, case: Case) -> None:
        section = case_id.split(".")[0]
        if section in ("12", "13"):
            make_failed(case, "UNIMPLEMENTED", "OK")
        elif case_id in ("3.2", "4.1.3", "5.15", "6.4.1", "6.4.2"):
            make_failed(case, "NON-STRICT", "OK")
        elif case_id in ("2.10", "2.11"):
            make_failed(case)
            case["received"] = []
            del case["expected"]["NON-STRICT"]
            case["baseline"] = {"reason": "Answers only the latest Ping, as section 5.5.3 allows."}
        elif case_id in ("6.2.3", "7.9.6"):
            make_failed(case)
        elif case_id in ("7.1.5", "7.5.1"):
            make_failed(case, "FAILED", "WRONG CODE")
        elif case_id == "7.7.3":
            make_failed(case, "OK", "FAILED BY CLIENT")
        elif case_id == "9.1.6":
            case["baseline"] = {"reason": "Refused messages over 8 MiB until 1.3."}

    other = {"name": "otherws", "version": "1.4.2", "language": "Rust"}
    return [
        fake_run("wsproof-server", titles=titles),
        fake_run("wsproof-client", "client", titles=titles),
        fake_run("otherws-server", titles=titles, change=flawed, engine="kosoku", tls=True, **other),
        interrupted(fake_run("otherws-client", "client", titles=titles, **other), 250),
        not_run("thirdws-client", name="thirdws", version="0.9", language="Go"),
    ]


def large_runs() -> list[Run]:
    """Ten runs of 3,000 cases in 20 sections. In the last run the first case of each section fails,
    so a report unfolds them all.
    """
    titles = {
        f"{20 + n // 150}.{n % 150 + 1}": f"Case {n % 150 + 1} of section {20 + n // 150}"
        for n in range(3000)
    }

    def flawed(case_id: str, case: Case) -> None:
        if case_id.endswith(".1"):
            make_failed(case)

    runs = [fake_run(f"large-{n}", titles=titles, name=f"large {n}") for n in range(9)]
    return [*runs, fake_run("large-9", titles=titles, name="large 9", change=flawed)]


def main() -> int:
    """Writes the runs of `fake_runs` or `large_runs` into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=Path, help="a JSON list of objects with id and title")
    parser.add_argument("--large", action="store_true", help="runs for a large report instead")
    options = parser.parse_args()
    titles = None
    if options.cases:
        titles = {case["id"]: case["title"] for case in json.loads(options.cases.read_text())}
    for run in large_runs() if options.large else fake_runs(titles):
        run_file.write(run, options.folder / f"{run['id']}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
