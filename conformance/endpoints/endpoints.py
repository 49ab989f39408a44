#!/usr/bin/env python3
"""Takes other implementations through wsproof, each in its roles: ./dev endpoints.

Exit status: the worst of the runs: 0 as expected, 1 not so, 2 bad usage, 3 an endpoint died or
never answered, 4 not run.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifest import HERE, ROLES, BadManifest, CannotInstall, Endpoint, read_all

ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "reports"), str(ROOT / "conformance" / "autobahn")]

import run_file  # noqa: E402
from autobahn import describe_machine  # noqa: E402
from baseline import BadBaseline, apply_baseline, load_baseline  # noqa: E402

FAILED, USAGE, DEAD, BROKEN = 1, 2, 3, 4
API_SECONDS = 300
# What is kept of a case as evidence; the rest is in the catalogue, or of this machine alone.
EVIDENCE = ("number", "title", "verdict", "close_verdict", "passed", "compatible", "reason",
            "breaks", "baseline", "unexpected_pass", "duration_ms")
API_SERVER = HERE / "websocket_api" / "api_server.mjs"


@dataclass(frozen=True)
class Job:
    """One run of one endpoint in one role."""

    endpoint: Endpoint
    role: str
    tls: bool = False

    @property
    def name(self) -> str:
        """Of its run file."""
        return f"{self.endpoint.name}-{self.role}" + ("-tls" if self.tls else "")


def plan(endpoints: list[Endpoint], roles: list[str], tls: bool) -> list[Job]:
    """The runs that are asked for, and can be."""
    return [
        Job(endpoint, role, secure)
        for endpoint in endpoints
        for role in ROLES
        if role in endpoint.roles and (not roles or role in roles)
        for secure in (False, True)
        if not secure or (tls and endpoint.roles[role].tls_command)
    ]


def start_command(job: Job) -> str:
    """What starts the endpoint. Over TLS the {certificate} of a client is what it is to trust."""
    tested = job.endpoint.roles[job.role]
    if not job.tls:
        return tested.command
    command = tested.tls_command or ""
    return command.replace("{certificate}", "{ca}") if job.role == "client" else command


def wsproof_command(job: Job, wsproof: Path, run: Path,
                    options: argparse.Namespace) -> list[str]:
    """The command that runs a job in the role of server or client."""
    tested = job.endpoint.roles[job.role]
    command = [str(wsproof), job.role]
    if job.role == "server" and (tested.url or job.tls):
        url = tested.url or "ws://127.0.0.1:{port}/"
        command.append(url.replace("ws://", "wss://") if job.tls else url)
    elif job.tls:
        command.append("--tls")
    command += ["--spawn", start_command(job)]
    if tested.profile:
        command += ["--profile", tested.profile]
    command += ["--name", job.endpoint.name, "--language", job.endpoint.language, "--quiet"]
    if version := job.endpoint.find_version():
        command += ["--impl-version", version]
    if options.cases:
        command += ["--cases", ",".join(options.cases)]
    if options.quick:
        command += ["--quick"]
    if tested.exclude:
        command += ["--exclude", ",".join(tested.exclude)]
    baseline = job.endpoint.baseline(job.role)
    if options.update_baselines:
        command += ["--update-baseline", str(job.endpoint.folder / f"{job.role}.baseline.json")]
    elif baseline:
        command += ["--baseline", str(baseline)]
    return [*command, "--json", str(run)]


@contextmanager
def api_server() -> Iterator[str]:
    """The server that the tests of the WebSocket API talk to; yields its URL."""
    with subprocess.Popen(["node", str(API_SERVER), "0"], stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def run_api(job: Job, path: Path, options: argparse.Namespace) -> int:
    """Runs the tests of the WebSocket API and writes their run file."""
    tested = job.endpoint.roles["api"]
    started = datetime.datetime.now(datetime.UTC)
    begin = time.monotonic()
    with api_server() as url:
        command = tested.command.replace("{url}", shlex.quote(url))
        with subprocess.Popen(["sh", "-c", command], cwd=job.endpoint.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                output, errors = process.communicate(timeout=API_SECONDS)
            except subprocess.TimeoutExpired:
                process.terminate()
                output, errors = process.communicate()
                errors += f"\nnot done after {API_SECONDS} s"
    cases: dict[str, Any] = {}
    reason = None
    try:
        for result in json.loads(output):
            case_id = result.pop("id")
            cases[case_id] = {
                "number": None, "close_verdict": None,
                "passed": run_file.is_passed(result["verdict"], None), **result}
    except ValueError:
        reason = f"no results: {errors.strip() or 'the program wrote none'}"
    baseline = job.endpoint.baseline("api")
    if baseline and cases and not options.update_baselines:
        apply_baseline(cases, load_baseline(baseline, cases))
    totals = run_file.compute_totals(cases)
    status, exit_status = "passed", 0
    if reason:
        status, exit_status = "endpoint_dead", DEAD
    elif totals["failed"] or totals["unexpected_passes"]:
        status, exit_status = "failed", FAILED
    run_file.write({
        "format": "wsproof-run", "version": 1, "id": job.name, "form": "full",
        "implementation": {
            "name": job.endpoint.name, "version": job.endpoint.find_version(),
            "language": job.endpoint.language, "role": "client", "target": tested.command,
            "tls": False},
        "suite": {"name": "websocket-api", "engine": "wsproof", "engine_version": None,
                  "library": None, "python": None},
        "environment": describe_machine(),
        "started": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_ms": round((time.monotonic() - begin) * 1000, 3),
        "status": status, "exit_status": exit_status, "reason": reason,
        "selection": {"cases": [], "exclude": [], "quick": False},
        "totals": totals, "cases": cases,
    }, path)
    print(f"{job.endpoint.name}, WebSocket API: {status}, "
          f"{totals['passed']} of {totals['cases']} tests passed"
          + (f", {totals['failed']} failed" if totals["failed"] else "")
          + (f", {totals['expected_failures']} known to fail" if totals["expected_failures"]
             else "") + (f"\n{reason}" if reason else ""))
    for case_id, case in cases.items():
        if not case["passed"] and "baseline" not in case:
            print(f"fail {case_id}: {case.get('reason', '')}")
        elif case.get("unexpected_pass"):
            print(f"passed, though the baseline expects it to fail: {case_id}")
    return exit_status


def evidence_of(run: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a run: who was tested, and each verdict with its reason."""
    small = run_file.small_form(run)
    small["cases"] = {case_id: {name: case[name] for name in EVIDENCE if name in case}
                      for case_id, case in run["cases"].items()}
    small.pop("endpoint_output", None)
    return small


