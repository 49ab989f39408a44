#!/usr/bin/env python3
"""Reads, checks and writes run files (run.schema.json), with the standard library alone.

As a program: run_file.py FILE... tells for each file what is wrong, where, and what to do.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Never

from json_schema import Problem, SchemaChecker, show

Run = dict[str, Any]

SCHEMA_PATH = Path(__file__).with_name("run.schema.json")

AUTOBAHN_VERDICTS = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED", "MISSING")
PASSING_VERDICTS = frozenset(
    ("OK", "NON-STRICT", "INFORMATIONAL", "pass", "non_strict", "informational", "unsupported")
)
# What selection.fail_on takes out of them.
FAIL_ON = {
    "must": frozenset(),
    "should": frozenset(("non_strict",)),
    "any": frozenset(("non_strict", "informational")),
}
PASSING_CLOSE_VERDICTS = frozenset(("OK", "INFORMATIONAL", None))

# What the small form leaves out of each case.
DETAILS = ("expected", "received", "handshake", "wire_log")


class RunFileError(ValueError):
    """A run file that cannot be used. `problems` is never empty."""

    SHOWN = 20

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = problems
        lines = [f"{name}: {problem}" for problem in problems[: self.SHOWN]]
        if len(problems) > self.SHOWN:
            lines.append(f"{name}: and {len(problems) - self.SHOWN} more")
        super().__init__("\n".join(lines))


def is_passed(
    verdict: str,
    close_verdict: str | None,
    compatible: dict[str, str] | None = None,
    fail_on: str = "must",
) -> bool:
    """Says whether a case with these verdicts counts as passed."""
    return (
        verdict in PASSING_VERDICTS - FAIL_ON[fail_on]
        and close_verdict in PASSING_CLOSE_VERDICTS
        and (
            compatible is None
            or (
                compatible["behavior"] != "FAILED"
                and compatible["behavior_close"] in PASSING_CLOSE_VERDICTS
            )
        )
    )


def compute_totals(cases: dict[str, Any]) -> dict[str, Any]:
    """Computes `totals` of a run from its `cases`."""
    failed = [case for case in cases.values() if not case["passed"]]
    expected_failures = sum("baseline" in case for case in failed)
    verdicts = Counter(case["verdict"] for case in cases.values())
    close_verdicts = Counter(
        case["close_verdict"] for case in cases.values() if case["close_verdict"] is not None
    )
    return {
        "cases": len(cases),
        "passed": len(cases) - len(failed),
        "failed": len(failed) - expected_failures,
        "expected_failures": expected_failures,
        "unexpected_passes": sum(case.get("unexpected_pass", False) for case in cases.values()),
        "verdicts": dict(sorted(verdicts.items())),
        "close_verdicts": dict(sorted(close_verdicts.items())),
    }


def small_form(run: Run) -> Run:
    """Returns the run without the details of its cases; shares the rest with `run`."""
    cases = {
        case_id: {name: value for name, value in case.items() if name not in DETAILS}
        for case_id, case in run["cases"].items()
    }
    return {**run, "form": "small", "cases": cases}


def case_order(case_id: str) -> list[tuple[int, int, str]]:
    """Sort key of case ids: numbers within them as numbers, so 2.9 comes before 2.10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", case_id)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def load(path: Path | str) -> Run:
    """Reads a run file and checks it.

    Errors: RunFileError for a file that is no valid run file, OSError for one that cannot be read.
    """
    try:
        run = json.loads(Path(path).read_bytes(), parse_constant=_refuse_constant)
    except ValueError as error:
        raise RunFileError(
            str(path), [Problem("", f"is not JSON: {error}", "write it again with run_file.write")]
        ) from error
    if problems := check(run):
        raise RunFileError(str(path), problems)
    return run


def write(run: Run, path: Path | str) -> None:
    """Checks a run and writes it, so that the file is there whole or not at all.

    Errors: RunFileError for a run that is not valid, OSError.
    """
    if problems := check(run):
        raise RunFileError(str(path), problems)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(format_run(run), encoding="ascii")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def format_run(run: Run) -> str:
    """Formats a run as ASCII JSON, one case on a line, so that diffs stay readable."""
    cases = ",\n".join(
        f"    {json.dumps(case_id)}: {_compact(run['cases'][case_id])}"
        for case_id in sorted(run["cases"], key=case_order)
    )
    members = [
        f"  {json.dumps(name)}: {_compact(value)}" for name, value in run.items() if name != "cases"
    ]
    members.append('  "cases": {' + (f"\n{cases}\n  " if cases else "") + "}")
    return "{\n" + ",\n".join(members) + "\n}\n"


