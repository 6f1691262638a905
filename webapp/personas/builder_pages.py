"""The builder: one form, one address, and what each of its buttons does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from webapp.core.access import Permission, background, requires
from webapp.core.db import db, new_id
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import asks_for_part, go, go_to, render
from webapp.core.jobs.models import Job
from webapp.core.jobs.steer import cancel, retry
from webapp.core.services import services
from webapp.personas import merge
from webapp.personas.answer import FIELDS_BY_WIRE
from webapp.personas.blueprint import pages
from webapp.personas.briefs import Ingredients, Prepared, prepare
from webapp.personas.builder_form import BuilderForm
from webapp.personas.builder_screen import contact_choices, draw, offer_choices
from webapp.personas.conflict_pages import conflict
from webapp.personas.drafting import (
    DraftEnded,
    Posted,
    change_draft,
    discard_draft,
    find_draft,
    keep_draft,
    own_draft_of,
    state_of,
)
from webapp.personas.enrichment import EnrichmentUnreadable, read_enrichment
from webapp.personas.generate import GENERATE, start_draft_job, start_redraft_job
from webapp.personas.merge import State
from webapp.personas.models import Draft, Persona, Source
from webapp.personas.pages import number_of, saver
from webapp.personas.parking import fetch, park
from webapp.personas.rows import fields_of
from webapp.personas.saving import StalePersona, find_persona

LONGEST_INSTRUCTION = 300


@pages.get("/builder")
@requires(Permission.PERSONAS_WRITE)
def builder() -> Response:
    session = db.session()
    persona = _asked(request.args.get("personaId"))
    if persona:
        mine = own_draft_of(session, actor(), persona)
        if mine:
            return go("personas.resume", draft_id=mine.id)
    return _page(new_id(), None, _blank(persona))


@pages.get("/builder/<uuid:draft_id>")
@requires(Permission.PERSONAS_WRITE)
def resume(draft_id: UUID) -> Response:
    session = db.session()
    draft = find_draft(session, draft_id)
    if draft is None:
        if session.get(Persona, draft_id):
            return go("personas.builder", personaId=draft_id)
        raise NotFound("There is no such draft: it was saved or discarded, or never begun.")
    return _page(draft_id, draft, _drawn(draft))


@pages.post("/builder/<uuid:draft_id>")
@requires(Permission.PERSONAS_WRITE)
def press(draft_id: UUID) -> Response:
    form = BuilderForm()
    deed, _, wire = request.form.get("do", "keep").partition(":")
    if deed == "discard":
        return _discard(draft_id)
    if form.moved or not form.validate():
        return _again(draft_id, form, 200 if form.moved else 422)
    try:
        return DEEDS.get(deed, _kept)(_keep(draft_id, form), form, wire)
    except DraftEnded:
        return _over(draft_id, form)
    except StalePersona as error:
        return conflict(draft_id, error)
    except (NotFound, Conflict, DomainError) as error:
        _blame(form, error)
        return _again(draft_id, form, 409 if isinstance(error, Conflict) else 422)


@pages.post("/builder/<uuid:draft_id>/autosave")
@requires(Permission.PERSONAS_WRITE)
@background
def autosave(draft_id: UUID) -> Response:
    """Keep what is typed; what does not fit yet waits for a button."""
    form = BuilderForm()
    saved = over = False
    if form.validate() and not form.enrichment.data:
        try:
            _keep(draft_id, form)
            form.base.data = merge.digests(form.texts())
            saved = True
        except DraftEnded:
            over = True
        except DomainError:
            saved = False
    answer = render("personas/autosaved.html", "saved", form=form, saved=saved, over=over)
    return _at_its_address(answer, draft_id) if saved else answer


@pages.get("/builder/<uuid:draft_id>/job")
@requires(Permission.PERSONAS_WRITE)
def builder_job(draft_id: UUID) -> Response:
    draft = find_draft(db.session(), draft_id)
    if draft is None or not asks_for_part():
        return go("personas.resume", draft_id=draft_id)
    screen = draw(db.session(), draft_id, draft, state_of(draft), services().clock.now())
    return render("personas/builder_job.html", "card", screen=screen, polled=True)


@pages.get("/builder/contacts")
@requires(Permission.PERSONAS_WRITE)
def find_contacts() -> Response:
    form = BuilderForm(formdata=None)
    query = request.args.get("contact_query", "")
    form.contact_id.data = request.args.get("contact_id")
    form.contact_id.choices = contact_choices(db.session(), query, form.contact_id.data)
    return render("personas/contact_choices.html", "choices", form=form)


def _keep(draft_id: UUID, form: BuilderForm) -> Draft:
    posted = _with_enrichment(form)
    return keep_draft(
        db.session(), actor(), draft_id, posted, clock=services().clock, auditor=services().auditor
    )


def _with_enrichment(form: BuilderForm) -> Posted:
    """Park a pasted or uploaded document; the draft keeps its key. Raises DomainError at its field."""
    posted = form.posted()
    text = form.enrichment.data or _uploaded(form)
    if not text:
        return posted
    try:
        document = json.loads(text)
        read_enrichment(document)
    except (ValueError, RecursionError) as error:
        known = isinstance(error, EnrichmentUnreadable)
        message = str(error) if known else "This is not JSON. Paste the whole document, from { to }."
        raise DomainError(message, details={"enrichment": message}) from None
    who = actor()
    assert who.company_id is not None
    key, _ = park(services().store, services().clock, who.company_id, document)
    return replace(posted, enrichment_key=key, source=Source.ENRICHMENT)


def _uploaded(form: BuilderForm) -> str:
    file = form.enrichment_file.data
    return str(file.read().decode("utf-8-sig", errors="replace")) if file else ""


def _kept(draft: Draft, _form: BuilderForm, _wire: str) -> Response:
    return _drawn_again(draft)


def _close(_draft: Draft, _form: BuilderForm, _wire: str) -> Response:
    flash("The draft is kept. Nothing is saved as a persona yet.")
    return go("personas.index")


def _generate(draft: Draft, form: BuilderForm, _wire: str) -> Response:
    prepared = _prepared(draft)
    key = f"generate:{draft.id}:{_short(form.key.data)}"
    also = request.form.getlist("also")
    start_draft_job(db.session(), actor(), draft.id, prepared, key, services().starter, also)
    return _drawn_again(draft)


def _redraft(draft: Draft, form: BuilderForm, wire: str) -> Response:
    state = state_of(draft)
    wires = [wire] if wire in FIELDS_BY_WIRE else _rest(state)
    if not wires:
        raise DomainError("Nothing is left to redraft: every field is yours. Tick those to draft again.")
    instruction = request.form.get(f"instruction-{wire}", "").strip()[:LONGEST_INSTRUCTION]
    key = f"redraft:{draft.id}:{_short(f'{form.key.data}:{wire}')}"
    start_redraft_job(
        db.session(), actor(), draft.id, _prepared(draft), wires, instruction, key, services().starter
    )
    return _drawn_again(draft)


def _short(key: str | None) -> str:
    """A form's key as it is stored: whatever was sent, of one length and plain letters."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:32]