def run_job(job: Job, wsproof: Path, path: Path, options: argparse.Namespace) -> int:
    """Runs a job. Returns its exit status."""
    path.unlink(missing_ok=True)
    if job.role == "api":
        return run_api(job, path, options)
    command = wsproof_command(job, wsproof, path, options)
    status = subprocess.run(command, cwd=job.endpoint.folder, check=False).returncode
    if job.tls and path.exists():
        # The same endpoint over TLS is another run of the report.
        run = run_file.load(path)
        run["id"] = job.name
        run["implementation"]["target"] = job.endpoint.roles[job.role].tls_command
        run["reproduce"] = (f"./dev endpoints {job.endpoint.name} --role {job.role} --tls "
                            "--cases {case}")
        run_file.write(run, path)
    return status if status >= 0 and path.exists() else BROKEN


def main(words: list[str]) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="./dev endpoints", description=__doc__,
                                     allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of endpoints; default: all")
    parser.add_argument("--list", action="store_true", help="show them, and do nothing")
    parser.add_argument("--role", action="append", choices=ROLES, default=[], help="only this role")
    parser.add_argument("--cases", action="append", default=[], help="ids, sections or globs")
    parser.add_argument("--quick", action="store_true", help="as of wsproof")
    parser.add_argument("--tls", action="store_true", help="over TLS as well, where it can be")
    parser.add_argument("--no-install", action="store_true", help="fail if something is missing")
    parser.add_argument("--update-baselines", action="store_true",
                        help="take what fails for known; give each entry its reason afterwards")
    parser.add_argument("--evidence", type=Path, metavar="DIR",
                        help="also write the small form of the run files there")
    parser.add_argument("--output", type=Path, default=ROOT / "reports" / "out" / "endpoints")
    parser.add_argument("--wsproof", type=Path, default=ROOT / "build" / "release" / "wsproof",
                        help="the program")
    options = parser.parse_args(words)
    try:
        endpoints = read_all(options.names)
    except BadManifest as error:
        print(f"endpoints: {error}", file=sys.stderr)
        return USAGE
    if options.list:
        for endpoint in endpoints:
            print(f"{endpoint.name}: {', '.join(endpoint.roles)}; {endpoint.language}"
                  + (f"; not installed: {lack}" if (lack := endpoint.missing()) else ""))
        return 0
    return run_all(plan(endpoints, options.role, options.tls), options)


def run_all(jobs: list[Job], options: argparse.Namespace) -> int:
    """Installs and runs, then writes the report. Returns the worst exit status."""
    worst = 0
    options.output.mkdir(parents=True, exist_ok=True)
    written = []
    wsproof = options.wsproof.resolve()
    for job in jobs:
        try:
            if options.no_install and (lack := job.endpoint.missing()):
                raise CannotInstall(f"{job.endpoint.name} is not installed; by hand: {lack}")
            job.endpoint.install()
        except CannotInstall as error:
            print(f"endpoints: {error}", file=sys.stderr)
            worst = max(worst, BROKEN)
            continue
        path = options.output.resolve() / f"{job.name}.json"
        try:
            worst = max(worst, run_job(job, wsproof, path, options))
        except BadBaseline as error:
            print(f"endpoints: {error}", file=sys.stderr)
            worst = max(worst, USAGE)
            continue
        if path.exists():
            written.append(path)
            if options.evidence:
                options.evidence.mkdir(parents=True, exist_ok=True)
                run_file.write(evidence_of(run_file.load(path)), options.evidence / path.name)
    report = options.output / "index.html"
    if written and wsproof.exists():
        made = subprocess.run([str(wsproof), "report", "-o", str(report), *map(str, written)],
                              check=False)
        worst = max(worst, BROKEN if made.returncode else 0)
        print(f"report: {report}")
    print("as expected" if worst == 0 else f"not as expected (exit status {worst})")
    return worst


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main(sys.argv[1:]))
