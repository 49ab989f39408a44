"""Tests of minimise.py."""

from __future__ import annotations

import itertools
import unittest

from night.minimise import minimise


class MinimiseTest(unittest.TestCase):
    def test_leaves_only_what_is_needed(self) -> None:
        data = bytes(range(1, 200)) + b"needle" + bytes(range(200))
        self.assertEqual(minimise(data, lambda each: b"needle" in each, 60), b"needle")

    def test_keeps_parts_that_are_apart(self) -> None:
        data = b"xxx(yyyy" * 3 + b"zzz)"
        self.assertEqual(minimise(data, lambda each: b"(" in each and each.endswith(b")"), 60), b"()")

    def test_makes_bytes_plain(self) -> None:
        self.assertEqual(minimise(b"QRS!T", lambda each: len(each) == 5 and each[3:4] == b"!", 60),
                         b"\0\0\0!\0")
        self.assertEqual(minimise(b"QR", lambda each: len(each) == 2 and 0 not in each, 60), b"aa")

    def test_nothing_may_be_all_that_is_needed(self) -> None:
        self.assertEqual(minimise(b"anything", lambda _: True, 60), b"")
        self.assertEqual(minimise(b"", lambda _: True, 60), b"")

    def test_gives_the_best_so_far_when_the_time_is_up(self) -> None:
        ticks = itertools.count()
        data = bytes(1000)
        best = minimise(data, lambda each: len(each) >= 10, 8, clock=lambda: next(ticks))
        self.assertTrue(10 <= len(best) < 1000, len(best))


if __name__ == "__main__":
    unittest.main()
