"""The pages of a contact's analysis: read it, prepare it, its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, background, requires
from webapp.core.db import db, new_id
from webapp.core.errors import DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import asks_for_part, go, render
from webapp.core.jobs.models import Job
from webapp.core.jobs.steer import cancel
from webapp.core.jobs.views import JobView, view_of
from webapp.core.services import services
from webapp.personas import merge
from webapp.personas.analyses import (
    Analyses,
    StaleAnalysis,
    analysis_of,
    draft_state,
    saved_state,
    versions_of_analysis,
)
from webapp.personas.analysis_answer import ANALYSIS_FIELDS, parted
from webapp.personas.analysis_form import AnalysisForm, offer_choices
from webapp.personas.analysis_jobs import start_analysis_job
from webapp.personas.answer import FieldSpec
from webapp.personas.catalog_pages import contacts
from webapp.personas.contacts import CONTACTS
from webapp.personas.merge import State, Value
from webapp.personas.models import ContactAnalysis
from webapp.personas.pages import compared, number_of
from webapp.personas.provenance import Origin


@dataclass(frozen=True)
class Part:
    """One field of the analysis on the page."""

    spec: FieldSpec
    value: Value
    origin: Origin | None
    can_undo: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Objections with their answers."""
        return [parted(text) for text in self.value]


@contacts.get("/<uuid:contact_id>/analysis", endpoint="analysis")
@requires(Permission.PERSONAS_READ)
def show_analysis(contact_id: UUID) -> Response:
    contact = CONTACTS.find(db.session(), contact_id)
    row = analysis_of(db.session(), contact_id)
    return render("contacts/analysis.html", None, contact=contact, row=row, parts=_parts(saved_state(row)))


@contacts.get("/<uuid:contact_id>/analysis/edit", endpoint="edit_analysis")
@requires(Permission.PERSONAS_WRITE)
def edit_analysis(contact_id: UUID) -> Response:
    CONTACTS.find(db.session(), contact_id)
    return _page(contact_id, None)


@contacts.post("/<uuid:contact_id>/analysis/edit", endpoint="press_analysis")
@requires(Permission.PERSONAS_WRITE)
def press_analysis(contact_id: UUID) -> Response:
    CONTACTS.find(db.session(), contact_id)
    form = AnalysisForm()
    deed, _, wire = request.form.get("do", "keep").partition(":")
    if deed == "discard":
        return _discard(contact_id)
    if form.moved or not form.validate():
        return _page(contact_id, form, 200 if form.moved else 422)
    try:
        _keep(contact_id, form)
        return DEEDS.get(deed, _kept)(contact_id, wire)
    except StaleAnalysis as error:
        return _conflict(contact_id, form, error)
    except DomainError as error:
        for name, why in error.details.items() or [("", error.message)]:
            put_error(form, name, why if " " in why else error.message)
        return _page(contact_id, form, error.status)


@contacts.post("/<uuid:contact_id>/analysis/autosave", endpoint="autosave_analysis")
@requires(Permission.PERSONAS_WRITE)
@background
def autosave_analysis(contact_id: UUID) -> Response:
    """Keep what is typed; what does not fit yet waits for a button."""
    CONTACTS.find(db.session(), contact_id)
    form = AnalysisForm()
    saved = False
    if form.validate():
        try:
            _keep(contact_id, form)
            form.base.data = merge.digests(form.texts(), ANALYSIS_FIELDS)
            saved = True
        except DomainError:
            saved = False
    return render("personas/autosaved.html", "saved", form=form, saved=saved, over=False)


@contacts.get("/<uuid:contact_id>/analysis/job", endpoint="analysis_job")
@requires(Permission.PERSONAS_WRITE)
def analysis_job(contact_id: UUID) -> Response:
    contact = CONTACTS.find(db.session(), contact_id)
    if not asks_for_part():
        return go("contacts.edit_analysis", contact_id=contact_id)
    job = _job(analysis_of(db.session(), contact_id))
    return render("contacts/analysis_job.html", "card", contact=contact, job=job, polled=True)


@contacts.get("/<uuid:contact_id>/analysis/history", endpoint="analysis_history")
@requires(Permission.PERSONAS_READ)
def analysis_history(contact_id: UUID) -> Response:
    contact = CONTACTS.find(db.session(), contact_id)
    row = analysis_of(db.session(), contact_id)
    versions: list[Any] = list(versions_of_analysis(db.session(), row)) if row else []
    labels = {spec.wire: spec.label for spec in ANALYSIS_FIELDS}
    return render(
        "contacts/analysis_history.html",
        None,
        contact=contact,
        row=row,
        versions=versions,
        labels=labels,
        **compared(versions),
    )


