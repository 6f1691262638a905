"""Importing documents of earlier shapes: looked through first, then saved in one transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction
from webapp.core.db import company_of, unit
from webapp.core.errors import DomainError
from webapp.personas.analyses import Analyses, analysis_of
from webapp.personas.legacy import LegacyUnreadable, Read, documents_in, read_documents
from webapp.personas.merge import State
from webapp.personas.models import Contact, Persona
from webapp.personas.provenance import Origin, stored
from webapp.personas.saving import Saver

IMPORTED = "imported"


@dataclass(frozen=True)
class Line:
    """One document in the report. `state` is "ready", "imported", "known" or "refused"."""

    read: Read
    state: str
    why: tuple[str, ...]
    row_id: UUID | None = None


@dataclass(frozen=True)
class Report:
    """What an import did, or would do."""

    lines: tuple[Line, ...]
    dry: bool

    def count(self, state: str) -> int:
        """How many documents ended so."""
        return sum(line.state == state for line in self.lines)

    def told(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "dryRun": self.dry,
            "documents": len(self.lines),
            **{state: self.count(state) for state in ("ready", "imported", "known", "refused")},
            "lines": [
                {
                    "number": line.read.number,
                    "kind": line.read.kind,
                    "title": line.read.title,
                    "state": line.state,
                    "why": list(line.why),
                    "went": [list(pair) for pair in line.read.went],
                    "dropped": [list(pair) for pair in line.read.dropped],
                    "id": str(line.row_id) if line.row_id else None,
                }
                for line in self.lines
            ],
        }


def look_through(session: Session, text: str, contact_email: str = "") -> Report:
    """Say what an import would do; nothing is saved. Raises DomainError for an unreadable text."""
    return Report(tuple(_judged(session, read, contact_email) for read in _read(text)), dry=True)


def import_legacy(session: Session, actor: Actor, text: str, saver: Saver, contact_email: str = "") -> Report:
    """Save all that can be saved, in one transaction; a document imported before is left as it is.

    `contact_email` names the contact for analyses that name none. Raises DomainError.
    """
    reads = _read(text)
    with unit(session):
        lines = []
        for read in reads:
            line = _judged(session, read, contact_email)
            if line.state == "ready":
                _save(session, actor, line, saver)
                line = Line(read, "imported", (), line.row_id)
            lines.append(line)
        report = Report(tuple(lines), dry=False)
        if report.count("imported"):
            told = f"{report.count('imported')} of {len(lines)} documents"
            saver.auditor.record(session, actor, AuditAction.LEGACY_IMPORTED, report, reason=told)
    return report


def _read(text: str) -> list[Read]:
    try:
        return read_documents(documents_in(text))
    except LegacyUnreadable as error:
        raise DomainError(str(error), code="unreadable", details={"documents": str(error)}) from None


def _judged(session: Session, read: Read, contact_email: str) -> Line:
    if read.problems:
        return Line(read, "refused", tuple(read.problems))
    if read.kind == "persona":
        persona_id = _persona_id(session, read)
        known = session.get(Persona, persona_id) is not None
        why = ("It was imported before.",) if known else ()
        return Line(read, "known" if known else "ready", why, persona_id)
    contact = _contact(session, {**({"email": contact_email} if contact_email else {}), **read.who})
    if contact is None:
        return Line(
            read, "refused", ("It names no contact that is known: give an e-mail, or add the contact first.",)
        )
    row = analysis_of(session, contact.id)
    if row is not None and row.version:
        return Line(
            read, "known", (f"{contact.name} has an analysis already; it is left as it is.",), contact.id
        )
    return Line(read, "ready", (), contact.id)


def _persona_id(session: Session, read: Read) -> UUID:
    """An id that follows from the company and the document, so that a second import finds the first."""
    text = json.dumps(read.document, sort_keys=True, ensure_ascii=False, default=str)
    mark = hashlib.sha256(f"{company_of(session)}\x1f{text}".encode("utf-8", "replace")).digest()
    return UUID(bytes=mark[:16], version=5)


def _contact(session: Session, who: dict[str, str]) -> Contact | None:
    try:
        found = session.get(Contact, UUID(who.get("id", "")))
    except ValueError:
        found = None
    if found is not None:
        return found
    named = [Contact.email == who["email"]] if who.get("email") else []
    named += [func.lower(Contact.name) == who["name"].lower()] if who.get("name") and not named else []
    rows = session.scalars(select(Contact).where(or_(*named)).limit(2)).all() if named else []
    return rows[0] if len(rows) == 1 else None


def _save(session: Session, actor: Actor, line: Line, saver: Saver) -> None:
    assert line.row_id is not None
    origin = stored(Origin("own", edited_by=IMPORTED, edited_at=saver.clock.now()))
    fields = dict(line.read.fields)
    origins = {wire: origin for wire, value in fields.items() if value}
    if line.read.kind == "persona":
        saver.add_imported(session, actor, line.row_id, fields, origins)
    else:
        analyses = Analyses(saver.clock, saver.auditor)
        built_from = {"Imported from": "a bd_intels document"}
        analyses.put_saved(session, actor, line.row_id, State(fields, origins), built_from, IMPORTED)
