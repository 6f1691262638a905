"""Detection: held against an independent reckoning, its required properties, and members of known type."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archetypes.simulator import NOW, TYPES, calibration_error, simulate
from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.detect import ARCHETYPES, SIGNALS, Histories, detect
from webapp.archetypes.rules.explain import explain, reasons
from webapp.archetypes.rules.ruleset import SHIPPED, Anchors, Detection, Signal

BIG, FLEXIBLE, AVERAGE = ARCHETYPES
RULES = SHIPPED.detection


@st.composite
def histories(draw: st.DrawFn) -> Histories:
    """One member's sums as a real history could give them."""
    accepted, declined, pending = (draw(st.integers(0, 15)) for _ in range(3))
    given_, refused_others, expired = (draw(st.integers(0, 15)) for _ in range(3))
    ratios = draw(st.integers(0, accepted))
    paid = draw(st.integers(0, accepted))
    answered = given_ + refused_others
    return Histories.of(
        made=accepted + declined + pending,
        decided=accepted + declined,
        accepted=accepted,
        swaps=draw(st.integers(0, accepted)),
        paid_minor=paid * draw(st.integers(1, 500_000)),
        paid=paid,
        ratio_ppm=ratios * draw(st.integers(300_000, 2_000_000)),
        ratios=ratios,
        priced=accepted + declined,
        refused=draw(st.integers(0, declined)),
        first_asked=NOW - draw(st.integers(0, 365)) * 86_400,
        received=answered + expired,
        answered=answered,
        given=given_,
        swaps_given=draw(st.integers(0, given_)),
        median_answer=draw(st.integers(0, 500_000)) if answered else math.nan,
    )


def reckon(seen: Histories, rules: Detection) -> dict[Archetype, float]:
    """The affinities once more, with fractions, signal by signal, from the requirements' words."""
    one = {field.name: getattr(seen, field.name)[0] for field in fields(seen)}

    def share(part: float, whole: float) -> Fraction | None:
        return Fraction(part) / Fraction(whole) if whole else None

    days = min(max(Fraction(NOW - one["first_asked"]) / 86_400, 30), rules.look_back_days)
    agreed = one["accepted"] + one["given"]
    told: dict[Signal, tuple[Fraction | None, float]] = {
        Signal.AVERAGE_VALUE: (share(one["paid_minor"] / 100, one["paid"]), one["paid"]),
        Signal.WILLINGNESS: (share(one["ratio_ppm"] / 1e6, one["ratios"]), one["ratios"]),
        Signal.PRICE_REJECTION: (share(one["refused"], one["priced"]), one["priced"]),
        Signal.RESPONSE_TIME: (
            Fraction(one["median_answer"]) / 60 if one["answered"] else None,
            one["answered"],
        ),
        Signal.ACCEPTANCE: (share(one["given"], one["received"]), one["received"]),
        Signal.REQUEST_RATE: (Fraction(one["made"]) / days * 30 if one["made"] else None, one["made"]),
        Signal.SWAP_SHARE: (share(one["swaps"] + one["swaps_given"], agreed), agreed),
        Signal.ACCOMMODATIONS: (Fraction(one["given"]) if one["received"] else None, one["received"]),
        Signal.RECIPROCITY: (share(one["given"], agreed), agreed),
    }
    placed = {}
    for signal, (value, count) in told.items():
        if value is not None:
            low, high = Fraction(rules.anchors[signal].low), Fraction(rules.anchors[signal].high)
            at = min(max((value - low) / (high - low), Fraction(0)), Fraction(1))
            placed[signal] = Fraction(1, 2) + (at - Fraction(1, 2)) * Fraction(count) / Fraction(
                count + rules.prior
            )
    big_up = {Signal.AVERAGE_VALUE, Signal.WILLINGNESS, Signal.REQUEST_RATE}

    def fit(archetype: Archetype, signal: Signal) -> Fraction | None:
        at = placed[signal]
        if archetype is AVERAGE:
            return 4 * at * (1 - at)
        if archetype is FLEXIBLE and signal is Signal.RESPONSE_TIME:
            return None
        return at if (signal in big_up) == (archetype is BIG) else 1 - at

    found = {}
    for archetype in Archetype:
        total, weights = Fraction(0), Fraction(0)
        for group in ("economic", "behavioural", "flexibility"):
            mine = [s for s in placed if s.group.value == group and fit(archetype, s) is not None]
            shares = sum(Fraction(rules.shares[s]) for s in mine)
            if shares:
                weight = Fraction(getattr(rules.weights, group))
                weights += weight
                total += (
                    weight * sum(Fraction(rules.shares[s]) * (fit(archetype, s) or 0) for s in mine) / shares
                )
        found[archetype] = float(total / weights if weights else 0) + rules.lean[archetype]
    return found