@contacts.post("/<uuid:contact_id>/analysis/restore", endpoint="restore_analysis")
@requires(Permission.PERSONAS_WRITE)
def restore_analysis(contact_id: UUID) -> Response:
    number = request.form.get("version", "")
    _analyses().restore(db.session(), actor(), contact_id, number_of(number))
    flash(f"Version {number} is restored as a new version.")
    return go("contacts.analysis", contact_id=contact_id)


@contacts.post("/<uuid:contact_id>/analysis/review", endpoint="review_analysis")
@requires(Permission.PERSONAS_WRITE)
def review_analysis(contact_id: UUID) -> Response:
    _analyses().review(db.session(), actor(), contact_id)
    flash("Marked as looked at.")
    return go("contacts.analysis", contact_id=contact_id)


def _analyses() -> Analyses:
    return Analyses(services().clock, services().auditor)


def _keep(contact_id: UUID, form: AnalysisForm) -> ContactAnalysis:
    return _analyses().keep(
        db.session(), actor(), contact_id, form.texts(), form.base.data or "", form.chosen()
    )


def _kept(contact_id: UUID, _wire: str) -> Response:
    return _page(contact_id, None) if asks_for_part() else go("contacts.edit_analysis", contact_id=contact_id)


def _generate(contact_id: UUID, _wire: str) -> Response:
    row = analysis_of(db.session(), contact_id)
    product_id = row.product_id if row else None
    key = f"analysis:{contact_id}:{new_id()}"
    start_analysis_job(db.session(), actor(), contact_id, product_id, key, services().starter, _analyses())
    return _kept(contact_id, "")


def _stop(contact_id: UUID, _wire: str) -> Response:
    row = analysis_of(db.session(), contact_id)
    if row and row.job_id:
        cancel(db.session(), actor(), row.job_id, services().starter)
    return _kept(contact_id, "")


def _undo(contact_id: UUID, wire: str) -> Response:
    _analyses().change(db.session(), contact_id, lambda state: merge.undo(state, wire))
    return _kept(contact_id, "")


def _close(contact_id: UUID, _wire: str) -> Response:
    flash("The draft is kept. It is not saved yet.")
    return go("contacts.analysis", contact_id=contact_id)


def _save(contact_id: UUID, wire: str) -> Response:
    over = number_of(wire) if wire else None
    row = _analyses().save(db.session(), actor(), contact_id, over)
    if row.version == 0:
        raise DomainError("There is nothing to save yet: generate it, or write it.")
    flash("The preparation is saved.")
    return go("contacts.analysis", contact_id=contact_id)


def _discard(contact_id: UUID) -> Response:
    _analyses().discard(db.session(), contact_id)
    flash("The draft is discarded.")
    return go("contacts.analysis", contact_id=contact_id)


DEEDS: dict[str, Callable[[UUID, str], Response]] = {
    "keep": _kept,
    "refresh": _kept,
    "generate": _generate,
    "stop": _stop,
    "undo": _undo,
    "close": _close,
    "save": _save,
}


def _conflict(contact_id: UUID, form: AnalysisForm, error: StaleAnalysis) -> Response:
    """Both texts: what is saved beside the form, the author's own in it; saving again replaces it."""
    row = analysis_of(db.session(), contact_id)
    if row is None:
        raise NotFound("There is no such contact.") from None
    mine = form.texts()
    theirs = [
        (spec.label, value if isinstance(value, str) else "\n\n".join(value))
        for spec in ANALYSIS_FIELDS
        if (value := row.fields.get(spec.wire) or "") != (mine[spec.wire] or "")
    ]
    put_error(form, None, f"{error.message} What is saved stands beside the form, yours is in it.")
    return _page(contact_id, form, 409, theirs)


def _page(
    contact_id: UUID, form: AnalysisForm | None, status: int = 200, theirs: list[Any] | None = None
) -> Response:
    session = db.session()
    session.expire_all()
    contact, row = CONTACTS.find(session, contact_id), analysis_of(session, contact_id)
    state = draft_state(row)
    if form is None:
        form = AnalysisForm(formdata=None)
        form.show(state.fields, row.product_id if row else _asked())
    offer_choices(session, form)
    return render(
        "contacts/analysis_edit.html",
        "area",
        status,
        contact=contact,
        row=row,
        form=form,
        parts={part.spec.wire: part for part in _parts(state)},
        job=_job(row),
        theirs=theirs,
    )


def _asked() -> UUID | None:
    try:
        return UUID(request.args.get("productId", ""))
    except ValueError:
        return None


def _parts(state: State) -> list[Part]:
    return [
        Part(spec, state.value(spec.wire), state.origin(spec.wire), spec.wire in state.undo)
        for spec in ANALYSIS_FIELDS
    ]


def _job(row: ContactAnalysis | None) -> JobView | None:
    session = db.session()
    job = session.get(Job, row.job_id) if row and row.job_id else None
    return view_of(session, job, services().clock.now()) if job else None
