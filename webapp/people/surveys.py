"""Surveys: what a person said of themselves, saved as read at a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.people.models import Person, Survey
from webapp.people.questions import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    MOST_ANSWERS,
    QUESTIONS,
    question_label,
    survey_hash,
)

Answers = dict[str, str]


def find_survey(session: Session, person_id: UUID) -> Survey | None:
    """What the person said; None when nothing was ever saved."""
    return session.scalar(select(Survey).where(Survey.person_id == person_id))


def answers_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, Answers]:
    """What these persons said, by person."""
    rows = session.execute(select(Survey.person_id, Survey.answers).where(Survey.person_id.in_(ids)))
    return {row.person_id: dict(row.answers) for row in rows}


def save_survey(
    session: Session,
    actor: Actor,
    person_id: UUID,
    answers: Mapping[str, str],
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Survey:
    """Save all answers as read at a version (0: there was none); the same ones make no version.

    Raises Conflict when somebody saved in between, NotFound without the person, DomainError naming
    the questions whose answers cannot be stored.
    """
    said, now = clean_answers(answers), clock.now()
    with unit(session):
        if session.scalar(select(Person.id).where(Person.id == person_id).with_for_update()) is None:
            raise NotFound("There is no such person.")
        survey = find_survey(session, person_id)
        if (survey.version if survey else 0) != read_version:
            message = "Somebody else saved this survey while you were editing it."
            raise Conflict(message, details={"version": f"is {survey.version if survey else 0} now"})
        changes = differences(survey.answers if survey else {}, said)
        if survey is None:
            survey = Survey(id=new_id(), person_id=person_id, version=0, created_at=now, updated_at=now)
            session.add(survey)
        elif not changes:
            return survey
        survey.answers, survey.hash = said, survey_hash(said)
        survey.version, survey.updated_at = survey.version + 1, now
        traced = {question: (old or None, new or None) for question, (old, new) in changes.items()}
        auditor.record(session, actor, AuditAction.SURVEY_CHANGED, survey, changes=traced, person=person_id)
    return survey


def differences(saved: Mapping[str, str], said: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What is saved and what would be, for each question where they differ."""
    questions = [*said, *(question for question in saved if question not in said)]
    pairs = {question: (saved.get(question, ""), said.get(question, "")) for question in questions}
    return {question: pair for question, pair in pairs.items() if pair[0] != pair[1]}


def clean_answers(answers: Mapping[str, str]) -> Answers:
    """The answers as they are stored, the six questions first; empty ones are left out.

    Raises DomainError naming the questions that cannot be stored.
    """
    said, details = Answers(), dict[str, str]()
    for question in [*QUESTIONS, *(one for one in answers if one not in QUESTIONS)]:
        try:
            said[read_question(question)] = read_answer(answers.get(question) or "")
        except ValueError as error:
            details[question] = f"{question_label(question[:LONGEST_QUESTION])}: {error}"
    said = {question: answer for question, answer in said.items() if answer}
    if len(said) > MOST_ANSWERS:
        details["answers"] = f"A survey holds {MOST_ANSWERS} answers at most; these are {len(said)}."
    if details:
        raise DomainError(" ".join(details.values()), code="invalid", details=details)
    return said


def read_answer(given: str) -> str:
    """One answer as it is stored. Raises ValueError with a sentence when it cannot be."""
    text = given.replace("\r\n", "\n").strip()
    if "\0" in text:
        raise ValueError("This text holds a sign that cannot be stored (NUL). Remove it.")
    if len(text) > LONGEST_ANSWER:
        raise ValueError(f"Keep this under {LONGEST_ANSWER:,} characters; it has {len(text):,}.")
    return text


def read_question(given: str) -> str:
    """A question's key as it is stored. Raises ValueError with a sentence when it cannot be."""
    text = " ".join(given.split())
    if not text:
        raise ValueError("Name the question.")
    if "\0" in text:
        raise ValueError("The question holds a sign that cannot be stored (NUL).")
    if len(text) > LONGEST_QUESTION:
        raise ValueError(f"Keep the question under {LONGEST_QUESTION} characters; it has {len(text)}.")
    return text
