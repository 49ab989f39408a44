"""Tests of the main job with programs that stand in for Autobahn and the report."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from run_reference import Job, autobahn_jobs, native_jobs, run_jobs

# Writes a run file with the given status unless there is none, and exits.
AUTOBAHN = """
import json, sys
path, status, exit_status = sys.argv[1:]
if status:
    json.dump({"status": status, "totals": {"passed": 5, "cases": 7},
               "suite": {"engine": "kosoku", "engine_version": "0.1.0"}}, open(path, "w"))
sys.exit(int(exit_status))
"""
RENDER = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"

# Runs two jobs: the first waits for a signal, then writes its run file; the second says "second".
STOPPED_JOBS = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from run_reference import Job, run_jobs
folder = Path({folder!r})
first = '''
import signal, sys
def stop(*_):
    open(sys.argv[1], "w").write("{{}}")
    sys.exit(4)
signal.signal({number}, stop)
print("ready", flush=True)
signal.pause()
'''
jobs = [Job("server", [sys.executable, "-c", first, str(folder / "server.json")],
            folder / "server.json"),
        Job("client", [sys.executable, "-c", "print('second')"], folder / "client.json")]
report = folder / "index.html"
sys.exit(run_jobs([[job] for job in jobs], [sys.executable, "-c", {render!r}, str(report)], report))
"""


class RunJobsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.report = self.folder / "index.html"

    def job(self, label: str, status: str, exit_status: int) -> Job:
        run_file = self.folder / "runs" / f"{label}.json"
        return Job(label, [sys.executable, "-c", AUTOBAHN, str(run_file), status,
                           str(exit_status)], run_file)

    def run_jobs(self, *jobs: Job, render: str = RENDER) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = run_jobs([jobs], [sys.executable, "-c", render, str(self.report)],
                              self.report)
        return status, output.getvalue()

    def test_passes_when_every_run_did(self) -> None:
        status, output = self.run_jobs(self.job("server", "passed", 0),
                                       self.job("client", "passed", 0))
        self.assertEqual(status, 0)
        self.assertIn("server: passed, 5 of 7 cases passed (kosoku 0.1.0)", output)
        self.assertIn(f"report: {self.report}", output)
        self.assertTrue(output.endswith("everything passed\n"))

    def test_the_worst_status_counts(self) -> None:
        for statuses, worst in (((0, 1), 1), ((3, 1), 3), ((4, 0), 4)):
            with self.subTest(statuses):
                status, output = self.run_jobs(*(self.job(str(index), "failed", one)
                                                 for index, one in enumerate(statuses)))
                self.assertEqual(status, worst)
                self.assertIn("not everything passed", output)

    def test_runs_side_by_side_are_told_apart(self) -> None:
        # Each waits until the other has begun.
        meet = ("import pathlib, sys, time; mine, other = map(pathlib.Path, sys.argv[1:])\n"
                "mine.touch(); print('began', flush=True)\n"
                "while not other.exists(): time.sleep(0.01)\nmine.write_text('{}')")
        files = [self.folder / "runs" / name for name in ("a.json", "b.json")]
        jobs = [Job(label, [sys.executable, "-c", meet, str(mine), str(other)], mine)
                for label, mine, other in (("one", *files), ("two", *reversed(files)))]
        status, output = self.run_jobs(*jobs)
        self.assertEqual(status, 0)
        self.assertIn("one: began\n", output)
        self.assertIn("two: began\n", output)

    def test_the_report_has_every_run(self) -> None:
        self.run_jobs(self.job("server", "failed", 1), self.job("client", "passed", 0))
        self.assertRegex(self.report.read_text(), r"server\.json .*client\.json$")

    def test_a_run_without_run_file_is_not_run(self) -> None:
        status, output = self.run_jobs(self.job("server", "", 0), self.job("client", "passed", 0))
        self.assertEqual(status, 4)
        self.assertIn("server: not run", output)

    def test_an_old_run_file_does_not_count(self) -> None:
        job = self.job("server", "", 0)
        job.run_file.parent.mkdir()
        job.run_file.write_text(json.dumps({"status": "passed"}))
        status, output = self.run_jobs(job)
        self.assertEqual(status, 4)
        self.assertIn("there is no report", output)

    def test_without_report_nothing_passed(self) -> None:
        for render in ("import sys; sys.exit(1)", "pass"):
            with self.subTest(render):
                status, output = self.run_jobs(self.job("server", "passed", 0), render=render)
                self.assertEqual(status, 4)
                self.assertIn("there is no report", output)

    def test_a_signal_reaches_the_run_and_leaves_a_report(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                script = STOPPED_JOBS.format(here=str(Path(__file__).parent), render=RENDER,
                                             folder=str(self.folder), number=int(number))
                with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE,
                                      text=True) as process:
                    assert process.stdout is not None
                    for line in process.stdout:
                        if line == "ready\n":
                            break
                    os.kill(process.pid, number)
                    rest = process.stdout.read()
                self.assertEqual(process.returncode, 4)
                self.assertNotIn("second", rest)
                self.assertIn("report:", rest)


class NativeJobsTest(unittest.TestCase):
    def test_takes_both_roles_through_every_case(self) -> None:
        jobs = native_jobs(Path("/build"), Path("/out"), quick=False)
        self.assertEqual([job.label for job in jobs], ["server", "client"])
        for job in jobs:
            self.assertEqual(job.command[0], "/build/wsproof")
            self.assertNotIn("--quick", job.command)

    def test_quick_leaves_out_what_takes_long(self) -> None:
        for job in native_jobs(Path("/build"), Path("/out"), quick=True):
            self.assertIn("--quick", job.command)


class AutobahnJobsTest(unittest.TestCase):
    def test_takes_both_roles_through_every_case(self) -> None:
        jobs = autobahn_jobs(Path("/programs"), Path("/out"), tls=False, options=["--quick"])
        self.assertEqual([job.label for job in jobs],
                         ["server through Autobahn", "client through Autobahn"])
        for job in jobs:
            self.assertIn("--strict", job.command)
            self.assertIn("--quick", job.command)
            self.assertNotIn("--cases", job.command)

    def test_adds_both_roles_with_tls(self) -> None:
        jobs = autobahn_jobs(Path("/programs"), Path("/out"), tls=True, options=[])
        self.assertEqual(len({job.run_file for job in jobs}), 4)
        self.assertEqual([job.label for job in jobs if "--tls" in job.command],
                         ["server through Autobahn with TLS", "client through Autobahn with TLS"])


if __name__ == "__main__":
    unittest.main()
