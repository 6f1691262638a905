"""Members whose history changed: each has a row, and its archetype is to be detected anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Member
from webapp.core.db import company_of, new_id

SET = 1_000  # persons by one statement


def touch_members(session: Session, person_ids: Iterable[UUID | None]) -> None:
    """Mark these persons' members as stale, making a row for those who have none, in the caller's unit.

    They are taken in the order of their ids, so that two units wait for each other instead of locking up.
    """
    session.flush()
    wanted = iter(sorted({person_id for person_id in person_ids if person_id is not None}))
    while some := list(islice(wanted, SET)):
        held = select(Member.id, Member.person_id).where(Member.person_id.in_(some))
        known = session.execute(held.order_by(Member.person_id).with_for_update()).all()
        if known:  # the version tells a detection under way that it read too early
            changed = update(Member).where(Member.id.in_([row.id for row in known]))
            session.execute(changed.values(stale=True, version=Member.version + 1))
        there = {row.person_id for row in known}
        make_members(session, [person_id for person_id in some if person_id not in there], touched=True)


def make_members(session: Session, person_ids: Sequence[UUID], *, touched: bool) -> None:
    """Make rows for persons who have none, whatever other units do at the same time.

    With `touched` a row that another unit made meanwhile is marked as stale, like a new one.
    """
    if not person_ids:
        return
    version = 1 if touched else 0
    rows = [
        {**_blank(), "version": version, "company_id": company_of(session), "person_id": one}
        for one in person_ids
    ]
    maker: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made = maker.insert(Member.__table__)
    same = ["company_id", "person_id"]
    marked = {"stale": True, "version": Member.__table__.c.version + 1}
    statement = (
        made.on_conflict_do_update(index_elements=same, set_=marked)
        if touched
        else made.on_conflict_do_nothing(index_elements=same)
    )
    session.connection().execute(statement, rows)


def _blank() -> dict[str, Any]:
    """A member of whom nothing is known yet."""
    return {
        "id": new_id(),
        "in_force": Archetype.AVERAGE_USER,
        "archetype": Archetype.AVERAGE_USER,
        "confidence": 0.0,
        "beliefs": [],
        "signals": [],
        "answers": [],
        "transactions": 0,
        "stale": True,
        "override_reason": "",
        "override_by": "",
        "version": 1,
    }