def check(run: Any) -> list[Problem]:
    """Returns what is wrong with a run: first against the schema, then within itself."""
    if isinstance(run, dict) and run.get("format") == "wsproof-run" and run.get("version") != 1:
        return [
            Problem(
                "version",
                f"is {show(run.get('version'))}, and this wsproof reads version 1",
                "use the wsproof that wrote the file, or a newer one",
            )
        ]
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return SchemaChecker(schema).problems(run) or _contradictions(run)


def _contradictions(run: Run) -> list[Problem]:
    """What the schema cannot say: members that contradict each other."""
    problems: list[Problem] = []

    def report(where: str, what: str, remedy: str) -> None:
        problems.append(Problem(where, what, remedy))

    autobahn = run["suite"]["name"] == "autobahn"
    for case_id, case in run["cases"].items():
        where = f"cases/{case_id}"
        if autobahn != (case["verdict"] in AUTOBAHN_VERDICTS) and case["verdict"] != "MISSING":
            report(f"{where}/verdict", f"{show(case['verdict'])} is not of suite "
                   f"{show(run['suite']['name'])}", "upper case is Autobahn's, lower case ours")
        if autobahn and case["close_verdict"] is None and case["verdict"] != "MISSING":
            report(f"{where}/close_verdict", "is null", "Autobahn gives two verdicts, write both")
        passed = is_passed(
            case["verdict"], case["close_verdict"], case.get("compatible"),
            run["selection"].get("fail_on", "must"),
        )
        if case["passed"] != passed:
            report(f"{where}/passed", f"is {show(case['passed'])} with verdict "
                   f"{show(case['verdict'])} and close_verdict {show(case['close_verdict'])}",
                   "use run_file.is_passed")
        if case.get("unexpected_pass", False) != ("baseline" in case and passed):
            report(f"{where}/unexpected_pass", f"is {show(case.get('unexpected_pass', False))}",
                   "true exactly if the case has a baseline and passed")
        for detail in DETAILS:
            if run["form"] == "small" and detail in case:
                report(f"{where}/{detail}", "does not belong into the small form",
                       "use run_file.small_form")
        for index, entry in enumerate(case.get("wire_log", [])):
            if "hex" in entry and len(entry["hex"]) > 2 * entry["length"]:
                report(f"{where}/wire_log/{index}/hex", "is longer than length says",
                       "write the length of the whole in bytes")

    totals = compute_totals(run["cases"])
    for name, value in totals.items():
        if run["totals"][name] != value:
            report(f"totals/{name}", f"is {show(run['totals'][name])} where cases give "
                   f"{show(value)}", "use run_file.compute_totals")

    status = run["status"]
    if (status == "passed") != (run["exit_status"] == 0):
        report("exit_status", f"is {run['exit_status']} with status {show(status)}",
               "0 exactly if passed")
    if status == "passed" and (totals["failed"] or not totals["cases"]):
        report("status", f"is \"passed\" with {totals['failed']} failed of {totals['cases']} cases",
               "a run without results is not_run, one with failures failed")
    if status == "not_run" and totals["verdicts"].get("MISSING", 0) != totals["cases"]:
        report("status", "is \"not_run\", yet cases have verdicts", "write what did happen")
    if status not in ("passed", "failed") and not run["reason"]:
        report("reason", f"is missing with status {show(status)}", "say why, in a sentence")
    if run["suite"]["engine"] is None and status != "not_run":
        report("suite/engine", f"is null with status {show(status)}", "name the engine")
    return problems


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON number")


def main(paths: list[str]) -> int:
    """Checks the files named. Returns 0 if all are valid, 1 if not, 2 for bad usage."""
    if not paths or paths[0].startswith("-"):
        print("usage: run_file.py FILE...   checks run files against run.schema.json")
        return 0 if paths[:1] in (["-h"], ["--help"]) else 2
    status = 0
    for path in paths:
        try:
            run = load(path)
        except (RunFileError, OSError) as error:
            print(error, file=sys.stderr)
            status = 1
        else:
            print(f"{path}: valid, {run['status']}, {run['totals']['cases']} cases")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
