"""Personas for programs: generate, save, read, change, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import jsonify, make_response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.core.access import Actor, Permission, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.errors import DomainError
from webapp.core.idempotency import IdempotencyHeader, once
from webapp.core.jobs.models import Job, JobItem
from webapp.core.jobs.pages import JobPath
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.wire import CompanyQuery, ListQuery
from webapp.personas.briefs import Ingredients, Prepared, prepare
from webapp.personas.call_answers import answer_now, answer_when_over, sent_by
from webapp.personas.generate import GENERATE, outcome_of, start_api_job
from webapp.personas.models import Persona
from webapp.personas.pages import saver
from webapp.personas.parking import fetch
from webapp.personas.rows import fields_of
from webapp.personas.saving import find_persona
from webapp.personas.schemas import (
    AcceptedOut,
    GenerateIn,
    GenerateOut,
    ListOut,
    PersonaOut,
    PersonaPath,
    SavedOut,
    SaveIn,
    UpdateIn,
)

TAG = Tag(name="personas", description="Hypothetical buyers")
api = APIBlueprint(
    "personas_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/personas",
    abp_tags=[TAG],
    abp_security=[{"token": []}],
)
GENERATION: dict[Any, Any] = {
    200: GenerateOut,
    202: AcceptedOut,
    **errors(409, 422, 502, 504),
}
BY_ID = Listing(Persona, columns=(Column("id", Persona.id),), default_sort="id")
SOURCES = ("contactId", "redisKey", "description")


@api.post("/generate", responses=GENERATION, summary="Generate a persona")
@requires(Permission.PERSONAS_WRITE)
def generate(body: GenerateIn, header: IdempotencyHeader) -> Response:
    """Answer the persona when it is written within 30 s, else 202 with the job's address.

    `hydrate` saves nothing; `save` persists it unreviewed. `Prefer: respond-async` asks for 202 at once.
    """
    who = in_company(body.company_hq_id)
    job = start_api_job(
        db.session(), who, _prepared(body, who), body.mode, sent_by(who, header), services().starter
    )
    return answer_when_over(job, "personas_api.generated", _generated)


@api.get("/generate/<uuid:job_id>", responses=GENERATION, summary="What a generation gave")
@requires(Permission.PERSONAS_READ)
def generated(path: JobPath, query: CompanyQuery) -> Response:
    """Answer the persona of a generation's job, 202 while it goes on, or why it failed."""
    in_company(query.company_hq_id)
    return answer_now(path.job_id, GENERATE, "personas_api.generated", _generated)


@api.post("/save", responses={201: SavedOut, **errors(409, 422)}, summary="Save a persona")
@requires(Permission.PERSONAS_WRITE)
@once
def save(body: SaveIn) -> Response:
    """Save the persona; answers it with its id and version."""
    who = in_company(body.company_hq_id)
    persona = saver().create(db.session(), who, body.persona.fields())
    return make_response(jsonify({"success": True, **persona_out(persona)}), 201)


@api.get("", responses={200: ListOut}, summary="List personas")
@requires(Permission.PERSONAS_READ)
def index(query: ListQuery) -> dict[str, Any]:
    """Answer a page of personas, the oldest first."""
    in_company(query.company_hq_id)
    rows, following = BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": [persona_out(row) for row in rows], "next": following}


@api.get("/<uuid:persona_id>", responses={200: PersonaOut}, summary="Read a persona")
@requires(Permission.PERSONAS_READ)
def read(path: PersonaPath, query: CompanyQuery) -> dict[str, Any]:
    """Answer one persona."""
    in_company(query.company_hq_id)
    return persona_out(find_persona(db.session(), path.persona_id))


@api.put("/<uuid:persona_id>", responses={200: SavedOut, **errors(409, 422)}, summary="Change a persona")
@requires(Permission.PERSONAS_WRITE)
def update(path: PersonaPath, query: CompanyQuery, body: UpdateIn) -> dict[str, Any]:
    """Save all fields as read at a version; 409 when somebody saved in between."""
    who = in_company(query.company_hq_id)
    persona = saver().update(db.session(), who, path.persona_id, body.fields(), body.version)
    return {"success": True, **persona_out(persona)}


@api.delete("/<uuid:persona_id>", responses={204: None}, summary="Delete a persona")
@requires(Permission.PERSONAS_WRITE)
def delete(path: PersonaPath, query: CompanyQuery) -> Response:
    """Delete the persona with its versions."""
    saver().delete(db.session(), in_company(query.company_hq_id), path.persona_id)
    return make_response("", 204)


def persona_out(persona: Persona) -> dict[str, Any]:
    """The persona as JSON."""
    known = {"id": str(persona.id), "version": persona.version, "unreviewed": persona.unreviewed}
    return {**known, **fields_of(persona)}


def _prepared(body: GenerateIn, who: Actor) -> Prepared:
    named = [name for name in SOURCES if body.model_dump(by_alias=True)[name]]
    if len(named) > 1:
        told = " and ".join(named)
        raise DomainError(
            f"One source at most: {told} are given.",
            code="many_sources",
            details=dict.fromkeys(named, "one at most"),
        )
    assert who.company_id is not None
    document = fetch(services().store, who.company_id, body.redis_key) if body.redis_key else None
    chosen = Ingredients(
        product_id=body.product_id,
        product_description=body.product_description or "",
        contact_id=body.contact_id,
        enrichment=document,
        description=body.description or "",
    )
    return prepare(db.session(), chosen)


def _generated(_job: Job, item: JobItem) -> Response:
    outcome = outcome_of(dict(item.outcome))
    persona = dict(outcome["persona"])
    if "persona_id" in outcome:
        saved = db.session().get(Persona, UUID(outcome["persona_id"]))
        persona = persona_out(saved) if saved else persona
    body: dict[str, Any] = {
        "success": True,
        "persona": persona,
        "model": outcome["model"],
        "prompt": outcome["prompt"],
    }
    if outcome["warnings"]:
        body["warnings"] = outcome["warnings"]
    return make_response(jsonify(body), 200)
