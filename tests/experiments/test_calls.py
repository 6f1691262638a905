"""A person's variant and what they did, over the API: exposure once, consent, switches, overrides."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.conftest import World
from tests.customers.records import switch_off
from tests.experiments.records import (
    EVEN,
    Api,
    a_customer,
    an_experiment,
    count,
    designing,
    exposures,
    open_to_all,
)
from webapp.core.access import Role
from webapp.core.db import db, scope_to, unit
from webapp.experiments.assigning import Assigning
from webapp.experiments.facts import MetricKind, State
from webapp.experiments.models import Experiment, Exposure, MetricValue
from webapp.experiments.overrides import override_variant, release_variant
from webapp.experiments.rules.design import Counted, Variant
from webapp.experiments.rules.hashing import Namespace, assigned, inside
from webapp.experiments.steering import Steering
from webapp.people.erased import digest_of
from webapp.people.models import Person, Tombstone

REVENUE = Counted("revenue", "Revenue", MetricKind.REVENUE)


def variant(api: Api, user_id: str = "ann", experiment: str | None = "checkout", **given: Any) -> Any:
    query = {"experiment": experiment} if experiment else {}
    answer = api("GET", f"/api/v1/ab-test/{user_id}/variant", query_string=query, **given)
    assert answer.status_code == 200, answer.json
    return answer.json


def tracked(api: Api, **body: Any) -> Any:
    body = {"user_id": "ann", "experiment": "checkout", "metric": "bought", **body}
    answer = api("POST", "/api/v1/ab-test/track", json=body)
    assert answer.status_code == 202, answer.json
    return answer.json


def expected(user_id: str, key: str = "checkout") -> str:
    place = assigned(key, user_id, (0.5, 0.5))
    assert place is not None
    return EVEN[place].key


def test_a_person_gets_the_hashs_variant_and_the_exposure_is_logged_once(world: World) -> None:
    open_to_all(world)
    an_experiment(world)
    api = Api(world, "experiments")
    for user in ("ann", "bob", "cid", "dora"):
        told = {
            "experiment": "checkout",
            "variant": expected(user),
            "in_experiment": True,
            "reason": None,
        }
        assert variant(api, user) == told
        assert variant(api, user) == told
    assert exposures(world) == [("checkout", user, expected(user)) for user in ("ann", "bob", "cid", "dora")]


def test_without_an_experiment_all_that_run_are_answered(world: World) -> None:
    a_customer(world)
    an_experiment(world, "one")
    an_experiment(world, "two")
    an_experiment(world, "draft", start=False)
    found = variant(Api(world, "experiments"), experiment=None)
    assert found["user_id"] == "ann"
    assert [(one["experiment"], one["variant"]) for one in found["experiments"]] == [
        ("one", expected("ann", "one")),
        ("two", expected("ann", "two")),
    ]
    assert len(exposures(world)) == 2


def test_fifty_first_calls_at_once_log_one_exposure_and_make_one_person(world: World) -> None:
    open_to_all(world)
    an_experiment(world)
    made, barrier = world.services, Barrier(50)
    actor = world.actor()
    world.session.rollback()

    def call(_: int) -> str:
        with world.app.app_context():
            session = db.session()
            scope_to(session, world.company_id)
            deed = Assigning(world.clock, made.auditor, made.trials, made.settings.audit_secret())
            barrier.wait()
            row = session.query(Experiment).one()
            return deed.one(session, actor, row, "newcomer").variant

    with ThreadPoolExecutor(50) as pool:
        told = [
            future.result() for future in [pool.submit(contextvars.Context().run, call, n) for n in range(50)]
        ]
    assert set(told) == {expected("newcomer")}
    assert exposures(world) == [("checkout", "newcomer", expected("newcomer"))]
    assert count(world, Person) == 1


@pytest.mark.parametrize(("tracking", "reason"), [(False, "tracking_disabled"), (None, "no_consent")])
def test_who_must_not_be_tracked_gets_the_control_and_leaves_nothing(
    world: World, tracking: bool | None, reason: str
) -> None:
    a_customer(world, tracking=tracking)
    an_experiment(world)
    told = variant(Api(world, "experiments"))
    assert told == {
        "experiment": "checkout",
        "variant": "control",
        "in_experiment": False,
        "reason": reason,
    }
    assert exposures(world) == []


def test_withdrawing_consent_ends_exposure_and_counting(world: World) -> None:
    a_customer(world)
    an_experiment(world)
    api = Api(world, "experiments", "customers")
    assert variant(api)["in_experiment"]
    assert tracked(api) == {"tracked": True, "reason": None, "duplicate": False}
    api("PUT", "/api/v1/preferences/ann", json={"privacy": {"tracking_enabled": False}})
    told = variant(api)
    assert (told["in_experiment"], told["variant"], told["reason"]) == (False, "control", "tracking_disabled")
    assert tracked(api) == {"tracked": False, "reason": "tracking_disabled", "duplicate": False}
    assert (len(exposures(world)), count(world, MetricValue)) == (1, 1)


def test_an_erased_person_is_in_no_experiment(world: World) -> None:
    open_to_all(world)
    an_experiment(world)
    with unit(world.session) as session:
        key = world.services.settings.audit_secret()
        session.add(Tombstone(digest=digest_of(session, key, "gone"), at=world.clock.now()))
    told = variant(Api(world, "experiments"), "gone")
    assert (told["in_experiment"], told["reason"]) == (False, "erased")
    assert count(world, Person) == count(world, Exposure) == 0


def test_a_browser_that_asks_not_to_be_tracked_is_heeded(world: World) -> None:
    a_customer(world)
    an_experiment(world)
    told = variant(Api(world, "experiments"), headers={"DNT": "1"})
    assert (told["in_experiment"], told["reason"]) == (False, "do_not_track")
    assert exposures(world) == []


def test_with_the_instances_switch_off_everybody_gets_the_control(make_world: Callable[..., World]) -> None:
    world = make_world(enable_ab_testing=False)
    a_customer(world)
    an_experiment(world, variants=(Variant("a", "", 0.01), Variant("b", "", 0.99)))
    told = variant(Api(world, "experiments"))
    assert (told["variant"], told["in_experiment"], told["reason"]) == ("a", False, "ab_testing_off")
    assert variant(Api(world, "experiments"), experiment=None)["experiments"][0]["in_experiment"] is False
    assert exposures(world) == []


def test_with_the_companys_switch_off_everybody_gets_the_control(world: World) -> None:
    a_customer(world)
    an_experiment(world)
    switch_off(world, "ab_testing")
    assert variant(Api(world, "experiments"))["reason"] == "ab_testing_off"


def test_coverage_namespace_and_audience_keep_people_out(world: World) -> None:
    open_to_all(world)
    an_experiment(world, "tenth", coverage=0.1)
    an_experiment(world, "left", namespace=Namespace("home", 0, 0.5))
    an_experiment(world, "right", namespace=Namespace("home", 0.5, 1))
    an_experiment(world, "german", audience={"locale": ("de",)})
    api = Api(world, "experiments")
    inside_both = 0
    for number in range(60):
        user = f"u{number}"
        told = {one["experiment"]: one for one in variant(api, user, None)["experiments"]}
        assert told["tenth"]["in_experiment"] == (assigned("tenth", user, (0.5, 0.5), 0.1) is not None)
        assert told["left"]["in_experiment"] == inside(Namespace("home", 0, 0.5), user)
        inside_both += told["left"]["in_experiment"] and told["right"]["in_experiment"]
        assert told["left"]["in_experiment"] or told["right"]["in_experiment"]
        assert told["german"] == told["german"] | {"in_experiment": False, "reason": "not_in_audience"}
    assert inside_both == 0
    api = Api(world, "experiments", "customers")
    api("PUT", "/api/v1/preferences/u1", json={"language": "de-AT"})
    assert variant(api, "u1", "german")["in_experiment"]


@pytest.mark.parametrize("deed", ["pause", "stop"])
def test_only_a_running_experiment_assigns(world: World, deed: str) -> None:
    open_to_all(world)
    row, admin = an_experiment(world), world.actor(Role.ADMIN)
    steering = Steering(designing(world))
    if deed == "pause":
        steering.pause(world.session, admin, row.id)
    else:
        steering.stop(world.session, admin, row.id, "b", "better")
    told = variant(Api(world, "experiments"))
    state = {"pause": State.PAUSED, "stop": State.STOPPED}[deed]
    shown = {"pause": "control", "stop": "b"}[deed]
    assert told == {
        "experiment": "checkout",
        "variant": shown,
        "in_experiment": False,
        "reason": state.value,
    }
    assert exposures(world) == []


def test_an_override_wins_is_never_logged_and_can_be_taken_back(world: World) -> None:
    a_customer(world)
    row, admin = an_experiment(world), world.actor(Role.ADMIN)
    other = "b" if expected("ann") == "control" else "control"
    clients: Any = {"clock": world.clock, "auditor": world.services.auditor}
    made = override_variant(world.session, admin, row.id, "ann", other, **clients)
    api = Api(world, "experiments")
    assert variant(api)["variant"] == other
    assert variant(api)["reason"] == "override"
    assert tracked(api)["reason"] == "not_in_experiment"
    assert exposures(world) == []
    world.actor(Role.ADMIN)
    release_variant(world.session, admin, row.id, made.id, auditor=world.services.auditor)
    assert variant(api)["variant"] == expected("ann")


def test_tracking_counts_once_for_an_event_id_and_wants_a_number_where_one_is_counted(world: World) -> None:
    a_customer(world)
    a_customer(world, "bob")
    an_experiment(world, metrics=(Counted("bought", "Bought"), REVENUE))
    api = Api(world, "experiments")
    assert tracked(api)["reason"] == "not_in_experiment"
    variant(api)
    variant(api, "bob")
    assert tracked(api, metric="revenue", value=19.9, event_id="e1") == {
        "tracked": True,
        "reason": None,
        "duplicate": False,
    }
    assert tracked(api, metric="revenue", value=19.9, event_id="e1")["duplicate"]
    assert count(world, MetricValue) == 1
    common = {"experiment": "checkout", "user_id": "ann"}
    call = "/api/v1/ab-test/track"
    assert api("POST", call, json={**common, "metric": "revenue"}).status_code == 422
    assert api("POST", call, json={**common, "metric": "unknown"}).status_code == 422
    taken = {**common, "metric": "revenue", "value": 1, "event_id": "e1", "user_id": "bob"}
    assert api("POST", call, json=taken).status_code == 409
    assert api("POST", call, json={**common, "metric": "bought", "value": "NaN"}).status_code == 400
    assert api("POST", call, json={**common, "metric": "bought", "experiment": "no"}).status_code == 404


def test_events_of_customers_count_by_themselves_after_the_exposure(world: World) -> None:
    a_customer(world)
    counted = Counted("purchase", "Bought", event_kind="purchase")
    revenue = Counted("revenue", "Revenue", MetricKind.REVENUE, event_kind="purchase")
    an_experiment(world, metrics=(counted, revenue))
    api = Api(world, "experiments", "customers")
    event = {"user_id": "ann", "event_type": "purchase", "product_id": "p", "value": 30, "currency": "EUR"}
    api("POST", "/api/v1/behavior/track", json={**event, "event_id": "before"})
    assert count(world, MetricValue) == 0
    variant(api)
    world.clock.shift(seconds=1)
    for _ in range(2):
        api("POST", "/api/v1/behavior/track", json={**event, "event_id": "after"})
    api("POST", "/api/v1/behavior/track", json={**event, "event_type": "page_view"})
    scope_to(world.session, world.company_id)
    assert [row.value for row in world.session.query(MetricValue)] == [30, 30]


def test_nothing_counts_while_experiments_are_switched_off(world: World) -> None:
    a_customer(world)
    an_experiment(world, metrics=(Counted("purchase", "Bought", event_kind="purchase"),))
    api = Api(world, "experiments", "customers")
    assert variant(api)["in_experiment"]
    switch_off(world, "ab_testing")
    event = {"user_id": "ann", "event_type": "purchase", "value": 30, "currency": "EUR"}
    assert api("POST", "/api/v1/behavior/track", json=event).json["tracked"]
    assert count(world, MetricValue) == 0


def test_another_companys_experiment_is_unknown_and_unknown_ones_are_404(world: World) -> None:
    an_experiment(world, "theirs", company_id=world.other_id)
    api = Api(world, "experiments")
    for key in ("theirs", "nothing", "a%00b"):
        assert api("GET", f"/api/v1/ab-test/ann/variant?experiment={key}").status_code in {400, 404}
        assert api("GET", f"/api/v1/experiments/{key}/results").status_code in {400, 404}
    assert variant(api, experiment=None)["experiments"] == []


def test_a_reading_token_reads_but_serves_nobody(world: World) -> None:
    an_experiment(world)
    api = Api(world, "experiments:read")
    assert api("GET", "/api/v1/experiments").status_code == 200
    assert api("GET", "/api/v1/experiments/checkout/results").status_code == 200
    assert api("GET", "/api/v1/ab-test/ann/variant").status_code == 403
    assert api("POST", "/api/v1/experiments", json={}).status_code in {400, 403}
