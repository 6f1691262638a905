"""The jobs behind requests: everything of a person written into a file, or taken out of everything."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.db import company_of
from webapp.core.errors import DomainError, NotFound
from webapp.core.imports.files import Folder
from webapp.core.jobs.context import ItemContext, ItemErased
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.lease import JobCancelled, LeaseLost
from webapp.core.jobs.models import Job
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.privacy import Subject
from webapp.core.services import services
from webapp.people.models import Person
from webapp.privacy.archive import write_archive
from webapp.privacy.cleaning import clean_database, clean_queue
from webapp.privacy.erasing import erase_rows
from webapp.privacy.finding import keepers, subject_of
from webapp.privacy.ledger import Erased, note
from webapp.privacy.models import WAITING, PrivacyRequest, RequestKind, RequestState
from webapp.privacy.telling import counts_of, parts_of

TOO_LATE = "The person was erased by another request."
BROKEN = "Something went wrong inside Atelier; the log has the details."


def folder(session: Session) -> Folder:
    """Where the company's exports stand."""
    return Folder(services().settings.instance / "exports", company_of(session))


def export(context: ItemContext) -> None:
    """Read everything of the person, write the zip, and put it at the request."""
    session = context.session
    with _failing(context):
        row = _request(context)
        if row.state is RequestState.DONE or not row.known_as:  # done, or erased meanwhile
            with context.effect():
                return
        row_id, who, company = row.id, row.known_as, current_company(session).name
        parts = parts_of(session, subject_of(session, who))
        session.commit()
        place, name = folder(session), f"{row_id.hex}-{secrets.token_hex(8)}.zip"
        size = write_archive(place.path(name), who, company, context.clock.now(), parts)
        try:
            with context.effect({"result": "written"}) as writing:
                old = _put(context, writing, name, size, counts_of(parts))
        except BaseException:
            place.path(name).unlink(missing_ok=True)
            raise
        if old:
            place.path(old).unlink(missing_ok=True)


def _put(context: ItemContext, session: Session, name: str, size: int, counts: dict[str, int]) -> str:
    """Note the file at its request; answers the name of one that it replaces."""
    row = _held(session, UUID(context.params["request"]))
    if not row.known_as:
        raise NotFound("The person was erased meanwhile.")
    now, old = context.clock.now(), row.file
    row.file, row.size, row.report = name, size, counts
    row.expires_at = now + timedelta(days=services().settings.export_keep)
    _done(row, context)
    person = session.scalar(select(Person).where(Person.identifier == row.known_as))
    context.auditor.record(session, context.actor, AuditAction.PERSON_EXPORTED, person or row)
    return old


def erase(context: ItemContext) -> None:
    """Take the person out of everything: outside the database first, then in one transaction, then files.

    Begun again after a crash behind the transaction, it no longer knows whose words to look for: what lies
    outside is then cleared for the whole company, and the database's file written anew.
    """
    session = context.session
    with _failing(context):
        row = _request(context)
        subject, counts = Subject(row.company_id), Counter({name: int(n) for name, n in row.report.items()})
        if row.known_as:
            subject = subject_of(session, row.known_as)
            session.commit()
            counts.update(_outside(subject))
            counts.update(_inside(context, subject))
        counts.update(_outside(subject))  # what was under way when the transaction ended
        counts["files of exports"] += _sweep(session)
        clean = clean_database(session, None if subject.forgotten else subject.needles)
        if services().settings.embedded_queue:
            clean_queue(services().store.redis)
        told = "" if clean else "Some of the words stand in records of others, as words of their own."
        with context.effect({"result": "erased", "note": told}) as writing:
            found = _held(writing, row.id)
            found.report = {name: count for name, count in sorted(counts.items()) if count}
            _done(found, context)
        clean_database(session, ())


def _outside(subject: Subject) -> Counter[str]:
    counts = Counter[str]()
    for keeper in keepers():
        if keeper.outside:
            counts.update(keeper.outside(subject))
    return counts


