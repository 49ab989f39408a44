"""Tests of the manifests and of the runs that are made of them."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from endpoints import Job, plan, wsproof_command
from manifest import HERE, BadManifest, CannotInstall, read_all, read_manifest


class ManifestTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "peer" / "endpoint.json"
        self.path.parent.mkdir()

    def read(self, **members: Any) -> Any:
        self.path.write_text(json.dumps({"name": "peer", "language": "C", **members}))
        return read_manifest(self.path)

    def test_every_manifest_that_there_is_can_be_used(self) -> None:
        endpoints = read_all()
        self.assertIn("ws", [endpoint.name for endpoint in endpoints])
        for endpoint in endpoints:
            with self.subTest(endpoint.name):
                self.assertTrue(endpoint.roles)
                self.assertTrue(endpoint.version or endpoint.version_command)
                if endpoint.npm:
                    package = json.loads((endpoint.folder / "package.json").read_text())
                    for version in package["dependencies"].values():
                        self.assertIn(version, endpoint.version or "")
                for name in ("requirements.txt", "Cargo.toml", "go.mod"):
                    pins = endpoint.folder / name
                    if pins.exists():
                        self.assertIn(endpoint.version or "", pins.read_text())

    def test_a_manifest_that_cannot_be_used_is_told_with_what_is_wrong(self) -> None:
        for members, wrong in (
                ({"name": "other"}, "folder"),
                ({"language": None}, "language"),
                ({"servers": {}}, "servers"),
                ({"server": {}}, "command"),
                ({"server": {"command": "serve"}}, "{port}"),
                ({"client": {"command": "connect"}}, "{url}"),
                ({"client": {"command": "connect {url}", "skip": []}}, "skip"),
                ({"client": {"command": "connect {url}", "exclude": ["1"]}}, "reason")):
            with self.subTest(wrong), self.assertRaisesRegex(BadManifest, wrong):
                self.read(**members)

    def test_what_is_built_is_built_again_once_a_source_has_changed(self) -> None:
        (self.path.parent / "peer.c").write_text("one")
        peer = self.read(build="mkdir -p build && cat peer.c >> build/peer",
                         server={"command": "build/peer {port}"})
        for source, built in ((None, "one"), (None, "one"), ("two", "onetwo")):
            if source:
                (self.path.parent / "peer.c").write_text(source)
                self.assertIn("cat peer.c", peer.missing())
            peer.install()
            self.assertIsNone(peer.missing())
            self.assertEqual((self.path.parent / "build" / "peer").read_text(), built)

    def test_what_cannot_be_built_is_told_with_the_command(self) -> None:
        peer = self.read(build="exit 1", server={"command": "build/peer {port}"})
        with self.assertRaisesRegex(CannotInstall, "exit 1"):
            peer.install()

    def test_a_name_without_a_manifest_is_told_with_those_that_have_one(self) -> None:
        with self.assertRaisesRegex(BadManifest, "chromium"):
            read_all(["netscape"])

    def test_runs_are_those_of_the_roles_asked_for(self) -> None:
        peer = self.read(
            server={"command": "serve {port}", "tls_command": "serve {port} {certificate}"},
            client={"command": "connect {url}"})
        self.assertEqual([job.name for job in plan([peer], [], tls=True)],
                         ["peer-server", "peer-server-tls", "peer-client"])
        self.assertEqual([job.name for job in plan([peer], ["server"], tls=False)],
                         ["peer-server"])

    def test_the_command_names_what_the_manifest_says(self) -> None:
        peer = self.read(version="1.2", server={
            "command": "serve {port}", "url": "ws://127.0.0.1:{port}/echo", "exclude": ["6"],
            "reason": "no text"})
        (self.path.parent / "server.baseline.json").write_text("{}")
        options = argparse.Namespace(cases=["1"], quick=True, update_baselines=False)
        command = wsproof_command(Job(peer, "server"), Path("wsproof"), Path("run.json"), options)
        for words in (["wsproof", "server", "ws://127.0.0.1:{port}/echo"],
                      ["--spawn", "serve {port}"], ["--impl-version", "1.2"],
                      ["--cases", "1"], ["--quick"], ["--exclude", "6"],
                      ["--baseline", str(self.path.parent / "server.baseline.json")],
                      ["--json", "run.json"]):
            start = command.index(words[0])
            self.assertEqual(command[start:start + len(words)], words)

    def test_tls_is_spoken_by_wsproof(self) -> None:
        peer = self.read(
            server={"command": "serve {port}", "tls_command": "serve {port} {certificate} {key}"},
            client={"command": "go {url}", "tls_command": "go {url} {certificate}"})
        options = argparse.Namespace(cases=[], quick=False, update_baselines=False)
        for role, words in (("server", ["wss://127.0.0.1:{port}/", "--spawn",
                                        "serve {port} {certificate} {key}"]),
                            ("client", ["--tls", "--spawn", "go {url} {ca}"])):
            command = wsproof_command(Job(peer, role, tls=True), Path("wsproof"),
                                      Path("run.json"), options)
            self.assertEqual(command[:5], ["wsproof", role, *words])

    def test_the_table_of_results_is_that_of_the_evidence(self) -> None:
        result = subprocess.run([sys.executable, "-B", str(HERE / "results_table.py"), "--check"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
