#!/usr/bin/env python3
"""Tests a WebSocket server or client with the cases of Autobahn|Testsuite.

Writes a run file (reports/run.schema.json) and says what came out in its exit status.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "reports"))

from baseline import BadBaseline, apply_baseline, load_baseline  # noqa: E402
from endpoint import Limits, Target, check_url, fill  # noqa: E402
from engine import Engine  # noqa: E402
from environment import ENGINES, BadSetting, EngineUnavailable, find_engine  # noqa: E402
from run_file import compute_totals, small_form, write  # noqa: E402
from runner import Outcome, Runner  # noqa: E402
from selection import BadPattern, Case, load_catalogue, select, split_list  # noqa: E402

PASSED, FAILED, BAD_USAGE, ENDPOINT_DEAD, HARNESS_BROKEN = range(5)
EXIT_STATUS = {
    "passed": PASSED,
    "failed": FAILED,
    "endpoint_dead": ENDPOINT_DEAD,
    "harness_error": HARNESS_BROKEN,
    "interrupted": HARNESS_BROKEN,
    "not_run": HARNESS_BROKEN,
}

OUTPUT_LINES = 10  # of a dead endpoint that are shown; the run file has more

EXAMPLES = """
examples:
  autobahn.py --server ws://127.0.0.1:9001/ --quick
  autobahn.py --server-command './my_server --port {port}' --output server.json
  autobahn.py --client './my_client {url} {agent}' --cases 7,12.1 --tls

A command gets the words {url}, {host}, {port} and {agent}, with --tls also {ca}, {cert} and {key},
and the same as WSPROOF_URL and so on in its environment. A client takes the number of cases from
{url}/getCaseCount, runs {url}/runCase?case=N&agent={agent} for each, echoing every message, and
asks for {url}/updateReports?agent={agent} at the end.

exit status:
  0 passed, 1 cases failed, 2 bad usage, 3 the endpoint died or never answered,
  4 the harness is broken, was interrupted, or no engine can be had
