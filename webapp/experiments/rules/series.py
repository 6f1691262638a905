"""How the numbers of an experiment came together, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from webapp.experiments.facts import MetricKind
from webapp.experiments.rules.statistics import Sample

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Exposed:
    """Who met what: by user the variant's place and the day (counted from the first one) they met it."""

    variant: Whole
    day: Whole


@dataclass(frozen=True)
class Deeds:
    """What users did from their exposure on: the user's place in `Exposed`, the day, the value."""

    user: Whole
    day: Whole
    value: Real


def over_days(
    exposed: Exposed, deeds: Deeds, kind: MetricKind, days: int, variants: int
) -> list[list[Sample]]:
    """By day and variant, the numbers of all users up to that day's end. The last day's are those of today.

    A user's number is 1 when they did it (proportion), the sum of their values (revenue), or their values'
    mean, of users who have one (mean).
    """
    shape = (days, variants)
    users, total, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    if kind is not MetricKind.MEAN:
        np.add.at(users, (exposed.day, exposed.variant), 1)
    if len(deeds.user):
        user, day, before, after, first = _steps(deeds, kind)
        place = (day, exposed.variant[user])
        np.add.at(total, place, after - before)
        np.add.at(squares, place, after**2 - before**2)
        if kind is MetricKind.MEAN:
            np.add.at(users, place, first)
    told = [np.cumsum(one, axis=0) for one in (users, total, squares)]
    return [
        [Sample(int(told[0][d, v]), float(told[1][d, v]), float(told[2][d, v])) for v in range(variants)]
        for d in range(days)
    ]


def _steps(deeds: Deeds, kind: MetricKind) -> tuple[Any, Any, Any, Any, Any]:
    """By user and day with deeds: the number before and after that day, and whether it is the first day."""
    order = np.lexsort((deeds.day, deeds.user))
    user, day, value = deeds.user[order], deeds.day[order], deeds.value[order]
    fresh = np.concatenate(([True], (user[1:] != user[:-1]) | (day[1:] != day[:-1])))
    begin = np.flatnonzero(fresh)
    sums = np.add.reduceat(value, begin)
    counts = np.diff(np.append(begin, len(user)))
    user, day = user[begin], day[begin]
    first = np.concatenate(([True], user[1:] != user[:-1]))
    if kind is MetricKind.PROPORTION:
        after = np.ones(len(user))
        return user, day, np.where(first, 0.0, 1.0), after, first
    amount = _within(sums, first)
    after = amount if kind is MetricKind.REVENUE else amount / _within(counts.astype(float), first)
    before = np.where(first, 0.0, np.concatenate(([0.0], after[:-1])))
    return user, day, before, after, first


def _within(values: Any, first: Any) -> Any:
    """Running sums that begin anew with each user."""
    running = np.cumsum(values)
    starts = np.flatnonzero(first)
    offset = np.repeat(running[starts] - values[starts], np.diff(np.append(starts, len(values))))
    return running - offset
