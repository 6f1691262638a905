"""Product fits for programs, and the call that contact analyses took the place of."""

from __future__ import annotations

from flask import jsonify, make_response
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.errors import DomainError, NotFound
from webapp.core.idempotency import IdempotencyHeader
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.pages import JobPath
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.personas.api import api
from webapp.personas.call_answers import answer_now, answer_when_over, sent_by
from webapp.personas.fit_jobs import FIND_FIT, fit_of_call, start_fit_call
from webapp.personas.models import ProductFit
from webapp.personas.schemas import AcceptedOut, FitIn, FitOut, PersonaPath

FITTING = {200: FitOut, 202: AcceptedOut, **errors(409, 422, 502, 504)}
MOVED = (
    "Intelligence about personas is gone: a persona is nobody to speak with. "
    "Prepare for a real person with POST /api/contacts/<id>/analysis."
)


@api.post("/<uuid:persona_id>/product-fit", responses=FITTING, summary="Find a persona's best fit")
@requires(Permission.PERSONAS_WRITE)
def product_fit(path: PersonaPath, body: FitIn, header: IdempotencyHeader) -> Response:
    """Choose the product that fits best and put the fit in place, unreviewed; texts by hand stay.

    Answers within 30 s, else 202 with the job's address; `Prefer: respond-async` asks for that at once.
    """
    who = in_company(body.company_hq_id)
    job = start_fit_call(db.session(), who, path.persona_id, sent_by(who, header), services().starter)
    return answer_when_over(job, "personas_api.product_fit_found", _found)


@api.get("/product-fit/<uuid:job_id>", responses=FITTING, summary="What a search for the best fit gave")
@requires(Permission.PERSONAS_READ)
def product_fit_found(path: JobPath, query: CompanyQuery) -> Response:
    """Answer the fit of a search's job, 202 while it goes on, or why it failed."""
    in_company(query.company_hq_id)
    return answer_now(path.job_id, FIND_FIT, "personas_api.product_fit_found", _found)


@api.post("/<uuid:persona_id>/bd-intel", responses=errors(410), summary="Gone: see contact analyses")
@requires(Permission.PERSONAS_WRITE)
def bd_intel(path: PersonaPath) -> Response:
    """Answer 410 with where its successor is."""
    raise DomainError(
        MOVED,
        code="gone",
        status=410,
        details={"use": "/api/contacts/{contactId}/analysis", "personaId": str(path.persona_id)},
    )


def _found(_job: Job, item: JobItem) -> Response:
    session = db.session()
    persona_id, product_id = fit_of_call(session, dict(item.params), dict(item.outcome))
    fit = session.scalar(
        select(ProductFit).where(
            ProductFit.persona_id == persona_id,
            ProductFit.product_id == product_id,
            ProductFit.removed_at.is_(None),
        )
    )
    if fit is None:
        raise NotFound("The fit was removed meanwhile.")
    out = FitOut(
        id=fit.id,
        persona_id=persona_id,
        product_id=product_id,
        value_prop_to_them=fit.value_prop_to_them,
        alignment_reasoning=fit.alignment_reasoning,
    )
    return make_response(jsonify(out.model_dump(mode="json", by_alias=True)), 200)
