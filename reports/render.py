#!/usr/bin/env python3
"""Turns run files into one HTML file that needs no network: reports/page with the data inside.

What every reader sees at once is plain JSON in the page. The details of the cases are
compressed in chunks, which the page unpacks when a case is opened.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import run_file
from json_schema import Schema, SchemaChecker
from run_file import Run

PAGE = Path(__file__).with_name("page")
SCRIPTS = ("dom.js", "bytes.js", "filters.js", "matrix.js", "case_panel.js",
           "statements.js", "report.js")

# Labels of Autobahn's sections; cases of other suites are grouped by the path before their name.
AUTOBAHN_SECTIONS = {
    "1": "Framing",
    "2": "Pings and pongs",
    "3": "Reserved bits",
    "4": "Opcodes",
    "5": "Fragmentation",
    "6": "UTF-8 handling",
    "7": "Close handling",
    "9": "Limits and performance",
    "10": "Miscellaneous",
    "12": "Compression, different payloads",
    "13": "Compression, different parameters",
}

CHUNK_LENGTH = 256 * 1024  # bytes of JSON that one chunk holds, more or less
DEFAULT_MAX_PAYLOAD = 16 * 1024  # bytes of one payload that the report shows

BenchData = dict[str, Any]


class InputError(ValueError):
    """Input that no report can be made of; the text says what to do."""


def outcome(case: dict[str, Any]) -> str:
    """What one result means to its reader, in one word: the classes that the page filters by."""
    if case.get("unexpected_pass"):
        return "unexpected_pass"
    if case["passed"]:
        return {
            "NON-STRICT": "non_strict",
            "non_strict": "non_strict",
            "INFORMATIONAL": "informational",
            "informational": "informational",
            "unsupported": "unsupported",
        }.get(case["verdict"], "ok")
    if "baseline" in case:
        return "expected_failure"
    return {
        "MISSING": "missing",
        "UNIMPLEMENTED": "unsupported",
        "unsupported": "unsupported",
    }.get(case["verdict"], "failed")


def overall(runs: list[Run]) -> dict[str, Any]:
    """The verdict over all runs: a status, a sentence, and what is worth knowing besides.

    Only what ran and passed is passed.
    """
    statuses = Counter(run["status"] for run in runs)
    outcomes = Counter(outcome(case) for run in runs for case in run["cases"].values())
    failed = sum(run["totals"]["failed"] for run in runs)
    details = [
        f"{outcomes[name]:,} {text}"
        for name, text in (
            ("failed", "failed"),
            ("unsupported", "unimplemented"),
            ("missing", "missing"),
            ("expected_failure", "known to fail"),
            ("unexpected_pass", "passed unexpectedly"),
        )
        if outcomes[name]
    ] + [
        f"{_count(statuses[status], 'run')} {text}"
        for status, text in (
            ("endpoint_dead", "lost the endpoint"),
            ("harness_error", "broke in the harness"),
            ("interrupted", "interrupted"),
            ("not_run", "did not happen"),
        )
        if statuses[status]
    ]
    results = _count(outcomes.total(), "result")
    if statuses["passed"] == len(runs) > 0:
        known = outcomes["expected_failure"]
        text = f"{outcomes.total() - known:,} of {results} passed" if known else (
            f"All {results} passed" if outcomes.total() > 1 else "The one result passed"
        )
        return {"status": "passed", "text": text, "details": details}
    if failed:
        text = f"{failed:,} of {results} did not pass"
        return {"status": "failed", "text": text, "details": details}
    if statuses["not_run"] == len(runs):
        return {"status": "not_run", "text": "Nothing was run", "details": details}
    return {"status": "incomplete", "text": "The runs are incomplete", "details": details}


def render(
    runs: list[Run], bench: BenchData | None = None, max_payload: int = DEFAULT_MAX_PAYLOAD
) -> str:
    """Renders the page. `runs` are valid and in the order of their columns.

    `max_payload` is in bytes: longer payloads are cut in the report, with their length kept.
    Errors: InputError if two runs share an id.
    """
    for run_id, count in Counter(run["id"] for run in runs).items():
        if count > 1:
            raise InputError(f"{count} runs have the id {run_id}; give each run an id of its own")
    catalogue = _catalogue(runs)
    chunks: list[str] = []
    columns = [_column(run, catalogue, chunks, max_payload) for run in runs]
    sections = dict.fromkeys(_section(run, case) for run, case in catalogue.values())
    index = {
        "overall": overall(runs),
        "sections": [{"id": name, "title": _section_title(name)} for name in sections],
        "cases": [
            {
                "id": case_id,
                "number": run["cases"][case_id]["number"],
                "title": run["cases"][case_id]["title"],
                "section": _section(run, case_id),
            }
            for run, case_id in catalogue.values()
        ],
        "runs": columns,
        "bench": bench,
    }
    style = _source("report.css")
    script = "\n".join(_source(name) for name in SCRIPTS)
    return _fill(
        _source("report.html"),
        {
            "policy": "; ".join(
                (
                    "default-src 'none'",
                    f"style-src 'sha256-{_digest(style)}'",
                    f"script-src 'sha256-{_digest(script)}'",
                    "img-src data:",
                    "base-uri 'none'",
                    "form-action 'none'",
                )
            ),
            "style": style,
            "script": script,
            "index": _script_json(index),
            "chunks": "\n".join(
                f'<script type="application/gzip" id="chunk-{number}">{chunk}</script>'
                for number, chunk in enumerate(chunks)
            ),
        },
    )


def load_bench(path: Path) -> BenchData:
    """Reads what the benchmarks hand over (README.md, "Benchmarks").

    Errors: InputError if it is anything else, OSError.
    """
    try:
        bench = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: is not JSON: {error}; run the benchmarks again") from error
    if problems := SchemaChecker(BENCH_SCHEMA).problems(bench):
        raise InputError("\n".join(f"{path}: {problem}" for problem in problems))
    return bench


BENCH_SCHEMA: Schema = {
    "type": "object",
    "required": ["plots", "ratios"],
    "properties": {
        "plots": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "svg"],
                "properties": {
                    "title": {"type": "string", "minLength": 1},
                    "svg": {"type": "string", "pattern": r"<svg[\s>]"},
                    "description": {"type": "string"},
                },
            },
        },
        "ratios": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "ours", "peer", "ratio", "unit"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "peer_name": {"type": "string"},
                    "ours": {"type": "number"},
                    "peer": {"type": "number"},
                    "ratio": {"type": "number", "minimum": 0},
                    "unit": {"type": "string"},
                },
            },
        },
        "machine": {"type": "string"},
        "started": {"type": "string"},
    },
}


def _catalogue(runs: list[Run]) -> dict[tuple[str, str], tuple[Run, str]]:
    """Every case of any run in the order of the catalogue, with a run that knows it."""
    found: dict[tuple[str, str], tuple[Run, str]] = {}
    for run in runs:
        for case_id in run["cases"]:
            found.setdefault((run["suite"]["name"], case_id), (run, case_id))
    return {
        key: found[key] for key in sorted(found, key=lambda k: (k[0], run_file.case_order(k[1])))
    }


def _column(
    run: Run,
    catalogue: dict[tuple[str, str], tuple[Run, str]],
    chunks: list[str],
    max_payload: int,
) -> dict[str, Any]:
    """One run as the page wants it; appends the details of its cases to `chunks`."""
    suite = run["suite"]["name"]
    ids = [case_id for name, case_id in catalogue if name == suite and case_id in run["cases"]]
    place: dict[str, int] = {}
    for details in _pack({id_: _cut(run["cases"][id_], max_payload) for id_ in ids}):
        place |= dict.fromkeys(details, len(chunks))
        data = gzip.compress(_json(details).encode(), compresslevel=9, mtime=0)
        chunks.append(base64.b64encode(data).decode())
    return {
        **{name: value for name, value in run.items() if name not in ("cases", "format")},
        "results": [
            _result(run["cases"][case_id], place[case_id])
            if name == suite and case_id in run["cases"]
            else None
            for name, case_id in catalogue
        ],
    }


def _result(case: dict[str, Any], chunk: int) -> dict[str, Any]:
    """What the matrix shows of a case, and the chunk that holds the rest."""
    result = {
        "verdict": case["verdict"],
        "close_verdict": case["close_verdict"],
        "outcome": outcome(case),
        "duration_ms": case["duration_ms"],
        "remote_close_code": case.get("remote_close_code"),
        "chunk": chunk,
    }
    if "compatible" in case:
        result["compatible"] = case["compatible"]
    if "baseline" in case:
        result["baseline"] = case["baseline"]["reason"]
    return result


def _pack(details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Splits details of cases into parts of about CHUNK_LENGTH bytes of JSON."""
    part: dict[str, Any] = {}
    length = 0
    for case_id, case in details.items():
        part[case_id] = case
        length += len(_json(case))
        if length >= CHUNK_LENGTH:
            yield part
            part, length = {}, 0
    if part:
        yield part


