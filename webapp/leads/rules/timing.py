"""When to get in touch: a window by the clock, the hours in which people answered, the next good moment.

What is counted is smoothed: an hour borrows half of its neighbours and a fifth of the same hour on all
days, so that one answer on a Tuesday says something about Wednesday, too. A later day counts 0.85 of the
day before, so that a slightly better hour next week does not win over a good one tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = Mapping[tuple[int, int], int]
WORKING_DAYS = 5  # Monday to Friday
DAY = 24 * 60  # minutes
GRID = 15  # minutes between moments that are looked at
AHEAD = 7  # days that are looked at: each weekday once
A_DAY_LATER = 0.85
NEIGHBOUR, ANY_DAY, PRIOR = 0.5, 0.2, 3.0
WRITTEN = re.compile(r"([0-9]{2}):([0-9]{2})(?:\s*[-–]\s*([0-9]{2}):([0-9]{2}))?")
HOW = "Write a time like 09:30, or a span like 09:00-11:30."


@dataclass(frozen=True)
class Window:
    """A span of the day in minutes after midnight, its end not in it."""

    begins: int
    ends: int

    def holds(self, moment: datetime) -> bool:
        """Whether the moment's own wall clock stands in it."""
        return self.begins <= moment.hour * 60 + moment.minute < self.ends


WORKING_HOURS = Window(8 * 60, 19 * 60)


def read_window(text: str) -> Window | None:
    """Read `HH:MM` (the hour from then on) or `HH:MM-HH:MM`; None for nothing. Raises ValueError in words."""
    if not text.strip():
        return None
    found = WRITTEN.fullmatch(text.strip())
    if not found:
        raise ValueError(HOW)
    begins = _minutes(found[1], found[2])
    if found[3] is None:
        return Window(begins, min(begins + 60, DAY))
    ends = _minutes(found[3], found[4])
    if ends <= begins:
        raise ValueError("The span ends before it begins: write the earlier time first.")
    return Window(begins, ends)


def written_window(text: str) -> str:
    """The text as it is kept: without spaces, with a plain hyphen. Raises ValueError like `read_window`."""
    read_window(text)
    return re.sub(r"\s+", "", text).replace("–", "-")


def best_time(now: datetime, zone: ZoneInfo, hours: Hours, window: Window | None = None) -> datetime:
    """Answer the moment within a week, not before `now`, that suits best; aware, in the zone.

    Working days only, from 8 to 19 h, or within the window where there is one.
    """
    span = window or WORKING_HOURS
    local = now.astimezone(zone)
    candidates = list(_moments(local, zone, span))
    return max(candidates, key=lambda one: (_weight(one, hours) * _patience(one, local), -one.timestamp()))


def usual_time(hours: Hours) -> tuple[int, int, int, int] | None:
    """The weekday and hour with the most answers, how many, of how many in all; None below three there."""
    if not hours:
        return None
    (weekday, hour), most = max(hours.items(), key=lambda one: (one[1], -one[0][0], -one[0][1]))
    return (weekday, hour, most, sum(hours.values())) if most >= 3 else None


def _minutes(hour: str, minute: str) -> int:
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(HOW)
    return int(hour) * 60 + int(minute)


def _moments(local: datetime, zone: ZoneInfo, span: Window) -> Iterator[datetime]:
    """The moments of the next days that lie in the span; the last day makes up for one that clocks skip."""
    for number in range(AHEAD + 1):
        day = local.date() + timedelta(days=number)
        if day.weekday() < WORKING_DAYS:
            yield from (one for one in _of_day(day, zone, span) if one >= local)


def _of_day(day: date, zone: ZoneInfo, span: Window) -> Iterator[datetime]:
    starts = [span.begins, *range((span.begins // GRID + 1) * GRID, span.ends, GRID)]
    for minute in starts:
        wall = datetime.combine(day, time(minute // 60, minute % 60))
        moment = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
        if moment.replace(tzinfo=None, fold=0) == wall:  # a time that the clocks skip comes back as another
            yield moment


def _weight(moment: datetime, hours: Hours) -> float:
    weekday, hour = moment.weekday(), moment.hour
    around = hours.get((weekday, hour - 1), 0) + hours.get((weekday, hour + 1), 0)
    any_day = sum(count for (_, other), count in hours.items() if other == hour)
    return PRIOR + hours.get((weekday, hour), 0) + NEIGHBOUR * around + ANY_DAY * any_day


def _patience(moment: datetime, local: datetime) -> float:
    later: float = A_DAY_LATER ** (moment.date() - local.date()).days
    return later
