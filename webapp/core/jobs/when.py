"""When something is due: a time of day, a day of the week or each hour, in a time zone; no clock, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class When:
    """A time by the wall clock. Without an hour: each hour at the minute; without a weekday: each day.

    `weekday` counts from Monday, 0.
    """

    minute: int = 0
    hour: int | None = None
    weekday: int | None = None

    @property
    def words(self) -> str:
        """Say it to people."""
        if self.hour is None:
            return f"each hour at {self.minute} minutes past" if self.minute else "each hour"
        day = "each day" if self.weekday is None else f"each {DAYS[self.weekday]}"
        return f"{day} at {self.hour:02}:{self.minute:02}"


def next_due(when: When, after: datetime, zone: ZoneInfo) -> datetime:
    """Answer the first moment, in UTC, that is due later than `after` (aware).

    Once each day (or hour) whatever the clocks do: a time of day that is skipped in spring is due as many
    minutes after the leap as it stands behind its begin, and one that comes twice in autumn the first time.
    """
    if when.hour is None:
        return _next_minute(when.minute, after, zone)
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        due = _moment(when, day, zone)
        if due > after and when.weekday in {None, day.weekday()}:
            return due
        day += timedelta(days=1)


def _moment(when: When, day: date, zone: ZoneInfo) -> datetime:
    """The wall time as a moment. With fold 0 a skipped time takes the offset before the leap (PEP 495)."""
    assert when.hour is not None
    return datetime(day.year, day.month, day.day, when.hour, when.minute, tzinfo=zone).astimezone(UTC)


def _next_minute(minute: int, after: datetime, zone: ZoneInfo) -> datetime:
    """The next moment whose wall clock shows the minute; a zone's offset need not be whole hours."""
    moment = after.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while moment.astimezone(zone).minute != minute:
        moment += timedelta(minutes=1)
    return moment
