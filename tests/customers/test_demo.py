"""The demo's shop: the same each time, tastes and hours planted, a recommender in force that finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from webapp.core.db import every_company, scope_to
from webapp.customers import demo, demo_catalog
from webapp.customers.clients import adviser
from webapp.customers.facts import Slot
from webapp.customers.front import homepage
from webapp.customers.model_files import files_in
from webapp.customers.models import CatalogItem, Event, RecommenderModel
from webapp.customers.service import service_of
from webapp.demo import clear_demo, load_demo

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
IDS = [demo.KNOWN, *(str(40_000 + number) for number in range(199))]


@pytest.fixture(scope="module")
def customers() -> list[demo.DemoCustomer]:
    return [demo.customer(one) for one in IDS]


@pytest.fixture(scope="module")
def events(customers: list[demo.DemoCustomer]) -> list[demo.DemoEvent]:
    return demo.history(customers, NOW)


def test_the_shop_is_stocked() -> None:
    items = demo_catalog.items()
    assert len({one.identifier for one in items}) == len({one.title for one in items}) == len(items) == 120
    assert len({one.category for one in items}) == 8
    assert sum(not one.available for one in items) == 2
    assert {one.slot for one in demo_catalog.BLOCKS} == set(Slot)
    assert len(demo_catalog.OFFERS) == 4


def test_it_is_the_same_each_time_and_ends_now(
    customers: list[demo.DemoCustomer], events: list[demo.DemoEvent]
) -> None:
    assert demo.history([demo.customer(one) for one in IDS], NOW) == events
    assert 4_500 < len(events) < 8_000
    assert len({one.identifier for one in events}) == len(events)
    assert NOW - timedelta(days=demo.DAYS + 2) < min(one.at for one in events)
    assert max(one.at for one in events) <= NOW
    tracked = {one.user_id for one in customers if one.tracking}
    assert 160 < len(tracked) < 195
    assert {one.user_id for one in events} <= tracked


def test_tastes_and_hours_show(customers: list[demo.DemoCustomer], events: list[demo.DemoEvent]) -> None:
    shelf = {one.identifier: one.category for one in demo_catalog.items()}
    own = Counter(
        shelf[event.item] in one.shelves
        for one in customers
        for event in events
        if event.user_id == one.user_id and event.item
    )
    assert own[True] > 4 * own[False]
    for one in customers[:20]:
        opened = [event.at for event in events if event.user_id == one.user_id and event.kind == "email_open"]
        if len(opened) > 5:
            hours = [at.astimezone(ZoneInfo(one.zone)).hour for at in opened]
            assert abs(median(hours) - one.hour) <= 1.5


@pytest.mark.thorough
def test_it_is_loaded_with_a_recommender_that_beats_what_is_popular(
    make_world: Callable[..., World],
) -> None:
    world = make_world()
    company = load_demo(world.session, world.services)
    scope_to(world.session, company.id)
    session = world.session
    assert session.scalar(select(func.count(CatalogItem.id))) == 120
    model = session.scalars(select(RecommenderModel).where(RecommenderModel.in_force)).one()
    assert model.quality["ndcg"] > 1.5 * model.quality["popularity"]["ndcg"]
    told = service_of(session, world.services.settings)
    page = homepage(session, told, demo.KNOWN, adviser())
    parts = {part["type"]: part["products"] for part in page["sections"]}
    assert {"recommended_products", "recently_viewed", "trending"} <= set(parts)
    assert all(parts.values())
    did = {row.item for row in session.execute(select(Event.item)) if row.item}
    reasons = [one["reason"] for one in parts["recommended_products"] if "because you" in one["reason"]]
    assert reasons
    assert {reason.rsplit(" ", 1)[1] for reason in reasons} <= did
    files = files_in(world.services.settings.instance)
    assert files.companies() == [company.id]
    clear_demo(world.session, world.services)
    with every_company(world.session):
        assert not world.session.scalar(select(func.count(Event.id)))
    assert files.read(company.id, 1) is None
