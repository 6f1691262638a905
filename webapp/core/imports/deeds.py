"""What people do with an import: upload a file, name its columns, have it checked, have it written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import new_id, unit
from webapp.core.db.scope import company_of
from webapp.core.errors import Conflict, DomainError, Forbidden, NotFound
from webapp.core.imports.files import Folder, tidy
from webapp.core.imports.guess import mapped
from webapp.core.imports.kind import ImportKind
from webapp.core.imports.models import Import, ImportState
from webapp.core.imports.reading import Record, headers_of, records
from webapp.core.imports.sniff import Shape, sniff
from webapp.core.imports.work import CHECK, WRITE
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.settings import Settings

SHOWN = 3


@dataclass(frozen=True)
class Importer:
    """The deeds, with the clients they need."""

    settings: Settings
    clock: Clock
    auditor: Auditor
    starter: Starter

    def upload(self, session: Session, actor: Actor, kind: ImportKind, source: BinaryIO, name: str) -> Import:
        """Keep the file and look at it. Raises DomainError, and keeps none, when it cannot be read."""
        _may(actor, kind)
        tidy(self.settings.imports, self.settings.import_keep)
        folder = self.folder(session)
        stored = folder.store(source, self.settings.import_limit)
        try:
            shape = sniff(folder.path(stored), name)
            headers = headers_of(folder.path(stored), shape)
        except DomainError:
            folder.remove(stored)
            raise
        with unit(session):
            made = Import(
                id=new_id(),
                kind=kind.name,
                file_name=name[-200:] or "file",
                stored=stored,
                size=folder.path(stored).stat().st_size,
                form=shape.form,
                encoding=shape.encoding,
                separator=shape.separator,
                headers=headers,
                mapping=self._proposed(session, kind, headers),
                staff_id=actor.staff_id,
                asked_by=actor.name,
                created_at=self.clock.now(),
            )
            session.add(made)
            session.flush()
            self.auditor.record(session, actor, AuditAction.IMPORT_UPLOADED, made)
        return made

    def check(
        self, session: Session, actor: Actor, import_id: UUID, kind: ImportKind, mapping: Mapping[str, str]
    ) -> Import:
        """Start the dry run with these columns. Raises DomainError naming columns that are not there."""
        _may(actor, kind)
        with unit(session):
            found = self._idle(session, import_id)
            found.mapping = self._sound(kind, found, mapping)
            found.rows = found.creates = found.updates = found.unchanged = found.bad = 0
            self._start(session, actor, found, CHECK, f"Dry run: {found.file_name}")
            found.state, found.staged = ImportState.CHECKING, ""
        return found

    def write(
        self, session: Session, actor: Actor, import_id: UUID, kind: ImportKind, *, skip_bad: bool
    ) -> Import:
        """Start writing what was checked. Raises Conflict when rows are bad and are not to be skipped."""
        _may(actor, kind)
        with unit(session):
            found = self._idle(session, import_id)
            if not found.staged:
                raise Conflict("Run the dry run first.")
            if found.bad and not skip_bad:
                raise Conflict("Some rows are wrong. Mend the file, or choose to leave those rows out.")
            found.skip_bad = skip_bad
            self._start(session, actor, found, WRITE, f"Import: {found.file_name}")
            found.state = ImportState.WRITING
        return found

    def sample(self, session: Session, found: Import) -> list[Record]:
        """The first rows of the file, to recognise its columns by; none when the file is gone."""
        path = self.folder(session).path(found.stored)
        if not path.exists():
            return []
        shape = Shape(found.form, found.encoding, found.separator)
        return list(islice((one for one in records(path, shape, found.headers) if one.cells), SHOWN))

    def folder(self, session: Session) -> Folder:
        """Where the files of the session's company are."""
        return Folder(self.settings.imports, company_of(session))

    def _idle(self, session: Session, import_id: UUID) -> Import:
        found = find_import(session, import_id)
        job = session.get(Job, found.job_id) if found.job_id else None
        if found.state is ImportState.DONE:
            raise Conflict("This import is written already.")
        if found.state.busy and job and job.state.live:
            raise Conflict("This import is being worked on.")
        if not self.folder(session).path(found.stored).exists():
            raise NotFound("The uploaded file was removed after its time. Upload it again.")
        return found

    def _start(self, session: Session, actor: Actor, found: Import, kind: JobKind, title: str) -> None:
        item = NewItem(found.file_name, {"import": str(found.id)})
        found.job_id = self.starter.start(session, actor, kind, title, [item]).id
        found.progress = 0

    def _sound(self, kind: ImportKind, found: Import, mapping: Mapping[str, str]) -> dict[str, str]:
        sound = {
            column.name: mapping[column.name]
            for column in kind.columns
            if mapping.get(column.name) in found.headers
        }
        taken = set(sound.values())
        further = kind.further_names(header for header in found.headers if header not in taken)
        sound |= {name: header for name, header in further.items() if mapping.get(name) == header}
        details = {
            column.name: f"Say which column holds the {column.label.lower()}."
            for column in kind.required
            if column.name not in sound
        }
        if details:
            raise DomainError(" ".join(details.values()), code="invalid", details=details)
        return sound

    def _proposed(self, session: Session, kind: ImportKind, headers: list[str]) -> dict[str, str]:
        """As it was the last time, where the headers are there; else by what the headers say."""
        before = session.execute(
            select(Import.mapping, Import.headers)
            .where(Import.kind == kind.name, Import.staged != "")
            .order_by(Import.created_at.desc(), Import.id.desc())
            .limit(1)
        ).first()
        mapping, seen = (before.mapping, before.headers) if before else ({}, [])
        known = {name: header for name, header in mapping.items() if header in headers}
        free = [header for header in headers if header not in known.values()]
        found = {**{name: one for name, one in mapped(kind, free).items() if name not in known}, **known}
        rest = [one for one in free if one and one not in seen and one not in found.values()]
        return {**kind.further_names(rest), **found}


def is_partly_written(found: Import, kind: ImportKind) -> bool:
    """Whether parts of a write that did not come to its end may stand in the list."""
    return bool(kind.adding) and found.state is ImportState.WRITING and found.progress > 0


def find_import(session: Session, import_id: UUID) -> Import:
    """The company's import of this id. Raises NotFound."""
    found = session.scalar(select(Import).where(Import.id == import_id))
    if found is None:
        raise NotFound("There is no such import.")
    return found


def _may(actor: Actor, kind: ImportKind) -> None:
    if not actor.may(kind.permission):
        raise Forbidden(f"Your role does not allow this: {kind.permission.label}.")
