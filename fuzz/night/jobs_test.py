"""Tests of jobs.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from night import jobs

FOREVER = "import signal; signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print(1, flush=True)\n" \
       "while True: signal.pause()"


class JobsTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.jobs = jobs.Jobs()
        self.addCleanup(self.jobs.stop_all_now)

    def start(self, program: str, **options: object) -> jobs.Job:
        return self.jobs.start("fuzz", "a", [sys.executable, "-c", program], self.root / "log",
                               cwd=self.root, environment=dict(os.environ),
                               **options)  # type: ignore[arg-type]

    def wait_for(self, job: jobs.Job) -> None:
        while job in self.jobs.running:
            self.jobs.wait(60)

    def test_a_job_that_ends_ends_a_wait(self) -> None:
        job = self.start("print('hello')")
        self.assertEqual(self.jobs.wait(60), [job])
        self.assertEqual((job.process.returncode, job.log.read_text()), (0, "hello\n"))

    def test_a_wait_ends_without_any(self) -> None:
        self.start(FOREVER)
        self.assertEqual(self.jobs.wait(0), [])

    def test_a_job_is_stopped_as_its_engine_likes_it(self) -> None:
        job = self.start(FOREVER, stop_signal=signal.SIGTERM)
        self.jobs.stop("fuzz")
        self.wait_for(job)
        self.assertEqual(job.process.returncode, -signal.SIGTERM)

    def test_who_does_not_listen_is_killed(self) -> None:
        job = self.start(DEAF, stop_signal=signal.SIGINT)
        while not job.log.read_text():
            self.jobs.wait(0.01)
        with mock.patch.object(jobs, "STOP_SECONDS", 0.1):
            self.jobs.stop()
            while job in self.jobs.running:
                self.jobs.wait(0.05)
        self.assertEqual(job.process.returncode, -signal.SIGKILL)

    def test_who_takes_too_long_is_killed(self) -> None:
        job = self.start(FOREVER, limit=0.1)
        while job in self.jobs.running:
            self.jobs.wait(0.05)
        self.assertTrue(job.overran)

    def test_a_signal_ends_a_wait_and_is_counted(self) -> None:
        with self.jobs.catching_signals():
            signal.raise_signal(signal.SIGTERM)
            before = time.monotonic()
            self.jobs.wait(60)
            self.assertLess(time.monotonic() - before, 30)
            self.assertEqual(self.jobs.stop_signals, 1)

    def test_jobs_die_with_a_night_that_is_killed(self) -> None:
        program = ("import os, pathlib, sys\nfrom night.jobs import Jobs\njobs = Jobs()\n"
                   f"job = jobs.start('fuzz', 'a', [sys.executable, '-c', {FOREVER!r}],"
                   f" pathlib.Path({str(self.root / 'log')!r}), cwd=pathlib.Path('.'),"
                   " environment=dict(os.environ))\n"
                   "print(job.process.pid, flush=True)\nsys.stdin.read()\n")
        night = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parent.parent,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert night.stdin is not None and night.stdout is not None
        with night.stdin, night.stdout:
            child = os.pidfd_open(int(night.stdout.readline()))
            night.kill()
            night.wait()
        selector = jobs.selectors.DefaultSelector()
        selector.register(child, jobs.selectors.EVENT_READ)
        self.assertTrue(selector.select(60))
        os.close(child)


if __name__ == "__main__":
    unittest.main()
