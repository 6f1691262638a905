"""The recalculation: members whose archetype is no longer fresh, a set at a time, each in one transaction.

A set is an item of the job, so a job that was killed goes on with the set it was at. A member whose history
cannot be read is found by halving the set, reported, and left as they were; the others are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, case, func, or_, select, type_coerce, update
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import BROKEN, Found, find_many
from webapp.archetypes.facts import Archetype, Cause
from webapp.archetypes.history import company_counts, key
from webapp.archetypes.models import (
    ArchetypeChange,
    ArchetypeCount,
    Member,
    RecalculationLog,
)
from webapp.archetypes.rule_state import State, rules_numbered, settle, state_of
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.storing import write_found
from webapp.core.access import Actor, Permission
from webapp.core.db import company_of, lock_key, unit, widen_cache
from webapp.core.errors import DomainError
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.models import LIVE, Job
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.sets import borders
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.people.models import Person

log = structlog.get_logger()
AHEAD_HOURS = 6.0  # of a nightly run: results that lapse before the morning
DAMAGE = (ValueError, TypeError, ArithmeticError, DataError)  # what unreadable values raise
MOST_TOLD = 200  # failures that a run's log names
UNREADABLE = "Its history cannot be read. Look at its requests, correct them and run it again."


@dataclass(frozen=True)
class Stale:
    """A member as they stand before, ids as the driver gives them; `before` is None for a first detection."""

    key: Any
    person: Any
    in_force: Archetype
    before: Archetype | None
    overridden: bool
    version: int

    @property
    def person_id(self) -> UUID:
        """The person's id, whatever the driver makes of it."""
        return self.person if isinstance(self.person, UUID) else UUID(self.person)


@dataclass
class Result:
    """What became of a set: pieces of it with what was found, and the persons that failed with the reason."""

    pieces: list[tuple[list[Stale], Found]] = field(default_factory=list)
    failures: list[tuple[UUID, str]] = field(default_factory=list)
    changes: list[ArchetypeChange] = field(default_factory=list)
    done: int = 0
    changed: int = 0
    kept: int = 0

    @property
    def persons(self) -> Iterator[UUID]:
        """Everybody who was looked at."""
        yield from (one.person_id for members, _ in self.pieces for one in members)
        yield from (person_id for person_id, _ in self.failures)

    def take(self, members: list[Stale], found: Found) -> None:
        """Count a piece in, with the traces of archetypes that became others."""
        self.pieces.append((members, found))
        for place, one in enumerate(members):
            if found.broken[place]:
                self.failures.append((one.person_id, BROKEN))
                continue
            self.done += 1
            self.kept += one.overridden
            if one.before is not found.archetypes[place]:
                self.changed += 1
                if not one.overridden and one.before is not None:
                    self.changes.append(_change(one, found, place))


def start_recalculation(
    session: Session, actor: Actor, starter: Starter, *, everyone: bool, size: int, ahead: float = 0.0
) -> Job:
    """Start a job over all members, or those no longer fresh, and the log of its run.

    `size` is how many members make a set; results that lapse within `ahead` hours count as old, so that a
    nightly run is not a minute too early for all of last night's. While one is at work it is answered
    instead: a second click starts nothing.
    """
    with unit(session):
        lock_key(session, company_of(session), "recalculation")
        live = running_recalculation(session)
        if live is not None:
            return live
        ends = list(borders(session, Member.person_id, size))
        sets = [
            NewItem(
                f"Members {number * size + 1:,} to {(number + 1) * size:,}",
                {"first": str(first), "last": str(last), "everyone": everyone, "ahead": ahead},
            )
            for number, (first, last) in enumerate(ends)
        ]
        label = "Recalculate every archetype" if everyone else "Recalculate archetypes"
        job = starter.start(session, actor, RECALCULATE, label, [*sets, NewItem("Count", {"close": True})])
        now = starter.clock.now()
        session.add(RecalculationLog(job_id=job.id, started_at=now, everyone=everyone, by=actor.name))
        return job


def running_recalculation(session: Session) -> Job | None:
    """The company's recalculation that waits or is at work."""
    live = select(Job).where(Job.kind == RECALCULATE.name, Job.state.in_(LIVE))
    return session.scalar(live.order_by(Job.id.desc()).limit(1))


