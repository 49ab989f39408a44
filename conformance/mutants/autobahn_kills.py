#!/usr/bin/env python3
"""Runs the real Autobahn|Testsuite over the faulty endpoints, and notes which of its cases catch what.

    autobahn_kills.py --build DIRECTORY [--output FILE] [--limit SECONDS] [--jobs N]
                      [--faults ID,..]

Cases of the sections 1 to 7 and 10, and of the compression ones 12.1.1 and 13.1.1. A fault is run in
those cases alone in which our player, which plays the same cases, saw the right endpoint come to a
place where the fault would show; in the others nothing differs from the right endpoint, which is run
in all of them. A fault's run ends at the third case that catches it, or at its limit of time. What
catches a fault has to do so twice: the cases have deadlines, which a busy machine can miss.

The output file is written after each fault, and what stands there already is not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "autobahn"))

from engine import Engine, parse_event  # noqa: E402
from environment import find_engine  # noqa: E402

CASES = re.compile(r"(1|2|3|4|5|6|7|10)\.[0-9.]+|12\.1\.1|13\.1\.1")
ALWAYS = ["1.1.1", "2.1"]  # also where nothing is expected to differ
ENOUGH = 3  # cases that catch a fault
RANKS = {"OK": 0, "INFORMATIONAL": 0, "NON-STRICT": 1, "UNIMPLEMENTED": 2}

Verdicts = dict[str, tuple[str, str]]  # behaviour and close behaviour by case


def sort_key(case: str) -> list[int]:
    return [int(part) for part in case.split(".")]


def rank(verdict: tuple[str, str]) -> tuple[int, int]:
    behaviour, close = verdict
    return RANKS.get(behaviour, 3), 0 if close in ("OK", "INFORMATIONAL") else 1


def is_worse(verdict: tuple[str, str], right: tuple[str, str]) -> bool:
    theirs, ours = rank(verdict), rank(right)
    return theirs[0] > ours[0] or theirs[1] > ours[1]


class Endpoint:
    """wsproof_mutant as a process of its own."""

    def __init__(self, program: Path, role: str, fault: str | None) -> None:
        self.command = [str(program), "--role", role] + (["--fault", fault] if fault else [])
        self.process: subprocess.Popen[str] | None = None

    def serve(self) -> str:
        """Starts a server; returns its URL."""
        self.process = subprocess.Popen([*self.command, "--listen", "127.0.0.1"],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        port = self.process.stdout.readline().split()[-1]
        return f"ws://127.0.0.1:{port}"

    def connect(self, port: int) -> None:
        self.process = subprocess.Popen([*self.command, "--url", f"ws://127.0.0.1:{port}",
                                         "--agent", "mutant"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        text=True)

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() not in (None, 0)

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def run(engine: Engine, program: Path, role: str, fault: str | None, cases: list[str],
        limit: float, right: Verdicts) -> tuple[Verdicts, dict[str, str]]:
    """Returns the verdict of each case that was played, and what the engine says about itself."""
    verdicts: Verdicts = {}
    about: dict[str, str] = {}
    endpoint = Endpoint(program, role, fault)
    with tempfile.TemporaryDirectory() as scratch:
        plan: dict[str, Any] = {"role": role, "cases": cases, "results": scratch, "agent": "mutant",
                                "host": "127.0.0.1", "tls": False}
        if role == "server":
            plan["url"] = endpoint.serve()
        plan_file = Path(scratch) / "plan.json"
        plan_file.write_text(json.dumps(plan))
        process = subprocess.Popen(engine.command_for(plan_file, Path(scratch), "mutants"),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        timer = threading.Timer(limit, lambda: os.killpg(process.pid, signal.SIGKILL))
        timer.start()
        caught = 0
        try:
            assert process.stdout is not None
            for line in process.stdout:
                event = parse_event(line)
                if event["event"] == "engine":
                    about = {name: event[name] for name in ("engine", "version", "library", "python")}
                elif event["event"] == "listening":
                    endpoint.connect(event["port"])
                elif event["event"] == "finished":
                    result = json.loads((Path(scratch) / event["file"]).read_text())
                    verdict = (result["behavior"], result["behaviorClose"])
                    verdicts[event["case"]] = verdict
                    if event["case"] in right and is_worse(verdict, right[event["case"]]):
                        caught += 1
                elif event["event"] == "refused" and endpoint.has_died():
                    verdicts[event["case"]] = ("FAILED", "DIED")
                    caught += 1
                if caught >= ENOUGH or len(verdicts) == len(cases) or event["event"] == "reports":
                    break
        finally:
            timer.cancel()
            endpoint.end()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return verdicts, about


def catch(engine: Engine, program: Path, role: str, fault: str, cases: list[str], limit: float,
          right: Verdicts) -> dict[str, Any]:
    """Returns what is kept of a fault."""
    def played(cases: list[str]) -> tuple[Verdicts, dict[str, str]]:
        verdicts, _ = run(engine, program, role, fault, cases, limit, right)
        return verdicts, {case: "/".join(verdict) for case, verdict in verdicts.items()
                          if case in right and is_worse(verdict, right[case])}

    verdicts, caught = played(cases)
    if caught:
        # All that came before is played again: a fault may show on a later connection alone.
        _, again = played(cases[:max(cases.index(case) for case in caught) + 1])
        caught = {case: verdict for case, verdict in caught.items() if case in again}
    return {"caught_by": caught, "played": len(verdicts), "of": len(cases)}


def play_matrix(programs: Path, *arguments: str) -> dict[str, Any]:
    """Returns what wsproof_kills makes of all faults, or of those that are named."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([programs / "wsproof_kills", *arguments, "--json", file.name],
                       stdout=subprocess.DEVNULL, check=False)
        return json.loads(Path(file.name).read_text())


