"""Benchmark output for the tests, as Google Benchmark writes it."""

from __future__ import annotations

import json
from pathlib import Path


def benchmark_json(samples: dict[str, list[float]], compiler: str = "GNU 12") -> dict:
    """`samples`: bytes per second of each repetition, by the benchmark's name."""
    benchmarks = []
    for name, values in samples.items():
        for value in values:
            benchmarks.append({"name": name, "run_name": name, "run_type": "iteration",
                               "bytes_per_second": value})
        benchmarks.append({"name": f"{name}_mean", "run_name": name, "run_type": "aggregate",
                           "bytes_per_second": 1.0})
    context = {"date": "2026-11-25T17:00:00+00:00", "num_cpus": 2, "compiler": compiler}
    return {"context": context, "benchmarks": benchmarks}


def write_run(path: Path, samples: dict[str, list[float]], compiler: str = "GNU 12") -> Path:
    path.write_text(json.dumps(benchmark_json(samples, compiler)))
    return path
