"""The recalculation: who is looked at, what is kept, what a broken history and a lost worker cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from tests.archetypes.making import add, ask, flexible, make_person, member, spender
from tests.conftest import World
from webapp.archetypes import members
from webapp.archetypes.facts import Archetype, Cause
from webapp.archetypes.models import ArchetypeChange, ArchetypeCount, Member, RecalculationLog, RulesInForce
from webapp.archetypes.overriding import Override, Overriding
from webapp.archetypes.recalculating import AHEAD_HOURS, start_recalculation
from webapp.archetypes.touching import touch_members
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.core.errors import DomainError
from webapp.core.jobs.lease import claim
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.steer import retry


def run(world: World, *, everyone: bool = False, size: int = 10_000, ahead: float = 0) -> RecalculationLog:
    """Recalculate to the end; answers the run's log."""
    actor = world.actor(Role.ADMIN)
    job = start_recalculation(
        world.session, actor, world.services.starter, everyone=everyone, size=size, ahead=ahead
    )
    world.work()
    return log_of(world, job.id)


def log_of(world: World, job_id: UUID) -> RecalculationLog:
    world.actor()
    return world.session.scalars(select(RecalculationLog).where(RecalculationLog.job_id == job_id)).one()


@pytest.fixture
def people(world: World) -> dict[str, UUID]:
    """Six members of known kind."""
    made = {"s1": spender(world, "s1"), "s2": spender(world, "s2"), "f1": flexible(world, "f1")}
    made["new"] = make_person(world, "new")
    world.actor()
    with unit(world.session) as session:
        touch_members(session, made.values())
    return made


def test_every_member_without_a_fresh_archetype_is_looked_at_once(
    world: World, people: dict[str, UUID]
) -> None:
    log = run(world)
    assert (log.processed, log.failed, log.changed) == (4, 0, 4)
    assert log.finished_at is not None
    assert member(world, people["s1"]).archetype is Archetype.BIG_SPENDER
    assert member(world, people["f1"]).archetype is Archetype.HIGH_FLEXIBILITY
    assert member(world, people["new"]).transactions == 0
    assert run(world).processed == 0
    assert run(world, everyone=True).processed == 4


def test_a_newer_request_or_an_old_result_makes_a_member_stale(world: World, people: dict[str, UUID]) -> None:
    run(world)
    add(world, [ask(world, 900, people["s1"], identifier="later")])
    world.actor()
    with unit(world.session) as session:
        touch_members(session, [people["s1"]])
    assert run(world).processed == 1
    world.clock.shift(hours=25)
    assert run(world).processed == 4


def test_sets_are_items_and_their_size_changes_nothing(world: World, people: dict[str, UUID]) -> None:
    log = run(world, size=1)
    world.actor()
    job = world.session.get_one(Job, log.job_id)
    assert (job.total, job.done, job.state) == (5, 5, JobState.DONE)
    small = {name: (member(world, one).archetype, member(world, one).beliefs) for name, one in people.items()}
    run(world, everyone=True)
    big = {name: (member(world, one).archetype, member(world, one).beliefs) for name, one in people.items()}
    assert small == big


def test_overrides_stay_and_what_changed_leaves_its_trace(world: World, people: dict[str, UUID]) -> None:
    run(world)
    admin = world.actor(Role.ADMIN)
    deeds = Overriding(world.clock, world.services.auditor)
    deeds.set_one(world.session, admin, people["s2"], Override(Archetype.AVERAGE_USER, "asked for it"))
    world.clock.shift(days=364)  # nobody asked since: both spenders have no history left
    log = run(world)
    assert (log.changed, log.kept) == (3, 1)
    assert member(world, people["s2"]).in_force is Archetype.AVERAGE_USER
    changes = world.session.scalars(
        select(ArchetypeChange).where(ArchetypeChange.cause == Cause.DETECTED)
    ).all()
    assert {(one.person_id, one.before, one.after) for one in changes} == {
        (people["s1"], Archetype.BIG_SPENDER, Archetype.AVERAGE_USER),
        (people["f1"], Archetype.HIGH_FLEXIBILITY, Archetype.AVERAGE_USER),
    }


