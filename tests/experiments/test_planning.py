"""How many users a plan asks for, and that so many find the effect."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from webapp.experiments.facts import MetricKind
from webapp.experiments.rules.planning import plan
from webapp.experiments.rules.statistics import Sample, compare

USUAL = {"alpha": 0.05, "power": 0.8, "weights": [1, 1]}


def test_looking_early_costs_less_than_twice_the_users_of_a_single_look() -> None:
    found = plan(MetricKind.PROPORTION, 0.1, None, 0.1, **USUAL, a_day=500)
    size = proportion_effectsize(0.11, 0.1)
    single = NormalIndPower().solve_power(size, power=0.8, alpha=0.05)

    assert 1.3 * single < found.by_variant[0] < 2 * single
    assert sum(found.by_variant) - 1 <= found.total <= sum(found.by_variant)
    assert found.days == 103
    assert found.share * found.total < 1.2 * 2 * single  # on average it ends not far from the single look


def test_users_are_shared_out_by_weight_and_more_variants_need_more() -> None:
    even = plan(MetricKind.REVENUE, 20.0, 55.0, 0.05, **USUAL)
    uneven = plan(MetricKind.REVENUE, 20.0, 55.0, 0.05, **{**USUAL, "weights": [9, 1]})
    three = plan(MetricKind.REVENUE, 20.0, 55.0, 0.05, **{**USUAL, "weights": [1, 1, 1]})

    assert uneven.by_variant[0] == pytest.approx(9 * uneven.by_variant[1], rel=1e-3)
    assert uneven.total == pytest.approx(even.total * (1 / 0.9 + 1 / 0.1) / 4, rel=1e-4)
    assert three.by_variant[0] > even.by_variant[0]
    assert even.days is None


def test_a_plan_of_next_to_nothing_has_a_user_for_each_variant_and_no_endless_days() -> None:
    certain = plan(MetricKind.MEAN, 1.0, 1e-200, 0.05, **USUAL, a_day=5e-324)

    assert (certain.by_variant, certain.days) == ((1, 1), None)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"baseline": 0.0}, "baseline"),
        ({"baseline": 1.2}, "between 0 and 1"),
        ({"baseline": float("nan")}, "baseline"),
        ({"effect": 0.0}, "effect"),
        ({"effect": 1e-9}, "larger"),
        ({"effect": 1e-300}, "larger"),
        ({"baseline": 1e300}, "at most"),
        ({"kind": MetricKind.MEAN, "deviation": 1e200}, "at most"),
        ({"effect": float("inf")}, "effect"),
        ({"kind": MetricKind.MEAN}, "deviation"),
        ({"kind": MetricKind.MEAN, "deviation": -1.0}, "deviation"),
        ({"weights": [1]}, "variant"),
        ({"weights": [1, 0]}, "weight"),
        ({"baseline": 0.6, "effect": 1.0}, "move that far"),
    ],
)
def test_what_cannot_be_planned_is_named(given, named) -> None:
    asked = {"kind": MetricKind.PROPORTION, "baseline": 0.1, "deviation": None, "effect": 0.1, **USUAL}
    asked |= given
    first = [asked.pop(name) for name in ("kind", "baseline", "deviation", "effect")]
    with pytest.raises(ValueError, match=named):
        plan(*first, **asked)


@pytest.mark.thorough
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_planned_users_find_the_planned_effect_as_often_as_planned(power) -> None:
    """4,000 tests of a 12 % share moved by a tenth, looked at twenty times."""
    rng, tests, looks = np.random.default_rng(44), 4_000, 20
    found = plan(MetricKind.PROPORTION, 0.12, None, 0.1, alpha=0.05, power=power, weights=[1, 1])
    at = np.linspace(0, found.by_variant[0], looks + 1).astype(int)
    done = [np.cumsum(rng.binomial(np.diff(at), p, (tests, looks)), axis=1) for p in (0.12, 0.132)]
    hits = sum(
        any(
            compare(
                Sample(int(n), int(a), int(a)),
                Sample(int(n), int(b), int(b)),
                MetricKind.PROPORTION,
                0.05,
                found.total,
            ).beyond(higher_is_better=True)
            > 0
            for n, a, b in zip(at[1:], ours, theirs, strict=True)
        )
        for ours, theirs in zip(*done, strict=True)
    )
    assert hits / tests == pytest.approx(power, abs=3 * (power * (1 - power) / tests) ** 0.5)
