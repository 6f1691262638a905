"""Export and erasure for programs."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from werkzeug.wrappers import Response

from webapp.accounts import identity
from webapp.accounts.context import in_company
from webapp.core.access import Actor, Permission, requires
from webapp.core.db import db, unit
from webapp.core.docs import RESPONSES, errors
from webapp.core.errors import DomainError
from webapp.core.jobs.models import Job
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.privacy.models import PrivacyRequest, RequestKind
from webapp.privacy.pages import deeds, file_of
from webapp.privacy.requests import find_request, standing
from webapp.privacy.schemas import PrivacyRequestOut, PrivacyRequestPath, PrivacyUserPath

SECURITY: list[dict[str, list[str]]] = [{"token": []}]
Out = dict[str, Any]
ZIP: dict[str, Any] = {
    "description": "The export",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}

privacy_api = APIBlueprint(
    "privacy_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/v1/privacy",
    abp_tags=[Tag(name="privacy", description="Everything of a person: exported, or erased")],
    abp_security=SECURITY,
)


@privacy_api.post(
    "/<string:user_id>/export",
    responses={202: PrivacyRequestOut, **errors(409, 422)},
    summary="Export a person",
)
@requires(Permission.PRIVACY_MANAGE)
def export_person(path: PrivacyUserPath, query: CompanyQuery) -> tuple[Out, int]:
    """Have everything of the person written into a zip; one that is being made already is answered."""
    return _asked(RequestKind.EXPORT, path.user_id, query.company_hq_id), 202


@privacy_api.post(
    "/<string:user_id>/erase",
    responses={202: PrivacyRequestOut, **errors(409, 422)},
    summary="Erase a person",
)
@requires(Permission.PRIVACY_MANAGE)
def erase_person(path: PrivacyUserPath, query: CompanyQuery) -> tuple[Out, int]:
    """Have the person taken out of everything, for good; late records are refused from then on."""
    return _asked(RequestKind.ERASE, path.user_id, query.company_hq_id), 202


@privacy_api.get(
    "/requests/<uuid:request_id>", responses={200: PrivacyRequestOut}, summary="Read a privacy request"
)
@requires(Permission.PRIVACY_READ)
def read_request(path: PrivacyRequestPath, query: CompanyQuery) -> Out:
    """Answer where a request stands, with its report and the address of its file."""
    in_company(query.company_hq_id)
    return _out(find_request(db.session(), path.request_id))


@privacy_api.get("/requests/<uuid:request_id>/download", responses={200: ZIP}, summary="Download an export")
@requires(Permission.PRIVACY_MANAGE)
def download_export(path: PrivacyRequestPath, query: CompanyQuery) -> Response:
    """Answer the zip; 404 before it is ready and after its days."""
    in_company(query.company_hq_id)
    _sure_it_is_you()
    return file_of(db.session(), find_request(db.session(), path.request_id))


def _asked(kind: RequestKind, user_id: str, company: str | None) -> Out:
    who: Actor = in_company(company)
    _sure_it_is_you()
    session = db.session()
    with unit(session):
        found = deeds().ask(session, who, kind, user_id)
        return _out(deeds().start(session, who, found.id, confirmed=found.known_as))


def _sure_it_is_you() -> None:
    """A session was confirmed by its password a moment ago; a token is a secret by itself."""
    found = identity.signed_in()
    if found is not None and not identity.gate().is_confirmed(found):
        raise DomainError(
            "Write your password once more on the page of privacy requests, then call again.",
            code="password_needed",
            status=401,
        )


def _out(row: PrivacyRequest) -> Out:
    job = db.session().get(Job, row.job_id) if row.job_id else None
    ready = bool(row.file) and row.expires_at is not None and row.expires_at > services().clock.now()
    return PrivacyRequestOut.of(row, standing(row, job), ready=ready).model_dump(mode="json")
