"""What a customer did, read back: by kind and time, the newest first, browsing only as far as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from webapp.core.tables import Column, Listing
from webapp.customers.facts import BROWSING
from webapp.customers.models import Event
from webapp.people.known import person_id_of

LISTING = Listing(Event, (Column("at", Event.at),), default_sort="-at")


class Asked(Protocol):
    """What is asked for: of one kind, from a time on, before a time, a page of it."""

    event_type: str | None
    since: datetime | None
    until: datetime | None
    limit: int
    cursor: str | None


def history_of(
    session: Session, user_id: str, asked: Asked, browsing: int
) -> tuple[Sequence[Event], str | None]:
    """A page of the customer's events, and the cursor of the rest; nothing for a stranger.

    Of page views, product views and searches only the newest `browsing` are shown.
    """
    person_id = person_id_of(session, user_id)
    if person_id is None:
        return [], None
    where: list[ColumnElement[bool]] = [Event.person_id == person_id, shown(session, person_id, browsing)]
    if asked.event_type:
        where.append(Event.kind == asked.event_type)
    if asked.since:
        where.append(Event.at >= asked.since)
    if asked.until:
        where.append(Event.at < asked.until)
    return LISTING.items(session, asked.limit, asked.cursor, *where)


def shown(session: Session, person_id: UUID, browsing: int) -> ColumnElement[bool]:
    """All but browsing that is older than the newest so many."""
    views = select(Event.at).where(Event.person_id == person_id, Event.kind.in_(BROWSING))
    border = session.scalar(views.order_by(Event.at.desc(), Event.id.desc()).offset(browsing - 1).limit(1))
    return or_(Event.kind.not_in(BROWSING), Event.at >= border) if border else Event.id.is_not(None)
