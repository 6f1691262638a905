"""10,000 tests without any difference, looked at twenty times: how often something is concluded."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from webapp.experiments.facts import MetricKind, Outcome
from webapp.experiments.rules.statistics import Sample, compare
from webapp.experiments.rules.verdicts import Evidence, Judged, judge

TESTS, LOOKS, EACH = 10_000, 20, 1_000  # EACH: new users per variant and look
ONE_LOOK = float(stats.norm.isf(0.025))  # standard errors of a test that looks once
pytestmark = pytest.mark.thorough


def _proportions(rng, lift: float):
    done = rng.binomial(EACH, 0.05 * (1 + lift), (TESTS, LOOKS)).astype(float)
    return done, done


def _means(rng, lift: float):
    mean, spread = 50.0 * (1 + lift), 30.0
    totals = rng.normal(EACH * mean, spread * np.sqrt(EACH), (TESTS, LOOKS))
    return totals, totals**2 / EACH + spread**2 * rng.chisquare(EACH - 1, (TESTS, LOOKS))


def _revenues(rng, lift: float):
    """One in twenty buys, for a log-normal amount: skewness of a user's number about 20."""
    buyers = rng.binomial(EACH, 0.05, TESTS * LOOKS)
    amounts = rng.lognormal(3.0, 1.0, buyers.sum()) * (1 + lift)
    begin = np.concatenate(([0], np.cumsum(buyers)[:-1]))
    told = [np.add.reduceat(one, begin).reshape(TESTS, LOOKS) for one in (amounts, amounts**2)]
    return told[0], told[1]


WORLDS = {
    MetricKind.PROPORTION: (_proportions, 0.05),
    MetricKind.MEAN: (_means, 50.0),
    MetricKind.REVENUE: (_revenues, 0.05 * float(np.exp(3.5))),
}


def _looked_at(kind: MetricKind, lift: float, seed: int):
    """All looks of all tests: (tests, looks) of (control, variant)."""
    rng, draw = np.random.default_rng(seed), WORLDS[kind][0]
    parts = [np.cumsum(one, axis=1) for change in (0.0, lift) for one in draw(rng, change)]
    users = np.arange(1, LOOKS + 1) * EACH
    for place in range(TESTS):
        yield [
            tuple(
                Sample(int(users[look]), float(parts[s][place, look]), float(parts[s + 1][place, look]))
                for s in (0, 2)
            )
            for look in range(LOOKS)
        ]


@pytest.mark.parametrize("kind", list(MetricKind))
def test_no_difference_is_mistaken_for_one_in_at_most_one_test_of_twenty(kind) -> None:
    wrong = fixed = likely = 0
    for looks in _looked_at(kind, 0.0, 71):
        found = [compare(*pair, kind, 0.05, 2 * EACH) for pair in looks]
        verdicts = [
            judge(
                Evidence(
                    ("control", "new"),
                    (looks[look][0].users, looks[look][1].users),
                    Judged("it", higher_is_better=True, comparisons=(one,)),
                )
            ).outcome
            for look, one in enumerate(found)
        ]
        wrong += any(one in {Outcome.BETTER, Outcome.WORSE} for one in verdicts)
        fixed += any(abs(one.difference) > ONE_LOOK * one.error for one in found)
        likely += any(max(one.chance, 1 - one.chance) > 0.95 for one in found)

    assert wrong / TESTS <= 0.05
    assert 0.2 < fixed / TESTS < 0.3  # the same tests, judged by what holds at one look only
    assert 0.35 < likely / TESTS < 0.5


@pytest.mark.parametrize("kind", list(MetricKind))
def test_intervals_hold_the_truth_at_every_look(kind) -> None:
    lift, truth = 0.2, WORLDS[kind][1] * 0.2
    held = held_lift = 0
    for looks in _looked_at(kind, lift, 5):
        found = [compare(*pair, kind, 0.05, 2 * EACH) for pair in looks]
        held += all(one.low <= truth <= one.high for one in found)
        held_lift += all(one.lift is None or one.lift_low <= lift <= one.lift_high for one in found)
    assert held / TESTS >= 0.95
    assert held_lift / TESTS >= 0.95
