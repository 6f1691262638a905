"""Persons and learners from files: found by the company's identifier, written set by set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.db import new_id
from webapp.core.errors import Conflict, DomainError
from webapp.core.imports.bulk import check_versions, insert_rows, update_rows
from webapp.core.imports.kind import (
    FURTHER,
    Change,
    Existing,
    Further,
    ImportColumn,
    ImportKind,
    Values,
    Writing,
)
from webapp.people.erased import GONE, gone_among
from webapp.people.models import Person, Survey
from webapp.people.persons import PERSONS
from webapp.people.questions import MOST_ANSWERS, QUESTIONS, survey_hash
from webapp.people.surveys import clean_answers, read_answer, read_question

COLUMNS = {  # our columns by the table's, with their labels and other headers they are known by
    "identifier": ("user_id", "User id", ("userid", "user", "id", "member id", "learner id", "identifier")),
    "name": ("name", "Name", ("full name", "learner", "learner name")),
    "email": ("email", "E-mail", ("e-mail", "mail", "e-mail address", "email address")),
    "language": ("language", "Language", ("locale", "lang")),
    "timezone": ("timezone", "Time zone", ("tz",)),
}
OURS = {field: name for field, (name, _, _) in COLUMNS.items()}


def _columns(*fields: str, required: tuple[str, ...]) -> tuple[ImportColumn, ...]:
    return tuple(
        ImportColumn(
            name=COLUMNS[field][0],
            label=COLUMNS[field][1],
            read=_needed(field) if field in required else partial(PERSONS.read, field),
            required=field in required,
            also=COLUMNS[field][2],
            keeps=field not in required,
        )
        for field in fields
    )


def _needed(field: str) -> Callable[[str], str]:
    def read(given: str) -> str:
        text = PERSONS.read(field, given)
        if not text:
            raise ValueError("A learner needs a name." if field == "name" else "This row names nobody.")
        return text

    return read


def key_of(values: Values) -> tuple[str, ...]:
    """A person is known by the company's identifier."""
    return (values["user_id"],)


def _persons(session: Session, rows: Sequence[Values]) -> dict[str, Person]:
    wanted = [row["user_id"] for row in rows]
    found = session.scalars(select(Person).where(Person.identifier.in_(wanted)))
    return {person.identifier: person for person in found}


def _values(person: Person) -> dict[str, str]:
    return {OURS[field]: text for field, text in PERSONS.texts(person).items()}


