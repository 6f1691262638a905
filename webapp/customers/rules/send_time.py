"""The best hour to write to a customer: their own engagement, shrunk towards the company's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOURS = 24
HELD = 10.0  # as many imagined engagements as the company's hours are worth beside a customer's own
NEIGHBOUR = 0.25  # what an hour borrows of each neighbour


@dataclass(frozen=True)
class Quiet:
    """The hours in which nobody is written to, by the customer's clock; it may pass midnight."""

    begins: time
    ends: time

    def holds(self, at: time) -> bool:
        """Whether the time is within; the same time twice is no quiet at all."""
        if self.begins == self.ends:
            return False
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def touches(self, hour: int) -> bool:
        """Whether any of the hour is quiet."""
        return any(self.holds(time(hour, minute)) for minute in range(60))


@dataclass(frozen=True)
class Best:
    """The hour (0 to 23, the customer's clock), the next such moment in UTC, and what it rests on."""

    hour: int
    at: datetime
    own: int
    company: int


def shares(own: Sequence[float], company: Sequence[float]) -> list[float]:
    """How an hour stands: own counts with the company's shares as ten more, smoothed over neighbours.

    The posterior mean of hours under a Dirichlet prior with the company's shares; without any, all alike.
    """
    total = sum(company)
    prior = [HELD * (one / total if total else 1 / HOURS) for one in company]
    raw = [mine + held for mine, held in zip(own, prior, strict=True)]
    return [raw[hour] + NEIGHBOUR * (raw[hour - 1] + raw[(hour + 1) % HOURS]) for hour in range(HOURS)]


def best_hour(own: Sequence[float], company: Sequence[float], quiet: Quiet) -> int | None:
    """The hour that stands best outside the quiet ones; None when all of them are quiet."""
    free = [hour for hour in range(HOURS) if not quiet.touches(hour)]
    if not free:
        return None
    stand = shares(own, company)
    return max(free, key=lambda hour: (stand[hour], -hour))


def next_moment(hour: int, quiet: Quiet, zone: ZoneInfo, now: datetime) -> datetime:
    """The next time (UTC) at which the customer's clock shows the hour and it is not quiet.

    An hour that is skipped in spring is met the next day; one that comes twice in autumn, the first time.
    """
    day = now.astimezone(zone).date()
    for ahead in range(9):
        wall = datetime.combine(day + timedelta(days=ahead), time(hour), zone)
        moment = wall.astimezone(UTC)
        real = moment.astimezone(zone)
        if moment >= now and real.hour == hour and not quiet.holds(real.time()):
            return moment
    raise ValueError("there is no such hour within nine days")


def best_time(
    own: Sequence[float],
    company: Sequence[float],
    quiet: Quiet,
    zone: ZoneInfo,
    now: datetime,
) -> Best | None:
    """The best moment from now on; None when every hour is quiet."""
    hour = best_hour(own, company, quiet)
    if hour is None:
        return None
    at = next_moment(hour, quiet, zone, now)
    return Best(hour, at, int(sum(own)), int(sum(company)))


def hours_of(counts: Mapping[int, float]) -> list[float]:
    """Counts by hour as a list of twenty-four."""
    return [counts.get(hour, 0.0) for hour in range(HOURS)]
