"""Analyses of contacts for programs: generate one, read the saved one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import jsonify, make_response
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.idempotency import IdempotencyHeader
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.pages import JobPath
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.personas.analyses import analysis_of, find_saved
from webapp.personas.analysis_answer import ANALYSIS_FIELDS, parted
from webapp.personas.analysis_jobs import ANALYSE, analysis_given, start_analysis_call
from webapp.personas.call_answers import answer_now, answer_when_over, sent_by
from webapp.personas.catalog_api import contacts_api
from webapp.personas.catalog_schemas import ContactPath
from webapp.personas.models import ContactAnalysis
from webapp.personas.provenance import origin_of
from webapp.personas.schemas import AcceptedOut, AnalysedOut, AnalysisIn, AnalysisOut

ANALYSING = {200: AnalysedOut, 202: AcceptedOut, **errors(409, 422, 502, 504)}
ENDED = "contacts_api.analysed"


@contacts_api.post("/<uuid:contact_id>/analysis", responses=ANALYSING, summary="Prepare a conversation")
@requires(Permission.PERSONAS_WRITE)
def analyse(path: ContactPath, body: AnalysisIn, header: IdempotencyHeader) -> Response:
    """Answer how to speak with the contact when it is written within 30 s, else 202 with the job's address.

    `hydrate` saves nothing; `save` persists it unreviewed, around what a person wrote.
    """
    who = in_company(body.company_hq_id)
    job = start_analysis_call(
        db.session(),
        who,
        path.contact_id,
        body.product_id,
        body.mode,
        sent_by(who, header),
        services().starter,
    )
    return answer_when_over(job, ENDED, _analysed)


@contacts_api.get("/analysis/<uuid:job_id>", responses=ANALYSING, summary="What a preparation gave")
@requires(Permission.PERSONAS_READ)
def analysed(path: JobPath, query: CompanyQuery) -> Response:
    """Answer the analysis of a call's job, 202 while it goes on, or why it failed."""
    in_company(query.company_hq_id)
    return answer_now(path.job_id, ANALYSE, ENDED, _analysed)


@contacts_api.get("/<uuid:contact_id>/analysis", responses={200: AnalysisOut}, summary="Read an analysis")
@requires(Permission.PERSONAS_READ)
def read_analysis(path: ContactPath, query: CompanyQuery) -> dict[str, Any]:
    """Answer what is saved about how to speak with the contact; 404 when nothing is."""
    in_company(query.company_hq_id)
    return _saved(find_saved(db.session(), path.contact_id))


def _analysed(_job: Job, item: JobItem) -> Response:
    given = analysis_given(dict(item.outcome))
    contact_id = UUID(item.params["contact_id"])
    row = analysis_of(db.session(), contact_id) if item.params["mode"] == "save" else None
    body: dict[str, Any] = {
        "success": True,
        "analysis": _saved(row) if row else _fresh(contact_id, given["analysis"]),
        "model": given["model"],
        "prompt": given["prompt"],
    }
    if given["warnings"]:
        body["warnings"] = given["warnings"]
    return make_response(jsonify(body), 200)


def _fresh(contact_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    kept = {spec.wire: given[spec.wire] for spec in ANALYSIS_FIELDS}
    sources = {source["field"]: source["facts"] for source in given["sources"]}
    return {"contactId": str(contact_id), **kept, "sources": sources}


def _saved(row: ContactAnalysis) -> dict[str, Any]:
    pairs = [parted(text) for text in row.fields.get("objections", [])]
    origins = {spec.wire: origin_of(row.provenance, spec.wire) for spec in ANALYSIS_FIELDS}
    return {
        "contactId": str(row.contact_id),
        "version": row.version,
        "unreviewed": row.unreviewed,
        **row.fields,
        "objections": [{"objection": said, "answer": answer} for said, answer in pairs],
        "sources": {
            wire: list(origin.sources) for wire, origin in origins.items() if origin and origin.sources
        },
    }
