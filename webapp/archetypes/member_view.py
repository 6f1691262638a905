"""Everything the page of one member tells, read in few statements and handed over as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from webapp.archetypes.facts import Archetype
from webapp.archetypes.member_list import freshness_of, word_of
from webapp.archetypes.models import ArchetypeChange, Member, MemberRequest, Recommendation
from webapp.archetypes.rule_state import State
from webapp.archetypes.rules.explain import Part
from webapp.archetypes.rules.ruleset import Signal
from webapp.archetypes.telling import Told, tell
from webapp.core.money import Money
from webapp.core.text import money, number, plural
from webapp.people.models import Person

REQUESTS, CHANGES, OFFERS = 20, 20, 10
AS_ONE = {
    Archetype.BIG_SPENDER: "a big spender",
    Archetype.HIGH_FLEXIBILITY: "highly flexible",
    Archetype.AVERAGE_USER: "an average user",
}


@dataclass(frozen=True)
class Asked:
    """A request of the member's, or one they got; `other` is whom it concerned, when that is known."""

    row: MemberRequest
    made: bool
    other_id: UUID | None
    other: str
    money: Money


@dataclass(frozen=True)
class Seen:
    """A member as the page shows them."""

    told: Told
    word: str
    fresh: str
    requests: tuple[Asked, ...]
    changes: tuple[ArchetypeChange, ...]
    offers: tuple[Recommendation, ...]

    @property
    def affinities(self) -> dict[Archetype, float]:
        """What the signals add up to for each archetype, with its lean."""
        lean = self.told.rules.detection.lean
        return {one: sum(part.adds[one] for part in self.told.parts) + lean[one] for one in Archetype}


def read_member(session: Session, member: Member, state: State, now: datetime) -> Seen:
    """Read what is known: five statements, however much it is."""
    told = tell(session, member, state, now)
    return Seen(
        told=told,
        word=word_of(told.detected_confidence),
        fresh=freshness_of(member, state, now),
        requests=requests_of(session, member.person_id),
        changes=changes_of(session, member.person_id),
        offers=offers_to(session, member.person_id, OFFERS),
    )


def requests_of(session: Session, person_id: UUID) -> tuple[Asked, ...]:
    """The latest requests the person made or got, the newest first."""
    other = aliased(Person)
    found = list[Asked]()
    for mine, theirs in (
        (MemberRequest.requester_id, MemberRequest.responder_id),
        (MemberRequest.responder_id, MemberRequest.requester_id),
    ):
        asked = (
            select(MemberRequest, other.id, other.name, other.identifier)
            .outerjoin(other, other.id == theirs)
            .where(mine == person_id)
            .order_by(MemberRequest.asked_at.desc())
            .limit(REQUESTS)
        )
        made = mine is MemberRequest.requester_id
        found += [
            Asked(row, made, who, name or identifier or "", Money(row.offered_minor, row.currency))
            for row, who, name, identifier in session.execute(asked)
        ]
    return tuple(sorted(found, key=lambda one: one.row.asked_at, reverse=True)[:REQUESTS])


def changes_of(session: Session, person_id: UUID) -> tuple[ArchetypeChange, ...]:
    """How the archetype in force changed of late, the newest first."""
    mine = select(ArchetypeChange).where(ArchetypeChange.person_id == person_id)
    newest = mine.order_by(ArchetypeChange.at.desc(), ArchetypeChange.id.desc()).limit(CHANGES)
    return tuple(session.scalars(newest))


def offers_to(session: Session, person_id: UUID, most: int) -> tuple[Recommendation, ...]:
    """What was recommended to the person of late, the newest first."""
    mine = select(Recommendation).where(Recommendation.person_id == person_id)
    newest = mine.order_by(Recommendation.at.desc(), Recommendation.id.desc()).limit(most)
    return tuple(session.scalars(newest))


def value_of(part: Part, currency: str) -> str:
    """A signal's value with its unit."""
    value = part.value
    if value is None:
        return "unknown"
    if part.signal is Signal.AVERAGE_VALUE:
        return money(round(value), currency)
    if part.signal is Signal.RESPONSE_TIME:
        return f"{number(round(value))} min"
    if part.signal is Signal.REQUEST_RATE:
        return f"{value:.2f}"
    if part.signal is Signal.ACCOMMODATIONS:
        return f"{value:.0f}"
    return f"{value * 100:.0f} %"


def verdict(name: str, told: Told, detected_at: datetime | None, transactions: int, by: str) -> str:
    """What the member is, in one sentence."""
    found = f"{AS_ONE[told.detected]} with a confidence of {told.detected_confidence:.2f}"
    if told.manual:
        model = f"finds them {found}" if detected_at else "has found nothing yet"
        return f"{name} counts as {AS_ONE[told.archetype]}, set by {by}; the model {model}."
    if detected_at is None:
        return f"Nothing is known of {name} as a member yet: until then they count as an average user."
    counted = plural(transactions, "transaction")
    if told.new:
        return f"{name} is new: with {counted} they count as an average user, with low confidence."
    return f"{name} is found to be {found}, from {counted}."
