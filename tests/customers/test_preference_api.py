"""The calls of the preference centre: defaults for strangers, merging, lost updates, consents, settings."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.customers.serving import PREFERENCES, Caller, consents_of, every_count, fresh, row_of
from webapp.core.access import Role
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to, unit
from webapp.customers.facts import Feature
from webapp.customers.models import CustomerSettings, Preference
from webapp.customers.running import switch
from webapp.people.erased import digest_of
from webapp.people.models import Person, Tombstone

DEFAULTS = {
    "user_id": "u-1",
    "language": "en",
    "currency": "USD",
    "theme": "system",
    "notifications": {"email": True, "sms": False, "push": True},
    "privacy": {"tracking_enabled": False, "personalized_ads": False, "data_sharing": False},
    "cookies": {"functional": True, "analytics": False, "marketing": False},
    "layout": "grid",
    "timezone": "UTC",
    "quiet_hours": {"from": "22:00", "until": "08:00"},
}


@pytest.fixture
def caller(world: World) -> Caller:
    return Caller(world)


@pytest.fixture(scope="module")
def trying(module_world: Callable[..., World]) -> Caller:
    """A caller in a world that stays as it is."""
    return Caller(module_world())


def test_a_stranger_gets_the_defaults_and_nothing_is_written(world: World, caller: Caller) -> None:
    caller.get("warm-up")
    before = every_count(world)
    answer = caller.get("u-1")
    assert (answer.status_code, answer.get_json(), answer.headers["ETag"]) == (200, DEFAULTS, '"0"')
    assert caller.consents("u-1") == []
    assert caller.reset("u-1").get_json() == DEFAULTS
    assert caller.put("u-1", {}).get_json() == DEFAULTS
    assert every_count(world) == before


def test_without_gdpr_the_shipped_switches_are_on(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world(gdpr_compliant=False))
    privacy = caller.get("u-1").get_json()["privacy"]
    assert privacy == {"tracking_enabled": True, "personalized_ads": True, "data_sharing": False}


def test_what_is_given_is_merged_and_comes_back(world: World, caller: Caller) -> None:
    first = caller.put("u-1", {"language": "DE-ch", "theme": "dark", "notifications": {"sms": True}})
    assert first.status_code == 200, first.get_data(as_text=True)
    second = caller.put("u-1", {"quiet_hours": {"from": "20:15"}, "currency": "chf", "layout": "list"})
    told = second.get_json()
    assert (told["language"], told["theme"], told["currency"], told["layout"]) == (
        "de-CH",
        "dark",
        "CHF",
        "list",
    )
    assert told["notifications"] == {"email": True, "sms": True, "push": True}
    assert told["quiet_hours"] == {"from": "20:15", "until": "08:00"}
    assert second.headers["ETag"] == '"2"'
    assert caller.get("u-1").get_json() == told
    same = caller.put("u-1", {"theme": "dark"})
    assert same.headers["ETag"] == '"2"'
    fresh(world)
    traced = world.session.scalars(
        select(AuditEntry.changes).where(AuditEntry.action == AuditAction.PREFERENCES_CHANGED)
    )
    assert [set(one) for one in traced] == [
        {"language", "theme", "sms"},
        {"quiet_from", "currency", "layout"},
    ]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"colour": "red"}, 400, "colour"),
        ({"privacy": {"spying": True}}, 400, "privacy.spying"),
        ({"notifications": {"sms": "yes"}}, 400, "notifications.sms"),
        ({"notifications": {"sms": None}}, 400, "notifications.sms"),
        ({"privacy": None}, 400, "privacy"),
        ({"language": None}, 400, "language"),
        ({"language": 5}, 400, "language"),
        ({"language": "e\0n"}, 400, "language"),
        ({"theme": "blue"}, 400, "theme"),
        ({"user_id": "u-2"}, 400, "user_id"),
        ({"language": "english"}, 422, "language"),
        ({"currency": "EURO"}, 422, "currency"),
        ({"timezone": "Mars/Base"}, 422, "timezone"),
        ({"quiet_hours": {"from": "25:00"}}, 422, "quiet_hours.from"),
        ({"cookies": {"functional": False}}, 422, "cookies.functional"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    trying: Caller, body: dict[str, Any], status: int, field: str
) -> None:
    answer = trying.put("u-1", body)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert field in answer.get_json()["details"]
    assert row_of(trying.world, "u-1") is None


@pytest.mark.parametrize("user_id", ["%2e", "a%00b", "x" * 201, "%20", "u-1%20"])
def test_an_id_that_cannot_be_one_is_refused_by_name(trying: Caller, user_id: str) -> None:
    answer = trying.put(user_id, {"theme": "dark"})
    assert answer.status_code in {400, 404, 422}, answer.get_data(as_text=True)
    assert trying.get(user_id).status_code in {200, 400, 404}
    fresh(trying.world)
    assert trying.world.session.scalars(select(Preference)).all() == []


def test_a_change_of_what_was_read_meanwhile_is_refused(world: World, caller: Caller) -> None:
    assert caller.put("u-1", {"theme": "dark"}, '"1"').status_code == 412
    assert row_of(world, "u-1") is None
    first = caller.put("u-1", {"theme": "dark"}, '"0"')
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    late = caller.put("u-1", {"theme": "light"}, '"0"')
    assert (late.status_code, late.get_json()["code"]) == (412, "stale")
    assert caller.reset("u-1", '"0"').status_code == 412
    assert caller.put("u-1", {"theme": "light"}, 'W/"1"').status_code == 412  # weak tags guard no change
    assert caller.put("u-1", {"theme": "light"}, "nonsense").status_code == 412
    assert caller.get("u-1").get_json()["theme"] == "dark"
    assert caller.put("u-1", {"theme": "light"}, '"0", "1"').status_code == 200
    assert caller.put("u-1", {"theme": "system"}, "*").headers["ETag"] == '"3"'


def test_a_reset_brings_the_defaults_back_and_the_tag_moves_on(world: World, caller: Caller) -> None:
    caller.put(
        "u-1", {"language": "de", "privacy": {"tracking_enabled": True}, "notifications": {"sms": True}}
    )
    answer = caller.reset("u-1", '"1"')
    assert (answer.get_json(), answer.headers["ETag"]) == (DEFAULTS, '"2"')
    row = row_of(world, "u-1")
    assert row is not None
    assert (row.language, row.tracking_enabled, row.sms) == (None, None, None)
    said = [(purpose, granted) for purpose, granted, _, _ in consents_of(world, "u-1")]
    assert said[-2:] == [("tracking", False), ("sms", False)] or said[-2:] == [
        ("sms", False),
        ("tracking", False),
    ]
    assert caller.reset("u-1").headers["ETag"] == '"2"'


def test_every_consent_is_recorded_with_its_wording_and_whoever_said_so(world: World, caller: Caller) -> None:
    caller.put("u-1", {"privacy": {"tracking_enabled": True}, "language": "de"})
    with unit(world.session) as session:
        session.add(CustomerSettings(wording="2026-11", updated_at=world.clock.now()))
    caller.put("u-1", {"privacy": {"tracking_enabled": False}, "cookies": {"analytics": True}})
    caller.put("u-1", {"privacy": {"tracking_enabled": False}})
    assert consents_of(world, "u-1")[0] == ("tracking", True, "test", "1")
    assert set(consents_of(world, "u-1")[1:]) == {
        ("tracking", False, "test", "2026-11"),
        ("analytics", True, "test", "2026-11"),
    }
    newest, *older = caller.consents("u-1")
    assert {newest["purpose"], older[0]["purpose"]} == {"tracking", "analytics"}
    assert older[-1] == {**older[-1], "purpose": "tracking", "granted": True, "by": "test", "wording": "1"}
    page = caller.call("GET", f"{PREFERENCES}/u-1/consents?limit=2").get_json()
    rest = caller.call("GET", f"{PREFERENCES}/u-1/consents?limit=2&cursor={page['next']}").get_json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert caller.call("GET", f"{PREFERENCES}/u-1/consents?cursor=odd").status_code == 400


def test_two_first_calls_at_once_make_one_row(world: World, caller: Caller) -> None:
    start, statuses = Barrier(4), list[int]()

    def send(number: int) -> None:
        start.wait()
        theirs = Caller(world, token=caller.secret)
        body = {"notifications": {"sms": True}} if number % 2 else {"theme": "dark"}
        statuses.append(theirs.put("u-1", body).status_code)

    threads = [Thread(target=send, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert statuses == [200] * 4
    row = row_of(world, "u-1")
    assert row is not None
    assert (row.version, row.sms) == (2, True)
    fresh(world)
    assert len(world.session.scalars(select(Person)).all()) == 1
    assert len(consents_of(world, "u-1")) == 1


def test_the_company_defaults_count_at_once(world: World, caller: Caller) -> None:
    caller.put("u-1", {"language": "fr"})
    world.actor()
    with unit(world.session) as session:
        defaults = {"language": "de", "currency": "EUR", "theme": "light", "tracking_enabled": True}
        session.add(CustomerSettings(defaults=defaults, consent_first=False, updated_at=world.clock.now()))
    told = caller.get("u-1").get_json()
    assert (told["language"], told["currency"], told["theme"]) == ("fr", "EUR", "light")
    assert told["privacy"]["tracking_enabled"] is True


def test_with_the_preference_centre_off_nothing_is_changed(
    make_world: Callable[..., World],
) -> None:
    world = make_world(enable_preference_center=False)
    caller = Caller(world)
    for answer in (caller.put("u-1", {"theme": "dark"}), caller.reset("u-1")):
        assert answer.status_code == 403
        told = answer.get_json()
        assert (told["code"], told["details"]) == ("feature_off", {"feature": "preference_center"})
        assert "ENABLE_PREFERENCE_CENTER" in told["error"]
    assert caller.get("u-1").get_json() == DEFAULTS


def test_a_company_can_switch_its_centre_off_and_on(world: World, caller: Caller) -> None:
    clients = {"clock": world.clock, "auditor": world.services.auditor}
    switch(world.session, world.actor(Role.ADMIN), Feature.PREFERENCES, on=False, **clients)
    assert caller.put("u-1", {"theme": "dark"}).status_code == 403
    switch(world.session, world.actor(Role.ADMIN), Feature.PREFERENCES, on=True, **clients)
    assert caller.put("u-1", {"theme": "dark"}).status_code == 200


def test_where_opting_out_is_not_allowed_consent_by_law_still_moves(make_world: Callable[..., World]) -> None:
    world = make_world(allow_opt_out=False)
    caller = Caller(world)
    refused = caller.put("u-1", {"privacy": {"tracking_enabled": False}, "theme": "dark"})
    told = refused.get_json()
    assert (refused.status_code, told["code"]) == (403, "opt_out_not_allowed")
    assert list(told["details"]) == ["privacy.tracking_enabled"]
    assert row_of(world, "u-1") is None
    assert caller.put("u-1", {"theme": "dark", "notifications": {"sms": True}}).status_code == 200
    for granted in (True, False):
        answer = caller.put("u-1", {"privacy": {"tracking_enabled": granted}})
        assert answer.get_json()["privacy"]["tracking_enabled"] is granted
    assert [granted for purpose, granted, _, _ in consents_of(world, "u-1") if purpose == "tracking"] == [
        True,
        False,
    ]


def test_without_law_and_opting_out_privacy_stays_as_it_is(make_world: Callable[..., World]) -> None:
    caller = Caller(make_world(allow_opt_out=False, gdpr_compliant=False))
    for value in (True, False):
        assert caller.put("u-1", {"privacy": {"data_sharing": value}}).status_code == 403


def test_an_erased_person_is_refused_and_not_made_again(world: World, caller: Caller) -> None:
    world.actor()
    with unit(world.session) as session:
        digest = digest_of(session, world.services.settings.audit_secret(), "gone")
        session.add(Tombstone(digest=digest, at=world.clock.now()))
    before = every_count(world)
    for answer in (caller.put("gone", {"theme": "dark"}), caller.reset("gone")):
        assert (answer.status_code, answer.get_json()["code"]) == (410, "erased")
    assert caller.get("gone").get_json() == {**DEFAULTS, "user_id": "gone"}
    assert every_count(world) == before
    assert caller.put("u-1", {"theme": "dark"}).status_code == 200


def test_B1_a_token_that_reads_changes_nothing(world: World) -> None:
    reader = Caller(world, "customers:read")
    assert reader.get("u-1").status_code == 200
    assert reader.put("u-1", {"theme": "dark"}).status_code == 403
    assert reader.reset("u-1").status_code == 403
    assert Caller(world, "leads").get("u-1").status_code == 403


def test_B3_another_companys_customer_is_a_stranger(world: World, caller: Caller) -> None:
    caller.put("u-1", {"theme": "dark", "privacy": {"tracking_enabled": True}})
    theirs = Caller(world, token=world.token("customers", company_id=world.other_id))
    assert theirs.get("u-1").get_json() == DEFAULTS
    assert theirs.consents("u-1") == []
    theirs.put("u-1", {"theme": "light"})
    assert caller.get("u-1").get_json()["theme"] == "dark"
    assert theirs.get("u-1", query_string={"companyHQId": "acme"}).status_code == 404
    for answer in (theirs.put("u-1", {"companyHQId": "acme"}), caller.put("u-1", {"companyHQId": "acme"})):
        assert answer.status_code in {200, 404}
    scope_to(world.session, world.other_id)
    world.session.expire_all()
    assert [row.theme.value for row in world.session.scalars(select(Preference)) if row.theme] == ["light"]
