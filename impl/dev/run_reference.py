"""The main job of ./dev run: the reference through the suite in both roles, then the report.

Usage: run_reference.py --build DIR --output DIR [--quick] [--autobahn | --autobahn-quick] [--tls]
                        [OPTION of autobahn.py...]
Exit status: the worst of the runs, as ./dev --help lists them; 4 if there is no report.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TLS_CASES = "1,2,3,5,6.1,7"  # every kind of frame and ending, in some seconds
BROKEN = 4


@dataclass(frozen=True)
class Job:
    """One run of the reference, and the run file that it leaves."""

    label: str
    command: list[str]
    run_file: Path


def native_jobs(build: Path, output: Path, quick: bool) -> list[Job]:
    """Returns the runs of the reference through the native suite, built in `build`."""
    programs = build / "impl" / "apps"
    # What sections 12 and 13 wait for is the reference's own compressor: fast, and on each core.
    common = "--control --compression-level 1"
    commands = {
        "server": f"{programs / 'echo_server'} --port {{port}} --threads {os.cpu_count() or 1} "
                  f"{common}",
        "client": f"{programs / 'echo_client'} --autobahn {{url}} --agent {{agent}} "
                  f"--subprotocol chat --subprotocol superchat {common}",
    }
    jobs = []
    for role, command in commands.items():
        run_file = output / "runs" / f"{role}.json"
        jobs.append(Job(role, [
            str(build / "wsproof"), role, "--spawn", command, "--name", "wsproof",
            "--language", "C++", "--json", str(run_file), "--jobs", "16",
            *(["--quick"] if quick else []),
        ], run_file))
    return jobs


def autobahn_jobs(programs: Path, output: Path, tls: bool, options: Sequence[str]) -> list[Job]:
    """Returns the runs of the reference, whose echo programs lie in `programs`, through Autobahn."""
    tested = {
        "server": ["--server-command", f"{programs / 'echo_server'} --port {{port}}"],
        "client": ["--client", f"{programs / 'echo_client'} --autobahn {{url}} --agent {{agent}}"],
    }
    tested_tls = {
        "server": ["--server-command", f"{programs / 'echo_server'} --port {{port}} --tls "
                   "--cert {cert} --key {key}"],
        "client": ["--client", f"{programs / 'echo_client'} --autobahn {{url}} --agent {{agent}} "
                   "--ca {ca}"],
    }
    jobs = []
    for suffix, commands, more in (("", tested, []),
                                   (" with TLS", tested_tls, ["--tls", "--cases", TLS_CASES])):
        if suffix and not tls:
            continue
        for role, words in commands.items():
            label = role + " through Autobahn" + suffix
            run_file = output / "runs" / f"{label.replace(' ', '-').lower()}.json"
            jobs.append(Job(label, [
                sys.executable, str(ROOT / "conformance" / "autobahn" / "autobahn.py"), *words,
                "--name", "wsproof", "--language", "C++", "--strict", "--output", str(run_file),
                *more, *options,
            ], run_file))
    return jobs


class Interrupted(Exception):
    """Whoever started this wants it to end."""


def run_to_end(jobs: Sequence[Job]) -> list[int]:
    """Runs the commands of jobs side by side. Those that are told to stop are waited for.

    What several say is shown line by line, with the label in front.
    Returns: each one's exit status, or `BROKEN` if a signal ended it.
    Errors: Interrupted, after all have ended.
    """
    told_to_stop = False
    several = len(jobs) > 1
    processes = [subprocess.Popen(job.command, text=True, errors="replace",
                                  stdout=subprocess.PIPE if several else None,
                                  stderr=subprocess.STDOUT if several else None)
                 for job in jobs]

    def stop(number: int, _frame: object) -> None:
        nonlocal told_to_stop
        told_to_stop = True
        # The terminal sends SIGINT to all; the second is for those sent to us alone.
        for process in processes:
            process.send_signal(number)

    def show(job: Job, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                print(f"{job.label}: {line}", end="", flush=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if several:
            readers = [threading.Thread(target=show, args=pair)
                       for pair in zip(jobs, processes, strict=True)]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        statuses = [process.wait() for process in processes]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if told_to_stop:
        raise Interrupted
    return [status if status >= 0 else BROKEN for status in statuses]


def summary(job: Job) -> str:
    """Returns a line on what a run came to."""
    try:
        run = json.loads(job.run_file.read_text())
        totals, suite = run["totals"], run["suite"]
        engine = " ".join(filter(None, (suite["engine"], suite["engine_version"]))) or "no engine"
        return (f"  {job.label}: {run['status'].replace('_', ' ')}, "
                f"{totals['passed']} of {totals['cases']} cases passed ({engine})")
    except (OSError, ValueError, KeyError):
        return f"  {job.label}: not run, there is no run file"


def run_jobs(groups: Sequence[Sequence[Job]], render: list[str], report: Path) -> int:
    """Runs groups of jobs, those of one side by side, and, with the run files that there are, the
    command `render`, which writes `report`. Returns the worst exit status.
    """
    worst = 0
    jobs = [job for group in groups for job in group]
    for job in jobs:
        job.run_file.parent.mkdir(parents=True, exist_ok=True)
        job.run_file.unlink(missing_ok=True)
    for group in groups:
        print("\n== the reference as " + " and as ".join(job.label for job in group), flush=True)
        try:
            worst = max(worst, *run_to_end(group))
        except Interrupted:
            worst = BROKEN
            break
        if not all(job.run_file.exists() for job in group):
            worst = BROKEN
    written = [str(job.run_file) for job in jobs if job.run_file.exists()]
    report.unlink(missing_ok=True)
    if written and subprocess.run([*render, *written], check=False).returncode != 0:
        worst = BROKEN
    print("\n" + "\n".join(summary(job) for job in jobs))
    if report.exists():
        print(f"report: {report}")
    else:
        print("there is no report")
        worst = BROKEN
    print("everything passed" if worst == 0 else f"not everything passed (exit status {worst})")
    return worst


def has_engine(options: Sequence[str]) -> bool:
    """Whether one of Autobahn's engines can be had. Those who want to know why not are told."""
    choice = [word for at, word in enumerate(options)
              if word == "--engine" or (at > 0 and options[at - 1] == "--engine")]
    autobahn = ROOT / "conformance" / "autobahn" / "autobahn.py"
    return subprocess.run([sys.executable, str(autobahn), "--show-engine", *choice],
                          check=False).returncode == 0


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run_reference", allow_abbrev=False)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--autobahn", action="store_true")
    parser.add_argument("--autobahn-quick", action="store_true")
    parser.add_argument("--tls", action="store_true")
    arguments, options = parser.parse_known_args(words)
    build, output = arguments.build.resolve(), arguments.output.resolve()
    report = output / "index.html"
    render = [str(build / "wsproof"), "report", "-o", str(report)]
    bench = ROOT / "bench" / "out" / "bench.json"
    if bench.exists():
        render += ["--bench", str(bench)]
    parity = output / "parity.json"
    if subprocess.run([sys.executable, str(ROOT / "conformance" / "parity" / "parity.py"),
                       "--committed", str(parity)], check=False).returncode == 0:
        render += ["--parity", str(parity)]
    groups = [native_jobs(build, output, arguments.quick)]
    # Where there is neither Python 2 nor a network, a quick comparison is left out.
    wants_autobahn = arguments.autobahn or (arguments.autobahn_quick and has_engine(options))
    if wants_autobahn:
        if arguments.quick or not arguments.autobahn:
            options.append("--quick")
        groups += [[job] for job in autobahn_jobs(build / "impl" / "apps", output, arguments.tls,
                                                  options)]
    status = run_jobs(groups, render, report)
    if arguments.autobahn_quick and not wants_autobahn:
        print("through Autobahn: not run, there is no engine for its cases")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
