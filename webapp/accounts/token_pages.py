"""The page of the company's API tokens."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.accounts.confirm import confirmed
from webapp.accounts.models import ApiToken
from webapp.accounts.team import members
from webapp.accounts.team_forms import TokenFields, TokenForm
from webapp.accounts.tokens import create_token, revoke_token, signing_key
from webapp.core.access import SCOPE_AREAS, Permission, requires
from webapp.core.db import db
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.services import services

pages = Blueprint("tokens", __name__, url_prefix="/admin/tokens")
MOST_SHOWN = 200


@pages.get("")
@requires(Permission.TOKENS_MANAGE)
def index() -> Response:
    return _listed(_form(fresh=True))


@pages.post("")
@requires(Permission.TOKENS_MANAGE)
@confirmed
def create() -> Response:
    form = _form()
    valid = form.validate()
    if not form.moved and valid and not form.scopes and not form.publishable.data:
        put_error(form, "scope_personas", "Choose at least one area the token may read or write.")
        valid = False
    if form.moved or not valid:
        return _listed(form, 200 if form.moved else 422)
    made = create_token(
        db.session(),
        actor(),
        form.name.data or "",
        form.scopes,
        clock=services().clock,
        auditor=services().auditor,
        staff_id=UUID(form.staff.data) if form.staff.data else None,
        expires_at=form.end,
        publishable=bool(form.publishable.data),
        origins=tuple(form.origins.data),
    )
    key = signing_key(str(current_app.config["SECRET_KEY"]), made.id) if form.publishable.data else ""
    return _listed(_form(fresh=True), secret=made.secret, key=key)


@pages.post("/<uuid:token_id>/revoke")
@requires(Permission.TOKENS_MANAGE)
def revoke(token_id: UUID) -> Response:
    row = revoke_token(db.session(), actor(), token_id, clock=services().clock, auditor=services().auditor)
    flash(f"The token “{row.name}” is revoked: its next call is refused.")
    return go("tokens.index")


def _form(*, fresh: bool = False) -> TokenFields:
    form = TokenForm(formdata=None) if fresh else TokenForm()
    people = [(str(one.staff_id), one.name) for one in members(db.session()) if not one.disabled]
    form.staff.choices = [("", "Nobody: the scopes alone"), *people]
    return form


def _listed(form: TokenFields, status: int = 200, secret: str = "", key: str = "") -> Response:
    session = db.session()
    rows = list(session.scalars(select(ApiToken).order_by(ApiToken.created_at.desc()).limit(MOST_SHOWN)))
    return render(
        "accounts/tokens.html",
        None,
        status,
        form=form,
        rows=rows,
        names={one.staff_id: one.name for one in members(session)},
        areas=SCOPE_AREAS,
        everything=[f"{area}:write" for area in SCOPE_AREAS],
        secret=secret,
        signing_key=key,
        now=services().clock.now(),
    )
