"""What is past its age goes in one night's purge, company by company; nothing younger does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.customers.records import a_person, an_item, did
from tests.experiments.records import an_experiment, designing
from webapp.archetypes.facts import Archetype, Cause
from webapp.archetypes.models import ArchetypeChange
from webapp.core.access import Permission, Role
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import Model, scope_to, unit
from webapp.core.jobs.models import Job, JobItem
from webapp.customers.models import CustomerSettings, Event, PriceQuote
from webapp.experiments.models import Exposure
from webapp.experiments.steering import Steering
from webapp.privacy.ages import ages, kinds

PAGE = "/privacy/retention"


def events_left(world: World, company_id=None) -> list[str]:
    scope_to(world.session, company_id or world.company_id)
    return list(world.session.scalars(select(Event.item).order_by(Event.at)))


def purged(world: World, *, at: str = "04:01") -> dict[str, Any]:
    """The nightly run by the company's clock."""
    hour, minute = map(int, at.split(":"))
    now = world.clock.now()
    world.services.scheduler.tick(world.session)  # the first round only notes when it is due
    due = now.replace(hour=hour, minute=minute) + timedelta(days=1)
    world.clock.shift(seconds=(due - now).total_seconds())
    world.services.scheduler.tick(world.session)
    world.work()
    scope_to(world.session, world.company_id)
    job = world.session.scalars(
        select(Job).where(Job.kind == "privacy.purge").order_by(Job.id.desc())
    ).first()
    assert job is not None
    return dict(world.session.scalars(select(JobItem.outcome).where(JobItem.job_id == job.id)).one())


def test_events_go_at_their_age_and_not_a_day_before(world: World) -> None:
    ann = a_person(world)
    other = a_person(world, "else", world.other_id)
    did(world, ann, ("product_view", "old", 732), ("product_view", "young", 728))
    did(world, other, ("product_view", "theirs", 9), company_id=world.other_id)
    with unit(world.session) as session:
        scope_to(session, world.other_id)
        session.add(CustomerSettings(retention_days=5, updated_at=world.clock.now()))
    told = purged(world)

    assert events_left(world) == ["young"]
    assert events_left(world, world.other_id) == []
    assert told["removed"] == {"events": 1}
    assert told["note"] == "Events of customers: 1"
    scope_to(world.session, world.company_id)
    trail = world.session.scalars(select(AuditEntry).where(AuditEntry.action == AuditAction.RETENTION_PURGED))
    assert [list(one.changes) for one in trail] == [["events"]]


def test_a_company_says_how_long_and_the_purge_follows(world: World) -> None:
    ann = a_person(world)
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    with unit(world.session) as session:
        for days in (29, 35):
            session.add(
                PriceQuote(
                    person_id=ann,
                    item=f"{days}",
                    base_minor=1,
                    price_minor=1,
                    currency="EUR",
                    rules=0,
                    reasons=[],
                    at=now - timedelta(days=days),
                    valid_until=now,
                )
            )
    admin = world.client("admin")
    shown = admin.get(PAGE)
    fields = {one.kept.name: one.days for one in ages(world.session) if not one.kept.own}
    wrong = admin.send(PAGE, {**fields, "price_quotes": "0"})
    assert (wrong.status_code, "Write days from 1 to" in wrong.text) == (422, True)
    saved = admin.send(PAGE, {**{name: days or "" for name, days in fields.items()}, "price_quotes": "31"})
    assert (shown.status_code, saved.status_code) == (200, 303)

    assert purged(world)["removed"] == {"price_quotes": 1}
    scope_to(world.session, world.company_id)
    assert list(world.session.scalars(select(PriceQuote.item))) == ["29"]


def test_nothing_written_keeps_a_kind_for_good(world: World) -> None:
    ann = a_person(world)
    scope_to(world.session, world.company_id)
    now, average = world.clock.now(), Archetype.AVERAGE_USER
    with unit(world.session) as session:
        cause = {"cause": Cause.OVERRIDDEN, "before": average, "after": average, "confidence": 1.0}
        session.add(ArchetypeChange(person_id=ann, at=now, **cause))
    admin = world.client("admin")
    fields = {one.kept.name: one.days or "" for one in ages(world.session) if not one.kept.own}
    admin.send(PAGE, {**fields, "archetype_changes": ""})
    world.clock.shift(days=5_000)
    purged(world)
    assert world.session.scalar(select(func.count()).select_from(ArchetypeChange)) == 1
    assert {one.kept.name: one.days for one in ages(world.session)}["archetype_changes"] is None


def test_without_the_law_switched_on_nothing_is_purged_and_the_policy_is_shown(make_world) -> None:
    world = make_world(gdpr_compliant=False)
    did(world, a_person(world), ("product_view", "old", 3_000))
    told = purged(world)
    assert told["result"] == "off"
    assert events_left(world) == ["old"]
    assert "GDPR_COMPLIANT is false" in world.client("admin").get(PAGE).text


def test_a_running_experiment_loses_nobody_however_long_it_runs(world: World) -> None:
    ann = a_person(world)
    running, over = (an_experiment(world, key).id for key in ("on", "over"))
    admin, old = world.actor(Role.ADMIN), world.clock.now() - timedelta(days=900)
    with unit(world.session) as session:
        for row in (running, over):
            session.add(Exposure(experiment_id=row, person_id=ann, variant="b", at=old))
    Steering(designing(world)).stop(world.session, admin, over, "control", "Nothing moved.")
    assert purged(world)["removed"] == {"exposures": 1}
    assert list(world.session.scalars(select(Exposure.experiment_id))) == [running]


def test_thousands_go_set_by_set(world: World) -> None:
    ann = a_person(world)
    an_item(world)
    did(world, ann, *[("product_view", f"p-{n}", 800) for n in range(25)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.privacy.ages.AT_ONCE", 10)
        assert purged(world)["removed"] == {"events": 25}
    assert events_left(world) == []


def test_who_may_not_manage_privacy_changes_no_age(world: World) -> None:
    assert world.client("editor").get(PAGE).status_code == 403
    assert not Role.EDITOR.permissions & {Permission.PRIVACY_READ, Permission.PRIVACY_MANAGE}


def test_every_kind_has_a_name_of_its_own_and_rows_with_a_time(world: World) -> None:
    found = kinds()
    assert len({one.name for one in found}) == len(found)
    assert all(issubclass(one.model, Model) and one.at.class_ is one.model for one in found)
