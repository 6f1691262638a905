"""Numbers day by day: the same as counting every user anew at each day's end."""

from __future__ import annotations

import numpy as np
import pytest

from webapp.experiments.facts import MetricKind
from webapp.experiments.rules.series import Deeds, Exposed, over_days
from webapp.experiments.rules.statistics import Sample


def counted_anew(exposed: Exposed, deeds: Deeds, kind: MetricKind, day: int, variant: int) -> Sample:
    """One user after the other, with nothing carried from day to day."""
    numbers = []
    for user, (which, met) in enumerate(zip(exposed.variant, exposed.day, strict=True)):
        if which != variant or met > day:
            continue
        values = [
            value
            for who, at, value in zip(deeds.user, deeds.day, deeds.value, strict=True)
            if who == user and at <= day
        ]
        if kind is MetricKind.PROPORTION:
            numbers.append(1.0 if values else 0.0)
        elif kind is MetricKind.REVENUE:
            numbers.append(sum(values))
        elif values:
            numbers.append(sum(values) / len(values))
    return Sample(len(numbers), sum(numbers), sum(one**2 for one in numbers))


@pytest.mark.parametrize("kind", list(MetricKind))
def test_each_day_is_as_if_counted_anew(kind) -> None:
    rng, users, days = np.random.default_rng(3), 60, 9
    exposed = Exposed(rng.integers(0, 3, users), rng.integers(0, days, users))
    user = rng.integers(0, users, 150)
    day = exposed.day[user] + rng.integers(0, days, 150)
    early = day < days
    deeds = Deeds(user[early], day[early], rng.normal(10, 4, 150)[early])
    found = over_days(exposed, deeds, kind, days, 3)

    for at in range(days):
        for variant in range(3):
            wanted = counted_anew(exposed, deeds, kind, at, variant)
            assert found[at][variant].users == wanted.users
            assert found[at][variant].total == pytest.approx(wanted.total, abs=1e-9)
            assert found[at][variant].squares == pytest.approx(wanted.squares, abs=1e-7)


@pytest.mark.parametrize("kind", list(MetricKind))
def test_days_without_deeds_are_told_too(kind) -> None:
    nothing = np.zeros(0, np.int64)
    found = over_days(
        Exposed(np.array([0, 1]), np.array([0, 1])), Deeds(nothing, nothing, np.zeros(0)), kind, 2, 2
    )
    assert [sum(one.users for one in day) for day in found] == ([0, 0] if kind is MetricKind.MEAN else [1, 2])
