"""A handful of cases through the endpoints that are installed: do page, programs and report work?

What is not installed is skipped, and so are the browsers that are not there. WSPROOF names the
program under build.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from endpoints import plan, run_all, run_file
from manifest import HERE, read_manifest

CASES = ["1.1.2,2.4,5.6,6.2.3,7.3.3"]


class SmokeTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.output = Path(folder.name)

    def run_endpoint(self, name: str) -> None:
        endpoint = read_manifest(HERE / name / "endpoint.json")
        if lack := endpoint.missing():
            self.skipTest(f"not installed: {lack}")
        options = argparse.Namespace(
            cases=CASES, quick=False, update_baselines=False, no_install=True, evidence=None,
            output=self.output, wsproof=Path(os.environ["WSPROOF"]))
        jobs = plan([endpoint], [], tls=False)
        self.assertEqual(run_all(jobs, options), 0)
        self.assertTrue((self.output / "index.html").exists())
        for job in jobs:
            run = run_file.load(self.output / f"{job.name}.json")
            self.assertGreaterEqual(run["totals"]["passed"], 5)
            self.assertEqual(run["implementation"]["name"], name)

    def test_aiohttp(self) -> None:
        self.run_endpoint("aiohttp")

    def test_beast(self) -> None:
        self.run_endpoint("beast")

    def test_chromium(self) -> None:
        self.run_endpoint("chromium")

    def test_coder(self) -> None:
        self.run_endpoint("coder")

    def test_gorilla(self) -> None:
        self.run_endpoint("gorilla")

    def test_tungstenite(self) -> None:
        self.run_endpoint("tungstenite")

    def test_websocketpp(self) -> None:
        self.run_endpoint("websocketpp")

    def test_ws(self) -> None:
        self.run_endpoint("ws")

    def test_express_ws(self) -> None:
        self.run_endpoint("express-ws")

    def test_socket_io(self) -> None:
        self.run_endpoint("socket.io")

    def test_node(self) -> None:
        self.run_endpoint("node")

    def test_websockets(self) -> None:
        self.run_endpoint("websockets")

    def test_express_answers_ordinary_http_beside_the_echo(self) -> None:
        endpoint = read_manifest(HERE / "express-ws" / "endpoint.json")
        if lack := endpoint.missing():
            self.skipTest(f"not installed: {lack}")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = endpoint.roles["server"].command.replace("{port}", str(port)).split()
        with subprocess.Popen(command, cwd=endpoint.folder) as server:
            self.addCleanup(server.kill)
            content = b""
            for _ in range(500):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as response:
                        content = response.read()
                    break
                except OSError:
                    time.sleep(0.02)  # there is no event that tells when it listens
            server.terminate()
        self.assertIn(b"/echo", content)


if __name__ == "__main__":
    unittest.main()
