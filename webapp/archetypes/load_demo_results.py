"""What came of the demo's history: archetypes week by week, twelve weeks of answers and what members did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from webapp.archetypes import demo
from webapp.archetypes.demo_answers import EACH, WEEKS, did
from webapp.archetypes.detecting import find_many
from webapp.archetypes.facts import Archetype, Selected
from webapp.archetypes.history import company_counts, key
from webapp.archetypes.models import Member, Recommendation
from webapp.archetypes.recalculating import count_members, keep_counts
from webapp.archetypes.recommending import Wanted, inputs_of
from webapp.archetypes.rule_state import State, settle, state_of
from webapp.archetypes.rules.answer import Answer, answer, digest_of
from webapp.archetypes.storing import write_found
from webapp.core.clock import Clock
from webapp.core.db import company_of, new_id, unit
from webapp.core.money import Money, exponent_of
from webapp.people.models import Person

SEED = 21


@dataclass(frozen=True)
class Given:
    """An answer that was given, when, to whom."""

    at: datetime
    person_id: UUID
    answer: Answer


def load_demo_results(session: Session, clock: Clock, types: Mapping[UUID, Archetype]) -> None:
    """Detect the demo's members as they were at each week's end, then make up answers and outcomes.

    `types` are the members' true ones, by person.
    """
    now = clock.now()
    with unit(session):
        row = settle(session, clock)
        for week in range(WEEKS, -1, -1):
            _detect_at(session, now - timedelta(weeks=week))
        state = state_of(session)
        since = now - timedelta(days=state.rules.detection.look_back_days)
        row.acceptance = {way: list(pair) for way, pair in company_counts(session, since, now).items()}
        row.counted_at = now
        session.flush()
        _insert(session, [_row(given, types, chance) for given, chance in _answers(session, now)])


def _detect_at(session: Session, at: datetime) -> None:
    """Every member's archetype at that moment, kept, and counted for its day."""
    state = state_of(session)
    asked = select(key(Member.id), key(Member.person_id), Member.person_id, Member.version)
    members = session.execute(asked.order_by(Member.person_id)).all()
    ends = members[0][2], members[-1][2]
    version = state.number, state.rules
    found = find_many(session, ends, [one[1] for one in members], state, version, at)
    write_found(session, [one[0] for one in members], [one[3] for one in members], found)
    keep_counts(session, at.astimezone(state.zone).date(), count_members(session))
    session.expire_all()


def _answers(session: Session, now: datetime) -> Iterator[tuple[Given, Random]]:
    """So many answers to each member, for nights of the demo's prices, over the weeks."""
    chance, state = Random(SEED), state_of(session)  # noqa: S311  # made-up data, not a secret
    members = session.execute(select(Member, Person).join(Person, Person.id == Member.person_id)).all()
    for member, person in sorted(members, key=lambda one: one[1].identifier):
        for _ in range(chance.randrange(2 * EACH + 1)):
            at = now - timedelta(minutes=chance.randrange(1, WEEKS * 7 * 24 * 60))
            yield Given(at, member.person_id, _answer(member, person, state, at, chance)), chance


def _answer(member: Member, person: Person, state: State, at: datetime, chance: Random) -> Answer:
    base = Money(chance.randrange(900, 2600, 10) * demo.CENTS, demo.CURRENCY)
    checkin = at.astimezone(state.zone).date() + timedelta(
        days=chance.choice((1, 2, 4, 6, 9, 12, 18, 25, 40))
    )
    wanted = Wanted(checkin, base.amount, demo.CURRENCY)
    log_id = new_id()
    inputs = inputs_of(member, state, at, user_id=person.identifier, wanted=wanted, log_id=log_id)
    return answer(inputs, state.of(member.person_id)[1])


def _row(given: Given, types: Mapping[UUID, Archetype], chance: Random) -> dict[str, Any]:
    asked, told = given.answer.inputs, given.answer
    deed = did(types[given.person_id], told, chance)
    taken = {one.way.value: one.price.total for one in told.options}
    revenue = None if deed is None else taken.get(deed.selected.value, 0)
    return {
        "id": UUID(asked.log_id),
        "person_id": given.person_id,
        "at": given.at,
        "rule_set": asked.rule_set,
        "inputs": asked.model_dump(mode="json"),
        "digest": digest_of(told.body),
        "archetype": asked.in_force,
        "overridden": False,
        "held_out": asked.held_out,
        "new_member": asked.new_member,
        "urgency": told.soon.level.value,
        "rule": told.chosen.rule,
        "recommended": told.chosen.way,
        "unoverridden": None,
        "currency": asked.currency,
        "selected": Selected(deed.selected) if deed else None,
        "decided_seconds": deed.seconds if deed else None,
        "revenue_minor": None if revenue is None else int(revenue * 10 ** exponent_of(asked.currency)),
        "decided_at": given.at + timedelta(seconds=deed.seconds) if deed else None,
    }


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    mine, table = company_of(session), cast("Table", Recommendation.__table__)
    session.connection().execute(insert(table), [{**row, "company_id": mine} for row in rows])
