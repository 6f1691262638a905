"""What is held back from an experiment’s control: the homepage, prices by rules, defaults by archetype."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from tests.conftest import World
from tests.customers.records import an_item, did
from tests.customers.test_prices import publish, rule
from tests.experiments.records import Api, a_customer, an_experiment, designing, exposures
from webapp.archetypes.models import Recommendation
from webapp.core.access import Role
from webapp.core.db import db, scope_to
from webapp.experiments.models import MetricValue
from webapp.experiments.rules.design import Counted
from webapp.experiments.rules.hashing import assigned
from webapp.experiments.steering import Steering


def one_of_each(key: str) -> tuple[str, str]:
    """A user id that the control gets, and one that the variant gets."""
    places = {assigned(key, f"u{number}", (0.5, 0.5)): f"u{number}" for number in range(50)}
    return places[0], places[1]


def homepage(api: Api, user_id: str) -> Any:
    answer = api("GET", f"/api/v1/personalize/homepage/{user_id}")
    assert answer.status_code == 200
    return answer.json


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield sent
    event.remove(db.engine, "before_cursor_execute", hear)


def test_the_control_sees_the_popular_homepage_and_the_cache_never_mixes_the_two(world: World) -> None:
    control, personal = one_of_each("home")
    for number in range(6):
        an_item(world, product_id=f"p{number}", title=f"Shoe {number}")
    for user in (control, personal):
        person = a_customer(world, user)
        did(world, person, ("product_view", "p1", 1), ("product_view", "p2", 2))
    api = Api(world, "customers")
    assert homepage(api, control)["personalized"] is True
    row = an_experiment(world, "home", treatment="homepage")
    for _ in range(2):
        assert homepage(api, control)["personalized"] is False
        assert homepage(api, personal)["personalized"] is True
    assert exposures(world) == sorted([("home", control, "control"), ("home", personal, "b")])
    Steering(designing(world)).pause(world.session, world.actor(Role.ADMIN), row.id)
    assert homepage(api, control)["personalized"] is True


def test_a_homepage_costs_one_small_statement_while_no_experiment_runs(world: World) -> None:
    a_customer(world)
    api = Api(world, "customers")
    homepage(api, "ann")
    with statements() as sent:
        homepage(api, "ann")
    assert sum("FROM experiments" in one for one in sent) == 1
    assert not any("experiment_" in one for one in sent)


def test_a_stranger_and_who_refuses_are_not_in_it(world: World) -> None:
    a_customer(world, "no", tracking=False)
    an_experiment(world, "home", treatment="homepage")
    api = Api(world, "customers")
    for user in ("no", "stranger"):
        homepage(api, user)
    control, _ = one_of_each("home")
    a_customer(world, control)
    for header in ("DNT", "Sec-GPC"):
        path = f"/api/v1/personalize/homepage/{control}"
        assert api("GET", path, headers={header: "1"}).status_code == 200
    assert exposures(world) == []


def test_the_control_is_told_the_base_price_and_why(make_world: Callable[..., World]) -> None:
    world = make_world(enable_dynamic_pricing=True)
    control, personal = one_of_each("price")
    an_item(world, price="100")
    for user in (control, personal):
        a_customer(world, user)
    publish(world, rule(by="1.1"))
    an_experiment(world, "price", treatment="dynamic_pricing")
    api = Api(world, "customers")
    told = {user: api("GET", f"/api/v1/personalize/price/{user}/p-1").json for user in (control, personal)}
    assert (told[control]["price"], told[personal]["price"]) == ("100.00", "110.00")
    assert "an experiment compares it" in told[control]["reason"]
    assert told[control]["rules_version"] == 0
    assert api("GET", f"/api/v1/personalize/price/{control}/p-1").json == told[control]
    assert len(exposures(world)) == 2


def test_a_price_that_was_promised_before_is_honoured(make_world: Callable[..., World]) -> None:
    world = make_world(enable_dynamic_pricing=True)
    control, _ = one_of_each("price")
    an_item(world, price="100")
    a_customer(world, control)
    publish(world, rule(by="0.9"))
    api = Api(world, "customers")
    path = f"/api/v1/personalize/price/{control}/p-1"
    assert api("GET", path).json["price"] == "90.00"
    an_experiment(world, "price", treatment="dynamic_pricing")
    assert api("GET", path).json["price"] == "90.00"
    assert exposures(world) == []


def test_the_control_of_archetypes_is_held_out_logged_so_and_replayed_byte_by_byte(world: World) -> None:
    control, personal = one_of_each("types")
    for user in (control, personal):
        a_customer(world, user)
    counted = Counted("taken", "Taken", event_kind="recommendation_taken")
    an_experiment(world, "types", treatment="archetype_defaults", metrics=(counted,))
    api = Api(world, "archetypes")
    night = (world.clock.now() + timedelta(days=20)).date().isoformat()
    body = {"basePrice": 120, "currency": "EUR", "checkinDate": night}
    for user in (control, personal):
        headers = {"Idempotency-Key": f"once-{user}"}
        call = {"json": {**body, "userId": user}, "headers": headers}
        first = api("POST", "/api/transaction-recommendations", **call)
        assert first.status_code == 200, first.json
        assert api("POST", "/api/transaction-recommendations", **call).data == first.data
        taken = {"selected": first.json["primaryRecommendation"], "revenue": 50}
        done = api("POST", f"/api/transaction-recommendations/{first.json['logId']}/outcome", json=taken)
        assert done.status_code == 200
        if user == control:
            assert first.json["heldOut"] is True
    scope_to(world.session, world.company_id)
    assert True in {row.held_out for row in world.session.query(Recommendation)}
    assert exposures(world) == sorted([("types", control, "control"), ("types", personal, "b")])
    assert world.session.query(MetricValue).count() == 2


def test_what_follows_a_withdrawn_consent_counts_no_more(world: World) -> None:
    control, _ = one_of_each("types")
    a_customer(world, control)
    counted = Counted("taken", "Taken", event_kind="recommendation_taken")
    an_experiment(world, "types", treatment="archetype_defaults", metrics=(counted,))
    api = Api(world, "archetypes", "customers")
    night = (world.clock.now() + timedelta(days=20)).date().isoformat()
    body = {"userId": control, "basePrice": 120, "currency": "EUR", "checkinDate": night}
    first = api("POST", "/api/transaction-recommendations", json=body).json
    api("PUT", f"/api/v1/preferences/{control}", json={"privacy": {"tracking_enabled": False}})
    taken = {"selected": first["primaryRecommendation"], "revenue": 50}
    done = api("POST", f"/api/transaction-recommendations/{first['logId']}/outcome", json=taken)
    assert done.status_code == 200
    assert len(exposures(world)) == 1
    assert world.session.query(MetricValue).count() == 0
