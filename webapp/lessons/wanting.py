"""What of the lessons wants a person now: for the home page and the navigation; counts end somewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.area import Attention
from webapp.core.text import number, plural
from webapp.lessons.basis import stale
from webapp.lessons.coverage import LOOKED_AT
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.links import preview_path
from webapp.lessons.models import Course, Lesson, LessonState, PersonalLesson, Proposal, ProposalKind
from webapp.people.models import Person, Survey

MOST = 10_000
COVERAGE = "/lessons/coverage"
FLAGGED = (PersonalLesson.state == LessonState.UNREVIEWED, PersonalLesson.flagged)
BLOCKED = Proposal.kind == ProposalKind.BLOCKED
FLAGGED_ONES: Select[Any] = select(PersonalLesson.flagged).where(*FLAGGED)
BLOCKED_ONES: Select[Any] = select(Proposal.kind).where(BLOCKED)


def waiting(session: Session, _actor: Actor) -> int:
    """How many lessons wait for a person: unreviewed with findings, and blocked texts."""
    both = _upto_most(FLAGGED_ONES).scalar_subquery() + _upto_most(BLOCKED_ONES).scalar_subquery()
    return session.scalar(select(both)) or 0


def wanting(session: Session, who: Actor) -> list[Attention]:
    """The lines of the home page, each with its link."""
    if not who.may(Permission.LESSONS_READ) or who.company_id is None:
        return []
    found, flagged, blocked = list[Attention](), _flagged(session), _blocked(session)
    if flagged:
        words = "unreviewed lesson has findings" if flagged == 1 else "unreviewed lessons have findings"
        found.append(Attention(f"{_upto(flagged)} {words}", _first_flagged(session), "lesson"))
    if blocked:
        words = "lesson did not pass its checks" if blocked == 1 else "lessons did not pass their checks"
        found.append(Attention(f"{_upto(blocked)} {words}", _first_blocked(session), "lesson"))
    old, more = stale_among(session)
    if old:
        words = f"{plural(old, 'lesson')} {'is' if old == 1 else 'are'} stale"
        found.append(Attention(f"At least {words}" if more else words, COVERAGE, "lesson"))
    return found


def stale_among(session: Session) -> tuple[int, bool]:
    """How many of the first few thousand personalized lessons are stale, and whether there are more rows."""
    near = (
        select(PersonalLesson.id.label("id"), case((stale(versions_in_force(session)), 1)).label("old"))
        .join(Lesson, Lesson.id == PersonalLesson.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(Survey, Survey.person_id == PersonalLesson.person_id)
        .limit(LOOKED_AT + 1)
        .subquery()
    )
    looked, old = session.execute(select(func.count(near.c.id), func.count(near.c.old))).one()
    return int(old), looked > LOOKED_AT


def _flagged(session: Session) -> int:
    return session.scalar(_upto_most(FLAGGED_ONES)) or 0


def _blocked(session: Session) -> int:
    return session.scalar(_upto_most(BLOCKED_ONES)) or 0


def _upto_most(asked: Select[Any]) -> Select[int]:
    """Count to one more than `MOST`. Asked for nothing but what the index has, no row is read."""
    return select(func.count()).select_from(asked.limit(MOST + 1).subquery())


def _first_flagged(session: Session) -> str:
    """The preview of the first of them, from where the queue goes on."""
    asked = select(PersonalLesson.lesson_id, PersonalLesson.person_id)
    return _path(session, asked.where(*FLAGGED), "flagged")


def _first_blocked(session: Session) -> str:
    return _path(session, select(Proposal.lesson_id, Proposal.person_id).where(BLOCKED), "waiting")


def _path(session: Session, asked: Select[UUID, UUID], show: str) -> str:
    first = asked.limit(1).subquery()
    place = (
        select(Lesson.lesson_number, Person.identifier, Course.key)
        .select_from(first)
        .join(Lesson, Lesson.id == first.c.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .join(Person, Person.id == first.c.person_id)
    )
    found = session.execute(place).first()
    return COVERAGE if found is None else f"{preview_path(found[0], found[1], found[2])}&show={show}"


def _upto(count: int) -> str:
    return f"{number(MOST)}+" if count > MOST else number(count)
