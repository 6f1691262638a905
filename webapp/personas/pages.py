"""The pages of personas: the list with unfinished drafts, one persona, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Attention, Found, Step
from webapp.core.db import db
from webapp.core.diff import diff_fields
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.services import services
from webapp.personas.answer import FIELDS, FieldSpec
from webapp.personas.blueprint import pages
from webapp.personas.contacts import LISTING as CONTACTS
from webapp.personas.crossing import fittings_of, matrix_of
from webapp.personas.desks import PERSONA_DESK, PERSONA_LISTING
from webapp.personas.drafting import count_open, open_drafts
from webapp.personas.fit_forms import FitForm
from webapp.personas.fit_screen import draw_fits
from webapp.personas.fits import fits_of
from webapp.personas.merge import Value
from webapp.personas.models import AnalysisVersion, Persona, PersonaVersion, Product
from webapp.personas.narrowing import NARROWING
from webapp.personas.products import LISTING as PRODUCTS
from webapp.personas.provenance import Origin, origin_of
from webapp.personas.rows import fields_of
from webapp.personas.saving import Saver, count_unreviewed, find_persona, versions_of

Version = PersonaVersion | AnalysisVersion
MOST_FOUND = 8  # of each kind, by the search of everything
MOST_DIGITS = 10  # more than an integer column holds is no version
add_list_routes(pages, PERSONA_DESK)


@dataclass(frozen=True)
class Line:
    """One field as the persona's page shows it."""

    spec: FieldSpec
    value: Value
    origin: Origin | None


@pages.get("")
@requires(Permission.PERSONAS_READ)
def index() -> Response:
    session = db.session()
    page = PERSONA_LISTING.page(session, request.args)
    keep = {name: request.args.get(name) for name in NARROWING}
    return render(
        "personas/index.html",
        "list",
        page=page,
        drafts=open_drafts(session),
        keep=keep,
        fits=fits_of(session, [row.id for row in page.rows]),
        views=views_of(PERSONA_DESK),
    )


@pages.get("/cross-section")
@requires(Permission.PERSONAS_READ)
def cross_section() -> Response:
    session = db.session()
    return render("personas/cross.html", None, matrix=matrix_of(session), fittings=fittings_of(session))


@pages.get("/<uuid:persona_id>")
@requires(Permission.PERSONAS_READ)
def show(persona_id: UUID) -> Response:
    return persona_page(persona_id)


def persona_page(persona_id: UUID, form: FitForm | None = None, status: int = 200) -> Response:
    """One persona with its fits; `form` is a proposal's form that came back with errors."""
    session = db.session()
    persona = find_persona(session, persona_id)
    screen = draw_fits(session, persona_id, services().clock.now(), form)
    lines = lines_of(persona)
    return render(
        "personas/show.html", None, status, persona=persona, lines=lines, fit_screen=screen, form=form
    )


def lines_of(persona: Persona) -> list[Line]:
    """The persona's fields as pages show them."""
    fields = fields_of(persona)
    return [Line(spec, fields[spec.wire], origin_of(persona.provenance, spec.wire)) for spec in FIELDS]


@pages.get("/<uuid:persona_id>/history")
@requires(Permission.PERSONAS_READ)
def history(persona_id: UUID) -> Response:
    persona = find_persona(db.session(), persona_id)
    versions = versions_of(db.session(), persona_id)
    labels = {spec.wire: spec.label for spec in FIELDS}
    return render(
        "personas/history.html",
        "history",
        persona=persona,
        versions=versions,
        labels=labels,
        **compared(versions),
    )


def compared(versions: Sequence[Version]) -> dict[str, Any]:
    """The two versions an address asks for, by default the newest, and what differs between them."""
    new, old = _chosen(versions, "new", 0), _chosen(versions, "old", 1)
    changes = diff_fields(old.fields, new.fields) if old and new else ()
    return {"new": new, "old": old, "changes": [change for change in changes if change.changed]}


@pages.post("/<uuid:persona_id>/restore")
@requires(Permission.PERSONAS_WRITE)
def restore(persona_id: UUID) -> Response:
    number = request.form.get("version", "")
    saver().restore(db.session(), actor(), persona_id, number_of(number))
    flash(f"Version {number} is restored as a new version.")
    return go("personas.show", persona_id=persona_id)


@pages.post("/<uuid:persona_id>/review")
@requires(Permission.PERSONAS_WRITE)
def review(persona_id: UUID) -> Response:
    saver().review(db.session(), actor(), persona_id)
    flash("Marked as looked at.")
    return go("personas.show", persona_id=persona_id)


@pages.post("/<uuid:persona_id>/delete")
@requires(Permission.PERSONAS_WRITE)
def delete(persona_id: UUID) -> Response:
    saver().delete(db.session(), actor(), persona_id)
    flash("The persona is deleted.")
    return go("personas.index")


def saver() -> Saver:
    """Answer what saves, with the application's clock and auditor."""
    return Saver(services().clock, services().auditor)


def number_of(word: str) -> int:
    """Read a version's number; what is none is 0, which no version has."""
    return int(word) if word.isdecimal() and len(word) < MOST_DIGITS else 0


def _chosen(versions: Sequence[Version], name: str, default: int) -> Version | None:
    word = request.args.get(name, "")
    if word.isdecimal():
        return next((version for version in versions if version.number == number_of(word)), None)
    return versions[default] if len(versions) > default else None


def waiting(session: Session, _actor: Actor) -> int:
    """Count what waits in this area: unfinished drafts and personas nobody has looked at."""
    return count_open(session) + count_unreviewed(session)


def attention(session: Session, who: Actor) -> list[Attention]:
    """Say what of this area needs a person now."""
    if not who.may(Permission.PERSONAS_WRITE):
        return []
    lines = [
        Attention(
            f"Unfinished draft: {draft.fields.get('personName') or 'no name yet'}",
            url_for("personas.resume", draft_id=draft.id),
            "draft",
            draft.updated_at,
        )
        for draft in open_drafts(session, 5)
    ]
    unseen = session.scalars(
        select(Persona).where(Persona.unreviewed.is_(True)).order_by(Persona.id.desc()).limit(5)
    )
    return lines + [
        Attention(
            f"Saved unseen: {row.person_name}",
            url_for("personas.show", persona_id=row.id),
            "unreviewed",
            row.created_at,
        )
        for row in unseen
    ]


def find(session: Session, who: Actor, query: str) -> list[Found]:
    """Find personas, products and contacts by the beginnings that their lists search."""
    if not who.may(Permission.PERSONAS_READ):
        return []
    personas = PERSONA_LISTING.first(session, query, MOST_FOUND)
    found = [
        Found("persona", row.person_name, url_for("personas.show", persona_id=row.id), row.title)
        for row in personas
    ]
    found += [
        Found("contact", row.name, url_for("contacts.show", contact_id=row.id), row.company)
        for row in CONTACTS.first(session, query, MOST_FOUND)
    ]
    return found + [
        Found("product", row.name, url_for("products.show", product_id=row.id))
        for row in PRODUCTS.first(session, query, MOST_FOUND)
    ]


def steps(session: Session, who: Actor) -> list[Step]:
    """The first steps of this area."""
    if not who.may(Permission.PERSONAS_WRITE):
        return []
    product = session.scalar(select(Product.id).limit(1)) is not None
    persona = session.scalar(select(Persona.id).limit(1)) is not None
    return [
        Step("Describe a product", url_for("products.new"), product),
        Step("Draft your first persona", url_for("personas.builder"), persona),
    ]
