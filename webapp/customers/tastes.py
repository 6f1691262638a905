"""What a customer's newest events say they like, read at the moment of asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.core.db import read
from webapp.customers.facts import Kind
from webapp.customers.models import Dislike, Event
from webapp.customers.rules.interactions import DAY, HALF_LIFE_DAYS
from webapp.customers.rules.strengths import SAYING, strength_of

NEWEST = 300  # events of one customer that are looked at
VERBS = {
    Kind.PRODUCT_VIEW.value: "viewed",
    Kind.ADD_TO_CART.value: "put into the cart",
    Kind.PURCHASE.value: "bought",
    Kind.RATING.value: "rated",
}
READ = (
    select(Event.kind, Event.at, Event.item, Event.value)
    .where(Event.person_id == bindparam("who"), Event.kind.in_(SAYING), Event.item.is_not(None))
    .order_by(Event.at.desc(), Event.id.desc())
    .limit(NEWEST)
)
DISLIKED = select(Dislike.item).where(Dislike.person_id == bindparam("who"))


@dataclass(frozen=True)
class Taste:
    """Strengths by item (aged, not below zero), the strongest deed with each, what was viewed, newest first.

    `known` are all items that the customer did anything with, `disliked` those they want less of.
    """

    strengths: Mapping[str, float] = field(default_factory=dict)
    deeds: Mapping[str, str] = field(default_factory=dict)
    viewed: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    disliked: frozenset[str] = frozenset()


def taste_of(session: Session, person_id: UUID, now: datetime) -> Taste:
    """Read the taste of a customer of the session's company."""
    sums, best, deeds = dict[str, float](), dict[str, float](), dict[str, str]()
    viewed = dict[str, None]()
    for kind, at, item, value in read(session, READ, {"who": person_id}):
        assert item is not None  # asked for
        says = strength_of(kind, value)
        sums[item] = sums.get(item, 0.0) + says * 0.5 ** ((now - at).total_seconds() / DAY / HALF_LIFE_DAYS)
        if says > best.get(item, 0.0):
            best[item], deeds[item] = says, VERBS.get(kind, "looked at")
        if kind == Kind.PRODUCT_VIEW.value:
            viewed.setdefault(item)
    disliked = frozenset(read(session, DISLIKED, {"who": person_id}).scalars())
    kept = {item: value for item, value in sums.items() if value > 0 and item not in disliked}
    return Taste(kept, deeds, tuple(viewed), frozenset(sums), disliked)
