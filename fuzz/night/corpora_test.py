"""Tests of corpora.py."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from fuzz_targets import Places
from night import corpora
from night.fake_target import write_fake


class CorporaTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.night = Path(directory.name)
        write_fake(self.night / "build" / "fuzz" / "a_fuzz")
        self.corpus = self.night / "corpus" / "a"
        self.corpus.mkdir(parents=True)
        for name in ("1111 first", "1111 same", "2222"):
            (self.corpus / name).write_text(name)

    def merge(self) -> None:
        places = Places.of("a", self.night / "build", self.night)
        subprocess.run(corpora.merge_command("a", places, self.night), check=True)
        corpora.take_over(self.night, "a")

    def contents(self) -> set[str]:
        return {path.read_text()[:4] for path in self.corpus.iterdir()}

    def names(self) -> list[str]:
        return sorted(os.listdir(self.night / "corpus"))

    def test_a_merge_leaves_as_few_inputs_as_reach_the_same(self) -> None:
        self.merge()
        self.assertEqual((corpora.count(self.corpus), self.contents()), (2, {"1111", "2222"}))
        self.assertEqual(self.names(), ["a"])

    def test_a_kill_at_any_rename_loses_nothing(self) -> None:
        real = os.replace
        for allowed in range(3):
            with self.subTest(allowed=allowed):
                calls = iter([*[real] * allowed, mock.Mock(side_effect=KeyboardInterrupt)])
                with mock.patch.object(os, "replace", side_effect=lambda *a: next(calls)(*a)), \
                        self.assertRaises(KeyboardInterrupt):
                    self.merge()
                corpora.recover(self.night)
                self.assertEqual(self.contents(), {"1111", "2222"})
                self.assertEqual(self.names(), ["a"])

    def test_no_corpus_has_no_inputs(self) -> None:
        self.assertEqual(corpora.count(self.night / "unknown"), 0)


if __name__ == "__main__":
    unittest.main()
