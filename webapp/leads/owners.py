"""Who leads belong to: staff accounts of the company, by e-mail address and by id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Staff
from webapp.leads.models import Lead


@dataclass(frozen=True)
class Owner:
    """A staff account that leads can belong to."""

    id: UUID
    name: str
    email: str


def sellers(session: Session) -> list[Owner]:
    """Everyone of the company whom leads can be given to, by name."""
    return sellers_and(session, ())[0]


def sellers_and(session: Session, ids: Iterable[UUID | None]) -> tuple[list[Owner], dict[UUID | None, Owner]]:
    """The same, and the accounts of these ids, in one statement."""
    wanted = {one for one in ids if one is not None}
    sells = exists(
        select(Membership.id).where(
            Membership.staff_id == Staff.id, Membership.disabled.is_(False), Staff.disabled.is_(False)
        )
    )
    rows = session.execute(
        select(Staff.id, Staff.name, Staff.email, sells.label("sells"))
        .where(or_(sells, Staff.id.in_(wanted)))
        .order_by(func.lower(Staff.name), Staff.id)
    ).all()
    found = {row.id: Owner(row.id, row.name, row.email) for row in rows}
    return [found[row.id] for row in rows if row.sells], {one: found[one] for one in wanted if one in found}


def owners_by_email(session: Session, emails: Iterable[str]) -> dict[str, UUID]:
    """Those of the company by their addresses, also who has left it and whose leads nobody took over."""
    wanted = sorted({one for one in emails if one})
    if not wanted:
        return {}
    belongs = exists(select(Membership.id).where(Membership.staff_id == Staff.id))
    owns = exists(select(Lead.id).where(Lead.owner_id == Staff.id))
    found = select(Staff.email, Staff.id).where(Staff.email.in_(wanted), or_(belongs, owns))
    return {row.email: row.id for row in session.execute(found)}


def owners_by_id(session: Session, ids: Iterable[UUID | None]) -> dict[UUID | None, Owner]:
    """The accounts of these ids."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Staff.id, Staff.name, Staff.email).where(Staff.id.in_(wanted)))
    return {row.id: Owner(*row) for row in rows}
