"""Recommendations: what a member is offered for a night, logged with everything it follows from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Select, String, Table, bindparam, insert, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import Company
from webapp.archetypes.detecting import beliefs_of, current, is_fresh, overridden
from webapp.archetypes.facts import Selected
from webapp.archetypes.history import company_counts, counts_of
from webapp.archetypes.models import Member, Night, Recommendation, RulesInForce
from webapp.archetypes.rule_state import STATE, State, rules_numbered, settle, state_from, state_of
from webapp.archetypes.rules.answer import (
    Answer,
    Inputs,
    answer,
    default_without_override,
    digest_of,
)
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.rules.urgency import PastDate
from webapp.core.clock import Clock
from webapp.core.db import company_of, new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.money import Money, checked_currency, read_amount
from webapp.people.models import Person

T = TypeVar("T")
MOST_DAYS = 3650  # that a night is priced ahead


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


def recommend(
    session: Session, ask: Ask, clock: Clock, held_back: Callable[[], bool] = lambda: False
) -> Answer:
    """Answer the recommendation and log it.

    `held_back` is asked once the member is known: the control of an experiment is held out, as its log says.
    Raises NotFound for an unknown person or night, DomainError for a past date or what cannot be priced.
    """
    _check(ask)
    known = _known(session, ask)
    state, person_id, member = known.state, known.person_id, known.member
    today = clock.now().astimezone(state.zone).date()
    wanted = wanted_night(ask.night, known.night, today)
    swap_base = _swap_base(ask, wanted, known.swap_night, today)
    if not state.stored:
        state = _begin(session, state, clock)
    if member is None or not is_fresh(member, state, clock.now()):
        member = freshly(session, person_id, state, clock)
    received = None
    if known.other_id is not None:
        other = known.other
        if other is None or not is_fresh(other, state, clock.now()):
            other = freshly(session, known.other_id, state, clock)
        received = counts_of(other.answers, made=False)
    inputs = inputs_of(
        member,
        state,
        clock.now(),
        user_id=ask.user_id,
        wanted=wanted,
        swap_base=swap_base,
        received=received,
        log_id=new_id(),
        held_back=held_back(),
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
    held_back: bool = False,
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
        home=state.currency,
        demand=wanted.demand,
        swap_base=swap_base,
        archetype=member.archetype,
        confidence=member.confidence,
        beliefs=beliefs_of(member),
        override=override,
        new_member=member.transactions < rules.detection.new_below,
        held_out=override is None and (held_back or state.held_out(member.person_id)),
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


def find_night(session: Session, identifier: str | None) -> Night | None:
    """The night of this id, when the company has one."""
    if not identifier or "\0" in identifier:
        return None
    return session.scalar(select(Night).where(Night.identifier == identifier))


def wanted_night(asked: NightAsked, night: Night | None, today: date) -> Wanted:
    """The night asked for; `night` is the one of its id. Raises NotFound, or DomainError naming a field."""
    if asked.night_id is not None:
        found = _there(night, asked.night_id, "leaseNightId")
        return Wanted(found.date, _base(found), found.currency, _demand(found))
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
    if asked.checkin > today + timedelta(days=MOST_DAYS):
        told = "A night is priced ten years ahead at most."
        raise DomainError(told, code="too_far", details={"checkinDate": told})
    return Wanted(asked.checkin, Money(minor, currency).amount, currency)


@dataclass(frozen=True)
class Known:
    """Everything that is stored about what is asked; `other` is the one whom the member would ask."""

    state: State
    person_id: UUID
    member: Member | None
    night: Night | None
    swap_night: Night | None
    other_id: UUID | None
    other: Member | None


def _known(session: Session, ask: Ask) -> Known:
    """Read it in one statement. Raises NotFound for an unknown person."""
    row = session.execute(
        _statement(),
        {
            "home": company_of(session),
            "user": ask.user_id,
            "night": ask.night.night_id,
            "swap": ask.swap_night_id,
            "other": ask.counterpart_id,
        },
    ).one()
    person_id, member, night, swap_night, other_id, other = row[len(STATE) :]
    if person_id is None:
        raise NotFound(f"No person is known as “{ask.user_id}”.", details={"userId": "unknown"})
    if ask.counterpart_id is not None and other_id is None:
        told = f"No person is known as “{ask.counterpart_id}”."
        raise NotFound(told, details={"counterpartId": "unknown"})
    state = state_from(session, row[: len(STATE)])
    return Known(state, person_id, member, night, swap_night, other_id, other)


@cache
def _statement() -> Select[Any]:
    """Built once: making it would take as long as running it."""
    other, theirs, swap = aliased(Person), aliased(Member), aliased(Night)
    return (
        select(*STATE, Person.id, Member, Night, swap, other.id, theirs)
        .select_from(Company)
        .outerjoin(RulesInForce, RulesInForce.company_id == Company.id)
        .outerjoin(Person, Person.identifier == bindparam("user", type_=String))
        .outerjoin(Member, Member.person_id == Person.id)
        .outerjoin(Night, Night.identifier == bindparam("night", type_=String))
        .outerjoin(swap, swap.identifier == bindparam("swap", type_=String))
        .outerjoin(other, other.identifier == bindparam("other", type_=String))
        .outerjoin(theirs, theirs.person_id == other.id)
        .where(Company.id == bindparam("home", type_=Company.id.type))
    )


def _check(ask: Ask) -> None:
    """Raise DomainError for what contradicts itself."""
    told = ask.night
    described = (told.base_price, told.currency, told.checkin)
    problems = {}
    if told.night_id is not None and any(one is not None for one in described):
        problems["leaseNightId"] = "Name the night, or describe it by price, currency and date; not both."
    if ask.counterpart_id == ask.user_id:
        problems["counterpartId"] = "Nobody asks themselves for a night."
    if ask.swap_night_id is not None and ask.swap_night_id == told.night_id:
        problems["swapNightId"] = "A night cannot be exchanged for itself."
    if problems:
        raise DomainError(" ".join(problems.values()), code="contradiction", details=problems)


def _begin(session: Session, state: State, clock: Clock) -> State:
    """The company's first answer: its rules get their row, its requests are counted."""
    since = clock.now() - timedelta(days=state.rules.detection.look_back_days)
    accepted = company_counts(session, since, clock.now())
    with unit(session):
        row = settle(session, clock)
        if row.counted_at is None:
            row.acceptance = {way: list(pair) for way, pair in accepted.items()}
            row.counted_at = clock.now()
    return state_of(session)


