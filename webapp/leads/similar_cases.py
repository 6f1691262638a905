"""The closed leads that a prediction is told beside, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.leads.models import Lead
from webapp.leads.rules.explaining import Case


@dataclass(frozen=True)
class Like:
    """A closed lead like another; `lead_id` is None when it is gone."""

    lead_id: UUID | None
    name: str
    won: bool
    closed_at: datetime | None
    distance: float


def named(session: Session, cases: Sequence[Case]) -> list[Like]:
    """The cases with what is known of their leads, in their order."""
    if not cases:
        return []
    ids = [UUID(one.lead) for one in cases]
    asked = select(Lead.id, Lead.name, Lead.closed_at).where(Lead.id.in_(ids))
    known = {row.id: row for row in session.execute(asked)}
    return [
        Like(lead_id, known[lead_id].name, one.won, known[lead_id].closed_at, one.distance)
        if lead_id in known
        else Like(None, "a lead that is gone", one.won, None, one.distance)
        for lead_id, one in zip(ids, cases, strict=True)
    ]
