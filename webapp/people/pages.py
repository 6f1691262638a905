"""The pages of learners: the list, one person, their survey, their history."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Found, PersonPart
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.idempotency import Sent, answer_once, digest
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.services import services
from webapp.people.desks import LEARNER_DESK
from webapp.people.forms import PersonForm, SurveyForm
from webapp.people.history import history_of
from webapp.people.models import Person, Survey
from webapp.people.persons import LISTING, PERSONS, called
from webapp.people.questions import QUESTIONS, question_label
from webapp.people.surveys import answers_of, differences, find_survey, save_survey

learners = Blueprint("learners", __name__, url_prefix="/learners")
people = Blueprint("people", __name__, url_prefix="/people")
MOST_FOUND = 8  # by the search of everything
add_list_routes(learners, LEARNER_DESK)


@learners.get("")
@requires(Permission.PEOPLE_READ)
def index() -> Response:
    session = db.session()
    page = LISTING.page(session, request.args)
    said = answers_of(session, [person.id for person in page.rows])
    return render("people/index.html", "list", page=page, said=said, views=views_of(LEARNER_DESK))


@people.get("/new")
@requires(Permission.PEOPLE_WRITE)
def new() -> Response:
    return render("people/new.html", None, 200, form=PersonForm(formdata=None))


@people.post("")
@requires(Permission.PEOPLE_WRITE)
def create() -> Response:
    form = PersonForm()
    if not form.validate():
        return render("people/new.html", None, 422, form=form)
    try:
        person_id = _created_once(form)
    except DomainError as error:
        return render("people/new.html", None, error.status, form=_blamed(form, error))
    flash("The person is saved.")
    return go("people.show", person_id=person_id)


@people.get("/<uuid:person_id>")
@requires(Permission.PEOPLE_READ)
def show(person_id: UUID) -> Response:
    session = db.session()
    person = PERSONS.find(session, person_id)
    survey = find_survey(session, person_id)
    return render(
        "people/show.html",
        None,
        200,
        person=person,
        survey=survey,
        answers=_told(survey),
        parts=parts_of(session, actor(), person_id),
    )


@people.get("/<uuid:person_id>/edit")
@requires(Permission.PEOPLE_WRITE)
def edit(person_id: UUID) -> Response:
    person = PERSONS.find(db.session(), person_id)
    return render("people/edit.html", None, 200, form=PersonForm(formdata=None, obj=person), person=person)


@people.post("/<uuid:person_id>")
@requires(Permission.PEOPLE_WRITE)
def save(person_id: UUID) -> Response:
    form = PersonForm()
    try:
        person = PERSONS.find(db.session(), person_id)
        if not form.validate():
            return render("people/edit.html", None, 422, form=form, person=person)
        PERSONS.change(db.session(), actor(), person_id, _texts(form), form.version.data or 0, **_clients())
    except Conflict as error:
        return _conflict(form, person_id, error)
    except NotFound:
        put_error(form, None, "There is no such person: it may have been deleted meanwhile.")
        return render("people/new.html", None, 404, form=form)
    except DomainError as error:
        return render("people/edit.html", None, error.status, form=_blamed(form, error), person=person)
    flash("The person is saved.")
    return go("people.show", person_id=person_id)


@people.post("/<uuid:person_id>/delete")
@requires(Permission.PEOPLE_WRITE)
def delete(person_id: UUID) -> Response:
    PERSONS.delete(db.session(), actor(), person_id, auditor=services().auditor)
    flash("The person is deleted.")
    return go("learners.index")


@people.get("/<uuid:person_id>/survey")
@requires(Permission.PEOPLE_WRITE)
def survey(person_id: UUID) -> Response:
    person, found = PERSONS.find(db.session(), person_id), find_survey(db.session(), person_id)
    said = dict(found.answers) if found else {}
    further = [(question, answer) for question, answer in said.items() if question not in QUESTIONS]
    given = {**said, "version": found.version if found else 0, "further": further}
    form = SurveyForm(formdata=None, data=given)
    return render("people/survey.html", None, 200, form=form, person=person, survey=found)


@people.post("/<uuid:person_id>/survey")
@requires(Permission.PEOPLE_WRITE)
def save_answers(person_id: UUID) -> Response:
    form = SurveyForm()
    person = PERSONS.find(db.session(), person_id)
    if form.moved or not form.validate():
        return _survey_page(person, form, 200 if form.moved else 422)
    try:
        save_survey(db.session(), actor(), person_id, form.answers, form.version.data or 0, **_clients())
    except Conflict as error:
        return _survey_conflict(person, form, error)
    except DomainError as error:
        return _survey_page(person, _blamed(form, error), error.status)
    flash("The survey is saved.")
    return go("people.show", person_id=person_id)


@people.get("/<uuid:person_id>/history")
@requires(Permission.PEOPLE_READ)
def history(person_id: UUID) -> Response:
    session = db.session()
    person = PERSONS.find(session, person_id)
    return render("people/history.html", None, 200, person=person, deeds=history_of(session, person_id))


def parts_of(session: Session, who: Actor, person_id: UUID) -> list[PersonPart]:
    """What the areas know of the person, as far as whoever asks may see it."""
    told = [area.person(session, who, person_id) for area in services().areas if area.person]
    return [part for part in told if part and who.may(part.permission)]


def find(session: Session, who: Actor, query: str) -> list[Found]:
    """Find persons by the beginnings of name, identifier and e-mail address."""
    if not who.may(Permission.PEOPLE_READ):
        return []
    return [
        Found("person", called(row), url_for("people.show", person_id=row.id), row.email or row.identifier)
        for row in LISTING.first(session, query, MOST_FOUND)
    ]


def _created_once(form: PersonForm) -> UUID:
    """Save, unless this form with these texts was sent before: a second press finds the first row."""
    values = _texts(form)
    texts = digest(json.dumps(values, sort_keys=True).encode())
    once = digest(f"{str(form.once.data)[:64]}:{texts}".encode())

    def work() -> tuple[int, dict[str, Any]]:
        return 303, {"id": str(PERSONS.create(db.session(), actor(), values, **_clients()).id)}

    sent = Sent(f"form:{once}", f"POST {request.path}", texts)
    return UUID(answer_once(db.session(), sent, services().clock.now(), work)[1]["id"])


def _conflict(form: PersonForm, person_id: UUID, error: Conflict) -> Response:
    """Both texts: theirs beside the form, the author's own in it; saving again replaces theirs."""
    person = PERSONS.find(db.session(), person_id)
    changes = PERSONS.differences(person, _texts(form))
    theirs = [(form[name].label.text, saved or "(empty)") for name, (saved, _) in changes.items()]
    put_error(form, None, f"{error.message} Theirs stands beside the form, yours is in it.")
    form.version.raw_data, form.version.data = None, person.version
    return render("people/edit.html", None, 409, form=form, person=person, row=person, theirs=theirs)


