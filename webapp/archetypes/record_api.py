"""Nights and requests for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.accounts.context import in_company
from webapp.archetypes import nights, requests
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.record_schemas import (
    NightChange,
    NightIn,
    NightOut,
    NightPath,
    NightsOut,
    RequestChange,
    RequestIn,
    RequestOut,
    RequestPath,
    RequestsOut,
)
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.idempotency import once
from webapp.core.record_forms import clients
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.wire import CompanyQuery, ListQuery

SECURITY: list[dict[str, list[str]]] = [{"token": []}]
REFUSED = errors(422)
STALE = errors(409, 422)
Out = dict[str, Any]
NIGHTS_BY_ID = Listing(Night, (Column("id", Night.id),), default_sort="id")
REQUESTS_BY_ID = Listing(MemberRequest, (Column("id", MemberRequest.id),), default_sort="id")

nights_api = APIBlueprint(
    "nights_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/nights",
    abp_tags=[Tag(name="nights", description="What members ask each other for")],
    abp_security=SECURITY,
)
requests_api = APIBlueprint(
    "requests_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/requests",
    abp_tags=[Tag(name="requests", description="What members asked, offered and answered")],
    abp_security=SECURITY,
)


@nights_api.get("", responses={200: NightsOut}, summary="List nights")
@requires(Permission.ARCHETYPES_READ)
def list_nights(query: ListQuery) -> Out:
    """Answer a page of nights, the oldest row first."""
    in_company(query.company_hq_id)
    rows, following = NIGHTS_BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": [_night(row) for row in rows], "next": following}


@nights_api.post("", responses={201: NightOut, **REFUSED}, summary="Create a night")
@requires(Permission.ARCHETYPES_WRITE)
@once
def create_night(body: NightIn) -> tuple[Out, int]:
    """Save a night; 422 when another one has this `night_id`."""
    who = in_company(body.company_hq_id)
    return _night(nights.create_night(db.session(), who, body.texts(), **clients())), 201


@nights_api.get("/<string:night_id>", responses={200: NightOut}, summary="Read a night")
@requires(Permission.ARCHETYPES_READ)
def read_night(path: NightPath, query: CompanyQuery) -> Out:
    """Answer one night."""
    in_company(query.company_hq_id)
    return _night(nights.night_named(db.session(), path.night_id))


@nights_api.put("/<string:night_id>", responses={200: NightOut, **STALE}, summary="Change a night")
@requires(Permission.ARCHETYPES_WRITE)
def change_night(path: NightPath, body: NightChange) -> Out:
    """Save all of it as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found = nights.night_named(db.session(), path.night_id)
    texts = {**body.texts(), "night_id": found.identifier}
    return _night(nights.change_night(db.session(), who, found.id, texts, body.version, **clients()))


@nights_api.delete("/<string:night_id>", responses={204: None}, summary="Delete a night")
@requires(Permission.ARCHETYPES_WRITE)
def delete_night(path: NightPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the night; requests for it stay, without it."""
    who = in_company(query.company_hq_id)
    found = nights.night_named(db.session(), path.night_id).id
    nights.delete_night(db.session(), who, found, auditor=services().auditor)
    return "", 204


@requests_api.get("", responses={200: RequestsOut}, summary="List requests")
@requires(Permission.ARCHETYPES_READ)
def list_requests(query: ListQuery) -> Out:
    """Answer a page of requests, the oldest row first."""
    in_company(query.company_hq_id)
    rows, following = REQUESTS_BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": _requests(rows), "next": following}


@requests_api.post("", responses={201: RequestOut, **REFUSED}, summary="Create a request")
@requires(Permission.ARCHETYPES_WRITE)
@once
def create_request(body: RequestIn) -> tuple[Out, int]:
    """Save a request; both members’ archetypes are found anew. 422 when `request_id` is taken."""
    who = in_company(body.company_hq_id)
    return _request(requests.create_request(db.session(), who, body.texts(), **clients())), 201


@requests_api.get("/<string:request_id>", responses={200: RequestOut}, summary="Read a request")
@requires(Permission.ARCHETYPES_READ)
def read_request(path: RequestPath, query: CompanyQuery) -> Out:
    """Answer one request."""
    in_company(query.company_hq_id)
    return _request(requests.request_named(db.session(), path.request_id))


@requests_api.put("/<string:request_id>", responses={200: RequestOut, **STALE}, summary="Change a request")
@requires(Permission.ARCHETYPES_WRITE)
def change_request(path: RequestPath, body: RequestChange) -> Out:
    """Save all of it as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found = requests.request_named(db.session(), path.request_id)
    texts = {**body.texts(), "request_id": found.identifier}
    return _request(requests.change_request(db.session(), who, found.id, texts, body.version, **clients()))


@requests_api.delete("/<string:request_id>", responses={204: None}, summary="Delete a request")
@requires(Permission.ARCHETYPES_WRITE)
def delete_request(path: RequestPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the request; both members’ archetypes are found anew."""
    who = in_company(query.company_hq_id)
    found = requests.request_named(db.session(), path.request_id).id
    requests.delete_request(db.session(), who, found, auditor=services().auditor)
    return "", 204


def _night(night: Night) -> Out:
    return NightOut.of(night).model_dump(mode="json", by_alias=True)


def _request(request: MemberRequest) -> Out:
    return _requests([request])[0]


def _requests(rows: Sequence[MemberRequest]) -> list[Out]:
    names = requests.names_of(db.session(), rows)
    texts = {row.id: requests.texts_of(requests.columns_of(row), names[row.id]) for row in rows}
    return [RequestOut.of(row, texts[row.id]).model_dump(mode="json", by_alias=True) for row in rows]
