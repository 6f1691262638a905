"""One place that answers what went wrong: as a page, as a fragment, or as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from flask import Flask, current_app, g, jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from webapp.core.errors import DomainError, TooMany
from webapp.core.guard import SignInNeeded, foreign_origin
from webapp.core.htmx import asks_for_part, go_to, render
from webapp.core.logs import told_path

log = structlog.get_logger()
AWAY_SECONDS = 5  # when to come back to a part that is away
MOST_KEPT = 300_000  # characters of a form that are offered to be sent again


@dataclass(frozen=True)
class Failure:
    """What people and programs are told: status, sentence, whether the work is safe, what next."""

    status: int
    error: str
    code: str
    safe: str = "Nothing was changed."
    next: str = "Go back and try again."
    retryable: bool = False
    details: dict[str, str] = field(default_factory=dict)
    seconds: int | None = None


WORDS = {
    400: Failure(400, "This request cannot be read.", "bad_request"),
    401: Failure(401, "Please sign in first.", "sign_in_needed", next="Sign in and try again."),
    403: Failure(
        403, "You may not do this.", "forbidden", next="Ask an admin of your company for the right."
    ),
    404: Failure(
        404, "There is nothing at this address.", "not_found", next="Check the address or start at Home."
    ),
    405: Failure(405, "This address does not take this kind of request.", "method_not_allowed"),
    413: Failure(
        413, "This is larger than Atelier accepts.", "too_large", next="Send a smaller file or text."
    ),
    415: Failure(415, "This kind of content is not understood here.", "unsupported_media_type"),
    429: Failure(429, "Too many tries.", "too_many", next="Wait a minute and try again.", retryable=True),
}
TITLES = {
    400: "Not understood",
    401: "Please sign in",
    403: "Not allowed",
    404: "Not here",
    409: "Changed in the meantime",
    413: "Too large",
    429: "Too many tries",
    500: "Something broke",
    503: "Away for a moment",
}
BROKEN = Failure(
    500,
    "Something went wrong inside Atelier.",
    "internal",
    safe="What you were saving was not saved; what was saved before is untouched.",
    next="Try again. If it stays so, tell your admin the request id.",
    retryable=True,
)
DATABASE_AWAY = Failure(
    503,
    "The database does not answer at the moment.",
    "database_away",
    safe="Nothing was changed.",
    next="Try again in a moment.",
    retryable=True,
    seconds=AWAY_SECONDS,
)


def wants_json() -> bool:
    """Whether a program asked."""
    return request.path.startswith("/api/") or request.path.startswith("/openapi/")


def answer_failures(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(SignInNeeded, _sign_in)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def answer(failure: Failure) -> Response:
    """Answer the failure to whoever asked, with the request's id."""
    request_id = g.get("request_id", "")
    if wants_json():
        body = {"success": False, "error": failure.error, "code": failure.code, "details": failure.details}
        body |= {"requestId": request_id, "retryable": failure.retryable}
        response: Response = make_response(jsonify(body), failure.status)
    else:
        response = render(
            "error.html",
            "fragment",
            failure.status,
            title=TITLES.get(failure.status, "This did not work"),
            happened=failure.error,
            safe=failure.safe if request.method != "GET" or failure.status >= 500 else "",
            next=failure.next,
            again=request.full_path.rstrip("?") if failure.retryable and request.method == "GET" else "",
            request_id=request_id,
        )
    if failure.seconds is not None:
        response.headers["Retry-After"] = str(failure.seconds)
    return response


def _domain(error: Exception) -> Response:
    assert isinstance(error, DomainError)
    if error.code == "company_required" and not wants_json():
        return render("home/no_company.html", None, error.status)
    seconds = error.seconds if isinstance(error, TooMany) else AWAY_SECONDS if error.status == 503 else None
    known = WORDS.get(error.status)
    return answer(
        Failure(
            error.status,
            error.message,
            error.code,
            next=known.next if known else "Go back and try again.",
            retryable=error.retryable,
            details=dict(error.details),
            seconds=seconds,
        )
    )


def _http(error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.code is not None and error.code < 400:
        return error.get_response()  # a redirect of the router
    status = error.code or 500
    response = answer(WORDS.get(status) or Failure(status, error.name + ".", "http_error"))
    if status == 405:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response


def _database(error: Exception) -> Response:
    log.error("the database failed", why=str(getattr(error, "orig", error)))
    return answer(DATABASE_AWAY)


def _too_deep(error: Exception) -> Response:
    log.warning("a request was nested too deeply", why=str(error))
    return answer(WORDS[400])


def _unexpected(error: Exception) -> Response:
    log.error("a request failed", exc_info=error, path=told_path())
    return answer(BROKEN)


def _sign_in(_error: Exception) -> Response:
    if wants_json() or "Authorization" in request.headers:  # a token has no page to sign in at
        response = answer(WORDS[401])
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    if _in_background():
        return render("signed_out.html", "told", 401)
    if request.method == "GET" and not asks_for_part():
        target = request.full_path.rstrip("?")
        return go_to("/sign-in" if target == "/" else f"/sign-in?{_query(next=target)}")
    if request.method == "GET" or foreign_origin():
        return go_to(f"/sign-in?{_query(next=_page_of_htmx())}")
    return _kept("sign_in.html", 401)


def _stale_form(_error: Exception) -> Response:
    if wants_json():
        return answer(Failure(403, "This call needs a form token or a bearer token.", "csrf"))
    if _in_background():
        return render("signed_out.html", "told", 403)
    if foreign_origin():
        return answer(Failure(403, "This form was not sent from Atelier.", "foreign_form"))
    return _kept("kept.html", 403)


def _in_background() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return asks_for_part() and hasattr(view, "background")


def _kept(template: str, status: int) -> Response:
    """Answer a whole page that offers the posted form again, in place of whatever asked for a part."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if _may_be_kept(name)]
    if sum(len(value) for _, value in fields) > MOST_KEPT:
        return answer(WORDS[413])
    context: dict[str, Any] = {"action": request.full_path.rstrip("?"), "fields": fields, "form": None}
    if template == "sign_in.html":
        context |= {"next": "", "bare": True}
    response = render(template, None, status, **context)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response


def _may_be_kept(name: str) -> bool:
    return name != "csrf_token" and "password" not in name


def _page_of_htmx() -> str:
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{current.path or '/'}{'?' + current.query if current.query else ''}"


def _query(**values: str) -> str:
    return urlencode(values)