def write(path: Path, report: dict[str, Any]) -> None:
    """One fault a line."""
    head = {name: member for name, member in report.items() if name not in ("faults", "right")}
    lines = [f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in report["faults"].items()]
    right = [f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in report["right"].items()]
    text = json.dumps(head, indent=1)[:-2] + ',\n "right": {\n' + ",\n".join(right)
    text += '\n },\n "faults": {\n' + ",\n".join(lines) + "\n }\n}\n"
    scratch = path.with_suffix(".new")
    scratch.write_text(text)
    scratch.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="of CMake")
    parser.add_argument("--output", type=Path, default=HERE / "autobahn_kills.json")
    parser.add_argument("--limit", type=float, default=30, help="seconds for each fault")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1,
                        help="faults at a time; default: as many as there are cores")
    parser.add_argument("--until", type=float, default=0, help="stop after so many seconds; 0: never")
    parser.add_argument("--faults", default="", help="ids; default: all")
    arguments = parser.parse_args()
    programs = arguments.build / "conformance" / "mutants"
    begin = time.monotonic()

    matrix = play_matrix(programs, "--first")
    engine = find_engine("autobahntestsuite")
    catalogue = json.loads((HERE.parent / "autobahn" / "cases.json").read_text())
    all_cases = sorted((case["id"] for case in catalogue if CASES.fullmatch(case["id"])),
                       key=sort_key)

    report: dict[str, Any] = {"suite": {}, "right": {}, "faults": {}}
    if arguments.output.exists():
        report = json.loads(arguments.output.read_text())
    for role in ("server", "client"):
        if role not in report["right"]:
            verdicts, about = run(engine, programs / "wsproof_mutant", role, None, all_cases,
                                  600, {})
            report["suite"] = about
            report["right"][role] = verdicts
            write(arguments.output, report)
            print(f"right {role}: {len(verdicts)} of {len(all_cases)} cases played")
    wanted = set(filter(None, arguments.faults.split(",")))
    rows = {f"{row['fault']} {row['role']}": row for row in matrix["faults"]
            if not wanted or row["fault"] in wanted}

    def catch_one(row: dict[str, Any]) -> dict[str, Any] | None:
        if arguments.until and time.monotonic() - begin > arguments.until:
            return None
        cases = sorted({case for case in row["could_show_in"] if CASES.fullmatch(case)}
                       | set(ALWAYS), key=sort_key)
        right = {case: tuple(verdict) for case, verdict in report["right"][row["role"]].items()}
        return catch(engine, programs / "wsproof_mutant", row["role"], row["fault"], cases,
                     arguments.limit, right)

    with ThreadPoolExecutor(arguments.jobs) as pool:
        missing = {pool.submit(catch_one, row): key for key, row in rows.items()
                   if key not in report["faults"]}
        try:
            for future in as_completed(missing):
                key, kept = missing[future], future.result()
                if kept is None:
                    continue
                report["faults"][key] = kept
                write(arguments.output, in_order_of(report, rows))
                print(f"{key}: {kept['caught_by'] or 'not caught'} "
                      f"({kept['played']} of {kept['of']} cases)", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if any(key not in report["faults"] for key in rows):
        print("time is up; what is left is run the next time")
        return 1
    return 0


def in_order_of(report: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    """The report with its faults in the order of the table; what that does not have comes first."""
    places = {key: place for place, key in enumerate(rows)}
    faults = sorted(report["faults"].items(), key=lambda entry: places.get(entry[0], -1))
    return {**report, "faults": dict(faults)}


if __name__ == "__main__":
    sys.exit(main())
