"""From the JSON of Google Benchmark to medians, spreads and ratios."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import results
from test_data import write_run


class KeyTest(unittest.TestCase):
    def test_is_taken_apart_and_put_together(self) -> None:
        key = results.Key.parse("frame_decode/binary/wsproof Connection/125")
        self.assertEqual(key, results.Key("frame_decode", "binary", 125, "wsproof Connection"))
        self.assertEqual(str(key), "frame_decode/binary/wsproof Connection/125")

    def test_refuses_other_names(self) -> None:
        for name in ("", "masking/wsproof/16", "masking/x/wsproof/large", "a/b/c/16/real_time"):
            with self.subTest(name), self.assertRaises(results.ResultsError):
                results.Key.parse(name)

    def test_knows_what_is_ours(self) -> None:
        for name, is_ours in (("wsproof", True), ("wsproof Connection", True),
                              ("websocketpp", False), ("wsproofs", False)):
            self.assertEqual(results.Key("a", "b", 1, name).is_ours, is_ours, name)


class FigureTest(unittest.TestCase):
    def test_is_the_median_with_the_quartiles_as_its_spread(self) -> None:
        self.assertEqual(results.Figure.of([80, 100, 90, 110, 1000]),
                         results.Figure(100, 0.1))

    def test_of_one_sample_has_no_spread(self) -> None:
        self.assertEqual(results.Figure.of([5]), results.Figure(5, 0))


class LoadTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "benchmark.json"

    def test_takes_repetitions_and_leaves_aggregates(self) -> None:
        loaded = results.load(write_run(self.path, {"a/b/wsproof/16": [2e9, 4e9, 3e9]}))
        self.assertEqual(loaded.figures[results.Key("a", "b", 16, "wsproof")].median, 3e9)
        self.assertEqual(loaded.machine, "2 cores, GNU 12")
        self.assertEqual(loaded.started, "2026-11-25T17:00:00+00:00")

    def test_refuses_what_is_no_run(self) -> None:
        for text in ("", "[]", "{}", '{"context": {"num_cpus": 1}, "benchmarks": []}'):
            self.path.write_text(text)
            with self.subTest(text), self.assertRaises(results.ResultsError):
                results.load(self.path)


class RatioTest(unittest.TestCase):
    def test_sets_ours_beside_each_peer_of_the_same_size(self) -> None:
        def figure(median: float) -> results.Figure:
            return results.Figure(median, 0.01)

        run = results.Results("", "", {
            results.Key("masking", "a", 16, "wsproof"): figure(3),
            results.Key("masking", "a", 16, "memcpy"): figure(6),
            results.Key("masking", "a", 16, "Boost.Beast"): figure(2),
            results.Key("masking", "a", 125, "memcpy"): figure(9),
            results.Key("utf8", "a", 16, "memcpy"): figure(9),
        })
        ratios = results.compute_ratios(run)
        self.assertEqual([(r.peer.implementation, r.ratio, r.spread) for r in ratios],
                         [("Boost.Beast", 1.5, 0.02), ("memcpy", 0.5, 0.02)])


class FormatTest(unittest.TestCase):
    def test_names_sizes(self) -> None:
        for size, text in ((16, "16 B"), (125, "125 B"), (1024, "1 KiB"), (262_144, "256 KiB"),
                           (4 << 20, "4 MiB"), (1025, "1025 B")):
            self.assertEqual(results.format_size(size), text)

    def test_aligns_columns(self) -> None:
        self.assertEqual(results.format_table([["a", "b"], ["long", "1.25"]]),
                         "a        b\nlong  1.25")


if __name__ == "__main__":
    unittest.main()
