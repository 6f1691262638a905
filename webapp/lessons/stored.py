"""What a serving call needs to know, read in one statement: person, course, lesson, and what is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, Subquery, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from webapp.core.errors import BadRequest, NotFound
from webapp.lessons.basis import Marks, usable
from webapp.lessons.content import Content, content_of
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.models import (
    WAITING,
    Course,
    Lesson,
    LessonState,
    PersonalLesson,
    Proposal,
    ProposalKind,
    Strategy,
)
from webapp.lessons.turns import Pair
from webapp.people.models import Person, Survey

AN_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
NO_ID = UUID(int=0)
SEVERAL = "The company has several courses: name one by its key."


@dataclass(frozen=True)
class Ask:
    """What a call asks for. `course` is a key or id; without one the company's only course."""

    user_id: str
    lesson_number: int
    course: str | None = None
    flush: bool = False


@dataclass(frozen=True)
class Stored:
    """The published row, as far as serving looks at it."""

    id: UUID
    state: LessonState
    version: int
    sections: Mapping[str, Any]
    strategy: Strategy
    template_number: int
    survey_hash: str
    voice_hash: str
    prompt_version: str


@dataclass(frozen=True)
class Found:
    """Who and what was asked for, what is stored for it, and what waits beside."""

    pair: Pair
    name: str
    language: str
    serve_unreviewed: bool
    basic_allowed: bool
    marks: Marks
    stored: Stored | None
    proposal: tuple[ProposalKind, Mapping[str, Any], datetime] | None

    @property
    def version(self) -> int:
        """The published row's version, 0 without one."""
        return self.stored.version if self.stored else 0

    @cached_property
    def why_stale(self) -> tuple[str, ...]:
        """What changed since the stored text was made."""
        return self.marks.why_stale(self.stored) if self.stored else ()

    @property
    def candidate_waits(self) -> bool:
        """Whether a newer text waits for a person beside a held one."""
        return self.proposal is not None and self.proposal[0] is ProposalKind.CANDIDATE

    @property
    def blocked_at(self) -> datetime | None:
        """When a text that failed its checks was put aside, if one waits."""
        blocked = self.proposal is not None and self.proposal[0] is ProposalKind.BLOCKED
        return self.proposal[2] if self.proposal and blocked else None

    @property
    def waiting_fits(self) -> bool:
        """Whether what waits was made from what is in force now."""
        content: Content | None = content_of(self.proposal[1]) if self.proposal else None
        return content is not None and not self.marks.why_stale(content)

    def check_writable(self) -> None:
        """Raise DomainError when no text can be written: no name, no survey."""
        survey = bool(self.marks.survey_hash)
        usable(Strategy.TEMPLATE, self.name, survey=survey, basic_allowed=self.basic_allowed)


def find(session: Session, ask: Ask) -> Found:
    """Read what the call needs, in one statement beside the one for the prompt in force.

    Raises NotFound naming which is unknown, BadRequest when the course has to be named.
    """
    values = {"user": ask.user_id, "number": ask.lesson_number}
    if ask.course:
        course_id = UUID(ask.course) if AN_ID.fullmatch(ask.course) else NO_ID
        values |= {"key": ask.course, "course": course_id}
    rows = session.execute(serving_statement(named=bool(ask.course)), values).all()
    row = _the_course(ask, rows)
    if row.person_id is None:
        raise NotFound("There is no such person.", details={"user_id": "unknown"})
    if row.lesson_id is None:
        raise NotFound("There is no lesson of this number.", details={"lesson_number": "unknown"})
    return _found(row, versions_in_force(session))


def _the_course(ask: Ask, rows: Sequence[Row[Any]]) -> Row[Any]:
    """The row of the course asked for; there is a row for each course that may be meant."""
    by_key = [row for row in rows if row.key == ask.course]
    if not rows:
        why = "There is no such course." if ask.course else "The company has no course yet."
        raise NotFound(why, details={"course": "unknown"})
    if not ask.course and len({row.course_id for row in rows}) > 1:
        raise BadRequest(SEVERAL, code="course_required", details={"course": SEVERAL})
    found: Row[Any] = (by_key or rows)[0]
    return found


@cache
def serving_statement(*, named: bool) -> Executable:
    """The one statement of a serving call; `named` where the call names the course."""
    course = _courses(named=named)
    at = course.c
    return (
        select(
            at.course_id,
            at.key,
            at.language,
            at.voice,
            at.serve_unreviewed,
            at.basic_allowed,
            Person.id.label("person_id"),
            Person.name,
            Lesson.id.label("lesson_id"),
            Lesson.template_mark.label("template"),
            Survey.hash.label("survey"),
            *(getattr(PersonalLesson, name) for name in Stored.__dataclass_fields__),
            Proposal.kind,
            Proposal.content,
            Proposal.created_at,
        )
        .select_from(course)
        .outerjoin(Person, Person.identifier == bindparam("user"))
        .outerjoin(
            Lesson, and_(Lesson.course_id == at.course_id, Lesson.lesson_number == bindparam("number"))
        )
        .outerjoin(Survey, Survey.person_id == Person.id)
        .outerjoin(
            PersonalLesson,
            and_(PersonalLesson.person_id == Person.id, PersonalLesson.lesson_id == Lesson.id),
        )
        .outerjoin(
            Proposal,
            and_(
                Proposal.person_id == Person.id,
                Proposal.lesson_id == Lesson.id,
                Proposal.kind.in_(WAITING),
            ),
        )
    )


def _courses(*, named: bool) -> Subquery:
    """The course that is meant, and a second one where that is not clear.

    The limit is written out: SQLite reads from it that two rows at most are joined, where it would
    otherwise read whole tables into filters of its own for each call.
    """
    statement = select(
        Course.id.label("course_id"),
        Course.key,
        Course.language,
        Course.voice_hash.label("voice"),
        Course.serve_unreviewed,
        Course.basic_allowed,
    ).limit(bindparam("most", 2, literal_execute=True))
    if named:
        statement = statement.where(or_(Course.key == bindparam("key"), Course.id == bindparam("course")))
    return statement.subquery("course")


def _found(row: Row[Any], prompts: dict[Strategy, str]) -> Found:
    plain = Stored.__dataclass_fields__
    return Found(
        pair=(row.person_id, row.lesson_id),
        name=row.name,
        language=row.language,
        serve_unreviewed=row.serve_unreviewed,
        basic_allowed=row.basic_allowed,
        marks=Marks(row.template, row.survey or "", row.voice, prompts),
        stored=Stored(**{name: getattr(row, name) for name in plain}) if row.id else None,
        proposal=(row.kind, row.content, row.created_at) if row.kind else None,
    )
