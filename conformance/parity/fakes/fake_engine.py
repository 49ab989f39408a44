"""Stands in for an engine in tests: writes a run file in which every case passes.

usage: fake_engine.py RUN_FILE CASES [--hang PIDS | --status STATUS]

With --hang it notes its process id and waits for ever.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main(path: str, cases: str, *rest: str) -> None:
    if rest[:1] == ("--hang",):
        with open(rest[1], "a", encoding="ascii") as pids:
            pids.write(f" {os.getpid()}")
        signal.pause()
    status = rest[1] if rest else "passed"
    sum(range(1_000_000))  # some processor time
    ids = cases.split(",")
    for number, case in enumerate(ids, 1):
        print(f"[{number}/{len(ids)}] 0:00 {case} OK / OK", flush=True)
    result = {"number": 1, "verdict": "OK", "close_verdict": "OK", "passed": True, "duration_ms": 1,
              "title": "a case"}
    with open(path, "w", encoding="ascii") as file:
        json.dump({
            "format": "wsproof-run", "version": 1, "id": "fake", "form": "full",
            "implementation": {"name": "fake", "version": "1", "language": "C++", "role": "server",
                               "target": "x", "tls": False},
            "suite": {"name": "autobahn", "engine": "autobahntestsuite", "engine_version": "25.10.1",
                      "library": None, "python": None},
            "environment": {"os": "x", "kernel": "x", "cpu": "a fake", "cores": 2},
            "started": "2026-11-26T00:00:00Z", "duration_ms": 1, "status": status,
            "exit_status": 0 if status == "passed" else 4,
            "reason": None if status == "passed" else "as the test wants it",
            "selection": {"cases": ids, "exclude": [], "quick": False},
            "totals": {"cases": len(ids), "passed": len(ids), "failed": 0, "expected_failures": 0,
                       "unexpected_passes": 0, "verdicts": {"OK": len(ids)},
                       "close_verdicts": {"OK": len(ids)}},
            "cases": {case: result for case in ids},
        }, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