def _inside(context: ItemContext, subject: Subject) -> dict[str, int]:
    with context.lease.unit(context.session) as session:
        counts = erase_rows(session, subject, context.clock.now())
        row = _held(session, UUID(context.params["request"]))
        row.report = counts
        _close_others(session, row, context)
        context.auditor.record(session, context.actor, AuditAction.PERSON_ERASED, row)
        session.flush()
        at = context.clock.now()
        note(services().settings.instance, [Erased(subject.company_id, one, at) for one in subject.digests])
    return counts


def _close_others(session: Session, row: PrivacyRequest, context: ItemContext) -> None:
    """What else the person asked for can be done no more, and waits for nobody."""
    nobodys = PrivacyRequest.known_as == "", PrivacyRequest.state.in_(WAITING), PrivacyRequest.id != row.id
    for other in session.scalars(select(PrivacyRequest).where(*nobodys)):
        other.state, other.problem = RequestState.REJECTED, TOO_LATE
        other.done_at, other.done_by = context.clock.now(), context.actor.name[:200]


def _sweep(session: Session) -> int:
    """Remove files that no request has any more, but of exports at work; answers how many."""
    place, count = folder(session), 0
    rows = {row.id.hex: row for row in session.scalars(select(PrivacyRequest))}
    kept = {row.file for row in rows.values()}
    busy = {name for name, row in rows.items() if row.known_as and row.state is RequestState.RUNNING}
    for path in place.path("any").parent.glob("*.zip"):
        if path.name not in kept and path.name.partition("-")[0] not in busy:
            path.unlink(missing_ok=True)
            count += 1
    return count


def _request(context: ItemContext) -> PrivacyRequest:
    return _held(context.session, UUID(context.params["request"]))


def _held(session: Session, request_id: UUID) -> PrivacyRequest:
    found = session.scalar(select(PrivacyRequest).where(PrivacyRequest.id == request_id).with_for_update())
    if found is None:
        raise NotFound("There is no such privacy request.")
    return found


def _done(row: PrivacyRequest, context: ItemContext) -> None:
    row.state, row.problem = RequestState.DONE, ""
    row.done_at, row.done_by = context.clock.now(), context.actor.name[:200]


@contextmanager
def _failing(context: ItemContext) -> Iterator[None]:
    """What fails stands at the request too."""
    try:
        yield
    except (LeaseLost, JobCancelled, ItemErased):
        raise
    except Exception as error:
        context.session.rollback()
        with context.lease.unit(context.session) as session:
            row = _held(session, UUID(context.params["request"]))
            if not row.state.waits:
                raise
            row.state = RequestState.FAILED
            row.problem = error.message if isinstance(error, DomainError) else BROKEN
        raise


def tidy(context: ItemContext) -> None:
    """Remove exports past their days."""
    session, now = context.session, context.clock.now()
    place = folder(session)
    with context.effect() as writing:
        old = select(PrivacyRequest).where(PrivacyRequest.file != "", PrivacyRequest.expires_at <= now)
        for row in writing.scalars(old):
            place.path(row.file).unlink(missing_ok=True)
            row.file, row.size = "", 0
    _sweep(session)
    session.commit()


def _where(session: Session, job: Job) -> str | None:
    found = session.scalar(select(PrivacyRequest.id).where(PrivacyRequest.job_id == job.id))
    return f"/privacy/{found}" if found else None


EXPORT = JobKind(
    "privacy.export", "Export a person", Queue.DEFAULT, Permission.PRIVACY_MANAGE, export, where=_where
)
ERASE = JobKind(
    "privacy.erase", "Erase a person", Queue.DEFAULT, Permission.PRIVACY_MANAGE, erase, where=_where
)
TIDY = JobKind("privacy.tidy", "Remove old exports", Queue.BATCH, Permission.PRIVACY_MANAGE, tidy)
KINDS = {RequestKind.EXPORT: EXPORT, RequestKind.ERASE: ERASE}
NIGHTLY = Schedule(
    "privacy.tidy", "Remove exports past their days", TIDY, When(hour=2, minute=30), lambda _: {}
)