"""


class Parser(argparse.ArgumentParser):
    """Reports bad usage in one line."""

    def error(self, message: str) -> Any:
        self.exit(BAD_USAGE, f"{self.prog}: {message}; see --help\n")


def make_parser() -> Parser:
    parser = Parser(
        prog="autobahn", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    tested = parser.add_argument_group("what is tested, a server or a client")
    tested.add_argument("--server", metavar="URL", help="a server that runs already, ws or wss; "
                        "with --server-command where that will listen")
    tested.add_argument("--server-command", metavar="COMMAND",
                        help="start this server on {port}, and end it afterwards")
    tested.add_argument("--client", metavar="COMMAND",
                        help="start this client against a fuzzing server at {url}")
    tested.add_argument("--tls", action="store_true",
                        help="use wss with a certificate made for this run")
    tested.add_argument("--host", default="127.0.0.1", metavar="ADDRESS",
                        help="address that what is started here listens on (127.0.0.1)")
    tested.add_argument("--name", help="of the implementation, for the report")
    tested.add_argument("--impl-version", metavar="TEXT", help="its version")
    tested.add_argument("--language", metavar="TEXT", help="what it is written in")

    cases = parser.add_argument_group("which cases (default: all 517)")
    cases.add_argument("--cases", action="append", default=[], metavar="LIST",
                       help="ids (1.1.1), sections (7, 6.12) or globs (12.1.*), with commas")
    cases.add_argument("--exclude", action="append", default=[], metavar="LIST",
                       help="leave these out")
    cases.add_argument("--quick", action="store_true", help="leave out sections 9, 12 and 13")

    verdict = parser.add_argument_group("the verdict")
    verdict.add_argument("--baseline", type=Path, metavar="FILE",
                         help="cases that are known not to pass, with reasons (see README.md)")
    verdict.add_argument("--strict", action="store_true", help="NON-STRICT fails too")

    how = parser.add_argument_group("how")
    how.add_argument("--engine", choices=("auto", *ENGINES), default="auto",
                     help="the original, kosoku, or the original if it can be had (auto)")
    how.add_argument("--jobs", type=positive_int, default=len(os.sched_getaffinity(0)),
                     metavar="N", help="engines that run at a time (%(default)s, the cores)")
    how.add_argument("--timeout", type=seconds, default=3600, metavar="SECONDS",
                     help="limit of the whole run (%(default)s)")
    how.add_argument("--case-timeout", type=seconds, metavar="SECONDS",
                     help="a case that takes longer is given up, without result "
                     f"({Limits.case:g}; in sections 9, 12 and 13 {Limits.slow_case:g})")
    how.add_argument("--start-timeout", type=seconds, default=30, metavar="SECONDS",
                     help="until the server answers or the client connects (%(default)s)")
    how.add_argument("--output", type=Path, metavar="PATH",
                     help="run file, or the directory for it (build/autobahn)")
    how.add_argument("--small", type=Path, metavar="FILE",
                     help="write the small form of the run file as well")
    how.add_argument("--suite-output", type=Path, metavar="DIR",
                     help="keep what the engine wrote here")
    how.add_argument("--quiet", action="store_true", help="show only cases that do not pass")

    other = parser.add_argument_group("instead of a test")
    other.add_argument("--show-engine", action="store_true",
                       help="find the engine, make its environment if needed, and say which it is")
    other.add_argument("--list", action="store_true", help="list the cases selected")
    return parser


def positive_int(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no positive whole number")
    return int(text)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number of seconds")
    return value


def target_of(arguments: argparse.Namespace) -> Target:
    """Returns what the options say is to be tested.

    Errors: ValueError, naming the option.
    """
    of_server = arguments.server is not None or arguments.server_command is not None
    if of_server == (arguments.client is not None):
        raise ValueError("give either --server URL or --server-command COMMAND, or --client "
                         "COMMAND")
    command = arguments.server_command if of_server else arguments.client
    url = arguments.server
    tls = arguments.tls
    if command is not None:
        option = "--server-command" if of_server else "--client"
        try:
            words = fill(command, {})
        except ValueError as error:
            raise ValueError(f"{option} {command!r} {error}; give a command line such as "
                             "'./endpoint --port {port}'") from error
        if of_server and url is None and "{port}" not in command and "{url}" not in command:
            raise ValueError(f"--server-command {command!r} has no {{port}}; put it where the port "
                             "number belongs, or say with --server where it listens")
        if not shutil.which(words[0]):
            raise ValueError(f"{option} {command!r}: there is no program {words[0]!r}; give its "
                             "path")
    if url is not None:
        url_parts = check_url(url.replace("{port}", "1"), "--server")
        if tls and url_parts.scheme != "wss":
            raise ValueError(f"--server {url!r} is not wss, as --tls asks for")
        tls = url_parts.scheme == "wss"
    if arguments.name:
        name = arguments.name
    elif command is not None:
        name = Path(words[0]).name
    else:
        name = re.sub(r"^wss?://", "", url).rstrip("/")
    return Target("server" if of_server else "client", name, url, command, tls, arguments.host)


def limits_of(arguments: argparse.Namespace) -> Limits:
    """Returns the limits that the options give."""
    limit = arguments.case_timeout
    return Limits(
        run=arguments.timeout,
        case=limit or Limits.case,
        slow_case=limit or Limits.slow_case,
        start=arguments.start_timeout,
    )


def describe_machine() -> dict[str, Any]:
    """Returns `environment` of the run file."""
    system = platform.system()
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        pass
    cpu = platform.processor() or platform.machine()
    try:
        if match := re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M):
            cpu = match[1]
    except OSError:
        pass
    return {
        "os": system or "unknown",
        "kernel": platform.release() or "unknown",
        "cpu": cpu or "unknown",
        "cores": os.cpu_count() or 1,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    }


class Progress:
    """Shows each result as it comes: how many of how many, case, verdicts, its time, all time."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._total = total
        self._quiet = quiet
        self._done = 0
        self._start = time.monotonic()

    def show(self, case_id: str, result: dict[str, Any]) -> None:
        self._done += 1
        if self._quiet and result["passed"]:
            return
        width = len(str(self._total))
        verdicts = result["verdict"]
        if result["close_verdict"] is not None:
            verdicts += f" / {result['close_verdict']}"
        duration = result["duration_ms"]
        took = "" if duration is None else f"{duration:g} ms"
        elapsed = int(time.monotonic() - self._start)
        line = (f"[{self._done:{width}}/{self._total}] {elapsed // 60}:{elapsed % 60:02d} "
                f"{case_id:8} {verdicts:17} {took:>8}")
        if "reason" in result:
            line += f"  {result['reason']}"
        print(line.rstrip(), flush=True)


