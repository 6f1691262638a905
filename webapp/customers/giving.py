"""Which offers a customer gets: running, meant for them, by priority; given once, within the cap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from webapp.core.audience import meant
from webapp.core.clock import Clock
from webapp.core.db import lock_key, read, unit
from webapp.customers.facts import Feature
from webapp.customers.models import Offer, OfferGiven
from webapp.customers.picture import audience_facts
from webapp.customers.service import Service

MOST_RUNNING = 500  # offers that are looked at, by priority
MOST_SHOWN = 50
RUNNING = (  # built once, as the other: every homepage asks them
    select(Offer)
    .where(
        or_(Offer.starts_at.is_(None), Offer.starts_at <= bindparam("now")),
        or_(Offer.ends_at.is_(None), Offer.ends_at > bindparam("now")),
    )
    .order_by(Offer.priority.desc(), Offer.created_at.desc(), Offer.id.desc())
    .limit(MOST_RUNNING)
)
GIVEN = select(OfferGiven.offer_id).where(
    OfferGiven.person_id == bindparam("who"), OfferGiven.offer_id.in_(bindparam("offers", expanding=True))
)


def offers_for(session: Session, service: Service, person_id: UUID | None, *, clock: Clock) -> list[Offer]:
    """The running offers that the customer is meant for, the most important first, at most fifty.

    What is answered is given: once per customer a row in `offers_given` says so (it is its own trail), and
    `given` counts it. The cap counts customers: it is never exceeded, whoever asks at once, and whoever has
    an offer goes on seeing it while it runs and is meant for them. No row is made for a stranger (None), so
    a stranger is not counted and sees no offer that has a cap. With all personalization switched off,
    offers with an audience are nobody's.
    """
    now = clock.now()
    offers = [one for one in _meant(session, service, person_id, now) if person_id or one.cap is None]
    if person_id is None:
        return offers[:MOST_SHOWN]
    theirs = _given_to(session, person_id, offers)
    open_ = [one for one in offers if one.id in theirs or one.cap is None or one.given < one.cap]
    fresh = [one.id for one in open_[:MOST_SHOWN] if one.id not in theirs]
    if not fresh:
        return open_[:MOST_SHOWN]
    wanted = [one.id for one in open_[:MOST_SHOWN]]
    theirs |= _give(session, person_id, fresh, now)
    rows = {one.id: one for one in session.scalars(select(Offer).where(Offer.id.in_(wanted)))}
    return [rows[one] for one in wanted if one in theirs and one in rows]


def _meant(session: Session, service: Service, person_id: UUID | None, now: datetime) -> list[Offer]:
    offers = list(session.scalars(RUNNING, {"now": now}))
    asked = {fact for one in offers for fact in one.audience}
    personal = bool(asked) and service.on(Feature.ALL)
    facts = audience_facts(session, person_id, now, asked) if personal else {}
    return [one for one in offers if meant(one.audience, facts)]


def _given_to(session: Session, person_id: UUID, offers: Sequence[Offer]) -> set[UUID]:
    if not offers:
        return set()
    return set(read(session, GIVEN, {"who": person_id, "offers": [one.id for one in offers]}).scalars())


def _give(session: Session, person_id: UUID, offer_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Record these as given where the cap leaves room; answers those that the customer has now."""
    with unit(session):
        lock_key(session, "offers_given", person_id)  # a customer who asks twice at once is counted once
        had = set(
            session.scalars(
                select(OfferGiven.offer_id).where(
                    OfferGiven.person_id == person_id, OfferGiven.offer_id.in_(offer_ids)
                )
            )
        )
        for offer_id in sorted(set(offer_ids) - had):  # in one order, so that no two wait for each other
            room = or_(Offer.cap.is_(None), Offer.given < Offer.cap)
            taken = update(Offer).where(Offer.id == offer_id, room).values(given=Offer.given + 1)
            if session.execute(taken.returning(Offer.id)).scalar() is not None:
                session.add(OfferGiven(offer_id=offer_id, person_id=person_id, at=now))
                had.add(offer_id)
    return had
