"""What is known of a customer: events with items, the fifths, facts, variables, in few reads."""

from __future__ import annotations

from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from tests.archetypes.records import a_request, persons
from tests.conftest import World
from tests.customers.records import a_person, an_item, did
from webapp.core.db import db, scope_to, unit
from webapp.customers import picture
from webapp.customers.fifths import bands_of, kept_bands
from webapp.customers.models import CustomerSettings, Preference
from webapp.customers.rules.audience import FACTS, VARIABLES
from webapp.customers.rules.insights import Rfm, insights

UTC = ZoneInfo("UTC")


def test_events_come_newest_first_with_category_and_price(world: World) -> None:
    an_item(world, price="89.90")
    an_item(world, product_id="p-2", price="9000", currency="JPY", category="")
    an_item(world, world.other_id, product_id="p-3")
    ann, bo = a_person(world), a_person(world, "bo")
    did(world, ann, ("product_view", "p-1", 3), ("purchase", "p-2", 1), ("product_view", "p-3", 2))
    did(world, bo, ("search", None, 1), query="hats")
    scope_to(world.session, world.company_id)
    seen = picture.seen_of(world.session, ann)
    assert [(one.item, one.category, one.price) for one in seen] == [
        ("p-2", None, 9000.0),
        ("p-3", None, None),
        ("p-1", "Shoes", 89.9),
    ]
    assert [one.item for one in picture.seen_of(world.session, ann, 1)] == ["p-2"]
    both = picture.seen_of_many(world.session, [ann, bo])
    assert both[ann] == seen
    assert [one.query for one in both[bo]] == ["hats"]
    assert {len(one) for one in picture.seen_of_many(world.session, [ann, bo], 1).values()} == {1}


def test_fifths_need_twenty_buyers_and_say_who_is_what(world: World) -> None:
    an_item(world, price="10")
    people = [a_person(world, f"u-{number:02}") for number in range(20)]
    for number, person in enumerate(people[:-1]):
        did(world, person, *[("purchase", "p-1", 5.0 * number + turn / 10) for turn in range(20 - number)])
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    assert bands_of(world.session, now) is None
    did(world, people[-1], ("purchase", "p-1", 300))
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    bands = bands_of(world.session, now)
    assert bands is not None
    assert len(bands.recency) == len(bands.frequency) == len(bands.money) == 4
    assert bands.money == pytest.approx([10 * border for border in bands.frequency])
    assert picture.audience_facts(world.session, people[0], now)["segment"] == ["champion"]
    assert picture.audience_facts(world.session, people[-1], now)["segment"] == ["lapsed"]
    found = insights(picture.seen_of(world.session, people[0]), now, UTC, bands)
    assert found
    assert found.rfm
    assert (found.rfm.recency, found.rfm.frequency, found.rfm.purchases) == (5, 5, 20)


def test_fifths_are_counted_by_an_hourly_job_and_no_page_counts_them_again(world: World) -> None:
    an_item(world, price="10")
    people = [a_person(world, f"u-{number:02}") for number in range(20)]
    for number, person in enumerate(people):
        did(world, person, ("purchase", "p-1", number + 1))
    world.services.scheduler.tick(world.session)
    world.clock.shift(hours=1, minutes=1)
    world.services.scheduler.tick(world.session)
    world.work()
    scope_to(world.session, world.company_id)
    counted = bands_of(world.session, world.clock.now())
    assert counted
    for person in people[:10]:
        did(world, person, ("purchase", "p-1", 0.1))
    scope_to(world.session, world.company_id)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    kept = kept_bands(world.session, world.clock.now())
    assert kept
    assert asked == []
    assert (kept.frequency, kept.money) == (counted.frequency, counted.money)
    anew = bands_of(world.session, world.clock.now())
    assert anew
    assert anew.money != kept.money


def test_every_class_has_its_word() -> None:
    names = {Rfm(recency, frequency, 1, 1).name for recency, frequency in product(range(1, 6), repeat=2)}
    assert names == set(picture.CLASSES)


def test_facts_come_from_all_that_is_known(world: World) -> None:
    people = persons(world, "ann", "bo")
    a_request(world)
    an_item(world)
    ann = people["ann"].id
    did(world, ann, ("product_view", "p-1", 40))
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    assert picture.audience_facts(world.session, ann, now) == {
        "archetype": ["average_user"],
        "lifecycle": ["at_risk"],
        "category": ["Shoes"],
        "locale": ["en"],
        "segment": [],
    }
    assert picture.audience_facts(world.session, None, now) == {"segment": ["stranger"]}
    assert picture.audience_facts(world.session, ann, now, ["locale"]) == {"locale": ["en"]}


def test_a_language_is_said_by_the_customer_the_person_or_the_company(world: World) -> None:
    ann, bo, cy = a_person(world), a_person(world, "bo", language="fr"), a_person(world, "cy", language="fr")
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        now = world.clock.now()
        session.add(CustomerSettings(defaults={"language": "de"}, updated_at=now))
        session.add(Preference(person_id=cy, language="de-AT", created_at=now, updated_at=now))
    found = picture.locale_of(world.session, [ann, bo, cy])
    assert found == {ann: "de", bo: "fr", cy: "de-AT"}


def test_variables_are_what_is_known(world: World) -> None:
    an_item(world)
    ann, bo = a_person(world, name="Ann  Lee"), a_person(world, "bo")
    did(world, ann, ("product_view", "p-1", 1), properties={"city": " Graz "})
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    assert picture.variables_of(world.session, ann, now) == {
        "name": "Ann  Lee",
        "first_name": "Ann",
        "category": "Shoes",
        "product": "Trail shoe",
        "lifecycle": "new",
        "company": "Acme GmbH",
        "city": "Graz",
    }
    assert picture.variables_of(world.session, bo, now) == {"company": "Acme GmbH"}
    assert picture.variables_of(world.session, None, now, VARIABLES) == {"company": "Acme GmbH"}


def test_twelve_customers_take_no_more_reads_than_two(world: World) -> None:
    people = [a_person(world, f"u-{number}") for number in range(12)]
    for person in people:
        did(world, person, ("product_view", "p-1", 1))
    scope_to(world.session, world.company_id)
    now = world.clock.now()

    def reads(count: int) -> int:
        said: list[str] = []

        def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            said.append(statement)

        event.listen(db.engine, "before_cursor_execute", hear)
        picture.audience_facts_of_many(world.session, people[:count], now, FACTS)
        event.remove(db.engine, "before_cursor_execute", hear)
        return len(said)

    reads(2)
    assert reads(2) == reads(12) <= 6