def work(context: ItemContext) -> None:
    """Do a set, or close the run."""
    if context.params.get("close"):
        _close(context)
    else:
        _do_set(context)


def _do_set(context: ItemContext) -> None:
    session, now = context.session, context.clock.now()
    widen_cache(session)
    state = state_of(session)
    ends = UUID(context.params["first"]), UUID(context.params["last"])
    result = Result()
    chosen = None if context.params["everyone"] else timedelta(hours=context.params["ahead"])
    for version, members in _by_version(session, ends, state, now, chosen):
        _detect(session, members, (ends, state, version, now), result, context.stop_if_asked)
    session.commit()
    if not result.failures:
        with context.effect({"result": "looked", "note": _note(result)}) as writing:
            _write(writing, context, result)
        return
    context.stop_if_asked()
    with context.lease.unit(session) as writing:  # the others are kept; the item itself has failed
        _write(writing, context, result)
    raise DomainError(f"{_note(result)} The run’s log names them.", code="members_failed")


def _write(session: Session, context: ItemContext, result: Result) -> None:
    for members, found in result.pieces:
        write_found(session, [one.key for one in members], [one.version for one in members], found)
    session.add_all(result.changes)
    _count_in(session, context, result)


def _by_version(
    session: Session, ends: tuple[UUID, UUID], state: State, now: datetime, ahead: timedelta | None
) -> Iterator[tuple[tuple[int, Rules], list[Stale]]]:
    """The members between the two ids who are to be looked at, by the version of the rules each gets.

    Those whose result lapses within `ahead`; with None everybody.
    """
    for number in state.numbers:
        version = number, rules_numbered(session, number) if state.stored else state.rules
        members = _stale(session, ends, version, now, ahead)
        if len(state.numbers) > 1:
            members = [one for one in members if state.of(one.person_id)[0] == number]
        if members:
            yield version, members


def _stale(
    session: Session,
    ends: tuple[UUID, UUID],
    version: tuple[int, Rules],
    now: datetime,
    ahead: timedelta | None,
) -> list[Stale]:
    number, rules = version
    oldest = now - timedelta(hours=rules.detection.freshness_hours) + (ahead or timedelta())
    not_fresh = or_(
        Member.stale,
        Member.detected_at.is_(None),
        Member.detected_at <= oldest,
        Member.rule_set.is_distinct_from(number),
    )
    before = case((Member.detected_at.is_not(None), Member.archetype))
    asked = select(
        key(Member.id),
        key(Member.person_id),
        Member.in_force,
        type_coerce(before, Member.archetype.type),
        Member.override.is_not(None),
        Member.version,
    )
    asked = asked.where(Member.person_id.between(*ends), *([] if ahead is None else [not_fresh]))
    return [Stale(*row) for row in session.execute(asked.order_by(Member.person_id))]


def _detect(
    session: Session,
    members: list[Stale],
    where: tuple[tuple[UUID, UUID], State, tuple[int, Rules], datetime],
    result: Result,
    pause: Callable[[], None],
) -> None:
    """Detect these members; where a history cannot be read, halve them until it stands alone."""
    pause()
    ends, state, version, now = where
    try:
        result.take(members, find_many(session, ends, [one.person for one in members], state, version, now))
    except DAMAGE:  # a database that is away is no member's fault: the item fails, and is tried again
        session.rollback()
        if len(members) == 1:
            log.warning("a member's history cannot be read", person=str(members[0].person_id))
            result.failures.append((members[0].person_id, UNREADABLE))
            return
        middle = len(members) // 2
        for half in (members[:middle], members[middle:]):
            theirs = half[0].person_id, half[-1].person_id
            _detect(session, half, (theirs, state, version, now), result, pause)


def _change(one: Stale, found: Found, place: int) -> ArchetypeChange:
    """The trace of an archetype that is in force and became another."""
    return ArchetypeChange(
        person_id=one.person_id,
        at=found.at,
        cause=Cause.DETECTED,
        before=one.in_force,
        after=found.archetypes[place],
        confidence=found.confidence[place],
        rule_set=found.rule_set,
    )


