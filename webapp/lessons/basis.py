"""What a lesson for one learner is made from, read at one moment; and whether a text still fits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.errors import DomainError, NotFound
from webapp.lessons.courses import course_facts
from webapp.lessons.facts import (
    EarlierLesson,
    LearnerFacts,
    LessonBrief,
    default_template,
    texts_of,
)
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.models import Course, Lesson, PersonalLesson, Strategy
from webapp.people.models import Person, Survey
from webapp.people.questions import QUESTIONS

NO_SURVEY = "no_survey"


class Made(Protocol):
    """A text as staleness looks at it: what it was made from."""

    @property
    def strategy(self) -> Strategy: ...  # noqa: D102  # the columns of the same names
    @property
    def template_number(self) -> int: ...  # noqa: D102
    @property
    def survey_hash(self) -> str: ...  # noqa: D102
    @property
    def voice_hash(self) -> str: ...  # noqa: D102
    @property
    def prompt_version(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Marks:
    """What is in force now, as a text made from it remembers it."""

    template_number: int
    survey_hash: str
    voice_hash: str
    prompts: dict[Strategy, str]

    def why_stale(self, made: Made) -> tuple[str, ...]:
        """Say what changed since the text was made; nothing when it still fits."""
        changed = {
            "the template changed": made.template_number != self.template_number,
            "the survey changed": made.survey_hash != self.survey_hash,
            "the course’s voice changed": made.voice_hash != self.voice_hash,
            "the prompt changed": made.prompt_version != self.prompts[made.strategy],
        }
        return tuple(reason for reason, is_so in changed.items() if is_so)


@dataclass(frozen=True)
class Basis:
    """One learner, one lesson, and everything a text for them rests on."""

    person_id: UUID
    lesson_id: UUID
    identifier: str
    brief: LessonBrief
    template_number: int
    survey_hash: str
    voice_hash: str
    basic_allowed: bool
    serve_unreviewed: bool
    prompts: dict[Strategy, str]

    @property
    def subject(self) -> str:
        """Name the lesson and its learner, for people."""
        return f"Lesson {self.brief.number} for {self.brief.learner.name or self.identifier}"

    def strategy(self, asked: Strategy) -> Strategy:
        """The strategy that can be used. Raises DomainError without a name or survey answers to go by."""
        survey = bool(self.survey_hash)
        return usable(asked, self.brief.learner.name, survey=survey, basic_allowed=self.basic_allowed)

    def why_stale(self, made: Made) -> tuple[str, ...]:
        """Say what changed since the text was made; nothing when it still fits."""
        now = Marks(self.template_number, self.survey_hash, self.voice_hash, self.prompts)
        return now.why_stale(made)


def usable(asked: Strategy, name: str, *, survey: bool, basic_allowed: bool) -> Strategy:
    """The strategy a learner's lesson can be written by.

    Raises DomainError without a name, or without survey answers where the basic version is not allowed.
    """
    if not name.strip():
        message = "This person has no name, and a lesson addresses its learner by name."
        raise DomainError(message, code="no_name", details={"name": "is missing"})
    if survey:
        return asked
    if not basic_allowed:
        raise DomainError("This person has no survey answers.", code=NO_SURVEY)
    return Strategy.BASIC


def read_basis(session: Session, person_id: UUID, lesson_id: UUID) -> Basis:
    """Read what the lesson is made from, in at most three statements.

    Raises NotFound naming which is gone.
    """
    statement = (
        select(Person, Lesson, Course, Survey.answers, Survey.hash)
        .select_from(Person)
        .join(Lesson, Lesson.id == lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(Survey, Survey.person_id == Person.id)
        .where(Person.id == person_id)
    )
    found = session.execute(statement).first()
    if found is None:
        raise _missing(session, person_id)
    person, lesson, course, answers, survey_hash = found
    return Basis(
        person_id=person.id,
        lesson_id=lesson.id,
        identifier=person.identifier,
        brief=_brief(session, person, lesson, course, answers or {}),
        template_number=lesson.template_mark,
        survey_hash=survey_hash or "",
        voice_hash=course.voice_hash,
        basic_allowed=course.basic_allowed,
        serve_unreviewed=course.serve_unreviewed,
        prompts=versions_in_force(session),
    )


def stale(prompts: dict[Strategy, str]) -> ColumnElement[bool]:
    """Whether a personal lesson is stale, for statements that join Lesson, Course and, outer, Survey."""
    return or_(
        PersonalLesson.template_number != Lesson.template_mark,
        PersonalLesson.survey_hash != func.coalesce(Survey.hash, ""),
        PersonalLesson.voice_hash != Course.voice_hash,
        *(
            and_(PersonalLesson.strategy == strategy, PersonalLesson.prompt_version != version)
            for strategy, version in prompts.items()
        ),
    )


def _brief(
    session: Session, person: Person, lesson: Lesson, course: Course, answers: dict[str, Any]
) -> LessonBrief:
    earlier = session.execute(
        select(Lesson.lesson_number, Lesson.title)
        .where(Lesson.course_id == course.id, Lesson.lesson_number < lesson.lesson_number)
        .order_by(Lesson.lesson_number)
    )
    template = texts_of(lesson.template)
    return LessonBrief(
        course=course_facts(course),
        number=lesson.lesson_number,
        title=lesson.title,
        description=lesson.description,
        template=template if lesson.template_number else default_template(lesson.title, lesson.description),
        default_template=not lesson.template_number,
        earlier=tuple(EarlierLesson(number=number, title=title) for number, title in earlier),
        learner=LearnerFacts(name=person.name, answers=in_order(answers)),
    )


def in_order(answers: dict[str, Any]) -> dict[str, str]:
    """The survey's answers that say something: the six questions first, then the further ones by name."""
    known = [question for question in QUESTIONS if question in answers]
    further = sorted(set(answers) - set(QUESTIONS))
    return {one: str(answers[one]) for one in [*known, *further] if str(answers[one] or "").strip()}


def _missing(session: Session, person_id: UUID) -> NotFound:
    if session.get(Person, person_id) is None:
        return NotFound("There is no such person any more.", details={"user_id": "unknown"})
    return NotFound("There is no such lesson any more.", details={"lesson_number": "unknown"})
