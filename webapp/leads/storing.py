"""Leads written set by set with all that follows: their stages, what became of them, the trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp.core.audit import AuditAction
from webapp.core.db import new_id
from webapp.core.imports.bulk import insert_rows, update_rows
from webapp.core.imports.kind import Writing
from webapp.leads.models import Lead, LeadFact, StageChange
from webapp.leads.reading import attribute_text, lead_texts
from webapp.leads.stages import Standing, Step, first_steps, in_order, steps_after

COLUMNS = (
    "identifier",
    "name",
    "email",
    "source",
    "value_minor",
    "currency",
    "stage",
    "owner_id",
    "opened_at",
    "stage_changed_at",
    "closed_at",
    "attributes",
)
UNREAD = {"identifier", "name", "email"}  # by the scoring
UNSCORED: dict[str, Any] = {
    "score": 0,
    "probability": None,
    "confidence": None,
    "next_action": None,
    "priority": None,
    "at_risk": False,
    "model_number": None,
    "scored_at": None,
    "stale": True,
}
Columns = Mapping[str, Any]
Changes = dict[str, tuple[object, object]]


@dataclass(frozen=True)
class Wanted:
    """A lead as it shall be: its columns, with the owner's e-mail address before and after for the trail."""

    id: UUID
    columns: Columns
    lead: Lead | None = None
    owners: tuple[str, str] = ("", "")

    @property
    def before(self) -> Columns:
        """The columns as they are saved; none for a new lead."""
        return {name: getattr(self.lead, name) for name in COLUMNS} if self.lead else {}

    @property
    def differing(self) -> Columns:
        """The columns that change."""
        before = self.before
        return {name: self.columns[name] for name in COLUMNS if not _same(before, name, self.columns[name])}

    @property
    def told(self) -> Changes:
        """What changes, in the wire's words."""
        before = all_texts(self.before, self.owners[0]) if self.lead else {}
        after = all_texts(self.columns, self.owners[1])
        names = [*after, *(name for name in before if name not in after)]
        pairs = {name: (before.get(name) or None, after.get(name) or None) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def all_texts(columns: Columns, owner: str) -> dict[str, str]:
    """All of a lead as texts, its attributes among them as `attributes.<name>`."""
    further = {f"attributes.{name}": attribute_text(value) for name, value in columns["attributes"].items()}
    return {**lead_texts(columns, owner), **further}


def _same(before: Columns, name: str, value: object) -> bool:
    return name in before and before[name] == value and type(before[name]) is type(value)


def store_leads(session: Session, writing: Writing, wanted: Sequence[Wanted]) -> int:
    """Write what differs, in the caller's unit; answers how many rows were written.

    New leads get their first stages; saved ones get versions, the stages they reached, a fact for whatever
    became of source, value and attributes, and a mark where the scoring has to look again.
    """
    session.flush()
    new = [one for one in wanted if one.lead is None]
    old = [(one, differing) for one in wanted if one.lead is not None and (differing := one.differing)]
    insert_rows(
        session, writing, Lead, [(one.id, {**UNSCORED, **one.columns, **_closer(one)}) for one in new]
    )
    rows = [(one.id, {**_marked(differing), **_closer(one)}) for one, differing in old]
    update_rows(session, writing, Lead, rows)
    _add_steps(session, writing, {one.id: first_steps(Standing.of(one.columns)) for one in new})
    _move_steps(session, writing, [one for one, _ in old])
    facts = [fact for one, differing in old for fact in _facts(one, differing)]
    add_rows(session, writing, LeadFact, [{**fact, "at": writing.now} for fact in facts])
    trace(session, writing, AuditAction.LEAD_CREATED, {one.id: one.told for one in new})
    trace(session, writing, AuditAction.LEAD_CHANGED, {one.id: one.told for one, _ in old})
    session.expire_all()
    return len(new) + len(old)


def _marked(differing: Columns) -> Columns:
    """What changes, marked where scoring reads it; what another owner's model said is nobody's any more."""
    marked = {**differing, "stale": True} if differing.keys() - UNREAD else {**differing}
    return {**marked, "model_number": None} if "owner_id" in differing else marked


def _closer(one: Wanted) -> Columns:
    """Whose deal it is: of who owned it when it closed, or was the first to own it afterwards."""
    if not one.columns["stage"].closed:
        return {"closer_id": None}
    held = one.lead.closer_id if one.lead is not None and one.lead.stage.closed else None
    return {"closer_id": held or one.columns["owner_id"]}


def trace(session: Session, writing: Writing, action: AuditAction, leads: Mapping[UUID, Changes]) -> None:
    """Leave an audit row for each lead; what concerns its person is hashed under a key of its own."""
    if leads:
        whose = {lead_id: lead_id for lead_id in leads}
        writing.auditor.record_many(session, writing.actor, action, "lead", leads.items(), persons=whose)


def add_rows(session: Session, writing: Writing, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows past the mapper, each under a new id."""
    if rows:
        made = [{"id": new_id(), "company_id": writing.company_id, **row} for row in rows]
        session.connection().execute(insert(model.__table__), made)


def steps_of(session: Session, lead_ids: Iterable[UUID]) -> dict[UUID, dict[Step, UUID]]:
    """The stages of these leads, each with its row's id, in their order."""
    found: dict[UUID, dict[Step, UUID]] = defaultdict(dict)
    wanted = select(StageChange.lead_id, StageChange.at, StageChange.stage, StageChange.id)
    for row in session.execute(wanted.where(StageChange.lead_id.in_(list(lead_ids)))):
        found[row.lead_id][Step(row.at, row.stage)] = row.id
    return {lead_id: {step: rows[step] for step in in_order(rows)} for lead_id, rows in found.items()}


def write_steps(
    session: Session,
    writing: Writing,
    before: Mapping[UUID, Mapping[Step, UUID]],
    after: Mapping[UUID, Sequence[Step]],
) -> None:
    """Have these leads' histories be these ones: rows that are no more go, new ones come."""
    gone = [
        row_id
        for lead_id, steps in after.items()
        for step, row_id in before.get(lead_id, {}).items()
        if step not in set(steps)
    ]
    if gone:
        session.execute(delete(StageChange).where(StageChange.id.in_(gone)))
    fresh = {
        lead_id: [one for one in steps if one not in before.get(lead_id, {})]
        for lead_id, steps in after.items()
    }
    _add_steps(session, writing, fresh)


def _add_steps(session: Session, writing: Writing, steps: Mapping[UUID, Sequence[Step]]) -> None:
    by = writing.actor.name[:200]
    rows = [
        {"lead_id": lead_id, "stage": one.stage, "at": one.at, "by": by}
        for lead_id, some in steps.items()
        for one in some
    ]
    add_rows(session, writing, StageChange, rows)


def _move_steps(session: Session, writing: Writing, leads: Sequence[Wanted]) -> None:
    moved = {
        one.id: (before, after)
        for one in leads
        if (before := Standing.of(one.before)) != (after := Standing.of(one.columns))
    }
    if not moved:
        return
    saved = steps_of(session, moved)
    wanted = {lead_id: steps_after(saved.get(lead_id, {}), *pair) for lead_id, pair in moved.items()}
    write_steps(session, writing, saved, wanted)


def _facts(one: Wanted, differing: Columns) -> list[dict[str, Any]]:
    """What became of source, value and attributes, by name, with what they were before."""
    before, pairs = one.before, dict[str, tuple[object, object]]()
    if "source" in differing:
        pairs["source"] = (before["source"] or None, differing["source"] or None)
    if "value_minor" in differing or "currency" in differing:
        pairs["value"] = (before["value_minor"], one.columns["value_minor"])
    if "attributes" in differing:
        old, new = before["attributes"], differing["attributes"]
        names = sorted({*old, *new})
        pairs |= {f"attributes.{name}": (old.get(name), new.get(name)) for name in names}
    return [
        {"lead_id": one.id, "name": name, "before": _known(was), "after": _known(now)}
        for name, (was, now) in pairs.items()
        if was != now
    ]


def _known(value: object) -> dict[str, object]:
    return {} if value is None else {"value": value}
