"""Models that learned from a prospect's deals: they go whole, and are trained without them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import String, cast, delete, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.privacy import Counts, Ids, Keeper, Subject
from webapp.core.services import services
from webapp.leads.facts import ModelDeed
from webapp.leads.learning import retrain
from webapp.leads.models import Lead, ModelEvent, ScoringModel
from webapp.leads.salespeople import held_salesperson

WHY = "It had learned from the deal of a person who was erased."
BY = "An erasure"
AT_ONCE = 100


def _unlearn(session: Session, actor: Actor, _subject: Subject, ids: Ids) -> Counts:
    versions = _versions(session, sorted(ids.of(Lead.__tablename__)))
    for staff_id in sorted({one.staff_id for one in versions}):
        gone = {one.number for one in versions if one.staff_id == staff_id}
        person = held_salesperson(session, staff_id)
        if person.number in gone:
            deed = ModelEvent(
                staff_id=staff_id,
                deed=ModelDeed.RESET,
                number=0,
                at=services().clock.now(),
                reason=WHY,
                by=BY,
            )
            session.add(deed)
            person.number, person.drifting = 0, False
    session.flush()
    session.execute(delete(ScoringModel).where(ScoringModel.id.in_([one.id for one in versions])))
    retrain(session, actor, services().starter, sorted({one.staff_id for one in versions}))
    return {"lead models": len(versions)}


def _versions(session: Session, leads: Collection[UUID]) -> list[ScoringModel]:
    """The versions in which one of these leads stands."""
    found, listed = dict[UUID, ScoringModel](), [str(one) for one in leads]
    for begin in range(0, len(listed), AT_ONCE):
        told = [cast(column, String) for column in (ScoringModel.cases, ScoringModel.evaluation)]
        hits = or_(*(text.contains(one) for text in told for one in listed[begin : begin + AT_ONCE]))
        found |= {row.id: row for row in session.scalars(select(ScoringModel).where(hits))}
    return list(found.values())


KEEPER = Keeper(inside=_unlearn)
