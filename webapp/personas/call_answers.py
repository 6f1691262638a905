"""How a call that starts a job answers: its end when it comes in time, else 202 with the job's address."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import jsonify, make_response, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.core.access import Actor
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.idempotency import IdempotencyHeader, digest
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import Job, JobItem, JobState
from webapp.core.llm.trouble import BY_CODE
from webapp.core.services import services
from webapp.personas.calls import Sent
from webapp.personas.schemas import AcceptedOut

Ended = Callable[[Job, JobItem], Response]


def sent_by(who: Actor, header: IdempotencyHeader) -> Sent | None:
    """The call's key, confined to the caller, with a digest of what it carries."""
    if header.key is None:
        return None
    caller = digest(f"{who.token_id or who.staff_id}:{header.key}".encode())
    carried = f"{request.method} {request.path}\n".encode() + request.get_data()
    return Sent(f"api:{caller}", digest(carried))


def answer_when_over(job: Job, endpoint: str, ended: Ended) -> Response:
    """Wait for the job unless the caller does not want to; then its end, or 202 with where to ask."""
    wait = "respond-async" not in request.headers.get("Prefer", "")
    if wait and services().waiting.until_over(db.session(), job.id):
        return _end(job.id, ended)
    return _accepted(job, endpoint)


def answer_now(job_id: UUID, kind: JobKind, endpoint: str, ended: Ended) -> Response:
    """The end of a job of this kind, or 202 while it goes on. Raises NotFound for another one."""
    job = db.session().get(Job, job_id)
    if job is None or job.kind != kind.name:
        raise DomainError("There is no such generation.", code="not_found", status=404)
    return _accepted(job, endpoint) if job.state.live else _end(job.id, ended)


def _accepted(job: Job, endpoint: str) -> Response:
    fresh = db.session().get_one(Job, job.id)
    href = url_for(endpoint, job_id=fresh.id, companyHQId=str(fresh.company_id))
    out = AcceptedOut(job_id=fresh.id, state=fresh.state.value, href=href)
    answer = make_response(jsonify(out.model_dump(mode="json", by_alias=True)), 202)
    answer.headers["Location"] = href
    return answer


def _end(job_id: UUID, ended: Ended) -> Response:
    job = db.session().get_one(Job, job_id)
    item = db.session().scalars(select(JobItem).where(JobItem.job_id == job.id)).one()
    if job.state is not JobState.DONE:
        raise _failure(job, item)
    return ended(job, item)


def _failure(job: Job, item: JobItem) -> DomainError:
    if job.state is JobState.CANCELLED:
        return DomainError("The generation was stopped.", code="cancelled", status=409)
    trouble = BY_CODE.get(job.problem_code)
    return DomainError(
        job.problem or "The generation failed.",
        code=job.problem_code or "failed",
        status=trouble.status if trouble else 500,
        retryable=trouble.again if trouble else True,
        details=item.outcome.get("details", {}),
    )
