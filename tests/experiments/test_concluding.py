"""What an experiment found stays as it was decided on, and no page waits for a great many users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from tests.conftest import World
from tests.experiments.records import Api, a_customer, an_experiment, designing, expose
from tests.experiments.test_held_back import statements
from webapp.core.access import Role
from webapp.core.db import company_of, insert_new, new_id, scope_to, unit
from webapp.core.jobs.models import Job
from webapp.experiments.models import Experiment, Exposure, MetricValue
from webapp.experiments.numbers import MANY
from webapp.experiments.steering import Steering
from webapp.people.models import Person

CALL = "/api/v1/experiments/checkout"
WHY = {"decision": "b", "reason": "It sells more."}


def results(api: Api) -> Any:
    answer = api("GET", f"{CALL}/results")
    assert answer.status_code == 200, answer.json
    return answer.json


def forget(world: World, *models: type[Any]) -> None:
    """What a purge, or the erasure of everybody, leaves."""
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        for model in models:
            session.execute(delete(model))


def reread(world: World) -> Experiment:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return world.session.query(Experiment).one()


@pytest.mark.parametrize("by_page", [True, False])
def test_what_was_decided_on_stays_when_the_users_are_gone(world: World, *, by_page: bool) -> None:
    row = an_experiment(world, minimum_sample=100)
    expose(world, row, control=600, b=600, did={"bought": {"control": 120, "b": 240}}, days=5)
    api, admin = Api(world, "experiments"), world.client("admin")
    before = results(api)
    if by_page:
        admin.send(f"/experiments/{row.id}/stop", WHY)
    else:
        assert api("POST", f"{CALL}/stop", json=WHY).status_code == 200
    forget(world, MetricValue, Exposure, Person)
    world.clock.shift(hours=1)
    after = results(api)
    assert {**after, "computed_at": "", "state": ""} == {**before, "computed_at": "", "state": ""}
    page = admin.get(f"/experiments/{row.id}").get_data(as_text=True)
    assert "Better than the control" in page
    assert "kept as it was decided on" in page
    assert "+100.0 %" in page


def test_a_stop_that_is_refused_keeps_nothing(world: World) -> None:
    row = an_experiment(world)
    expose(world, row, control=5, b=5)
    api = Api(world, "experiments")
    assert api("POST", f"{CALL}/stop", json={**WHY, "reason": " "}).status_code == 422
    assert reread(world).concluded == {}
    assert api("POST", f"{CALL}/stop", json=WHY).status_code == 200
    kept = reread(world).concluded
    assert kept["numbers"]["users"] == [5, 5]
    assert api("POST", f"{CALL}/stop", json={**WHY, "decision": "none"}).status_code == 409
    assert reread(world).concluded == kept


def test_what_was_stopped_before_results_were_kept_is_concluded_by_the_hourly_count(world: World) -> None:
    row = an_experiment(world)
    expose(world, row, control=5, b=6)
    Steering(designing(world)).stop(world.session, world.actor(Role.ADMIN), row.id, "b", "so")
    assert reread(world).concluded == {}
    world.services.scheduler.tick(world.session)
    world.clock.shift(hours=1, minutes=1)
    world.services.scheduler.tick(world.session)
    world.work()
    assert reread(world).concluded["numbers"]["users"] == [5, 6]


@pytest.fixture
def crowded(make_world: Callable[..., World]) -> World:
    """A world whose experiment was met too often for a request to read it."""
    world = make_world()
    row = an_experiment(world)
    person_id = a_customer(world)
    common = {"experiment_id": row.id, "person_id": person_id, "at": world.clock.now()}
    with unit(world.session) as session:
        common["company_id"] = company_of(session)
        rows = [{"id": new_id(), "variant": f"v{number}", **common} for number in range(MANY + 1)]
        insert_new(session, Exposure, rows)
    return world


def jobs(world: World) -> list[Job]:
    scope_to(world.session, world.company_id)
    return list(world.session.scalars(select(Job).where(Job.kind == "experiments.recount")))


def test_too_many_users_are_counted_by_one_job_and_no_request(crowded: World) -> None:
    world, row_id = crowded, reread(crowded).id
    viewer, api = world.client("viewer"), Api(world, "experiments:read")
    with statements() as sent:
        assert "met more than one" not in viewer.get("/").get_data(as_text=True)
        page = viewer.get(f"/experiments/{row_id}").get_data(as_text=True)
        answer = api("GET", f"{CALL}/results")
    assert "Being counted" in page
    assert "Count checkout" in page
    assert (answer.status_code, answer.json["code"], answer.json["retryable"]) == (503, "counting", True)
    assert not any("GROUP BY experiment_exposures" in one for one in sent)
    assert len(jobs(world)) == 1
    world.work()
    assert "Being counted" not in viewer.get(f"/experiments/{row_id}").get_data(as_text=True)
    assert results(api)["several_variants"] == 1
    assert "met more than one" in viewer.get("/").get_data(as_text=True)
    assert len(jobs(world)) == 1


def test_a_stop_with_too_many_users_is_concluded_by_a_job(crowded: World) -> None:
    world, admin = crowded, crowded.client("admin")
    home = f"/experiments/{reread(world).id}"
    assert admin.send(f"{home}/stop", WHY).status_code == 303
    assert reread(world).concluded == {}
    assert "Being counted" in admin.get(home).get_data(as_text=True)
    world.work()
    assert reread(world).concluded["numbers"]["several"] == 1
