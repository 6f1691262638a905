"""Who of the staff looked at whom: one row an hour for each page of a person, a contact or a lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from webapp.accounts.models import Staff
from webapp.core.access import Permission
from webapp.core.db import company_of, unit
from webapp.core.list_desk import ListDesk
from webapp.core.reading import moment_text
from webapp.core.tables import Column, Listing
from webapp.people.models import Person
from webapp.privacy.keeping_models import Look

SUBJECTS = ("person_id", "contact_id", "lead_id")
_known: LRUCache[tuple[object, ...], bool] = LRUCache(5_000)  # what this process wrote lately


def note_look(session: Session, staff_id: UUID, page: str, name: str, row_id: UUID, now: datetime) -> None:
    """Write down that the page of `row_id` (a person’s, contact’s or lead’s, as `name` says) was opened.

    A page that was opened stays opened: when the row cannot be written, only the log says so.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = (company_of(session), row_id, staff_id, page, hour)
    if key in _known:
        return
    try:
        with unit(session):
            same = select(Look.id).where(Look.subject_id == row_id, Look.staff_id == staff_id)
            if session.scalar(same.where(Look.page == page, Look.hour == hour)) is None:
                whose: dict[str, Any] = {name: row_id}
                row = Look(staff_id=staff_id, page=page, at=now, hour=hour, subject_id=row_id, **whose)
                session.add(row)
        _known[key] = True
    except IntegrityError:
        return  # gone meanwhile, or written down by another process at this moment
    except SQLAlchemyError as error:
        structlog.get_logger().warning("a look could not be written down", problem=type(error).__name__)


def _narrowed(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """`staff` is the id of who looked, `user_id` the whole id of the person who was looked at."""
    found, user_id = list[ColumnElement[bool]](), args.get("user_id", "").strip()
    try:
        found += [Look.staff_id == UUID(args["staff"])] if args.get("staff") else []
    except ValueError:
        found.append(Look.staff_id == UUID(int=0))
    if user_id and "\0" not in user_id:
        named = select(Person.id).where(Person.identifier == user_id).scalar_subquery()
        found.append(Look.person_id == named)
    return found


LOOKS = Listing(model=Look, columns=(Column("at", Look.at),), default_sort="-at", narrow=_narrowed)


def names_of_staff(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the staff with these ids are called."""
    found = session.execute(select(Staff.id, Staff.name, Staff.email).where(Staff.id.in_(ids)))
    return {row.id: row.name or row.email for row in found}


def lookers(session: Session) -> dict[UUID, str]:
    """Everyone who ever looked at somebody here."""
    return names_of_staff(session, list(session.scalars(select(Look.staff_id).distinct())))


def _texts(row: Look) -> Mapping[str, str]:
    return {"at": moment_text(row.at), "page": row.page}


def _also(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    asked = (
        select(Look.id, Look.staff_id, Person.identifier)
        .outerjoin(Person, Person.id == Look.person_id)
        .where(Look.id.in_(ids))
    )
    rows = list(session.execute(asked))
    names = names_of_staff(session, list({row.staff_id for row in rows}))
    return {row.id: {"by": names.get(row.staff_id, ""), "user_id": row.identifier or ""} for row in rows}


LOOK_DESK = ListDesk(
    name="looks",
    noun="look",
    listing=LOOKS,
    read=Permission.PRIVACY_READ,
    write=Permission.PRIVACY_MANAGE,
    columns=("at", "by", "page", "user_id"),
    texts=_texts,
    endpoint="looks.index",
    also=_also,
)
