"""Tests of speed.py, with programs that do nothing fast or slowly."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import speed
from fuzz_targets import FUZZ

BUSY = "#!{python} -SE\nimport time\nwhile time.process_time() < {seconds}: pass\n"


class SpeedTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.build = Path(directory.name)

    def add(self, name: str, seconds: float) -> None:
        path = self.build / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(BUSY.format(python=sys.executable, seconds=seconds))
        path.chmod(0o755)

    def run_main(self, runs: int) -> tuple[int, str]:
        with contextlib.redirect_stdout(io.StringIO()) as text:
            status = speed.main(["--build-dir", str(self.build), "--runs", str(runs), "--repeat", "1"])
        return status, text.getvalue()

    def test_judges_the_rate_and_the_ratio(self) -> None:
        self.add("fuzz/frame_decoder_fuzz", 0.2)
        self.add("peers/uwebsockets_frames", 0.2)
        self.assertEqual(self.run_main(1_000_000)[0], 0)
        status, text = self.run_main(10_000)
        self.assertEqual(status, 1)
        self.assertIn("MISSED at least 400,000", text)
        self.add("peers/uwebsockets_frames", 0)
        with mock.patch.object(speed, "GOAL_RATE", 0):
            status, text = self.run_main(1_000_000)
        self.assertEqual(status, 1)
        self.assertIn("MISSED at least 0.6", text)

    def test_a_peer_that_is_missing_is_named(self) -> None:
        self.add("fuzz/frame_decoder_fuzz", 0)
        status, text = self.run_main(1_000_000)
        self.assertEqual(status, 4)
        self.assertIn("not measured: uWebSockets", text)

    def test_the_peer_gets_the_same_streams(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            speed.peer_seeds(Path(folder))
            ours = sorted((FUZZ / "corpus" / "frame_decoder").iterdir())
            for path in ours:
                data, theirs = path.read_bytes(), (Path(folder) / path.name).read_bytes()
                self.assertTrue(data.endswith(theirs[1:]))
            self.assertTrue(ours)


if __name__ == "__main__":
    unittest.main()