@given(histories())
@settings(max_examples=60)
def test_affinities_and_beliefs_equal_an_independent_reckoning(seen: Histories) -> None:
    what, truth = detect(seen, RULES, NOW, 100.0), reckon(seen, RULES)
    assert what.affinities[:, 0] == pytest.approx([truth[one] for one in ARCHETYPES], abs=1e-9)
    count = float(seen.transactions[0])
    sharp = RULES.sharpness * count / (count + RULES.half_at)
    raised = [math.exp(truth[one] * sharp) for one in ARCHETYPES]
    assert what.beliefs[:, 0] == pytest.approx([one / sum(raised) for one in raised], abs=6e-5)


@given(histories(), st.integers(1, 1_000_000))
@settings(max_examples=60)
def test_more_willingness_to_pay_never_lowers_the_big_spender_affinity(seen: Histories, more: int) -> None:
    richer = replace(seen, ratio_ppm=seen.ratio_ppm + np.where(seen.ratios > 0, more, 0))
    before, after = (detect(one, RULES, NOW, 100.0).affinities[0, 0] for one in (seen, richer))
    assert after >= before - 1e-12


@given(histories(), st.integers(1, 30))
@settings(max_examples=60)
def test_more_flexibility_never_lowers_the_high_flexibility_affinity(seen: Histories, more: int) -> None:
    swaps = np.minimum(seen.swaps + more, seen.accepted)
    before, after = (
        detect(one, RULES, NOW, 100.0).affinities[1, 0] for one in (seen, replace(seen, swaps=swaps))
    )
    assert after >= before - 1e-12


@given(histories(), st.integers(2, 50))
@settings(max_examples=60)
def test_all_money_times_a_constant_with_the_anchors_changes_nothing(seen: Histories, times: int) -> None:
    value = RULES.anchors[Signal.AVERAGE_VALUE]
    scaled = Anchors(low=value.low * times, high=value.high * times)
    rules = RULES.model_copy(update={"anchors": {**RULES.anchors, Signal.AVERAGE_VALUE: scaled}})
    one = detect(seen, RULES, NOW, 100.0)
    other = detect(replace(seen, paid_minor=seen.paid_minor * times), rules, NOW, 100.0)
    assert other.affinities == pytest.approx(one.affinities, abs=1e-12)
    assert (other.best == one.best).all()


def test_a_member_is_found_the_same_alone_and_among_thousands() -> None:
    types = np.random.default_rng(3).integers(0, 3, 2_000)
    every = simulate(types, 12, 0.1, 4)
    whole = detect(every, RULES, NOW, 100.0)
    for place in (0, 7, 1_999):
        alone = Histories(**{one.name: getattr(every, one.name)[place : place + 1] for one in fields(every)})
        assert detect(alone, RULES, NOW, 100.0).beliefs[:, 0] == pytest.approx(whole.beliefs[:, place])


@pytest.mark.parametrize("transactions", [0, 1, 2])
def test_fewer_than_three_transactions_are_a_new_member_with_low_confidence(transactions: int) -> None:
    seen = Histories.of(
        made=transactions, decided=transactions, accepted=transactions, priced=transactions,
        ratio_ppm=transactions * 1_400_000, ratios=transactions, first_asked=NOW,
    )  # fmt: skip
    what = detect(seen, RULES, NOW, 100.0)
    assert ARCHETYPES[what.best[0]] is AVERAGE
    assert what.new[0]
    assert what.confidence[0] <= 0.3334


