"""What of the lessons wants a person now: for the home page and the navigation; counts end somewhere."""

from __future__ import annotations

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


def waiting(session: Session, _actor: Actor) -> int:
    """How many lessons wait for a person: unreviewed with findings, and blocked texts."""
    return _flagged(session) + _blocked(session)


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
    few = select(PersonalLesson.id.label("id")).where(*FLAGGED).limit(MOST + 1).subquery()
    return session.scalar(select(func.count(few.c.id))) or 0


def _blocked(session: Session) -> int:
    few = select(Proposal.id.label("id")).where(BLOCKED).limit(MOST + 1).subquery()
    return session.scalar(select(func.count(few.c.id))) or 0


def _first_flagged(session: Session) -> str:
    """The preview of the first of them, from where the queue goes on."""
    return _path(session, _place(PersonalLesson).where(*FLAGGED), "flagged")


def _first_blocked(session: Session) -> str:
    return _path(session, _place(Proposal).where(BLOCKED), "waiting")


def _place(table: type[PersonalLesson | Proposal]) -> Select[int, str, str]:
    return (
        select(Lesson.lesson_number, Person.identifier, Course.key)
        .select_from(table)
        .join(Lesson, Lesson.id == table.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .join(Person, Person.id == table.person_id)
        .limit(1)
    )


def _path(session: Session, place: Select[int, str, str], show: str) -> str:
    found = session.execute(place).first()
    return COVERAGE if found is None else f"{preview_path(found[0], found[1], found[2])}&show={show}"


def _upto(count: int) -> str:
    return f"{number(MOST)}+" if count > MOST else number(count)
