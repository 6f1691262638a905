"""Persons and their surveys for programs."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import RESPONSES, errors
from webapp.core.idempotency import once
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.wire import CompanyQuery, ListQuery
from webapp.people.models import Person
from webapp.people.persons import PERSONS, find_person
from webapp.people.schemas import (
    PersonChange,
    PersonIn,
    PersonOut,
    PersonPath,
    PersonsOut,
    SurveyIn,
    SurveyOut,
)
from webapp.people.surveys import find_survey, save_survey

SECURITY: list[dict[str, list[str]]] = [{"token": []}]
REFUSED = errors(422)
STALE = errors(409, 422)
Out = dict[str, Any]
BY_ID = Listing(Person, (Column("id", Person.id),), default_sort="id")

persons_api = APIBlueprint(
    "persons_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/persons",
    abp_tags=[Tag(name="persons", description="Whose experience is personalized, and their surveys")],
    abp_security=SECURITY,
)


@persons_api.get("", responses={200: PersonsOut}, summary="List persons")
@requires(Permission.PEOPLE_READ)
def list_persons(query: ListQuery) -> Out:
    """Answer a page of persons, the oldest first."""
    in_company(query.company_hq_id)
    rows, following = BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": [_out(row) for row in rows], "next": following}


@persons_api.post("", responses={201: PersonOut, **REFUSED}, summary="Create a person")
@requires(Permission.PEOPLE_WRITE)
@once
def create_person(body: PersonIn) -> tuple[Out, int]:
    """Save a person; 422 when another one has this `user_id`."""
    who = in_company(body.company_hq_id)
    return _out(PERSONS.create(db.session(), who, _texts(body, body.user_id), **_clients())), 201


@persons_api.get("/<string:user_id>", responses={200: PersonOut}, summary="Read a person")
@requires(Permission.PEOPLE_READ)
def read_person(path: PersonPath, query: CompanyQuery) -> Out:
    """Answer one person."""
    in_company(query.company_hq_id)
    return _out(find_person(db.session(), path.user_id))


@persons_api.put("/<string:user_id>", responses={200: PersonOut, **STALE}, summary="Change a person")
@requires(Permission.PEOPLE_WRITE)
def change_person(path: PersonPath, body: PersonChange) -> Out:
    """Save all texts as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    person = find_person(db.session(), path.user_id)
    texts = _texts(body, person.identifier)
    return _out(PERSONS.change(db.session(), who, person.id, texts, body.version, **_clients()))


@persons_api.delete("/<string:user_id>", responses={204: None}, summary="Delete a person")
@requires(Permission.PEOPLE_WRITE)
def delete_person(path: PersonPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the person, their survey and every lesson written for them."""
    who = in_company(query.company_hq_id)
    person = find_person(db.session(), path.user_id)
    PERSONS.delete(db.session(), who, person.id, auditor=services().auditor)
    return "", 204


@persons_api.get("/<string:user_id>/survey", responses={200: SurveyOut}, summary="Read a survey")
@requires(Permission.PEOPLE_READ)
def read_survey(path: PersonPath, query: CompanyQuery) -> Out:
    """Answer what a person said of themselves."""
    in_company(query.company_hq_id)
    person = find_person(db.session(), path.user_id)
    return SurveyOut.of(person, find_survey(db.session(), person.id)).model_dump(mode="json", by_alias=True)


@persons_api.put("/<string:user_id>/survey", responses={200: SurveyOut, **STALE}, summary="Save a survey")
@requires(Permission.PEOPLE_WRITE)
def put_survey(path: PersonPath, body: SurveyIn) -> Out:
    """Save all answers as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    person = find_person(db.session(), path.user_id)
    answers: dict[str, str] = dict(body.answers)
    survey = save_survey(db.session(), who, person.id, answers, body.version, **_clients())
    return SurveyOut.of(person, survey).model_dump(mode="json", by_alias=True)


def _texts(body: PersonIn | PersonChange, user_id: str) -> dict[str, str]:
    return {**body.model_dump(include=set(PERSONS.fields)), "identifier": user_id}


def _clients() -> dict[str, Any]:
    return {"clock": services().clock, "auditor": services().auditor}


def _out(person: Person) -> Out:
    return PersonOut.of(person).model_dump(mode="json", by_alias=True)