def test_confidence_shrinks_with_fewer_transactions() -> None:
    def confidence(times: int) -> float:
        seen = Histories.of(
            made=times, decided=times, accepted=times, priced=times, ratio_ppm=times * 1_200_000,
            ratios=times, paid=times, paid_minor=times * 200_000, first_asked=NOW - 300 * 86_400,
        )  # fmt: skip
        return float(detect(seen, RULES, NOW, 100.0).confidence[0])

    told = [confidence(times) for times in (3, 5, 10, 30)]
    assert told == sorted(told)
    assert told[0] < 0.9 < told[-1]


def test_a_missing_signal_gives_its_weight_to_the_others() -> None:
    only_ratio = Histories.of(
        made=5, decided=5, accepted=5, ratio_ppm=5 * 1_140_000, ratios=5, first_asked=NOW
    )
    what = detect(only_ratio, RULES, NOW, 100.0)
    known = {one for one, value in zip(SIGNALS, what.signals[:, 0], strict=True) if not math.isnan(value)}
    assert Signal.RESPONSE_TIME not in known
    assert Signal.WILLINGNESS in known
    parts = explain([*map(plain, what.signals[:, 0]), *what.evidence[:, 0]], RULES)
    for archetype in Archetype:
        assert sum(part.weights[archetype] for part in parts) == pytest.approx(1)
        added = sum(part.adds[archetype] for part in parts) + RULES.lean[archetype]
        assert added == pytest.approx(what.affinities[ARCHETYPES.index(archetype), 0])


def plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def test_reasons_name_the_signals_that_decided() -> None:
    seen = Histories.of(
        made=9, decided=9, accepted=9, priced=9, ratio_ppm=9 * 1_210_000, ratios=9, paid=9,
        paid_minor=9 * 230_000, received=4, answered=4, given=2, median_answer=900, first_asked=NOW - 2e7,
    )  # fmt: skip
    what = detect(seen, RULES, NOW, 100.0)
    parts = explain([*map(plain, what.signals[:, 0]), *what.evidence[:, 0]], RULES)
    beliefs = dict(zip(ARCHETYPES, what.beliefs[:, 0].tolist(), strict=True))
    told = reasons(parts, BIG, beliefs, 13, RULES, "EUR")
    assert "Pays 121 % of the base price." in told[:3]
    assert "Answers others after 15 minutes (median)." in told[:3]
    assert told[-1].startswith("That speaks for a big spender rather than ")
    assert reasons(parts, AVERAGE, beliefs, 1, RULES, "EUR") == (
        "Only 1 transaction so far: a new member counts as an average user until there are 3.",
    )


def recognised(requests: tuple[int, ...], noise: float, each: int = 1_500) -> tuple[float, float]:
    """The share of members found to be what they are, and the calibration error of the confidence."""
    right, confidence = [], []
    for number, count in enumerate(requests):
        types = np.random.default_rng(count + 77).integers(0, len(TYPES), each)
        what = detect(simulate(types, count, noise, 900 + number), RULES, NOW, 100.0)
        right.append((what.best == types)[~what.new])
        confidence.append(what.confidence[~what.new])
    hits = np.concatenate(right)
    return float(hits.mean()), calibration_error(np.concatenate(confidence), hits)


def test_members_with_ten_and_more_noisy_requests_are_recognised() -> None:
    share, error = recognised((10, 15, 20, 30, 40, 60), 0.1)
    assert share >= 0.95
    assert error < 0.05


@pytest.mark.parametrize("noise", [0.1, 0.2])
@pytest.mark.parametrize("requests", [3, 5, 10, 30])
def test_the_confidence_is_calibrated_at_every_length(requests: int, noise: float) -> None:
    assert recognised((requests,), noise)[1] < 0.05