def _count_in(session: Session, context: ItemContext, result: Result) -> None:
    run = session.scalars(_run(context).with_for_update()).one()
    run.found += result.done + len(result.failures)
    run.processed += result.done
    run.changed += result.changed
    run.unchanged += result.done - result.changed
    run.kept += result.kept
    if run.failures:
        again = {str(person_id) for person_id in result.persons}  # of a set that is tried once more
        former = [one for one in run.failures if one["person_id"] in again]
        run.failures = [one for one in run.failures if one["person_id"] not in again]
        run.failed, run.found = run.failed - len(former), run.found - len(former)
    run.failed += len(result.failures)
    told = result.failures[: max(0, MOST_TOLD - len(run.failures))]
    if told:
        ids = [person_id for person_id, _ in told]
        asked = select(Person.id, Person.identifier).where(Person.id.in_(ids))
        names = {row.id: row.identifier for row in session.execute(asked)}
        new = [{"user_id": names.get(one, ""), "person_id": str(one), "reason": why} for one, why in told]
        run.failures = [*run.failures, *new]
        waiting = update(Member).where(Member.person_id.in_(ids))
        session.execute(waiting.values(stale=True))  # for the next run


def _run(context: ItemContext) -> Select[RecalculationLog]:
    return select(RecalculationLog).where(RecalculationLog.job_id == context.lease.job_id)


def _close(context: ItemContext) -> None:
    """Count who is what today, and how often requests are accepted; the run is over."""
    session, now = context.session, context.clock.now()
    state = state_of(session)
    counts, accepted = count_members(session), _company(session, state, now)
    session.commit()
    day = now.astimezone(state.zone).date()
    with context.effect({"result": "counted"}) as writing:
        keep_counts(writing, day, counts)
        row = settle(writing, context.clock)
        row.acceptance, row.counted_at = accepted, now
        writing.scalars(_run(context).with_for_update()).one().finished_at = now


def _company(session: Session, state: State, now: datetime) -> dict[str, list[int]]:
    since = now - timedelta(days=state.rules.detection.look_back_days)
    return {way: list(pair) for way, pair in company_counts(session, since, now).items()}


def count_members(session: Session) -> dict[Archetype, tuple[int, int]]:
    """How many members have each archetype in force, and how many of them by override."""
    by_hand = func.sum(case((Member.override.is_not(None), 1), else_=0))
    rows = session.execute(select(Member.in_force, func.count(), by_hand).group_by(Member.in_force))
    found = {archetype: (count, hand) for archetype, count, hand in rows}
    return {one: found.get(one, (0, 0)) for one in Archetype}


def keep_counts(session: Session, day: date, counts: dict[Archetype, tuple[int, int]]) -> None:
    """Keep the day's counts in the caller's unit; a later count of the same day replaces the earlier."""
    saved = {
        row.archetype: row for row in session.scalars(select(ArchetypeCount).where(ArchetypeCount.day == day))
    }
    for archetype, (members, by_hand) in counts.items():
        row = saved.get(archetype)
        if row is None:
            row = ArchetypeCount(day=day, archetype=archetype, members=0)
            session.add(row)
        row.members, row.overridden = members, by_hand


def _note(result: Result) -> str:
    told = f"{result.done:,} looked at, {result.changed:,} changed"
    return f"{told}, {len(result.failures):,} failed." if result.failures else f"{told}."


def nightly(context: ItemContext) -> None:
    """Start the recalculation of who is no longer fresh."""
    session, made = context.session, services()
    said = "No members yet."
    if session.scalar(select(Member.id).limit(1)) is not None:
        size = made.settings.archetype_set
        job = start_recalculation(
            session, context.actor, made.starter, everyone=False, size=size, ahead=AHEAD_HOURS
        )
        said = f"{job.total - 1:,} sets of members to look at."
    with context.effect({"result": "started", "note": said}):
        pass


RECALCULATE = JobKind(
    "archetypes.recalculate",
    "Recalculate archetypes",
    Queue.BATCH,
    Permission.ARCHETYPES_MANAGE,
    work,
    where=lambda _session, _job: "/archetypes/recalculation",
)
NIGHTLY = JobKind(
    "archetypes.nightly",
    "Start the recalculation of archetypes",
    Queue.BATCH,
    Permission.ARCHETYPES_MANAGE,
    nightly,
)
SCHEDULES = (
    Schedule("archetypes.recalculate", "Recalculate archetypes", NIGHTLY, When(hour=2), lambda _: {}),
)
