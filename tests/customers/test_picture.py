"""What is known of a customer: events with items, the fifths, facts, variables, in few reads."""

from __future__ import annotations

from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import event, select

from tests.archetypes.records import a_request, persons
from tests.conftest import World
from tests.customers.records import a_person, an_item, did
from webapp.core.db import db, scope_to, unit
from webapp.customers import picture
from webapp.customers.fifths import bands_of, kept_bands
from webapp.customers.models import CustomerSettings, Preference
from webapp.customers.rules.audience import FACTS, VARIABLES
from webapp.customers.rules.insights import Rfm, insights, totals
from webapp.customers.totals import totals_of
from webapp.people.models import Person

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
    assert len(bands.recency) == len(bands.frequency) == 4
    assert bands.money == {"EUR": pytest.approx([10 * border for border in bands.frequency])}
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


def test_money_is_compared_within_a_currency(world: World) -> None:
    an_item(world, price="10")
    an_item(world, product_id="p-2", price="900", currency="JPY")
    for number in range(25):
        did(world, a_person(world, f"e-{number:02}"), *[("purchase", "p-1", 1)] * (number + 1))
        did(
            world,
            a_person(world, f"u-{number:02}"),
            ("purchase", "p-1", 1),
            value=100.0 + number,
            currency="USD",
        )
    traveller = a_person(world, "traveller")
    did(world, traveller, ("purchase", "p-1", 1), ("purchase", "p-1", 2))
    did(world, traveller, ("purchase", "p-1", 3), value=5_000.0, currency="USD")
    abroad = a_person(world, "abroad")
    did(world, abroad, ("purchase", "p-2", 1))
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    bands = bands_of(world.session, now)
    assert bands
    euros = [10.0 * (number + 1) for number in range(25)]
    dollars = [100.0 + number for number in range(25)]
    fifths = (0.2, 0.4, 0.6, 0.8)
    assert bands.money == {
        "EUR": pytest.approx(list(np.quantile([*euros, 20.0], fifths))),
        "USD": pytest.approx(list(np.quantile(dollars, fifths))),
    }
    found = {
        one: picture.known_insights(world.session, one, now, UTC, as_buyer=True)[1]
        for one in (traveller, abroad)
    }
    assert [one.rfm and (one.rfm.money, one.rfm.currency) for one in found.values() if one] == [
        (1, "EUR"),  # 20 euros; the dollars are others' money
        (None, "JPY"),  # nobody else buys in it
    ]


def test_equal_sums_stand_in_one_fifth_however_they_were_added(world: World) -> None:
    an_item(world, price="0.10")
    for number in range(25):
        did(world, a_person(world, f"u-{number:02}"), *[("purchase", "p-1", day) for day in (1, 2, 3)])
    scope_to(world.session, world.company_id)
    now, who = world.clock.now(), world.session.scalars(select(Person.id)).all()
    bands = bands_of(world.session, now)
    assert bands
    assert bands.money == {"EUR": [0.3] * 4}
    for one in who[:3]:
        seen = picture.seen_of(world.session, one)
        assert totals_of(world.session, [one], now)[one] == totals(seen, now)
        found = insights(seen, now, UTC, bands)
        assert found
        assert found.rfm
        assert found.rfm.money == 1


def test_purchases_of_unknown_cost_have_no_say_in_money(world: World) -> None:
    an_item(world, price="10")
    for number in range(25):
        who = a_person(world, f"u-{number:02}")
        did(world, who, *[("purchase", "p-1", day + 1) for day in range(number + 1)])
        did(world, who, *[("purchase", "gone", day + 2) for day in range(30)])
    only = a_person(world, "only")
    did(world, only, ("purchase", "gone", 1))
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    bands = bands_of(world.session, now)
    assert bands
    sums = [10.0 * (number + 1) for number in range(25)]
    assert bands.money == {"EUR": pytest.approx(list(np.quantile(sums, (0.2, 0.4, 0.6, 0.8))))}
    _, most = picture.known_insights(world.session, who, now, UTC, as_buyer=True)
    assert most
    assert most.rfm
    assert (most.rfm.money, most.rfm.currency, most.rfm.purchases) == (5, "EUR", 55)
    _, unknown = picture.known_insights(world.session, only, now, UTC, as_buyer=True)
    assert unknown
    assert unknown.rfm
    assert (unknown.rfm.money, unknown.rfm.currency, unknown.rfm.purchases) == (None, "", 1)


def test_who_did_more_than_is_read_is_counted_whole(world: World) -> None:
    an_item(world, price="89.90")
    an_item(world, product_id="p-2", price="9000", currency="JPY")
    ann, bo = a_person(world), a_person(world, "bo")
    for who in (ann, bo):
        did(world, who, ("purchase", "p-1", 200), ("purchase", "p-2", 120), ("purchase", "gone", 100))
        did(world, who, ("purchase", "p-1", 90), value=12.5, currency="USD")
        did(world, who, ("purchase", "p-2", 80), value=7.0)
        did(world, who, *[("page_view", None, 29 + day) for day in range(20)], ("page_view", None, 28))
    did(world, ann, *[("product_view", "p-1", number / 40) for number in range(picture.NEWEST + 50)])
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    everything = {one: picture.seen_of(world.session, one, 5_000) for one in (ann, bo)}
    counted = totals_of(world.session, [ann, bo], now)
    for who, seen in everything.items():
        assert counted[who] == totals(seen, now)
    assert counted[ann].spent == {"EUR": (1, 89.9), "JPY": (2, 9007.0), "USD": (1, 12.5)}
    assert counted[ann].purchases == 5
    newest, told = picture.known_insights(world.session, ann, now, UTC, as_buyer=False)
    assert len(newest) == picture.NEWEST
    assert told
    assert told.events == len(everything[ann]) == picture.NEWEST + 50 + 26
    assert told.trend == ("rising", picture.NEWEST + 50, 21)
    assert totals_of(world.session, [a_person(world, "cy")], now) == {}
    facts = picture.audience_facts_of_many(world.session, [ann, bo], now)
    assert (facts[ann]["lifecycle"], facts[bo]["lifecycle"]) == (["active"], ["active"])


def test_every_class_has_its_word() -> None:
    names = {
        Rfm(recency, frequency, 1, 1, "EUR").name for recency, frequency in product(range(1, 6), repeat=2)
    }
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
