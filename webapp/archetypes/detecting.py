"""Finding archetypes and keeping what was found: one member at a call, a set at a time in a job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.facts import Archetype, Cause
from webapp.archetypes.history import Seen, Span, look
from webapp.archetypes.models import ArchetypeChange, Member
from webapp.archetypes.rule_state import State
from webapp.archetypes.rules.detect import ARCHETYPES, detect
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.touching import make_members
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.money import exponent_of

BROKEN = "Its history holds amounts or answers below zero. Correct those requests and run it again."


@dataclass(frozen=True)
class Found:
    """Detections as they are stored, a list for each column and a place for each member.

    `beliefs`, `signals` and `answers` are JSON lists: the beliefs in the order of the archetypes; the nine
    values in the order of the signals (null where nothing is known), then from how many requests each
    was read; the counts that `history.counts_of` reads. `broken` histories hold nothing that counts.
    """

    archetypes: list[Archetype]
    confidence: list[float]
    beliefs: list[str]
    signals: list[str]
    answers: list[str]
    transactions: list[int]
    broken: list[bool]
    rule_set: int
    at: datetime

    def __len__(self) -> int:
        return len(self.archetypes)


def find_one(session: Session, person_id: UUID, state: State, now: datetime) -> Found:
    """Detect a person's archetype from their history as it is. Raises ValueError for a broken history."""
    number, rules = state.of(person_id)
    days = rules.detection.look_back_days
    seen = look(session, Span.of_one(person_id, now, days, state.currency))
    if seen.broken[0]:
        raise ValueError(BROKEN)
    return _found(seen, rules, number, state.currency, now)


def find_many(
    session: Session,
    ends: tuple[UUID, UUID],
    keys: Sequence[Any],
    state: State,
    version: tuple[int, Rules],
    now: datetime,
) -> Found:
    """Detect the archetypes of the persons with these keys, whose ids lie between the two ends."""
    number, rules = version
    since = now - timedelta(days=rules.detection.look_back_days)
    seen = look(session, Span(*ends, since, now, state.currency), keys)
    return _found(seen, rules, number, state.currency, now)


def _found(seen: Seen, rules: Rules, number: int, currency: str, now: datetime) -> Found:
    what = detect(seen.histories, rules.detection, now.timestamp(), 10.0 ** exponent_of(currency))
    values, evidence = _as_json(what.signals.T.round(6)), _as_json(what.evidence.T.astype(int))
    return Found(
        archetypes=[ARCHETYPES[best] for best in what.best.tolist()],
        confidence=what.confidence.tolist(),
        beliefs=_as_json(what.beliefs.T),
        signals=[f"{value[:-1]},{count[1:]}" for value, count in zip(values, evidence, strict=True)],
        answers=_as_json(seen.counts),
        transactions=what.transactions.astype(int).tolist(),
        broken=seen.broken.tolist(),
        rule_set=number,
        at=now,
    )


def _as_json(rows: NDArray[Any]) -> list[str]:
    """Each row as a JSON list: one call for all, since a set has ten thousand."""
    written = json.dumps(rows.tolist(), separators=(",", ":")).replace("NaN", "null")
    return [f"[{row}]" for row in written[2:-2].split("],[")]


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


def store(session: Session, person_id: UUID, what: Found, read_version: int) -> Member:
    """Keep one detection in the caller's unit; a change of the archetype in force leaves its trace.

    `read_version` is the member's when the history was read, 0 where there was no row: requests that came
    in between leave what is stored stale.
    """
    with unit(session):
        member = held(session, person_id)
        first, before = member.detected_at is None, member.in_force
        for name, value in columns_of(what).items():
            setattr(member, name, value)
        member.stale = member.version != read_version
        member.in_force = member.override or member.archetype
        if not first and member.in_force is not before:
            session.add(change_of(member, before, Cause.DETECTED, what.at))
        return member


def columns_of(what: Found) -> dict[str, Any]:
    """The columns of a member that a detection of one person fills."""
    return {
        "archetype": what.archetypes[0],
        "confidence": what.confidence[0],
        "beliefs": json.loads(what.beliefs[0]),
        "signals": json.loads(what.signals[0]),
        "answers": json.loads(what.answers[0]),
        "transactions": what.transactions[0],
        "rule_set": what.rule_set,
        "detected_at": what.at,
    }


def beliefs_of(member: Member) -> dict[Archetype, float]:
    """The stored beliefs by archetype; none of them where nothing was detected yet."""
    return dict(zip(ARCHETYPES, member.beliefs, strict=False))


def held(session: Session, person_id: UUID) -> Member:
    """The person's row as a member, made when it is missing, kept from others until the unit ends."""
    mine = select(Member).where(Member.person_id == person_id).with_for_update()
    asked = mine.execution_options(populate_existing=True)  # a unit around this one forgets nothing
    member = session.scalar(asked)
    if member is None:
        make_members(session, [person_id], touched=False)
        member = session.scalars(asked).one()
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
    what = find_one(session, person_id, state, clock.now())
    return store(session, person_id, what, read_version), False
