"""Tests of engines.py, with logs and folders as the engines leave them."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from fuzz_targets import FUZZ
from night.engines import Afl, LibFuzzer, Progress

LOG = """INFO: Seed: 1
#2\tINITED cov: 10 ft: 20 corp: 1/1b exec/s: 0 rss: 31Mb
#512\tREDUCE cov: 116 ft: 582 corp: 98/2440b lim: 64 exec/s: 0 rss: 38Mb L: 27/64 MS: 1 EraseBytes-
#1024\tpulse  cov: 117 ft: 590 corp: 99/2440b lim: 64 exec/s: 512 rss: 38Mb
"""


class LibFuzzerTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.night = Path(directory.name)
        self.engine = LibFuzzer(self.night / "build")
        self.log = self.night / "log"

    def test_a_command_has_limits_dictionary_and_every_corpus(self) -> None:
        command = self.engine.command("frame_decoder", self.night, 30)
        for argument in ("-max_total_time=30", "-max_len=64",
                         f"-artifact_prefix={self.night}/pending/frame_decoder/",
                         f"-dict={FUZZ}/dictionaries/frames.dict"):
            self.assertIn(argument, command)
        self.assertEqual(command[-2:], [str(self.night / "corpus" / "frame_decoder"),
                                        str(FUZZ / "corpus" / "frame_decoder")])

    def test_progress_is_the_last_line(self) -> None:
        self.assertEqual(self.engine.progress("a", self.night, self.log), Progress())
        self.log.write_text(LOG)
        self.assertEqual(self.engine.progress("a", self.night, self.log), Progress(1024, 117, 590))
        self.log.write_text(LOG + "stat::number_of_executed_units: 1500\n")
        self.assertEqual(self.engine.progress("a", self.night, self.log), Progress(1500, 117, 590))

    def test_a_target_that_is_not_instrumented_makes_progress_too(self) -> None:
        self.log.write_text("#2\tINITED exec/s: 0 rss: 31Mb\n#8\tpulse  corp: 1/1b exec/s: 4\n")
        self.assertEqual(self.engine.progress("a", self.night, self.log), Progress(8, 0, 0))

    def test_what_was_found_gets_its_log(self) -> None:
        self.engine.command("a", self.night, 1)
        pending = self.night / "pending" / "a"
        (pending / "crash-12").write_text("x")
        (pending / "slow-unit-3").write_text("x")
        self.log.write_text(LOG)
        self.assertFalse(self.engine.collect("a", self.night, self.log))
        self.log.write_text(f"{LOG}artifact_prefix='{pending}/'; Test unit written to "
                            f"{pending}/crash-12\nTest unit written to {pending}/slow-unit-3\n")
        self.assertTrue(self.engine.collect("a", self.night, self.log))
        self.assertEqual(sorted(path.name for path in pending.iterdir()),
                         ["crash-12", "crash-12.log"])


class AflTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.night = Path(directory.name)
        self.engine = Afl(self.night / "build", self.night / "mutator.so")
        self.main = self.night / "afl" / "utf8" / "main"

    def test_begins_with_the_seeds_and_goes_on_with_what_it_has(self) -> None:
        command = self.engine.command("utf8", self.night, 30)
        seeds = self.night / "afl" / "utf8" / "seeds"
        self.assertEqual(command[command.index("-i") + 1], str(seeds))
        self.assertEqual(len(list(seeds.iterdir())), len(list((FUZZ / "corpus" / "utf8").iterdir())))
        self.main.mkdir()
        (self.main / "fuzzer_stats").write_text("execs_done        : 7\nedges_found       : 5\n")
        command = self.engine.command("utf8", self.night, 30)
        self.assertEqual(command[command.index("-i") + 1], "-")
        self.assertEqual(self.engine.progress("utf8", self.night, Path()), Progress(7, 5, 5))

    def test_a_start_that_was_cut_off_is_made_again(self) -> None:
        self.engine.command("utf8", self.night, 30)
        (self.main / "queue").mkdir(parents=True)
        self.assertNotEqual(self.engine.command("utf8", self.night, 30)[2], "-")
        self.assertFalse(self.main.exists())

    def test_inputs_and_findings_are_taken_over_once(self) -> None:
        for folder, name in (("queue", "id:000000,a"), ("queue", "id:000001,b"),
                             ("crashes", "id:000000,sig:06"), ("hangs", "id:000000"),
                             ("crashes", "README.txt")):
            (self.main / folder).mkdir(parents=True, exist_ok=True)
            (self.main / folder / name).write_text(f"{folder} {name}")
        corpus = self.night / "corpus" / "utf8"
        corpus.mkdir(parents=True)
        self.assertTrue(self.engine.collect("utf8", self.night, Path()))
        self.assertFalse(self.engine.collect("utf8", self.night, Path()))
        self.assertEqual(len(list(corpus.iterdir())), 2)
        names = sorted(path.name.split("-")[0] for path in (self.night / "pending" / "utf8").iterdir()
                       if not path.suffix)
        self.assertEqual(names, ["crash", "timeout"])

    def test_frames_are_changed_as_frames(self) -> None:
        variables = self.engine.environment_of("connection_server")
        self.assertEqual((variables["AFL_CUSTOM_MUTATOR_LIBRARY"], variables["WSPROOF_FUZZ_LAYOUT"]),
                         (str(self.night / "mutator.so"), "connection"))
        self.assertNotIn("AFL_CUSTOM_MUTATOR_LIBRARY", self.engine.environment_of("utf8"))


if __name__ == "__main__":
    unittest.main()
