"""Results of the benchmarks: from what Google Benchmark writes to medians, spreads and ratios."""

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


@dataclass(frozen=True, order=True)
class Key:
    """What a benchmark measures; its name is SUBJECT/KIND/IMPLEMENTATION/BYTES."""

    subject: str
    kind: str
    size: int  # bytes
    implementation: str

    @classmethod
    def parse(cls, name: str) -> Key:
        parts = name.split("/")
        if len(parts) != 4 or not parts[3].isdigit():
            raise ResultsError(f"{name!r} is not SUBJECT/KIND/IMPLEMENTATION/BYTES")
        return cls(parts[0], parts[1], int(parts[3]), parts[2])

    @property
    def is_ours(self) -> bool:
        return self.implementation == OURS or self.implementation.startswith(OURS + " ")

    def __str__(self) -> str:
        return f"{self.subject}/{self.kind}/{self.implementation}/{self.size}"


@dataclass(frozen=True)
class Throughput:
    """Bytes per second over the repetitions of one benchmark."""

    median: float
    spread: float  # half the distance from the lower to the upper quartile, as a part of the median

    @classmethod
    def of(cls, samples: list[float]) -> Throughput:
        median = statistics.median(samples)
        if len(samples) < 2:
            return cls(median, 0.0)
        lower, _, upper = statistics.quantiles(samples, n=4, method="inclusive")
        return cls(median, (upper - lower) / 2 / median)


@dataclass(frozen=True)
class Results:
    machine: str
    started: str
    throughputs: dict[Key, Throughput] = field(default_factory=dict)

    def typical_spread(self) -> float:
        """The median of the spreads: how much a single figure of this run moves."""
        return statistics.median([each.spread for each in self.throughputs.values()] or [0.0])


@dataclass(frozen=True)
class Ratio:
    """One of ours beside one peer, measured in the same run."""

    ours: Key
    peer: Key
    ours_throughput: float  # bytes per second
    peer_throughput: float
    spread: float  # of the ratio

    @property
    def ratio(self) -> float:
        return self.ours_throughput / self.peer_throughput


def load(path: Path) -> Results:
    """Reads the JSON of Google Benchmark.

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
        samples.setdefault(Key.parse(each["run_name"]), []).append(each["bytes_per_second"])
    if not samples:
        raise ResultsError(f"{path}: has no results")
    return Results(
        describe_machine(context),
        context.get("date", ""),
        {key: Throughput.of(values) for key, values in samples.items()},
    )


def describe_machine(context: dict[str, Any]) -> str:
    parts = [context.get("processor"), f"{context['num_cpus']} cores", context.get("compiler")]
    return ", ".join(part for part in parts if part)


def compute_ratios(results: Results) -> list[Ratio]:
    """Each of ours beside each peer that was measured at the same subject, kind and size."""
    ratios = []
    for ours in sorted(key for key in results.throughputs if key.is_ours):
        for peer in sorted(results.throughputs):
            same = (peer.subject, peer.kind, peer.size) == (ours.subject, ours.kind, ours.size)
            if peer.is_ours or not same:
                continue
            left, right = results.throughputs[ours], results.throughputs[peer]
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
