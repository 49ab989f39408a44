"""Reads what Autobahn writes, index.json and the case files, into cases of our run file.

The form of both sides: run.schema.json of reports, and the reports of Autobahn|Testsuite.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from run_file import is_passed
from selection import Case

BEHAVIOURS = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED")
CLOSE_BEHAVIOURS = ("OK", "INFORMATIONAL", "FAILED", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT")

# kosoku's word for a case that could not be run to a verdict.
NO_VERDICT = "ERROR"

# A payload of more bytes is cut, to KEPT of them and CUT_MARK.
UNCUT = 60
KEPT = 64
CUT_MARK = " ..."

# A duration beyond this (in milliseconds) is the time of day: the connection never opened.
LONGEST_DURATION = 10**10

TIMEOUTS = {
    "wasOpenHandshakeTimeout": "opening_handshake",
    "wasCloseHandshakeTimeout": "closing_handshake",
    "wasServerConnectionDropTimeout": "tcp_drop",
}


class BrokenReport(ValueError):
    """A file of the suite that cannot be read as what it should be."""


def missing_case(case: Case, reason: str) -> dict[str, Any]:
    """Returns the result of a selected case that has none."""
    return {
        "number": case.number,
        "verdict": "MISSING",
        "close_verdict": None,
        "passed": False,
        "duration_ms": None,
        "title": case.title,
        "reason": reason,
    }


def read_case_file(path: Path, case: Case, latin1: bool = False) -> dict[str, Any]:
    """Reads one case file.

    `latin1`: binary payloads were written as one character for each byte, as kosoku does it.
    Errors: BrokenReport.
    """
    report = _load(path)
    try:
        return convert_case(report, case, latin1)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BrokenReport(f"{path.name}: {type(error).__name__}: {error}") from error


def read_index(path: Path) -> dict[str, tuple[str, str]]:
    """Reads index.json: case id to its two verdicts, whatever the agents are called.

    Errors: BrokenReport.
    """
    index = _load(path)
    try:
        return {
            case_id: (entry["behavior"], entry["behaviorClose"])
            for cases in index.values()
            for case_id, entry in cases.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenReport(f"{path.name}: {type(error).__name__}: {error}") from error


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BrokenReport(f"{path.name}: {error}") from error


def convert_case(report: dict[str, Any], case: Case, latin1: bool) -> dict[str, Any]:
    """Converts the content of a case file.

    Errors: KeyError, TypeError, ValueError or IndexError if it is not one.
    """
    if report["id"] != case.id:
        raise ValueError(f"is about case {report['id']}, not {case.id}")
    behaviour, behaviour_close = report["behavior"], report["behaviorClose"]
    if behaviour == NO_VERDICT:
        return {
            **missing_case(case, f"the engine came to no verdict: {report.get('result', '')}"),
            "x-engine-verdict": behaviour,
        }
    if behaviour not in BEHAVIOURS or behaviour_close not in CLOSE_BEHAVIOURS:
        raise ValueError(f"unknown verdicts {behaviour!r} and {behaviour_close!r}")
    duration = report["duration"]
    result = {
        "number": case.number,
        "verdict": behaviour,
        "close_verdict": behaviour_close,
        "passed": is_passed(behaviour, behaviour_close),
        "duration_ms": duration if 0 <= duration < LONGEST_DURATION else None,
        "title": case.title,
        "started": _utc(report["started"]),
        "result": report["result"] or "",
        "result_close": report["resultClose"] or "",
        "expected": {
            verdict: [_event(event, latin1) for event in events]
            for verdict, events in report["expected"].items()
        },
        "received": [_event(event, latin1) for event in report["received"]],
        "expected_close": _expected_close(report["expectedClose"]),
        "remote_close_code": report["remoteCloseCode"],
        "remote_close_reason": report["remoteCloseReason"],
        "local_close_code": report["localCloseCode"],
        "local_close_reason": report["localCloseReason"],
        "was_clean": report["wasClean"],
        "was_not_clean_reason": report["wasNotCleanReason"],
        "closed_by_harness": report["closedByMe"],
        "failed_by_harness": report["failedByMe"],
        "dropped_by_harness": report["droppedByMe"],
        "timeouts": [name for flag, name in TIMEOUTS.items() if report[flag]],
        "handshake": {
            "request": _head(report["httpRequest"]),
            "response": _head(report["httpResponse"]),
        },
        "wire_log": [_wire_log_entry(entry) for entry in report["wirelog"]],
    }
    if result["started"] is None:
        del result["started"]
    if report["trafficStats"]:
        result["traffic"] = _traffic(report["trafficStats"])
    return result


def _utc(text: str | None) -> str | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    moment = moment.astimezone(timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _head(text: str | None) -> str | None:
    return None if text in (None, "", "?") else text


def _expected_close(expected: dict[str, Any]) -> dict[str, Any] | None:
    if not expected:
        return None
    result = {
        "closer": "harness" if expected["closedByMe"] else "endpoint",
        "close_codes": expected["closeCode"],
        "clean": expected["requireClean"],
    }
    if expected.get("closedByWrongEndpointIsFatal"):
        result["wrong_closer_is_fatal"] = True
    return result


def _event(event: list[Any], latin1: bool) -> dict[str, Any]:
    kind = event[0]
    if kind == "message":
        payload = parse_payload(event[1], latin1 and event[2])
        return {"event": kind, "binary": event[2], "payload": payload}
    if kind in ("ping", "pong"):
        return {"event": kind, "payload": parse_payload(event[1], latin1)}
    if kind == "timeout":
        return {"event": kind, "tag": event[1]}
    raise ValueError(f"unknown event {kind!r}")


def parse_payload(text: str, latin1: bool = False) -> dict[str, Any]:
    """Returns the bytes that stand behind a payload as the suite shows it.

    It shows text if the bytes are UTF-8, else 0x and hex, and cuts both.
    """
    cut = False
    if match := re.fullmatch(r"0x((?:[0-9a-f]{2})*)( \.\.\.)?", text):
        payload, cut = bytes.fromhex(match[1]), bool(match[2])
    else:
        payload = _encode(text, latin1)
        if len(payload) > UNCUT and text.endswith(CUT_MARK):
            payload, cut = payload[: -len(CUT_MARK)], True
    return {"hex": payload.hex(), "length": None if cut else len(payload)}


def _encode(text: str, latin1: bool) -> bytes:
    if latin1:
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            pass
    return text.encode("utf-8", "surrogatepass")


def _traffic(stats: dict[str, Any]) -> dict[str, Any]:
    def direction(name: str) -> dict[str, Any]:
        return {
            "message_octets": stats[f"{name}OctetsAppLevel"],
            "payload_octets": stats[f"{name}OctetsWebSocketLevel"],
            "wire_octets": stats[f"{name}OctetsWireLevel"],
            "handshake_octets": stats[f"preopen{name.capitalize()}OctetsWireLevel"],
            "frames": stats[f"{name}WebSocketFrames"],
            "messages": stats[f"{name}WebSocketMessages"],
        }

    return {"in": direction("incoming"), "out": direction("outgoing")}


def _wire_log_entry(entry: list[Any]) -> dict[str, Any]:
    kind, *rest = entry
    if kind == "RO":
        return {"kind": "octets_in", **_octets(rest[0])}
    if kind == "TO":
        result = {"kind": "octets_out", **_octets(rest[0])}
        if rest[1]:
            result["queued"] = True
        return result
    if kind == "RF":
        (length, text), opcode, fin, rsv, masked, key = rest
        return _frame("frame_in", length, text, opcode, fin, rsv, masked, key)
    if kind == "TF":
        (length, text), opcode, fin, rsv, key, repeat, chop, own_write = rest
        result = _frame("frame_out", length, text, opcode, fin, rsv, bool(key), key)
        if repeat is not None:
            # The entry shows the pattern alone. Its repetition is cut where a payload would be.
            pattern = bytes.fromhex(result["hex"])
            shown = min(repeat, KEPT)
            if pattern and len(pattern) == length:
                pattern *= shown // len(pattern) + 1
            result.update(length=repeat, hex=pattern[:shown].hex())
        if chop is not None:
            result["piece_length"] = chop
        if own_write:
            result["own_write"] = True
        return result
    timers = {
        "CT": ("pause", "armed"), "CTE": ("pause", "fired"),
        "KL": ("fail", "armed"), "KLE": ("fail", "fired"),
        "TI": ("close", "armed"), "TIE": ("close", "fired"),
    }
    if kind in timers:
        timer, event = timers[kind]
        result = {"kind": "timer", "timer": timer, "event": event}
        if event == "armed":
            result["seconds"] = rest.pop(0)
        if kind in ("CT", "CTE"):
            result["tag"] = rest[0]
        return result
    if kind == "WLM":
        return {"kind": "note", "text": f"logging switched {'on' if rest[0] else 'off'}"}
    raise ValueError(f"unknown entry {kind!r} in the wire log")


def _octets(shown: list[Any]) -> dict[str, Any]:
    length, text = shown
    return {"length": length, "hex": bytes.fromhex(text.removesuffix(CUT_MARK)).hex()}


def _frame(
    kind: str, length: int, text: str, opcode: int, fin: bool, rsv: int, masked: bool,
    key: str | None,
) -> dict[str, Any]:
    if key is not None and len(key) == 16:
        key = bytes.fromhex(key).decode("ascii")  # the suite writes hex of hex for frames it reads
    # How the engine came from bytes to text has to be guessed; the length tells a wrong guess.
    payload = bytes.fromhex(parse_payload(text)["hex"])
    if len(payload) != min(length, KEPT):
        payload = bytes.fromhex(parse_payload(text, latin1=True)["hex"])
    return {
        "kind": kind, "length": length, "hex": payload[: min(length, KEPT)].hex(),
        "opcode": opcode, "fin": bool(fin), "rsv": rsv, "masked": masked, "masking_key": key,
    }
