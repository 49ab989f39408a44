"""Tests of storage.py."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from night import storage


class StorageTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def test_reads_back_what_was_written(self) -> None:
        path = self.root / "state.json"
        self.assertIsNone(storage.read_json(path))
        storage.write_json(path, {"a": [1, 2.5, None]})
        storage.write_json(path, {"a": 2})
        self.assertEqual(storage.read_json(path), {"a": 2})
        self.assertEqual(list(self.root.iterdir()), [path])

    def test_a_full_disk_leaves_the_old_file(self) -> None:
        path = self.root / "state.json"
        storage.write_json(path, {"old": True})
        for call in ("fsync", "replace"):
            full = OSError(errno.ENOSPC, "No space left on device")
            with self.subTest(call=call), mock.patch.object(os, call, side_effect=full), \
                    self.assertRaises(storage.DiskFull):
                storage.write_json(path, {"old": False})
            self.assertEqual(storage.read_json(path), {"old": True})
            self.assertEqual(list(self.root.iterdir()), [path])

    def test_other_errors_are_not_a_full_disk(self) -> None:
        with self.assertRaises(FileNotFoundError):
            storage.write_atomically(self.root / "missing" / "file", "x")

    def test_a_folder_is_held_by_one(self) -> None:
        self.assertFalse(storage.is_held(self.root))
        with storage.held(self.root):
            self.assertTrue(storage.is_held(self.root))
            with self.assertRaises(storage.AlreadyRunning), storage.held(self.root):
                pass
        self.assertFalse(storage.is_held(self.root))

    def test_a_process_that_is_killed_lets_go(self) -> None:
        program = ("import sys, pathlib\n"
                   "from night import storage\n"
                   "with storage.held(pathlib.Path(sys.argv[1])):\n"
                   "    print('held', flush=True)\n"
                   "    sys.stdin.read()\n")
        process = subprocess.Popen([sys.executable, "-c", program, str(self.root)],
                                   cwd=Path(__file__).parent.parent, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdin is not None
        with process.stdout, process.stdin:
            self.assertEqual(process.stdout.readline(), "held\n")
            self.assertTrue(storage.is_held(self.root))
            process.kill()
            process.wait()
        self.assertFalse(storage.is_held(self.root))


if __name__ == "__main__":
    unittest.main()
