"""Requests written down, started, rejected; each is due thirty days after it was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.core.errors import Conflict, DomainError, Forbidden, NotFound
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.services import services
from webapp.privacy.finding import digest_of_request, subject_of
from webapp.privacy.models import WAITING, PrivacyRequest, RequestKind, RequestState

DUE = timedelta(days=30)
LONGEST_NOTE = 500
LONGEST_NAME = 254
OFF = (
    "GDPR_COMPLIANT is false for this instance: export and erasure are off, and the company’s own policy "
    "says what is done instead."
)


def need_privacy() -> None:
    """Raise Forbidden where the instance runs by the company's own policy instead."""
    if not services().settings.gdpr_compliant:
        raise Forbidden(OFF, code="privacy_off", details={"GDPR_COMPLIANT": "is false"})


def find_request(session: Session, request_id: UUID) -> PrivacyRequest:
    """The company's request of this id. Raises NotFound."""
    found = session.scalar(select(PrivacyRequest).where(PrivacyRequest.id == request_id))
    if found is None:
        raise NotFound("There is no such privacy request.")
    return found


def standing(request: PrivacyRequest, job: Job | None) -> RequestState:
    """Where the request stands: one whose job ended without it has failed."""
    over = job is None or not job.state.live
    return RequestState.FAILED if request.state is RequestState.RUNNING and over else request.state


def jobs_of(session: Session, requests: Iterable[PrivacyRequest]) -> dict[UUID, Job]:
    """The jobs of these requests by id."""
    ids = [one.job_id for one in requests if one.job_id]
    return {job.id: job for job in session.scalars(select(Job).where(Job.id.in_(ids)))} if ids else {}


@dataclass(frozen=True)
class Requests:
    """The deeds, with the clients they need; `kinds` are the jobs that do what is asked."""

    clock: Clock
    auditor: Auditor
    starter: Starter
    kinds: dict[RequestKind, JobKind]

    def ask(
        self, session: Session, actor: Actor, kind: RequestKind, known_as: str, note: str = ""
    ) -> PrivacyRequest:
        """Write a request down; one that waits already for the same is answered instead.

        Raises Forbidden where privacy is off, NotFound for nobody, Conflict for several, DomainError.
        """
        need_privacy()
        _need_manager(actor)
        known_as, note = _clean(known_as, note)
        with unit(session):
            subject_of(session, known_as)
            digest = digest_of_request(session, known_as)
            lock_key(session, "privacy", digest, kind.value)
            same = (PrivacyRequest.digest == digest, PrivacyRequest.kind == kind)
            waits = select(PrivacyRequest).where(*same, PrivacyRequest.state.in_(WAITING))
            found = session.scalar(waits.order_by(PrivacyRequest.id.desc()).limit(1))
            if found is not None:
                return found
            now = self.clock.now()
            row = PrivacyRequest(
                kind=kind,
                known_as=known_as,
                digest=digest,
                note=note,
                asked_at=now,
                due_at=now + DUE,
                asked_by=actor.name[:200],
            )
            session.add(row)
            session.flush()
            self.auditor.record(session, actor, AuditAction.PRIVACY_REQUESTED, row)
        return row

    def start(
        self, session: Session, actor: Actor, request_id: UUID, confirmed: str | None = None
    ) -> PrivacyRequest:
        """Have a request done by a job; an erasure needs the user id or address typed once more.

        One whose person is gone already, and that failed after, is gone on with as it is.
        Raises Forbidden, NotFound, Conflict for what is over, DomainError for another text.
        """
        need_privacy()
        with unit(session):
            row = self._waiting(session, actor, request_id)
            job = session.get(Job, row.job_id) if row.job_id else None
            if standing(row, job) is RequestState.RUNNING:
                return row
            if row.kind is RequestKind.ERASE and row.known_as and confirmed != row.known_as:
                why = "Type exactly what the request names."
                raise DomainError(why, code="not_confirmed", details={"confirm": why})
            kind = self.kinds[row.kind]
            item = NewItem("One person", {"request": str(row.id)})
            started = self.starter.start(session, actor, kind, kind.label, [item])
            row.job_id, row.state, row.problem = started.id, RequestState.RUNNING, ""
        return row

    def reject(self, session: Session, actor: Actor, request_id: UUID, why: str) -> PrivacyRequest:
        """Close a request that is not followed, with the reason. Raises Conflict, DomainError."""
        _, why = _clean("-", why)
        if not why:
            raise DomainError("Say why.", code="reason_needed", details={"why": "Say why."})
        with unit(session):
            row = self._waiting(session, actor, request_id)
            job = session.get(Job, row.job_id) if row.job_id else None
            if standing(row, job) is RequestState.RUNNING:
                raise Conflict("It is being done at the moment.")
            row.state, row.problem = RequestState.REJECTED, why
            row.done_at, row.done_by = self.clock.now(), actor.name[:200]
            changes = {"state": (RequestState.OPEN.value, row.state.value)}
            self.auditor.record(session, actor, AuditAction.PRIVACY_REQUESTED, row, changes=changes)
        return row

    @staticmethod
    def _waiting(session: Session, actor: Actor, request_id: UUID) -> PrivacyRequest:
        _need_manager(actor)
        held = select(PrivacyRequest).where(PrivacyRequest.id == request_id).with_for_update()
        row = session.scalar(held)
        if row is None:
            raise NotFound("There is no such privacy request.")
        if not row.state.waits:
            raise Conflict(f"This request is over: {row.state.label}.", code="request_over")
        return row


def _need_manager(actor: Actor) -> None:
    if not actor.may(Permission.PRIVACY_MANAGE):
        raise Forbidden(f"This is not allowed to you: {Permission.PRIVACY_MANAGE.label}.")


def _clean(known_as: str, note: str) -> tuple[str, str]:
    known_as, note = known_as.strip(), " ".join(note.split())
    details = {}
    if not known_as or "\0" in known_as or len(known_as) > LONGEST_NAME:
        details["user_id"] = f"Write the user id or e-mail address, in at most {LONGEST_NAME} characters."
    if "\0" in note or len(note) > LONGEST_NOTE:
        details["note"] = f"Keep this under {LONGEST_NOTE} characters, without a NUL."
    if details:
        raise DomainError(" ".join(details.values()), code="invalid", details=details)
    return known_as, note
