"""Where a persona job's result is to be found: the open draft, the persona, the contact."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.models import Job, JobItem
from webapp.personas import analysis_jobs, fit_jobs, generate
from webapp.personas.drafting import find_draft
from webapp.personas.models import Contact, Persona


def of_draft(session: Session, job: Job) -> str | None:
    """Answer the address of the draft while it is open, or of the persona that was saved."""
    item = _item(session, job)
    draft_id, persona_id = _id(item, "params", "draft_id"), _id(item, "outcome", "persona_id")
    if draft_id and find_draft(session, draft_id):
        return url_for("personas.resume", draft_id=draft_id)
    found = persona_id and session.get(Persona, persona_id)
    return url_for("personas.show", persona_id=persona_id) if found else None


def of_fit(session: Session, job: Job) -> str | None:
    """Answer the address of the persona's fits."""
    persona_id = _id(_item(session, job), "params", "persona_id")
    found = persona_id and session.get(Persona, persona_id)
    return url_for("personas.fits", persona_id=persona_id) if found else None


def of_analysis(session: Session, job: Job) -> str | None:
    """Answer the address of the contact's analysis."""
    contact_id = _id(_item(session, job), "params", "contact_id")
    found = contact_id and session.get(Contact, contact_id)
    return url_for("contacts.analysis", contact_id=contact_id) if found else None


def _item(session: Session, job: Job) -> JobItem | None:
    return session.scalar(select(JobItem).where(JobItem.job_id == job.id).order_by(JobItem.position).limit(1))


def _id(item: JobItem | None, part: str, name: str) -> UUID | None:
    word = getattr(item, part).get(name) if item else None
    return UUID(str(word)) if word else None


KINDS: tuple[JobKind, ...] = (
    replace(generate.GENERATE, where=of_draft),
    replace(generate.REDRAFT, where=of_draft),
    replace(fit_jobs.FIND_FIT, where=of_fit),
    replace(analysis_jobs.ANALYSE, where=of_analysis),
)
