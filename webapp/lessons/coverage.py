"""Coverage: which lessons are written for whom, how many of each state, and which fail more often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, case, func, select, union_all
from sqlalchemy.orm import Session

from webapp.core.intervals import wilson
from webapp.core.llm.trouble import BY_CODE
from webapp.lessons.basis import NO_SURVEY, stale
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.models import Attempt, Course, Lesson, LessonState, PersonalLesson
from webapp.people.models import Person, Survey
from webapp.people.persons import LISTING

PAGE = 50
MOST_COUNTED = 10_000
LOOKED_AT = 2_000  # rows of a lesson that are looked at for what is stale
DAYS = 30
SHOWN_REASONS = 3
TERMS = 100  # put together in one statement; SQLite takes 500
REASONS = {
    NO_SURVEY: "no survey answers",
    "no_name": "no name",
    "checks_failed": "the text did not pass its checks",
    "unavailable": "another job kept the lesson for too long",
}


@dataclass(frozen=True)
class Learner:
    """A row of the map."""

    id: UUID
    name: str
    identifier: str


@dataclass(frozen=True)
class Standing:
    """How one lesson stands for one learner."""

    state: LessonState
    stale: bool


@dataclass(frozen=True)
class Total:
    """A lesson's numbers over all learners.

    States are counted to `MOST_COUNTED`, one more means that there are more. `stale` is counted among
    `LOOKED_AT` rows; `at_least` says that there are more rows. `missing` is None when nobody knows.
    """

    lesson: Lesson
    states: dict[LessonState, int]
    stale: int
    at_least: bool
    missing: int | None

    @property
    def unreviewed(self) -> int:
        """How many nobody has reviewed."""
        return self.states[LessonState.UNREVIEWED]

    @property
    def held(self) -> int:
        """How many a person approved or edited."""
        return sum(count for state, count in self.states.items() if state.held)


@dataclass(frozen=True)
class Failing:
    """How often a lesson's texts failed of late. `above`: its interval lies above the others' share."""

    lesson: Lesson
    tries: int
    failed: int
    low: float
    high: float
    others: float | None
    reasons: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """The part that failed, 0 to 1."""
        return self.failed / self.tries

    @property
    def above(self) -> bool:
        """Whether it fails more often than the others, beyond chance."""
        return self.others is not None and self.low > self.others


def learners_page(session: Session, q: str, cursor: str | None) -> tuple[list[Learner], str | None]:
    """Fifty learners by name, those whose name, id or e-mail address begins so; and the rest's cursor.

    Raises BadRequest for a cursor of another list.
    """
    where = LISTING.criteria({"q": q}) if q.strip() else ()
    rows, following = LISTING.items(session, PAGE, cursor, *where)
    return [Learner(row.id, row.name, row.identifier) for row in rows], following


def standing_of(
    session: Session, course_id: UUID, learners: Sequence[Learner]
) -> dict[tuple[UUID, UUID], Standing]:
    """How the lessons stand for these learners, by (person, lesson); what is missing is not there."""
    is_stale = case((stale(versions_in_force(session)), 1), else_=0)
    asked = (
        select(PersonalLesson.person_id, PersonalLesson.lesson_id, PersonalLesson.state, is_stale)
        .join(Lesson, Lesson.id == PersonalLesson.lesson_id)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(Survey, Survey.person_id == PersonalLesson.person_id)
        .where(Lesson.course_id == course_id, PersonalLesson.person_id.in_([one.id for one in learners]))
    )
    return {(who, lesson): Standing(state, bool(old)) for who, lesson, state, old in session.execute(asked)}


def totals_of(session: Session, lessons: Sequence[Lesson]) -> list[Total]:
    """Each lesson's numbers, in few statements however many rows there are."""
    if not lessons:
        return []
    persons = _capped_persons(session)
    states = _states(session, lessons)
    old = _stale(session, lessons)
    found = []
    for lesson in lessons:
        mine = {state: states.get((lesson.id, state), 0) for state in LessonState}
        written, known = sum(mine.values()), max(mine.values()) <= MOST_COUNTED >= persons
        looked, stale_ones = old.get(lesson.id, (0, 0))
        missing = max(0, persons - written) if known else None
        found.append(Total(lesson, mine, stale_ones, looked > LOOKED_AT, missing))
    return found


def _capped_persons(session: Session) -> int:
    some = select(Person.id.label("id")).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count(some.c.id))) or 0


def _states(session: Session, lessons: Sequence[Lesson]) -> dict[tuple[UUID, LessonState], int]:
    parts: list[Select[Any]] = []
    for lesson in lessons:
        for state in LessonState:
            where = (PersonalLesson.lesson_id == lesson.id, PersonalLesson.state == state)
            some = select(PersonalLesson.lesson_id.label("lesson"), PersonalLesson.state.label("state"))
            few = some.where(*where).limit(MOST_COUNTED + 1).subquery()
            parts.append(select(few.c.lesson, few.c.state))
    counts: dict[tuple[UUID, LessonState], int] = {}
    for found in _together(parts):
        counted = select(found.c.lesson, found.c.state, func.count(found.c.lesson))
        rows = session.execute(counted.group_by(found.c.lesson, found.c.state))
        counts |= {(lesson, state): count for lesson, state, count in rows}
    return counts


