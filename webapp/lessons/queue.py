"""The learners one after the other, so that many can be reviewed by keyboard."""

from __future__ import annotations

from sqlalchemy import Select, and_, select, tuple_
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


def neighbours(session: Session, basis: Basis, show: str) -> tuple[str | None, str | None]:
    """The identifiers of the learner before and after this one, by name, among those `show` names."""
    here = session.execute(select(Person.name_key, Person.id).where(Person.id == basis.person_id)).one()
    place, at = tuple_(Person.name_key, Person.id), tuple_(*here)
    wanted = _wanted(basis, show)
    after = wanted.where(place > at).order_by(Person.name_key, Person.id).limit(1)
    before = wanted.where(place < at).order_by(Person.name_key.desc(), Person.id.desc()).limit(1)
    return session.scalar(before), session.scalar(after)


def first_learner(session: Session) -> str | None:
    """The first learner by name who answered the survey, or the first of all."""
    ordered = select(Person.identifier).order_by(Person.name_key, Person.id).limit(1)
    with_survey = ordered.where(select(Survey.id).where(Survey.person_id == Person.id).exists())
    return session.scalar(with_survey) or session.scalar(ordered)


def _wanted(basis: Basis, show: str) -> Select[str]:
    everyone = select(Person.identifier)
    if show == "waiting":
        theirs = (Proposal.person_id == Person.id, Proposal.lesson_id == basis.lesson_id)
        return everyone.where(select(Proposal.id).where(*theirs, Proposal.kind.in_(WAITING)).exists())
    if show not in SHOWN or show == "all":
        return everyone
    mine = and_(PersonalLesson.person_id == Person.id, PersonalLesson.lesson_id == basis.lesson_id)
    written = everyone.join(PersonalLesson, mine)
    if show == "stale":
        joined = written.join(Lesson, Lesson.id == PersonalLesson.lesson_id)
        joined = joined.join(Course, Course.id == Lesson.course_id)
        return joined.outerjoin(Survey, Survey.person_id == Person.id).where(stale(basis.prompts))
    unreviewed = written.where(PersonalLesson.state == LessonState.UNREVIEWED)
    return unreviewed.where(PersonalLesson.flagged) if show == "flagged" else unreviewed
