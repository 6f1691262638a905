"""The personal model against independent truth: its fit, its evidence, its average, its explanations."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit
from scipy.stats import rankdata

from tests.bench.lead_worlds import WORLDS, bayes, right, wrong
from webapp.leads.facts import Confidence
from webapp.leads.rules import odds
from webapp.leads.rules.explaining import (
    cases_of,
    default_factors,
    factors,
    headline_weights,
    in_words,
    multipliers,
    similar,
)
from webapp.leads.rules.logistic import average, fit, moderated
from webapp.leads.rules.moments import with_activity
from webapp.leads.rules.personal import Personal, by_default, design
from webapp.leads.rules.score import Floats, default_probability, parts


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_mode_is_the_one_a_general_optimizer_finds() -> None:
    random = rng()
    x = np.column_stack([np.ones(80), random.normal(size=(80, 3))])
    y, w = (random.random(80) < 0.4).astype(float), random.uniform(0.2, 1, 80)
    mean, sd = np.array([0.0, 1.0, 0.0, 0.0]), np.array([2.0, 0.5, 0.7, 0.0])
    found = fit(x, y, w, (mean, sd))

    def minus_log(b: Floats) -> float:
        full = np.array([*b, 0.0])
        eta = x @ full
        held = (((full - mean)[:3] / sd[:3]) ** 2).sum() / 2
        return float(held - (w * (y * eta - np.logaddexp(0, eta))).sum())

    best = minimize(minus_log, np.zeros(3), tol=1e-12).x
    assert found.mode[:3] == pytest.approx(best, abs=1e-5)
    assert found.mode[3] == 0.0
    hessian = approx_fprime(best, lambda b: approx_fprime(b, minus_log, 1e-5), 1e-4)
    assert found.covariance[:3, :3] == pytest.approx(np.linalg.inv(hessian), rel=0.02, abs=1e-3)


def test_the_evidence_is_the_integral_it_stands_for() -> None:
    x, y = np.ones((30, 1)), np.array([1.0] * 12 + [0.0] * 18)
    found = fit(x, y, np.ones(30), (np.zeros(1), np.ones(1)))

    def density(b: float) -> float:
        likelihood = 12 * b - 30 * math.log1p(math.exp(b))
        return math.exp(likelihood - b * b / 2 + 20) / math.sqrt(2 * math.pi)

    exact = math.log(quad(density, -8, 8)[0]) - 20
    assert found.evidence == pytest.approx(exact, abs=0.02)


def test_the_moderated_probability_is_the_mean_over_a_gaussian() -> None:
    def density(z: float, eta: float, sd: float) -> float:
        return float(expit(eta + sd * z)) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    for eta, variance in ((0.0, 1.0), (1.0, 0.5), (-2.0, 2.0)):
        exact = quad(density, -9, 9, args=(eta, math.sqrt(variance)))[0]
        assert moderated(np.array([eta]), np.array([variance]))[0] == pytest.approx(exact, abs=0.01)


def test_without_a_deal_the_average_is_the_prior_and_nothing_is_ones_own() -> None:
    empty = np.zeros((0, 3))
    widths = [(0.5, np.zeros(3)), (0.5, np.array([1.0, 1.0, 0.4]))]
    found = average(empty, np.zeros(0), np.zeros(0), np.array([0.0, 1.0, 0.0]), widths)
    assert found.mean.tolist() == [0.0, 1.0, 0.0]
    assert np.diag(found.covariance) == pytest.approx(found.prior)
    leads = right(50, rng())
    model = Personal.train(leads.moments, leads.won)
    nobody = Personal(model.encoder, type(found)(*_prior(model)), model.usual)
    assert nobody.predict(leads.moments).own.tolist() == pytest.approx([0.0] * 50, abs=1e-9)
    assert (by_default(leads.moments).own == 0).all()


def _prior(model: Personal) -> tuple[Floats, Floats, Floats]:
    mean = np.zeros(len(model.posterior.mean))
    mean[1] = 1.0
    return mean, np.diag(model.posterior.prior), model.posterior.prior


def test_more_deals_make_more_of_a_prediction_ones_own() -> None:
    shares = []
    for size in (20, 100, 1_000):
        leads = wrong(size, rng(3))
        model = Personal.train(leads.moments, leads.won)
        shares.append(float(model.predict(leads.moments).own.mean()))
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 0.9


def test_few_deals_stay_near_the_default_and_many_follow_the_truth() -> None:
    fresh = wrong(2_000, rng(99))
    default = by_default(fresh.moments).probability
    away = []
    for size in (20, 2_000):
        leads = wrong(size, rng(1))
        said = Personal.train(leads.moments, leads.won).predict(fresh.moments).probability
        away.append((np.abs(said - default).mean(), np.abs(said - fresh.truth).mean()))
    assert away[0][0] < away[1][0]
    assert away[1][1] < 0.06


@pytest.mark.parametrize("world", WORLDS)
def test_factors_add_up_to_the_prediction(world: str) -> None:
    leads = WORLDS[world](300, rng(5))
    model = Personal.train(leads.moments, leads.won)
    said = model.predict(leads.moments).probability
    default = default_probability(parts(leads.moments.standing))
    for place in range(40):
        explained = factors(model, leads.moments, place)
        assert explained.total == pytest.approx(100 * said[place], abs=1e-6)
        assert default_factors(leads.moments, place).total == pytest.approx(100 * default[place], abs=1e-9)


def test_a_factor_is_what_the_input_does_and_not_what_was_left_over() -> None:
    """In a world of one telling kind the others hardly matter, whichever way the integral goes."""
    random = rng(2)
    leads = right(600, random)
    replies = leads.moments.standing.counts[:, 2]
    won = (random.random(600) < expit(2.5 * (replies > 0) - 1.2)).astype(float)
    model = Personal.train(leads.moments, won)
    place = int(np.argmax(replies))
    told = {one.input: one.points for one in factors(model, leads.moments, place).factors}
    rest = sum(abs(points) for name, points in told.items() if name != "kind.email_reply")
    assert told["kind.email_reply"] > 15
    assert told["kind.email_reply"] > rest / 2


def test_what_is_stored_predicts_the_same_bits() -> None:
    leads = bayes(120, rng(4))
    model = Personal.from_json(Personal.train(leads.moments, leads.won).as_json())
    again = Personal.from_json(json.loads(json.dumps(model.as_json())))
    assert (
        again.predict(leads.moments).probability.tolist() == model.predict(leads.moments).probability.tolist()
    )
    assert again.as_json() == model.as_json()


def test_headline_weights_sum_to_one_and_go_where_the_truth_is() -> None:
    leads = wrong(1_000, rng(6))
    weights = headline_weights(Personal.train(leads.moments, leads.won), leads.moments)
    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights.values()) >= 0
    assert weights["score"] > 0.6


def test_multipliers_rise_with_what_wins_and_fall_with_what_loses() -> None:
    leads = wrong(1_000, rng(7))
    found = multipliers(Personal.train(leads.moments, leads.won))
    assert found["email_reply"] > 1.5
    assert found["call"] < 0.7
    assert all(0.1 <= one <= 5 for one in found.values())


def test_similar_cases_are_closest_in_what_the_model_weighs() -> None:
    leads = wrong(200, rng(8))
    model = Personal.train(leads.moments, leads.won)
    cases = cases_of(model, leads.moments, leads.won, [str(one) for one in range(200)])
    found = similar(model, cases, leads.moments, 17)
    assert found[0].lead == "17"
    assert found[0].distance == pytest.approx(0, abs=0.01)
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    won = sum(one.won for one in found)
    assert in_words(found, own=True) == f"Leads like this were won in {won} of your 9 most similar cases."


def test_one_more_activity_is_read_as_if_it_were_there() -> None:
    leads = wrong(150, rng(9))
    model = Personal.train(leads.moments, leads.won)
    more = with_activity(leads.moments, "call")
    again = model.columns_again(more, design(model.encoder, leads.moments))
    assert again == pytest.approx(design(model.encoder, more))


def test_a_narrow_interval_is_confident() -> None:
    leads = wrong(2_000, rng(10))
    said = Personal.train(leads.moments, leads.won).predict(leads.moments)
    widths = said.high - said.low
    assert ((said.low <= said.probability) & (said.probability <= said.high)).all()
    assert said.confidence(int(np.argmin(widths))) is Confidence.HIGH
    assert by_default(leads.moments).confidence(0) is Confidence.LOW


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = []
    for seed in range(12):
        leads, fresh = bayes(150, rng(seed)), bayes(300, rng(1_000 + seed))
        said = Personal.train(leads.moments, leads.won).predict(fresh.moments)
        held.append(float(((said.low <= fresh.truth) & (fresh.truth <= said.high)).mean()))
    assert np.mean(held) > 0.8


def test_odds_and_ranks_agree_with_the_library_that_is_too_heavy_to_load() -> None:
    x = np.array([-800.0, -30.0, -1.5, 0.0, 2.25, 40.0, 800.0])
    assert odds.expit(x) == pytest.approx(expit(x), abs=1e-15)
    p = np.array([1e-12, 0.2, 0.5, 0.99])
    assert odds.logit(p) == pytest.approx(logit(p), rel=1e-12)
    tied = np.array([3.0, 1.0, 3.0, 2.0, 3.0, 1.0])
    assert odds.ranks(tied).tolist() == rankdata(tied).tolist()


@pytest.mark.thorough
def test_a_process_starts_without_loading_the_heavy_libraries() -> None:
    code = "import sys, webapp; print([one for one in ('scipy', 'sklearn', 'openai') if one in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
