"""The two jobs of an import: the dry run, and the write that happens whole or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.db import lock_key, new_id
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.imports.adding import WRONG_NOW, Adder, first_id, refuse_second, uncollected
from webapp.core.imports.check import compare, read_and_settle, read_into, reader_of
from webapp.core.imports.files import Folder
from webapp.core.imports.kind import Adding, Change, ImportKind, Writing
from webapp.core.imports.models import Import, ImportState
from webapp.core.imports.reading import records
from webapp.core.imports.sniff import Shape
from webapp.core.imports.stage import CREATE, UPDATE, Stage, Staged
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.services import services

GONE = "The uploaded file was removed after its time. Upload it again."
SET = 1_000  # rows written by one statement
PAUSE = 1.0  # seconds between two notes of the progress


def check(context: ItemContext) -> None:
    """Read the file and compare it with what is saved; only the import's own counts change."""
    found, kind, folder = _import(context)
    folder_path = folder.path(found.stored)
    if not folder_path.exists():
        raise NotFound(GONE)
    staged = _stage_name(context, found)
    shape = Shape(found.form, found.encoding, found.separator)
    headers, mapping, size = list(found.headers), dict(found.mapping), max(1, _lines(folder_path))
    with Stage(folder.path(staged), fresh=True) as stage:
        rows = map(reader_of(kind, mapping), records(folder_path, shape, headers))
        if kind.adding:
            refuse_second(context.session, found)
            with uncollected():
                tell = _teller(context, found.id, size, 0, 100)
                read_and_settle(stage, kind, context.session, rows, tell)
        else:
            read_into(stage, rows, _teller(context, found.id, size, 0, 60))
            compare(stage, kind, context.session, _teller(context, found.id, size, 60, 40))
        counts = stage.counts()
    with context.effect(counts) as session:
        done = session.get_one(Import, found.id)
        _count(done, counts)
        old, done.staged, done.state, done.progress = done.staged, staged, ImportState.CHECKED, 100
    _drop(folder, old)


def write(context: ItemContext) -> None:
    """Write what the dry run found good, in one transaction, after comparing it with what is saved now.

    A kind that only adds does so part by part, each compared as it is written.
    """
    found, kind, folder = _import(context)
    if found.state is ImportState.DONE:
        with context.effect():
            return
    if not found.staged or not folder.path(found.staged).exists():
        raise NotFound(GONE)
    staged = _stage_name(context, found)
    shutil.copyfile(folder.path(found.staged), folder.path(staged))
    with Stage(folder.path(staged)) as stage:
        if kind.adding:
            old = _add(context, kind.adding, found, stage, staged)
        else:
            old = _change_all(context, kind, found, stage, staged)
    _drop(folder, old)


def _change_all(context: ItemContext, kind: ImportKind, found: Import, stage: Stage, staged: str) -> str:
    compared = context.clock.now()
    compare(stage, kind, context.session, _teller(context, found.id, max(1, found.rows), 0, 60))
    counts = stage.counts()
    _refuse_bad(counts, found)
    with context.effect(counts) as session:
        _refuse_second(session, found, compared)
        _write(context, session, kind, stage)
        return _finish(context, session, found.id, counts, staged)


def _add(context: ItemContext, adding: Adding, found: Import, stage: Stage, staged: str) -> str:
    """Add part by part; when not all can be, or somebody stops it, those that were added are taken back.

    After a kill the next claim goes on: what its forerunner added has the same ids.
    """
    assert context.actor.company_id is not None
    writing = Writing(context.actor.company_id, context.actor, context.clock.now(), context.auditor)
    adder = Adder(context, adding, writing, found, first_id(found))
    with adder.taken_back_on_failure():
        with uncollected():
            adder.add(stage)
        counts = stage.counts()
        with context.effect(counts) as session:
            return _finish(context, session, found.id, counts, staged)


