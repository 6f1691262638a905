"""The numbers of an experiment, held against statsmodels, scipy and integrals worked out another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from webapp.experiments.facts import MetricKind
from webapp.experiments.rules.sequential import crossings, multiplier
from webapp.experiments.rules.statistics import Sample, compare, mismatch

WIDE = {"alpha": 0.05, "tuning": 2_000.0}


def sample_of(values) -> Sample:
    return Sample(len(values), float(values.sum()), float((values**2).sum()))


@pytest.fixture(scope="module")
def bought():
    """What users of two variants spent: mostly nothing, sometimes much."""
    rng = np.random.default_rng(8)
    return tuple(
        np.where(rng.random(n) < share, rng.lognormal(3.5, 1.0, n), 0.0)
        for n, share in ((1_400, 0.21), (1_150, 0.26))
    )


@pytest.mark.parametrize("kind", [MetricKind.MEAN, MetricKind.REVENUE])
def test_differences_and_their_errors_agree_with_statsmodels(bought, kind) -> None:
    control, variant = bought
    found = compare(sample_of(control), sample_of(variant), kind, **WIDE)
    theirs = CompareMeans(DescrStatsW(variant), DescrStatsW(control))

    assert found.difference == pytest.approx(variant.mean() - control.mean(), rel=1e-6)
    assert found.error == pytest.approx(theirs.std_meandiff_separatevar, rel=1e-6)
    z = stats.norm.isf(theirs.ztest_ind(usevar="unequal", alternative="larger")[1])
    assert found.chance == pytest.approx(stats.norm.cdf(z), abs=1e-6)


def test_proportions_agree_with_statsmodels() -> None:
    found = compare(Sample(1_200, 132, 132), Sample(1_000, 141, 141), MetricKind.PROPORTION, **WIDE)
    low, high = confint_proportions_2indep(141, 1_000, 132, 1_200, method="wald", alpha=0.05)

    assert found.difference == pytest.approx((low + high) / 2, rel=1e-6)
    assert found.error == pytest.approx((high - low) / 2 / stats.norm.isf(0.025), rel=1e-6)
    assert found.control_mean == pytest.approx(0.11)
    assert found.mean == pytest.approx(0.141)


@pytest.mark.parametrize("users", [500, 2_000, 50_000])
def test_the_interval_is_where_a_mixture_of_likelihoods_reaches_one_in_alpha(users) -> None:
    """Integrated numerically over the mixing normal law, and solved for the boundary: no closed form used."""
    alpha, tuning = 0.05, 2_000.0
    mixing = optimize.minimize_scalar(
        lambda log_x: multiplier(tuning * math.exp(log_x), alpha, tuning), bounds=(-3, 3), method="bounded"
    )
    assert mixing.x == pytest.approx(0.0, abs=1e-3)  # narrowest where it is tuned to be
    rho2 = optimize.brentq(lambda x: math.log((x + 1) / alpha**2) - x, 1.0, 50.0) / tuning

    def evidence(walk: float) -> float:
        def of(effect: float) -> float:
            told = effect * walk - effect**2 * users / 2
            return math.exp(told) * stats.norm.pdf(effect, scale=math.sqrt(rho2))

        near = walk / users
        return float(integrate.quad(of, near - 1, near + 1, points=[near, 0.0], limit=400)[0])

    reach = optimize.brentq(lambda z: evidence(z * math.sqrt(users)) - 1 / alpha, 1.0, 8.0)
    assert multiplier(users, alpha, tuning) == pytest.approx(reach, abs=1e-6)


def test_the_lift_and_its_error_are_those_of_a_ratio(bought) -> None:
    control, variant = bought
    found = compare(sample_of(control), sample_of(variant), MetricKind.REVENUE, **WIDE)
    step = 1e-5
    errors = [part.std(ddof=1) / math.sqrt(len(part)) for part in bought]
    means = [part.mean() for part in bought]

    def slope(which: int) -> float:
        def ratio(way: int) -> float:
            moved = [mean + (way * step if place == which else 0) for place, mean in enumerate(means)]
            return moved[1] / moved[0]

        return (ratio(1) - ratio(-1)) / (2 * step)

    error = math.hypot(slope(0) * errors[0], slope(1) * errors[1])
    wide = multiplier(len(control) + len(variant), **WIDE)
    assert found.lift == pytest.approx(means[1] / means[0] - 1, rel=1e-6)
    assert found.lift_high - found.lift == pytest.approx(wide * error, rel=1e-6)


def test_nothing_is_said_where_there_is_too_little_to_say_it_of() -> None:
    few = compare(Sample(29, 3, 3), Sample(4_000, 400, 400), MetricKind.PROPORTION, **WIDE)
    alike = compare(Sample(900, 0, 0), Sample(900, 0, 0), MetricKind.REVENUE, **WIDE)
    rare = compare(Sample(900, 2, 2), Sample(900, 4, 4), MetricKind.PROPORTION, **WIDE)

    assert few.low is None
    assert alike.low is None
    assert alike.difference is None
    assert rare.lift is None
    assert rare.low < 0 < rare.high
    assert few.beyond(higher_is_better=True) == 0
    assert not alike.within(0.5)


def test_a_lower_number_can_be_the_better_one() -> None:
    found = compare(Sample(5_000, 900, 900), Sample(5_000, 600, 600), MetricKind.PROPORTION, **WIDE)
    assert (found.beyond(higher_is_better=True), found.beyond(higher_is_better=False)) == (-1, 1)


@pytest.mark.parametrize(
    ("counts", "weights", "flagged"),
    [
        ([51_000, 49_000], [0.5, 0.5], True),
        ([5_020, 4_980], [0.5, 0.5], False),
        ([8_000, 1_000, 1_000], [0.8, 0.1, 0.1], False),
        ([8_000, 1_150, 850], [8, 1, 1], True),
        ([3, 0], [0.5, 0.5], False),
        ([500, 0], [1.0, 0.0], False),
    ],
)
def test_a_split_unlike_the_weights_is_flagged(counts, weights, flagged) -> None:
    found = mismatch(counts, weights)
    assert found.flagged is flagged
    if min(weights) and sum(counts) > 100:
        expected = np.array(weights) / sum(weights) * sum(counts)
        assert found.p == pytest.approx(stats.chisquare(counts, expected).pvalue, rel=1e-6)


@given(st.integers(30, 10**6), st.integers(30, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_intervals_hold_their_estimate_and_turn_round_with_the_variants(n, m, p, q) -> None:
    one, two = Sample(n, round(n * p), round(n * p)), Sample(m, round(m * q), round(m * q))
    there = compare(one, two, MetricKind.PROPORTION, **WIDE)
    back = compare(two, one, MetricKind.PROPORTION, **WIDE)
    if there.low is None:
        assert back.low is None
        return
    assert there.low <= there.difference <= there.high
    assert there.low == pytest.approx(-back.high)
    assert there.chance == pytest.approx(1 - back.chance)


@pytest.mark.parametrize("drift", [0.0, 1.5, 3.7])
def test_one_look_crosses_as_often_as_a_normal_number_does(drift) -> None:
    reach = multiplier(1.0, 0.05, 1.0)
    exact = stats.norm.sf(reach - drift) + stats.norm.cdf(-reach - drift)
    assert crossings(drift, 0.05, 1) == pytest.approx((exact, 1.0), abs=2e-5)


@pytest.mark.parametrize("drift", [0.0, 2.5, 4.0])
def test_walks_cross_as_often_and_as_early_as_the_recursion_says(drift) -> None:
    rng, looks, walks = np.random.default_rng(20), 20, 200_000
    times = np.arange(1, looks + 1) / looks
    paths = np.cumsum(rng.normal(drift / looks, math.sqrt(1 / looks), (walks, looks)), axis=1)
    reach = np.array([multiplier(at, 0.05, 1.0) * math.sqrt(at) for at in times])
    beyond = np.abs(paths) >= reach
    crossed = beyond.any(axis=1)
    ends = np.where(crossed, times[beyond.argmax(axis=1)], 1.0)
    share, end = crossings(drift, 0.05, looks)

    assert crossed.mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / walks))
    assert ends.mean() == pytest.approx(end, abs=4 * ends.std() / math.sqrt(walks) + 1e-4)
