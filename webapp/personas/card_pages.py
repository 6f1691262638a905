"""Taking personas along: the printable card, one file, or several in a zip."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import parse_qsl
from uuid import UUID

from flask import request, send_file
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.audit import AuditAction
from webapp.core.db import db, unit
from webapp.core.errors import NotFound
from webapp.core.guard import actor
from webapp.core.htmx import render
from webapp.core.services import services
from webapp.personas.blueprint import pages
from webapp.personas.card_pdf import as_pdf
from webapp.personas.cards import Card, as_json, as_markdown, as_zip, card_of, cards_of, file_name
from webapp.personas.desks import PERSONA_DESK, PERSONA_LISTING
from webapp.personas.models import Persona

FORMS: dict[str, tuple[str, Callable[[Card], bytes]]] = {
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "json": ("application/json", as_json),
    "pdf": ("application/pdf", as_pdf),
}
MOST_IDS = 500


@pages.get("/<uuid:persona_id>/card")
@requires(Permission.PERSONAS_READ)
def card(persona_id: UUID) -> Response:
    return render("personas/card.html", None, card=card_of(db.session(), persona_id))


@pages.get("/<uuid:persona_id>/export/<string:form>")
@requires(Permission.PERSONAS_READ)
def export_card(persona_id: UUID, form: str) -> Response:
    kind, write = _form(form)
    found = card_of(db.session(), persona_id)
    return _file(write(found), kind, f"{file_name(found.name)}.{form}")


@pages.post("/cards")
@requires(Permission.PERSONAS_READ)
def take_along() -> Response:
    """The marked personas, or all that the list shows under its search and filters, as a zip."""
    form = request.form.get("form", "md")
    _, write = _form(form)
    cards = cards_of(db.session(), form, _chosen())
    with unit(db.session()) as session:  # the trail says who took them, as for the lists' files
        services().auditor.record(
            session, actor(), AuditAction.LIST_EXPORTED, PERSONA_DESK, reason=f"{len(cards)} cards"
        )
    return _file(as_zip(cards, form, write), "application/zip", f"personas-{form}.zip")


def _form(name: str) -> tuple[str, Callable[[Card], bytes]]:
    if name not in FORMS:
        raise NotFound("Personas come as md, json or pdf.")
    return FORMS[name]


def _chosen() -> list[ColumnElement[bool]]:
    if request.form.get("all") == "1":
        return list(PERSONA_LISTING.criteria(dict(parse_qsl(request.form.get("query", "")))))
    ids = [row_id for word in request.form.getlist("row")[:MOST_IDS] if (row_id := _id(word))]
    return [Persona.id.in_(ids)]


def _id(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _file(body: bytes, kind: str, name: str) -> Response:
    return send_file(io.BytesIO(body), mimetype=kind, as_attachment=True, download_name=name, max_age=0)
