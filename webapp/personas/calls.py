"""Jobs that a program's call asks for: the same key answers the same job."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.db import unit
from webapp.core.errors import DomainError
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem, Starter

REUSED = "This Idempotency-Key was used for another call. Send a new one with a new key."


@dataclass(frozen=True)
class Sent:
    """A call that may be sent again: its key, and a digest of what it carried."""

    key: str
    fingerprint: str


def start_call_job(
    session: Session,
    actor: Actor,
    kind: JobKind,
    title: str,
    item: NewItem,
    sent: Sent | None,
    starter: Starter,
) -> Job:
    """Accept the call's job, or answer the one its key began.

    Raises DomainError when the key was used for another body.
    """
    told = {"fingerprint": sent.fingerprint} if sent else {}
    with unit(session):
        job = starter.start(session, actor, kind, title, [item], key=sent.key if sent else None, params=told)
    if sent and job.params.get("fingerprint") != sent.fingerprint:
        raise DomainError(REUSED, code="idempotency_key_reused")
    return job
