"""Finding archetypes and keeping what was found: one member at a call, a set at a time in a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.facts import Archetype, Cause
from webapp.archetypes.history import Seen, Span, counts_of, look
from webapp.archetypes.models import ArchetypeChange, Member
from webapp.archetypes.rule_state import State
from webapp.archetypes.rules.answer import Counted
from webapp.archetypes.rules.detect import ARCHETYPES, SIGNALS, Detected, detect, plain
from webapp.archetypes.rules.money import exponent_of
from webapp.archetypes.rules.ruleset import Rules
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit

BROKEN = "Its history holds amounts or answers below zero. Correct those requests and run it again."


@dataclass(frozen=True)
class Found:
    """One member's detection, as it is stored and priced with; `signals` are values with their evidence."""

    person_id: UUID
    archetype: Archetype
    confidence: float
    beliefs: dict[str, float]
    signals: dict[str, tuple[float | None, int]]
    made: Counted
    received: Counted
    transactions: int
    new: bool
    rule_set: int
    at: datetime

    @property
    def answers(self) -> dict[str, Counted]:
        """The counts by way as they are stored."""
        return {"made": self.made, "received": self.received}


def find_one(session: Session, person_id: UUID, state: State, now: datetime) -> Found:
    """Detect a person's archetype from their history as it is. Raises ValueError for a broken history."""
    number, rules = state.of(person_id)
    days = rules.detection.look_back_days
    seen = look(session, Span.of_one(person_id, now, days, state.currency), [person_id])
    if seen.broken[0]:
        raise ValueError(BROKEN)
    return found(seen, _detect(seen, rules, state.currency, now), number, now)[0]


def find_many(
    session: Session, persons: Sequence[UUID], state: State, version: tuple[int, Rules], now: datetime
) -> list[Found | None]:
    """Detect the archetypes of persons in the order of their ids; None for a broken history."""
    number, rules = version
    since = now - timedelta(days=rules.detection.look_back_days)
    seen = look(session, Span(persons[0], persons[-1], since, now, state.currency), persons)
    all_found = found(seen, _detect(seen, rules, state.currency, now), number, now)
    return [None if bad else one for one, bad in zip(all_found, seen.broken, strict=True)]


def _detect(seen: Seen, rules: Rules, currency: str, now: datetime) -> Detected:
    return detect(seen.histories, rules.detection, now.timestamp(), 10.0 ** exponent_of(currency))


def found(seen: Seen, what: Detected, number: int, now: datetime) -> list[Found]:
    """What was detected, member by member."""
    signals, evidence = what.signals.T, what.evidence.T
    beliefs = what.beliefs.T.tolist()
    names = [one.value for one in SIGNALS]
    return [
        Found(
            person_id=person,
            archetype=ARCHETYPES[what.best[place]],
            confidence=float(what.confidence[place]),
            beliefs=dict(zip((one.value for one in ARCHETYPES), beliefs[place], strict=True)),
            signals={
                name: (plain(value), int(count))
                for name, value, count in zip(names, signals[place], evidence[place], strict=True)
            },
            made=counts_of(seen.made[place]),
            received=counts_of(seen.received[place]),
            transactions=int(what.transactions[place]),
            new=bool(what.new[place]),
            rule_set=number,
            at=now,
        )
        for place, person in enumerate(seen.persons)
    ]


def is_fresh(member: Member, state: State, now: datetime) -> bool:
    """Whether what is stored may be used: young enough, by this member's rules, nothing new since."""
    number, rules = state.of(member.person_id)
    if member.stale or member.detected_at is None or member.rule_set != number:
        return False
    return now - member.detected_at < timedelta(hours=rules.detection.freshness_hours)


def overridden(member: Member, now: datetime) -> bool:
    """Whether an override is in force at this moment."""
    expires = member.override_expires_at
    return member.override is not None and (expires is None or expires > now)


def store(session: Session, what: Found, read_version: int) -> Member:
    """Keep a detection in the caller's unit; a change of the archetype in force leaves its trace.

    `read_version` is the member's when the history was read, 0 where there was no row: requests that came
    in between leave what is stored stale.
    """
    with unit(session):
        member = held(session, what.person_id)
        first, before = member.detected_at is None, member.in_force
        member.archetype, member.confidence, member.beliefs = what.archetype, what.confidence, what.beliefs
        member.signals, member.answers = what.signals, what.answers
        member.transactions, member.rule_set = what.transactions, what.rule_set
        member.detected_at, member.stale = what.at, member.version != read_version
        member.in_force = member.override or what.archetype
        if not first and member.in_force is not before:
            session.add(change_of(member, before, Cause.DETECTED, what.at))
        return member


def held(session: Session, person_id: UUID) -> Member:
    """The person's row as a member, made when it is missing, kept from others until the unit ends."""
    mine = select(Member).where(Member.person_id == person_id).with_for_update()
    member = session.scalar(mine)
    if member is None:
        lock_key(session, company_of(session), "member", person_id)
        member = session.scalar(mine)
    if member is None:
        member = Member(person_id=person_id, version=0)
        session.add(member)
        session.flush()
    return member


def change_of(
    member: Member, before: Archetype, cause: Cause, at: datetime, *, reason: str = "", by: str = ""
) -> ArchetypeChange:
    """The trace of a change of what is in force, to be added."""
    return ArchetypeChange(
        person_id=member.person_id,
        at=at,
        cause=cause,
        before=before,
        after=member.in_force,
        confidence=member.confidence,
        rule_set=member.rule_set,
        reason=reason,
        by=by,
    )


def current(session: Session, person_id: UUID, state: State, clock: Clock) -> tuple[Member, bool]:
    """The person as a member with a fresh archetype; whether it was stored already.

    What is not fresh is detected now and stored. Raises ValueError for a broken history.
    """
    member = session.scalar(select(Member).where(Member.person_id == person_id))
    if member is not None and is_fresh(member, state, clock.now()):
        return member, True
    read_version = member.version if member is not None else 0
    return store(session, find_one(session, person_id, state, clock.now()), read_version), False
