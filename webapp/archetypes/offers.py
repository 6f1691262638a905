"""What a member would be offered, told without logging: as they are, and as staff would have them be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import Found, columns_of, find_one, is_fresh
from webapp.archetypes.facts import Archetype, Way
from webapp.archetypes.models import Member, Night
from webapp.archetypes.recommending import (
    NightAsked,
    Wanted,
    answered_by,
    find_night,
    inputs_of,
    wanted_night,
)
from webapp.archetypes.rule_state import State
from webapp.people.models import Person

EXAMPLE_PRICE, EXAMPLE_DAYS = Decimal(1000), 5


@dataclass(frozen=True)
class AsOfNow:
    """A member as a recommendation would take them at this moment; nothing of it is stored.

    `fresh` when the stored detection is good; `problem` says why nothing could be detected.
    """

    member: Member
    fresh: bool
    problem: str = ""


@dataclass(frozen=True)
class Offer:
    """The answer for a night, as the API gives it."""

    wanted: Wanted
    document: dict[str, Any]

    @property
    def best(self) -> dict[str, Any]:
        """The option that is recommended."""
        best: dict[str, Any] = self.document["options"][0]
        return best


@dataclass(frozen=True)
class Effect:
    """The answers for one night without and with an override, and by way what each costs."""

    archetype: Archetype
    today: Offer
    then: Offer

    @property
    def rows(self) -> list[tuple[Way, dict[str, Any], dict[str, Any]]]:
        """Each way with its option today and under the override."""
        before, after = (
            {option["type"]: option for option in offer.document["options"]}
            for offer in (self.today, self.then)
        )
        return [(way, before[way.value], after[way.value]) for way in Way]


def as_of_now(
    session: Session, person_id: UUID, member: Member | None, state: State, now: datetime
) -> AsOfNow:
    """The member with the stored detection while it is fresh, else with one made now and kept nowhere."""
    if member is not None and is_fresh(member, state, now):
        return AsOfNow(member, fresh=True)
    known = member or Member(person_id=person_id)
    try:
        return AsOfNow(_with(known, find_one(session, person_id, state, now)), fresh=False)
    except ValueError as error:
        return AsOfNow(known, fresh=False, problem=str(error))


def _with(member: Member, what: Found) -> Member:
    """A copy that no session knows, with what was detected."""
    return Member(
        person_id=member.person_id,
        in_force=member.override or what.archetypes[0],
        **columns_of(what),
        override=member.override,
        override_reason=member.override_reason,
        override_by=member.override_by,
        override_at=member.override_at,
        override_expires_at=member.override_expires_at,
    )


def example_night(session: Session, state: State, now: datetime) -> NightAsked:
    """The company's next night; without one, a made-up night in some days."""
    today = now.astimezone(state.zone).date()
    coming = select(Night.identifier).where(Night.date >= today).order_by(Night.date, Night.id).limit(1)
    known = session.scalar(coming)
    if known is not None:
        return NightAsked(night_id=known)
    return made_up(state.currency, today)


def made_up(currency: str, today: date) -> NightAsked:
    """A night that nobody has."""
    return NightAsked(None, EXAMPLE_PRICE, currency, today + timedelta(days=EXAMPLE_DAYS))


def offer_of(
    session: Session, person: Person, member: Member, state: State, now: datetime, asked: NightAsked
) -> Offer:
    """What the member would be offered. Raises NotFound or DomainError naming what is wrong."""
    wanted = wanted_night(asked, find_night(session, asked.night_id), now.astimezone(state.zone).date())
    inputs = inputs_of(member, state, now, user_id=person.identifier, wanted=wanted)
    return Offer(wanted, answered_by(inputs, state.of(person.id)[1]).document)


def effect_of(
    session: Session,
    person: Person,
    member: Member,
    state: State,
    now: datetime,
    override: tuple[Archetype, NightAsked],
) -> Effect:
    """What an override would do to the offer for a night; raises like `offer_of`."""
    archetype, asked = override
    today = offer_of(session, person, member, state, now, asked)
    inputs = inputs_of(member, state, now, user_id=person.identifier, wanted=today.wanted)
    changed = inputs.model_copy(update={"override": archetype, "held_out": False})
    then = answered_by(changed, state.of(person.id)[1])
    return Effect(archetype, today, replace(today, document=then.document))
