"""After an erasure no model knows the person: it is the model of data that never had them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sqlalchemy import select

from tests.conftest import World
from tests.customers.serving import Caller
from tests.customers.test_personalizing import EACH, KINDS, TRACK, ask, stock, trained, viewed
from tests.leads.model_making import close_leads, train, values_of
from tests.privacy.asking import done
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.customers.model_files import files_in
from webapp.customers.models import CustomerSettings, RecommenderModel
from webapp.leads.models import Lead, Salesperson, ScoringModel
from webapp.privacy.models import RequestKind

ODD = "zq-odd-customer"


def fill(caller: Caller) -> None:
    """Thirty customers with plain tastes."""
    chance, events = np.random.default_rng(8), list[dict[str, Any]]()
    stock(caller.world)
    for person in range(30):
        for place, number in enumerate(chance.permutation(EACH)[:6]):
            events.append(
                viewed(caller.world, f"c{person}", f"{KINDS[person % 3]}-{number}", days=20 - place)
            )
    track(caller, events)


def track(caller: Caller, events: list[dict[str, Any]]) -> None:
    answer = caller.call("POST", f"{TRACK}/batch", json={"events": events})
    assert answer.json["tracked"] == len(events), answer.json


def odd_one(caller: Caller) -> None:
    """A customer whose tastes are like nobody's."""
    bought = [("garden-0", 1.0), ("music-7", 2.0), ("kitchen-3", 3.0)]
    kinds = ("purchase", "add_to_cart", "product_view")
    track(
        caller, [viewed(caller.world, ODD, item, days=at, kind=kind) for item, at in bought for kind in kinds]
    )


def numbers(caller: Caller, number: int) -> Any:
    """What a version knows of each item and each pair of items, the items in one order."""
    found = files_in(caller.world.services.settings.instance).read(caller.world.company_id, number)
    assert found is not None
    places = [found.places[item] for item in sorted(found.items)]
    return np.vstack([found.popular[places], found.weights[np.ix_(places, places)]])


def test_the_recommender_after_an_erasure_is_that_of_data_without_the_person(
    make_world: Callable[..., World],
) -> None:
    caller = Caller(make_world())
    allow(caller)
    fill(caller)
    never = numbers(caller, trained(caller).number)
    odd_one(caller)
    knew = numbers(caller, trained(caller).number)
    told = done(caller.world, RequestKind.ERASE, ODD)
    world = caller.world
    assert told.report["recommender models"] == 2
    rows = list(world.session.scalars(select(RecommenderModel).order_by(RecommenderModel.number)))
    assert [(row.number, row.in_force, row.customers) for row in rows] == [
        (1, False, 30),
        (2, False, 31),
        (3, True, 30),
    ]
    files = files_in(world.services.settings.instance)
    assert [files.read(world.company_id, number) is None for number in (1, 2)] == [True, True]
    after = numbers(caller, 3)
    assert np.allclose(after, never, rtol=1e-3, atol=1e-6)  # seconds passed between the two trainings
    assert not np.allclose(after, knew, rtol=1e-2, atol=1e-4)
    assert ask(caller, "c1", limit=3)["items"]


def allow(caller: Caller) -> None:
    """Nobody is asked first, so that tests need no consents."""
    world = caller.world
    world.actor(Role.ADMIN)
    with unit(world.session) as session:
        session.add(CustomerSettings(consent_first=False, updated_at=world.clock.now()))


def test_lead_models_after_an_erasure_are_those_of_deals_without_the_person(world: World) -> None:
    ids = close_leads(world, "editor", (9, 1))
    world.actor()
    with unit(world.session) as session:
        for lead in session.scalars(select(Lead).where(Lead.id.in_(ids[:4]))):
            lead.email, lead.name = "zqlead@mail.example", "Zqlead Person"
    first = train(world)
    assert str(ids[0]) in str(first.cases)
    told = done(world, RequestKind.ERASE, "zqlead@mail.example")
    assert (told.report["Leads"], told.report["lead models"]) == (4, 1)
    world.actor()
    (after,) = world.session.scalars(select(ScoringModel)).all()
    assert (after.number, after.sample) == (2, len(ids) - 4)
    assert not any(str(one) in str(after.cases) + str(after.evaluation) for one in ids[:4])
    seller = world.session.scalars(select(Salesperson)).one()
    assert seller.number == (2 if after.adopted else 0)
    known = values_of(after)
    world.session.rollback()
    with unit(world.session) as session:
        session.delete(session.get_one(ScoringModel, after.id))
        session.scalars(select(Salesperson)).one().number = 0
    never = train(world)
    assert (never.digest, values_of(never)["model"]) == (after.digest, known["model"])
