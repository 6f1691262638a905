"""Notices: what a salesperson is told in the application, each thing once, and what of it they have read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import NotFound
from webapp.core.tables import Column, Filter, Listing
from webapp.leads.facts import NoticeKind
from webapp.leads.models import Notice
from webapp.leads.preferences import preferences_of

LONGEST = 500
MOST_COUNTED = 100  # beyond, the navigation counts no further


def _unread_only(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    return [Notice.read_at.is_(None)] if args.get("unread") == "yes" else []


NOTICES = Listing(
    Notice,
    (Column("at", Notice.at),),
    filters=(Filter("kind", Notice.kind, "Kind"),),
    default_sort="-at",
    narrow=_unread_only,
)


def tell(
    session: Session,
    staff_id: UUID,
    kind: NoticeKind,
    key: str,
    text: str,
    *,
    at: datetime,
    lead_id: UUID | None = None,
    body: Mapping[str, Any] | None = None,
) -> Notice | None:
    """Tell the person inside the caller's unit; the new notice, or None where nothing was told.

    That is: they were told under this key already, or want to be told nothing on the house's own account.
    A digest is a thing they ordered, so that only its frequency says whether it comes.
    """
    if kind is not NoticeKind.DIGEST and not preferences_of(session, staff_id).proactive:
        return None
    lock_key(session, company_of(session), "notices", staff_id)
    if session.scalar(select(Notice.id).where(Notice.staff_id == staff_id, Notice.key == key)):
        return None
    row = Notice(
        staff_id=staff_id,
        kind=kind,
        key=key,
        text=text[:LONGEST],
        lead_id=lead_id,
        body=dict(body or {}),
        at=at,
    )
    session.add(row)
    session.flush()
    return row


def told_already(session: Session, staff_id: UUID, keys: Sequence[str]) -> set[str]:
    """Which of these keys the person was told under, in one statement."""
    asked = select(Notice.key).where(Notice.staff_id == staff_id, Notice.key.in_(keys))
    return set(session.scalars(asked)) if keys else set()


def unread(session: Session, staff_id: UUID) -> int:
    """How many notices the person has not read, up to a hundred."""
    some = select(Notice.id).where(Notice.staff_id == staff_id, Notice.read_at.is_(None)).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def notice_of(session: Session, staff_id: UUID, notice_id: UUID) -> Notice:
    """One of the person's own notices. Raises NotFound, also for another person's."""
    row = session.get(Notice, notice_id)
    if row is None or row.staff_id != staff_id:
        raise NotFound("There is no such notice.")
    return row


def mark_read(session: Session, staff_id: UUID, notice_id: UUID, clock: Clock) -> None:
    """Note that the person has read it; the first time stays. Raises NotFound."""
    with unit(session):
        row = notice_of(session, staff_id, notice_id)
        row.read_at = row.read_at or clock.now()


def mark_all_read(session: Session, staff_id: UUID, until: datetime, clock: Clock) -> int:
    """Note that the person has read all that they were told up to then; answers how many were new."""
    news = update(Notice).where(Notice.staff_id == staff_id, Notice.read_at.is_(None), Notice.at <= until)
    with unit(session):
        return int(session.execute(news.values(read_at=clock.now())).rowcount)  # type: ignore[attr-defined]  # an UPDATE's
