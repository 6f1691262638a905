"""When a customer is written to: at their best hour, never in quiet ones, only where they consented."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import World
from tests.customers.records import a_person, did, switch_off
from tests.personas.test_catalog_api import Api, told
from webapp.core.db import new_id, scope_to, unit
from webapp.customers.cache import Cache
from webapp.customers.facts import Channel
from webapp.customers.models import Event, Preference
from webapp.customers.sending import Sending, company_hours
from webapp.customers.service import service_of
from webapp.people.erased import digest_of
from webapp.people.models import Person, Tombstone

CALL = "/api/v1/personalize/send-time"
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC")
USUAL = 18  # the hour in which the company's customers engage most
CUSTOMERS = 60


def asked(api: Api, user_id: str, channel: str = "email") -> Any:
    return api("GET", f"{CALL}/{user_id}?channel={channel}")


def prefer(world: World, person_id: Any, **said: Any) -> None:
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    with unit(world.session) as session:
        session.add(Preference(person_id=person_id, created_at=now, updated_at=now, **said))


def opened(person_id: Any, at: datetime, kind: str = "email_open") -> Event:
    return Event(identifier=new_id().hex, person_id=person_id, kind=kind, at=at, received_at=at)


def at_hour(day: datetime, hour: int, zone: str) -> datetime:
    local = datetime.combine(day.date(), time(hour, 20), ZoneInfo(zone))
    return local.astimezone(UTC)


@pytest.fixture(scope="module")
def planted(module_world: Callable[..., World]) -> tuple[World, dict[str, int]]:
    """Customers who open at their own hour seven times of ten, and a company with an hour of its own."""
    world, dice = module_world(), random.Random(7)
    scope_to(world.session, world.company_id)
    now, best = world.clock.now(), dict[str, int]()
    with unit(world.session) as session:
        for number in range(CUSTOMERS):
            name, zone = f"c-{number}", ZONES[number % len(ZONES)]
            person = Person(identifier=name, created_at=now, updated_at=now)
            session.add(person)
            session.flush()
            session.add(Preference(person_id=person.id, timezone=zone, created_at=now, updated_at=now))
            best[name] = dice.randrange(8, 22)
            for day in range(1, dice.randrange(32, 60)):
                hour = best[name] if dice.random() < 0.7 else dice.randrange(24)
                session.add(opened(person.id, at_hour(now - timedelta(days=day), hour, zone)))
        crowd = Person(identifier="crowd", created_at=now, updated_at=now)
        session.add(crowd)
        session.flush()
        session.add(Preference(person_id=crowd.id, timezone="Asia/Tokyo", created_at=now, updated_at=now))
        for day in range(1, 301):
            session.add(opened(crowd.id, at_hour(now - timedelta(days=day), USUAL, "Asia/Tokyo")))
        session.add(Person(identifier="quiet", created_at=now, updated_at=now))
    return world, best


def test_a_planted_best_hour_is_found_for_nearly_everybody(planted: tuple[World, dict[str, int]]) -> None:
    world, best = planted
    scope_to(world.session, world.company_id)
    deed = Sending(world.clock, Cache(world.services.store, 60), world.services.settings.audit_secret())
    service = service_of(world.session, world.services.settings)
    found = {name: deed.best(world.session, service, name, Channel.EMAIL).best.hour for name in best}
    assert sum(found[name] == hour for name, hour in best.items()) >= 0.9 * CUSTOMERS


def test_who_never_opened_gets_the_companys_hour_by_their_own_clock(
    planted: tuple[World, dict[str, int]],
) -> None:
    world, _ = planted
    api = Api(world, "customers")
    for name in ("quiet", "a-stranger"):
        found = asked(api, name).json
        assert (found["hour"], found["own_engagements"], found["timezone"]) == (USUAL, 0, "UTC")
        assert found["company_engagements"] > 1_000
    scope_to(world.session, world.company_id)
    hours = company_hours(world.session, Channel.EMAIL, "UTC")
    assert max(range(24), key=hours.__getitem__) == USUAL


def test_each_channel_counts_its_own_engagements_and_sms_all(world: World) -> None:
    api, ann = Api(world, "customers"), a_person(world)
    prefer(world, ann, sms=True)
    did(world, ann, ("email_open", None, 1), ("email_click", None, 1), ("notification_open", None, 2))
    counts = {one: asked(api, "ann", one).json["own_engagements"] for one in ("email", "push", "sms")}
    assert counts == {"email": 2, "push": 1, "sms": 3}


@pytest.mark.parametrize(("begins", "ends"), [(22, 8), (0, 23), (10, 9), (8, 20)])
def test_nobody_is_written_to_in_quiet_hours(
    planted: tuple[World, dict[str, int]], begins: int, ends: int
) -> None:
    world, name = planted[0], f"quiet-{begins}-{ends}"
    api, ann = Api(world, "customers"), a_person(world, name)
    prefer(world, ann, quiet_from=time(begins), quiet_until=time(ends), timezone="Europe/Berlin")
    with unit(world.session) as session:
        now = world.clock.now()
        for day in range(1, 40):
            for hour in (3, 12, 22):
                session.add(opened(ann, at_hour(now - timedelta(days=day), hour, "Europe/Berlin")))
    found = asked(api, name).json
    hour = found["hour"]
    quiet = begins <= hour < ends if begins < ends else hour >= begins or hour < ends
    assert not quiet
    local = datetime.fromisoformat(found["send_at"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert local.hour == hour


def test_always_quiet_without_consent_erased_and_unknown_channels_are_refused(world: World) -> None:
    api, ann, bob = Api(world, "customers"), a_person(world), a_person(world, "bob")
    prefer(world, ann, quiet_from=time(0, 30), quiet_until=time(0, 15))
    prefer(world, bob, email=False)
    assert told(asked(api, "ann")) == (409, "always_quiet")
    answer = asked(api, "bob")
    assert told(answer) == (403, "no_consent")
    assert answer.json["details"] == {"channel": "email"}
    assert told(asked(api, "bob", "sms")) == (403, "no_consent")
    assert asked(api, "bob", "push").status_code == 200
    assert asked(api, "bob", "pigeon").status_code == 400
    with unit(world.session) as session:
        key = world.services.settings.audit_secret()
        session.add(Tombstone(digest=digest_of(session, key, "gone"), at=world.clock.now()))
    assert told(asked(api, "gone")) == (410, "erased")


def test_off_is_403_with_the_features_name(world: World) -> None:
    assert asked(Api(world, "customers"), "ann").status_code == 200
    switch_off(world, "smart_notifications")
    answer = asked(Api(world, "customers"), "ann")
    assert told(answer) == (403, "feature_off")
    assert answer.json["details"] == {"feature": "smart_notifications"}


def test_the_instance_switches_it_off(make_world: Callable[..., World]) -> None:
    world = make_world(enable_smart_notifications=False)
    assert told(asked(Api(world, "customers"), "ann")) == (403, "feature_off")


def test_another_companys_engagements_and_customers_count_for_nothing(world: World) -> None:
    theirs = a_person(world, "ann", world.other_id)
    did(world, theirs, *[("email_open", None, day) for day in range(1, 20)], company_id=world.other_id)
    found = asked(Api(world, "customers"), "ann").json
    assert (found["own_engagements"], found["company_engagements"]) == (0, 0)
    assert told(asked(Api(world, "leads"), "ann"))[0] == 403


def test_the_companys_hours_are_looked_for_among_its_newest_events_only(world: World) -> None:
    did(world, a_person(world), *[("email_open", None, day) for day in range(1, 9)])
    scope_to(world.session, world.company_id)
    assert sum(company_hours(world.session, Channel.EMAIL, "UTC", looked_at=3)) == 3
    assert sum(company_hours(world.session, Channel.EMAIL, "UTC")) == 8


# Berlin skips 02:00 to 03:00 on 28 March 2027, and has it twice on 31 October 2027.
MOVES = [
    (datetime(2027, 3, 27, 12, tzinfo=UTC), 2, datetime(2027, 3, 29, 0, tzinfo=UTC)),
    (datetime(2027, 3, 27, 12, tzinfo=UTC), 9, datetime(2027, 3, 28, 7, tzinfo=UTC)),
    (datetime(2027, 10, 30, 12, tzinfo=UTC), 2, datetime(2027, 10, 31, 0, tzinfo=UTC)),
    (datetime(2027, 10, 30, 12, tzinfo=UTC), 9, datetime(2027, 10, 31, 8, tzinfo=UTC)),
]


def test_days_on_which_the_clock_moves(world: World) -> None:
    for number, (now, hour, expected) in enumerate(MOVES):
        world.clock.shift(seconds=(now - world.clock.now()).total_seconds())
        person = a_person(world, f"c-{number}")
        prefer(world, person, quiet_from=time(4), quiet_until=time(4), timezone="Europe/Berlin")
        with unit(world.session) as session:
            for day in range(2, 60):
                session.add(opened(person, at_hour(now - timedelta(days=day), hour, "Europe/Berlin")))
        found = asked(Api(world, "customers"), f"c-{number}").json
        assert found["hour"] == hour
        assert datetime.fromisoformat(found["send_at"]) == expected
