#!/usr/bin/env python3
"""Reads, checks and writes run files (run.schema.json), with the standard library alone.

As a program: run_file.py FILE... tells for each file what is wrong, where, and what to do.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Never

Run = dict[str, Any]
Schema = dict[str, Any]
Check = Callable[[Any], None]

SCHEMA_PATH = Path(__file__).with_name("run.schema.json")

AUTOBAHN_VERDICTS = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED", "MISSING")
PASSING_VERDICTS = frozenset(
    ("OK", "NON-STRICT", "INFORMATIONAL", "pass", "non_strict", "informational")
)
PASSING_CLOSE_VERDICTS = frozenset(("OK", "INFORMATIONAL", None))

# What the small form leaves out of each case.
DETAILS = ("expected", "received", "handshake", "wire_log")


class Problem(NamedTuple):
    """One thing wrong with a run file."""

    where: str  # such as cases/1.1.1/verdict; empty for the file as a whole
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where or 'the file'}: {self.what}; {self.remedy}"


class RunFileError(ValueError):
    """A run file that cannot be used. `problems` is never empty."""

    SHOWN = 20

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = problems
        lines = [f"{name}: {problem}" for problem in problems[: self.SHOWN]]
        if len(problems) > self.SHOWN:
            lines.append(f"{name}: and {len(problems) - self.SHOWN} more")
        super().__init__("\n".join(lines))


def is_passed(verdict: str, close_verdict: str | None) -> bool:
    """Says whether a case with these two verdicts counts as passed."""
    return verdict in PASSING_VERDICTS and close_verdict in PASSING_CLOSE_VERDICTS


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
                f"is {_show(run.get('version'))}, and this wsproof reads version 1",
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
            report(f"{where}/verdict", f"{_show(case['verdict'])} is not of suite "
                   f"{_show(run['suite']['name'])}", "upper case is Autobahn's, lower case ours")
        if autobahn and case["close_verdict"] is None and case["verdict"] != "MISSING":
            report(f"{where}/close_verdict", "is null", "Autobahn gives two verdicts, write both")
        passed = is_passed(case["verdict"], case["close_verdict"])
        if case["passed"] != passed:
            report(f"{where}/passed", f"is {_show(case['passed'])} with verdict "
                   f"{_show(case['verdict'])} and close_verdict {_show(case['close_verdict'])}",
                   "use run_file.is_passed")
        if case.get("unexpected_pass", False) != ("baseline" in case and passed):
            report(f"{where}/unexpected_pass", f"is {_show(case.get('unexpected_pass', False))}",
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
            report(f"totals/{name}", f"is {_show(run['totals'][name])} where cases give "
                   f"{_show(value)}", "use run_file.compute_totals")

    status = run["status"]
    if (status == "passed") != (run["exit_status"] == 0):
        report("exit_status", f"is {run['exit_status']} with status {_show(status)}",
               "0 exactly if passed")
    if status == "passed" and (totals["failed"] or not totals["cases"]):
        report("status", f"is \"passed\" with {totals['failed']} failed of {totals['cases']} cases",
               "a run without results is not_run, one with failures failed")
    if status == "not_run" and totals["verdicts"].get("MISSING", 0) != totals["cases"]:
        report("status", "is \"not_run\", yet cases have verdicts", "write what did happen")
    if status not in ("passed", "failed") and not run["reason"]:
        report("reason", f"is missing with status {_show(status)}", "say why, in a sentence")
    if run["suite"]["engine"] is None and status != "not_run":
        report("suite/engine", f"is null with status {_show(status)}", "name the engine")
    return problems


class SchemaChecker:
    """Checks values against the part of JSON Schema 2020-12 that run.schema.json uses.

    A run holds some hundred thousand members, so each schema is looked through once and kept as
    a list of checks, and places are put into words only for a problem.
    """

    KEYWORDS = frozenset((
        "$ref", "additionalProperties", "allOf", "const", "enum", "if", "items", "maximum",
        "minLength", "minimum", "pattern", "patternProperties", "properties", "propertyNames",
        "required", "then", "type",
    ))
    ANNOTATIONS = frozenset(("$schema", "$id", "$defs", "title", "description", "format"))
    TYPES: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._compiled: dict[int, Check] = {}
        self._place: list[str | int] = []
        self._problems: list[Problem] = []

    def problems(self, value: Any) -> list[Problem]:
        """Returns every way in which `value` breaks the schema."""
        self._place, self._problems = [], []
        self._compile(self._root)(value)
        return self._problems

    def _report(self, what: str, remedy: str, *below: str) -> None:
        where = "/".join(map(str, (*self._place, *below)))
        self._problems.append(Problem(where, what, remedy))

    def _compile(self, schema: Schema | bool) -> Check:
        """Returns the check of a schema; a schema that refers to itself finds its own check."""
        if schema is True:
            return lambda value: None
        if schema is False:
            return lambda value: self._report(
                "is not known", "see run.schema.json for the spelling, or start the name of a "
                "private member with x-"
            )
        if id(schema) not in self._compiled:
            self._compiled[id(schema)] = lambda value: self._compiled[id(schema)](value)
            self._compiled[id(schema)] = self._compile_keywords(schema)
        return self._compiled[id(schema)]

    def _compile_keywords(self, schema: Schema) -> Check:
        if unknown := schema.keys() - self.KEYWORDS - self.ANNOTATIONS:
            raise NotImplementedError(f"JSON Schema keywords {sorted(unknown)}")
        checks = [self._compile(part) for part in schema.get("allOf", ())]
        if "$ref" in schema:
            checks.append(self._compile(self._resolve(schema["$ref"])))
        for keywords, make in (
            (("const", "enum"), self._compile_choice),
            (("minLength", "pattern"), self._compile_string),
            (("minimum", "maximum"), self._compile_number),
            (("items",), self._compile_array),
            (
                ("required", "properties", "patternProperties", "additionalProperties",
                 "propertyNames"),
                self._compile_object,
            ),
            (("if",), self._compile_condition),
        ):
            if any(keyword in schema for keyword in keywords):
                checks.append(make(schema))
        has_type = self._compile_type(schema)
        if has_type is None:
            if len(checks) == 1:
                return checks[0]

            def check_all(value: Any) -> None:
                for check in checks:
                    check(value)

            return check_all

        def check_type_first(value: Any) -> None:
            if has_type(value):
                for check in checks:
                    check(value)

        return check_type_first

    def _compile_type(self, schema: Schema) -> Callable[[Any], bool] | None:
        if "type" not in schema:
            return None
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        allowed = tuple(self.TYPES[name] for name in names)
        # In JSON true is no number, and 1.0 is an integer.
        allows_bool = "boolean" in names
        allows_whole_float = "integer" in names
        remedy = f"write {' or '.join(names)}"

        def has_type(value: Any) -> bool:
            if isinstance(value, bool):
                right = allows_bool
            else:
                right = isinstance(value, allowed) or (
                    allows_whole_float and isinstance(value, float) and value.is_integer()
                )
            if not right:
                self._report(f"is {_show(value)}", remedy)
            return right

        return has_type

    def _compile_choice(self, schema: Schema) -> Check:
        choices = schema["enum"] if "enum" in schema else [schema["const"]]
        shown = ", ".join(map(_show, choices))
        remedy = f"write one of {shown}" if "enum" in schema else f"write {shown}"

        def check(value: Any) -> None:
            if not any(_equal(value, choice) for choice in choices):
                self._report(f"is {_show(value)}", remedy)

        return check

    def _compile_string(self, schema: Schema) -> Check:
        pattern = _compile_pattern(schema.get("pattern", ""))
        least = schema.get("minLength", 0)

        def check(value: Any) -> None:
            if not isinstance(value, str):
                return
            if len(value) < least:
                self._report("is empty", "write what it is, or leave the member out")
            if not pattern.search(value):
                self._report(f"is {_show(value)}", f"match {schema['pattern']}")

        return check

    def _compile_number(self, schema: Schema) -> Check:
        least = schema.get("minimum", -math.inf)
        most = schema.get("maximum", math.inf)

        def check(value: Any) -> None:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return
            if value < least:
                self._report(f"is {value}", f"write at least {least}")
            if value > most:
                self._report(f"is {value}", f"write at most {most}")

        return check

    def _compile_array(self, schema: Schema) -> Check:
        check_item = self._compile(schema["items"])

        def check(value: Any) -> None:
            if not isinstance(value, list):
                return
            self._place.append(0)
            for self._place[-1], item in enumerate(value):
                check_item(item)
            self._place.pop()

        return check

    def _compile_object(self, schema: Schema) -> Check:
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        patterns = [
            (_compile_pattern(pattern), self._compile(part))
            for pattern, part in schema.get("patternProperties", {}).items()
        ]
        check_other = self._compile(schema.get("additionalProperties", True))
        check_name = self._compile(schema["propertyNames"]) if "propertyNames" in schema else None

        def checks_of(name: str) -> list[Check]:
            checks = [part for pattern, part in patterns if pattern.search(name)]
            if name in properties:
                checks.append(self._compile(properties[name]))
            return checks or [check_other]

        known = {name: checks_of(name) for name in properties}

        def check(value: Any) -> None:
            if not isinstance(value, dict):
                return
            for name in required:
                if name not in value:
                    self._report("is missing", "add it", name)
            self._place.append("")
            for name, member in value.items():
                self._place[-1] = name
                if check_name:
                    check_name(name)
                for part in known.get(name) or checks_of(name):
                    part(member)
            self._place.pop()

        return check

    def _compile_condition(self, schema: Schema) -> Check:
        condition = self._compile(schema["if"])
        consequence = self._compile(schema.get("then", True))

        def check(value: Any) -> None:
            problems, self._problems = self._problems, []
            condition(value)
            holds, self._problems = not self._problems, problems
            if holds:
                consequence(value)

        return check

    def _resolve(self, reference: str) -> Schema:
        schema: Any = self._root
        for name in reference.removeprefix("#/").split("/"):
            schema = schema[name]
        return schema


def _equal(left: Any, right: Any) -> bool:
    """Equality of JSON values: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _compile_pattern(pattern: str) -> re.Pattern[str]:
    # Python's $ also matches before a final newline, the $ of JSON Schema does not.
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _show(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


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