def _rest(state: State) -> list[str]:
    ticked = set(request.form.getlist("also"))
    return [wire for wire in FIELDS_BY_WIRE if wire not in state.by_hand or wire in ticked]


def _prepared(draft: Draft) -> Prepared:
    document = None
    if draft.source is Source.ENRICHMENT:
        if not draft.enrichment_key:
            message = "Paste an enrichment document, or choose another source."
            raise DomainError(message, details={"enrichment": message})
        document = fetch(services().store, draft.company_id, draft.enrichment_key)
    if draft.source is Source.CONTACT and draft.contact_id is None:
        message = "Choose a contact, or another source."
        raise DomainError(message, details={"contact_id": message})
    chosen = Ingredients(
        product_id=draft.product_id,
        product_description=draft.product_description,
        contact_id=draft.contact_id if draft.source is Source.CONTACT else None,
        enrichment=document,
        description=draft.description if draft.source is Source.DESCRIPTION else "",
    )
    return prepare(db.session(), chosen)


def _change(how: Callable[[State, str], State]) -> Callable[[Draft, BuilderForm, str], Response]:
    def deed(draft: Draft, _form: BuilderForm, wire: str) -> Response:
        return _drawn_again(
            change_draft(db.session(), draft.id, lambda state: how(state, wire), services().clock)
        )

    return deed


def _save(draft: Draft, _form: BuilderForm, wire: str) -> Response:
    read = number_of(wire) if wire.isdecimal() else None
    persona_id = saver().save_draft(db.session(), actor(), draft.id, read)
    flash("The persona is saved.")
    return go("personas.show", persona_id=persona_id)


def _discard(draft_id: UUID) -> Response:
    """End the draft whatever stands in its form, and stop what writes it."""
    discard_draft(db.session(), actor(), draft_id, clock=services().clock, auditor=services().auditor)
    flash("The draft is discarded.")
    return go("personas.index")


def _stop(draft: Draft, _form: BuilderForm, _wire: str) -> Response:
    if draft.job_id:
        cancel(db.session(), actor(), draft.job_id, services().starter)
    return _drawn_again(draft)


def _try_again(draft: Draft, form: BuilderForm, wire: str) -> Response:
    """Begin anew with the form as it is now; a re-draft asks for the same fields once more."""
    job = db.session().get(Job, draft.job_id) if draft.job_id else None
    if job is None or job.kind == GENERATE.name:
        return _generate(draft, form, wire)
    retry(db.session(), actor(), job.id, services().starter)
    return _drawn_again(draft)


