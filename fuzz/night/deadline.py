"""When a night ends: after some hours of fuzzing, or at a time of day."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

MORNING = "07:00"


class BadDeadline(ValueError):
    """What was asked for is not a length of time or a time of day."""


@dataclass(frozen=True)
class Deadline:
    """Seconds of fuzzing in all, interruptions left out; or a moment of the clock."""

    seconds: float | None = None
    moment: float | None = None  # seconds since the epoch

    def remaining(self, now: float, spent: float) -> float:
        """Seconds that are left at `now` to a night that was fuzzed for `spent` seconds already."""
        if self.seconds is not None:
            return max(0.0, self.seconds - spent)
        assert self.moment is not None
        return max(0.0, self.moment - now)


def after_hours(hours: float) -> Deadline:
    if not 0 < hours < 24 * 365:
        raise BadDeadline(f"a night cannot last {hours:g} hours")
    return Deadline(seconds=hours * 3600)


def next_time_of_day(text: str, now: float) -> Deadline:
    """The next moment at which the machine's clock shows `text`, such as 07:00."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadDeadline(f"{text!r} is not a time of day such as {MORNING}")
    today = datetime.datetime.fromtimestamp(now)
    then = today.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if then <= today:
        then = (then + datetime.timedelta(days=1)).replace(hour=int(match[1]))
    return Deadline(moment=then.timestamp())
