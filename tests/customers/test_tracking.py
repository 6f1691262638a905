"""What customers do is written down once, unless it must not be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.customers.serving import Caller, every_count
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.customers.models import Event
from webapp.people.erased import digest_of
from webapp.people.models import Person, Tombstone

TRACK = "/api/v1/behavior/track"
VIEW = {"user_id": "anna", "event_type": "product_view", "product_id": "drill"}


@pytest.fixture(scope="module")
def shop(module_world: Callable[..., World]) -> World:
    return module_world()


def consenting(caller: Caller, *user_ids: str) -> None:
    for one in user_ids:
        answer = caller.put(one, {"privacy": {"tracking_enabled": True}})
        assert answer.status_code == 200, answer.get_data(as_text=True)


def test_a_view_is_written_and_read_back(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world())
    consenting(caller, "anna")
    answer = caller.call("POST", TRACK, json={**VIEW, "value": 3.5, "properties": {"page": "home"}})
    assert (answer.status_code, answer.json) == (202, {"tracked": True, "reason": None, "duplicate": False})
    told = caller.call("GET", "/api/v1/behavior/anna/history").json["items"]
    assert [(one["event_type"], one["product_id"], one["value"], one["properties"]) for one in told] == [
        ("product_view", "drill", 3.5, {"page": "home"})
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("header", [{"DNT": "1"}, {"Sec-GPC": "1"}])
def test_whoever_asks_not_to_be_tracked_is_not(
    make_world: Callable[..., World], header: dict[str, str]
) -> None:
    world = make_world()
    caller = Caller(world)
    consenting(caller, "anna")
    before = every_count(world)
    answer = caller.call("POST", TRACK, json=VIEW, headers=header)
    assert (answer.status_code, answer.json["tracked"], answer.json["reason"]) == (202, False, "do_not_track")
    assert every_count(world) == before


def test_the_headers_are_ignored_where_the_setting_says_so(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world(respect_do_not_track=False))
    consenting(caller, "anna")
    assert caller.call("POST", TRACK, json=VIEW, headers={"DNT": "1"}).json["tracked"]


@pytest.mark.parametrize(
    ("off", "reason"),
    [
        ({"enable_behavioral_tracking": False}, "behavioral_tracking_off"),
        ({"track_browsing_history": False}, "browsing_history_off"),
    ],
)
def test_features_that_are_off_write_nothing(
    make_world: Callable[..., World], off: dict[str, Any], reason: str
) -> None:
    world = make_world(**off)
    caller = Caller(world)
    consenting(caller, "anna")
    before = every_count(world)
    answer = caller.call("POST", TRACK, json=VIEW)
    assert (answer.status_code, answer.json["tracked"], answer.json["reason"]) == (202, False, reason)
    assert every_count(world) == before


def test_nothing_is_written_of_strangers_refusers_and_erased_persons(
    make_world: Callable[..., World],
) -> None:
    world = make_world()
    caller = Caller(world)
    caller.put("ben", {"privacy": {"tracking_enabled": False}})
    world.actor(Role.ADMIN)
    key = world.services.settings.audit_secret()
    with unit(world.session) as session:
        session.add(Tombstone(digest=digest_of(session, key, "cora"), at=world.clock.now()))
    before = every_count(world)
    reasons = [
        caller.call("POST", TRACK, json={**VIEW, "user_id": one}).json["reason"]
        for one in ("stranger", "ben", "cora")
    ]
    assert reasons == ["no_consent", "tracking_disabled", "erased"]
    assert every_count(world) == before


def test_without_consent_first_strangers_are_tracked(make_world: Callable[..., World]) -> None:
    world = make_world(gdpr_compliant=False)
    caller = Caller(world)
    assert caller.call("POST", TRACK, json={**VIEW, "user_id": "new"}).json["tracked"]
    world.actor(Role.ADMIN)
    assert world.session.scalars(select(Person.identifier).where(Person.identifier == "new")).one() == "new"


def test_an_event_id_counts_once_also_within_a_batch(make_world: Callable[..., World]) -> None:
    world = make_world()
    caller = Caller(world)
    consenting(caller, "anna")
    event = {**VIEW, "event_id": "e1"}
    first = caller.call("POST", TRACK, json=event).json
    again = caller.call("POST", TRACK, json=event).json
    assert (first["duplicate"], again["duplicate"], again["tracked"]) == (False, True, True)
    batch = caller.call(
        "POST",
        f"{TRACK}/batch",
        json={"events": [event, {**VIEW, "event_id": "e2"}, {**VIEW, "event_id": "e2"}]},
    ).json
    assert (batch["tracked"], batch["duplicates"], batch["refused"]) == (1, 2, 0)
    world.actor(Role.ADMIN)
    assert world.session.scalar(select(func.count()).select_from(Event)) == 2


def test_an_event_id_of_two_customers_is_refused_in_one_batch(make_world: Callable[..., World]) -> None:
    world = make_world()
    caller = Caller(world)
    consenting(caller, "anna")
    consenting(caller, "bert")
    events = [{**VIEW, "event_id": "e1"}, {**VIEW, "user_id": "bert", "event_id": "e1"}]
    answer = caller.call("POST", f"{TRACK}/batch", json={"events": events})
    assert (answer.status_code, answer.json["code"]) == (409, "event_id_taken")
    world.actor(Role.ADMIN)
    assert world.session.scalar(select(func.count()).select_from(Event)) == 0


def test_one_retry_at_the_same_moment_is_harmless(make_world: Callable[..., World]) -> None:
    world = make_world()
    caller = Caller(world)
    consenting(caller, "anna")
    seen: list[int] = []

    def send() -> None:
        answer = Caller(world, token=caller.secret).call("POST", TRACK, json={**VIEW, "event_id": "same"})
        seen.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [202] * 6
    world.actor(Role.ADMIN)
    assert world.session.scalar(select(func.count()).select_from(Event)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_type": "Bad Kind"}, "event_type"),
        ({"product_id": None}, "product_id"),
        ({"event_type": "search"}, "query"),
        ({"event_type": "rating"}, "value"),
        ({"event_type": "rating", "value": 0}, "value"),
        ({"event_type": "rating", "value": 1e12}, "value"),
    ],
)
def test_what_cannot_be_right_is_refused_by_field(shop: World, change: dict[str, Any], field: str) -> None:
    caller = Caller(shop)
    answer = caller.call("POST", TRACK, json={**VIEW, **change})
    assert answer.status_code == 422
    assert field in answer.json["details"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('"currency": "ZZZ"', "currency"),
        ('"properties": {"size": NaN}', "properties"),
        ('"properties": {"sizes": [1, -Infinity]}', "properties"),
        ('"timestamp": "0001-01-01T00:00:00+14:00"', "timestamp"),
    ],
)
def test_what_cannot_be_kept_is_named_by_its_field(shop: World, text: str, field: str) -> None:
    body = f'{{"user_id": "anna", "event_type": "page_view", {text}}}'
    answer = Caller(shop).call("POST", TRACK, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json["details"]) == [field]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("personalize/offers/a%00b", "user_id"),
        ("personalize/content/a%00b?slot=hero", "user_id"),
        ("preferences/a%00b", "user_id"),
        ("behavior/a%00b/history", "user_id"),
        ("behavior/anna/history?since=0001-01-01T00:00:00%2B14:00", "since"),
        ("behavior/anna/history?until=9999-12-31T23:59:59-14:00", "until"),
    ],
)
def test_addresses_that_cannot_be_name_what_is_wrong(shop: World, path: str, field: str) -> None:
    caller = Caller(shop)
    consenting(caller, "anna")
    answer = caller.call("GET", f"/api/v1/{path}")
    assert (answer.status_code, list(answer.json["details"])) == (400, [field])


def test_times_ahead_and_too_old_are_refused(shop: World) -> None:
    caller, now = Caller(shop), shop.clock.now()
    for at in (now + timedelta(minutes=6), now - timedelta(days=731)):
        answer = caller.call("POST", TRACK, json={**VIEW, "timestamp": at.isoformat()})
        assert answer.status_code == 422
        assert "timestamp" in answer.json["details"]
    batch = [VIEW, {**VIEW, "timestamp": (now + timedelta(hours=1)).isoformat()}]
    answer = caller.call("POST", f"{TRACK}/batch", json={"events": batch})
    assert "events.1.timestamp" in answer.json["details"]


def test_a_history_is_of_a_kind_and_a_time_and_browsing_is_limited(make_world: Callable[..., World]) -> None:
    world = make_world(browsing_history_limit=3)
    caller = Caller(world)
    consenting(caller, "anna")
    now = world.clock.now()
    events = [
        {**VIEW, "product_id": f"p{n}", "timestamp": (now - timedelta(hours=n)).isoformat()} for n in range(6)
    ]
    events.append(
        {
            **VIEW,
            "event_type": "purchase",
            "timestamp": (now - timedelta(days=9)).isoformat(),
            "value": 12.5,
        }
    )
    caller.call("POST", f"{TRACK}/batch", json={"events": events})
    path = "/api/v1/behavior/anna/history"
    told = caller.call("GET", path).json["items"]
    assert [one["product_id"] for one in told] == ["p0", "p1", "p2", "drill"]
    kinds = caller.call("GET", f"{path}?event_type=purchase").json["items"]
    assert [one["value"] for one in kinds] == [12.5]
    since = (now - timedelta(minutes=90)).isoformat().replace("+", "%2B")
    assert len(caller.call("GET", f"{path}?since={since}").json["items"]) == 2
    first = caller.call("GET", f"{path}?limit=3").json
    rest = caller.call("GET", f"{path}?limit=3&cursor={first['next']}").json
    assert [one["product_id"] for one in rest["items"]] == ["drill"]
    assert caller.call("GET", "/api/v1/behavior/nobody/history").json["items"] == []


def test_another_company_sees_nothing_of_it(make_world: Callable[..., World]) -> None:
    world = make_world()
    caller = Caller(world)
    consenting(caller, "anna")
    caller.call("POST", TRACK, json=VIEW)
    other = Caller(world, token=world.token("customers", company_id=world.other_id))
    assert other.call("GET", "/api/v1/behavior/anna/history").json["items"] == []


def test_a_token_that_only_reads_tracks_nothing(shop: World) -> None:
    assert Caller(shop, "customers:read").call("POST", TRACK, json=VIEW).status_code == 403


def test_an_event_id_of_another_customer_is_refused_and_named(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world())
    consenting(caller, "anna", "ben")
    caller.call("POST", TRACK, json={**VIEW, "event_id": "e1"})
    answer = caller.call("POST", TRACK, json={**VIEW, "user_id": "ben", "event_id": "e1"})
    assert (answer.status_code, answer.json["code"]) == (409, "event_id_taken")
    assert caller.call("GET", "/api/v1/behavior/ben/history").json["items"] == []
