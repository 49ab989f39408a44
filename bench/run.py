#!/usr/bin/env python3
"""Runs the benchmarks, prints how ours compares, and writes what the report shows.

Prints a verdict for each goal of goals.tsv. Writes OUTPUT/benchmark.json, as Google Benchmark has it, and
OUTPUT/load.json, both for compare.py; OUTPUT/bench.json, in the form of reports/README.md, of both; and
OUTPUT/*.svg, the plots. Exit status: 0 measured, whatever the verdicts, 1 a program of ours failed, 2 bad
usage. A peer's server that fails is left out, with its reason.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import goals
import load
import results
from plot import Line, draw_plot

TITLES = {
    "masking": "Masking",
    "utf8": "UTF-8 validation",
    "frame_decode": "Frame decode",
    "frame_encode": "Frame encode",
    "handshake": "Opening request",
    "echo": "Echo",
    "echo_cpu": "Echo by the server's CPU time",
    "echo_growth": "Echo over connections",
    "echo_growth_cpu": "Echo over connections by the server's CPU time",
    "latency": "Latency",
    "idle_memory": "Memory of idle connections",
    "hostile": "Echo beside hostile peers",
    "hostile_memory": "Memory of hostile peers",
}
REPETITIONS, MIN_TIME = 9, 0.05  # seconds for each repetition of each benchmark
QUICK_REPETITIONS, QUICK_MIN_TIME = 3, 0.005


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, help="wsproof_bench; without it kernels are not run")
    parser.add_argument("--build", type=Path, help="build folder; without it there is no load")
    parser.add_argument("--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--quick", action="store_true", help="seconds, not minutes; more noise")
    parser.add_argument("--filter", default=".", help="regular expression of benchmark names")
    options = parser.parse_args(arguments)
    if not options.binary and not options.build:
        parser.error("--binary, --build, or both")
    options.output.mkdir(parents=True, exist_ok=True)
    measured: list[results.Results] = []
    failed: list[str] = []
    try:
        if options.binary:
            raw = options.output / "benchmark.json"
            written = raw.with_suffix(".part")  # what was measured before stays until there is more
            command = build_command(options.binary, written, options.quick, options.filter)
            status = subprocess.run(command, stdout=subprocess.DEVNULL,
                                    check=False).returncode
            if status != 0:
                print(f"bench: {options.binary} ended with status {status}", file=sys.stderr)
                return 1
            if written.stat().st_size > 0:
                written.replace(raw)
                add_processor(raw)
                measured.append(results.load(raw))
            else:
                written.unlink()
                if not options.build:
                    raise results.ResultsError(
                        f"no benchmark matches --filter {options.filter}; "
                        f"{options.binary} --benchmark_list_tests names them")
        if options.build:
            raw = options.output / "load.json"
            written = load.measure(options.build, options.quick, options.filter)
            raw.write_text(json.dumps(written, indent=1) + "\n")
            add_processor(raw)
            measured.append(results.load(raw))
            failed = written["context"]["failed"]
        report = for_report(load_all(options.output))
    except (OSError, results.ResultsError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    (options.output / "bench.json").write_text(json.dumps(report, indent=1) + "\n")
    for plot in report["plots"]:
        name = plot["title"].partition(":")[0].replace(",", "").replace("'", "").replace(" ", "_")
        (options.output / f"{name.lower()}.svg").write_text(plot["svg"] + "\n")
    run = results.merge(measured)
    print(format_ratios(run))
    print()
    print(format_goals(goals.judge(goals.read_goals(), run)))
    print(f"\n{run.machine}; figures of this run move by {run.typical_spread():.1%}.")
    print(f"{options.output / 'bench.json'} is for the report, benchmark.json and load.json beside it for "
          "compare.py.")
    return 1 if failed else 0


def load_all(folder: Path) -> results.Results:
    """What this run measured, and of the other part what an earlier one did."""
    files = [folder / name for name in ("benchmark.json", "load.json")]
    return results.merge(results.load(file) for file in files if file.exists())


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
                "title": f"{title_of(subject, kind)}: {results.unit_of(subject).name} by "
                         f"{results.unit_of(subject).axis}",
                "svg": draw_plot(lines, results.unit_of(subject)),
                "description": describe_lines(lines, results.unit_of(subject)),
            }
            for (subject, kind), lines in collect_lines(measured).items()
        ],
    }


def ratio_row(ratio: results.Ratio) -> dict[str, Any]:
    unit = ratio.ours.unit
    return {
        "name": row_name(ratio.ours),
        "ours": round(ratio.ours_figure / unit.scale, 3),
        "peer": round(ratio.peer_figure / unit.scale, 3),
        "peer_name": ratio.peer.implementation,
        "ratio": round(ratio.ratio, 2),
        "unit": unit.name,
    }


def title_of(subject: str, kind: str) -> str:
    return f"{TITLES.get(subject, subject)}, {kind}"


def row_name(ours: results.Key) -> str:
    part = ours.implementation.removeprefix(results.OURS).strip()
    return f"{title_of(ours.subject, ours.kind)}, {ours.unit.format_size(ours.size)}" + (
        f" ({part})" if part else ""
    )


def collect_lines(measured: results.Results) -> dict[tuple[str, str], dict[str, Line]]:
    """The plots: ours first, then the peers. A subject of one size has nothing to plot."""
    plots: dict[tuple[str, str], dict[str, Line]] = {}
    keys = sorted(measured.figures, key=lambda k: (k.subject, k.kind, not k.is_ours,
                                                   k.implementation, k.size))
    for key in keys:
        figure = measured.figures[key].median / key.unit.scale
        if figure <= 0:
            continue  # less than can be measured; the axis is logarithmic
        line = plots.setdefault((key.subject, key.kind), {}).setdefault(key.implementation, [])
        line.append((key.size, figure))
    return {
        name: lines for name, lines in plots.items()
        if any(len(line) > 1 for line in lines.values())
    }


def describe_lines(lines: dict[str, Line], unit: results.Unit) -> str:
    """The plot in words: each line's ends."""
    return "; ".join(
        f"{name}: {line[0][1]:.3g} {unit.name} at {unit.format_size(line[0][0])}, "
        f"{line[-1][1]:.3g} {unit.name} at {unit.format_size(line[-1][0])}"
        for name, line in lines.items()
    ) + "."


def format_ratios(measured: results.Results) -> str:
    """A row for each of ours, a column for each peer: how many times as good ours is."""
    ratios = results.compute_ratios(measured)
    peers = sorted({ratio.peer.implementation for ratio in ratios})
    cells: dict[results.Key, dict[str, results.Ratio]] = {}
    for ratio in ratios:
        cells.setdefault(ratio.ours, {})[ratio.peer.implementation] = ratio
    rows = [["ours as a multiple of", "ours", *peers]]
    for ours, by_peer in cells.items():
        figure = f"{measured.figures[ours].median / ours.unit.scale:.2f} {ours.unit.name}"
        rows.append([row_name(ours), figure, *(
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
