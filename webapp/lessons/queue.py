"""The learners one after the other, so that many can be reviewed by keyboard."""

from __future__ import annotations

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from webapp.lessons.basis import Basis, stale
from webapp.lessons.models import Course, Lesson, LessonState, PersonalLesson, Proposal
from webapp.lessons.publish import WAITING
from webapp.people.models import Person, Survey

SHOWN = {
    "all": "All learners",
    "unreviewed": "Unreviewed",
    "flagged": "Unreviewed, with findings",
    "stale": "Stale",
    "waiting": "With a text that waits",
}
NEAR = 2_000  # learners among whom the next stale one is looked for: nothing keeps stale ones in order


def neighbours(session: Session, basis: Basis, show: str) -> tuple[str | None, str | None]:
    """The identifiers of the learner before and after this one, by name, among those `show` names.

    The next stale one is looked for among the nearest two thousand.
    """
    here = session.execute(select(Person.name_key, Person.id).where(Person.id == basis.person_id)).one()
    place, at = tuple_(Person.name_key, Person.id), tuple_(*here)
    forwards = (Person.name_key, Person.id)
    backwards = (Person.name_key.desc(), Person.id.desc())
    wanted, most = _wanted(basis, show), NEAR if show == "stale" else 1
    after = wanted.where(place > at).order_by(*forwards).limit(most)
    before = wanted.where(place < at).order_by(*backwards).limit(most)
    if show == "stale":
        after, before = _stale(basis, after), _stale(basis, before, backwards=True)
    return session.scalar(before), session.scalar(after)


def first_of(session: Session, basis: Basis, show: str) -> str | None:
    """The first learner by name among those `show` names; the first stale one of two thousand."""
    most = NEAR if show == "stale" else 1
    wanted = _wanted(basis, show).order_by(Person.name_key, Person.id).limit(most)
    return session.scalar(_stale(basis, wanted) if show == "stale" else wanted)


def first_learner(session: Session) -> str | None:
    """The first learner by name who answered the survey, or the first of all."""
    ordered = select(Person.identifier).order_by(Person.name_key, Person.id).limit(1)
    with_survey = ordered.where(select(Survey.id).where(Survey.person_id == Person.id).exists())
    return session.scalar(with_survey) or session.scalar(ordered)


def _wanted(basis: Basis, show: str) -> Select[str]:
    everyone = select(Person.identifier)
    if show == "waiting":
        wait = select(Proposal.person_id).where(Proposal.lesson_id == basis.lesson_id)
        return everyone.where(Person.id.in_(wait.where(Proposal.kind.in_(WAITING))))
    if show not in {"unreviewed", "flagged"}:
        return everyone
    written = everyone.join(PersonalLesson, PersonalLesson.person_id == Person.id).where(
        PersonalLesson.lesson_id == basis.lesson_id, PersonalLesson.state == LessonState.UNREVIEWED
    )
    return written.where(PersonalLesson.flagged) if show == "flagged" else written


def _stale(basis: Basis, near: Select[str], *, backwards: bool = False) -> Select[str]:
    """The first of these learners whose lesson is stale."""
    some = near.with_only_columns(Person.id, Person.identifier, Person.name_key).subquery()
    order = [column.desc() if backwards else column for column in (some.c.name_key, some.c.id)]
    # Asked for each one, so that no planner begins with the lesson's every text.
    theirs = (
        select(PersonalLesson.id)
        .join(Lesson, Lesson.id == PersonalLesson.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(Survey, Survey.person_id == PersonalLesson.person_id)
        .where(PersonalLesson.person_id == some.c.id, PersonalLesson.lesson_id == basis.lesson_id)
        .where(stale(basis.prompts))
    )
    return select(some.c.identifier).where(theirs.exists()).order_by(*order).limit(1)