def _create_product(draft: Draft, _form: BuilderForm, _wire: str) -> Response:
    back = url_for("personas.resume", draft_id=draft.id)
    return go_to(url_for("products.new") + "?" + urlencode({"return": back}))


DEEDS: dict[str, Callable[[Draft, BuilderForm, str], Response]] = {
    "keep": _kept,
    "refresh": _kept,
    "close": _close,
    "generate": _generate,
    "redraft": _redraft,
    "take": _change(merge.take),
    "decline": _change(merge.keep),
    "undo": _change(merge.undo),
    "save": _save,
    "stop": _stop,
    "again": _try_again,
    "create-product": _create_product,
}


def _drawn_again(draft: Draft) -> Response:
    if asks_for_part():
        fresh = find_draft(db.session(), draft.id)
        if fresh:
            return _page(draft.id, fresh, _drawn(fresh))
    return go("personas.resume", draft_id=draft.id)


def _again(draft_id: UUID, form: BuilderForm, status: int) -> Response:
    return _page(draft_id, find_draft(db.session(), draft_id), form, status)


def _page(draft_id: UUID, draft: Draft | None, form: BuilderForm, status: int = 200) -> Response:
    session = db.session()
    form.key.data = form.key.data if status != 200 and form.key.data else str(new_id())
    form.key.raw_data = None
    offer_choices(session, form)
    state = state_of(draft) if draft else State()
    screen = draw(session, draft_id, draft, state, services().clock.now())
    answer = render("personas/builder.html", "area", status, form=form, screen=screen)
    return _at_its_address(answer, draft_id) if draft else answer


def _at_its_address(answer: Response, draft_id: UUID) -> Response:
    """Have the browser name the draft from now on, so that a reload finds it."""
    if asks_for_part():
        answer.headers["HX-Replace-Url"] = url_for("personas.resume", draft_id=draft_id)
    return answer


def _blank(persona_id: UUID | None) -> BuilderForm:
    form = BuilderForm(formdata=None)
    if persona_id:
        persona = find_persona(db.session(), persona_id)
        fields = fields_of(persona)
        form.show(fields, fields)
        form.persona_id.data, form.base_version.data = str(persona.id), persona.version
    else:
        form.show({}, {})
    _prefill(form)
    return form


def _drawn(draft: Draft) -> BuilderForm:
    form = BuilderForm(formdata=None)
    fields = state_of(draft).fields
    form.show(fields, fields)
    form.product_id.data = str(draft.product_id or "")
    form.product_description.data, form.description.data = draft.product_description, draft.description
    form.source.data = draft.source.value
    form.contact_id.data = str(draft.contact_id or "")
    form.persona_id.data = str(draft.persona_id or "")
    form.base_version.data = draft.base_version
    _prefill(form)
    return form


def _prefill(form: BuilderForm) -> None:
    product, contact = _asked(request.args.get("productId")), _asked(request.args.get("contactId"))
    if product:
        form.product_id.data = str(product)
    if contact:
        form.contact_id.data, form.source.data = str(contact), Source.CONTACT.value


def _asked(word: str | None) -> UUID | None:
    try:
        return UUID(word) if word else None
    except ValueError:
        return None


def _blame(form: BuilderForm, error: DomainError) -> None:
    names = {"productId": "product_id", "contactId": "contact_id", "redisKey": "enrichment"}
    told = False
    for where, why in error.details.items():
        field = names.get(where, where)
        message = why if field in form and " " in why else error.message
        put_error(form, field if field in form else None, message)
        told = True
    if not told:
        put_error(form, None, error.message)


def _over(draft_id: UUID, form: BuilderForm) -> Response:
    """A late request of a draft that is over: what was typed since opens a draft of its own."""
    session = db.session()
    ended = session.get_one(Draft, draft_id)
    persona = session.get(Persona, ended.persona_id or draft_id)
    saved = fields_of(persona) if persona else {}
    posted = form.posted()
    late = merge.typed(State(dict(saved)), posted.fields, posted.base, "", services().clock.now()).fields
    if late == saved or not any(late.values()):
        if persona:
            return go("personas.show", persona_id=persona.id)
        flash("That draft is over: it was discarded.", "warning")
        return go("personas.index")
    fresh = replace(
        posted,
        persona_id=persona.id if persona else None,
        base_version=persona.version if persona else 0,
        enrichment_key="",
    )
    draft = keep_draft(session, actor(), new_id(), fresh, clock=services().clock, auditor=services().auditor)
    flash("That draft was ended elsewhere. What you typed since is here, in a new draft.", "warning")
    return go("personas.resume", draft_id=draft.id)
