"""Serving calls from browsers: which sites may send them, who the learner is, how much they may cost."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from webapp.accounts.person_proof import check_proof
from webapp.accounts.tokens import lists_origin, signing_key
from webapp.core.access import Actor
from webapp.core.db import db
from webapp.core.errors import Forbidden, TooMany
from webapp.core.guard import actor
from webapp.core.services import services
from webapp.core.store.limits import DailyLimit
from webapp.lessons.serve import Allowance

PROOF = "X-Person-Token"
KEPT = 3600  # seconds a browser remembers what it may send
HEADERS = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": f"Authorization, Content-Type, {PROOF}",
    "Access-Control-Expose-Headers": "Retry-After, Warning, X-Request-ID",
    "Access-Control-Max-Age": str(KEPT),
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def check_origin() -> None:
    """Refuse a publishable token's call from a site it does not list. Raises Forbidden."""
    who = actor()
    if request.method != "OPTIONS" and who.origins is not None and _origin() not in who.origins:
        message = "This token may not be used from here: its list of sites does not have this one."
        raise Forbidden(message, code="origin_not_allowed")


def check_browser(who: Actor, user_id: str, *, flush: bool) -> None:
    """Refuse what a publishable token may not do: write anew, or ask for a learner nobody vouched for."""
    if who.origins is None:
        return
    if flush:
        raise Forbidden(
            "A publishable token may not have lessons written anew.", details={"flush": "refused"}
        )
    assert who.token_id is not None
    key = signing_key(str(current_app.config["SECRET_KEY"]), who.token_id)
    check_proof(request.headers.get(PROOF, ""), key, user_id, services().clock.now())


def allowance(who: Actor) -> Allowance:
    """What the caller may have written: a publishable token so many lessons a day."""
    if who.origins is None:
        return Allowance()
    limits, key = services().limits, str(who.token_id)
    daily = DailyLimit("generations", services().settings.publishable_generations_per_day)

    def check() -> None:
        try:
            limits.check(daily, key)
        except TooMany as error:
            message = "This token has had as many lessons written as it may within a day."
            raise TooMany(message, error.seconds) from None

    def spend() -> None:
        try:
            limits.hit(daily, key)
        except TooMany:  # another call was faster; the next one is refused
            return

    return Allowance(check, spend)


def preflight() -> Response:
    """Answer a browser that asks whether its page may call."""
    origin = _origin()
    if origin and not lists_origin(db.session(), origin, services().clock.now()):
        raise Forbidden("No publishable token lists this site.", code="origin_not_allowed")
    return Response(status=204, headers={"Allow": "POST, OPTIONS"})


def dress(answer: Response) -> Response:
    """Let the page that sent the call read its answer, whatever it says."""
    answer.headers.add("Vary", "Origin")
    origin = _origin()
    if origin and _may_read(origin):
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers.update(HEADERS)
    return answer


def _origin() -> str:
    return request.headers.get("Origin", "")


def _may_read(origin: str) -> bool:
    who = actor()
    if who.origins is not None and origin in who.origins:
        return True
    return lists_origin(db.session(), origin, services().clock.now())