def _stale(session: Session, lessons: Sequence[Lesson]) -> dict[UUID, tuple[int, int]]:
    """How many rows of each lesson were looked at, and how many of them are stale."""
    prompts, parts = versions_in_force(session), list[Select[Any]]()
    for lesson in lessons:
        near = (
            select(PersonalLesson.lesson_id.label("lesson"), case((stale(prompts), 1), else_=0).label("old"))
            .join(Lesson, Lesson.id == PersonalLesson.lesson_id)
            .join(Course, Course.id == Lesson.course_id)
            .outerjoin(Survey, Survey.person_id == PersonalLesson.person_id)
            .where(PersonalLesson.lesson_id == lesson.id)
            .limit(LOOKED_AT + 1)
            .subquery()
        )
        parts.append(select(near.c.lesson, near.c.old))
    counts: dict[UUID, tuple[int, int]] = {}
    for found in _together(parts):
        counted = select(found.c.lesson, func.count(found.c.lesson), func.sum(found.c.old))
        rows = session.execute(counted.group_by(found.c.lesson))
        counts |= {lesson: (looked, int(old or 0)) for lesson, looked, old in rows}
    return counts


def _together(parts: Sequence[Select[Any]]) -> Iterator[Subquery]:
    """The parts in as few statements as every database takes."""
    for first in range(0, len(parts), TERMS):
        yield union_all(*parts[first : first + TERMS]).subquery()


def failing_of(session: Session, lessons: Sequence[Lesson], now: datetime) -> list[Failing]:
    """How often each tried lesson failed in the last days, the worst first; of its newest tries."""
    since, parts = now - timedelta(days=DAYS), list[Select[Any]]()
    for lesson in lessons:
        newest = (
            select(Attempt.lesson_id.label("lesson"), Attempt.outcome.label("outcome"))
            .where(Attempt.lesson_id == lesson.id, Attempt.at >= since)
            .order_by(Attempt.at.desc())
            .limit(MOST_COUNTED)
            .subquery()
        )
        parts.append(select(newest.c.lesson, newest.c.outcome))
    counts: dict[UUID, dict[str, int]] = {}
    for found in _together(parts):
        counted = select(found.c.lesson, found.c.outcome, func.count(found.c.lesson))
        for lesson_id, outcome, count in session.execute(counted.group_by(found.c.lesson, found.c.outcome)):
            counts.setdefault(lesson_id, {})[outcome] = count
    tries = sum(sum(one.values()) for one in counts.values())
    failed = tries - sum(one.get("ok", 0) for one in counts.values())
    rows = [_failing(one, counts[one.id], tries, failed) for one in lessons if one.id in counts]
    return sorted(rows, key=lambda one: (-one.low, one.lesson.lesson_number))


def _failing(lesson: Lesson, outcomes: dict[str, int], all_tries: int, all_failed: int) -> Failing:
    tries = sum(outcomes.values())
    failed = tries - outcomes.get("ok", 0)
    rest = all_tries - tries
    low, high = wilson(failed, tries)
    ordered = sorted(outcomes.items(), key=lambda one: (-one[1], one[0]))
    reasons = tuple((in_words(code), count) for code, count in ordered if code != "ok")[:SHOWN_REASONS]
    others = (all_failed - failed) / rest if rest else None
    return Failing(lesson, tries, failed, low, high, others, reasons)


def in_words(code: str) -> str:
    """An attempt's outcome for people."""
    if code in BY_CODE:
        sentence = BY_CODE[code].sentence.rstrip(".")
        return sentence[:1].lower() + sentence[1:]
    return REASONS.get(code, code.replace("_", " "))


def verdict(lessons: Sequence[Failing]) -> str:
    """What the figure of failures shows, in a sentence."""
    if not lessons:
        return f"Nothing was written in the last {DAYS} days."
    worse = [one.lesson.lesson_number for one in lessons if one.above]
    if not worse:
        return f"No lesson failed more often than the others in the last {DAYS} days."
    named = ", ".join(map(str, sorted(worse)))
    verb = "Lesson {} fails" if len(worse) == 1 else "Lessons {} fail"
    return f"{verb.format(named)} more often than the others."


def table_of(totals: Sequence[Total], failing: Sequence[Failing]) -> list[list[Any]]:
    """The numbers by lesson, for a file: as many columns as `HEAD` names."""
    by_lesson = {one.lesson.id: one for one in failing}
    rows = []
    for total in totals:
        one = by_lesson.get(total.lesson.id)
        tried = [one.tries, one.failed, f"{one.low:.4f}", f"{one.high:.4f}"] if one else [0, 0, "", ""]
        states = [total.states[state] for state in LessonState]
        missing = "" if total.missing is None else total.missing
        rows.append([total.lesson.lesson_number, total.lesson.title, missing, total.stale, *states, *tried])
    return rows


HEAD = (
    "lesson_number",
    "title",
    "missing",
    "stale",
    *(state.value for state in LessonState),
    "tries_30_days",
    "failed_30_days",
    "failed_share_low",
    "failed_share_high",
)
