"""The API's document and its two readers, both from this host and under a strict policy."""

from __future__ import annotations

from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, g, jsonify, make_response
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.headers import POLICY
from webapp.core.htmx import render

pages = Blueprint("docs", __name__)


# ReDoc puts two fixed style elements into the page and draws its icons as data: images.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
)
REDOC_POLICY = POLICY.replace("style-src 'self'", f"style-src 'self' {REDOC_STYLES}").replace(
    "img-src 'self'", "img-src 'self' data:"
)


def _assets(package: str, folder: str) -> Blueprint:
    """The files a reader's package brings, without the package's own pages: those are inline scripts."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    files = Path(spec.origin).parent / "templates" / folder
    return Blueprint(f"{folder}_assets", package, static_folder=str(files), static_url_path=f"/docs/{folder}")


assets = (_assets("flask_openapi3_swagger", "swagger"), _assets("flask_openapi3_redoc", "redoc"))
ABOUT = (
    "The back office for personalization. Send `Authorization: Bearer TOKEN`; a token is made with "
    "`flask --app app tokens create`. Errors carry a sentence, a stable code and the request's id."
)
SECURITY: dict[str, Any] = {"token": {"type": "http", "scheme": "bearer"}}


class ErrorOut(BaseModel):
    """What every call answers when it cannot do what was asked."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    success: bool = False
    error: str
    code: str
    details: dict[str, str]
    request_id: str
    retryable: bool


# A reference, where the library would work out the model's schema again for each status of each route.
ERROR: dict[str, Any] = {
    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorOut.__name__}"}}}
}


def errors(*statuses: int) -> dict[Any, Any]:
    """Answer the OpenAPI responses of these statuses, each an `ErrorOut`."""
    return {str(status): {**ERROR, "description": HTTPStatus(status).phrase} for status in statuses}


RESPONSES = errors(400, 401, 403, 404, 413, 415, 429, 500, 503)


def invalid(error: ValidationError) -> Response:
    """Answer a body or a query that does not fit, naming each field."""
    details = {_where(problem["loc"]): _why(problem) for problem in error.errors()}
    named = "; ".join(f"{where}: {why}" for where, why in details.items())
    body = ErrorOut(
        error=f"This call does not fit: {named}"[:2000],
        code="invalid",
        details=details,
        request_id=g.get("request_id", ""),
        retryable=False,
    )
    return make_response(jsonify(body.model_dump(by_alias=True)), 400)


def _why(problem: Any) -> str:
    """The library's words, except where they name its own things."""
    if not problem["loc"]:
        return "Send a JSON object, with the header Content-Type: application/json."
    if problem["type"] == "extra_forbidden":
        return "There is no such field."
    return str(problem["msg"]).removeprefix("Value error, ")


def _where(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "body"


@pages.get("/openapi/openapi.json")
@requires(Permission.PUBLIC)
def document() -> Response:
    """Answer the OpenAPI document."""
    return make_response(jsonify(current_app.api_doc))  # type: ignore[attr-defined]  # the OpenAPI application's


@pages.get("/docs")
@requires(Permission.PUBLIC)
def swagger() -> Response:
    return render("docs/swagger.html")


@pages.get("/redoc")
@requires(Permission.PUBLIC)
def redoc() -> Response:
    response = render("docs/redoc.html")
    response.headers["Content-Security-Policy"] = REDOC_POLICY
    return response
