"""Analyses of contacts: a draft that is kept as it is typed, saved as versions, restored and looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.personas import merge
from webapp.personas.analysis_answer import ANALYSIS_BY_WIRE, ANALYSIS_FIELDS, MOST
from webapp.personas.contacts import CONTACTS
from webapp.personas.merge import Fields, State
from webapp.personas.models import AnalysisVersion, Contact, ContactAnalysis, Product


class StaleAnalysis(Conflict):
    """Somebody, or a program, saved the analysis after the draft was begun."""

    code = "analysis_changed"


def analysis_of(session: Session, contact_id: UUID) -> ContactAnalysis | None:
    """Answer the contact's analysis or draft, or None when nothing was ever begun."""
    return session.scalar(select(ContactAnalysis).where(ContactAnalysis.contact_id == contact_id))


def find_saved(session: Session, contact_id: UUID) -> ContactAnalysis:
    """Answer the contact's saved analysis. Raises NotFound, also for another company's contact."""
    CONTACTS.find(session, contact_id)
    row = analysis_of(session, contact_id)
    if row is None or row.version == 0:
        raise NotFound("Nothing is saved yet about how to speak with this contact.")
    return row


def saved_state(row: ContactAnalysis | None) -> State:
    """What is saved, empty when nothing is."""
    return State(dict(row.fields), dict(row.provenance)) if row else State()


def draft_state(row: ContactAnalysis | None) -> State:
    """The open draft, else what is saved."""
    if row is None or not row.draft:
        return saved_state(row)
    kept = row.draft
    return State(dict(kept["fields"]), dict(kept["provenance"]), {}, dict(kept["undo"]))


def versions_of_analysis(session: Session, row: ContactAnalysis) -> list[AnalysisVersion]:
    """Answer the saved versions, the newest first."""
    statement = (
        select(AnalysisVersion)
        .where(AnalysisVersion.analysis_id == row.id)
        .order_by(AnalysisVersion.number.desc())
    )
    return list(session.scalars(statement.limit(200)))


