"""Which block a customer gets in a slot, what it says, why it wins or not, and who else would get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.core.audience import meant
from webapp.customers.facts import Feature, Lifecycle, Slot
from webapp.customers.models import ContentBlock
from webapp.customers.picture import (
    Facts,
    audience_facts,
    audience_facts_of_many,
    newest_customers,
    variables_of,
)
from webapp.customers.rules.audience import FACTS, WRITTEN, Written, written
from webapp.customers.service import Service

MOST_BLOCKS = 200  # of one slot that are looked at, by priority
MOST_CUSTOMERS = 300  # of whom it is worked out who would get a block
MOST_NAMED = 20


@dataclass(frozen=True)
class Shown:
    """The block that a customer gets, and its text for them."""

    block: ContentBlock
    text: Written
    personalized: bool


@dataclass(frozen=True)
class Considered:
    """One block of the slot as it stands for a customer; `why` says what decides, fit for people."""

    block: ContentBlock
    wins: bool
    why: str


@dataclass(frozen=True)
class Reach:
    """How many of these customers would get a block, how many it is meant for, and some of them.

    `bounded` says that there are more customers than `of`: these are the newest.
    """

    of: int
    bounded: bool
    meant: int
    gets: int
    some: tuple[tuple[str, str], ...]


def content_for(
    session: Session, service: Service, person_id: UUID | None, slot: Slot, now: datetime
) -> Shown | None:
    """The running block of the slot that the customer is meant for: highest priority, then newest.

    With all personalization switched off, only blocks without an audience are there, and nothing that is
    known of the customer stands in the text. None is a stranger.
    """
    blocks = _running(session, slot, now)
    personal = service.on(Feature.ALL)
    facts = _facts(session, person_id, now, blocks) if personal else {}
    block = next((one for one in blocks if meant(one.audience, facts)), None)
    if block is None:
        return None
    whose = person_id if personal else None
    return Shown(block, text_for(session, block, whose, now), personal and person_id is not None)


def text_for(session: Session, block: ContentBlock, person_id: UUID | None, now: datetime) -> Written:
    """The block's text for a customer; a subject stays one line whatever fills it."""
    known = variables_of(session, person_id, now, set(WRITTEN.findall(block.body)))
    text = written(block.body, known, block.fallbacks)
    if block.slot is not Slot.EMAIL_SUBJECT:
        return text
    return Written(" ".join(text.text.split()), text.fell_back, text.missing)


def considered(
    session: Session, service: Service, person_id: UUID | None, slot: Slot, now: datetime
) -> list[Considered]:
    """All blocks of the slot in the order in which they are asked, each with why it wins or does not."""
    ordered = select(ContentBlock).where(ContentBlock.slot == slot).order_by(*_ORDER).limit(MOST_BLOCKS)
    blocks = session.scalars(ordered).all()
    personal = service.on(Feature.ALL)
    facts = _facts(session, person_id, now, blocks) if personal else {}
    found, winner = list[Considered](), ""
    for block in blocks:
        why = _why_not(block, facts, now, personal=personal)
        if not why and winner:
            why = f"“{winner}” comes first: its priority is higher, or the same and it is newer."
        if not why:
            winner = block.name
        found.append(Considered(block, not why, why or "The first that runs and is meant for them."))
    return found


def reach(session: Session, service: Service, block: ContentBlock, now: datetime) -> Reach:
    """Who would get the block now, worked out for the newest customers as it would be for each of them.

    A block that does not run is counted as meant; nobody gets it.
    """
    customers = newest_customers(session, MOST_CUSTOMERS + 1)
    some = customers[:MOST_CUSTOMERS]
    running = _running(session, block.slot, now)
    asked = {fact for one in (*running, block) for fact in one.audience}
    ids = [row_id for row_id, _, _ in some]
    known = audience_facts_of_many(session, ids, now, asked) if asked and ids else {}
    facts = known if service.on(Feature.ALL) else {}
    for_them = [row for row in some if meant(block.audience, facts.get(row[0], {}))]
    winners = [row for row in for_them if _winner(running, facts.get(row[0], {})) == block.id]
    named = tuple((identifier, name) for _, identifier, name in winners[:MOST_NAMED])
    return Reach(len(some), len(customers) > len(some), len(for_them), len(winners), named)


_ORDER = (ContentBlock.priority.desc(), ContentBlock.created_at.desc(), ContentBlock.id.desc())


def _winner(running: Sequence[ContentBlock], facts: Facts) -> UUID | None:
    return next((one.id for one in running if meant(one.audience, facts)), None)


def _running(session: Session, slot: Slot, now: datetime) -> Sequence[ContentBlock]:
    running = select(ContentBlock).where(
        ContentBlock.slot == slot,
        ContentBlock.active.is_(True),
        or_(ContentBlock.starts_at.is_(None), ContentBlock.starts_at <= now),
        or_(ContentBlock.ends_at.is_(None), ContentBlock.ends_at > now),
    )
    return session.scalars(running.order_by(*_ORDER).limit(MOST_BLOCKS)).all()


def _facts(session: Session, person_id: UUID | None, now: datetime, blocks: Sequence[ContentBlock]) -> Facts:
    asked = {fact for one in blocks for fact in one.audience}
    return audience_facts(session, person_id, now, asked) if asked else {}


def _why_not(
    block: ContentBlock, facts: Mapping[str, Sequence[str]], now: datetime, *, personal: bool
) -> str:
    if not block.active:
        return "It is switched off."
    if block.starts_at and block.starts_at > now:
        return "It has not begun."
    if block.ends_at and block.ends_at <= now:
        return "It has ended."
    if block.audience and not personal:
        return "It has an audience, and all personalization is switched off."
    for fact in (one for one in FACTS if block.audience.get(one)):  # a database keeps no order of keys
        words = block.audience[fact]
        if not meant({fact: words}, facts):
            theirs = ", ".join(_called(fact, facts.get(fact, ()))) or "nothing known"
            return f"The {fact} is asked to be {' or '.join(_called(fact, words))}; theirs: {theirs}."
    return ""


def _called(fact: str, words: Sequence[str]) -> list[str]:
    """The words of a fact as people call them."""
    if fact == "lifecycle":
        return [Lifecycle(one).label.lower() for one in words]
    return [one.replace("_", " ") for one in words] if fact == "archetype" else list(words)
