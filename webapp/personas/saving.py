"""Saving personas: every save is a version, and none replaces what its author has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.personas.answer import FIELDS, FIELDS_BY_WIRE, MOST_PAINS, SHORT
from webapp.personas.drafting import end_draft
from webapp.personas.merge import Fields, Value
from webapp.personas.models import Draft, Persona, PersonaVersion
from webapp.personas.provenance import drafted, edited, origin_of, stored
from webapp.personas.rows import fields_of, put_fields


class StalePersona(Conflict):
    """Somebody saved the persona after the author read it. `theirs` is what is saved now."""

    code = "persona_changed"

    def __init__(self, theirs: Fields, version: int, by: str) -> None:
        super().__init__(
            f"{by or 'Somebody'} saved version {version} of this persona while you were editing."
        )
        self.theirs = theirs
        self.version = version


@dataclass(frozen=True)
class Saver:
    """What every save needs."""

    clock: Clock
    auditor: Auditor

    def save_draft(
        self, session: Session, actor: Actor, draft_id: UUID, read_version: int | None = None
    ) -> UUID:
        """Save the draft as a persona and end it; answers the persona's id.

        A new persona takes the draft's id, so that a second press finds what the first one saved.
        Raises DomainError naming the fields at fault, StalePersona, NotFound.
        """
        with unit(session):
            draft = session.scalar(select(Draft).where(Draft.id == draft_id).with_for_update())
            if draft is None:
                raise NotFound("There is no such draft.")
            if draft.ended_at is not None:
                return _saved_before(session, draft)
            check_fields(dict(draft.fields))
            if draft.persona_id is None:
                persona = self._create(session, actor, draft.id, dict(draft.fields), dict(draft.provenance))
            else:
                read = draft.base_version if read_version is None else read_version
                persona = self._locked(session, draft.persona_id, read)
                self._update(session, actor, persona, dict(draft.fields), dict(draft.provenance), "edited")
            persona.built_from = dict(draft.built_from) or persona.built_from
            end_draft(session, draft, self.clock)
            return persona.id

    def create(self, session: Session, actor: Actor, fields: Fields) -> Persona:
        """Save a persona that came whole. Raises DomainError naming the fields at fault."""
        check_fields(fields)
        with unit(session):
            return self._create(session, actor, new_id(), fields, self._own(fields, {}, {}, actor))

    def update(
        self, session: Session, actor: Actor, persona_id: UUID, fields: Fields, version: int
    ) -> Persona:
        """Save the fields as read at a version. Raises DomainError, StalePersona, NotFound."""
        check_fields(fields)
        with unit(session):
            persona = self._locked(session, persona_id, version)
            origins = self._own(fields, fields_of(persona), dict(persona.provenance), actor)
            self._update(session, actor, persona, fields, origins, "edited")
            return persona

    def add_generated(
        self,
        session: Session,
        actor: Actor,
        persona_id: UUID,
        fields: Fields,
        provenance: dict[str, Any],
        built_from: dict[str, str],
    ) -> Persona:
        """Add a persona nobody has looked at, inside the caller's unit: it is marked unreviewed."""
        persona = self._create(session, actor, persona_id, fields, provenance)
        persona.unreviewed, persona.built_from = True, dict(built_from)
        return persona

    def restore(self, session: Session, actor: Actor, persona_id: UUID, number: int) -> Persona:
        """Make an earlier version the newest one; nothing is lost. Raises NotFound."""
        with unit(session):
            persona = self._locked(session, persona_id, None)
            old = session.scalar(
                select(PersonaVersion).where(
                    PersonaVersion.persona_id == persona_id, PersonaVersion.number == number
                )
            )
            if old is None:
                raise NotFound("There is no such version.")
            self._update(
                session, actor, persona, dict(old.fields), dict(old.provenance), f"restored version {number}"
            )
            self.auditor.record(session, actor, AuditAction.PERSONA_RESTORED, persona)
            return persona

    def review(self, session: Session, actor: Actor, persona_id: UUID) -> None:
        """Say that a person has looked at a persona that was saved unseen."""
        with unit(session):
            persona = self._locked(session, persona_id, None)
            persona.unreviewed = False
            self.auditor.record(
                session, actor, AuditAction.PERSONA_CHANGED, persona, changes={"unreviewed": (True, False)}
            )

    def delete(self, session: Session, actor: Actor, persona_id: UUID) -> None:
        """Delete the persona with its versions. Raises NotFound."""
        with unit(session):
            persona = self._locked(session, persona_id, None)
            self.auditor.record(session, actor, AuditAction.PERSONA_DELETED, persona)
            session.delete(persona)

    def _create(
        self, session: Session, actor: Actor, persona_id: UUID, fields: Fields, provenance: dict[str, Any]
    ) -> Persona:
        now = self.clock.now()
        persona = Persona(id=persona_id, person_name="", title="", created_at=now, updated_at=now)
        put_fields(persona, fields)
        persona.provenance = provenance
        session.add(persona)
        session.flush()
        self._version(session, actor, persona, "created")
        changes: dict[str, tuple[object, object]] = {
            wire: (None, value) for wire, value in fields.items() if value
        }
        self.auditor.record(session, actor, AuditAction.PERSONA_CREATED, persona, changes=changes)
        return persona

    def _update(
        self,
        session: Session,
        actor: Actor,
        persona: Persona,
        fields: Fields,
        provenance: dict[str, Any],
        reason: str,
    ) -> None:
        before = fields_of(persona)
        put_fields(persona, fields)
        after = fields_of(persona)
        changes: dict[str, tuple[object, object]] = {
            wire: (before[wire], after[wire]) for wire in after if after[wire] != before[wire]
        }
        persona.provenance, persona.unreviewed = provenance, False
        persona.version += 1
        persona.updated_at = self.clock.now()
        self._version(session, actor, persona, reason)
        self.auditor.record(session, actor, AuditAction.PERSONA_CHANGED, persona, changes=changes)

    def _version(self, session: Session, actor: Actor, persona: Persona, reason: str) -> None:
        session.add(
            PersonaVersion(
                persona_id=persona.id,
                number=persona.version,
                fields=dict(fields_of(persona)),
                provenance=dict(persona.provenance),
                saved_at=self.clock.now(),
                saved_by=actor.name,
                staff_id=actor.staff_id,
                reason=reason,
            )
        )

    def _locked(self, session: Session, persona_id: UUID, read_version: int | None) -> Persona:
        persona = session.scalar(select(Persona).where(Persona.id == persona_id).with_for_update())
        if persona is None:
            raise NotFound("There is no such persona.")
        if read_version is not None and persona.version != read_version:
            by = session.scalar(
                select(PersonaVersion.saved_by).where(
                    PersonaVersion.persona_id == persona_id, PersonaVersion.number == persona.version
                )
            )
            raise StalePersona(fields_of(persona), persona.version, by or "")
        return persona

    def _own(
        self, fields: Fields, before: Fields, provenance: dict[str, Any], actor: Actor
    ) -> dict[str, Any]:
        now = self.clock.now()
        origins: dict[str, Any] = {}
        for wire, value in fields.items():
            if value and value == before.get(wire) and wire in provenance:
                origins[wire] = provenance[wire]
            elif value:
                origins[wire] = stored(edited(origin_of(provenance, wire), actor.name, now))
        return origins


