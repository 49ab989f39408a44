"""Tests of deadline.py."""

from __future__ import annotations

import datetime
import unittest

from night import deadline


def moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


class DeadlineTest(unittest.TestCase):
    def test_hours_leave_out_what_was_interrupted(self) -> None:
        end = deadline.after_hours(2)
        self.assertEqual(end.remaining(now=moment("2026-01-01T23:00"), spent=3000), 4200)
        self.assertEqual(end.remaining(now=0, spent=9000), 0)

    def test_a_time_of_day_is_the_next_one(self) -> None:
        for now, text, expected in (("2026-03-02T22:15", "07:00", "2026-03-03T07:00"),
                                    ("2026-03-02T06:59", "7:00", "2026-03-02T07:00"),
                                    ("2026-03-02T07:00", "07:00", "2026-03-03T07:00"),
                                    ("2026-12-31T23:59", "00:30", "2027-01-01T00:30")):
            with self.subTest(now=now, text=text):
                self.assertEqual(deadline.next_time_of_day(text, moment(now)).moment,
                                 moment(expected))

    def test_a_time_of_day_counts_what_was_interrupted(self) -> None:
        end = deadline.next_time_of_day("07:00", moment("2026-03-02T06:00"))
        self.assertEqual(end.remaining(moment("2026-03-02T06:30"), spent=12345), 1800)
        self.assertEqual(end.remaining(moment("2026-03-02T08:30"), spent=0), 0)

    def test_refuses_what_is_no_time(self) -> None:
        for text in ("24:00", "12:60", "noon", "7", "-1:00", ""):
            with self.subTest(text=text), self.assertRaises(deadline.BadDeadline):
                deadline.next_time_of_day(text, 0)
        for hours in (0, -1, float("nan"), 1e9):
            with self.subTest(hours=hours), self.assertRaises(deadline.BadDeadline):
                deadline.after_hours(hours)


if __name__ == "__main__":
    unittest.main()
