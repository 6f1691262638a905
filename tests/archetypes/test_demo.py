"""The demo's members: the same each time, with true types that their history shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import mean

import pytest
from sqlalchemy import func, select

from tests.archetypes.records import all_of, stale
from tests.conftest import World
from tests.people.records import make
from webapp.archetypes import demo
from webapp.archetypes.facts import Archetype, DeclineReason, RequestStatus, Way
from webapp.archetypes.load_demo import load_archetypes_demo
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.reading import clean_request
from webapp.archetypes.requests import request_texts
from webapp.core.db import scope_to
from webapp.people.models import Person

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
BIG, FLEXIBLE, AVERAGE = Archetype.BIG_SPENDER, Archetype.HIGH_FLEXIBILITY, Archetype.AVERAGE_USER


@pytest.fixture(scope="module")
def history() -> list[demo.DemoRequest]:
    return demo.requests(NOW)


def of(rows: Iterable[demo.DemoRequest], true: Archetype, side: str = "requester") -> list[demo.DemoRequest]:
    types = demo.true_types()
    return [one for one in rows if types.get(getattr(one, side)) is true]


def share(rows: list[demo.DemoRequest], **wanted: object) -> float:
    return mean(all(getattr(one, name) is value for name, value in wanted.items()) for one in rows)


def test_there_are_members_of_every_type_and_a_dozen_new_ones(history: list[demo.DemoRequest]) -> None:
    members = demo.members()
    assert Counter(one.true for one in members) == {BIG: 60, FLEXIBLE: 72, AVERAGE: 108}
    assert len({one.identifier for one in members}) == len({one.name for one in members}) == 240
    known = demo.true_types()[demo.KNOWN_LEARNER]
    assert known is BIG
    new = {one.identifier for one in members if one.new}
    made = Counter(one.requester for one in history if one.requester in new)
    assert len(new) == 12
    assert set(made.values()) == {1, 2}
    assert not any(one.responder in new for one in history)


def test_it_is_the_same_each_time_and_ends_now(history: list[demo.DemoRequest]) -> None:
    assert demo.requests(NOW) == history
    assert 5_000 < len(history) < 6_500
    assert NOW - timedelta(days=731) < min(one.asked_at for one in history)
    assert max(one.asked_at for one in history) < NOW
    assert max(one.answered_at for one in history if one.answered_at) <= NOW
    months = Counter(one.asked_at.month for one in history)
    assert months[7] > 1.5 * months[2]


def test_types_pay_answer_and_swap_as_they_are(history: list[demo.DemoRequest]) -> None:
    paid = {
        true: mean(
            one.offered_minor / one.base_minor
            for one in of(history, true)
            if one.kind is Way.BUYOUT and one.status is RequestStatus.ACCEPTED
        )
        for true in Archetype
    }
    assert 1.18 < paid[BIG] < 1.25
    assert 0.87 < paid[FLEXIBLE] < 0.93
    assert 0.97 < paid[AVERAGE] < 1.03
    assert share(of(history, FLEXIBLE), kind=Way.SWAP) > 0.5 > share(of(history, AVERAGE), kind=Way.SWAP)
    waits = {
        true: sorted(
            (one.answered_at - one.asked_at).total_seconds() / 60
            for one in of(history, true, "responder")
            if one.answered_at
        )
        for true in Archetype
    }
    medians = {true: minutes[len(minutes) // 2] for true, minutes in waits.items()}
    assert medians[BIG] < 30 < 120 < medians[AVERAGE]


def test_acceptance_hangs_on_price_way_and_whom_it_goes_to(history: list[demo.DemoRequest]) -> None:
    decided = [one for one in history if one.status in {RequestStatus.ACCEPTED, RequestStatus.DECLINED}]
    helped = {
        true: share(of(decided, true, "responder"), status=RequestStatus.ACCEPTED) for true in Archetype
    }
    assert helped[FLEXIBLE] > helped[AVERAGE] + 0.1 > helped[BIG] + 0.2
    bought = [one for one in decided if one.kind is Way.BUYOUT]
    dear = [one for one in bought if one.offered_minor > 1.1 * one.base_minor]
    cheap = [one for one in bought if one.offered_minor < 0.95 * one.base_minor]
    assert share(dear, status=RequestStatus.ACCEPTED) > share(cheap, status=RequestStatus.ACCEPTED) + 0.2
    refused = [one for one in cheap if one.decline_reason]
    assert share(refused, decline_reason=DeclineReason.PRICE) > 0.6


def test_nights_are_priced_plausibly_and_one_is_the_example() -> None:
    nights = demo.nights(NOW.date())
    assert len(nights) == 180
    assert all(90_000 <= one.base_minor <= 260_000 for one in nights)
    shown = next(one for one in nights if one.identifier == "lake-2026-11-26")
    assert (shown.base_minor, shown.demand_ppm) == (189_000, None)
    assert {one.demand_ppm for one in nights if one.demand_ppm} >= {1_080_000, 1_350_000}


@pytest.mark.thorough
def test_it_is_loaded_as_deeds_would_have_left_it(world: World) -> None:
    learner = make(world, demo.KNOWN_LEARNER).id
    load_archetypes_demo(world.session, world.actor(), world.clock)
    members = stale(world)
    assert len(members) == 240
    assert not any(members.values())
    scope_to(world.session, world.company_id)
    assert world.session.scalar(select(func.count(Person.id))) == 240
    assert len(all_of(world, Night)) == 180
    requests = all_of(world, MemberRequest)
    assert any(one.requester_id == learner for one in requests)
    for saved in requests[::200]:
        read = clean_request(request_texts(world.session, saved), UTC)
        assert (read["paid_ppm"], read["answer_seconds"]) == (saved.paid_ppm, saved.answer_seconds)
    page = world.client("viewer").get("/archetypes/requests?person=21179358").get_data(as_text=True)
    assert "Marta Lindqvist" in page
