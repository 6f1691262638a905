"""The overrides in force, with their age; those that end soon want somebody's eye."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.archetypes.member_list import SOON_DAYS, expiring
from webapp.archetypes.models import Member
from webapp.core.access import Actor, Permission
from webapp.core.area import Attention
from webapp.core.services import services
from webapp.core.tables import MOST_COUNTED, Column, Listing, ListPage
from webapp.core.text import number, span
from webapp.people.models import Person
from webapp.people.persons import called, persons_by_id

LISTING = Listing(
    model=Member,
    columns=(Column("set", Member.override_at), Column("until", Member.override_expires_at)),
    default_sort="-set",
)


@dataclass(frozen=True)
class Active:
    """An override in force: whose, for how long, and whether it ends within a week."""

    member: Member
    name: str
    age: str
    soon: bool


def overrides_page(session: Session, args: Mapping[str, str], now: datetime) -> ListPage[Member]:
    """One page of the overrides in force."""
    over = case((Member.override_expires_at <= now, 1), else_=0)  # nothing to begin with
    return LISTING.page(session, args, Member.override.is_not(None), over == 0)


def told(session: Session, rows: Sequence[Member], now: datetime) -> list[Active]:
    """The rows with the members' names, in one statement."""
    persons = persons_by_id(session, [row.person_id for row in rows])
    return [_active(row, persons, now) for row in rows]


def _active(row: Member, persons: Mapping[UUID, Person], now: datetime) -> Active:
    person, ends = persons.get(row.person_id), row.override_expires_at
    age = span((now - row.override_at).total_seconds()) if row.override_at else ""
    soon = ends is not None and (ends - now).days < SOON_DAYS
    return Active(row, called(person) if person else "", age, soon)


def wanting(session: Session, who: Actor) -> list[Attention]:
    """The home page's line about overrides that end within a week."""
    if not who.may(Permission.ARCHETYPES_READ) or who.company_id is None:
        return []
    soon = select(Member.override_expires_at).where(*expiring(services().clock.now()))
    count = session.scalar(select(func.count()).select_from(soon.limit(MOST_COUNTED + 1).subquery())) or 0
    if not count:
        return []
    how_many = f"{number(MOST_COUNTED)}+" if count > MOST_COUNTED else number(count)
    words = "override expires" if count == 1 else "overrides expire"
    href = "/archetypes?override=soon"
    return [Attention(f"{how_many} {words} within {SOON_DAYS} days", href, "override")]
