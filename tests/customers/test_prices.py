"""What a customer is told for an item: by the rules, logged, honoured, within its bounds."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.conftest import World
from tests.customers.records import a_person, all_of, an_item, did, switch_off
from tests.personas.test_catalog_api import Api, told
from webapp.core.access import Role
from webapp.core.db import db, new_id, scope_to, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.customers.models import CatalogItem, CustomerSettings, PriceQuote
from webapp.customers.price_facts import demands
from webapp.customers.price_rules import PriceDeeds, draft_of, in_force, version_of
from webapp.customers.prices import Pricing
from webapp.customers.rules.pricing import Prices, Rule, demand, price, stock
from webapp.customers.service import service_of
from webapp.people.erased import digest_of
from webapp.people.models import Tombstone

CALL = "/api/v1/personalize/price"


@pytest.fixture
def open_world(make_world: Callable[..., World]) -> World:
    """A world with dynamic pricing on."""
    return make_world(enable_dynamic_pricing=True)


def rule(fact: Any = "demand", words: tuple[str, ...] = ("normal",), by: str = "1.1", why: str = "") -> Rule:
    return Rule(fact=fact, words=list(words), multiplier=Decimal(by), reason=why or f"{fact} said so")


def publish(world: World, *rules: Rule, company_id: UUID | None = None, **bounds: Any) -> int:
    """Have these rules in force; the version's number."""
    deeds = PriceDeeds(world.clock, world.services.auditor)
    admin = world.actor(Role.ADMIN, company_id)
    draft = deeds.save(world.session, admin, Prices(rules=list(rules), **bounds), "", 0)
    return deeds.publish(world.session, admin, draft.version).number


