"""The estimated probability of acceptance: shrunk, and right as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.archetypes.simulator import calibration_error
from webapp.archetypes.facts import Way
from webapp.archetypes.rules.acceptance import company_rate, own_rate, probability
from webapp.archetypes.rules.ruleset import SHIPPED

RULES = SHIPPED.acceptance


def test_without_any_history_it_is_a_half() -> None:
    assert probability(Way.SWAP, {}, {}, None, RULES) == 0.5


def test_a_members_few_requests_move_the_companys_rate_a_little_and_many_move_it_far() -> None:
    company = {"buyout": (600, 1_000)}
    told = [
        probability(Way.BUYOUT, company, {"buyout": (0, decided)}, None, RULES) for decided in (0, 2, 20, 500)
    ]
    assert told == sorted(told, reverse=True)
    assert told[0] == pytest.approx(0.6, abs=0.001)
    assert told[1] > 0.45
    assert told[-1] < 0.05


def test_both_sides_count_in_log_odds() -> None:
    company = {"crash": (500, 1_000)}
    eager = {"crash": (40, 40)}
    one = probability(Way.CRASH, company, eager, None, RULES)
    assert probability(Way.CRASH, company, eager, {}, RULES) == pytest.approx(one, abs=1e-3)
    assert probability(Way.CRASH, company, eager, {"crash": (0, 40)}, RULES) == pytest.approx(0.5, abs=0.01)


def test_rates_are_the_means_of_their_posteriors() -> None:
    assert company_rate(Way.BUYOUT, {"buyout": (3, 4)}, RULES) == pytest.approx((3 + 1) / (4 + 2))
    assert own_rate(Way.BUYOUT, {"buyout": (2, 2)}, 0.4, RULES) == pytest.approx((2 + 8 * 0.4) / (2 + 8))


def test_it_is_calibrated_on_members_with_rates_of_their_own() -> None:
    rng = np.random.default_rng(11)
    members, said, came = 1_500, [], []
    base, own, other = 0.3, rng.normal(0, 0.7, members), rng.normal(0, 0.7, members)

    def decided(count: int, odds: float) -> tuple[int, int]:
        return int(rng.binomial(count, 1 / (1 + np.exp(-odds)))), count

    spread = rng.normal(0, 1, 200_000) * np.sqrt(2) * 0.7
    company = {"buyout": (round(1e5 * float((1 / (1 + np.exp(-(base + spread)))).mean())), 100_000)}
    for number in range(members):
        asked, helper = own[number], other[number]
        history = {"buyout": decided(int(rng.integers(0, 25)), base + asked)}
        received = {"buyout": decided(int(rng.integers(0, 25)), base + helper)}
        said.append(probability(Way.BUYOUT, company, history, received, RULES))
        came.append(rng.random() < 1 / (1 + np.exp(-(base + asked + helper))))
    assert calibration_error(np.array(said), np.array(came), bins=5) < 0.05