def _survey_conflict(person: Person, form: SurveyForm, error: Conflict) -> Response:
    found = find_survey(db.session(), person.id)
    changes = differences(found.answers if found else {}, form.answers)
    theirs = [(question_label(name), saved or "(empty)") for name, (saved, _) in changes.items()]
    put_error(form, None, f"{error.message} Theirs stands beside the form, yours is in it.")
    form.version.raw_data, form.version.data = None, found.version if found else 0
    return _survey_page(person, form, 409, theirs=theirs, row=found)


def _survey_page(person: Person, form: SurveyForm, status: int, **context: object) -> Response:
    found = find_survey(db.session(), person.id)
    return render("people/survey.html", None, status, form=form, person=person, survey=found, **context)


def _told(survey: Survey | None) -> list[tuple[str, str]]:
    said = survey.answers if survey else {}
    further = [question for question in said if question not in QUESTIONS]
    return [(question_label(question), said.get(question, "")) for question in (*QUESTIONS, *further)]


def _texts(form: PersonForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in PERSONS.fields}


def _clients() -> dict[str, Any]:
    return {"clock": services().clock, "auditor": services().auditor}


def _blamed(form: Any, error: DomainError) -> Any:
    """The form with the refusal at the fields it names, or above them."""
    named = {name: why for name, why in error.details.items() if name in form}
    for name, why in named.items() or [("", error.message)]:
        put_error(form, name, why)
    return form
