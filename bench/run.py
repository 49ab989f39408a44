#!/usr/bin/env python3
"""Runs the benchmarks, prints how ours compares, and writes what the report shows.

Prints a verdict for each goal of goals.tsv. Writes OUTPUT/benchmark.json, as Google Benchmark has it,
for compare.py; OUTPUT/bench.json, in the form of reports/README.md; and OUTPUT/*.svg, the plots.
Exit status: 0 measured, whatever the verdicts, 1 the program failed, 2 bad usage.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import goals
import results
from plot import Line, draw_plot

TITLES = {
    "masking": "Masking",
    "utf8": "UTF-8 validation",
    "frame_decode": "Frame decode",
    "frame_encode": "Frame encode",
    "handshake": "Opening request",
}
REPETITIONS, MIN_TIME = 9, 0.05  # seconds for each repetition of each benchmark
QUICK_REPETITIONS, QUICK_MIN_TIME = 3, 0.005


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True, help="wsproof_bench")
    parser.add_argument("--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--quick", action="store_true", help="seconds, not minutes; more noise")
    parser.add_argument("--filter", default=".", help="regular expression of benchmark names")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    raw = options.output / "benchmark.json"
    command = build_command(options.binary, raw, options.quick, options.filter)
    try:
        status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        if status != 0:
            print(f"bench: {options.binary} ended with status {status}", file=sys.stderr)
            return 1
        add_processor(raw)
        measured = results.load(raw)
    except (OSError, results.ResultsError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    report = for_report(measured)
    (options.output / "bench.json").write_text(json.dumps(report, indent=1) + "\n")
    for (subject, kind), plot in zip(collect_lines(measured), report["plots"], strict=True):
        name = f"{subject}_{kind}".replace(" ", "_").lower()
        (options.output / f"{name}.svg").write_text(plot["svg"] + "\n")
    print(format_ratios(measured))
    print()
    print(format_goals(goals.judge(goals.read_goals(), measured)))
    print(f"\n{measured.machine}; figures of this run move by {measured.typical_spread():.1%}.")
    print(f"{options.output / 'bench.json'} is for the report, {raw} for compare.py.")
    return 0


def build_command(binary: Path, raw: Path, quick: bool, name_filter: str) -> list[str]:
    """Repetitions are interleaved, so that what else the machine does meets all alike."""
    return [
        str(binary.resolve()),
        f"--benchmark_filter={name_filter}",
        f"--benchmark_repetitions={QUICK_REPETITIONS if quick else REPETITIONS}",
        f"--benchmark_min_time={QUICK_MIN_TIME if quick else MIN_TIME}",
        "--benchmark_enable_random_interleaving=true",
        f"--benchmark_out={raw}",
        "--benchmark_out_format=json",
    ]


def add_processor(raw: Path) -> None:
    """Google Benchmark knows the clock and the caches, but not the processor's name."""
    written = json.loads(raw.read_bytes())
    if name := processor_name():
        written["context"]["processor"] = name
    raw.write_text(json.dumps(written, indent=1) + "\n")


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str | None:
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return None


def for_report(measured: results.Results) -> dict[str, Any]:
    return {
        "machine": measured.machine,
        "started": measured.started,
        "ratios": [ratio_row(ratio) for ratio in results.compute_ratios(measured)],
        "plots": [
            {
                "title": f"{title_of(subject, kind)}: throughput by size",
                "svg": draw_plot(lines),
                "description": describe_lines(lines),
            }
            for (subject, kind), lines in collect_lines(measured).items()
        ],
    }


def ratio_row(ratio: results.Ratio) -> dict[str, Any]:
    return {
        "name": row_name(ratio.ours),
        "ours": round(ratio.ours_throughput / 1e9, 3),
        "peer": round(ratio.peer_throughput / 1e9, 3),
        "peer_name": ratio.peer.implementation,
        "ratio": round(ratio.ratio, 2),
        "unit": "GB/s",
    }


def title_of(subject: str, kind: str) -> str:
    return f"{TITLES.get(subject, subject)}, {kind}"


def row_name(ours: results.Key) -> str:
    part = ours.implementation.removeprefix(results.OURS).strip()
    return f"{title_of(ours.subject, ours.kind)}, {results.format_size(ours.size)}" + (
        f" ({part})" if part else ""
    )


def collect_lines(measured: results.Results) -> dict[tuple[str, str], dict[str, Line]]:
    """The plots: ours first, then the peers. A subject of one size has nothing to plot."""
    plots: dict[tuple[str, str], dict[str, Line]] = {}
    keys = sorted(measured.throughputs, key=lambda k: (k.subject, k.kind, not k.is_ours,
                                                       k.implementation, k.size))
    for key in keys:
        line = plots.setdefault((key.subject, key.kind), {}).setdefault(key.implementation, [])
        line.append((key.size, measured.throughputs[key].median / 1e9))
    return {
        name: lines for name, lines in plots.items()
        if any(len(line) > 1 for line in lines.values())
    }


def describe_lines(lines: dict[str, Line]) -> str:
    """The plot in words: each line's ends."""
    return "; ".join(
        f"{name}: {line[0][1]:.2g} GB/s at {results.format_size(line[0][0])}, "
        f"{line[-1][1]:.2g} GB/s at {results.format_size(line[-1][0])}"
        for name, line in lines.items()
    ) + "."


def format_ratios(measured: results.Results) -> str:
    """A row for each of ours, a column for each peer: how many times as fast ours is."""
    ratios = results.compute_ratios(measured)
    peers = sorted({ratio.peer.implementation for ratio in ratios})
    cells: dict[results.Key, dict[str, results.Ratio]] = {}
    for ratio in ratios:
        cells.setdefault(ratio.ours, {})[ratio.peer.implementation] = ratio
    rows = [["ours as a multiple of", "GB/s", *peers]]
    for ours, by_peer in cells.items():
        throughput = f"{measured.throughputs[ours].median / 1e9:.2f}"
        rows.append([row_name(ours), throughput, *(
            f"{by_peer[peer].ratio:.2f}" if peer in by_peer else "-" for peer in peers)])
    return results.format_table(rows)


def format_goals(outcomes: list[goals.Outcome]) -> str:
    """A row for each goal and size, and how many are met."""
    rows = [["goals", "times", "at least", "measured", "noise", ""]]
    for outcome in outcomes:
        ratio = outcome.ratio
        peer = outcome.goal.peer
        if ratio and peer == goals.BEST:
            peer = f"{ratio.peer.implementation} (best)"
        rows.append([row_name(outcome.ours), peer, f"{outcome.goal.at_least:.2f}",
                     f"{ratio.ratio:.2f}" if ratio else "-",
                     f"{ratio.spread:.0%}" if ratio else "-", outcome.verdict])
    verdicts = [outcome.verdict for outcome in outcomes]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}"
                       for verdict in ("met", "near", "missed", "not measured"))
    return f"{results.format_table(rows)}\n\nGoals: {counts}. Near is within the noise of the goal."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