def _refuse_bad(counts: dict[str, int], found: Import) -> None:
    if counts["bad"] and not found.skip_bad:
        raise Conflict(WRONG_NOW)


def _refuse_second(session: Session, found: Import, compared: datetime) -> None:
    """Two imports at once must not both create what neither found saved."""
    lock_key(session, found.company_id, "import", found.kind)
    since = select(Import.id).where(Import.kind == found.kind, Import.finished_at >= compared).limit(1)
    if session.scalar(since):
        raise Conflict(
            "Another import was written at the same moment. Nothing of this one was; try it again."
        )


def _write(context: ItemContext, session: Session, kind: ImportKind, stage: Stage) -> None:
    assert context.actor.company_id is not None
    assert kind.write is not None
    writing = Writing(context.actor.company_id, context.actor, context.clock.now(), context.auditor)
    for batch in stage.batches(CREATE, UPDATE, size=SET):
        kind.write(session, writing, [_change(row) for row in batch])


def _finish(
    context: ItemContext, session: Session, import_id: UUID, counts: dict[str, int], staged: str
) -> str:
    done = session.get_one(Import, import_id)
    _count(done, counts)
    old, done.staged = done.staged, staged
    done.state, done.progress, done.finished_at = ImportState.DONE, 100, context.clock.now()
    changes = {name: (None, number) for name, number in counts.items()}
    context.auditor.record(session, context.actor, AuditAction.IMPORT_WRITTEN, done, changes=changes)
    # A long write outlives its lease while nobody can take it; it is renewed before anybody could.
    context.lease.renew(session)
    return old


def _import(context: ItemContext) -> tuple[Import, ImportKind, Folder]:
    session = context.session
    found = session.scalar(select(Import).where(Import.id == UUID(context.params["import"])))
    session.commit()
    if found is None:
        raise NotFound("This import is gone.")
    kind = kinds().get(found.kind)
    if kind is None or not context.actor.may(kind.permission):
        raise DomainError("Whoever asked for this may no longer do it.", code="forbidden")
    kind = kind.for_run() if kind.for_run else kind
    return found, kind, Folder(services().settings.imports, found.company_id)


def kinds() -> dict[str, ImportKind]:
    """Every area's kinds by name."""
    return {kind.name: kind for area in services().areas for kind in area.imports}


def _teller(
    context: ItemContext, import_id: UUID, total: int, start: int, share: int
) -> Callable[[int], None]:
    """Notes the progress now and then, in percent, and stops when somebody asked to."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        context.stop_if_asked()
        if time.monotonic() - last < PAUSE:
            return
        last = time.monotonic()
        with context.lease.unit(context.session) as session:
            session.get_one(Import, import_id).progress = min(99, start + share * done // total)

    return tell


def _count(done: Import, counts: dict[str, int]) -> None:
    done.creates, done.updates, done.unchanged, done.bad = (
        counts[deed] for deed in ("create", "update", "unchanged", "bad")
    )
    done.rows = sum(counts.values())


def _change(row: Staged) -> Change:
    target = UUID(hex=row.target) if row.target else new_id()
    return Change(target, row.version, row.values, row.before)


def _lines(path: Path) -> int:
    """About how many rows there are, for the progress alone."""
    return sum(part.count(b"\n") for part in _parts(path))


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(1024 * 1024):
            yield part


def _stage_name(context: ItemContext, found: Import) -> str:
    """A file of this claim on the job alone: an orphan writes into another."""
    return f"{found.stored}.{context.item_id.hex[-12:]}.{context.lease.fence}"


def _drop(folder: Folder, staged: str) -> None:
    if staged:
        folder.path(staged).unlink(missing_ok=True)


CHECK = JobKind("imports.check", "Dry run of an import", Queue.BATCH, Permission.IMPORTS_WRITE, check)
WRITE = JobKind("imports.write", "Import", Queue.BATCH, Permission.IMPORTS_WRITE, write)
