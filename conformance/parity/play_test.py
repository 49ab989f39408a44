"""Playing parts with a fake engine, and with servers that answer, die and never listen."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import unittest
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import play as play_module
from engines import Engine, Part, cut, measured_client
from play import NotPlayed, Task, play
from tested import HERE, Tested

from environment import AUTOBAHN
from selection import load_catalogue

FAKES = HERE / "fakes"
SERVER = HERE.parent / "autobahn" / "fakes" / "fake_server.py"


@dataclass(frozen=True)
class FakeEngine(Engine):
    """An engine that judges nothing."""

    words: tuple[str, ...] = ()

    def command(self, tested: Tested, where: str, part: Part, run_file: Path) -> list[str]:
        if tested.role == "client":
            return ["sh", "-c", where]
        return [sys.executable, "-S", str(FAKES / "fake_engine.py"), str(run_file),
                ",".join(part.cases), *self.words]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class PlayTest(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.counts: list[tuple[int, int]] = []

    def server(self, mode: str = "good", version: str = "1") -> Tested:
        return Tested("fake", "server", "C++", version,
                      f"{sys.executable} -S {SERVER} {{port}} {mode}", self.directory)

    def task(self, *words: str, mode: str = "good", version: str = "1") -> Task:
        return Task(self.server(mode), FakeEngine(AUTOBAHN, version, words=words),
                    Part("1-10", ("1.1.1", "1.1.2")), self.directory)

    def play(self, task: Task) -> None:
        asyncio.run(play(task, lambda *count: self.counts.append(count)))

    def test_a_run_is_kept_with_its_times(self) -> None:
        task = self.task()
        self.assertIsNone(task.kept())
        self.play(task)
        run = task.kept()
        assert run is not None
        made = run["x-parity"]
        self.assertEqual(set(run["cases"]), {"1.1.1", "1.1.2"})
        self.assertGreater(made["own"], 0)
        self.assertGreaterEqual(made["wall"], made["own"] / 2)
        self.assertEqual(self.counts, [(1, 2), (2, 2)])

    def test_a_run_of_other_versions_or_fewer_cases_is_not_taken(self) -> None:
        self.play(self.task())
        self.assertIsNone(self.task(version="2").kept())
        self.assertIsNone(replace(self.task(), tested=self.server(version="2")).kept())
        self.assertIsNone(replace(self.task(), part=Part("1-10", ("1.1.1", "1.1.3"))).kept())
        self.assertIsNotNone(replace(self.task(), part=Part("1-10", ("1.1.2",))).kept())

    def test_a_run_that_was_interrupted_is_not_kept(self) -> None:
        task = self.task("--status", "interrupted")
        with self.assertRaisesRegex(NotPlayed, "as the test wants it"):
            self.play(task)
        self.assertIsNone(task.kept())

    def test_a_server_that_never_answers_is_dead(self) -> None:
        with mock.patch.object(play_module, "START_SECONDS", 0.3):
            with self.assertRaises(NotPlayed) as caught:
                self.play(self.task(mode="mute"))
        self.assertTrue(caught.exception.endpoint_died)

    def test_an_interrupted_run_leaves_no_process(self) -> None:
        pids = self.directory / "pids"
        task = self.task("--hang", str(pids), mode=f"good {pids}")

        async def interrupt() -> None:
            playing = asyncio.ensure_future(play(task, lambda *_: None))
            while not pids.exists() or len(pids.read_text().split()) < 2:
                await asyncio.sleep(0.01)
            playing.cancel()
            await asyncio.wait([playing])

        asyncio.run(interrupt())
        for pid in pids.read_text().split():
            self.assertFalse(is_alive(int(pid)), pid)

    def test_a_clients_time_is_not_the_engines(self) -> None:
        burn = f"{sys.executable} -S -c 'import time\nwhile time.process_time() < 0.3: pass'"
        task = replace(self.task(), tested=Tested("fake", "client", "C++", "1", burn,
                                                  self.directory))
        with self.assertRaisesRegex(NotPlayed, "no run file"), mock.patch.object(
                play_module, "play_client", wraps=play_module.play_client) as client:
            self.play(task)
        self.assertEqual(client.call_count, 1)

    def test_a_command_is_measured_and_its_status_kept(self) -> None:
        times = self.directory / "times"
        burn = f"{sys.executable} -S -c 'import time\nwhile time.process_time() < 0.2: pass\nraise SystemExit(3)'"

        async def run() -> int:
            process = await asyncio.create_subprocess_shell(measured_client(burn, times))
            return await process.wait()

        self.assertEqual(asyncio.run(run()), 3)
        self.assertGreater(float(times.read_text()), 0.15)

    def test_a_command_that_is_told_to_end_is_measured_too(self) -> None:
        times = self.directory / "times"

        async def run() -> int:
            process = await asyncio.create_subprocess_shell(
                "exec " + measured_client(f"{sys.executable} -S -c 'import signal, time\n"
                                          "print(1, flush=True)\nsignal.pause()'", times),
                stdout=asyncio.subprocess.PIPE)
            assert process.stdout is not None
            await process.stdout.readline()
            process.terminate()
            return await process.wait()

        begin = time.monotonic()
        self.assertEqual(asyncio.run(run()), -15)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertTrue(times.exists())


class PartsTest(unittest.TestCase):
    def test_the_parts_are_all_cases_once(self) -> None:
        catalogue = load_catalogue()
        parts = cut(catalogue.values())
        self.assertEqual(sorted(case for part in parts for case in part.cases), sorted(catalogue))
        self.assertEqual([part.name for part in parts],
                         ["1-10", "9", "12.1", "12.2", "12.3", "12.4", "12.5", "13.1", "13.2",
                          "13.3", "13.4", "13.5", "13.6", "13.7"])
        self.assertEqual([part.is_busy for part in parts], [False] + [True] * 13)


if __name__ == "__main__":
    unittest.main()