def _find_persons(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    saved = _persons(session, rows)
    found = (saved.get(row["user_id"]) for row in rows)
    return [[Existing(one.id, one.version, _values(one))] if one else [] for one in found]


def _find_learners(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    saved = _persons(session, rows)
    surveys = _surveys(session, [person.id for person in saved.values()])
    return [
        [Existing(one.id, one.version, {**_asked(surveys.get(one.id)), **_values(one)})] if one else []
        for one in (saved.get(row["user_id"]) for row in rows)
    ]


def _asked(survey: Survey | None) -> dict[str, str]:
    """A survey's answers by the names of a file's columns."""
    said = survey.answers if survey else {}
    further = {f"{FURTHER}{question}": answer for question, answer in said.items()}
    return {**dict.fromkeys(QUESTIONS, ""), **further, **{one: said.get(one, "") for one in QUESTIONS}}


def _surveys(session: Session, persons: Sequence[UUID]) -> dict[UUID, Survey]:
    found = session.scalars(select(Survey).where(Survey.person_id.in_(persons)))
    return {survey.person_id: survey for survey in found}


def _write_persons(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    """Write the persons themselves; what the rows say beyond is left to the caller."""
    new = {one.id: _fields(one.values, one.values) for one in changes if not one.version}
    if gone_among(session, [texts["identifier"] for texts in new.values()]):
        raise Conflict("Somebody in this file was erased meanwhile. Nothing was written; run it again.")
    old = [one for one in changes if one.version]
    empty = dict.fromkeys(PERSONS.fields, "")
    insert_rows(session, writing, Person, [(row_id, {**empty, **texts}) for row_id, texts in new.items()])
    if old:
        check_versions(session, Person, {one.id: one.version for one in old})
    told = {one.id: (one, _fields(one.values, one.before)) for one in old}
    differing = {row_id: pair for row_id, pair in told.items() if pair[1]}
    update_rows(session, writing, Person, [(row_id, texts) for row_id, (_, texts) in differing.items()])
    made = {
        row_id: {name: (None, text) for name, text in texts.items() if text} for row_id, texts in new.items()
    }
    changed = {
        row_id: {name: (one.before[OURS[name]], text) for name, text in texts.items()}
        for row_id, (one, texts) in differing.items()
    }
    _trace(writing, session, AuditAction.PERSON_CREATED, made)
    _trace(writing, session, AuditAction.PERSON_CHANGED, changed)


def _fields(values: Values, names: Iterable[str]) -> dict[str, str]:
    """The table's texts of the row's, of these names alone."""
    return {field: values[name] for field, name in OURS.items() if name in names and name in values}


def _trace(writing: Writing, session: Session, action: AuditAction, rows: Mapping[UUID, Any]) -> None:
    if rows:
        whose = {row_id: row_id for row_id in rows}
        writing.auditor.record_many(session, writing.actor, action, "person", rows.items(), persons=whose)


def _write_learners(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    _write_persons(session, writing, changes)
    saved = _surveys(session, [one.id for one in changes if one.version])
    new, old = list[tuple[UUID, Values]](), list[tuple[UUID, Values]]()
    traces, whose = [], dict[UUID, UUID]()
    for one in changes:
        survey = saved.get(one.id)
        said = _said(one, survey)
        if said is None:
            continue
        row_id = survey.id if survey else new_id()
        row = {"answers": said, "hash": survey_hash(said)}
        (old if survey else new).append((row_id, row if survey else {**row, "person_id": one.id}))
        traces.append((row_id, _traced(survey.answers if survey else {}, said)))
        whose[row_id] = one.id
    insert_rows(session, writing, Survey, new)
    update_rows(session, writing, Survey, old)
    if traces:
        action = AuditAction.SURVEY_CHANGED
        writing.auditor.record_many(session, writing.actor, action, "survey", traces, persons=whose)


def _said(change: Change, survey: Survey | None) -> dict[str, str] | None:
    """All answers after this change; None when the row says nothing new. Raises Conflict, DomainError."""
    names = change.before if change.version else [name for name, text in change.values.items() if text]
    answers = {_question(name): change.values[name] for name in names if _is_answer(name)}
    if not answers:
        return None
    saved = dict(survey.answers) if survey else {}
    if any(saved.get(_question(name), "") != was for name, was in change.before.items() if _is_answer(name)):
        raise Conflict("Somebody changed rows while they were imported. Nothing was written; run it again.")
    try:
        return clean_answers({**saved, **answers})
    except DomainError as error:
        raise Conflict(f"{change.values['user_id']}: {error.message} Nothing was written.") from None


def _gone(session: Session, rows: Sequence[Values]) -> list[tuple[str, str] | None]:
    """Refuse rows of erased persons."""
    erased = gone_among(session, {row["user_id"] for row in rows})
    return [(COLUMNS["identifier"][1], GONE) if row["user_id"] in erased else None for row in rows]


def _refused(session: Session, rows: Sequence[Values]) -> list[tuple[str, str] | None]:
    """Refuse rows of erased persons, and those that say more than a survey holds."""
    pairs = zip(_gone(session, rows), _too_many(rows), strict=True)
    return [gone or many for gone, many in pairs]


def _too_many(rows: Sequence[Values]) -> list[tuple[str, str] | None]:
    counts = [sum(1 for name, text in row.items() if text and _is_answer(name)) for row in rows]
    why = "A survey holds {most} answers at most; these are {count}."
    return [
        ("", why.format(most=MOST_ANSWERS, count=count)) if count > MOST_ANSWERS else None for count in counts
    ]


def _is_answer(name: str) -> bool:
    return name in QUESTIONS or name.startswith(FURTHER)


def _question(name: str) -> str:
    return name.removeprefix(FURTHER)


def _traced(before: Mapping[str, str], said: Mapping[str, str]) -> dict[str, tuple[object, object]]:
    return {
        question: (before.get(question), answer)
        for question, answer in said.items()
        if before.get(question) != answer
    }


def _kind(name: str, noun: str, columns: tuple[ImportColumn, ...], **more: Any) -> ImportKind:
    return ImportKind(name, noun, Permission.PEOPLE_WRITE, columns, key_of, endpoint="learners.index", **more)


PERSON_IMPORT = _kind(
    "persons",
    "person",
    _columns(*PERSONS.fields, required=("identifier",)),
    find=_find_persons,
    write=_write_persons,
    complete=_gone,
)
LEARNER_IMPORT = _kind(
    "learners",
    "learner",
    (
        *_columns("identifier", "name", "email", required=("identifier", "name")),
        *(ImportColumn(one, label, read_answer, also=(), keeps=True) for one, label in QUESTIONS.items()),
    ),
    find=_find_learners,
    write=_write_learners,
    further=Further("Keep as survey answers", read_question, read_answer),
    complete=_refused,
)
