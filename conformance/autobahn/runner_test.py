"""The runner with a fake suite, and endpoints that die, hang and never listen."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reports"))

from endpoint import Limits, Target, free_port  # noqa: E402
from engine import Engine  # noqa: E402
from environment import AUTOBAHN  # noqa: E402
from processes import within  # noqa: E402
from runner import Outcome, Runner  # noqa: E402
from selection import load_catalogue, select  # noqa: E402

FAKES = Path(__file__).resolve().parent / "fakes"
CASES = ["1.1.1", "1.1.2", "1.1.3", "1.1.4"]
SHORT = Limits(run=30, case=1, start=10)


def fake_engine(**options: Any) -> Engine:
    # A run file may only name engines that exist.
    command = (sys.executable, "-S", str(FAKES / "fake_suite.py"))
    return Engine(AUTOBAHN, "a fake", command, **options)


def server_command(mode: str = "good", pid_file: Path | None = None) -> str:
    return f"{sys.executable} -S {FAKES}/fake_server.py {{port}} {mode} {pid_file or ''}"


def client_command(mode: str = "good", pid_file: Path | None = None) -> str:
    return f"{sys.executable} -S {FAKES}/fake_client.py {{url}} {{agent}} {mode} {pid_file or ''}"


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class RunnerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.pid_file = self.directory / "pids"

    def run_cases(
        self,
        target: Target,
        behave: dict[str, Any] | None = None,
        limits: Limits = SHORT,
        jobs: int = 1,
        interrupt_after: int | None = None,
        engine: Engine | None = None,
    ) -> Outcome:
        shown: list[str] = []

        def on_result(case_id: str, result: dict[str, Any]) -> None:
            shown.append(case_id)
            if len(shown) == interrupt_after:
                runner.interrupt("stopped by a test")

        work = self.directory / "work"
        work.mkdir()
        runner = Runner(engine or fake_engine(), target, select(load_catalogue(), CASES, [], False),
                        work, on_result, jobs, limits)
        with mock.patch.dict(os.environ, FAKE_SUITE=json.dumps(behave or {})):
            outcome = asyncio.run(runner.run())
        self.assertEqual(len(shown), len(set(shown)))
        self.assertCountEqual(outcome.cases, CASES)
        if self.pid_file.exists():
            for pid in self.pid_file.read_text().split():
                self.assertFalse(is_alive(int(pid)), "a process is left")
        return outcome

    def verdicts(self, outcome: Outcome) -> list[str]:
        return [outcome.cases[case_id]["verdict"] for case_id in CASES]

    def server(self, mode: str = "good", **options: Any) -> Target:
        return Target("server", "fake", command=server_command(mode, self.pid_file), **options)

    def client(self, mode: str = "good") -> Target:
        return Target("client", "a fake", command=client_command(mode, self.pid_file))


class ServerTest(RunnerTest):
    def test_runs_every_case(self) -> None:
        outcome = self.run_cases(self.server())
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)
        self.assertIsNone(outcome.status)
        self.assertEqual(outcome.engine["python"], "Fake 2.7.0")

    def test_shares_the_cases_among_jobs(self) -> None:
        with mock.patch("selection.PORTION_COST", 1):
            outcome = self.run_cases(self.server(), jobs=3)
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)
        self.assertEqual(len(list((self.directory / "work").glob("portion-*"))), 4)

    def test_keeps_the_verdicts_of_failed_cases(self) -> None:
        outcome = self.run_cases(self.server(), {"verdicts": {"1.1.2": ["FAILED", "UNCLEAN"]}})
        self.assertEqual(self.verdicts(outcome), ["OK", "FAILED", "OK", "OK"])
        self.assertEqual(outcome.cases["1.1.2"]["close_verdict"], "UNCLEAN")
        self.assertFalse(outcome.cases["1.1.2"]["passed"])

    def test_gives_up_only_the_case_that_hangs(self) -> None:
        outcome = self.run_cases(self.server(), {"hang": ["1.1.2"]})
        self.assertEqual(self.verdicts(outcome), ["OK", "MISSING", "OK", "OK"])
        self.assertIn("--case-timeout", outcome.cases["1.1.2"]["reason"])
        self.assertIsNone(outcome.status)

    def test_ends_at_the_limit_of_the_run(self) -> None:
        outcome = self.run_cases(self.server(), {"hang": ["1.1.2"]},
                                 Limits(run=3, case=60, start=10))
        self.assertEqual(self.verdicts(outcome), ["OK", "MISSING", "MISSING", "MISSING"])
        self.assertEqual(outcome.status, "interrupted")
        self.assertIn("--timeout", outcome.reason or "")

    def test_keeps_results_when_interrupted(self) -> None:
        outcome = self.run_cases(self.server(), {"hang": ["1.1.3"]},
                                 Limits(run=30, case=60, start=10), interrupt_after=2)
        self.assertEqual(self.verdicts(outcome), ["OK", "OK", "MISSING", "MISSING"])
        self.assertEqual((outcome.status, outcome.reason), ("interrupted", "stopped by a test"))

    def test_says_that_the_server_never_listens(self) -> None:
        outcome = self.run_cases(self.server("deaf"), limits=Limits(run=20, case=1, start=0.3))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("never answered", outcome.reason or "")
        self.assertEqual(self.verdicts(outcome), ["MISSING"] * 4)

    def test_says_that_the_server_never_answers(self) -> None:
        for mode, seen in (("mute", "does not answer"), ("refuses", "404 Not Found")):
            with self.subTest(mode):
                self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
                outcome = self.run_cases(self.server(mode),
                                         limits=Limits(run=30, case=1, start=1.5))
                self.assertEqual(outcome.status, "endpoint_dead")
                self.assertIn(seen, outcome.reason or "")

    def test_says_that_the_server_ends_at_once(self) -> None:
        outcome = self.run_cases(self.server("dies"))
        self.assertEqual((outcome.status, outcome.reason),
                         ("endpoint_dead", "the server ended with status 3 before it answered"))
        self.assertIn("the fake server dies", outcome.endpoint_output)

    def test_says_that_there_is_no_such_server(self) -> None:
        outcome = self.run_cases(Target("server", "x", command="/nowhere/server {port}"))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("/nowhere/server", outcome.reason or "")

    def test_notices_the_death_of_the_server(self) -> None:
        outcome = self.run_cases(self.server("short"))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("with status 4", outcome.reason or "")
        self.assertEqual(self.verdicts(outcome)[0], "OK")
        self.assertEqual(self.verdicts(outcome)[3], "MISSING")

    def test_notices_that_a_server_of_somebody_else_takes_no_connections(self) -> None:
        outcome = self.run_cases(
            Target("server", "x", url=f"ws://127.0.0.1:{free_port('127.0.0.1')}/"),
            limits=Limits(run=20, case=1, start=0.3))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("Connection refused", outcome.reason or "")

    def test_kills_a_server_that_does_not_want_to_end(self) -> None:
        with mock.patch("processes.Processes.end.__defaults__", (0.3,)):
            outcome = self.run_cases(self.server("stubborn"))
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)
        self.assertIn("by SIGKILL", outcome.reason or "")

    def test_notices_that_the_server_fails_when_asked_to_end(self) -> None:
        outcome = self.run_cases(self.server("fails_late"))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("with status 5", outcome.reason or "")

    def test_uses_the_url_given_with_a_command(self) -> None:
        outcome = self.run_cases(self.server(url="ws://127.0.0.1:{port}/chat?room=1"))
        plan = json.loads((self.directory / "work" / "portion-1" / "plan.json").read_text())
        self.assertRegex(plan["url"], r"^ws://127\.0\.0\.1:\d+/chat\?room=1$")
        self.assertIsNone(outcome.status)


class ClientTest(RunnerTest):
    def test_runs_every_case(self) -> None:
        outcome = self.run_cases(self.client())
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)
        self.assertIsNone(outcome.status)

    def test_ends_a_client_that_stays(self) -> None:
        with mock.patch("portion.SETTLE_SECONDS", 0.2):
            outcome = self.run_cases(self.client("stays"))
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)
        self.assertIsNone(outcome.status)

    def test_goes_on_after_the_case_during_which_the_client_dies(self) -> None:
        with mock.patch("portion.QUIET_SECONDS", (0.3, 0.3)):
            outcome = self.run_cases(self.client("dies"), {"hang": ["1.1.2"]})
        self.assertEqual(self.verdicts(outcome), ["OK", "MISSING", "OK", "OK"])
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertEqual(outcome.reason, "the client ended by SIGKILL during case 1.1.2")

    def test_notices_that_the_client_fails_at_the_end(self) -> None:
        outcome = self.run_cases(self.client("fails_late"))
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)
        self.assertEqual((outcome.status, outcome.reason),
                         ("endpoint_dead", "the client ended with status 6"))

    def test_has_no_result_for_cases_that_the_client_leaves_out(self) -> None:
        outcome = self.run_cases(self.client("leaves"))
        self.assertEqual(self.verdicts(outcome), ["OK", "OK", "MISSING", "MISSING"])
        self.assertEqual(outcome.cases["1.1.3"]["reason"], "the client did not run this case")
        self.assertIsNone(outcome.status)

    def test_gives_up_a_client_that_never_connects(self) -> None:
        outcome = self.run_cases(self.client("silent"), limits=Limits(run=30, case=5, start=1.5))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("did not connect", outcome.reason or "")

    def test_goes_on_after_a_client_that_stops_asking(self) -> None:
        outcome = self.run_cases(self.client("hangs"))
        self.assertEqual(self.verdicts(outcome), ["OK"] * 4)

    def test_gives_up_only_the_case_that_hangs(self) -> None:
        outcome = self.run_cases(self.client(), {"hang": ["1.1.2"]})
        self.assertEqual(self.verdicts(outcome), ["OK", "MISSING", "OK", "OK"])

    def test_says_that_there_is_no_such_client(self) -> None:
        outcome = self.run_cases(Target("client", "x", command="/nowhere/client {url}"))
        self.assertEqual(outcome.status, "endpoint_dead")
        self.assertIn("could not start the client", outcome.reason or "")

    def test_makes_a_certificate_for_tls(self) -> None:
        target = Target("client", "x", command=client_command(), tls=True)
        outcome = self.run_cases(target)
        plan = json.loads((self.directory / "work" / "portion-1" / "plan.json").read_text())
        self.assertIn("BEGIN CERTIFICATE", Path(plan["certificate"]).read_text())
        self.assertTrue(plan["tls"])
        self.assertIsNone(outcome.status)

    def test_finds_the_case_that_hangs_though_the_engine_tells_of_none(self) -> None:
        with mock.patch("portion.UNTOLD_CASE_SECONDS", 0.0):
            outcome = self.run_cases(self.client(), {"silent": True, "hang": ["1.1.2"]},
                                     engine=fake_engine(tells_of_clients=False))
        self.assertEqual(self.verdicts(outcome), ["OK", "MISSING", "OK", "OK"])


class WithinTest(unittest.TestCase):
    def test_does_not_lose_a_cancellation_that_comes_with_the_result(self) -> None:
        async def cancel_at_the_end() -> bool:
            queue: asyncio.Queue[int] = asyncio.Queue()
            task = asyncio.ensure_future(within(60, queue.get()))
            await asyncio.sleep(0)
            queue.put_nowait(1)
            task.cancel()
            await asyncio.wait([task])
            return task.cancelled()

        self.assertTrue(asyncio.run(cancel_at_the_end()))


class EngineTest(RunnerTest):
    def test_names_the_case_during_which_the_engine_breaks(self) -> None:
        outcome = self.run_cases(self.server(), {"crash": ["1.1.2"]})
        self.assertEqual(self.verdicts(outcome), ["OK", "MISSING", "OK", "OK"])
        self.assertEqual(outcome.status, "harness_error")
        self.assertIn("Traceback: the fake crashed during case 1.1.2", outcome.reason or "")

    def test_does_not_try_for_ever(self) -> None:
        engine = Engine("broken", "", (sys.executable, "-c", "import sys; sys.exit('no')"))
        outcome = self.run_cases(self.server(), engine=engine)
        self.assertEqual(outcome.status, "harness_error")
        self.assertIn("with status 1: no", outcome.reason or "")

    def test_gives_up_an_engine_that_breaks_in_every_case(self) -> None:
        outcome = self.run_cases(self.server(), {"crash": CASES})
        self.assertEqual([outcome.cases[case_id]["reason"].startswith("the engine ended")
                          for case_id in CASES], [True, True, False, False])

    def test_says_that_the_engine_writes_nonsense(self) -> None:
        outcome = self.run_cases(self.server(), {"nonsense": True})
        self.assertEqual(outcome.status, "harness_error")
        self.assertIn("this is no event", outcome.reason or "")

    def test_says_that_a_case_file_is_broken(self) -> None:
        outcome = self.run_cases(self.server(), {"broken_file": ["1.1.3"]})
        self.assertEqual(self.verdicts(outcome), ["OK", "OK", "MISSING", "OK"])
        self.assertEqual(outcome.status, "harness_error")
        self.assertIn("1.1.3.json", outcome.reason or "")

    def test_notices_an_index_that_says_something_else(self) -> None:
        outcome = self.run_cases(self.server(), {"other_index": ["1.1.4"]})
        self.assertEqual(outcome.status, "harness_error")
        self.assertIn("1.1.4", outcome.reason or "")

    def test_notices_that_there_is_no_index(self) -> None:
        outcome = self.run_cases(self.server(), {"no_index": True})
        self.assertEqual(outcome.status, "harness_error")
        self.assertIn("left no index", outcome.reason or "")


if __name__ == "__main__":
    unittest.main()
