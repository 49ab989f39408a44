"""Patterns, portions, and the facts about the 517 cases."""

from __future__ import annotations

import unittest

from selection import BadPattern, load_catalogue, matches, portions, select, split_list

CATALOGUE = load_catalogue()


def ids(*patterns: str, exclude: tuple[str, ...] = (), quick: bool = False) -> list[str]:
    return [case.id for case in select(CATALOGUE, patterns, exclude, quick)]


class CatalogueTest(unittest.TestCase):
    def test_has_all_cases_in_order(self) -> None:
        numbers = [case.number for case in CATALOGUE.values()]
        self.assertEqual(numbers, list(range(1, 518)))
        by_parts = sorted(CATALOGUE, key=lambda case_id: [int(p) for p in case_id.split(".")])
        self.assertEqual(list(CATALOGUE), by_parts)


class SelectTest(unittest.TestCase):
    def test_takes_all_by_default(self) -> None:
        self.assertEqual(len(ids()), 517)

    def test_takes_sections_and_ids(self) -> None:
        self.assertEqual(len(ids("7")), 37)
        self.assertEqual(len(ids("6.12")), 8)
        self.assertEqual(ids("2.1"), ["2.1"])

    def test_does_not_take_what_only_starts_alike(self) -> None:
        self.assertEqual(len(ids("1")), 16)
        self.assertEqual(len(ids("1.*")), 16)
        self.assertFalse(matches("1", "10.1.1"))

    def test_sorts_and_drops_repetitions(self) -> None:
        self.assertEqual(ids("2.10", "2.9", "2.1?"), ["2.9", "2.10", "2.11"])

    def test_leaves_out(self) -> None:
        self.assertEqual(len(ids(quick=True)), 247)
        self.assertEqual(ids("1.1", exclude=("1.1.[2-8]",)), ["1.1.1"])

    def test_refuses_what_names_no_case(self) -> None:
        for option, patterns, exclude in (("--cases", ["7.2"], []), ("--exclude", [], ["8"])):
            with self.assertRaisesRegex(BadPattern, option):
                select(CATALOGUE, patterns, exclude, False)

    def test_refuses_to_select_nothing(self) -> None:
        with self.assertRaisesRegex(BadPattern, "no case is left"):
            select(CATALOGUE, ["9"], [], True)

    def test_splits_lists(self) -> None:
        self.assertEqual(split_list(["1, 2", "", "3,"]), ["1", "2", "3"])


class PortionsTest(unittest.TestCase):
    def test_have_every_case_once_and_in_order(self) -> None:
        cases = list(CATALOGUE.values())
        for jobs, tells_of_each in ((1, True), (1, False), (4, True)):
            cut = portions(cases, jobs, tells_of_each)
            self.assertEqual([case_id for part in cut for case_id in part], list(CATALOGUE))
            self.assertTrue(all(cut))

    def test_are_one_for_one_job(self) -> None:
        self.assertEqual(len(portions(list(CATALOGUE.values()), 1, True)), 1)

    def test_are_small_for_an_engine_that_tells_late(self) -> None:
        cut = portions(list(CATALOGUE.values()), 1, False)
        self.assertIn(["13.1.1"], cut)


if __name__ == "__main__":
    unittest.main()