def _swap_base(ask: Ask, wanted: Wanted, night: Night | None, today: date) -> Decimal | None:
    if ask.swap_night_id is None:
        return None
    found = _there(night, ask.swap_night_id, "swapNightId")
    if found.date < today:
        told = f"The night of {found.date.isoformat()} is past: it cannot be given."
        raise DomainError(told, code="past_date", details={"swapNightId": told})
    if found.currency != wanted.currency:
        told = f"The two nights are priced in {wanted.currency} and {found.currency}."
        raise DomainError(told, code="currencies_differ", details={"swapNightId": told})
    return _base(found)


def _there(night: Night | None, identifier: str, field: str) -> Night:
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
        # Past the mapper: of all writes this is the one that programs wait for.
        session.connection().execute(
            insert(cast("Table", Recommendation.__table__)),
            {
                "company_id": company_of(session),
                "id": UUID(asked.log_id),
                "person_id": person_id,
                "at": clock.now(),
                "rule_set": asked.rule_set,
                "inputs": asked.model_dump(mode="json"),
                "digest": digest_of(answered.body),
                "archetype": asked.in_force,
                "overridden": overruled,
                "held_out": asked.held_out,
                "new_member": asked.new_member,
                "urgency": answered.soon.level.value,
                "rule": answered.chosen.rule,
                "recommended": answered.chosen.way,
                "unoverridden": default_without_override(asked, rules).way if overruled else None,
                "currency": asked.currency,
            },
        )


def _revenue(outcome: Outcome, currency: str) -> int | None:
    """Money in minor units; nothing was earned where nothing was taken."""
    if outcome.selected is Selected.NONE and outcome.revenue:
        told = "Whoever takes nothing brings no revenue."
        raise DomainError(told, code="contradiction", details={"revenue": told})
    if outcome.revenue is None:
        return 0 if outcome.selected is Selected.NONE else None
    return _checked("revenue", lambda: read_amount(str(outcome.revenue), currency))


def _checked(field: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise DomainError(str(error), code="invalid", details={field: str(error)}) from None
