"""Recommendations: what a member is offered for a night, logged with everything it follows from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import beliefs_of, current, is_fresh, overridden
from webapp.archetypes.facts import Selected
from webapp.archetypes.history import counts_of
from webapp.archetypes.models import Member, Night, Recommendation
from webapp.archetypes.rule_state import State, rules_numbered, settle, state_of
from webapp.archetypes.rules.answer import Answer, Inputs, answer, default_without_override, digest_of
from webapp.archetypes.rules.money import Money, checked_currency, read_amount
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.urgency import PastDate
from webapp.core.clock import Clock
from webapp.core.db import new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.people.models import Person

T = TypeVar("T")


@dataclass(frozen=True)
class NightAsked:
    """A night as the caller describes it: by its id, or by price, currency and date."""

    night_id: str | None = None
    base_price: Decimal | None = None
    currency: str | None = None
    checkin: date | None = None


@dataclass(frozen=True)
class Ask:
    """What is asked: who wants which night, from whom, and what they would give in exchange."""

    user_id: str
    night: NightAsked
    counterpart_id: str | None = None
    swap_night_id: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A night as rules want it, in major units."""

    checkin: date
    base: Decimal
    currency: str
    demand: Decimal | None = None


@dataclass(frozen=True)
class Outcome:
    """What a member did: took one of the ways or nothing, after so many seconds, for so much money."""

    selected: Selected
    seconds: int | None = None
    revenue: Decimal | None = None


def recommend(session: Session, ask: Ask, clock: Clock) -> Answer:
    """Answer the recommendation and log it.

    Raises NotFound for an unknown person or night, DomainError for a past date or what cannot be priced.
    """
    state = state_of(session)
    person_id, member, counterpart = _people(session, ask)
    wanted = wanted_night(session, ask.night)
    swap_base = _swap_base(session, ask, wanted)
    if member is None or not is_fresh(member, state, clock.now()):
        member = freshly(session, person_id, state, clock)
    inputs = inputs_of(
        member,
        state,
        clock.now(),
        user_id=ask.user_id,
        wanted=wanted,
        swap_base=swap_base,
        received=counterpart,
        log_id=new_id(),
    )
    answered = answered_by(inputs, state.of(person_id)[1])
    _log(session, person_id, answered, state, clock)
    return answered


def freshly(session: Session, person_id: UUID, state: State, clock: Clock) -> Member:
    """The person as a member with an archetype that is current. Raises DomainError for a broken history."""
    try:
        return current(session, person_id, state, clock)[0]
    except ValueError as error:
        raise DomainError(str(error), code="broken_history") from None


def inputs_of(
    member: Member,
    state: State,
    now: datetime,
    *,
    user_id: str,
    wanted: Wanted,
    swap_base: Decimal | None = None,
    received: dict[str, tuple[int, int]] | None = None,
    log_id: UUID | None = None,
) -> Inputs:
    """Everything the member's answer follows from at this moment."""
    number, rules = state.of(member.person_id)
    override = member.override if overridden(member, now) else None
    return Inputs(
        log_id=str(log_id or ""),
        user_id=user_id,
        rule_set=number,
        today=now.astimezone(state.zone).date(),
        checkin=wanted.checkin,
        base=wanted.base,
        currency=wanted.currency,
        demand=wanted.demand,
        swap_base=swap_base,
        archetype=member.archetype,
        confidence=member.confidence,
        beliefs=beliefs_of(member),
        override=override,
        new_member=member.transactions < rules.detection.new_below,
        held_out=override is None and state.held_out(member.person_id),
        company=state.company,
        made=counts_of(member.answers, made=True),
        received=received,
    )


def answered_by(inputs: Inputs, rules: Rules) -> Answer:
    """The answer. Raises DomainError for a past date."""
    try:
        return answer(inputs, rules)
    except PastDate as error:
        raise DomainError(str(error), code="past_date", details={"checkinDate": str(error)}) from None


def replay(session: Session, log_id: UUID) -> tuple[Recommendation, bytes, bool]:
    """The logged answer made again, and whether its bytes are those that were given. Raises NotFound."""
    row = session.get(Recommendation, log_id)
    if row is None:
        raise NotFound("There is no such recommendation.")
    body = answer(Inputs.model_validate(row.inputs), rules_numbered(session, row.rule_set)).body
    return row, body, digest_of(body) == row.digest


