"""Urgency, selection and prices, by the tables of the requirements."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.rules.answer import FORMAT, Inputs, answer, digest_of
from webapp.archetypes.rules.pricing import Night, price
from webapp.archetypes.rules.ruleset import SHIPPED, Level, Rules
from webapp.archetypes.rules.selection import choose, flips
from webapp.archetypes.rules.urgency import PastDate, days_between, urgency_of
from webapp.core.money import exponent_of, read_amount, rounded, said

BIG, FLEXIBLE, AVERAGE = Archetype.BIG_SPENDER, Archetype.HIGH_FLEXIBILITY, Archetype.AVERAGE_USER
TODAY = date(2026, 3, 2)
TO_THE_CENT = SHIPPED.model_copy(
    update={"pricing": SHIPPED.pricing.model_copy(update={"whole_units": False})}
)


@pytest.mark.parametrize(
    ("days", "level", "multiplier", "warn"),
    [
        (0, Level.CRITICAL, "1.5", True),
        (3, Level.CRITICAL, "1.5", True),
        (4, Level.HIGH, "1.25", True),
        (6, Level.HIGH, "1.25", True),
        (7, Level.HIGH, "1.25", True),
        (8, Level.MEDIUM, "1.1", False),
        (14, Level.MEDIUM, "1.1", False),
        (15, Level.LOW, "1.0", False),
        (20, Level.LOW, "1.0", False),
        (21, Level.LOW, "1.0", False),
        (400, Level.LOW, "1.0", False),
    ],
)
def test_urgency_at_every_boundary(days: int, level: Level, multiplier: str, warn: bool) -> None:
    soon = urgency_of(days, SHIPPED.urgency)
    assert (soon.level, soon.multiplier, soon.warn) == (level, Decimal(multiplier), warn)


def test_the_message_counts_the_days() -> None:
    told = [urgency_of(days, SHIPPED.urgency).message for days in (0, 1, 2)]
    assert told == ["Check-in is today", "Check-in is tomorrow", "Check-in in 2 days"]


def test_a_past_date_is_refused() -> None:
    with pytest.raises(PastDate, match="2026-03-01 is past"):
        days_between(TODAY, date(2026, 3, 1))
    with pytest.raises(PastDate):
        urgency_of(-1, SHIPPED.urgency)


@pytest.mark.parametrize(
    ("archetype", "days", "way", "rule"),
    [
        *[(BIG, days, Way.BUYOUT, 1) for days in (0, 3, 4, 6, 7, 8, 14)],
        *[(BIG, days, Way.BUYOUT, 6) for days in (15, 20, 21, 365)],
        *[(FLEXIBLE, days, Way.SWAP, 2) for days in (0, 3, 4, 6, 7, 8, 14, 15, 20, 21, 365)],
        *[(AVERAGE, days, Way.CRASH, 5) for days in (0, 3, 4, 6)],
        *[(AVERAGE, days, Way.CRASH, 4) for days in (7, 8, 14, 15, 20)],
        *[(AVERAGE, days, Way.SWAP, 3) for days in (21, 22, 365)],
    ],
)
def test_every_row_of_the_selection_table(archetype: Archetype, days: int, way: Way, rule: int) -> None:
    chosen = choose(archetype, days, SHIPPED.selection)
    assert (chosen.way, chosen.rule) == (way, rule)


@pytest.mark.parametrize("archetype", list(Archetype))
@pytest.mark.parametrize("days", [0, 6, 7, 14, 20, 21])
def test_a_new_member_is_offered_a_crash_whatever_else_is_true(archetype: Archetype, days: int) -> None:
    chosen = choose(archetype, days, SHIPPED.selection, new_member=True)
    assert (chosen.way, chosen.rule) == (Way.CRASH, 7)


@given(st.sampled_from(list(Archetype)), st.integers(0, 60), st.booleans())
def test_what_would_flip_it_does_flip_it(archetype: Archetype, days: int, new: bool) -> None:
    now = choose(archetype, days, SHIPPED.selection, new_member=new).way
    for flip in flips(archetype, days, SHIPPED.selection, new_member=new):
        words = flip.when.split()
        assert flip.way is not now
        if words[0] == "From":
            assert choose(archetype, int(words[1]), SHIPPED.selection).way is flip.way
            assert choose(archetype, int(words[1]) - 1, SHIPPED.selection).way is now
        elif words[0] == "With":
            assert choose(archetype, int(words[1]), SHIPPED.selection).way is flip.way
            assert choose(archetype, int(words[1]) + 1, SHIPPED.selection).way is now


def test_the_words_of_the_requirements_for_what_would_flip_it() -> None:
    told = [str(one) for one in flips(AVERAGE, 10, SHIPPED.selection)]
    assert told == ["From 21 days on: swap", "As big spender: buyout", "As high flexibility: swap"]


def inputs(**given: object) -> Inputs:
    """Somebody who asks for a night of 1,890 EUR in 5 days."""
    values: dict[str, object] = {
        "log_id": "l", "user_id": "u", "rule_set": 1, "today": TODAY, "checkin": TODAY + timedelta(days=5),
        "base": "1890", "currency": "EUR", "home": "EUR", "archetype": "big_spender", "confidence": 0.9,
        "beliefs": {"big_spender": 0.9, "high_flexibility": 0.04, "average_user": 0.06},
        "company": {}, "made": {},
    }  # fmt: skip
    return Inputs.model_validate({**values, **given})


def cost(way: Way, rules: Rules = SHIPPED, **given: object) -> tuple[Decimal, Decimal, Decimal]:
    (option,) = [one for one in answer(inputs(**given), rules).options if one.way is way]
    return option.price.price, option.price.fee, option.price.total


def test_the_example_of_the_requirements_in_whole_units() -> None:
    assert cost(Way.BUYOUT) == (2835, 43, 2878)


def test_the_example_of_the_requirements_to_the_cent() -> None:
    assert cost(Way.BUYOUT, TO_THE_CENT) == (Decimal("2835.00"), Decimal("42.53"), Decimal("2877.53"))


def test_a_buyout_follows_archetype_urgency_and_demand() -> None:
    told = {archetype: cost(Way.BUYOUT, archetype=archetype.value)[0] for archetype in Archetype}
    assert told == {BIG: 2835, FLEXIBLE: 2126, AVERAGE: 2363}  # 1890 × 1.25 × 1.2, 0.9, 1: 2126.25, 2362.5
    assert cost(Way.BUYOUT, demand="1.1")[0] == 3119  # 3118.5, half up
    assert cost(Way.BUYOUT, checkin=TODAY + timedelta(days=30))[0] == 2268


def test_a_crash_costs_its_share_with_urgency_and_no_archetype() -> None:
    assert cost(Way.CRASH) == (709, 11, 720)  # 1890 × 0.3 × 1.25 = 708.75; 1.5 % of 709 is 10.635
    assert cost(Way.CRASH, archetype="average_user") == (709, 11, 720)


def test_a_swap_costs_the_difference_if_it_is_positive_and_the_flat_fee() -> None:
    assert cost(Way.SWAP, swap_base="1500") == (390, 25, 415)
    assert cost(Way.SWAP, swap_base="2000") == (0, 25, 25)
    assert cost(Way.SWAP) == (0, 25, 25)


def test_savings_are_against_the_dearest_and_one_option_is_recommended() -> None:
    options = answer(inputs(swap_base="1500"), SHIPPED).options
    assert [one.priority for one in options] == [1, 2, 3]
    assert [one.recommended for one in options] == [True, False, False]
    assert {one.way: one.savings for one in options} == {
        Way.BUYOUT: 0,
        Way.SWAP: 2878 - 415,
        Way.CRASH: 2878 - 720,
    }


def test_an_options_confidence_is_the_belief_in_whoever_would_get_it() -> None:
    told = {one.way: one.confidence for one in answer(inputs(), SHIPPED).options}
    assert told == {Way.BUYOUT: 0.9, Way.SWAP: 0.04, Way.CRASH: 0.06}
    overridden = answer(inputs(override="high_flexibility"), SHIPPED)
    assert {one.way: one.confidence for one in overridden.options} == {
        Way.BUYOUT: 0.0,
        Way.SWAP: 1.0,
        Way.CRASH: 0.0,
    }


def test_a_swap_in_another_currency_pays_the_platforms_share_and_no_flat_fee() -> None:
    assert cost(Way.SWAP, currency="JPY", base="20000") == (0, 300, 300)


def test_a_new_members_recommendation_carries_no_more_confidence_than_no_history_gives() -> None:
    told = answer(inputs(new_member=True, confidence=0.3333, checkin=TODAY + timedelta(days=30)), SHIPPED)
    assert {one.way: one.confidence for one in told.options} == {
        Way.CRASH: 0.3333,
        Way.BUYOUT: 0.0,
        Way.SWAP: 0.0,
    }


def test_nothing_but_the_hold_out_and_the_days_flips_what_a_held_out_member_gets() -> None:
    told = answer(inputs(held_out=True), SHIPPED)
    assert told.flips == ("From 21 days on: swap", "Outside the hold-out: buyout")


def test_an_answers_bytes_are_pinned() -> None:
    """Whoever changes them counts `FORMAT` on and keeps the former words for the rows that have them."""
    told = answer(inputs(swap_base="1500", demand="1.08"), SHIPPED)
    assert (FORMAT, digest_of(told.body)) == (
        1,
        "46eadcc63127909f905fd1937ba82275e217f5f555dc0df36bf7b253d40198ed",
    )


def test_a_held_out_member_gets_the_average_users_rule_at_the_base_price() -> None:
    told = answer(inputs(held_out=True), SHIPPED)
    assert (told.chosen.way, told.chosen.rule) == (Way.CRASH, 5)
    assert cost(Way.BUYOUT, held_out=True)[0] == 2363
    assert told.document["heldOut"] is True


def test_an_override_makes_a_new_member_what_staff_say() -> None:
    assert answer(inputs(new_member=True), SHIPPED).chosen.rule == 7
    assert answer(inputs(new_member=True, override="big_spender"), SHIPPED).chosen.rule == 1


@pytest.mark.parametrize(
    ("currency", "base", "price_", "fee"),
    [
        ("JPY", "189000", "283500", "4253"),
        ("KWD", "1.500", "2.250", "0.034"),
        ("EUR", "10.01", "15.02", "0.23"),
    ],
)
def test_currencies_are_rounded_to_what_they_have(currency: str, base: str, price_: str, fee: str) -> None:
    given = {"currency": currency, "base": base}
    assert cost(Way.BUYOUT, TO_THE_CENT, **given)[:2] == (Decimal(price_), Decimal(fee))


def test_amounts_are_read_exactly_or_refused_in_words() -> None:
    assert [read_amount(*one) for one in (("1890", "JPY"), ("0.1", "EUR"), ("1.234", "KWD"))] == [
        1890,
        10,
        1234,
    ]
    for text, currency, why in (
        ("1.5", "JPY", "JPY has 0 decimals"),
        ("0.001", "EUR", "EUR has 2 decimals"),
        ("-1", "EUR", "cannot be negative"),
        ("NaN", "EUR", "no amount"),
        ("ten", "EUR", "no amount"),
        ("1e13", "EUR", "million millions"),
    ):
        with pytest.raises(ValueError, match=why):
            read_amount(text, currency)


def test_halves_are_rounded_up_and_money_is_said_with_its_currency() -> None:
    assert [rounded(Decimal(one), Decimal(1)) for one in ("0.5", "1.5", "2.5", "2.49")] == [1, 2, 3, 2]
    assert (said(Decimal(2878), "EUR"), said(Decimal("2877.5"), "EUR")) == ("2,878 EUR", "2,877.50 EUR")
    assert [exponent_of(one) for one in ("EUR", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]


@given(
    st.decimals(1, 10**6, places=2),
    st.sampled_from(list(Archetype)),
    st.integers(0, 60),
    st.sampled_from(list(Way)),
)
def test_a_price_is_never_negative_and_exact_to_its_unit(
    base: Decimal, archetype: Archetype, days: int, way: Way
) -> None:
    for rules, unit in ((SHIPPED, Decimal(1)), (TO_THE_CENT, Decimal("0.01"))):
        told = price(way, Night(base, "EUR", "EUR"), archetype, urgency_of(days, rules.urgency), rules)
        assert told.price >= 0
        assert told.fee >= 0
        assert told.price % unit == told.fee % unit == 0


@given(st.decimals(1, 10**6, places=2), st.sampled_from(list(Archetype)), st.integers(0, 60))
def test_the_same_inputs_give_the_same_bytes_after_a_round_through_json(
    base: Decimal, archetype: Archetype, days: int
) -> None:
    given_ = inputs(base=base, archetype=archetype, checkin=TODAY + timedelta(days=days))
    again = Inputs.model_validate(given_.model_dump(mode="json"))
    assert answer(again, Rules.model_validate(SHIPPED.as_json())).body == answer(given_, SHIPPED).body