def quoted(api: Api, user_id: str = "ann", item: str = "p-1") -> dict[str, Any]:
    answer = api("GET", f"{CALL}/{user_id}/{item}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def quotes(world: World) -> list[PriceQuote]:
    return all_of(world, PriceQuote)


def test_a_price_moves_by_the_rules_is_logged_and_honoured_until_it_ends(open_world: World) -> None:
    world, api = open_world, Api(open_world, "customers")
    an_item(world, price="100")
    a_person(world)
    assert publish(world, rule(by="1.1", why="asked for as usual"), valid_hours=24) == 1
    first = quoted(api)
    assert first == first | {
        "user_id": "ann",
        "product_id": "p-1",
        "price": "110.00",
        "base_price": "100.00",
        "currency": "EUR",
        "reason": "asked for as usual.",
        "rules_version": 1,
    }
    publish(world, rule(by="0.8"), daily_change="0.05")
    assert quoted(api) == first
    (row,) = quotes(world)
    assert (row.price_minor, row.base_minor, row.reasons) == (11000, 10000, ["asked for as usual"])
    world.clock.shift(hours=24, seconds=1)
    later = quoted(api)
    assert (later["price"], later["rules_version"]) == ("104.50", 2)
    assert later["reason"] == "demand said so; held by the daily change."
    assert len(quotes(world)) == 2


def test_a_promise_is_not_held_against_a_customer_when_the_item_becomes_cheaper(open_world: World) -> None:
    world, api = open_world, Api(open_world, "customers")
    item = an_item(world, price="40").id
    a_person(world)
    publish(world, rule(by="1.1"), valid_hours=24)
    assert quoted(api)["price"] == "44.00"
    with unit(world.session) as session:
        session.get_one(CatalogItem, item).price_minor = 1_000
    assert (quoted(api)["price"], quoted(api)["base_price"]) == ("11.00", "10.00")
    with unit(world.session) as session:
        session.get_one(CatalogItem, item).price_minor = 9_000
    assert quoted(api)["price"] == "11.00"


def test_without_published_rules_the_base_price_is_told_and_logged(open_world: World) -> None:
    api = Api(open_world, "customers")
    an_item(open_world, price="89.9")
    a_person(open_world)
    found = quoted(api)
    assert (found["price"], found["reason"], found["rules_version"]) == ("89.90", "the base price.", 0)
    assert len(quotes(open_world)) == 1


def test_a_stranger_and_an_erased_person_get_the_base_price_and_leave_no_row(open_world: World) -> None:
    world, api = open_world, Api(open_world, "customers")
    an_item(world, price="100")
    publish(world, rule(by="1.1"))
    with unit(world.session) as session:
        key = world.services.settings.audit_secret()
        session.add(Tombstone(digest=digest_of(session, key, "gone"), at=world.clock.now()))
    for user_id in ("nobody", "gone"):
        found = quoted(api, user_id)
        assert found["price"] == found["base_price"] == "100.00"
        assert "nobody is known by this id" in found["reason"]
    assert quotes(world) == []


@pytest.mark.parametrize(
    ("texts", "status", "code"),
    [
        ({"price": "", "currency": ""}, 422, "no_price"),
        ({"available": "false"}, 409, "sold_out"),
        ({"product_id": "other"}, 404, "not_found"),
    ],
)
def test_what_cannot_be_priced_says_why(
    shared_world: World, texts: dict[str, str], status: int, code: str
) -> None:
    an_item(shared_world, **{"product_id": code, **texts})
    assert told(Api(shared_world, "customers")("GET", f"{CALL}/ann/{code}")) == (status, code)


def test_off_is_403_with_the_features_name(make_world: Callable[..., World]) -> None:
    shipped = make_world()
    an_item(shipped)
    answer = Api(shipped, "customers")("GET", f"{CALL}/ann/p-1")
    assert told(answer) == (403, "feature_off")
    assert answer.json["details"] == {"feature": "dynamic_pricing"}
    assert "ENABLE_DYNAMIC_PRICING" in answer.json["error"]


@pytest.mark.parametrize("feature", ["dynamic_pricing", "personalization"])
def test_the_company_switches_it_off_and_on(open_world: World, feature: str) -> None:
    api = Api(open_world, "customers")
    an_item(open_world)
    a_person(open_world)
    switch_off(open_world, feature)
    assert told(api("GET", f"{CALL}/ann/p-1")) == (403, "feature_off")
    with unit(open_world.session) as session:
        session.execute(update(CustomerSettings).values(off=[]))
    assert quoted(api)["price"] == "89.90"


def test_tokens_without_the_scope_and_other_companies_get_nothing(open_world: World) -> None:
    world = open_world
    an_item(world)
    a_person(world)
    assert told(Api(world, "leads")("GET", f"{CALL}/ann/p-1"))[0] == 403
    theirs = Api(world, token=world.token("customers", company_id=world.other_id))
    assert told(theirs("GET", f"{CALL}/ann/p-1")) == (404, "not_found")
    an_item(world, world.other_id, price="7")
    a_person(world, company_id=world.other_id)
    publish(world, rule(by="1.2"))
    assert quoted(theirs)["price"] == "7.00"  # our rules are not theirs
    assert quotes(world) == []


def test_facts_of_customer_and_item_move_the_price(open_world: World) -> None:
    world, api = open_world, Api(open_world, "customers")
    an_item(world, price="100", **{"+stock": "3"})
    ann, bob = a_person(world), a_person(world, "bob")
    did(world, ann, ("product_view", "p-1", 1))
    did(world, bob, ("product_view", "p-2", 200))
    publish(
        world,
        rule("category", ("Shoes",), "1.01", "shoes"),
        rule("stock", ("low",), "1.02", "few are left"),
        rule("lifecycle", ("dormant",), "0.9", "welcome back"),
        rule("loyalty", ("champion",), "0.5", "never"),
    )
    assert (quoted(api)["price"], quoted(api)["reason"]) == ("103.02", "shoes; few are left.")
    assert quoted(api, "bob")["price"] == "92.72"
    assert quoted(api, "bob")["reason"] == "shoes; few are left; welcome back."


@pytest.mark.parametrize(
    ("lately", "before", "stands"),
    [
        (0, 0, "normal"),
        (9, 0, "normal"),
        (10, 0, "high"),
        (10, 80, "normal"),
        (30, 80, "high"),
        (1, 80, "low"),
    ],
)
def test_demand_differs_only_by_more_than_chance(lately: int, before: int, stands: str) -> None:
    assert demand(lately, before) == stands


def test_demand_is_counted_in_its_weeks(open_world: World) -> None:
    world = open_world
    ann = a_person(world)
    did(world, ann, *[("product_view", "p-1", 0.1 * number) for number in range(12)])
    did(world, ann, ("product_view", "p-1", 30.0), *[("product_view", "p-1", 70.0)] * 50)
    scope_to(world.session, world.company_id)
    assert demands(world.session, ["p-1", "p-2"], world.clock.now()) == {"p-1": "high"}


@pytest.mark.parametrize(
    ("left", "stands"), [("5", "low"), (0, "low"), ("6", "normal"), ("", ""), ("many", ""), ("NaN", "")]
)
def test_stock_is_low_at_five_or_fewer(left: object, stands: str) -> None:
    assert stock(left) == stands


@pytest.mark.parametrize(
    ("currency", "base", "price_is"),
    [("JPY", "990", "1089"), ("KWD", "1.005", "1.106"), ("EUR", "0.04", "0.04"), ("JPY", "1", "1")],
)
def test_money_is_exact_in_every_currency(
    shared_world: World, currency: str, base: str, price_is: str
) -> None:
    name = f"{currency}-{base}"
    an_item(shared_world, product_id=name, price=base, currency=currency)
    a_person(shared_world, name)
    publish(shared_world, rule(by="1.1"), rounding="0.0001")
    assert quoted(Api(shared_world, "customers"), name, name)["price"] == price_is


def test_two_who_ask_at_once_are_told_the_same_price(open_world: World) -> None:
    world = open_world
    an_item(world, price="100")
    a_person(world)
    publish(world, rule(by="1.1"))
    start, token = Barrier(4), world.token("customers")

    def ask(_: int) -> dict[str, Any]:
        def asked() -> dict[str, Any]:
            api = Api(world, token=token)
            start.wait()
            return quoted(api)

        return contextvars.Context().run(asked)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert all(one == answers[0] for one in answers)
    assert len(quotes(world)) == 1


BOUNDS = st.fixed_dictionaries(
    {
        "floor": st.decimals(Decimal("0.5"), Decimal(1), places=2),
        "ceiling": st.decimals(Decimal(1), Decimal(2), places=2),
        "daily_change": st.decimals(Decimal(0), Decimal("0.4"), places=2),
        "rounding": st.sampled_from([Decimal("0.01"), Decimal("0.5"), Decimal(5)]),
    }
)
STEPS = st.lists(
    st.tuples(st.decimals(Decimal("0.1"), Decimal(3), places=2), st.integers(1, 40)), min_size=1, max_size=4
)


@pytest.mark.thorough
def test_no_quote_leaves_floor_and_ceiling_or_moves_more_than_a_day_allows(shared_world: World) -> None:
    world = shared_world
    deed = Pricing(world.clock)
    world.actor()
    service = service_of(world.session, world.services.settings)

    @settings(max_examples=15, deadline=None, database=None)
    @given(base=st.integers(100, 500_000), bounds=BOUNDS, steps=STEPS)
    def holds(base: int, bounds: dict[str, Decimal], steps: list[Any]) -> None:
        name, whole = new_id().hex, Decimal(base) / 100
        an_item(world, product_id=name, price=str(whole))
        a_person(world, name)
        before: list[tuple[datetime, Decimal]] = []
        for by, hours in steps:
            publish(world, rule(by=str(by)), valid_hours=1, **bounds)
            found = deed.quote(world.session, service, name, name)
            now, amount = world.clock.now(), found.price.amount
            assert whole * bounds["floor"] <= amount <= whole * bounds["ceiling"]
            for at, earlier in before:
                if now - at < timedelta(days=1):
                    assert abs(amount - earlier) <= earlier * bounds["daily_change"] + Decimal("0.01")
            before.append((now, amount))
            world.clock.shift(hours=hours + 1)

    holds()


@pytest.fixture(scope="module")
def shared_world(module_world: Callable[..., World]) -> World:
    return module_world(enable_dynamic_pricing=True)


def test_many_quotes_of_a_day_stay_within_one_daily_change_of_each_other() -> None:
    up = Prices(rules=[rule(by="2")], ceiling=Decimal(2), daily_change=Decimal("0.1"))
    earlier = list[Decimal]()
    for _ in range(10):
        found = price(Decimal(100), {"demand": "normal"}, up, earlier, Decimal("0.01"))
        earlier.append(found.price if earlier else Decimal(100))
    assert max(earlier) - min(earlier) == Decimal(10)


def test_versions_are_drafted_published_and_put_in_force_again(world: World) -> None:
    deeds, admin = PriceDeeds(world.clock, world.services.auditor), world.actor(Role.ADMIN)
    session = world.session
    draft = deeds.save(session, admin, Prices(rules=[rule()]), "first", 0)
    assert (draft.number, draft.version) == (1, 1)
    assert deeds.save(session, admin, Prices(rules=[rule()]), "first", 1).version == 1
    with pytest.raises(Conflict):
        deeds.save(session, admin, Prices(), "", 0)
    with pytest.raises(Conflict):
        deeds.publish(session, admin, 7)
    assert deeds.publish(session, admin, 1).number == 1
    with pytest.raises(Conflict):
        deeds.publish(session, admin, 1)
    second = deeds.save(session, admin, Prices(), "second", 0)
    with pytest.raises(NotFound):
        deeds.force(session, admin, second.number)
    deeds.publish(session, admin, 1)
    assert getattr(in_force(session), "number", None) == 2
    deeds.force(session, admin, 1)
    assert getattr(in_force(session), "number", None) == 1
    deeds.save(session, admin, Prices(), "third", 0)
    deeds.discard(session, admin, 1)
    assert draft_of(session) is None
    assert version_of(session, 3) is None
    with pytest.raises(DomainError):
        deeds.discard(session, admin, 1)
    db.session.rollback()
