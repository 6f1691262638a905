"""Offers: kept and imported; given to whom they are meant for, while they run, never beyond the cap."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.customers.records import (
    OFFER,
    a_person,
    all_of,
    an_item,
    an_offer,
    clients,
    did,
    moment,
    switch_off,
)
from tests.pages import CheckedClient
from tests.personas.test_catalog_api import Api, told
from tests.personas.test_importing import checked, counts, report, write
from webapp.core.audience import meant
from webapp.core.db import db, scope_to
from webapp.core.errors import Conflict, DomainError
from webapp.customers.giving import offers_for
from webapp.customers.lists import OFFERS
from webapp.customers.models import Offer, OfferGiven
from webapp.customers.picture import audience_facts
from webapp.customers.records import around_of
from webapp.customers.service import service_of
from webapp.people.models import Person

HOME, CALLS, SHOWN = "/customers/offers", "/api/v1/offers", "/api/v1/personalize/offers"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, "customers")


def shown(api: Api, user_id: str) -> list[str]:
    answer = api("GET", f"{SHOWN}/{user_id}")
    assert answer.status_code == 200, answer.json
    return [one["offer_id"] for one in answer.json["offers"]]


@pytest.mark.parametrize(
    ("field", "text", "named", "why"),
    [
        ("offer_id", "a/b", "offer_id", "slash"),
        ("title", " ", "title", "Say what"),
        ("starts_at", "tomorrow", "starts_at", "Write the time"),
        ("ends_at", "2026-01-01T00:00:00Z", "ends_at", "before it begins"),
        ("cap", "0", "cap", "from 1"),
        ("cap", "1.5", "cap", "whole number"),
        ("priority", "1001", "priority", "from -1,000"),
        ("audience", "shoes", "audience", "like category=shoes"),
        ("audience", "colour=red", "audience", "no fact colour"),
        ("audience", "lifecycle=sleepy", "audience.lifecycle", "none of new"),
        ("audience", "archetype=villain", "audience.archetype", "none of"),
        ("audience", "segment=rich", "audience.segment", "none of champion"),
        ("audience", "locale=german", "audience.locale", "tag"),
        ("audience", '{"category": 1}', "audience", "lists of words"),
        ("audience", f"category={'x' * 101}", "audience.category", "under 100"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(
    world: World, field: str, text: str, named: str, why: str
) -> None:
    world.actor()
    given = {**OFFER, "starts_at": "2026-12-01T00:00:00Z", field: text}
    with pytest.raises(DomainError) as refused:
        OFFERS.clean(given, around_of(world.session))
    assert list(refused.value.details) == [named]
    assert why in refused.value.details[named]


def test_an_audience_is_written_as_it_is_read(world: World) -> None:
    for text, same in (
        ("category=Shoes, Hats; locale=DE", "category=Shoes, Hats; locale=de"),
        ("lifecycle=At_Risk;category=", "lifecycle=at_risk"),
        ('{"category": ["Books, Music"]}', '{"category": ["Books, Music"]}'),
    ):
        offer = an_offer(world, offer_id="", audience=text)
        assert OFFERS.texts(offer)["audience"] == same
        again = OFFERS.change(
            world.session, world.actor(), offer.id, OFFERS.texts(offer), 1, **clients(world)
        )
        assert again.version == 1
    with pytest.raises(Conflict):
        OFFERS.change(world.session, world.actor(), offer.id, OFFER, 9, **clients(world))


@pytest.mark.thorough
def test_an_offer_is_added_edited_and_deleted_on_its_pages(world: World, browser: CheckedClient) -> None:
    assert "No offers yet" in browser.get(HOME).get_data(as_text=True)
    form = {
        **{name: text for name, text in OFFER.items() if name != "audience"},
        "audience_category": '"Books, Music", Shoes',
        "audience_lifecycle": "at_risk",
        "starts_at": "2026-12-01T10:00",
        "priority": "3",
        "version": "0",
    }
    assert browser.send(HOME, form).status_code == 303
    (offer,) = all_of(world, Offer)
    assert offer.audience == {"lifecycle": ["at_risk"], "category": ["Books, Music", "Shoes"]}
    page = browser.get(HOME).get_data(as_text=True)
    assert "lifecycle at risk; favourite category Books, Music or Shoes" in page
    here = f"{HOME}/{offer.id}"
    edit = browser.get(f"{here}/edit").get_data(as_text=True)
    assert 'value="2026-12-01T10:00"' in edit
    wrong = browser.send(here, {**form, "audience_lifecycle": "sleepy", "version": "1"})
    assert wrong.status_code == 422
    assert 'id="audience_lifecycle-error"' in wrong.get_data(as_text=True)
    assert browser.send(here, {**form, "version": "1"}).status_code == 303
    assert all_of(world, Offer)[0].version == 1
    assert browser.send(here, {**form, "title": "Other", "version": "1"}).status_code == 303
    assert browser.send(here, {**form, "title": "Late", "version": "1"}).status_code == 409
    viewer = world.client("viewer")
    assert viewer.get(HOME).status_code == 200
    assert viewer.send(here, form).status_code == viewer.send(HOME, form).status_code == 403
    theirs = an_offer(world, world.other_id)
    assert browser.get(f"{HOME}/{theirs.id}/edit").status_code == 404
    assert browser.send(f"{here}/delete").status_code == 303
    assert all_of(world, Offer) == []


def test_an_offer_is_created_read_changed_listed_and_deleted_by_calls(api: Api) -> None:
    body = {
        "title": "Ten off",
        "audience": {"category": ["Shoes"]},
        "cap": 5,
        "ends_at": "2026-12-24T00:00:00Z",
    }
    made = api("POST", CALLS, {**body, "offer_id": "o-1"})
    assert made.status_code == 201
    assert made.json == made.json | {"id": "o-1", "given": 0, "cap": 5, "audience": {"category": ["Shoes"]}}
    here = f"{CALLS}/o-1"
    changed = api("PUT", here, {"title": "Less", "version": 1}).json
    assert (changed["audience"], changed["cap"], changed["version"]) == ({}, None, 2)
    assert told(api("PUT", here, {"title": "More", "version": 1})) == (409, "conflict")
    assert api("GET", CALLS).json == {"items": [changed], "next": None}
    read = {name: one for name, one in changed.items() if name not in {"created_at", "updated_at"}}
    again = api("PUT", here, {**read, "given": 7, "title": "Least"}).json
    assert (again["offer_id"], again["title"], again["given"]) == ("o-1", "Least", 0)
    for field in ("id", "offer_id"):
        refused = api("PUT", here, {**read, "version": 3, field: "o-2"})
        assert (told(refused), list(refused.json["details"])) == ((422, "invalid"), [field])
    for change, status in (({"audience": {"colour": ["red"]}}, 400), ({"cap": 0}, 400), ({"cap": "5"}, 400)):
        assert api("POST", CALLS, {**body, **change}).status_code == status
    refused = api("POST", CALLS, {**body, "audience": {"lifecycle": ["sleepy"]}})
    assert told(refused) == (422, "invalid")
    assert set(refused.json["details"]) == {"audience.lifecycle"}
    assert api("DELETE", here).status_code == 204
    assert told(api("GET", here)) == (404, "not_found")


@pytest.mark.thorough
def test_offers_are_imported_and_come_back_unchanged(world: World, browser: CheckedClient) -> None:
    an_offer(world, audience="lifecycle=new; category=Shoes, Hats", cap="10", priority="-2")
    an_offer(
        world, offer_id="o-2", audience='{"category": ["Books; Music"]}', starts_at="2026-12-01T10:00:00Z"
    )
    for form in ("csv", "json"):
        file = browser.get(f"{HOME}/export?format={form}").get_data()
        assert counts(world, checked(world, browser, file, "offers")) == (0, 0, 2, 0), form
    head = "offer_id,title,audience,starts_at,ends_at,cap"
    content = f"{head}\no-1,Ten off,locale=de,,2027-01-01 00:00,3\no-3,New,,,,\n"
    address = checked(world, browser, content, "offers")
    assert counts(world, address) == (1, 1, 0, 0)
    write(world, browser, address)
    one, _, three = all_of(world, Offer)
    assert (one.audience, one.cap, one.priority, one.body) == ({"locale": ["de"]}, 3, -2, "Only this week")
    assert (three.given, three.cap, three.audience) == (0, None, {})
    bad = "offer_id,title,audience,ends_at,cap\na,a,lifecycle=x,,\nb,b,,never,\nc,c,,,0\nd,,,,\n"
    rows = report(browser, checked(world, browser, bad, "offers"))
    assert [row["Column"] for row in rows] == ["Audience", "Ends at", "Cap", "Title"]


def test_offers_come_by_priority_while_they_run(world: World, api: Api) -> None:
    now = world.clock.now()
    a_person(world)
    an_offer(world, offer_id="low")
    an_offer(world, offer_id="high", priority="5")
    an_offer(world, offer_id="later", starts_at=moment(now + timedelta(hours=1)))
    an_offer(world, offer_id="over", ends_at=moment(now - timedelta(hours=1)))
    an_offer(world, world.other_id, offer_id="theirs")
    assert shown(api, "ann") == ["high", "low"]
    world.clock.shift(hours=2)
    assert shown(api, "ann") == ["high", "later", "low"]


def test_giving_is_recorded_once_and_strangers_leave_nothing(world: World, api: Api) -> None:
    ann = a_person(world)
    an_offer(world, offer_id="all")
    an_offer(world, offer_id="capped", cap="1", priority="1")
    an_offer(world, offer_id="new-here", audience="segment=stranger", priority="-1")
    an_offer(world, offer_id="some", audience="locale=en")
    assert shown(api, "nobody") == ["all", "new-here"]
    assert all_of(world, OfferGiven) == []
    for _ in range(2):
        assert shown(api, "ann") == ["capped", "some", "all"]
    assert {(one.person_id, one.at <= world.clock.now()) for one in all_of(world, OfferGiven)} == {
        (ann, True)
    }
    assert [one.given for one in all_of(world, Offer)] == [1, 1, 0, 1]
    assert [one.version for one in all_of(world, Offer)] == [1, 1, 1, 1]
    a_person(world, "bo")
    assert shown(api, "bo") == ["some", "all"]  # the cap is reached
    assert shown(api, "ann") == ["capped", "some", "all"]  # and hers stays
    scope_to(world.session, world.company_id)
    assert world.session.scalar(select(func.count(Person.id))) == 2


def test_without_personalization_only_what_is_for_everybody_is_offered(world: World, api: Api) -> None:
    a_person(world)
    an_offer(world, offer_id="all")
    an_offer(world, offer_id="some", audience="locale=en")
    switch_off(world, "personalization")
    answer = api("GET", f"{SHOWN}/ann").json
    assert [one["offer_id"] for one in answer["offers"]] == ["all"]
    assert answer["personalized"] is False


def test_the_cap_holds_whoever_asks_at_once(make_world: Callable[..., World]) -> None:
    world = make_world()
    an_offer(world, cap="10")
    people = [a_person(world, f"u-{number}") for number in range(25)]
    asked, start = [one for one in people for _ in range(2)], Barrier(10)  # each twice: 50 askers
    company, app = world.company_id, world.app

    def ask(asks: list[Any]) -> list[int]:
        start.wait()
        found = []
        for person in asks:
            with app.app_context():
                scope_to(db.session(), company)
                service = service_of(db.session(), world.services.settings)
                found.append(len(offers_for(db.session(), service, person, clock=world.clock)))
                db.session.remove()
        return found

    with ThreadPoolExecutor(10) as pool:
        seen = sum(map(sum, pool.map(ask, [asked[number::10] for number in range(10)])))
    (offer,) = all_of(world, Offer)
    given = all_of(world, OfferGiven)
    assert offer.given == len(given) == len({one.person_id for one in given}) == 10
    assert seen == 20  # who got it sees it the second time too


@pytest.mark.thorough
def test_nobody_outside_the_audience_the_time_or_the_cap_is_offered_anything(world: World) -> None:
    chance, now = random.Random(4), world.clock.now()
    for name in ("Shoes", "Hats"):
        an_item(world, product_id=name, category=name)
    people = []
    for number in range(12):
        person = a_person(world, f"u-{number}", language=chance.choice(["de", "en", "de-AT"]))
        if number % 3:
            days = chance.choice([1, 20, 60, 200])
            did(world, person, ("product_view", chance.choice(["Shoes", "Hats"]), days))
        people.append(person)
    audiences = ["", "locale=de", "category=Shoes", "lifecycle=new, dormant", "locale=de; category=Hats"]
    for number in range(20):
        starts = chance.choice(["", moment(now + timedelta(days=1)), moment(now - timedelta(days=1))])
        ends = chance.choice(["", moment(now + timedelta(days=2))])
        cap = chance.choice(["", "2", "5"])
        an_offer(
            world,
            offer_id=f"o-{number}",
            audience=chance.choice(audiences),
            starts_at=starts,
            ends_at=ends,
            cap=cap,
        )
    for day in (0, 1.5, 3):
        world.clock.shift(days=day)
        at = world.clock.now()
        world.actor()
        service = service_of(world.session, world.services.settings)
        for person in people:
            facts = audience_facts(world.session, person, at)
            for offer in offers_for(world.session, service, person, clock=world.clock):
                assert meant(offer.audience, facts)
                assert offer.starts_at is None or offer.starts_at <= at
                assert offer.ends_at is None or offer.ends_at > at
    for offer in all_of(world, Offer):
        given = sum(one.offer_id == offer.id for one in all_of(world, OfferGiven))
        assert offer.given == given <= (offer.cap or given)
