"""What a comparison comes to, for a terminal and for the page RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from comparison import COMPARED, Explained, Row
from engines import ENGINES, Part
from evidence import Evidence, parts_of_all, pythons_of, seconds_of
from play import minutes
from tested import HERE

from environment import AUTOBAHN

PAGE = HERE / "RESULTS.md"
SHOWN = 20  # differences of one endpoint on a terminal

HEAD = """\
# Parity

Autobahn|Testsuite, kosoku and wsproof on the same endpoints, case by case. Made by `./dev parity --check` from the files in
`evidence/`; do not edit it by hand. A difference is **explained** by an entry of [`differences.json`](differences.json), which
says why and what shows it. "Own" is the processor time of the harness, user and system together, with that of the Python
around Autobahn and kosoku; the endpoint's stands apart. Times are of the parts that all three have played. The original is
Python 2: CPython, or PyPy as in its official image.
"""


def name_of(row: Row) -> str:
    """An endpoint for people."""
    return f"{row.evidence['endpoint']} as {row.evidence['role']}"


def summarise(rows: Iterable[Row], parts: list[Part]) -> str:
    """What came out, for a terminal."""
    lines = [""]
    for row in rows:
        played = parts_of_all(row.evidence, parts)
        times = [f"{engine} {minutes(seconds)}" for engine in ENGINES
                 if (seconds := seconds_of(row.evidence, engine, "wall", played)) is not None]
        lines.append(f"{name_of(row)}: " + "; ".join(
            f"{engine} {count(result)}" for engine, result in row.results.items())
            + (f"; {', '.join(times)}" if played else ""))
        for engine, result in row.results.items():
            lines += [f"    {engine} {one.case}: {one.original} | {one.other}"
                      for one in result.unexplained[:SHOWN]]
            if (more := len(result.unexplained) - SHOWN) > 0:
                lines.append(f"    and {more} more")
            lines += [f"    {engine} {case}: explained in differences.json, and gone"
                      for case in result.gone]
    return "\n".join(lines) + "\n"


def count(result: Explained) -> str:
    """How many verdicts are the same."""
    same = result.compared - len(result.explained) - len(result.unexplained)
    text = f"{same} of {result.compared} as the original"
    if result.explained:
        text += f", {len(result.explained)} explained"
    if result.unexplained:
        text += f", {len(result.unexplained)} NOT EXPLAINED"
    return text


def render(rows: list[Row], parts: list[Part], timings: list[dict[str, Any]]) -> str:
    """The page; `timings` as timing.py hands them over."""
    verdicts = [["endpoint", "version", "role", "cases", *(
        f"{engine}: {what}" for engine in COMPARED for what in ("equal", "explained", "not"))]]
    times = [["endpoint", "role", "parts", f"{AUTOBAHN} on", *(
        f"{engine}: {what}" for engine in ENGINES for what in ("wall", "own", "endpoint"))]]
    for row in rows:
        about = row.evidence
        cells = [about["endpoint"], about["endpoint_version"] or "", about["role"],
                 str(max((result.compared for result in row.results.values()), default=0))]
        for engine in COMPARED:
            result = row.results.get(engine, Explained())
            explained, not_explained = len(result.explained), len(result.unexplained)
            cells += [str(result.compared - explained - not_explained), str(explained),
                      str(not_explained)]
        verdicts.append(cells)
        if played := parts_of_all(about, parts):
            times.append([about["endpoint"], about["role"], ", ".join(played), pythons(about, played), *(
                seconds(seconds_of(about, engine, what, played))
                for engine in ENGINES for what in ("wall", "own", "peer"))])
    return "\n".join([HEAD, "## Verdicts", "", *table(verdicts), "", "## Times", "",
                      *table(times), "", *(line for one in timings for line in measured(one))])


def pythons(evidence: Evidence, parts: list[str]) -> str:
    """What the original ran on; if that was not the same for all parts, which ran on what."""
    found = pythons_of(evidence, AUTOBAHN, parts)
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{python}: {', '.join(on)}" for python, on in found.items())


def measured(timing: dict[str, Any]) -> list[str]:
    """The lines on a measurement of --timing."""
    rows = [["cases", "engine", "wall", "own", "server"]]
    for part, engines in timing["parts"].items():
        rows += [[part, engine, *(seconds(one[what]) for what in ("wall", "own", "peer"))]
                 for engine, one in engines.items()]
    ratios = [["ratio of ours", "measured", "goal", ""]]
    ratios += [[goal["what"], f"{goal['ratio']:.3f}", f"{goal['goal']:.3g}",
                "met" if goal["met"] else "missed"] for goal in timing["goals"]]
    return [f"## In turns against the server of {timing['endpoint']}", "",
            f"`./dev parity --timing` on {timing['date']}: {timing['cores']} cores of "
            f"{timing['cpu']}, at a load of {timing['load']}; seconds. On a machine that others use "
            "wall times are theirs as well. kosoku with "
            f"{timing['kosoku_parallelism']} (processes x cases at a time), its best.", "",
            *table(rows), "", *table(ratios), ""]


def seconds(value: float | None) -> str:
    """A time in a table."""
    return "" if value is None else f"{value:.1f}"


def table(rows: list[list[str]]) -> list[str]:
    """A table of Markdown; the first row is its head."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def report_data(rows: list[Row], parts: list[Part]) -> dict[str, Any]:
    """What the HTML report shows; the engines but the first are compared with it."""
    endpoints = []
    for row in rows:
        about = row.evidence
        played = parts_of_all(about, parts)
        complete = bool(played) and set(ENGINES) <= set(about["engines"])
        endpoints.append({
            "endpoint": about["endpoint"], "role": about["role"],
            "version": about["endpoint_version"],
            "results": {engine: {"compared": result.compared, "differences": grouped(result)}
                        for engine, result in row.results.items()},
            "timed_cases": sum(len(part.cases) for part in parts if part.name in played),
            "times": {engine: {what: round(seconds_of(about, engine, what, played) or 0.0, 2)
                               for what in ("wall", "own", "peer")}
                      for engine in ENGINES} if complete else None})
    return {"format": "wsproof-parity-report", "version": 1, "engines": list(ENGINES),
            "endpoints": endpoints}


def grouped(result: Explained) -> list[dict[str, Any]]:
    """The differences, those of the same verdicts and the same reason together."""
    groups: dict[tuple[str, str, str | None], list[str]] = {}
    for one in result.explained:
        key = one.original, one.other, result.reasons[one.case]
        groups.setdefault(key, []).append(one.case)
    for one in result.unexplained:
        groups.setdefault((one.original, one.other, None), []).append(one.case)
    return [{"cases": " ".join(cases), "original": original, "other": other, "reason": reason}
            for (original, other, reason), cases in groups.items()]
