"""Who sent this request: a bearer token, or a session that is still alive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from flask import Flask, current_app, g, request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from webapp.accounts.sign_in import Gate, SignedIn
from webapp.accounts.tokens import token_actor
from webapp.core.access import Actor, Permission
from webapp.core.db import db, scope_to
from webapp.core.errors import TooMany
from webapp.core.guard import SignInNeeded
from webapp.core.services import services
from webapp.core.store.limits import Limit

manager = LoginManager()
manager.session_protection = None  # the server-side session is what counts


@dataclass(frozen=True)
class Visitor(UserMixin):
    """The signed-in person as Flask-Login knows them: by the session's secret, not by an account's id."""

    secret: str
    found: SignedIn

    def get_id(self) -> str:
        """Answer what the cookie carries."""
        return self.secret


@manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def _load(secret: str) -> Visitor | None:
    found = gate().find(db.session(), secret)
    return Visitor(secret, found) if found else None


def gate() -> Gate:
    """Answer the application's gate."""
    return cast("Gate", current_app.extensions["atelier.gate"])


def identify() -> Actor | None:
    """Answer who acts: the token's actor, the session's, or nobody."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(secret.strip())
    visitor = signed_in()
    return actor_of(visitor) if visitor else None


def _by_token(secret: str) -> Actor:
    who = token_actor(db.session(), secret, services().clock.now())
    if who is None:
        raise SignInNeeded
    limit = Limit("api-token", services().settings.api_calls_per_minute)
    try:
        services().limits.hit(limit, str(who.token_id))
    except TooMany as error:
        raise TooMany(
            f"This token made too many calls. Wait {error.seconds} seconds.", error.seconds
        ) from None
    return _with_request(who)


def actor_of(found: SignedIn) -> Actor:
    """Answer the person as an actor in the company they work for at the moment."""
    always = frozenset({Permission.PUBLIC, Permission.SIGNED_IN})
    chosen = found.chosen
    g.zone = chosen.timezone if chosen else "UTC"
    who = Actor(
        company_id=chosen.company_id if chosen else None,
        permissions=chosen.role.permissions if chosen else always,
        staff_id=found.staff_id,
        name=found.name,
    )
    return _with_request(who)


def _with_request(who: Actor) -> Actor:
    return replace(who, address=request.remote_addr or "", request_id=g.request_id)


def signed_in() -> SignedIn | None:
    """Answer the live session of this request's cookie, or None."""
    return current_user.found if current_user.is_authenticated else None


def begin(secret: str) -> None:
    """Put the session's secret into a fresh cookie."""
    found = gate().find(db.session(), secret)
    assert found is not None
    cookie.clear()
    g.pop("csrf_token", None)  # it was made for the cookie that is gone
    login_user(Visitor(secret, found))
    g.actor = actor_of(found)
    scope_to(db.session(), g.actor.company_id)


def end() -> None:
    """End the session on the server and forget the cookie."""
    found = signed_in()
    if found:
        gate().leave(db.session(), found.session_id)
    logout_user()
    cookie.clear()


def init_app(app: Flask, keeper: Gate) -> None:
    """Make the application know its gate and read its sessions."""
    manager.init_app(app)
    app.extensions["atelier.gate"] = keeper
