"""What recommendations brought: rates, medians and means with intervals, and the uplift over the hold-out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.core.intervals import Z95, wilson

LEAST_MEMBERS = 5  # on each side: below, a difference of means says nothing


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval and how many observations it rests on; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Decisions:
    """Decided recommendations, a place each. Revenue is NaN where it is unknown, seconds are too.

    `members` numbers who decided: the hold-out is drawn by member, so members are what varies.
    """

    members: NDArray[np.int64]
    followed: NDArray[np.bool_]
    seconds: NDArray[np.float64]
    revenue: NDArray[np.float64]

    def where(self, chosen: NDArray[np.bool_]) -> Decisions:
        """Those of them that are chosen."""
        return Decisions(
            self.members[chosen], self.followed[chosen], self.seconds[chosen], self.revenue[chosen]
        )


def follow_rate(seen: Decisions) -> Estimate:
    """The share that took what was recommended, with Wilson's interval."""
    hits, tries = int(seen.followed.sum()), len(seen.followed)
    if not tries:
        return Estimate(None, None, None, 0)
    return Estimate(hits / tries, *wilson(hits, tries), tries)


def median_time(seen: Decisions) -> Estimate:
    """The median of the seconds until a decision.

    The interval goes between order statistics of ranks n/2 ± z√n/2 (Hahn and Meeker 1991, 5.2.1, by the
    normal approximation of the binomial); with fewer than six times it is all that was seen.
    """
    times = np.sort(seen.seconds[~np.isnan(seen.seconds)])
    count = len(times)
    if not count:
        return Estimate(None, None, None, 0)
    half = Z95 * math.sqrt(count) / 2
    low, high = math.floor(count / 2 - half), math.ceil(count / 2 + half)
    return Estimate(
        float(np.median(times)), float(times[max(low, 0)]), float(times[min(high, count - 1)]), count
    )


def mean_revenue(seen: Decisions) -> Estimate:
    """The revenue of a transaction in the mean, over those whose revenue is known.

    A member decides several times, so the variance is that of a ratio of sums over members: with R and N a
    member's revenue and count, m the mean, k members: k/(k-1) · Σ(R - mN)² / (ΣN)² (Deng, Knoblich, Lu
    2018, "Applying the Delta Method in Metric Analytics", 2.2).
    """
    mean, error, count = _ratio(seen)
    if mean is None:
        return Estimate(None, None, None, 0)
    if error is None:
        return Estimate(mean, None, None, count)
    return Estimate(mean, mean - Z95 * error, mean + Z95 * error, count)


def uplift(treated: Decisions, held_out: Decisions) -> Estimate:
    """The difference of the mean revenues of two groups of members, with its interval.

    The groups are drawn independently, so the variances add up. None with fewer than five members in one.
    """
    sides = [(_ratio(one), len(np.unique(_known(one).members))) for one in (treated, held_out)]
    count = sum(one[0][2] for one in sides)
    if any(members < LEAST_MEMBERS for _, members in sides):
        return Estimate(None, None, None, count)
    (first, error, _), (second, other, _) = sides[0][0], sides[1][0]
    assert first is not None and second is not None and error is not None and other is not None  # noqa: PT018
    half = Z95 * math.hypot(error, other)
    return Estimate(first - second, first - second - half, first - second + half, count)


def _known(seen: Decisions) -> Decisions:
    return seen.where(~np.isnan(seen.revenue))


def _ratio(seen: Decisions) -> tuple[float | None, float | None, int]:
    """The mean, its standard error over members (None with one member), and the count."""
    known = _known(seen)
    count = len(known.revenue)
    if not count:
        return None, None, 0
    _, owner = np.unique(known.members, return_inverse=True)
    sums, counts = np.bincount(owner, known.revenue), np.bincount(owner)
    mean, members = float(known.revenue.mean()), len(sums)
    if members < 2:
        return mean, None, count
    spread = float(((sums - mean * counts) ** 2).sum())
    return mean, math.sqrt(members / (members - 1) * spread) / count, count
