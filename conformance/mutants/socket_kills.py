#!/usr/bin/env python3
"""Sees over sockets whether faults are caught by the cases that catch them in virtual time.

    socket_kills.py --build DIRECTORY [--output FILE] [--faults ID,..] [--jobs N] [--every N]

wsproof_kills plays the endpoint in its own process, where nothing depends on how fast anybody is. Here
wsproof plays the same faults in programs of their own: at first the first case that catches a fault, then,
if it does not, up to forty of those that do, spread over all of them, and at last the sections that need
sockets. What no case catches is told; the exit status is 1 then.

The output file is written after each fault, and what stands there already is not run again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autobahn_kills import play_matrix

MOST = 40  # cases of the second try
OF_SOCKETS = ["30", "35", "41.9"]  # what the matrix leaves out, at the third
LIMIT = 300  # seconds


def spread(cases: list[str], count: int = MOST) -> list[str]:
    """At most `count` of `cases`, from all over them."""
    if len(cases) <= count:
        return cases
    return [cases[i * len(cases) // count] for i in range(count)]


def command_for(wsproof: Path, mutant: Path, fault: str, role: str, cases: list[str],
                run_file: Path) -> list[str]:
    endpoint = f"'{mutant}' --role {role} " + ("--port {port}" if role == "server" else "--url {url}")
    if fault:
        endpoint += f" --fault {fault}"
    return [str(wsproof), role, "--spawn", endpoint, "--cases", ",".join(cases), "--json", str(run_file), "--quiet"]


def caught_by(run: dict[str, dict]) -> list[str]:
    """The cases of a run file that found something wrong."""
    return [case for case, result in run.items() if result["verdict"] in ("fail", "non_strict")]


def play(build: Path, fault: str, role: str, cases: list[str]) -> list[str]:
    """Returns the cases that catch the fault."""
    with tempfile.TemporaryDirectory() as scratch:
        run_file = Path(scratch) / "run.json"
        command = command_for(build / "wsproof", build / "conformance/mutants/wsproof_mutant", fault,
                              role, cases, run_file)
        try:
            ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return [f"more than {LIMIT} s"]
        if ended.returncode == 3:
            return ["the endpoint died"]
        run = json.loads(run_file.read_text())["cases"] if run_file.exists() else {}
        return caught_by(run)


def confirm(build: Path, fault: str, role: str, catching: list[str]) -> list[str]:
    for cases in (catching[:1], spread(catching), OF_SOCKETS):
        if caught := play(build, fault, role, cases):
            return caught
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="of CMake")
    parser.add_argument("--output", type=Path, default=Path("socket_kills.json"))
    parser.add_argument("--faults", default="", help="ids; default: all")
    parser.add_argument("--jobs", type=int, default=3, help="faults at a time")
    parser.add_argument("--every", type=int, default=1, help="a sample: each N-th fault")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    wanted = list(filter(None, arguments.faults.split(",")))
    for role in ("server", "client"):
        if play(build, "", role, ["1.1.1"]):
            sys.exit(f"socket_kills: the right {role} does not pass 1.1.1; is {build} built?")
    matrix = play_matrix(build / "conformance/mutants", *wanted)
    rows = [(f"{row['fault']} {row['role']}", row["fault"], row["role"], list(row["caught_by"]))
            for row in matrix["faults"] if row["caught_by"]][::arguments.every]
    known = json.loads(arguments.output.read_text()) if arguments.output.exists() else {}
    left = [row for row in rows if row[0] not in known]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        played = pool.map(lambda row: (row, confirm(build, *row[1:])), left)
        for count, (row, cases) in enumerate(played, 1):
            known[row[0]] = cases
            scratch = arguments.output.with_suffix(".new")
            scratch.write_text(json.dumps(known, indent=1) + "\n")
            scratch.replace(arguments.output)
            if not cases:
                print(f"{row[0]}: caught by nothing over sockets", flush=True)
            if count % 100 == 0:
                print(f"{count} of {len(left)}", file=sys.stderr, flush=True)
    missed = [key for key, *_ in rows if not known[key]]
    print(f"{len(rows) - len(missed)} of {len(rows)} faults by role are caught over sockets")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
