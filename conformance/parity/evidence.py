"""The small form in which a comparison is kept: verdicts, versions, dates and times, no details."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from engines import ENGINES, Part, verdicts
from play import Task
from tested import HERE, Tested

from autobahn import describe_machine
from run_file import case_order

FOLDER = HERE / "evidence"
FORMAT, VERSION = "wsproof-parity", 1

Evidence = dict[str, Any]


class BadEvidence(ValueError):
    """A file that is no evidence."""


def make(tested: Tested, runs: Iterable[tuple[Task, dict[str, Any]]]) -> Evidence:
    """Returns what the runs of an endpoint say."""
    engines: dict[str, Any] = {}
    for task, run in runs:
        suite, made = run["suite"], run["x-parity"]
        engine = engines.setdefault(task.engine.name, {
            "version": suite["engine_version"], "library": suite["library"],
            "parts": {}, "verdicts": {}})
        said = {case: pair for case, pair in verdicts(run).items() if case in task.part.cases}
        engine["parts"][task.part.name] = {
            "date": run["started"][:10], "python": suite["python"],
            "cpu": run["environment"]["cpu"], "cores": run["environment"]["cores"],
            "cases": len(said),
            **{name: made[name] for name in ("jobs", "wall", "own", "peer")}}
        engine["verdicts"].update(said)
    return {
        "format": FORMAT, "version": VERSION, "endpoint": tested.name, "role": tested.role,
        "language": tested.language, "endpoint_version": tested.version,
        "engines": {name: engines[name] for name in ENGINES if name in engines}}


def merge(new: Evidence, old: Evidence) -> Evidence:
    """Adds parts of `old` that `new` does not have, of the same versions of endpoint and engine.

    An endpoint of ours has no version, so of it nothing is added.
    """
    version = new["endpoint_version"]
    if version is None or version != old["endpoint_version"]:
        return new
    engines = {}
    for name in ENGINES:
        now, before = new["engines"].get(name), old["engines"].get(name)
        if now and before and now["version"] == before["version"]:
            now = {**now, "parts": {**before["parts"], **now["parts"]},
                   "verdicts": {**before["verdicts"], **now["verdicts"]}}
        if now or before:
            engines[name] = now or before
    return {**new, "engines": engines}


def path_of(evidence: Evidence, folder: Path) -> Path:
    """Its file."""
    return folder / f"{evidence['endpoint']}-{evidence['role']}.json"


def write(evidence: Evidence, folder: Path) -> None:
    """Writes NAME-ROLE.json: for each pair of verdicts a line with the cases that got it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(evidence, folder)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(_format(evidence), encoding="ascii")
    part.replace(path)


def _format(evidence: Evidence) -> str:
    packed = {**evidence, "engines": {}}
    for name, engine in evidence["engines"].items():
        cases: dict[str, list[str]] = {}
        for case in sorted(engine["verdicts"], key=case_order):
            cases.setdefault(engine["verdicts"][case], []).append(case)
        packed["engines"][name] = {
            **engine, "verdicts": {pair: " ".join(ids) for pair, ids in sorted(cases.items())}}
    return json.dumps(packed, indent=1) + "\n"


def load(path: Path) -> Evidence:
    """Reads what `write` wrote. Errors: BadEvidence."""
    try:
        evidence = json.loads(path.read_bytes())
        if (evidence["format"], evidence["version"]) != (FORMAT, VERSION):
            raise ValueError(f"is not of {FORMAT} {VERSION}")
        for engine in evidence["engines"].values():
            engine["verdicts"] = {case: pair for pair, cases in engine["verdicts"].items()
                                  for case in cases.split()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise BadEvidence(f"{path}: {error}") from error
    return dict(evidence)


def write_timing(result: dict[str, Any], folder: Path) -> None:
    """Writes what timing.py has measured, with the day and the machine."""
    machine = describe_machine()
    result = {"format": "wsproof-timing", "version": 1, "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
              "cpu": machine["cpu"], "load": round(os.getloadavg()[0], 1), **result}
    path = folder / f"timing-{result['endpoint']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="ascii")


def load_timings(folder: Path) -> list[dict[str, Any]]:
    """Reads what `write_timing` wrote."""
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("timing-*.json"))]


def load_all(folder: Path) -> list[Evidence]:
    """Reads all that there is. Errors: BadEvidence."""
    return [load(path) for path in sorted(folder.glob("*.json"))
            if not path.name.startswith("timing-")]


def seconds_of(evidence: Evidence, engine: str, what: str, parts: Iterable[str]) -> float | None:
    """Returns the sum of `wall`, `own` or `peer` over parts; None if one of them was not played."""
    if engine not in evidence["engines"]:
        return None
    played = evidence["engines"][engine]["parts"]
    try:
        return sum(played[part][what] for part in parts)
    except KeyError:
        return None


def pythons_of(evidence: Evidence, engine: str, parts: Iterable[str]) -> dict[str, list[str]]:
    """Returns the parts that an engine has played, by the Python that it ran on."""
    pythons: dict[str, list[str]] = {}
    played = evidence["engines"][engine]["parts"] if engine in evidence["engines"] else {}
    for part in parts:
        if part in played and (python := played[part]["python"]):
            pythons.setdefault(python, []).append(part)
    return pythons


def parts_of_all(evidence: Evidence, parts: Iterable[Part]) -> list[str]:
    """Returns the parts that every engine has played, whose times can be compared."""
    played = [set(engine["parts"]) for engine in evidence["engines"].values()]
    return [part.name for part in parts if played and all(part.name in names for names in played)]
