"""The one source of the present, so that tests can shift it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol


class Clock(Protocol):
    """Anything that knows the time in UTC."""

    def now(self) -> datetime:
        """Answer the present moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Answer the present moment in UTC."""
        return datetime.now(UTC)


@dataclass
class ShiftedClock:
    """The machine's clock moved by `offset`; tests shift it, nothing sleeps."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Answer the shifted moment in UTC."""
        return datetime.now(UTC) + self.offset

    def shift(self, **by: float) -> None:
        """Move the clock by a timedelta's keywords (`days=1`, `seconds=-5`)."""
        self.offset += timedelta(**by)


def day_begin(now: datetime, zone: tzinfo, back: int = 0) -> datetime:
    """Answer, in UTC, when the zone's day began that is `back` days before today."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (today - timedelta(days=back)).astimezone(UTC)
