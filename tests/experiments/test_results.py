"""What is counted: only after the exposure, of one variant alone, by the metric’s kind; and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import World
from tests.experiments.records import Api, a_customer, an_experiment, expose
from webapp.core.db import scope_to, unit
from webapp.core.store import Store
from webapp.experiments.experiments import metrics_of
from webapp.experiments.facts import MetricKind, Outcome, Role
from webapp.experiments.models import Experiment, Exposure, MetricValue
from webapp.experiments.numbers import Numbers, numbers_of, read_numbers
from webapp.experiments.results import results_of
from webapp.experiments.rules.design import Counted
from webapp.experiments.rules.statistics import Sample

ZONE = ZoneInfo("Europe/Berlin")
METRICS = (
    Counted("done", "Done", MetricKind.PROPORTION, Role.PRIMARY),
    Counted("stars", "Stars", MetricKind.MEAN),
    Counted("spent", "Spent", MetricKind.REVENUE),
)


def met(world: World, row: Experiment, user: str, *variants: str, ago: float = 5) -> Any:
    """Have somebody meet variants some days ago."""
    person_id = a_customer(world, user)
    at = world.clock.now() - timedelta(days=ago)
    with unit(world.session) as session:
        for one in variants:
            session.add(Exposure(experiment_id=row.id, person_id=person_id, variant=one, at=at))
    return person_id


def values(world: World, row: Experiment, person_id: Any, metric: str, *told: tuple[float, float]) -> None:
    """Have the metric count values, each with how many days ago."""
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        metric_id = next(one.id for one in metrics_of(session, row.id) if one.key == metric)
        for value, ago in told:
            made = MetricValue(
                experiment_id=row.id,
                metric_id=metric_id,
                person_id=person_id,
                identifier=f"{person_id}-{ago}",
                value=value,
                at=world.clock.now() - timedelta(days=ago),
            )
            session.add(made)


def read(world: World, row: Experiment) -> Numbers:
    scope_to(world.session, world.company_id)
    session = world.session
    row = session.get_one(Experiment, row.id)
    return read_numbers(session, row, metrics_of(session, row.id), world.clock.now(), ZONE)


def test_each_kind_counts_its_users_after_the_exposure_and_who_met_two_is_left_out(world: World) -> None:
    row = an_experiment(world, metrics=METRICS)
    ann, bob = met(world, row, "ann", "control"), met(world, row, "bob", "control", ago=2)
    cid, dora = met(world, row, "cid", "b"), met(world, row, "dora", "control", "b")
    for metric in ("done", "stars", "spent"):
        values(world, row, ann, metric, (2, 1), (4, 0.5), (100, 6))
        values(world, row, cid, metric, (3, 3))
        values(world, row, dora, metric, (9, 1))
    values(world, row, bob, "spent", (50, 3))
    found = read(world, row)
    assert (found.users, found.several, found.everybody) == ((2, 1), 1, 4)
    assert found.samples["done"] == (Sample(2, 1, 1), Sample(1, 1, 1))
    assert found.samples["stars"] == (Sample(1, 3, 9), Sample(1, 3, 9))
    assert found.samples["spent"] == (Sample(2, 6, 36), Sample(1, 3, 9))
    last = found.course[-1]
    assert last.samples == found.samples["done"]
    assert [day.samples[0].users for day in found.course] == sorted(
        day.samples[0].users for day in found.course
    )


@pytest.mark.parametrize("kind", list(MetricKind))
def test_the_course_ends_where_the_table_stands(world: World, kind: MetricKind) -> None:
    row = an_experiment(world, metrics=(Counted("it", "It", kind, Role.PRIMARY),))
    expose(world, row, control=40, b=50, several=3, did={"it": {"control": 20, "b": 30}}, days=8)
    found = read(world, row)
    for last, table in zip(found.course[-1].samples, found.samples["it"], strict=True):
        assert (last.users, last.total) == (table.users, pytest.approx(table.total))
        assert last.squares == pytest.approx(table.squares)
    assert 8 <= len(found.course) <= 10


def test_a_long_course_has_few_points(world: World) -> None:
    row = an_experiment(world)
    expose(world, row, control=20, b=20, days=300)
    assert len(read(world, row).course) <= 61


def test_numbers_are_kept_for_a_minute_and_dropped_when_the_experiment_changes(world: World) -> None:
    row = an_experiment(world)
    expose(world, row, control=5, b=5)
    store, session = world.services.store, world.session
    scope_to(session, world.company_id)
    row = session.get_one(Experiment, row.id)

    def now() -> Numbers:
        metrics = metrics_of(session, row.id)
        return numbers_of(session, row, metrics, world.clock.now(), ZONE, store)

    first = now()
    met(world, row, "late", "control")
    assert now() == first
    row.version += 1
    assert now().users == (6, 5)
    session.rollback()


def test_without_redis_they_are_read_each_time(world: World) -> None:
    row = an_experiment(world)
    expose(world, row, control=5, b=5)
    scope_to(world.session, world.company_id)
    session, away = world.session, Store("unix:///nowhere.sock")
    row = session.get_one(Experiment, row.id)
    found = numbers_of(session, row, metrics_of(session, row.id), world.clock.now(), ZONE, away)
    assert found.users == (5, 5)


def test_nobody_yet_is_said(world: World) -> None:
    row = an_experiment(world, start=False)
    scope_to(world.session, world.company_id)
    session = world.session
    found = results_of(
        session, session.get_one(Experiment, row.id), world.clock.now(), ZONE, world.services.store
    )
    assert found.verdict.outcome is Outcome.NONE_YET
    assert found.course == ((),)


def test_the_call_tells_verdict_warnings_and_numbers(world: World) -> None:
    row = an_experiment(world, minimum_sample=100)
    expose(world, row, control=600, b=600, did={"bought": {"control": 120, "b": 240}}, days=5)
    found = Api(world, "experiments:read")("GET", "/api/v1/experiments/checkout/results").json
    assert found["verdict"]["outcome"] == "better"
    assert found["verdict"]["variant"] == "b"
    assert found["users"] == [{"variant": "control", "users": 600}, {"variant": "b", "users": 600}]
    variants = found["metrics"][0]["variants"]
    assert [one["mean"] for one in variants] == [0.2, 0.4]
    assert variants[1]["lift"] == pytest.approx(1.0)
    assert variants[1]["lift_low"] > 0
    assert variants[1]["chance"] > 0.99
    assert variants[0]["lift"] is None


def test_the_minimum_is_the_instances_unless_said(make_world: Callable[..., World]) -> None:
    world = make_world(ab_test_sample_size=250)
    api = Api(world, "experiments")
    body = {
        "key": "k",
        "variants": [{"key": "a", "weight": 50}, {"key": "b", "weight": 150}],
        "metrics": [{"key": "m"}],
    }
    made = api("POST", "/api/v1/experiments", json=body).json
    assert made["minimum_sample"] == 250
    assert [one["weight"] for one in made["variants"]] == [0.25, 0.75]
    assert made["seed"] == "k"
    assert made["metrics"][0]["role"] == "primary"
    assert made["state"] == "draft"


BODY: dict[str, Any] = {
    "key": "k",
    "variants": [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.5}],
    "coverage": 0.8,
    "metrics": [{"key": "m", "kind": "revenue"}],
}


def test_experiments_are_created_once_started_and_stopped_by_programs(world: World) -> None:
    api = Api(world, "experiments")
    headers = {"Idempotency-Key": "one"}
    first = api("POST", "/api/v1/experiments", json={**BODY, "start": True}, headers=headers)
    assert first.status_code == 201
    again = api("POST", "/api/v1/experiments", json={**BODY, "start": True}, headers=headers)
    assert again.json == first.json
    assert first.json["state"] == "running"
    assert api("POST", "/api/v1/experiments", json=BODY).json["details"] == {
        "key": "Another experiment has this key."
    }
    assert api("POST", "/api/v1/experiments/k/start").status_code == 409
    assert api("POST", "/api/v1/experiments/k/pause").json["state"] == "paused"
    assert api("POST", "/api/v1/experiments/k/resume").json["state"] == "running"
    wrong = api("POST", "/api/v1/experiments/k/stop", json={"decision": "z", "reason": "so"})
    assert wrong.status_code == 422
    done = api("POST", "/api/v1/experiments/k/stop", json={"decision": "none", "reason": "so"})
    assert done.json["state"] == "stopped"
    assert [one["key"] for one in api("GET", "/api/v1/experiments").json["items"]] == ["k"]


@pytest.mark.parametrize(
    "change",
    [
        {"key": "a b"},
        {"key": "a\0b"},
        {"variants": [{"key": "a"}]},
        {"variants": [{"key": "a"}, {"key": "a"}]},
        {"variants": [{"key": "a", "weight": 0}, {"key": "b"}]},
        {"variants": [{"key": "a", "weight": 1e999}, {"key": "b"}]},
        {"variants": [{"key": "a", "weight": -1}, {"key": "b"}]},
        {"variants": [{"key": "a"}, {"key": "none"}]},
        {"baseline": 0.5, "minimum_effect": 1e-300},
        {"coverage": 0},
        {"coverage": 2},
        {"metrics": []},
        {"metrics": [{"key": "m", "role": "guard_rail"}]},
        {"metrics": [{"key": "m", "event_type": "Bad Kind"}]},
        {"namespace": {"id": "n", "begin": 0.6, "end": 0.5}},
        {"audience": {"height": ["tall"]}},
        {"audience": {"locale": [""]}},
        {"treatment": "nothing"},
        {"minimum_sample": 10**30},
        {"baseline": 0},
        {"baseline": 2},
        {"baseline": 5, "metrics": [{"key": "m", "kind": "mean"}]},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_is_refused_by_name(world: World, change: dict[str, Any]) -> None:
    body = {**BODY, "metrics": [{"key": "m"}], **change}
    answer = Api(world, "experiments")("POST", "/api/v1/experiments", json=body)
    assert answer.status_code in {400, 422}, answer.json
    assert answer.json["details"]


def test_each_hour_running_experiments_are_counted_anew(world: World) -> None:
    row = an_experiment(world)
    expose(world, row, control=5, b=5)
    api = Api(world, "experiments:read")
    first = api("GET", "/api/v1/experiments/checkout/results").json
    met(world, row, "late", "control")
    world.services.scheduler.tick(world.session)
    world.clock.shift(hours=1, minutes=1)
    world.services.scheduler.tick(world.session)
    world.work()
    again = api("GET", "/api/v1/experiments/checkout/results").json
    assert [one["users"] for one in first["users"]] == [5, 5]
    assert [one["users"] for one in again["users"]] == [6, 5]