def record_outcome(session: Session, log_id: UUID, outcome: Outcome, clock: Clock) -> Recommendation:
    """Keep what the member did. The same outcome again changes nothing; another one raises Conflict.

    Raises NotFound, or DomainError for money the currency has not.
    """
    with unit(session):
        row = session.scalar(select(Recommendation).where(Recommendation.id == log_id).with_for_update())
        if row is None:
            raise NotFound("There is no such recommendation.")
        told = (outcome.selected, outcome.seconds, _revenue(outcome, row.currency))
        if row.decided_at is None:
            row.selected, row.decided_seconds, row.revenue_minor = told
            row.decided_at = clock.now()
        elif told != (row.selected, row.decided_seconds, row.revenue_minor):
            raise Conflict("Another outcome of this recommendation is recorded already.")
        return row


def wanted_night(session: Session, asked: NightAsked) -> Wanted:
    """The night asked for. Raises NotFound, or DomainError naming what is missing or cannot be."""
    if asked.night_id is not None:
        night = _night(session, asked.night_id, "leaseNightId")
        return Wanted(night.date, _base(night), night.currency, _demand(night))
    given = {"basePrice": asked.base_price, "currency": asked.currency, "checkinDate": asked.checkin}
    missing = {name: "Name it, or name leaseNightId." for name, value in given.items() if value is None}
    if missing:
        raise DomainError(
            f"This lacks {', '.join(missing)}.", code="missing_field", status=400, details=missing
        )
    currency = _checked("currency", lambda: checked_currency(asked.currency or ""))
    minor = _checked("basePrice", lambda: read_amount(str(asked.base_price), currency))
    if not minor:
        raise DomainError("A night has a price.", code="invalid", details={"basePrice": "More than zero."})
    assert asked.checkin is not None
    return Wanted(asked.checkin, Money(minor, currency).amount, currency)


def _people(session: Session, ask: Ask) -> tuple[UUID, Member | None, dict[str, tuple[int, int]] | None]:
    """Who asks, what is known of them as a member, and how the one who is asked has answered."""
    named = [ask.user_id] if ask.counterpart_id is None else [ask.user_id, ask.counterpart_id]
    statement = (
        select(Person.identifier, Person.id, Member)
        .outerjoin(Member, Member.person_id == Person.id)
        .where(Person.identifier.in_(named))
    )
    known = {identifier: (person_id, member) for identifier, person_id, member in session.execute(statement)}
    if ask.user_id not in known:
        raise NotFound(f"No person is known as “{ask.user_id}”.", details={"userId": "unknown"})
    person_id, member = known[ask.user_id]
    if ask.counterpart_id is None:
        return person_id, member, None
    if ask.counterpart_id not in known:
        told = f"No person is known as “{ask.counterpart_id}”."
        raise NotFound(told, details={"counterpartId": "unknown"})
    other = known[ask.counterpart_id][1]
    return person_id, member, counts_of(other.answers, made=False) if other is not None else {}


def _swap_base(session: Session, ask: Ask, wanted: Wanted) -> Decimal | None:
    if ask.swap_night_id is None:
        return None
    night = _night(session, ask.swap_night_id, "swapNightId")
    if night.currency != wanted.currency:
        told = f"The two nights are priced in {wanted.currency} and {night.currency}."
        raise DomainError(told, code="currencies_differ", details={"swapNightId": told})
    return _base(night)


def _night(session: Session, identifier: str, field: str) -> Night:
    night = session.scalar(select(Night).where(Night.identifier == identifier))
    if night is None:
        raise NotFound(f"There is no night “{identifier}”.", details={field: "unknown"})
    return night


def _base(night: Night) -> Decimal:
    return Money(night.base_minor, night.currency).amount


def _demand(night: Night) -> Decimal | None:
    return None if night.demand_ppm is None else Decimal(night.demand_ppm).scaleb(-6)


def _log(session: Session, person_id: UUID, answered: Answer, state: State, clock: Clock) -> None:
    asked = answered.inputs
    overruled = asked.override is not None
    rules = state.of(person_id)[1]
    with unit(session):
        if not state.stored:
            settle(session, clock)
        session.add(
            Recommendation(
                id=UUID(asked.log_id),
                person_id=person_id,
                at=clock.now(),
                rule_set=asked.rule_set,
                inputs=asked.model_dump(mode="json"),
                digest=digest_of(answered.body),
                archetype=asked.in_force,
                overridden=overruled,
                held_out=asked.held_out,
                new_member=asked.new_member,
                urgency=answered.soon.level.value,
                rule=answered.chosen.rule,
                recommended=answered.chosen.way,
                unoverridden=default_without_override(asked, rules).way if overruled else None,
                currency=asked.currency,
            )
        )


def _revenue(outcome: Outcome, currency: str) -> int | None:
    """Money in minor units; nothing was earned where nothing was taken."""
    if outcome.revenue is None:
        return 0 if outcome.selected is Selected.NONE else None
    return _checked("revenue", lambda: read_amount(str(outcome.revenue), currency))


def _checked(field: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise DomainError(str(error), code="invalid", details={field: str(error)}) from None