@dataclass(frozen=True)
class Analyses:
    """What every change of an analysis needs."""

    clock: Clock
    auditor: Auditor

    def keep(
        self,
        session: Session,
        actor: Actor,
        contact_id: UUID,
        posted: Fields,
        base: str,
        product_id: UUID | None,
    ) -> ContactAnalysis:
        """Take over what was typed since the form was drawn; nothing typed opens no draft.

        Raises NotFound.
        """
        with unit(session):
            row = self.held(session, contact_id)
            if product_id is not None and session.get(Product, product_id) is None:
                raise NotFound(
                    "There is no such product.", details={"product_id": "Choose one of the products."}
                )
            row.product_id = product_id
            before = draft_state(row)
            after = merge.typed(before, posted, base, actor.name, self.clock.now())
            if after != before:
                self.put_draft(row, after, actor.name)
            return row

    def change(self, session: Session, contact_id: UUID, how: Callable[[State], State]) -> ContactAnalysis:
        """Apply one change to the draft's contents. Raises NotFound."""
        with unit(session):
            row = self.held(session, contact_id)
            if row.draft:
                self.put_draft(row, how(draft_state(row)), row.drafted_by)
            return row

    def save(
        self, session: Session, actor: Actor, contact_id: UUID, over: int | None = None
    ) -> ContactAnalysis:
        """Save the draft as a version and end it. `over` names the version its author has seen beside theirs.

        Raises DomainError naming the fields at fault, StaleAnalysis, NotFound.
        """
        with unit(session):
            row = self.held(session, contact_id)
            if not row.draft:
                return row  # saved before: a second press
            state = draft_state(row)
            check_analysis(state.fields)
            if row.version not in {row.draft["base_version"], over}:
                raise StaleAnalysis("This analysis was saved anew while you were editing it.")
            built_from = dict(row.draft["built_from"]) or dict(row.built_from)
            self._save(session, actor, row, state, "edited" if row.version else "created")
            row.built_from, row.unreviewed = built_from, False
            self.end_draft(row)
            return row

    def discard(self, session: Session, contact_id: UUID) -> None:
        """Forget the draft; what is saved stays."""
        with unit(session):
            self.end_draft(self.held(session, contact_id))

    def review(self, session: Session, actor: Actor, contact_id: UUID) -> None:
        """Say that a person has looked at an analysis that a program saved."""
        with unit(session):
            row = self.held(session, contact_id)
            row.unreviewed = False
            self.auditor.record(session, actor, AuditAction.ANALYSIS_REVIEWED, row)

    def restore(self, session: Session, actor: Actor, contact_id: UUID, number: int) -> None:
        """Make an earlier version the newest one. Raises NotFound."""
        with unit(session):
            row = self.held(session, contact_id)
            old = session.scalar(
                select(AnalysisVersion).where(
                    AnalysisVersion.analysis_id == row.id, AnalysisVersion.number == number
                )
            )
            if old is None:
                raise NotFound("There is no such version.")
            state = State(dict(old.fields), dict(old.provenance))
            self._save(session, actor, row, state, f"restored version {number}")
            row.unreviewed = False
            self.auditor.record(session, actor, AuditAction.ANALYSIS_RESTORED, row)

    def put_saved(
        self,
        session: Session,
        actor: Actor,
        contact_id: UUID,
        state: State,
        built_from: Mapping[str, Any],
        reason: str,
    ) -> ContactAnalysis:
        """Save contents nobody has looked at, inside the caller's unit, marked so. Raises NotFound."""
        row = self.held(session, contact_id)
        self._save(session, actor, row, state, reason)
        row.built_from, row.unreviewed = dict(built_from), True
        return row

    def held(self, session: Session, contact_id: UUID) -> ContactAnalysis:
        """The contact's row, made at its first use and locked for the caller's unit. Raises NotFound."""
        lock_key(session, "analysis", contact_id)
        contact = session.scalar(select(Contact.id).where(Contact.id == contact_id))
        if contact is None:
            raise NotFound("There is no such contact.")
        row = session.scalar(
            select(ContactAnalysis).where(ContactAnalysis.contact_id == contact_id).with_for_update()
        )
        if row is None:
            now = self.clock.now()
            row = ContactAnalysis(contact_id=contact_id, created_at=now, updated_at=now)
            session.add(row)
            session.flush()
        return row

    def put_draft(self, row: ContactAnalysis, state: State, author: str, **more: Any) -> None:
        """Write the draft inside the caller's unit, opening it when there is none."""
        kept = row.draft or {"base_version": row.version, "built_from": {}, "warnings": []}
        contents = {"fields": state.fields, "provenance": state.provenance, "undo": state.undo}
        row.draft = {**kept, **contents, **more}
        row.drafted_by, row.drafted_at = author, self.clock.now()

    def end_draft(self, row: ContactAnalysis) -> None:
        """Close the draft inside the caller's unit; a job that writes it finds itself disowned."""
        row.draft, row.drafted_by, row.drafted_at, row.job_id = {}, "", None, None

    def _save(self, session: Session, actor: Actor, row: ContactAnalysis, state: State, reason: str) -> None:
        now, before = self.clock.now(), dict(row.fields)
        fields = {spec.wire: merge.clean(spec.wire, state.value(spec.wire)) for spec in ANALYSIS_FIELDS}
        row.fields, row.provenance = fields, dict(state.provenance)
        row.version, row.updated_at = row.version + 1, now
        session.add(
            AnalysisVersion(
                analysis_id=row.id,
                number=row.version,
                fields=dict(fields),
                provenance=dict(row.provenance),
                saved_at=now,
                saved_by=actor.name,
                staff_id=actor.staff_id,
                reason=reason,
            )
        )
        changes = {
            wire: (before.get(wire), value) for wire, value in fields.items() if before.get(wire) != value
        }
        self.auditor.record(session, actor, AuditAction.ANALYSIS_SAVED, row, changes=changes)


def check_analysis(fields: Mapping[str, Any]) -> None:
    """Raise DomainError naming each field that is missing or too long."""
    problems = {
        spec.wire: f"{spec.label} is needed."
        for spec in ANALYSIS_FIELDS
        if spec.required and not fields.get(spec.wire)
    }
    for wire, value in fields.items():
        spec = ANALYSIS_BY_WIRE[wire]
        rows = value if isinstance(value, list) else [value]
        if len(rows) > MOST and spec.many:
            problems[wire] = f"{spec.label}: at most {MOST}."
        elif any(len(row) > spec.longest for row in rows):
            problems[wire] = (
                f"{spec.label}: at most {spec.longest:,} characters{' each' if spec.many else ''}."
            )
    if problems:
        raise DomainError(" ".join(problems.values()), code="analysis_incomplete", details=problems)
