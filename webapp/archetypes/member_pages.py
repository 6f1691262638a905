"""The pages of members: the list with its distribution, one member, one recommendation made again."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, request
from werkzeug.wrappers import Response

from webapp.archetypes.blueprint import pages
from webapp.archetypes.distribution import HEAD, Distribution, days_of, distribution, table_of
from webapp.archetypes.facts import Archetype
from webapp.archetypes.forms import NightForm, blamed, given
from webapp.archetypes.member_list import MEMBER_DESK, is_narrowed, lines_of, members_page, word_of
from webapp.archetypes.member_view import Seen, read_member, value_of, verdict
from webapp.archetypes.members import member_of, recalculate_one
from webapp.archetypes.models import Member
from webapp.archetypes.offers import AsOfNow, Offer, as_of_now, example_night, offer_of
from webapp.archetypes.recommending import replay
from webapp.archetypes.rule_state import State, state_of
from webapp.core.access import Permission, requires
from webapp.core.charts import Bar, BarChart, Layer, Stack, StackChart, bars, stacks
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.looking import looked_at
from webapp.core.money import Money
from webapp.core.services import services
from webapp.core.text import number
from webapp.people.models import Person
from webapp.people.persons import PERSONS, called

ALL_DAYS = 3_660
MOST_COLUMNS = 46  # more would be too thin to see
KINDS = {Archetype.BIG_SPENDER: "k1", Archetype.HIGH_FLEXIBILITY: "k2", Archetype.AVERAGE_USER: "k5"}
add_list_routes(pages, MEMBER_DESK)


@pages.get("")
@requires(Permission.ARCHETYPES_READ)
def index() -> Response:
    session, now = db.session(), services().clock.now()
    state = state_of(session)
    page = members_page(session, request.args, state)
    spread = distribution(session)
    return render(
        "archetypes/index.html",
        "list",
        page=page,
        lines=lines_of(session, [row.id for row in page.rows], state, now),
        narrowed=is_narrowed(request.args),
        views=views_of(MEMBER_DESK),
        archetypes=tuple(Archetype),
        spread=spread,
        now_chart=_now_chart(spread),
        moved_chart=_moved_chart(spread),
    )


@pages.get("/distribution/export")
@requires(Permission.ARCHETYPES_READ)
def export_distribution() -> Response:
    parts = csv_parts(HEAD, table_of(days_of(db.session(), ALL_DAYS)))
    name = 'attachment; filename="archetypes-by-day.csv"'
    return FlaskResponse(parts, mimetype="text/csv", headers={"Content-Disposition": name})


@pages.get("/members/<uuid:person_id>")
@requires(Permission.ARCHETYPES_READ)
def show(person_id: UUID) -> Response:
    session, now, state = db.session(), services().clock.now(), state_of(db.session())
    person, stored = PERSONS.find(session, person_id), member_of(session, person_id)
    member = stored or Member(person_id=person_id)
    seen, current = (
        read_member(session, member, state, now),
        as_of_now(session, person_id, stored, state, now),
    )
    form = _night_form(state)
    offer = _offer(form, person, current, state)
    return render(
        "archetypes/show.html",
        None,
        422 if form.errors else 200,
        person=person,
        name=called(person),
        member=member,
        stored=stored is not None,
        seen=seen,
        current=current,
        form=form,
        offer=offer,
        verdict=verdict(
            called(person), seen.told, member.detected_at, member.transactions, member.override_by or "staff"
        ),
        chart=_signal_chart(seen),
        value_of=value_of,
        word_of=word_of,
        currency=state.currency,
        archetypes=tuple(Archetype),
    )


@pages.post("/members/<uuid:person_id>/recalculate")
@requires(Permission.ARCHETYPES_MANAGE)
def recalculate(person_id: UUID) -> Response:
    session, made = db.session(), services()
    PERSONS.find(session, person_id)
    try:
        member = recalculate_one(session, actor(), person_id, clock=made.clock, auditor=made.auditor)
        flash(f"Recalculated: {member.archetype.label.lower()}, confidence {member.confidence:.2f}.")
    except DomainError as error:
        flash(error.message, "bad")
    return go("archetypes.show", person_id=person_id)


@pages.get("/recommendations/<uuid:log_id>")
@requires(Permission.ARCHETYPES_READ)
def recommendation(log_id: UUID) -> Response:
    session = db.session()
    row, body, same = replay(session, log_id)
    looked_at(row.person_id)
    person = PERSONS.find(session, row.person_id)
    revenue = None if row.revenue_minor is None else Money(row.revenue_minor, row.currency)
    return render(
        "archetypes/recommendation.html",
        None,
        200,
        row=row,
        same=same,
        document=json.loads(body),
        inputs=row.inputs,
        person=person,
        name=called(person),
        revenue=revenue,
    )


def _night_form(state: State) -> NightForm:
    """What the address names; without a night the company's next one."""
    if given(request.args):
        return NightForm(formdata=request.args)
    asked = example_night(db.session(), state, services().clock.now())
    return NightForm(formdata=None, data=NightForm.values_of(asked))


def _offer(form: NightForm, person: Person, current: AsOfNow, state: State) -> Offer | None:
    """What the member would be offered; None with the errors at the form."""
    if given(request.args) and not form.validate():
        return None
    try:
        return offer_of(db.session(), person, current.member, state, services().clock.now(), form.asked())
    except DomainError as error:
        blamed(form, error)
        return None


def _now_chart(spread: Distribution) -> BarChart:
    rows = [
        Bar(
            one.archetype.label,
            one.members,
            f"{number(one.members)}{'+' if one.more else ''}",
            KINDS[one.archetype],
        )
        for one in spread.shares
    ]
    return bars(rows)


def _moved_chart(spread: Distribution) -> StackChart | None:
    if not spread.days:
        return None
    layers = [Layer(one.label, KINDS[one]) for one in Archetype]
    apart = -(-len(spread.days) // MOST_COLUMNS)  # the newest day is always among them
    columns = [
        Stack(f"{day.day.day} {day.day:%b}", tuple(day.share(one) for one in Archetype))
        for day in spread.days[::-1][::apart][::-1]
    ]
    return stacks(columns, layers, percent=True)


def _signal_chart(seen: Seen) -> BarChart:
    """What each signal adds to the archetype that was found, of what it could add at most."""
    found = seen.told.detected
    rows = [
        Bar(
            part.signal.label,
            part.adds[found],
            f"{part.adds[found]:.2f} of {part.weights[found]:.2f}",
            KINDS[found],
        )
        for part in seen.told.parts
    ]
    return bars(rows)
