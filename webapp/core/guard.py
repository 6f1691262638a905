"""At the door of every request: who it is, what the route asks for, whether the form is ours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, g, has_request_context, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import OperationalError
from uuid_utils.compat import uuid7
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission
from webapp.core.db import db, scope_to
from webapp.core.errors import BadRequest, Forbidden

csrf = CSRFProtect()
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FRAME_OF_A_FORM = 64 * 1024  # bytes of a form around its file
Identify = Callable[[], Actor | None]
NOBODY = Actor(company_id=None, permissions=frozenset({Permission.PUBLIC}))


class SignInNeeded(Exception):
    """Nobody is signed in, and the route is not for everybody."""


class UndeclaredRoute(RuntimeError):
    """A route names no permission; the application refuses to start with it."""


def actor() -> Actor:
    """Answer who acts in this request."""
    return cast("Actor", g.actor)


def asks_not_to_be_tracked() -> bool:
    """Whether the browser behind the call sent DNT or GPC; a job has none."""
    if not has_request_context():
        return False
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def watch(app: Flask, identify: Identify) -> None:
    """Admit requests one by one; `identify` answers the actor, or None for nobody."""
    csrf.init_app(app)

    @app.before_request
    def _admit() -> Response | None:
        g.request_id = str(uuid7())
        g.actor = NOBODY
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)
        permission = _permission_of(app)
        scope_to(db.session(), None)
        if permission is None:  # no such address: the router says so, on a page with the visitor's own menu
            with suppress(OperationalError):  # with the database away there is no menu
                if "Authorization" not in request.headers:
                    _is_by(identify)
            return None
        if not _is_asset(request.endpoint or "") and not _admits_itself(app):
            _is_by(identify)
        _check(permission)
        if takes_files(app):  # said before anything reads the body
            request.max_content_length = app.config["IMPORT_LIMIT"] + FRAME_OF_A_FORM
        _check_form()
        return None


def _is_by(identify: Identify) -> None:
    g.actor = identify() or NOBODY
    scope_to(db.session(), g.actor.company_id)


def takes_files(app: Flask) -> bool:
    """Whether the route of this request takes large files, which are kept on disk while they arrive."""
    return hasattr(app.view_functions.get(request.endpoint or ""), "large")


def asked_permission() -> Permission | None:
    """Answer what the route of this request asks for."""
    return _permission_of(current_app)


def _permission_of(app: Flask) -> Permission | None:
    endpoint = request.endpoint or ""
    view = app.view_functions.get(endpoint)
    return Permission.PUBLIC if _is_asset(endpoint) else getattr(view, "permission", None)


def _check(permission: Permission) -> None:
    who = actor()
    if who.may(permission):
        return
    if who.staff_id is None and who.token_id is None:
        raise SignInNeeded
    if who.company_id is None:
        raise BadRequest("Company context required", code="company_required")
    whose = "This token’s scopes do" if who.token_id else "Your role does"
    raise Forbidden(f"{whose} not allow this: {permission.label}.")


def _check_form() -> None:
    """Unsafe calls carry the form's token, except those that name a bearer token of their own."""
    by_token = actor().token_id is not None
    if request.method not in SAFE and not by_token and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def check_declared(app: Flask) -> None:
    """Refuse to start with a route that names no permission. Raises UndeclaredRoute."""
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, "permission")]
    silent = sorted(name for name in silent if not _is_asset(name))
    if silent:
        raise UndeclaredRoute(f"these routes name no permission: {', '.join(silent)}")


def _admits_itself(app: Flask) -> bool:
    return hasattr(app.view_functions.get(request.endpoint or ""), "admits_itself")


def _is_asset(endpoint: str) -> bool:
    # Flask's own routes for files; they stand open like the pages' stylesheet.
    return endpoint == "static" or endpoint.endswith(".static")


def foreign_origin() -> bool:
    """Whether the request says that another site sent it."""
    site = request.headers.get("Sec-Fetch-Site", "")
    origin = request.headers.get("Origin", "")
    return site == "cross-site" or (origin not in {"", "null"} and urlsplit(origin).netloc != request.host)


def safe_path(target: str | None) -> str | None:
    """Answer the path when it stays on this site, else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.netloc or parts.scheme or any(ord(char) < 32 for char in target) else target