def test_the_day_is_counted_and_so_is_how_often_requests_are_accepted(
    world: World, people: dict[str, UUID]
) -> None:
    run(world)
    run(world, everyone=True)
    counts = {row.archetype: row.members for row in world.session.scalars(select(ArchetypeCount))}
    assert counts == {
        Archetype.BIG_SPENDER: 2,
        Archetype.HIGH_FLEXIBILITY: 1,
        Archetype.AVERAGE_USER: 1,
    }
    world.actor()
    state = world.session.scalars(select(RulesInForce)).one()
    assert state.acceptance == {"buyout": [24, 24], "swap": [12, 12]}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE member_requests SET offered_minor = -5 WHERE identifier = 's1-3'",
        "UPDATE member_requests SET answer_seconds = -1 WHERE identifier = 'f1-1'",
    ],
)
def test_a_member_with_an_impossible_history_is_reported_and_the_others_are_done(
    world: World, people: dict[str, UUID], damage: str
) -> None:
    world.actor()
    with unit(world.session) as session:
        session.connection().execute(text(damage))
    log = run(world)
    assert (log.processed, log.failed) == (3, 1)
    assert world.session.get_one(Job, log.job_id).state is JobState.DONE_WITH_FAILURES
    (told,) = log.failures
    assert told["user_id"] in {"s1", "f1"}
    assert "below zero" in told["reason"]
    assert not member(world, people["s2"]).stale


def test_a_member_whose_history_cannot_be_read_is_found_among_the_others(
    world: World, people: dict[str, UUID]
) -> None:
    if world.session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL stores nothing that is no time")
    world.actor()
    day = f"{world.clock.now() - timedelta(days=2):%Y-%m-%d} 99:99:99.000000"
    with unit(world.session) as session:
        damage = text("UPDATE member_requests SET asked_at = :day WHERE identifier = 's2-1'")
        session.connection().execute(damage, {"day": day})
    log = run(world)
    assert (log.processed, log.failed) == (3, 1)
    assert [one["user_id"] for one in log.failures] == ["s2"]
    assert "cannot be read" in log.failures[0]["reason"]


def test_a_failed_set_is_tried_again_once_its_history_is_mended(
    world: World, people: dict[str, UUID]
) -> None:
    spoil(world, -5)
    job_id = run(world).job_id
    spoil(world, 122_000)
    actor = world.actor(Role.ADMIN)
    with unit(world.session) as session:
        retry(session, actor, job_id, world.services.starter)
    world.work()
    again = log_of(world, job_id)
    assert (again.processed, again.failed, again.failures) == (4, 0, [])
    world.actor()
    assert world.session.get_one(Job, job_id).state is JobState.DONE


