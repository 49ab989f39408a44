"""Tests of whole nights, with programs that behave like targets: they crash, hang, leak and fill the
disk, and the night is stopped and killed in the middle."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import run
from night import overnight, state, storage, triage
from night.engines import LibFuzzer
from night.fake_target import write_fake
from night.findings import Findings
from night.overnight import Night, Settings

HOUR = 3600.0
AFTER_FIVE = "count > 5 and run(b'{data}')"


class Until:
    """A deadline that comes when something is done, so that a slow machine takes longer and no more."""

    def __init__(self, is_done: Callable[[], bool]) -> None:
        self.is_done = is_done

    def remaining(self, now: float, spent: float) -> float:
        return 0.0 if self.is_done() else HOUR


class NightTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name).resolve()
        self.folder = self.root / "out" / "night"
        self.folder.mkdir(parents=True)
        for module, name, value in ((overnight, "MIN_SLICE", 1), (overnight, "MAX_SLICE", 1),
                                    (overnight, "SETTLED_SECONDS", 0),
                                    (overnight, "MIN_LOOK_SECONDS", 0.5),
                                    (triage, "MINIMISE_SECONDS", 0)):
            patch = mock.patch.object(module, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.said: list[str] = []

    def add_target(self, name: str, each: str = "pass", body: str = "") -> None:
        write_fake(self.root / "build" / "fuzz" / f"{name}_fuzz", body=body, each=each)

    def make_night(self, is_done: Callable[[state.State], bool], **settings: object) -> Night:
        """A night that ends once `is_done` with what is in its state."""
        build = self.root / "build"
        night = Night(Settings(folder=self.folder, build=build, targets=run.find_targets(build),
                               engines=[LibFuzzer(build)], deadline=Until(lambda: False),
                               cores=2, root=Path("/root"), say=self.said.append,
                               **settings))  # type: ignore[arg-type]
        night.settings.deadline = Until(lambda: is_done(night.state))  # type: ignore[assignment]
        return night

    @staticmethod
    def all_ran(known: state.State, slices: int = 1) -> bool:
        return all(each.arm.slices >= slices or each.problem for each in known.arms.values())

    def loaded(self) -> state.State:
        loaded = state.load(self.folder)
        assert loaded is not None
        return loaded

    def causes(self) -> list[tuple[str, str, str]]:
        return sorted((each.target, each.kind, each.title)
                      for each in Findings(self.folder).open())

    def page_data(self) -> dict[str, object]:
        page = (self.folder / "night.html").read_text()
        match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
        assert match is not None
        return json.loads(match[1])  # type: ignore[no-any-return]

    def test_a_quiet_night_ends_with_small_corpora_and_a_page(self) -> None:
        for name in "abc":
            self.add_target(name)
        self.assertEqual(self.make_night(self.all_ran).run(), 0)
        night = self.loaded()
        self.assertEqual(night.phase, "done")
        for name in "abc":
            target = night.targets[name]
            self.assertGreater(target.executions, 1000)
            self.assertTrue(target.merged)
            self.assertEqual(target.corpus, len(list((self.folder / "corpus" / name).iterdir())))
        self.assertGreater(night.history[-1]["files"]["impl/a.cpp"][0], 0)
        self.assertEqual(self.page_data()["findings"], [])

    def test_what_is_found_is_sorted_by_cause(self) -> None:
        self.add_target("crash", each=AFTER_FIVE.format(data="needle %d' % runs + b'"))
        self.add_target("hang", each=AFTER_FIVE.format(data="hang"))
        self.add_target("leak", each=AFTER_FIVE.format(data="leak"))
        self.add_target("quiet")
        self.assertEqual(self.make_night(self.all_ran).run(), 1)
        self.assertEqual(self.causes(), [("crash", "mismatch", "no needle"),
                                         ("hang", "hang", "an input takes too long"),
                                         ("leak", "leak", "memory is not given back")])
        replays = [line for text in self.said for line in text.splitlines() if "replay:" in line]
        self.assertEqual(len(replays), 3)
        done = subprocess.run(replays[0].split("replay:")[1], shell=True, cwd=self.root,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 77, done.stdout)
        self.assertEqual(len(self.page_data()["findings"]), 3)  # type: ignore[arg-type]

    def test_a_target_that_does_not_run_is_named_and_left_alone(self) -> None:
        self.add_target("good")
        self.add_target("bad", body="sys.exit('no such library')")
        self.assertEqual(self.make_night(lambda known: self.all_ran(known, 3)).run(), 4)
        self.assertIn("no such library", self.loaded().targets["bad"].problem)
        self.assertGreater(self.loaded().targets["good"].executions, 0)

    def test_a_full_disk_is_waited_for(self) -> None:
        self.add_target("a")
        rooms = iter([10 << 30] * 2 + [1 << 20] * 3)
        night = self.make_night(lambda known: len(known.notes) == 2 and self.all_ran(known),
                                free_bytes=lambda _: next(rooms, 10 << 30))
        self.assertEqual(night.run(), 0)
        texts = "\n".join(self.said)
        self.assertRegex(texts, r"NO ROOM: 1 MiB are free in .*; goes on when 320 MiB are")
        self.assertIn("there is room on the disk again", texts)
        self.assertEqual(self.loaded().phase, "done")
        self.assertEqual([each["text"].split(":")[0] for each in self.loaded().notes],
                         ["no room on the disk", "went on with room on the disk"])

    def test_a_disk_that_a_target_fills_loses_nothing(self) -> None:
        if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0:
            self.skipTest("a file system of its own needs unshare")
        filler = self.root / "small" / "filler"
        self.add_target("filler", each=f"os.path.exists({str(self.root / 'full')!r}) or "
                                       f"open({str(filler)!r}, 'ab').write(bytes(1 << 20))")
        emptier = ("import os, pathlib, sys, time\n"
                   f"filler = pathlib.Path({str(filler)!r})\n"
                   "for _ in range(600):\n"
                   "    if filler.exists() and filler.stat().st_size > 8 << 20:\n"
                   f"        while not pathlib.Path({str(self.root / 'full')!r}).exists():\n"
                   "            time.sleep(0.05)\n"
                   "        filler.unlink(); break\n"
                   "    time.sleep(0.1)\n")
        program = ("import pathlib, subprocess, sys\n"
                   "from night import overnight\n"
                   "overnight.MIN_SLICE = overnight.MAX_SLICE = 1\n"
                   "import run\n"
                   f"emptier = subprocess.Popen([sys.executable, '-c', {emptier!r}])\n"
                   "def say(text):\n"
                   "    print(text, flush=True)\n"
                   f"    if 'NO ROOM' in text: pathlib.Path({str(self.root / 'full')!r}).touch()\n"
                   "from night.engines import LibFuzzer\n"
                   f"build = pathlib.Path({str(self.root / 'build')!r})\n"
                   f"folder = pathlib.Path({str(self.root / 'small' / 'night')!r})\n"
                   "folder.mkdir()\n"
                   "class Until:\n"
                   "    def remaining(self, now, spent):\n"
                   "        known = night.state\n"
                   "        return 3600.0 * (len(known.notes) < 2 or not all(\n"
                   "            each.arm.slices for each in known.arms.values()))\n"
                   "night = overnight.Night(overnight.Settings(folder=folder, build=build,\n"
                   "    targets=['filler'], engines=[LibFuzzer(build)], cores=1, min_free=4 << 20,\n"
                   "    deadline=Until(), root=pathlib.Path('/root'), say=say))\n"
                   "status = night.run()\n"
                   "emptier.wait()\n"
                   "print('phase', night.state.phase, night.state.targets['filler'].corpus)\n"
                   "sys.exit(status)\n")
        small = self.root / "small"
        small.mkdir()
        done = subprocess.run(["unshare", "-rm", "sh", "-c",
                               f"mount -t tmpfs -o size=16m small {small} && exec \"$@\"", "sh",
                               sys.executable, "-c", program],
                              cwd=Path(run.__file__).parent, capture_output=True, text=True,
                              timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("NO ROOM", done.stdout)
        self.assertRegex(done.stdout, r"phase done [1-9]")

    # Interruptions, of a night that runs in a process of its own.

    def begin(self, hours: float) -> subprocess.Popen[str]:
        program = ("import sys\nfrom night import overnight, triage\nimport run\n"
                   "overnight.MIN_SLICE, overnight.MAX_SLICE, overnight.SAVE_SECONDS = 1, 1, 0.2\n"
                   "triage.MINIMISE_SECONDS = 0\n"
                   "sys.exit(run.main(sys.argv[1:]))\n")
        return subprocess.Popen(
            [sys.executable, "-c", program, "--build-dir", str(self.root / "build"), "--output",
             str(self.root / "out"), "--hours", str(hours), "--cores", "2", "--min-free-mb", "1"],
            cwd=Path(run.__file__).parent, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def end(self, night: subprocess.Popen[str]) -> str:
        return night.communicate(timeout=240)[0]

    def wait_until(self, night: subprocess.Popen[str],
                   is_reached: Callable[[state.State], bool]) -> state.State:
        """Waits until the state that a night saves is as wanted."""
        while night.poll() is None:
            known = state.load(self.folder)
            if known is not None and is_reached(known):
                return known
            time.sleep(0.02)  # a file has no event
        self.fail(night.communicate()[0])

    def test_ctrl_c_stops_and_the_same_command_goes_on(self) -> None:
        self.add_target("a")
        self.add_target("b")
        executions = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            night = self.begin(1)
            self.wait_until(night, lambda known: self.all_ran(known)
                            and known.targets["a"].executions > executions)
            night.send_signal(number)
            said = self.end(night)
            self.assertEqual(night.returncode, 4, said)
            self.assertIn("the same command goes on from here", said)
            executions = self.loaded().targets["a"].executions
        stopped = self.loaded()
        self.assertEqual(stopped.phase, "fuzzing")
        # As much as there was already: what is left to do is its end.
        last = self.begin(stopped.spent / HOUR / 2)
        said = self.end(last)
        self.assertEqual(last.returncode, 0, said)
        done = self.loaded()
        self.assertEqual((done.phase, done.started), ("done", stopped.started))
        self.assertEqual(done.targets["a"].executions, executions)
        self.assertGreaterEqual(done.targets["a"].corpus, 1)
        self.assertAlmostEqual(done.spent, stopped.spent, delta=1.0)

    def test_kill_9_in_the_middle_loses_no_input_and_no_finding(self) -> None:
        self.add_target("a", each=AFTER_FIVE.format(data="needle"))
        self.add_target("b")
        night = self.begin(1)
        killed = self.wait_until(night, self.all_ran)
        os.killpg(night.pid, signal.SIGKILL)
        night.communicate()
        # A job between its fork and its exec holds the lock of the night for a moment longer.
        end = time.monotonic() + 60
        while storage.is_held(self.folder) and time.monotonic() < end:
            time.sleep(0.02)  # a lock has no event
        corpus = self.folder / "corpus" / "b"
        inputs = {path.name for path in corpus.iterdir()}
        self.assertTrue(inputs)
        with contextlib.redirect_stdout(io.StringIO()) as text:
            run.main(["--output", str(self.root / "out"), "--status"])
        self.assertIn("night: stopped", text.getvalue())
        again = self.begin(killed.spent / HOUR / 2)
        said = self.end(again)
        self.assertEqual(again.returncode, 1, said)
        self.assertIn("going on with the night of", said)
        self.assertEqual(self.causes(), [("a", "mismatch", "no needle")])
        self.assertGreaterEqual(len(list(corpus.iterdir())), len(inputs))
        self.assertEqual(self.loaded().phase, "done")

    def test_two_nights_at_once_are_refused(self) -> None:
        self.add_target("a")
        first = self.begin(1)
        self.wait_until(first, lambda _: True)
        second = self.begin(1)
        said = self.end(second)
        self.assertEqual(second.returncode, 4)
        self.assertIn("in use by another night", said)
        first.send_signal(signal.SIGINT)
        self.end(first)

    def test_a_new_night_goes_on_with_the_corpora_and_looks_at_old_findings(self) -> None:
        self.add_target("a", each="count > 5 and run(b'needle')")
        self.assertEqual(self.make_night(self.all_ran).run(), 1)
        self.add_target("a", body="def run(data): pass")
        inputs = self.loaded().targets["a"].corpus
        self.assertEqual(self.make_night(self.all_ran).run(), 0)
        self.assertEqual(self.causes(), [])
        self.assertGreaterEqual(self.loaded().targets["a"].corpus, inputs)


if __name__ == "__main__":
    unittest.main()
