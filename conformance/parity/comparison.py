"""Compares the verdicts of the engines, and checks each difference against differences.json.

The file has two lists. In `wsproof`, case by case, what our compatible verdicts have otherwise than
the original's; in `kosoku` what its verdicts have, by class. An entry:

    {"endpoint": NAME or glob, "role": "server" or "client",
     "cases": {"7.1.5": ["UNCLEAN, OK", "OK, OK"]},         wsproof: the original's, then ours
     "cases": ["4.1.*"], "original": GLOB, "other": GLOB,    kosoku: of the verdicts
     "reason": why, "evidence": what shows it,
     "unsteady": true}                                       the endpoint is: each gives both
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import tested  # noqa: F401  (makes the modules below known)

from environment import AUTOBAHN, KOSOKU
from run_file import case_order
from selection import matches

DIFFERENCES = Path(__file__).with_name("differences.json")
FORMAT, VERSION = "wsproof-parity-differences", 1
COMPARED = ("wsproof", KOSOKU)
COMMON = {"endpoint", "role", "cases", "reason", "evidence"}
MEMBERS = {"wsproof": COMMON, KOSOKU: COMMON | {"original", "other"}}

Verdicts = dict[str, str]  # by case, such as "OK, UNCLEAN"


class BadDifferences(ValueError):
    """A differences file that cannot be used."""


class Difference(NamedTuple):
    """A case of which an engine says something else than the original."""

    case: str
    original: str
    other: str


@dataclass
class Explained:
    """What differs between the original and another engine, and what is known of it."""

    compared: int = 0
    explained: list[Difference] = field(default_factory=list)
    unexplained: list[Difference] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)  # of what is explained, by case
    gone: list[str] = field(default_factory=list)  # cases that are said to differ, and do not


def load(path: Path = DIFFERENCES) -> dict[str, list[dict[str, Any]]]:
    """Reads a differences file: its entries by engine. Errors: BadDifferences."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadDifferences(f"{path}: {error}") from error
    if not isinstance(content, dict) or (content.get("format"), content.get("version")) != (
            FORMAT, VERSION):
        raise BadDifferences(f"{path} is no {FORMAT!r} of version {VERSION}")
    if set(content) != {"format", "version", *COMPARED}:
        raise BadDifferences(f"{path} has to have {', '.join(COMPARED)}, and nothing else")
    for engine in COMPARED:
        for entry in content[engine]:
            if wrong := _what_is_wrong(engine, entry):
                raise BadDifferences(f"{path}: {engine}: {json.dumps(entry)[:120]}: {wrong}")
    return {engine: content[engine] for engine in COMPARED}


def _what_is_wrong(engine: str, entry: dict[str, Any]) -> str | None:
    if set(entry) - {"unsteady"} != MEMBERS[engine]:
        return f"an entry has {', '.join(sorted(MEMBERS[engine]))}"
    if entry["role"] not in ("server", "client", "*"):
        return f"role is {entry['role']!r}; there are 'server', 'client' and '*'"
    for member in ("reason", "evidence"):
        if not isinstance(entry[member], str) or not entry[member].strip():
            return f"{member} is to be written in words"
    if engine == "wsproof":
        if any(character in entry["endpoint"] for character in "*?["):
            return "what we say otherwise is to be explained for each endpoint"
        if not isinstance(entry["cases"], dict) or not all(
                isinstance(pair, list) and len(pair) == 2 for pair in entry["cases"].values()):
            return "cases are {id: [the original's verdicts, ours]}"
    return None


def differences(original: Verdicts, other: Verdicts) -> tuple[int, list[Difference]]:
    """Returns how many cases both have, and those of which they say different things."""
    both = sorted(set(original) & set(other), key=case_order)
    return len(both), [Difference(case, original[case], other[case]) for case in both
                       if original[case] != other[case]]


def explain(engine: str, endpoint: str, role: str, verdicts: dict[str, Verdicts],
            known: Iterable[dict[str, Any]]) -> Explained:
    """Compares what an engine says of an endpoint with the original, and with what is known."""
    original, other = verdicts.get(AUTOBAHN, {}), verdicts.get(engine, {})
    compared, found = differences(original, other)
    result = Explained(compared)
    entries = [entry for entry in known if entry["role"] in (role, "*")
               and fnmatch.fnmatchcase(endpoint, entry["endpoint"])]
    for difference in found:
        reason = next((entry["reason"] for entry in entries
                       if _explains(engine, entry, difference)), None)
        if reason is None:
            result.unexplained.append(difference)
        else:
            result.explained.append(difference)
            result.reasons[difference.case] = reason
    if engine == "wsproof":
        differing = {difference.case for difference in found}
        steady = [entry for entry in entries if not entry.get("unsteady")]
        result.gone = sorted({case for entry in steady for case in entry["cases"]
                              if case in original and case in other and case not in differing},
                             key=case_order)
    return result


def _explains(engine: str, entry: dict[str, Any], difference: Difference) -> bool:
    pair = [difference.original, difference.other]
    if engine == "wsproof":
        said = entry["cases"].get(difference.case)
        return said == pair or bool(entry.get("unsteady") and said == pair[::-1])
    if not any(matches(pattern, difference.case) for pattern in entry["cases"]):
        return False
    patterns = [entry["original"], entry["other"]]
    return _match(pair, patterns) or bool(entry.get("unsteady") and _match(pair[::-1], patterns))


def _match(pair: list[str], patterns: list[str]) -> bool:
    return all(fnmatch.fnmatchcase(*both) for both in zip(pair, patterns))


@dataclass(frozen=True)
class Row:
    """An endpoint in one role, with what came out by engine."""

    evidence: dict[str, Any]
    results: dict[str, Explained]


def compare_all(found: Iterable[dict[str, Any]],
                known: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """Compares the engines on each endpoint; `found` as evidence.py has it."""
    rows = []
    for evidence in found:
        verdicts = {name: engine["verdicts"] for name, engine in evidence["engines"].items()}
        rows.append(Row(evidence, {
            engine: explain(engine, evidence["endpoint"], evidence["role"], verdicts,
                            known[engine])
            for engine in COMPARED if engine in verdicts and AUTOBAHN in verdicts}))
    return rows