def test_a_database_that_is_away_is_no_members_fault(
    world: World, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("webapp.archetypes.recalculating.find_many", away)
    log = run(world)
    assert (log.processed, log.failed, log.failures) == (0, 0, [])
    assert world.session.get_one(Job, log.job_id).state is JobState.DONE_WITH_FAILURES


def test_the_night_after_is_never_a_moment_too_early(world: World, people: dict[str, UUID]) -> None:
    run(world)
    world.clock.shift(hours=23, minutes=-1)  # the shortest day of the year, and a set reached sooner
    assert run(world).processed == 0
    assert run(world, ahead=AHEAD_HOURS).processed == 4


def test_a_request_that_comes_while_one_member_is_recalculated_leaves_them_stale(
    world: World, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = members.find_one

    def late(session: Any, person_id: UUID, *more: Any) -> Any:
        found = whole(session, person_id, *more)
        with unit(session):
            touch_members(session, [person_id])
        return found

    monkeypatch.setattr("webapp.archetypes.members.find_one", late)
    made, actor = world.services, world.actor(Role.ADMIN)
    members.recalculate_one(world.session, actor, people["s1"], clock=made.clock, auditor=made.auditor)
    assert member(world, people["s1"]).stale


def spoil(world: World, offered: int) -> None:
    """Set what one request of the first spender offered."""
    world.actor()
    with unit(world.session) as session:
        change = text("UPDATE member_requests SET offered_minor = :offered WHERE identifier = 's1-3'")
        session.connection().execute(change, {"offered": offered})


def test_two_clicks_start_one_run(world: World, people: dict[str, UUID]) -> None:
    browser = world.client("admin")
    for _ in range(2):
        assert browser.send("/archetypes/recalculation", {}).status_code == 303
    world.actor()
    assert len(world.session.scalars(select(RecalculationLog)).all()) == 1


def test_a_lost_worker_costs_nothing_and_does_nothing_twice(world: World, people: dict[str, UUID]) -> None:
    actor = world.actor(Role.ADMIN)
    job = start_recalculation(world.session, actor, world.services.starter, everyone=False, size=1)
    first = {"count": 0}
    kind = world.services.kinds["archetypes.recalculate"]
    whole = kind.work

    def dies(context: Any) -> None:
        first["count"] += 1
        if first["count"] == 3:  # the worker is gone: another claims the job behind its back
            world.clock.shift(seconds=3600)
            session = world.app.extensions["sqlalchemy"].session()
            claim(session, job.id, "another", world.clock, 60)
            raise SystemExit
        whole(context)

    object.__setattr__(kind, "work", dies)
    with pytest.raises(SystemExit):
        world.work()
    object.__setattr__(kind, "work", whole)
    world.clock.shift(seconds=3600)
    world.services.runner.run(job.id)
    log = log_of(world, job.id)
    assert (log.processed, log.failed) == (4, 0)
    assert log.finished_at is not None


def test_who_may_not_recalculate_is_refused(world: World, people: dict[str, UUID]) -> None:
    for role in ("viewer", "editor"):
        browser = world.client(role)
        assert browser.get("/archetypes/recalculation").status_code == 200
        assert browser.send("/archetypes/recalculation", {}).status_code == 403
    world.actor()
    assert world.session.scalars(select(RecalculationLog)).all() == []


def test_a_request_that_comes_while_a_member_is_looked_at_leaves_them_stale(
    world: World, people: dict[str, UUID]
) -> None:
    actor = world.actor(Role.ADMIN)
    start_recalculation(world.session, actor, world.services.starter, everyone=False, size=10_000)
    kind = world.services.kinds["archetypes.recalculate"]
    whole = kind.work

    def meanwhile(context: Any) -> None:
        effect = context.effect

        def late(outcome: Any) -> Any:
            with unit(context.session) as session:
                touch_members(session, [people["s1"]])
            return effect(outcome)

        object.__setattr__(context, "effect", late)
        whole(context)

    object.__setattr__(kind, "work", meanwhile)
    try:
        world.work()
    finally:
        object.__setattr__(kind, "work", whole)  # the kind is every later test's too
    assert member(world, people["s1"]).stale
    assert not member(world, people["f1"]).stale


def test_a_broken_history_is_told_to_whoever_asks(world: World, people: dict[str, UUID]) -> None:
    from webapp.archetypes.members import recalculate_one  # noqa: PLC0415  # beside what it is for

    world.actor()
    with unit(world.session) as session:
        session.connection().execute(
            text("UPDATE member_requests SET offered_minor = -5 WHERE identifier = 's1-3'")
        )
    made = world.services
    with pytest.raises(DomainError, match="below zero"):
        recalculate_one(
            world.session, world.actor(Role.ADMIN), people["s1"], clock=made.clock, auditor=made.auditor
        )
    assert world.session.scalars(select(Member).where(Member.person_id == people["s1"])).one().stale
