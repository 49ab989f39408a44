"""Tests of coverage.py, with output as Clang 19's libFuzzer writes it."""

from __future__ import annotations

import unittest
from pathlib import Path

from night.coverage import by_file, merge, parse

FIRST = """#2 DONE cov: 1
COVERAGE:
UNCOVERED_FUNC: hits: 0 edges: 0/5 ws::never(std::span<std::byte const>) /r/impl/a.cpp:5
COVERED_FUNC: hits: 1 edges: 4/6 ws::f(int) const /r/impl/a.cpp:9
  UNCOVERED_PC: /r/impl/a.cpp:10:3
  UNCOVERED_PC: /r/impl/a.cpp:12:7
COVERED_FUNC: hits: 1 edges: 2/3 std::sort(int*) /usr/include/c++/12/bits/algo.h:3
  UNCOVERED_PC: /usr/include/c++/12/bits/algo.h:4:1
COVERED_FUNC: hits: 1 edges: 2/2 ws::oracle::g() /r/conformance/oracle/g.cpp:1
"""
SECOND = """COVERAGE:
COVERED_FUNC: hits: 1 edges: 5/6 ws::f(int) const /r/impl/a.cpp:9
  UNCOVERED_PC: /r/impl/a.cpp:12:7
COVERED_FUNC: hits: 1 edges: 3/5 ws::never(std::span<std::byte const>) /r/impl/a.cpp:5
  UNCOVERED_PC: /r/impl/a.cpp:6:1
  UNCOVERED_PC: /r/impl/a.cpp:6:1
UNCOVERED_FUNC: hits: 0 edges: 0/1 ws::h() /r/impl/b.hpp:1
"""


class CoverageTest(unittest.TestCase):
    def test_counts_edges_by_file_of_what_is_fuzzed(self) -> None:
        self.assertEqual(by_file(parse(FIRST, Path("/r"))), {"impl/a.cpp": (4, 11)})

    def test_targets_cover_a_function_together(self) -> None:
        first, second = (parse(text, Path("/r")) for text in (FIRST, SECOND))
        expected = {"impl/a.cpp": (3 + 5, 11), "impl/b.hpp": (0, 1)}
        self.assertEqual(by_file(merge([first, second])), expected)
        self.assertEqual(by_file(merge([second, first])), expected)

    def test_nothing_covered_twice_stays_nothing(self) -> None:
        once = parse("UNCOVERED_FUNC: hits: 0 edges: 0/5 f() /r/impl/a.cpp:5\n", Path("/r"))
        self.assertEqual(by_file(merge([once, once])), {"impl/a.cpp": (0, 5)})


if __name__ == "__main__":
    unittest.main()