async def run_cases(
    arguments: argparse.Namespace, engine: Engine, target: Target, cases: list[Case],
    directory: Path,
) -> Outcome:
    """Runs the cases; SIGINT, SIGTERM and SIGHUP end that early and in order."""
    runner = Runner(
        engine, target, cases, directory, Progress(len(cases), arguments.quiet).show,
        arguments.jobs,
        limits_of(arguments),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, runner.interrupt, f"stopped by {number.name}")
    try:
        return await runner.run()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)


def judge(outcome: Outcome, strict: bool) -> tuple[str, str | None]:
    """Returns the status of a run and the reason for it."""
    if outcome.status is not None:
        return outcome.status, outcome.reason
    if any(not case["passed"] and "baseline" not in case for case in outcome.cases.values()):
        return "failed", None
    non_strict = sum(case["verdict"] == "NON-STRICT" and "baseline" not in case
                     for case in outcome.cases.values())
    if strict and non_strict:
        return "failed", f"{non_strict} cases are NON-STRICT, which --strict does not let pass"
    return "passed", None


def make_run(
    arguments: argparse.Namespace, target: Target, engine: Engine | None, outcome: Outcome,
    started: datetime, duration: float,
) -> dict[str, Any]:
    """Makes the run file of an outcome."""
    status, reason = judge(outcome, arguments.strict)
    told = outcome.engine
    safe_name = re.sub(r"[^a-z0-9]+", "-", target.name.lower()).strip("-") or "endpoint"
    suite = {
        "name": "autobahn",
        "engine": engine.name if engine else None,
        "engine_version": told.get("version"),
        "library": told.get("library"),
        "python": told.get("python"),
    }
    if engine and engine.image:
        suite["image"] = engine.image
    selection = {
        "cases": split_list(arguments.cases) or ["*"],
        "exclude": split_list(arguments.exclude),
        "quick": arguments.quick,
    }
    if arguments.strict:
        selection["x-strict"] = True
    run = {
        "format": "wsproof-run",
        "version": 1,
        "id": f"{safe_name}-{target.role}-{started:%Y%m%dT%H%M%SZ}",
        "form": "full",
        "implementation": {
            "name": target.name,
            "version": arguments.impl_version,
            "language": arguments.language,
            "role": target.role,
            "target": target.command or target.url,
            "tls": target.tls,
        },
        "suite": suite,
        "environment": describe_machine(),
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "duration_ms": round(1000 * duration),
        "status": status,
        "exit_status": EXIT_STATUS[status],
        "reason": reason,
        "selection": selection,
        "totals": compute_totals(outcome.cases),
        "reproduce": reproduce_command(arguments),
        "cases": outcome.cases,
    }
    if outcome.endpoint_output:
        run["endpoint_output"] = outcome.endpoint_output
    return run


def reproduce_command(arguments: argparse.Namespace) -> str:
    """Returns a command that runs one case again, {case} standing for its id."""
    words = ["./dev", "autobahn"]
    for option in ("server", "server_command", "client"):
        value = getattr(arguments, option)
        if value is not None:
            words += ["--" + option.replace("_", "-"), value]
    if arguments.tls:
        words.append("--tls")
    if arguments.engine != "auto":
        words += ["--engine", arguments.engine]
    return shlex.join(words) + " --cases {case}"


