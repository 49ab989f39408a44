"""Tests of triage.py and findings.py, with programs that behave like targets."""

from __future__ import annotations

import errno
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from night import storage, triage
from night.fake_target import write_fake
from night.findings import Finding, Findings


class TriageTest(unittest.TestCase):
    def setUp(self) -> None:
        quick = mock.patch.object(triage, "MINIMISE_SECONDS", 0)
        quick.start()
        self.addCleanup(quick.stop)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.program = write_fake(self.root / "build" / "a_fuzz")
        self.findings = Findings(self.root)

    def add_pending(self, name: str, data: bytes) -> Path:
        path = self.findings.pending_folder / "a" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def look_at_pending(self) -> list[Finding]:
        while waiting := self.findings.pending():
            target, path = waiting[0]
            self.assertEqual(triage.main([str(self.root), target, str(self.program), str(path)]), 0)
        return self.findings.all()

    def test_a_finding_is_minimised_and_written_down(self) -> None:
        self.add_pending("crash-1", b"abc needle xyz")
        with mock.patch.object(triage, "MINIMISE_SECONDS", 60):
            finding, = self.look_at_pending()
        self.assertEqual((finding.target, finding.kind, finding.title, finding.replays),
                         ("a", "mismatch", "no needle", "3 of 3"))
        folder = self.findings.folder_of("a", finding.id)
        self.assertEqual((folder / "minimised").read_bytes(), b"needle")
        self.assertEqual((folder / "input").read_bytes(), b"abc needle xyz")
        self.assertIn("broken: no needle", (folder / "report.txt").read_text())
        self.assertEqual((finding.size, finding.minimised_size), (14, 6))

    def test_inputs_of_one_cause_are_one_finding(self) -> None:
        self.add_pending("crash-1", b"needle 1")
        self.add_pending("crash-2", b"needle 2")
        self.add_pending("crash-3", b"needle 1")
        self.add_pending("leak-1", b"leak")
        self.assertEqual({(each.kind, each.times) for each in self.look_at_pending()},
                         {("mismatch", 2), ("leak", 1)})

    def test_kinds_are_told_apart(self) -> None:
        for data in (b"hang 1", b"leak 1", b"memory 1", b"needle 1"):
            self.add_pending(f"crash-{data[:4].decode()}", data)
        self.assertEqual({each.kind for each in self.look_at_pending()},
                         {"hang", "leak", "memory", "mismatch"})

    def test_what_is_not_seen_again_is_kept_with_the_log_of_the_run(self) -> None:
        path = self.add_pending("crash-1", b"harmless alone")
        path.with_name("crash-1.log").write_text("broken: only once\n")
        path.with_name("crash-1.engine").write_text("AFL++")
        finding, = self.look_at_pending()
        self.assertEqual((finding.title, finding.replays, finding.engine),
                         ("only once", "0 of 3", "AFL++"))
        self.assertEqual(self.findings.folder_of("a", finding.id).joinpath("minimised").read_bytes(),
                         b"harmless alone")
        self.assertEqual(list((self.findings.pending_folder / "a").iterdir()), [])

    def test_nothing_is_lost_on_a_full_disk(self) -> None:
        path = self.add_pending("crash-1", b"needle")
        full = OSError(errno.ENOSPC, "No space left on device")
        with mock.patch.object(os, "fsync", side_effect=full):
            self.assertEqual(triage.main([str(self.root), "a", str(self.program), str(path)]),
                             triage.EXIT_DISK_FULL)
        self.assertEqual(self.findings.all(), [])
        self.assertEqual(len(self.look_at_pending()), 1)

    def test_a_killed_triage_is_done_again(self) -> None:
        self.add_pending("crash-1", b"needle")
        with mock.patch.object(os, "replace", side_effect=KeyboardInterrupt), \
                self.assertRaises(KeyboardInterrupt):
            self.look_at_pending()
        self.assertEqual(self.findings.all(), [])
        finding, = self.look_at_pending()
        self.assertEqual(finding.times, 1)

    def test_a_finding_that_was_mended_is_closed_until_it_is_seen_again(self) -> None:
        self.add_pending("crash-1", b"needle")
        finding, = self.look_at_pending()
        mended = write_fake(self.root / "build" / "mended_fuzz", body="def run(data): pass")
        arguments = [str(self.root), "a", str(mended), "--recheck", finding.id]
        self.assertEqual(triage.main(arguments), 0)
        self.assertEqual(self.findings.open(), [])
        self.add_pending("crash-1", b"needle")
        self.look_at_pending()
        self.assertEqual(len(self.findings.open()), 1)


if __name__ == "__main__":
    unittest.main()
