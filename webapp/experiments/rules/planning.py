"""How many users an experiment needs, and how many days that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite

from webapp.experiments.facts import MetricKind
from webapp.experiments.rules.sequential import course

MOST_USERS = 1_000_000_000
MOST_DAYS = 1_000_000
LARGEST = 1e12  # number of a user's


@dataclass(frozen=True)
class Plan:
    """Users by variant (the control first) and in all, days at so many users a day, mean part until it ends.

    `share` is the part of the users after which a test of that effect is decided on average.
    """

    by_variant: tuple[int, ...]
    total: int
    days: int | None
    share: float


def plan(
    kind: MetricKind,
    baseline: float,
    deviation: float | None,
    effect: float,
    *,
    alpha: float,
    power: float,
    weights: Sequence[float],
    a_day: float | None = None,
) -> Plan:
    """The users with whom an effect (a part of the baseline, either way) is found with this power.

    The test is the sequential one, looked at twenty times, so that the plan holds for who looks early.
    With several variants each is compared at its part of `alpha` (Bonferroni). `baseline` is the control's
    mean, `deviation` that of a user's number (not asked of a proportion). Raises ValueError with a sentence.
    """
    _check(kind, baseline, deviation, effect, weights)
    variants = len(weights) - 1
    found = course(round(alpha / variants, 6), power)
    shares = [weight / sum(weights) for weight in weights]
    away = abs(baseline * effect)
    spread = _spreads(kind, baseline, deviation, effect)
    needed = max(found.drift**2 * (spread[0] / shares[0] + spread[1] / share) for share in shares[1:])
    if away**2 == 0 or needed > MOST_USERS * away**2:
        raise ValueError("So small an effect takes more than a billion users: ask for a larger one.")
    total = max(ceil(needed / away**2), len(weights))
    takes = total / a_day if a_day and a_day > 0 else inf
    days = ceil(takes) if takes <= MOST_DAYS else None
    return Plan(tuple(ceil(total * share) for share in shares), total, days, found.share)


def _spreads(
    kind: MetricKind, baseline: float, deviation: float | None, effect: float
) -> tuple[float, float]:
    """The variances of a user's number: the control's, and that of a variant with the effect."""
    if kind is not MetricKind.PROPORTION:
        assert deviation is not None
        return deviation**2, deviation**2
    moved = [baseline * (1 + way * effect) for way in (-1, 1)]
    return baseline * (1 - baseline), max(one * (1 - one) for one in moved if 0 < one < 1)


def _check(
    kind: MetricKind, baseline: float, deviation: float | None, effect: float, weights: Sequence[float]
) -> None:
    if len(weights) < 2 or min(weights) <= 0:
        raise ValueError("A plan needs a control and at least one variant, each with a weight above zero.")
    if not (isfinite(effect) and 0 < effect <= 10):
        raise ValueError("The smallest effect is a part of the baseline, above 0 % and up to 1,000 %.")
    if max(abs(baseline), abs(deviation or 0.0)) > LARGEST:
        raise ValueError("The baseline and the standard deviation are at most 1,000,000,000,000.")
    if not isfinite(baseline) or baseline == 0:
        raise ValueError("The baseline is the control’s mean; of zero there is no part.")
    if kind is MetricKind.PROPORTION:
        if not 0 < baseline < 1:
            raise ValueError("The baseline of a proportion lies between 0 and 1.")
        if baseline * (1 + effect) >= 1 and baseline * (1 - effect) <= 0:
            raise ValueError("No proportion can move that far from this baseline.")
    elif deviation is None or not isfinite(deviation) or deviation <= 0:
        raise ValueError("A mean or a sum needs the standard deviation of a user’s number, above zero.")
