"""The pages of overrides: the form with its effect, taking one back, the list and how they are followed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, flash, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from webapp.archetypes.blueprint import pages
from webapp.archetypes.forms import OverrideForm, blamed, given
from webapp.archetypes.members import member_of
from webapp.archetypes.models import Member
from webapp.archetypes.offers import AsOfNow, Effect, as_of_now, effect_of, example_night
from webapp.archetypes.override_list import overrides_page, told
from webapp.archetypes.override_record import DAYS, Record, record_of
from webapp.archetypes.overriding import HAPPENED, Override, Overriding, Overtaken, Reverted, mark_of
from webapp.archetypes.recommending import NightAsked
from webapp.archetypes.rule_state import State, state_of
from webapp.core.access import Permission, requires
from webapp.core.charts import Interval, IntervalChart, interval
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.idempotency import Sent, answer_once, digest
from webapp.core.services import services
from webapp.core.text import number
from webapp.people.models import Person
from webapp.people.persons import PERSONS, called

UNDO = "override-undo"  # what the signature of an undo is for


@pages.get("/overrides")
@requires(Permission.ARCHETYPES_READ)
def overrides() -> Response:
    session, now = db.session(), services().clock.now()
    page = overrides_page(session, request.args, now)
    record = record_of(session, now)
    return render(
        "archetypes/overrides.html",
        "list",
        page=page,
        rows=told(session, page.rows, now),
        record=record,
        days=DAYS,
        chart=_chart(record),
    )


@pages.get("/members/<uuid:person_id>/override")
@requires(Permission.ARCHETYPES_MANAGE)
def override(person_id: UUID) -> Response:
    session, now, state = db.session(), services().clock.now(), state_of(db.session())
    person, member = PERSONS.find(session, person_id), member_of(session, person_id)
    night = request.args if given(request.args) else example_night(session, state, now)
    form = OverrideForm.of(member, night, now, state.zone)
    return _page(person, member, state, form)


@pages.post("/members/<uuid:person_id>/override")
@requires(Permission.ARCHETYPES_MANAGE)
def save_override(person_id: UUID) -> Response:
    """Show the effect, or save; whatever stands against it, what was typed comes back."""
    session, state = db.session(), state_of(db.session())
    person, member = PERSONS.find(session, person_id), member_of(session, person_id)
    form = OverrideForm()
    if request.form.get("do") == "effect":
        return _show_effect(person, member, state, form)
    if not form.validate():
        return _page(person, member, state, form, 422)
    asked = form.override(state.zone)
    try:
        _save_once(form, person_id, asked)
    except Overtaken:
        return _overtaken(person, member_of(session, person_id), state, form)
    except DomainError as error:
        return _page(person, member, state, blamed(form, error), error.status)
    flash(f"{called(person)} counts as {asked.archetype.label.lower()} from now on.")
    return go("archetypes.show", person_id=person_id)


@pages.post("/members/<uuid:person_id>/override/revert")
@requires(Permission.ARCHETYPES_MANAGE)
def revert_override(person_id: UUID) -> Response:
    """Take the override back; with `seen` only the one that its author looked at."""
    session = db.session()
    person = PERSONS.find(session, person_id)
    try:
        undone = _overriding().revert(session, actor(), person_id, seen=request.args.get("seen"))
    except NotFound:
        flash("There is no override any more.")
    except Overtaken:
        flash("Another override was saved meanwhile: look at it before you revert it.", "bad")
    else:
        undo = url_for("archetypes.restore_override", person_id=person_id, back=_signed(person_id, undone))
        message = {"text": f"The override of {called(person)} is reverted.", "undo": undo}
        flash(message)  # type: ignore[arg-type]  # the toast draws a mapping
    return go("archetypes.show", person_id=person_id)


@pages.post("/members/<uuid:person_id>/override/restore")
@requires(Permission.ARCHETYPES_MANAGE)
def restore_override(person_id: UUID) -> Response:
    """Undo a reversion: the same override again, as long as nothing else happened since."""
    session = db.session()
    person, undone = PERSONS.find(session, person_id), _unsigned(person_id, request.args.get("back", ""))
    archetype = _overriding().restore(session, actor(), person_id, undone)
    flash(f"{called(person)} counts as {archetype.label.lower()} again.")
    return go("archetypes.show", person_id=person_id)


def _show_effect(person: Person, member: Member | None, state: State, form: OverrideForm) -> Response:
    """The form again with what it would do. A reason may still be missing: it says nothing of the effect."""
    reason = form.reason.validators
    form.reason.validators = ()
    sound = form.validate()
    form.reason.validators = reason
    if not sound:
        return _page(person, member, state, form, 422)
    current = _as_of_now(person, member, state)
    try:
        effect = _effect(person, current, state, form, form.asked())
    except DomainError as error:
        return _page(person, member, state, blamed(form, error), error.status)
    return _page(person, member, state, form, effect=effect)


def _effect(person: Person, current: AsOfNow, state: State, form: OverrideForm, night: NightAsked) -> Effect:
    now = services().clock.now()
    return effect_of(db.session(), person, current.member, state, now, (form.chosen, night))


def _as_of_now(person: Person, member: Member | None, state: State) -> AsOfNow:
    return as_of_now(db.session(), person.id, member, state, services().clock.now())


def _overtaken(person: Person, member: Member | None, state: State, form: OverrideForm) -> Response:
    """Somebody overrode or reverted meanwhile: theirs is shown, and saving again replaces it."""
    form.seen.raw_data, form.seen.data = None, mark_of(member.override_at if member else None)
    held = member is not None and member.override is not None
    theirs = (
        f"{member.override_by} overrode this member" if member and held else "The override was taken back"
    )
    put_error(form, None, f"{theirs} while you were writing. Yours is in the form; save again to replace it.")
    return _page(person, member, state, form, 409)


def _page(
    person: Person,
    member: Member | None,
    state: State,
    form: OverrideForm,
    status: int = 200,
    effect: Effect | None = None,
) -> Response:
    return render(
        "archetypes/override.html",
        None,
        status,
        person=person,
        name=called(person),
        member=member,
        current=_as_of_now(person, member, state),
        form=form,
        effect=effect,
        zone=state.zone.key,
    )


def _save_once(form: OverrideForm, person_id: UUID, asked: Override) -> None:
    """Save, unless this form with these texts was sent before. Raises Overtaken, or what saving raises."""
    session, values = db.session(), [form.archetype.data, form.reason.data, str(form.until.data)]
    texts = digest(json.dumps(values).encode())
    once = digest(f"{str(form.once.data)[:64]}:{person_id}:{texts}".encode())

    def work() -> tuple[int, dict[str, Any]]:
        _overriding().set_one(session, actor(), person_id, asked, seen=form.seen.data or "")
        return 303, {}

    answer_once(session, Sent(f"form:{once}", f"POST {request.path}", texts), services().clock.now(), work)


def _overriding() -> Overriding:
    return Overriding(services().clock, services().auditor)


def _signed(person_id: UUID, undone: Reverted) -> str:
    """What was reverted, for the address of its undo: nobody else can write it."""
    ends = undone.expires_at.isoformat() if undone.expires_at else None
    return _signer(person_id).dumps([undone.change_id.hex, ends])


def _unsigned(person_id: UUID, word: str) -> Reverted:
    """What an address undoes. Raises Conflict for one that no reversion of this member's made."""
    try:
        change_id, ends = _signer(person_id).loads(word)
    except BadSignature:
        raise Conflict(HAPPENED) from None
    return Reverted(UUID(change_id), datetime.fromisoformat(ends) if ends else None)


def _signer(person_id: UUID) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"{UNDO}:{person_id}")


def _chart(record: Record) -> IntervalChart:
    rows = [
        Interval(one.name, one.share, one.low, one.high, f"{number(one.count)} of {number(record.count)}")
        for one in record.outcomes
    ]
    return interval(rows, most=1.0, percent=True)
