"""What two variants' numbers say: difference, lift, always-valid intervals, chance, sample-ratio mismatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from webapp.experiments.facts import MetricKind
from webapp.experiments.rules.sequential import multiplier

MISMATCH = 0.001  # below this chance the split is not the one that was asked for
LEAST_EXPECTED = 5  # users per variant below which the chi-square test says nothing (Cochran, 1954)
LEAST_USERS = 30  # with a number, per variant, below which no normal law is leaned on
LEAST_SURE = 3.0  # standard errors that the control's mean must be away from zero for a lift to make sense


@dataclass(frozen=True)
class Sample:
    """One variant's numbers of one metric: users with a number, their sum, and the sum of their squares."""

    users: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The mean number of a user; zero of nobody."""
        return self.total / self.users if self.users else 0.0

    def variance(self, kind: MetricKind) -> float:
        """The variance of a user's number: p(1 - p) of a proportion, else that of the sample (n - 1)."""
        if kind is MetricKind.PROPORTION:
            return self.mean * (1 - self.mean)
        if self.users <= 1:
            return 0.0
        return max(self.squares - self.total**2 / self.users, 0.0) / (self.users - 1)


@dataclass(frozen=True)
class Comparison:
    """A variant beside the control. What nothing can be said of is None.

    `difference` and its interval (`low`, `high`) are in the metric's unit, `lift` and its interval parts of
    the control's mean. Both intervals hold at every look. `chance` is that of being above the control under
    a flat prior; it is no rule to stop by.
    """

    control_mean: float
    mean: float
    difference: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    chance: float | None = None

    def beyond(self, *, higher_is_better: bool) -> int:
        """Where the whole interval lies: 1 on the better side of zero, -1 on the worse one, else 0."""
        if self.low is None or self.high is None:
            return 0
        side = (self.low > 0) - (self.high < 0)
        return side if higher_is_better else -side

    def within(self, effect: float) -> bool:
        """Whether the interval rules out any effect as large as this part of the control's mean."""
        if self.low is None or self.high is None:
            return False
        most = abs(self.control_mean) * effect
        return -most < self.low and self.high < most


def compare(control: Sample, variant: Sample, kind: MetricKind, alpha: float, tuning: float) -> Comparison:
    """The variant beside the control, by the difference of means with unequal variances (Welch).

    `alpha` is the chance of an interval that ever misses; `tuning` the users of both together for whom the
    interval is narrowest. The lift's error is by the delta method for a ratio of means.
    """
    bare = Comparison(control.mean, variant.mean)
    if min(control.users, variant.users) < LEAST_USERS:
        return bare
    of_control = control.variance(kind) / control.users
    of_variant = variant.variance(kind) / variant.users
    difference, error = variant.mean - control.mean, sqrt(of_control + of_variant)
    if error == 0:
        return bare
    wide = multiplier(control.users + variant.users, alpha, tuning)
    lift = reach = None
    if abs(control.mean) > LEAST_SURE * sqrt(of_control):
        ratio = variant.mean / control.mean
        lift, reach = ratio - 1, wide * sqrt(of_variant + ratio**2 * of_control) / abs(control.mean)
    return Comparison(
        control.mean,
        variant.mean,
        difference,
        error,
        difference - wide * error,
        difference + wide * error,
        lift,
        None if lift is None or reach is None else lift - reach,
        None if lift is None or reach is None else lift + reach,
        erfc(-difference / error / sqrt(2)) / 2,
    )


@dataclass(frozen=True)
class Mismatch:
    """How likely counts as far from the weights are by chance alone, and whether that is too unlikely."""

    p: float
    flagged: bool


def mismatch(counts: Sequence[int], weights: Sequence[float]) -> Mismatch:
    """Test the counts of users against the weights (Pearson's chi-square, k - 1 degrees of freedom)."""
    from scipy.special import chdtrc  # noqa: PLC0415  # it takes time to load, and few pages need it

    asked = [(count, weight) for count, weight in zip(counts, weights, strict=True) if weight > 0]
    users, whole = sum(count for count, _ in asked), sum(weight for _, weight in asked)
    expected = [users * weight / whole for _, weight in asked]
    if len(asked) < 2 or min(expected) < LEAST_EXPECTED:
        return Mismatch(1.0, flagged=False)
    square = sum((count - of) ** 2 / of for (count, _), of in zip(asked, expected, strict=True))
    p = float(chdtrc(len(asked) - 1, square))
    return Mismatch(p, flagged=p < MISMATCH)
