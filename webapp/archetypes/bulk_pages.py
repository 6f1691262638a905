"""The page that overrides many members at once: by a list, a file or the marked rows, with one reason."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, request
from werkzeug.wrappers import Response

from webapp.archetypes.blueprint import pages
from webapp.archetypes.bulk import Preview, preview, users_matching, users_of
from webapp.archetypes.facts import Archetype
from webapp.archetypes.forms import BulkForm, blamed, proposed
from webapp.archetypes.member_list import LISTING
from webapp.archetypes.overriding import MOST_AT_ONCE, Overriding
from webapp.archetypes.rule_state import state_of
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.idempotency import Sent, answer_once, digest
from webapp.core.services import services
from webapp.core.text import plural

MOST_MARKED, MOST_NAMED = 200, 20


@pages.get("/overrides/bulk")
@requires(Permission.ARCHETYPES_MANAGE)
def bulk() -> Response:
    return _page(_proposal([]))


@pages.post("/overrides/bulk/members")
@requires(Permission.ARCHETYPES_MANAGE)
def bulk_members() -> Response:
    """The form with the members that were marked in the list, or with all that matched there."""
    session = db.session()
    try:
        if request.form.get("all") == "1":
            users = users_matching(session, LISTING, dict(parse_qsl(request.form.get("query", ""))))
        else:
            users = users_of(session, _marked())
    except DomainError as error:
        flash(error.message, "bad")
        return go("archetypes.index")
    if not users:
        flash("Nothing was marked.", "bad")
        return go("archetypes.index")
    return _page(_proposal(users))


@pages.post("/overrides/bulk")
@requires(Permission.ARCHETYPES_MANAGE)
def save_bulk() -> Response:
    """Show what it would change, or save; whatever stands against it, what was typed comes back."""
    form = BulkForm()
    numbered = form.numbered()
    if numbered is None:
        return _page(form, 422)
    told = preview(db.session(), numbered, form.chosen)
    if request.form.get("do") != "save":
        return _page(form, told=told)
    if told.unknown and not form.skip.data:
        count = plural(len(told.unknown), "user id")
        put_error(form, "ids", f"{count} nobody has. Correct them below, or leave them out.")
        return _page(form, 422, told)
    try:
        saved = _save_once(form, told)
    except DomainError as error:
        return _page(blamed(form, error), error.status, told)
    flash(f"{plural(saved, 'member')} overridden: {form.chosen.label.lower()}.")
    return go("archetypes.overrides")


def _save_once(form: BulkForm, told: Preview) -> int:
    """Save all or none, unless this form with these texts was sent before; answers how many."""
    session = db.session()
    values = [form.archetype.data, form.reason.data, str(form.until.data), *told.known]
    texts = digest(json.dumps(values).encode())
    once = digest(f"{str(form.once.data)[:64]}:{texts}".encode())
    asked = form.override(state_of(session).zone)

    def work() -> tuple[int, dict[str, Any]]:
        overriding = Overriding(services().clock, services().auditor)
        return 303, {"count": overriding.set_many(session, actor(), told.known, asked)}

    sent = Sent(f"form:{once}", f"POST {request.path}", texts)
    count: int = answer_once(session, sent, services().clock.now(), work)[1]["count"]
    return count


def _proposal(users: list[str]) -> BulkForm:
    until = proposed(services().clock.now(), state_of(db.session()).zone)
    return BulkForm(formdata=None, data={"ids": "\n".join(users), "until": until})


def _marked() -> list[UUID]:
    try:
        return [UUID(word) for word in request.form.getlist("row")[:MOST_MARKED]]
    except ValueError:
        return []


def _page(form: BulkForm, status: int = 200, told: Preview | None = None) -> Response:
    return render(
        "archetypes/bulk.html",
        None,
        status,
        form=form,
        told=told,
        named=MOST_NAMED,
        most=MOST_AT_ONCE,
        archetypes=tuple(Archetype),
    )
