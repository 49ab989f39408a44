"""The command: its options, its exit status, its run files, and what it leaves behind."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import autobahn
import run_file
from environment import EngineUnavailable
from runner_test import client_command, fake_engine, is_alive, server_command

HERE = Path(__file__).resolve().parent

# The command with a fake in place of the engine, as a program of its own.
PROGRAM = """
import sys, autobahn, runner_test
autobahn.find_engine = lambda *_: runner_test.fake_engine()
sys.exit(autobahn.main(sys.argv[1:]))
"""


def wait_until(is_true: Any, limit: float = 10) -> bool:
    deadline = time.monotonic() + limit
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class CommandTest(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.output = self.directory / "run.json"

    def run_command(self, *words: str, behave: dict[str, Any] | None = None,
                    find_engine: Any = None) -> tuple[int, str]:
        out = io.StringIO()
        with (
            mock.patch("autobahn.find_engine", find_engine or (lambda *_: fake_engine())),
            mock.patch.dict(os.environ, FAKE_SUITE=json.dumps(behave or {})),
            contextlib.redirect_stdout(out), contextlib.redirect_stderr(out),
        ):
            try:
                status = autobahn.main([*words, "--output", str(self.output)])
            except SystemExit as ending:
                status = int(ending.code or 0)
        return status, out.getvalue()

    def run_file(self) -> dict[str, Any]:
        """Loads the run file, which checks it against the schema."""
        return run_file.load(self.output)


class ExitStatusTest(CommandTest):
    def setUp(self) -> None:
        super().setUp()
        self.of_server = ("--server-command", server_command(), "--cases", "1.1.1,1.1.2")

    def test_is_0_when_all_passed(self) -> None:
        status, out = self.run_command(*self.of_server)
        self.assertEqual(status, 0, out)
        self.assertRegex(out, r"\[1/2\] 0:0\d 1\.1\.1 +OK / OK +2 ms\n")
        run = self.run_file()
        self.assertEqual((run["status"], run["totals"]["passed"]), ("passed", 2))
        self.assertEqual(run["suite"]["library"], "fake 2")
        self.assertEqual(run["implementation"]["role"], "server")

    def test_is_1_when_cases_failed(self) -> None:
        for verdicts in (["FAILED", "OK"], ["UNIMPLEMENTED", "OK"], ["OK", "UNCLEAN"]):
            behave = {"verdicts": {"1.1.2": verdicts}}
            status, out = self.run_command(*self.of_server, behave=behave)
            self.assertEqual(status, 1, out)
            self.assertEqual(self.run_file()["status"], "failed")

    def test_is_1_when_a_case_has_no_result(self) -> None:
        status, out = self.run_command(*self.of_server, "--case-timeout", "0.3",
                                       behave={"hang": ["1.1.2"]})
        self.assertEqual(status, 1, out)
        self.assertEqual(self.run_file()["cases"]["1.1.2"]["verdict"], "MISSING")

    def test_is_0_for_non_strict_unless_strict(self) -> None:
        behave = {"verdicts": {"1.1.2": ["NON-STRICT", "OK"]}}
        self.assertEqual(self.run_command(*self.of_server, behave=behave)[0], 0)
        status, out = self.run_command(*self.of_server, "--strict", behave=behave)
        self.assertEqual(status, 1)
        self.assertIn("--strict", out)
        self.assertEqual(self.run_file()["status"], "failed")

    def test_is_0_when_the_baseline_names_what_failed(self) -> None:
        baseline = self.directory / "baseline.json"
        baseline.write_text(json.dumps({"format": "wsproof-baseline", "version": 1, "cases": {
            "1.1.1": "was slow", "1.1.2": "is slow"}}))
        status, out = self.run_command(*self.of_server, "--baseline", str(baseline),
                                       behave={"verdicts": {"1.1.2": ["FAILED", "OK"]}})
        self.assertEqual(status, 0, out)
        self.assertIn("case 1.1.1 passes, though the baseline names it: was slow", out)
        totals = self.run_file()["totals"]
        self.assertEqual((totals["expected_failures"], totals["unexpected_passes"]), (1, 1))

    def test_is_3_when_the_endpoint_is_dead(self) -> None:
        status, out = self.run_command("--server-command", server_command("dies"))
        self.assertEqual(status, 3, out)
        self.assertIn("    the fake server dies\n", out)
        run = self.run_file()
        self.assertEqual((run["status"], run["totals"]["cases"]), ("endpoint_dead", 517))
        self.assertIn("the fake server dies", run["endpoint_output"])

    def test_is_4_when_the_engine_breaks(self) -> None:
        status, out = self.run_command(*self.of_server, behave={"crash": ["1.1.1"]})
        self.assertEqual(status, 4, out)
        self.assertEqual(self.run_file()["status"], "harness_error")

    def test_is_4_when_there_is_no_engine(self) -> None:
        def nothing(*_: object) -> None:
            raise EngineUnavailable("no network")

        status, out = self.run_command(*self.of_server, find_engine=nothing)
        self.assertEqual(status, 4, out)
        run = self.run_file()
        self.assertEqual((run["status"], run["reason"]), ("not_run", "no network"))
        self.assertIsNone(run["suite"]["engine"])
        self.assertEqual(run["totals"]["verdicts"], {"MISSING": 2})

    def test_is_4_when_the_engine_cannot_do_what_is_asked(self) -> None:
        engine = fake_engine(speaks_tls=False)
        status, out = self.run_command("--client", client_command(), "--tls",
                                       find_engine=lambda *_: engine)
        self.assertEqual(status, 4, out)
        self.assertEqual(self.run_file()["status"], "not_run")

    def test_tests_clients(self) -> None:
        status, out = self.run_command("--client", client_command(), "--cases", "1.1.1", "--name",
                                       "A client", "--impl-version", "2", "--language", "C++")
        self.assertEqual(status, 0, out)
        implementation = self.run_file()["implementation"]
        self.assertEqual(implementation["name"], "A client")
        self.assertEqual(implementation["role"], "client")

    def test_writes_the_small_form_too(self) -> None:
        small = self.directory / "small.json"
        self.run_command(*self.of_server, "--small", str(small))
        self.assertEqual(run_file.load(small)["form"], "small")
        self.assertEqual(self.run_file()["form"], "full")

    def test_keeps_what_the_engine_wrote(self) -> None:
        kept = self.directory / "kept"
        self.run_command(*self.of_server, "--suite-output", str(kept))
        self.assertTrue(list(kept.glob("portion-*/index.json")))


class BadUsageTest(CommandTest):
    def test_is_2_and_says_what_would_be_right(self) -> None:
        bad_baseline = self.directory / "baseline.json"
        bad_baseline.write_text("{}")
        server = ("--server", "ws://127.0.0.1:9001/")
        for words, message in (
            ((), "give either --server URL"),
            ((*server, "--client", "true"), "give either --server URL"),
            (("--server", "http://x/"), "--server 'http://x/' is no WebSocket URL"),
            (("--server", "ws://x:99999/"), "--server 'ws://x:99999/' is no WebSocket URL"),
            (("--server", "ws://x/", "--tls"), "is not wss"),
            (("--server-command", "true"), "has no {port}"),
            (("--client", "'"), "--client"),
            (("--client", ""), "--client '' is empty"),
            (("--client", "/nowhere/client {url}"), "there is no program '/nowhere/client'"),
            ((*server, "--cases", "8"), "--cases '8' names no case"),
            ((*server, "--cases", "9", "--quick"), "no case is left"),
            ((*server, "--jobs", "0"), "--jobs: '0' is no positive whole number"),
            ((*server, "--timeout", "-1"), "--timeout: '-1' is no positive number"),
            ((*server, "--engine", "crossbario"), "--engine: invalid choice: 'crossbario'"),
            ((*server, "--baseline", str(bad_baseline)), "is no baseline of version 1"),
            ((*server, "--small", "/proc/x/y.json"), "--small '/proc/x/y.json' cannot be written"),
            ((*server, "--what"), "--what"),
        ):
            with self.subTest(words):
                status, out = self.run_command(*words)
                self.assertEqual(status, 2, out)
                self.assertIn(message, out)
                self.assertEqual(out.count("\n"), 1, out)
                self.assertFalse(self.output.exists())


class BrokenHarnessTest(CommandTest):
    def test_is_not_taken_for_failed_cases(self) -> None:
        script = (f"import runpy, sys; sys.argv = ['autobahn.py', '--list']; "
                  f"sys.path.insert(0, {str(HERE)!r}); import selection; "
                  f"selection.CASES_PATH = selection.Path('/nowhere'); "
                  f"runpy.run_path({str(HERE / 'autobahn.py')!r}, run_name='__main__')")
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("/nowhere", done.stderr)


class ToldTest(CommandTest):
    def test_is_which_engine_was_found(self) -> None:
        status, out = self.run_command("--show-engine")
        self.assertEqual((status, out), (0, "a fake\n"))

    def test_is_which_cases_are_selected(self) -> None:
        status, out = self.run_command("--list", "--cases", "2.1,10")
        self.assertEqual(status, 0)
        self.assertEqual([line.split()[0] for line in out.splitlines()], ["2.1", "10.1.1"])

    def test_can_be_repeated_with_one_case(self) -> None:
        arguments = autobahn.make_parser().parse_args(["--client", "c '{url}'", "--tls"])
        self.assertEqual(autobahn.reproduce_command(arguments),
                         "./dev autobahn --client 'c '\"'\"'{url}'\"'\"'' --tls --cases {case}")


class LimitsTest(unittest.TestCase):
    def limit_of(self, case_id: str, *words: str) -> float:
        return autobahn.limits_of(autobahn.make_parser().parse_args(words)).of_case(case_id)

    def test_are_longer_for_slow_cases(self) -> None:
        self.assertEqual([self.limit_of(case_id) for case_id in ("1.1.1", "12.1.1", "9.1.1")],
                         [60, 480, 480])

    def test_are_as_given(self) -> None:
        self.assertEqual([self.limit_of(case_id, "--case-timeout", "7")
                          for case_id in ("1.1.1", "12.1.1")], [7, 7])


class ProcessesTest(CommandTest):
    """What is left of a run that is ended from outside: nothing."""

    def start(self, mode: str) -> subprocess.Popen[str]:
        pid_file = self.directory / "pids"
        command = [sys.executable, "-c", PROGRAM, "--server-command",
                   server_command(mode, pid_file), "--cases", "1.1.1,1.1.2", "--output",
                   str(self.output)]
        environ = {**os.environ, "FAKE_SUITE": '{"hang": ["1.1.2"]}',
                   "TMPDIR": str(self.directory)}
        program = subprocess.Popen(command, cwd=HERE, env=environ, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(program.kill)
        assert program.stdout
        self.enterContext(program.stdout)
        while "1.1.1" not in (line := program.stdout.readline()):
            self.assertNotEqual(line, "", "the program ended early")
        self.pids = [int(pid) for pid in pid_file.read_text().split()]
        self.pids += children(program.pid)
        self.assertTrue(all(map(is_alive, self.pids)))
        return program

    def assert_all_end(self) -> None:
        self.assertTrue(wait_until(lambda: not any(map(is_alive, self.pids))),
                        [pid for pid in self.pids if is_alive(pid)])

    def test_ends_all_at_ctrl_c_and_keeps_what_it_has(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                program = self.start("good")
                program.send_signal(number)
                out, _ = program.communicate(timeout=15)
                self.assertEqual(program.returncode, 4, out)
                self.assert_all_end()
                self.assertIn(f"stopped by {number.name}", out)
                run = self.run_file()
                self.assertEqual(run["status"], "interrupted")
                self.assertEqual(run["cases"]["1.1.1"]["verdict"], "OK")

    def test_leaves_nothing_when_it_is_killed(self) -> None:
        program = self.start("stubborn")
        program.kill()
        program.wait()
        self.assert_all_end()


def children(pid: int) -> list[int]:
    """Returns the processes that a process has started."""
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    if listing.exists():
        return [int(child) for child in listing.read_text().split()]
    return []


if __name__ == "__main__":
    unittest.main()