def _cut(value: Any, max_payload: int) -> Any:
    """A copy with every payload cut to `max_payload` bytes; its length still tells the whole."""
    if isinstance(value, dict):
        return {
            name: member[: 2 * max_payload] if name == "hex" else _cut(member, max_payload)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [_cut(item, max_payload) for item in value]
    return value


def _section(run: Run, case_id: str) -> str:
    if run["suite"]["name"] in ("autobahn", "wsproof") and "/" not in case_id:
        return case_id.split(".")[0]
    return case_id.rpartition("/")[0] or run["suite"]["name"]


def _section_title(section: str) -> str:
    return AUTOBAHN_SECTIONS.get(section, "")


def _source(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def _fill(template: str, values: dict[str, str]) -> str:
    """Puts values in the place of {{name}}, in one pass: values are never filled themselves."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], template)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _script_json(value: Any) -> str:
    """JSON that can stand in a script element: no byte sequence in it can end the element."""
    text = _json(value)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def write_page(page: str, path: Path) -> None:
    """Writes the page so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_runs(paths: Iterable[Path]) -> list[Run]:
    """Loads run files, in the order given.

    Errors: InputError that names every file that is not valid, OSError.
    """
    runs: list[Run] = []
    errors: list[str] = []
    for path in paths:
        try:
            runs.append(run_file.load(path))
        except run_file.RunFileError as error:
            errors.append(str(error))
    if errors:
        raise InputError("\n".join(errors))
    return runs


def main(arguments: list[str] | None = None) -> int:
    """Renders a report. Returns 0, or 2 if the input cannot be used."""
    parser = argparse.ArgumentParser(
        prog="render.py", description="Makes one HTML report of run files (run.schema.json)."
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN.json")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the page to write"
    )
    parser.add_argument(
        "--bench", type=Path, metavar="FILE", help="benchmark results (reports/README.md)"
    )
    parser.add_argument(
        "--max-payload",
        type=int,
        default=DEFAULT_MAX_PAYLOAD,
        metavar="BYTES",
        help="show at most so much of each payload (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    if options.max_payload < 0:
        parser.error("--max-payload cannot be negative")
    try:
        bench = load_bench(options.bench) if options.bench else None
        page = render(load_runs(options.runs), bench, options.max_payload)
        write_page(page, options.output)
    except (InputError, OSError) as error:
        print(f"render.py: {error}", file=sys.stderr)
        return 2
    print(options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
