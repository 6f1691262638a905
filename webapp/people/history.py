"""What the trail says of a person: who did what to them, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.core.audit import AuditEntry
from webapp.people.models import Survey
from webapp.people.questions import question_label

SHOWN = 100


@dataclass(frozen=True)
class Deed:
    """One line of the history: the deed, what it touched, who did it."""

    what: str
    fields: tuple[str, ...]
    who: str
    at: datetime


def history_of(session: Session, person_id: UUID) -> list[Deed]:
    """The newest deeds on the person and on their survey."""
    survey = session.scalar(select(Survey.id).where(Survey.person_id == person_id))
    about = [person_id, survey] if survey else [person_id]
    found = select(AuditEntry).where(AuditEntry.subject_id.in_(about)).order_by(AuditEntry.seq.desc())
    entries = list(session.scalars(found.limit(SHOWN)))
    staff = {entry.staff_id for entry in entries if entry.staff_id}
    named = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff)))
    names = {row.id: row.name for row in named}
    return [
        Deed(
            entry.action.label,
            tuple(question_label(name) for name in entry.changes),
            _who(entry, names),
            entry.at,
        )
        for entry in entries
    ]


def _who(entry: AuditEntry, names: Mapping[UUID, str]) -> str:
    if entry.staff_id:
        return names.get(entry.staff_id, "somebody who is gone")
    return "a program" if entry.token_id else "a command"
