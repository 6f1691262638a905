"""Which version of a salesperson's model answers: the one in force, or the default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from webapp.leads.models import Salesperson, ScoringModel
from webapp.leads.rules.moments import Moments
from webapp.leads.rules.personal import Personal, Predicted, by_default

_read: LRUCache[UUID, Personal] = LRUCache(500)  # versions never change


@dataclass(frozen=True)
class InForce:
    """What predicts for one person; number 0 and no model is the default."""

    staff_id: UUID | None = None
    number: int = 0
    model: Personal | None = None
    multipliers: Mapping[str, float] = field(default_factory=dict)
    version_id: UUID | None = None

    def predict(self, moments: Moments) -> Predicted:
        """What it says of each moment."""
        return by_default(moments) if self.model is None else self.model.predict(moments)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of activity that the model reads."""
        columns = self.model.encoder.columns if self.model else ()
        return tuple(dict.fromkeys(one.of for one in columns if one.read in {"kind", "any"}))


DEFAULT = InForce()


def in_force(session: Session, staff_id: UUID | None) -> InForce:
    """What predicts for this person in the session's company; the default for nobody."""
    return DEFAULT if staff_id is None else all_in_force(session, [staff_id])[staff_id]


def all_in_force(session: Session, staff_ids: Iterable[UUID]) -> dict[UUID, InForce]:
    """The same for several persons at once."""
    wanted = set(staff_ids)
    rows = session.execute(
        select(ScoringModel.staff_id, ScoringModel.number, ScoringModel.id, ScoringModel.multipliers)
        .join(
            Salesperson,
            (Salesperson.staff_id == ScoringModel.staff_id) & (Salesperson.number == ScoringModel.number),
        )
        .where(ScoringModel.staff_id.in_(wanted))
    ).all()
    models = _models(session, [row.id for row in rows])
    found = {
        row.staff_id: InForce(row.staff_id, row.number, models[row.id], row.multipliers, row.id)
        for row in rows
    }
    return {staff_id: found.get(staff_id) or InForce(staff_id) for staff_id in wanted}


def _models(session: Session, ids: list[UUID]) -> dict[UUID, Personal]:
    lacking = [one for one in ids if one not in _read]
    if lacking:
        stored: Iterable[Any] = session.execute(
            select(ScoringModel.id, ScoringModel.model).where(ScoringModel.id.in_(lacking))
        )
        fresh = {row.id: Personal.from_json(row.model) for row in stored}
        _read.update(fresh)
        return {one: fresh[one] if one in fresh else _read[one] for one in ids}
    return {one: _read[one] for one in ids}
