"""The pages of product fits: find the best one, take it, add, change and remove by hand."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db, new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import asks_for_part, go, render
from webapp.core.jobs.steer import cancel
from webapp.core.services import services
from webapp.personas.blueprint import pages
from webapp.personas.fit_forms import FitForm, offer_products
from webapp.personas.fit_jobs import start_fit_job
from webapp.personas.fit_screen import draw_fits
from webapp.personas.fits import Fits, find_fit, find_proposal, fits_of, texts_of
from webapp.personas.models import Persona, Product, ProductFit
from webapp.personas.pages import persona_page
from webapp.personas.products import PRODUCTS
from webapp.personas.saving import find_persona

KEEP = "Your text is in the form; saving again replaces what stands there now."


@pages.get("/<uuid:persona_id>/fits")
@requires(Permission.PERSONAS_READ)
def fits(persona_id: UUID) -> Response:
    if not asks_for_part():
        return go("personas.show", persona_id=persona_id)
    find_persona(db.session(), persona_id)
    screen = draw_fits(db.session(), persona_id, services().clock.now())
    return render("personas/fits.html", "fits", fit_screen=screen)


@pages.post("/<uuid:persona_id>/fits/find")
@requires(Permission.PERSONAS_WRITE)
def find_fit_for(persona_id: UUID) -> Response:
    key = f"fit:{persona_id}:{new_id()}"
    try:
        start_fit_job(db.session(), actor(), persona_id, key, services().starter, services().clock)
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warning")
    return _back(persona_id)


@pages.post("/<uuid:persona_id>/fits/stop")
@requires(Permission.PERSONAS_WRITE)
def stop_finding(persona_id: UUID) -> Response:
    find_persona(db.session(), persona_id)
    proposal = find_proposal(db.session(), persona_id)
    if proposal and proposal.job_id:
        cancel(db.session(), actor(), proposal.job_id, services().starter)
    return _back(persona_id)


@pages.post("/<uuid:persona_id>/fits/dismiss")
@requires(Permission.PERSONAS_WRITE)
def dismiss_fit(persona_id: UUID) -> Response:
    find_persona(db.session(), persona_id)
    _fits().dismiss(db.session(), persona_id)
    flash("The proposal is dismissed. Nothing was saved.")
    return _back(persona_id)


@pages.post("/<uuid:persona_id>/fits/take")
@requires(Permission.PERSONAS_WRITE)
def take_fit(persona_id: UUID) -> Response:
    find_persona(db.session(), persona_id)
    form = FitForm()
    proposal = find_proposal(db.session(), persona_id)
    if proposal is None or not (proposal.product_id or proposal.product_description):
        flash("The proposal is gone: somebody took or dismissed it.", "warning")
        return _back(persona_id)
    if form.chosen() != proposal.product_id:
        put_error(form, None, "Another product is proposed now. Your text stands in its form, not saved.")
        return persona_page(persona_id, form, 409)
    try:
        if not form.validate():
            return persona_page(persona_id, form, 422)
        _take(persona_id, form, proposal.product_id)
    except DomainError as error:
        return persona_page(persona_id, _blamed(form, error), error.status)
    flash("The fit is saved.")
    return _back(persona_id)


@pages.get("/<uuid:persona_id>/fits/new")
@requires(Permission.PERSONAS_WRITE)
def new_fit(persona_id: UUID) -> Response:
    form = FitForm(formdata=None)
    form.product_id.data = request.args.get("productId", "")
    return _form(persona_id, form)


@pages.post("/<uuid:persona_id>/fits")
@requires(Permission.PERSONAS_WRITE)
def add_fit(persona_id: UUID) -> Response:
    form = FitForm()
    product_id = form.chosen()
    if not form.validate() or product_id is None:
        if product_id is None:
            put_error(form, "product_id", "Choose one of the products.")
        return _form(persona_id, form, status=422)
    try:
        _fits().add(db.session(), actor(), persona_id, product_id, form.texts())
    except DomainError as error:
        return _form(persona_id, _blamed(form, error), status=error.status)
    flash("The fit is saved.")
    return _back(persona_id)


@pages.get("/<uuid:persona_id>/fits/<uuid:fit_id>/edit")
@requires(Permission.PERSONAS_WRITE)
def edit_fit(persona_id: UUID, fit_id: UUID) -> Response:
    fit = find_fit(db.session(), persona_id, fit_id)
    form = FitForm(formdata=None, data=texts_of(fit))
    form.version.data = fit.version
    return _form(persona_id, form, fit)


@pages.post("/<uuid:persona_id>/fits/<uuid:fit_id>")
@requires(Permission.PERSONAS_WRITE)
def save_fit(persona_id: UUID, fit_id: UUID) -> Response:
    fit = find_fit(db.session(), persona_id, fit_id)
    form = FitForm()
    if not form.validate():
        return _form(persona_id, form, fit, 422)
    try:
        _fits().change(db.session(), actor(), persona_id, fit_id, form.texts(), form.version.data or 0)
    except Conflict as error:
        return _conflict(persona_id, fit_id, form, error)
    except DomainError as error:
        return _form(persona_id, _blamed(form, error), fit, error.status)
    flash("The fit is saved.")
    return _back(persona_id)


@pages.post("/<uuid:persona_id>/fits/<uuid:fit_id>/review")
@requires(Permission.PERSONAS_WRITE)
def review_fit(persona_id: UUID, fit_id: UUID) -> Response:
    _fits().review(db.session(), actor(), persona_id, fit_id)
    flash("Marked as looked at.")
    return _back(persona_id)


@pages.post("/<uuid:persona_id>/fits/<uuid:fit_id>/remove")
@requires(Permission.PERSONAS_WRITE)
def remove_fit(persona_id: UUID, fit_id: UUID) -> Response:
    _fits().remove(db.session(), actor(), persona_id, fit_id)
    undo = url_for("personas.bring_back_fit", persona_id=persona_id, fit_id=fit_id)
    flash({"text": "The fit is removed.", "undo": undo})  # type: ignore[arg-type]  # the toast draws a mapping
    return _back(persona_id)


@pages.post("/<uuid:persona_id>/fits/<uuid:fit_id>/bring-back")
@requires(Permission.PERSONAS_WRITE)
def bring_back_fit(persona_id: UUID, fit_id: UUID) -> Response:
    _fits().bring_back(db.session(), actor(), persona_id, fit_id)
    flash("The fit is back.")
    return _back(persona_id)


def _fits() -> Fits:
    return Fits(services().clock, services().auditor)


def _back(persona_id: UUID) -> Response:
    return go("personas.show", persona_id=persona_id, _anchor="fits")


def _take(persona_id: UUID, form: FitForm, product_id: UUID | None) -> None:
    """Take the proposal; a described product is made first, and both stand or neither does."""
    session, who = db.session(), actor()
    if product_id is not None:
        _fits().add(session, who, persona_id, product_id, form.texts())
        return
    values = {"name": form.product_name.data or "", "description": form.product_description.data or ""}
    with unit(session):
        product = _made(values)
        _fits().add_described(session, who, persona_id, product, form.texts())


def _made(values: dict[str, str]) -> Product:
    clients = {"clock": services().clock, "auditor": services().auditor}
    try:
        return PRODUCTS.create(db.session(), actor(), values, **clients)  # type: ignore[arg-type]  # both clients are as named
    except DomainError as error:
        details = {f"product_{name}": why for name, why in error.details.items()}
        raise DomainError(error.message, code=error.code, details=details) from None


def _conflict(persona_id: UUID, fit_id: UUID, form: FitForm, error: Conflict) -> Response:
    """Both texts: theirs beside the form, the author's own in it; saving again replaces theirs."""
    fit = find_fit(db.session(), persona_id, fit_id)
    theirs = [(form[wire].label.text, text or "(empty)") for wire, text in texts_of(fit).items()]
    put_error(form, None, f"{error.message} {KEEP}")
    form.version.raw_data, form.version.data = None, fit.version
    return _form(persona_id, form, fit, 409, theirs)


def _form(
    persona_id: UUID,
    form: FitForm,
    fit: ProductFit | None = None,
    status: int = 200,
    theirs: list[tuple[str, str]] | None = None,
) -> Response:
    session = db.session()
    persona: Persona = find_persona(session, persona_id)
    taken = frozenset(line.product_id for line in fits_of(session, [persona_id])[persona_id])
    offer_products(session, form, taken)
    product = session.get(Product, fit.product_id) if fit else None
    return render(
        "personas/fit_form.html",
        None,
        status,
        form=form,
        persona=persona,
        fit=fit,
        product=product,
        theirs=theirs,
    )


def _blamed(form: FitForm, error: DomainError) -> FitForm:
    """The form with the refusal at the fields it names, or above them."""
    for name, why in error.details.items() or [("", error.message)]:
        put_error(form, name, why)
    return form