def summarise(run: dict[str, Any], path: Path) -> None:
    """Prints what came out."""
    totals = run["totals"]
    for case_id, case in run["cases"].items():
        if case.get("unexpected_pass"):
            print(f"case {case_id} passes, though the baseline names it: "
                  f"{case['baseline']['reason']}")
    suite = run["suite"]
    engine = (f"{suite['engine']} {suite['engine_version'] or ''}".strip()
              if suite["engine"] else "no engine")
    print(f"\n{run['implementation']['name']} as {run['implementation']['role']}, {engine}: "
          f"{totals['passed']} of {totals['cases']} passed, {totals['failed']} failed, "
          f"{totals['expected_failures']} failed as the baseline says, "
          f"{totals['unexpected_passes']} passed against it, {run['duration_ms'] / 1000:.1f} s")
    print(", ".join(f"{count} {verdict}" for verdict, count in totals["verdicts"].items()))
    if run["status"] == "endpoint_dead" and "endpoint_output" in run:
        lines = run["endpoint_output"].rstrip().splitlines()[-OUTPUT_LINES:]
        print("the endpoint wrote at the end:", *lines, sep="\n    ")
    print(f"{run['status'].replace('_', ' ')}"
          + (f": {run['reason']}" if run["reason"] else ""))
    print(f"run file: {path}")


def output_path(output: Path | None, run_id: str) -> Path:
    """Returns where the run file goes: a file if the name ends in .json, else into a directory."""
    if output is not None and output.suffix == ".json":
        return output
    return (output or ROOT / "build" / "autobahn") / f"{run_id}.json"


def check_writable(path: Path, option: str) -> None:
    """Checks that a file can be written, before there is a result to lose.

    Errors: ValueError, naming the option.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if path.is_dir():
            raise IsADirectoryError(0, "it is a directory")
    except OSError as error:
        raise ValueError(f"{option} {str(path)!r} cannot be written ({error.strerror}); give a "
                         "path in a directory that can be written to") from error


def main(words: list[str]) -> int:
    """Runs the command. Returns its exit status."""
    parser = make_parser()
    arguments = parser.parse_args(words)
    catalogue = load_catalogue()
    try:
        cases = select(catalogue, split_list(arguments.cases), split_list(arguments.exclude),
                       arguments.quick)
        baseline = load_baseline(arguments.baseline, catalogue) if arguments.baseline else {}
        if arguments.list:
            for case in cases:
                print(f"{case.id:8} {case.title}")
            return PASSED
        target = None if arguments.show_engine else target_of(arguments)
        if target:
            check_writable(output_path(arguments.output, "run"), "--output")
            if arguments.small:
                check_writable(arguments.small, "--small")
    except (BadPattern, BadBaseline, ValueError) as error:
        parser.error(str(error))
    started, start = datetime.now(timezone.utc), time.monotonic()
    engine = None
    try:
        engine = find_engine(arguments.engine, lambda line: print(line, flush=True))
        outcome = Outcome()
    except BadSetting as error:
        parser.error(str(error))
    except EngineUnavailable as error:
        outcome = Outcome(status="not_run", reason=str(error))
    if target is None:
        print(engine.found if engine else outcome.reason)
        return PASSED if engine else HARNESS_BROKEN
    if engine:
        print(f"engine: {engine.found}", flush=True)
        if target.tls and not engine.speaks_tls:
            outcome = Outcome(status="not_run", reason=f"{engine.name} does not speak TLS; "
                              f"use --engine {ENGINES[0]}, which needs a Python 2.7 or Docker")
    directory = Path(tempfile.mkdtemp(prefix="wsproof-"))
    try:
        if outcome.status is None:
            assert engine is not None
            outcome = asyncio.run(run_cases(arguments, engine, target, cases, directory))
        else:
            from results import missing_case
            outcome.cases = {case.id: missing_case(case, "not run") for case in cases}
        if arguments.suite_output:
            shutil.copytree(directory, arguments.suite_output, dirs_exist_ok=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    outcome.cases = {case.id: outcome.cases[case.id] for case in cases}
    apply_baseline(outcome.cases, baseline)
    run = make_run(arguments, target, engine, outcome, started, time.monotonic() - start)
    path = output_path(arguments.output, run["id"])
    write(run, path)
    if arguments.small:
        write(small_form(run), arguments.small)
    summarise(run, path)
    return int(run["exit_status"])


if __name__ == "__main__":
    # Until the run handles them itself, these end it like Ctrl-C: what it waits for is ended too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    except Exception:  # Python's own status for this, 1, would say that cases failed
        traceback.print_exc()
    sys.exit(HARNESS_BROKEN)
