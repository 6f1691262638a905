"""Batches: which lessons are written for which learners, set by set, and the one job that does it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import DomainError
from webapp.core.jobs.models import LIVE, Job
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.text import plural
from webapp.lessons.basis import stale
from webapp.lessons.courses import find_course
from webapp.lessons.lesson_prompt import versions_in_force
from webapp.lessons.links import preview_path
from webapp.lessons.models import (
    HELD,
    Course,
    Lesson,
    PersonalLesson,
    Proposal,
    ProposalKind,
    Strategy,
)
from webapp.lessons.work import BATCH
from webapp.people.models import Person, Survey
from webapp.people.persons import LISTING

MOST_ITEMS = 50_000
AT_ONCE = 5_000  # ids in one statement
MOST_LIVE = 200  # batches looked at for one that is the same
Row = tuple[UUID, str, str, UUID, int]  # person, their name and user id, lesson, its number


@dataclass(frozen=True)
class Choice:
    """What a batch is about.

    `learners` is "all", "answered" (the survey), "search" (`q`, as in the list of learners) or "list"
    (`identifiers`). No `lessons` are all of the course. `only` is "all", "missing" or "stale" (or missing).
    `unattended` leaves out what cannot be written, and what waits already for a person as it would be
    written now; it then takes the first `most`, where there are more, instead of refusing.
    """

    course_id: UUID
    lessons: tuple[UUID, ...] = ()
    learners: str = "all"
    q: str = ""
    identifiers: tuple[str, ...] = ()
    only: str = "stale"
    strategy: Strategy = Strategy.TEMPLATE
    fall_back: bool = False
    unattended: bool = False
    most: int = 0
    fresh: bool = False

    @property
    def digest(self) -> str:
        """The same for the same selection, however it was put together."""
        told = {**asdict(self), "strategy": self.strategy.value}
        del told["most"]
        told |= {"lessons": sorted(map(str, self.lessons)), "identifiers": sorted(set(self.identifiers))}
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Sums:
    """What a selection comes to: lessons to write, and how many of them are of which kind."""

    items: int = 0
    silent: int = 0
    nameless: int = 0
    held: int = 0

    def __add__(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(
            self.items + other.items,
            self.silent + other.silent,
            self.nameless + other.nameless,
            self.held + other.held,
        )


def unknown_of(session: Session, identifiers: Sequence[str]) -> list[str]:
    """Those of the ids that nobody of the company has, in their order."""
    known = set[str]()
    for part in _parts([one for one in identifiers if "\0" not in one]):
        known.update(session.scalars(select(Person.identifier).where(Person.identifier.in_(part))))
    return [one for one in identifiers if one not in known]


def sums_of(session: Session, choice: Choice) -> Sums:
    """Count what the choice comes to, one statement for every few thousand listed ids; see `MOST_ITEMS`."""
    found, prompts = Sums(), versions_in_force(session)
    for who in _who(choice):
        wanted = _pairs(choice, who, prompts).with_only_columns(
            Person.id.label("id"), Person.name, Survey.hash.label("said"), PersonalLesson.state.label("state")
        )
        some = wanted.limit(MOST_ITEMS + 1 - found.items).subquery()
        silent, nameless = func.coalesce(some.c.said, "") == "", func.trim(some.c.name) == ""
        kinds = (case((one, some.c.id)) for one in (silent, nameless, some.c.state.in_(HELD)))
        counts = select(func.count(some.c.id), *(func.count(kind) for kind in kinds))
        found += Sums(*map(int, session.execute(counts).one()))
        if found.items > MOST_ITEMS:
            break
    return found


def rows_of(session: Session, choice: Choice, most: int = MOST_ITEMS + 1) -> list[Row]:
    """The (person, lesson) pairs of the choice, learner by learner in the order of their names."""
    found, prompts = list[Row](), versions_in_force(session)
    for who in _who(choice):
        wanted = _pairs(choice, who, prompts).order_by(Person.name_key, Person.id, Lesson.lesson_number)
        found += [tuple(row) for row in session.execute(wanted.limit(most - len(found)))]
        if len(found) >= most:
            break
    return found


def start_batch(session: Session, actor: Actor, choice: Choice, starter: Starter) -> tuple[Job, bool]:
    """Start the batch, or answer the same one that is still at work; whether it is a new one.

    Raises DomainError when there is nothing to do or too much.
    """
    course = find_course(session, choice.course_id)
    most = choice.most or MOST_ITEMS + 1
    rows = [] if running(session, choice) else rows_of(session, choice, most)
    with unit(session):
        lock_key(session, company_of(session), "lessons.batch", choice.digest)
        known = running(session, choice)
        if known is not None:
            return known, False
        check_size(len(rows))
        items = [_item(row, course.key, fresh=choice.fresh) for row in rows]
        title = f"Personalize {plural(len(items), 'lesson')} of {course.name}"
        return starter.start(session, actor, BATCH, title, items, params=params_of(choice)), True


def params_of(choice: Choice) -> dict[str, Any]:
    """What the job of a choice is given."""
    return {
        "strategy": choice.strategy.value,
        "only": choice.only,
        "fall_back": choice.fall_back,
        "course_id": str(choice.course_id),
        "digest": choice.digest,
    }


def running(session: Session, choice: Choice) -> Job | None:
    """The batch of the same choice that is queued or at work."""
    live = select(Job).where(Job.kind == BATCH.name, Job.state.in_(LIVE)).order_by(Job.id.desc())
    digest = choice.digest
    jobs = session.scalars(live.limit(MOST_LIVE))
    return next((job for job in jobs if job.params.get("digest") == digest), None)


def check_size(items: int) -> None:
    """Raise DomainError when a batch of so many has nothing to do or too much."""
    if not items:
        raise DomainError(
            "There is nothing to write: all of these are there and current.", code="nothing_to_do"
        )
    if items > MOST_ITEMS:
        raise DomainError(too_many(), code="too_many")


def too_many() -> str:
    """Say that a batch is too large."""
    return (
        f"This is more than {MOST_ITEMS:,} lessons, the most of one batch. Choose fewer lessons or learners."
    )


def _item(row: Row, course_key: str, *, fresh: bool) -> NewItem:
    person_id, name, identifier, lesson_id, number = row
    params: dict[str, Any] = {"person_id": str(person_id), "lesson_id": str(lesson_id)}
    params |= {"user_id": identifier, "number": number}
    params["href"] = preview_path(number, identifier, course_key)
    if fresh:
        params["fresh"] = True
    return NewItem(f"Lesson {number} for {name.strip() or identifier}", params)


def _who(choice: Choice) -> Iterator[ColumnElement[bool]]:
    """The criteria that together name the learners: one, or one for every few thousand listed ids."""
    if choice.learners == "list":
        named = list(dict.fromkeys(one for one in choice.identifiers if "\0" not in one))
        yield from (Person.identifier.in_(part) for part in _parts(named))
    elif choice.learners == "answered":
        yield Survey.hash != ""
    elif choice.learners == "search":
        yield from LISTING.criteria({"q": choice.q}) if choice.q.strip() else ()
    else:
        yield Person.id.is_not(None)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _pairs(
    choice: Choice, who: ColumnElement[bool], prompts: dict[Strategy, str]
) -> Select[*tuple[Any, ...]]:
    mine = and_(PersonalLesson.person_id == Person.id, PersonalLesson.lesson_id == Lesson.id)
    pairs = (
        select(Person.id, Person.name, Person.identifier, Lesson.id, Lesson.lesson_number)
        .select_from(Person)
        .join(Lesson, Lesson.course_id == choice.course_id)
        .join(Course, Course.id == Lesson.course_id)
        .outerjoin(Survey, Survey.person_id == Person.id)
        .outerjoin(PersonalLesson, mine)
        .where(who)
    )
    if choice.lessons:
        pairs = pairs.where(Lesson.id.in_(choice.lessons))
    if choice.only == "missing":
        pairs = pairs.where(PersonalLesson.id.is_(None))
    elif choice.only == "stale":
        pairs = pairs.where(or_(PersonalLesson.id.is_(None), stale(prompts)))
        pairs = pairs.where(not_(_waits(ProposalKind.CANDIDATE, prompts)))
    if choice.unattended:
        pairs = pairs.where(func.trim(Person.name) != "", not_(_waits(ProposalKind.BLOCKED, prompts)))
        pairs = pairs.where(or_(Survey.hash != "", Course.basic_allowed))
    return pairs


def _waits(kind: ProposalKind, prompts: dict[Strategy, str]) -> ColumnElement[bool]:
    """Whether a text made from what is in force waits already for a person."""
    told = Proposal.content
    version = or_(
        *(
            and_(told["strategy"].as_string() == one.value, told["prompt_version"].as_string() == number)
            for one, number in prompts.items()
        )
    )
    return exists(
        select(Proposal.id).where(
            Proposal.person_id == Person.id,
            Proposal.lesson_id == Lesson.id,
            Proposal.kind == kind,
            told["template_number"].as_integer() == Lesson.template_mark,
            told["survey_hash"].as_string() == func.coalesce(Survey.hash, ""),
            told["voice_hash"].as_string() == Course.voice_hash,
            version,
        )
    )