def check_fields(fields: Fields) -> None:
    """Raise DomainError naming each field that is missing or too long."""
    problems = {
        spec.wire: f"{spec.label} is needed."
        for spec in FIELDS
        if spec.required and not fields.get(spec.wire)
    }
    for wire, value in fields.items():
        problem = _too_long(wire, value)
        if problem:
            problems[wire] = problem
    if problems:
        raise DomainError(" ".join(problems.values()), code="persona_incomplete", details=problems)


def _too_long(wire: str, value: Value) -> str | None:
    spec = FIELDS_BY_WIRE[wire]
    if isinstance(value, list):
        if len(value) > MOST_PAINS:
            return f"{spec.label}: at most {MOST_PAINS}."
        return (
            f"{spec.label}: at most {SHORT} characters each."
            if any(len(row) > SHORT for row in value)
            else None
        )
    return f"{spec.label} has at most {spec.longest:,} characters." if len(value) > spec.longest else None


def _saved_before(session: Session, draft: Draft) -> UUID:
    persona_id = draft.persona_id or draft.id
    if session.get(Persona, persona_id) is None:
        raise NotFound("This draft was discarded.")
    return persona_id


def drafted_origins(
    fields: Fields, model: str, prompt: str, clock: Clock, sources: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Origins of fields that a drafter wrote."""
    now = clock.now()
    return {
        wire: stored(drafted(model, prompt, now, sources.get(wire, ())))
        for wire, value in fields.items()
        if value
    }


def versions_of(session: Session, persona_id: UUID) -> list[PersonaVersion]:
    """Answer the persona's versions, the newest first."""
    return list(
        session.scalars(
            select(PersonaVersion)
            .where(PersonaVersion.persona_id == persona_id)
            .order_by(PersonaVersion.number.desc())
            .limit(200)
        )
    )


def count_unreviewed(session: Session) -> int:
    """Count the personas saved unseen that nobody has looked at."""
    return session.scalar(select(func.count(Persona.id)).where(Persona.unreviewed.is_(True))) or 0


def find_persona(session: Session, persona_id: UUID) -> Persona:
    """Answer the company's persona of this id. Raises NotFound."""
    persona = session.get(Persona, persona_id)
    if persona is None:
        raise NotFound("There is no such persona.")
    return persona
