"""One door for answers: the whole page, or the part of it that htmx asked for."""

from flask import make_response, redirect, render_template, request, url_for
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response


def asks_for_part() -> bool:
    """Whether htmx swaps a part; a boosted link and a history restore need the whole page."""
    headers = request.headers
    whole = "HX-Boosted" in headers or "HX-History-Restore-Request" in headers
    return headers.get("HX-Request") == "true" and not whole


def render(template: str, fragment: str | None = None, status: int = 200, **context: object) -> Response:
    """Answer the page, or only its block `fragment` when htmx asks for a part. The server names the block."""
    if fragment and asks_for_part():
        body = render_block(template, fragment, **context)
    else:
        body = render_template(template, **context)
    answer = make_response(body, status)
    answer.vary.add("HX-Request")
    return answer


def go(endpoint: str, **values: object) -> Response:
    """Send the browser on: 303, or 204 with `HX-Redirect` when htmx asks (it would follow a 303 unseen)."""
    return go_to(url_for(endpoint, **values))  # type: ignore[arg-type]  # values are named by the caller


def go_to(address: str) -> Response:
    """Like `go`, for an address. The caller vouches that it is one of ours."""
    if asks_for_part():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = address
    else:
        answer = make_response(redirect(address, 303))
    answer.vary.add("HX-Request")
    return answer
