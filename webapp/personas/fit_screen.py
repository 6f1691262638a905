"""What the fits' part of a persona's page shows: the fits, what is proposed, the job that looks for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.jobs.models import Job
from webapp.core.jobs.views import JobView, view_of
from webapp.personas.fit_forms import FitForm
from webapp.personas.fits import FitLine, find_proposal, fits_of, texts_of
from webapp.personas.models import FitProposal, Product
from webapp.personas.provenance import Origin, origin_of


@dataclass(frozen=True)
class Proposed:
    """A fit to be taken or dismissed. Without a product it is a description that may become one."""

    product_id: UUID | None
    product_name: str
    by_job: bool
    is_fit_already: bool
    origin: Origin | None
    form: FitForm


@dataclass(frozen=True)
class FitScreen:
    """The part as it is drawn once."""

    persona_id: UUID
    lines: list[FitLine]
    proposed: Proposed | None
    job: JobView | None
    has_products: bool


def draw_fits(session: Session, persona_id: UUID, now: Any, form: FitForm | None = None) -> FitScreen:
    """Read what the part shows; `form` is the proposal's form as it came back with errors."""
    lines = fits_of(session, [persona_id])[persona_id]
    proposal = find_proposal(session, persona_id)
    job = session.get(Job, proposal.job_id) if proposal and proposal.job_id else None
    waits = proposal is not None and bool(proposal.product_id or proposal.product_description)
    return FitScreen(
        persona_id=persona_id,
        lines=lines,
        proposed=_proposed(session, proposal, lines, form) if proposal and waits and not _live(job) else None,
        job=view_of(session, job, now) if job else None,
        has_products=session.scalar(select(Product.id).limit(1)) is not None,
    )


def _live(job: Job | None) -> bool:
    return job is not None and job.state.live


def _proposed(
    session: Session, proposal: FitProposal, lines: list[FitLine], form: FitForm | None
) -> Proposed:
    product = session.get(Product, proposal.product_id) if proposal.product_id else None
    if form is None:
        form = FitForm(formdata=None, data=texts_of(proposal))
        form.product_description.data = proposal.product_description
        form.product_id.data = str(proposal.product_id or "")
    return Proposed(
        product_id=proposal.product_id,
        product_name=product.name if product else "",
        by_job=proposal.job_id is not None,
        is_fit_already=any(line.product_id == proposal.product_id for line in lines),
        origin=origin_of(proposal.provenance, "valuePropToThem"),
        form=form,
    )
