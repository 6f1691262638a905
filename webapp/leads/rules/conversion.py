"""Whether the share of won leads moved by more than chance: the last month beside the half year before."""

from __future__ import annotations

import math
from dataclasses import dataclass

from webapp.core.intervals import wilson
from webapp.core.text import number, plural

RECENT_DAYS, BEFORE_DAYS = 30, 180
LEAST = 10  # closed leads in each span


@dataclass(frozen=True)
class Closed:
    """How many leads closed in a span of days, and how many of them were won."""

    won: int
    count: int

    @property
    def share(self) -> float:
        """The conversion rate; 0 without any."""
        return self.won / self.count if self.count else 0.0


def difference(one: Closed, other: Closed) -> tuple[float, float]:
    """The 95 % interval of `one`'s share less `other`'s, from Wilson's intervals of both.

    Method 10 of Newcombe, "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17 (1998), 873-890. All of [-1, 1] where a span is empty.
    """
    if not one.count or not other.count:
        return -1.0, 1.0
    low, high = wilson(one.won, one.count)
    other_low, other_high = wilson(other.won, other.count)
    gap = one.share - other.share
    below = math.hypot(one.share - low, other_high - other.share)
    above = math.hypot(high - one.share, other.share - other_low)
    return max(-1.0, gap - below), min(1.0, gap + above)


def moved(recent: Closed, before: Closed) -> bool:
    """Whether both spans hold enough leads and no difference at all is outside of the interval."""
    if min(recent.count, before.count) < LEAST:
        return False
    low, high = difference(recent, before)
    return low > 0 or high < 0


def moved_words(recent: Closed, before: Closed) -> str:
    """Say what moved, by how much, and what it rests on."""
    low, high = difference(recent, before)
    deed = "rose" if recent.share > before.share else "fell"
    return (
        f"Your conversion rate {deed} from {_percent(before.share)} to {_percent(recent.share)}: "
        f"{recent.won} of {plural(recent.count, 'lead')} won in the last {RECENT_DAYS} days, {before.won} of "
        f"{before.count} in the {BEFORE_DAYS} days before. The difference lies between {_points(low)} and "
        f"{_points(high)} points (95 %)."
    )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _points(share: float) -> str:
    return number(round(share * 100))
