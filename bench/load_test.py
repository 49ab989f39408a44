"""load.py with programs that stand in for servers and for wsproof_load."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))

import load
import results

SERVER = """#!/bin/sh
echo "listening on ws://127.0.0.1:{port}/"
read -r _
"""

# Answers as wsproof_load would, and writes down what it was asked.
LOAD = """#!/bin/sh
echo "$*" >> {folder}/asked
case $* in *"$(cat {folder}/broken 2> /dev/null || echo none)"*) exit 3 ;; esac
case $1 in
  echo)
    port=${{2#--port=}}
    echo '{{"messages": '$((port * 100))', "seconds": 0.5, "server_seconds": 0.25, "p50": 1e-5, "p99": 2e-5}}'
    ;;
  idle) while read -r line; do echo "holding $line"; done ;;
  *) echo ready && read -r _; echo "sent 1" ;;
esac
"""

PLAN = load.Plan(2, 3, 10, (20,), (1,), (200,), (), 5)


class LoadTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        servers = [
            load.Server(name, [self.write(f"server{port}", SERVER, port=port)], protocol)
            for name, port, protocol in (("wsproof", 1001, "websocket"), ("raw TCP", 1002, "raw"),
                                         ("Boost.Asio TCP", 1003, "raw"))
        ]
        self.write("bench/load/wsproof_load", LOAD, folder=str(self.folder))
        self.enterContext(mock.patch.object(load, "find_servers", lambda _: servers))
        self.enterContext(mock.patch.object(load, "QUICK", PLAN))

    def write(self, name: str, text: str, **values: object) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**values))
        path.chmod(0o755)
        return str(path)

    def measure(self, name_filter: str) -> dict[str, list[float]]:
        written = load.measure(self.folder, True, name_filter)
        self.skipped = written["context"]["skipped"]
        self.failed = written["context"]["failed"]
        samples: dict[str, list[float]] = {}
        for each in written["benchmarks"]:
            samples.setdefault(each["name"], []).append(each["figure"])
        return samples

    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()

    def test_takes_every_server_once_a_round(self) -> None:
        samples = self.measure("^echo/")
        self.assertEqual(samples["echo/100 connections 16 deep/wsproof/20"], [200_200.0] * 2)
        self.assertEqual(samples["echo_cpu/100 connections 16 deep/raw TCP/20"], [400_800.0] * 2)
        ports = [asked.split()[1] for asked in self.asked()]
        for of_round in (ports[:3], ports[3:]):
            self.assertEqual(sorted(of_round), ["--port=1001", "--port=1002", "--port=1003"])
        self.assertIn("--protocol=raw", next(a for a in self.asked() if "1002" in a))

    def test_measures_what_is_asked_for(self) -> None:
        samples = self.measure("latency")
        self.assertEqual({name.split("/")[0] for name in samples}, {"latency"})
        self.assertEqual(len(samples["latency/1 connection p50/wsproof/20"]), PLAN.latency_rounds)

    def test_results_are_read_by_the_tools(self) -> None:
        for name in self.measure("."):
            self.assertIsNot(results.Key.parse(name).unit, results.THROUGHPUT, name)

    def test_shares_idle_connections_among_servers_where_descriptors_are_few(self) -> None:
        here = load.Machine(None, None, 2 * load.SPARE_DESCRIPTORS)
        with mock.patch.object(load.Machine, "here", lambda: here):
            samples = self.measure("idle_memory")
        self.assertIn("idle_memory/without Asio/wsproof/200", samples)
        firsts = [asked.split()[2] for asked in self.asked() if "--port=1001" in asked]
        self.assertEqual(sorted(firsts), ["--first=0", "--first=100"])

    def test_skips_with_a_reason_what_the_system_forbids(self) -> None:
        here = load.Machine(None, None, 64)
        err = io.StringIO()
        with mock.patch.object(load.Machine, "here", lambda: here), contextlib.redirect_stderr(err):
            samples = self.measure("idle_memory")
        self.assertEqual(samples, {})
        self.assertEqual(self.skipped[0], "200 idle connections, wsproof: RLIMIT_NOFILE is 64")
        self.assertIn("RLIMIT_NOFILE is 64", err.getvalue())
        self.assertIn("memory", load.why_not_idle(10**6, 10**12))

    def test_leaves_out_a_peer_that_fails(self) -> None:
        (self.folder / "broken").write_text("--port=1002")
        with contextlib.redirect_stderr(io.StringIO()):
            samples = self.measure(".")
        self.assertFalse([name for name in samples if "/raw TCP/" in name])
        self.assertIn("latency/1 connection p50/Boost.Asio TCP/20", samples)
        self.assertIn("idle_memory/without Asio/wsproof/200", samples)
        self.assertIn("raw TCP: wsproof_load ended with status 3", self.skipped)
        self.assertEqual(self.failed, [])

    def test_tells_that_ours_failed_and_goes_on(self) -> None:
        (self.folder / "broken").write_text("--port=1001")
        with contextlib.redirect_stderr(io.StringIO()):
            samples = self.measure(".")
        self.assertIn("latency/1 connection p50/raw TCP/20", samples)
        self.assertEqual(set(self.failed), {"wsproof: wsproof_load ended with status 3"})

    def test_says_when_a_program_is_not_there(self) -> None:
        with self.assertRaisesRegex(load.LoadError, "none: No such file"):
            load.Program([str(self.folder / "none")], None)

    def test_leaves_no_process_behind(self) -> None:
        with mock.patch.object(load.subprocess, "Popen", wraps=load.subprocess.Popen) as started:
            programs = []
            original = load.Program.__init__

            def remember(program: load.Program, *arguments: object) -> None:
                original(program, *arguments)
                programs.append(program)

            with mock.patch.object(load.Program, "__init__", remember):
                self.measure(".")
        self.assertEqual(len(programs), started.call_count)
        self.assertTrue(all(program.process.poll() is not None for program in programs))


if __name__ == "__main__":
    unittest.main()
