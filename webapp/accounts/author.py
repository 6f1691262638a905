"""What the author of a job may do now: asked again by the worker before it begins."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import ApiToken, Membership, Staff
from webapp.accounts.tokens import actor_of_token
from webapp.core.access import Actor, Permission
from webapp.core.jobs.models import Job


def author_of(session: Session, job: Job) -> Actor | None:
    """Answer the job's author as an actor with today's rights; None when they have none left.

    A job that nobody asked for (the schedule's) acts with every right of its company.
    """
    if job.token_id is not None:
        token = session.get(ApiToken, job.token_id)
        return actor_of_token(session, token) if token and token.revoked_at is None else None
    if job.staff_id is None:
        return Actor(company_id=job.company_id, permissions=frozenset(Permission), name="schedule")
    row = session.execute(
        select(Membership.role, Staff.name)
        .join(Staff, Staff.id == Membership.staff_id)
        .where(Membership.staff_id == job.staff_id, Membership.disabled.is_(False), Staff.disabled.is_(False))
    ).first()
    if row is None:
        return None
    return Actor(
        company_id=job.company_id,
        permissions=row[0].permissions,
        staff_id=job.staff_id,
        name=row[1],
        request_id=job.request_id,
    )
