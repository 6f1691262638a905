"""A new recommender is held against the one in force on what neither has seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.bench.recommender import DAY, NOW, planted
from webapp.customers.rules.interactions import Deeds, Floats, Whole
from webapp.customers.rules.learning import Beside, Former, Learned, learn, verdict
from webapp.customers.rules.quality import Quality

SHAPE = (200, 60)
GOOD, POPULAR = Quality(0.3, 0.2, 0.5, 200, 0.01), Quality(0.1, 0.1, 0.1, 200, 0.01)


@pytest.fixture(scope="module")
def deeds() -> Deeds:
    return planted(200, 60, 20, 4)[0]


def former(weights: Floats, since: float) -> Former:
    place: Whole = np.arange(SHAPE[1])
    place[-2:] = -1  # items that came later
    return Former("ease", weights.astype(np.float32), place, since)


@pytest.mark.thorough
def test_chance_in_force_is_beaten_on_what_came_since(deeds: Deeds) -> None:
    chance = np.random.default_rng(1).normal(size=(SHAPE[1], SHAPE[1]))
    found = learn(deeds, NOW, SHAPE, lambda: None, former(chance, NOW - 40 * DAY)).beside
    assert found is not None
    assert found.difference > 3 * found.error > 0
    assert found.customers >= 30


@pytest.mark.thorough
def test_the_same_model_in_force_is_neither_better_nor_worse(deeds: Deeds) -> None:
    late = deeds.at > NOW - 36 * DAY
    seen = Deeds(deeds.person[~late], deeds.item[~late], deeds.strength[~late], deeds.at[~late])
    before = learn(seen, NOW - 36 * DAY, SHAPE, lambda: None)
    place: Whole = np.arange(SHAPE[1])
    rival = Former(before.method, before.weights, place, NOW - 36 * DAY)
    found = learn(deeds, NOW, SHAPE, lambda: None, rival).beside
    assert found is not None
    assert abs(found.difference) < 4 * found.error + 0.02


@pytest.mark.thorough
def test_where_too_few_did_anything_since_nothing_is_said(deeds: Deeds) -> None:
    assert learn(deeds, NOW, SHAPE, lambda: None, former(np.zeros((60, 60)), NOW + DAY)).beside is None


@pytest.mark.parametrize(
    ("beside", "adopted", "words"),
    [
        (Beside(-0.05, 0.01, 90), False, "the version in force is better by 0.050 ± 0.010"),
        (Beside(-0.005, 0.01, 90), True, "not worse by more than its error"),
        (Beside(0.05, 0.01, 90), True, "better by 0.050 ± 0.010 for 90 customers"),
    ],
)
def test_the_verdict_says_what_was_seen(beside: Beside, *, adopted: bool, words: str) -> None:
    weights = np.zeros((1, 1), np.float32)
    learned = Learned("ease", weights, np.zeros(1), 1.0, GOOD, POPULAR, beside)
    assert verdict(learned, 0.9, 0.01)[0] is adopted
    assert words in verdict(learned, 0.9, 0.01)[1]


def test_without_such_customers_what_was_judged_counts_and_popularity_always() -> None:
    learned = Learned("ease", np.zeros((1, 1), np.float32), np.zeros(1), 1.0, GOOD, POPULAR)
    assert verdict(learned, None, 0.0)[0]
    assert not verdict(learned, 0.3, 0.01)[0]
    assert not verdict(replace(learned, by_popularity=Quality(0.5, 0.4, 0.1, 200, 0.01)), None, 0.0)[0]
