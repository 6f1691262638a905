"""Commands that do the work of a button here and now: for a company, as the operator, to the job's end."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from webapp.accounts.commands import confined_to
from webapp.core.access import Actor
from webapp.core.cli import operator
from webapp.core.db import db, scope_to
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.start import Starter
from webapp.core.services import services


def place(company_key: str) -> tuple[Session, Actor]:
    """A session confined to the company of this key or id, and who acts."""
    session = db.session()
    company = confined_to(session, company_key)
    return session, replace(operator(), company_id=company.id)


def quiet_starter() -> Starter:
    """Nobody is rung for: this process works on it. Should it die, the sweeper finds the job a worker."""
    return replace(services().starter, ring=lambda _job, _queue: None)


def worked(session: Session, who: Actor, job: Job) -> JobState:
    """Work on the job to its end, and look at it with a fresh view."""
    job_id = job.id
    services().runner.run(job_id)
    session.rollback()
    scope_to(session, who.company_id)
    return session.get_one(Job, job_id).state
