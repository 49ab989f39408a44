"""Fetching of peers, with clients that stand in for cargo and npm."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))

import fetch_peers


class FetchTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "peers"
        self.bin = Path(folder.name) / "bin"
        self.bin.mkdir()
        self.enterContext(mock.patch.dict(os.environ, {"PATH": f"{self.bin}:/usr/bin:/bin"}))

    def put_client(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def test_names_the_reason_for_each_peer_that_cannot_be_had(self) -> None:
        self.put_client("cargo", "echo first >&2; echo no network >&2; exit 1")
        self.put_client("npm", "exit 0")
        missing = fetch_peers.fetch(self.folder)
        self.assertEqual(missing["simdutf"], "no network")
        self.assertEqual(missing["uWebSockets"], "no network")
        self.assertIn("brought no", missing["bufferutil"])

    def test_leaves_alone_what_is_there(self) -> None:
        for part, file, _ in fetch_peers.PEERS.values():
            path = self.folder / part / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        self.put_client("cargo", "exit 1")
        self.put_client("npm", "exit 1")
        self.assertEqual(fetch_peers.fetch(self.folder), {})

    def test_locks_pin_what_is_looked_for(self) -> None:
        lock = (fetch_peers.LOCKS / "Cargo.lock").read_text()
        for name, version in (("simdutf", "0.7.0"), ("libuwebsockets-sys", "0.0.9")):
            self.assertRegex(lock, f'name = "{name}"\nversion = "{version}"\n.*\nchecksum = ')


if __name__ == "__main__":
    unittest.main()
