"""Results of the benchmarks: from what Google Benchmark and load.py write to medians, spreads and ratios."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS = "wsproof"  # and what begins with it and a space


class ResultsError(Exception):
    """The file holds no results."""


@dataclass(frozen=True)
class Unit:
    """What the figures of a subject are in, and what the number in their names counts."""

    name: str
    scale: float  # by which a figure is divided to be shown
    more_is_better: bool = True
    axis: str = "payload"  # bytes; or what else is counted

    def format_size(self, size: int) -> str:
        return format_size(size) if self.axis == "payload" else f"{size:,} {self.axis}"


THROUGHPUT = Unit("GB/s", 1e9)
UNITS = {
    "echo": Unit("k messages/s", 1e3),
    "echo_cpu": Unit("k messages/CPU s", 1e3),
    "echo_growth": Unit("k messages/s", 1e3, axis="connections"),
    "echo_growth_cpu": Unit("k messages/CPU s", 1e3, axis="connections"),
    "latency": Unit("us", 1e-6, more_is_better=False),
    "idle_memory": Unit("B a connection", 1, more_is_better=False, axis="connections"),
    "hostile": Unit("k messages/s", 1e3, axis="peers"),
    "hostile_memory": Unit("KiB a peer", 1024, more_is_better=False, axis="peers"),
}


def unit_of(subject: str) -> Unit:
    return UNITS.get(subject, THROUGHPUT)


@dataclass(frozen=True, order=True)
class Key:
    """What a benchmark measures; its name is SUBJECT/KIND/IMPLEMENTATION/SIZE."""

    subject: str
    kind: str
    size: int  # bytes, or what else the subject's unit counts
    implementation: str

    @classmethod
    def parse(cls, name: str) -> Key:
        parts = name.split("/")
        if len(parts) != 4 or not parts[3].isdigit():
            raise ResultsError(f"{name!r} is not SUBJECT/KIND/IMPLEMENTATION/SIZE")
        return cls(parts[0], parts[1], int(parts[3]), parts[2])

    @property
    def is_ours(self) -> bool:
        return self.implementation == OURS or self.implementation.startswith(OURS + " ")

    @property
    def unit(self) -> Unit:
        return unit_of(self.subject)

    def __str__(self) -> str:
        return f"{self.subject}/{self.kind}/{self.implementation}/{self.size}"


@dataclass(frozen=True)
class Figure:
    """Bytes per second, or what else the subject's unit says, over the repetitions of a benchmark."""

    median: float
    spread: float  # half the distance from the lower to the upper quartile, as a part of the median

    @classmethod
    def of(cls, samples: list[float]) -> Figure:
        median = statistics.median(samples)
        if len(samples) < 2:
            return cls(median, 0.0)
        lower, _, upper = statistics.quantiles(samples, n=4, method="inclusive")
        return cls(median, (upper - lower) / 2 / median)


@dataclass(frozen=True)
class Results:
    machine: str
    started: str
    figures: dict[Key, Figure] = field(default_factory=dict)

    def typical_spread(self) -> float:
        """The median of the spreads: how much a single figure of this run moves."""
        return statistics.median([each.spread for each in self.figures.values()] or [0.0])


@dataclass(frozen=True)
class Ratio:
    """One of ours beside one peer, measured in the same run."""

    ours: Key
    peer: Key
    ours_figure: float
    peer_figure: float
    spread: float  # of the ratio

    @property
    def ratio(self) -> float:
        """How many times as good ours is."""
        if self.ours.unit.more_is_better:
            return self.ours_figure / self.peer_figure
        return self.peer_figure / self.ours_figure


def load(path: Path) -> Results:
    """Reads the JSON of Google Benchmark, or of load.py, whose figures are called "figure".

    Errors: ResultsError, OSError.
    """
    try:
        written = json.loads(path.read_bytes())
        context, benchmarks = written["context"], written["benchmarks"]
    except (ValueError, KeyError, TypeError) as error:
        raise ResultsError(f"{path}: is not the JSON of a benchmark run: {error}") from error
    samples: dict[Key, list[float]] = {}
    for each in benchmarks:
        if each.get("run_type") != "iteration":
            continue
        if each.get("error_occurred"):
            raise ResultsError(f"{path}: {each['name']}: {each.get('error_message')}")
        samples.setdefault(Key.parse(each["run_name"]), []).append(
            each["figure"] if "figure" in each else each["bytes_per_second"])
    if not samples:
        raise ResultsError(f"{path}: has no results")
    return Results(
        describe_machine(context),
        context.get("date", ""),
        {key: Figure.of(values) for key, values in samples.items()},
    )


def merge(runs: Iterable[Results]) -> Results:
    """Of runs of different subjects. The machine is the first one's, the time the last one's."""
    runs = list(runs)
    figures = {key: figure for run in runs for key, figure in run.figures.items()}
    return Results(runs[0].machine, max(run.started for run in runs), figures)


def describe_machine(context: dict[str, Any]) -> str:
    parts = [context.get("processor"), f"{context['num_cpus']} cores", context.get("compiler")]
    return ", ".join(part for part in parts if part)


def compute_ratios(results: Results) -> list[Ratio]:
    """Each of ours beside each peer that was measured at the same subject, kind and size."""
    ratios = []
    for ours in sorted(key for key in results.figures if key.is_ours):
        for peer in sorted(results.figures):
            same = (peer.subject, peer.kind, peer.size) == (ours.subject, ours.kind, ours.size)
            if peer.is_ours or not same:
                continue
            left, right = results.figures[ours], results.figures[peer]
            spread = left.spread + right.spread
            ratios.append(Ratio(ours, peer, left.median, right.median, spread))
    return ratios


def format_size(size: int) -> str:
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


def format_table(rows: Iterable[list[str]]) -> str:
    """Columns as wide as they need; the first is text, the others numbers."""
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
