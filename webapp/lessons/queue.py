"""The learners one after the other, so that many can be reviewed by keyboard."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from webapp.lessons.basis import Basis, stale
from webapp.lessons.models import WAITING, Course, Lesson, LessonState, PersonalLesson, Proposal
from webapp.people.models import Person, Survey

SHOWN = {
    "all": "All learners",
    "unreviewed": "Unreviewed",
    "flagged": "Unreviewed, with findings",
    "stale": "Stale",
    "waiting": "With a text that waits",
}
NEAR = 2_000  # learners who are looked at for the next one: no index keeps those that are meant by name


def neighbours(session: Session, basis: Basis, show: str, near: int = NEAR) -> tuple[str | None, str | None]:
    """The identifiers of the learner before and after this one, by name, among those `show` names.

    Stale ones, and others where more than `near` are meant, are looked for among the nearest `near` learners.
    """
    here = session.execute(select(Person.name_key, Person.id).where(Person.id == basis.person_id)).one()
    place, at = tuple_(Person.name_key, Person.id), tuple_(*here)
    forwards = (Person.name_key, Person.id)
    backwards = (Person.name_key.desc(), Person.id.desc())
    meant = _meant(basis, show)
    few = meant is not None and show != "stale" and _are_few(session, meant, near)
    everyone = _among(meant, near) if meant is not None and few else select(Person.identifier)
    after = everyone.where(place > at).order_by(*forwards)
    before = everyone.where(place < at).order_by(*backwards)
    if meant is not None and not few:
        after, before = (
            _nearest(after.limit(near), meant),
            _nearest(before.limit(near), meant, backwards=True),
        )
    return session.scalar(before.limit(1)), session.scalar(after.limit(1))


def first_of(session: Session, basis: Basis, show: str, near: int = NEAR) -> str | None:
    """The first learner by name among those `show` names, looked for as `neighbours` looks."""
    meant = _meant(basis, show)
    few = meant is not None and show != "stale" and _are_few(session, meant, near)
    everyone = _among(meant, near) if meant is not None and few else select(Person.identifier)
    ordered = everyone.order_by(Person.name_key, Person.id)
    if meant is not None and not few:
        ordered = _nearest(ordered.limit(near), meant)
    return session.scalar(ordered.limit(1))


def first_learner(session: Session) -> str | None:
    """The first learner by name who answered the survey, or the first of all."""
    ordered = select(Person.identifier).order_by(Person.name_key, Person.id).limit(1)
    with_survey = ordered.where(select(Survey.id).where(Survey.person_id == Person.id).exists())
    return session.scalar(with_survey) or session.scalar(ordered)


def _meant(basis: Basis, show: str) -> Select[UUID] | None:
    """Whom `show` names, by id and in no order; None for everyone."""
    if show == "waiting":
        wait = select(Proposal.person_id).where(Proposal.lesson_id == basis.lesson_id)
        return wait.where(Proposal.kind.in_(WAITING))
    written = select(PersonalLesson.person_id).where(PersonalLesson.lesson_id == basis.lesson_id)
    if show == "stale":
        return (
            written.join(Lesson, Lesson.id == PersonalLesson.lesson_id)
            .join(Course, Course.id == Lesson.course_id)
            .outerjoin(Survey, Survey.person_id == PersonalLesson.person_id)
            .where(stale(basis.prompts))
        )
    unreviewed = written.where(PersonalLesson.state == LessonState.UNREVIEWED)
    if show == "flagged":
        return unreviewed.where(PersonalLesson.flagged)
    return unreviewed if show == "unreviewed" else None


def _are_few(session: Session, meant: Select[UUID], most: int) -> bool:
    some = meant.limit(most + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= most


def _among(meant: Select[UUID], most: int) -> Select[str]:
    """Those few; they are put in order, and nobody else is looked at."""
    some = meant.limit(most).subquery()
    return select(Person.identifier).join(some, some.c.person_id == Person.id)


def _nearest(near_ones: Select[str], meant: Select[UUID], *, backwards: bool = False) -> Select[str]:
    """The first of these learners who is meant."""
    near = near_ones.with_only_columns(Person.id, Person.identifier, Person.name_key).subquery()
    order = [column.desc() if backwards else column for column in (near.c.name_key, near.c.id)]
    # Asked for each one, so that no planner begins with the lesson's every text.
    whose = meant.selected_columns[0]
    return select(near.c.identifier).where(meant.where(whose == near.c.id).exists()).order_by(*order)
