"""Courses: whose voice lessons speak in and what they must hold to; saved as read at a version."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.checks import checked_language
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, new_id, unit
from webapp.core.errors import BadRequest, Conflict, DomainError, NotFound
from webapp.lessons.facts import DEFAULT_LENGTHS, SECTIONS, CourseFacts, Lengths, Section, voice_hash
from webapp.lessons.models import Course

KEY = re.compile(r"\w[\w.-]{0,59}")  # also the name of a folder
LONGEST_VOICE = 20_000
MOST_WORDS = 100
LONGEST_WORD = 100
MOST_LENGTH = 2_000  # words of one section
Values = dict[str, Any]


def find_course(session: Session, course_id: UUID) -> Course:
    """The company's course of this id. Raises NotFound."""
    found = session.scalar(select(Course).where(Course.id == course_id))
    if found is None:
        raise NotFound("There is no such course.", details={"course": "unknown"})
    return found


def course_named(session: Session, word: str | None) -> Course:
    """The course of this key or id; without a word the company's only one.

    Raises NotFound for an unknown one, BadRequest when a word is needed to tell several apart.
    """
    if not word:
        return _sole(session)
    known = "\0" not in word  # no column holds one, and PostgreSQL refuses to look for it
    found = session.scalar(select(Course).where(Course.key == word)) if known else None
    if found is None and re.fullmatch(r"[0-9a-fA-F-]{32,36}", word):
        found = session.scalar(select(Course).where(Course.id == _uuid(word)))
    if found is None:
        raise NotFound("There is no such course.", details={"course": "unknown"})
    return found


def _uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        return UUID(int=0)


def _sole(session: Session) -> Course:
    found = list(session.scalars(select(Course).order_by(Course.id).limit(2)))
    if not found:
        raise NotFound("The company has no course yet.", details={"course": "unknown"})
    if len(found) > 1:
        why = "The company has several courses: name one by its key."
        raise BadRequest(why, code="course_required", details={"course": why})
    return found[0]


def all_courses(session: Session) -> list[Course]:
    """The company's courses by name."""
    return list(session.scalars(select(Course).order_by(Course.name_key, Course.id)))


def lengths_of(stored: Mapping[str, Any]) -> Lengths:
    """How many words each section should have, with the usual ones where nothing is said."""
    given = {name: (int(pair[0]), int(pair[1])) for name, pair in stored.items() if name in SECTIONS}
    return {**DEFAULT_LENGTHS, **given}


def course_facts(course: Course) -> CourseFacts:
    """The course as its lessons are written for."""
    return CourseFacts(
        name=course.name,
        language=course.language,
        voice=course.voice,
        required_words=tuple(course.required_words),
        banned_words=tuple(course.banned_words),
        lengths=lengths_of(course.lengths),
    )


def create_course(
    session: Session, actor: Actor, values: Mapping[str, Any], *, clock: Clock, auditor: Auditor
) -> Course:
    """Save a new course. Raises DomainError naming the fields that cannot be stored."""
    given, now = clean_course(values), clock.now()
    with unit(session):
        _free(session, given["key"], None)
        course = Course(id=new_id(), **given, created_at=now, updated_at=now)
        course.voice_hash = voice_hash(course_facts(course))
        session.add(course)
        session.flush()
        traced = {name: (None, value) for name, value in given.items() if value not in ("", [], {})}
        auditor.record(session, actor, AuditAction.COURSE_CREATED, course, changes=traced)
    return course


def change_course(
    session: Session,
    actor: Actor,
    course_id: UUID,
    values: Mapping[str, Any],
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Course:
    """Save the course as read at a version; an unchanged one makes no version.

    Its lessons become stale when what changed decides how they are written. Raises Conflict when
    somebody saved in between, NotFound, or DomainError naming fields.
    """
    given = clean_course(values)
    with unit(session):
        course = _held(session, course_id)
        if course.version != read_version:
            message = "Somebody else saved this course while you were editing it."
            raise Conflict(message, details={"version": f"is {course.version} now"})
        _free(session, given["key"], course_id)
        changes = course_differences(course, given)
        for name, (_, value) in changes.items():
            setattr(course, name, value)
        if changes:
            course.version, course.updated_at = course.version + 1, clock.now()
            course.voice_hash = voice_hash(course_facts(course))
            auditor.record(session, actor, AuditAction.COURSE_CHANGED, course, changes=changes)
    return course


def delete_course(session: Session, actor: Actor, course_id: UUID, *, auditor: Auditor) -> None:
    """Delete the course with its lessons and all that was written for learners. Raises NotFound."""
    with unit(session):
        course = _held(session, course_id)
        auditor.record(
            session, actor, AuditAction.COURSE_DELETED, course, changes={"key": (course.key, None)}
        )
        session.delete(course)


def course_values(course: Course) -> Values:
    """What people decide of a course, by field."""
    return {
        **{name: getattr(course, name) for name in READERS},
        "lengths": {name: list(pair) for name, pair in lengths_of(course.lengths).items()},
    }


def course_differences(course: Course, given: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is saved and what would be, for each field where they differ."""
    saved = course_values(course)
    return {name: (saved[name], value) for name, value in given.items() if saved[name] != value}


def clean_course(values: Mapping[str, Any]) -> Values:
    """The fields as they are stored. Raises DomainError naming those that cannot be."""
    found, details = Values(), dict[str, str]()
    for name, read in {**READERS, "lengths": _lengths}.items():
        try:
            found[name] = read(values.get(name, DEFAULTS.get(name, "")))
        except ValueError as error:
            details[name] = str(error)
    if details:
        raise DomainError(" ".join(details.values()), code="invalid", details=details)
    return found


def read_key(given: Any) -> str:
    """A course's key. Raises ValueError with a sentence."""
    if not KEY.fullmatch(text := str(given).strip()):
        raise ValueError(
            "A course’s key has 1 to 60 letters, digits, dots, hyphens and underscores, and begins with "
            "a letter or digit."
        )
    return text


def read_name(given: Any) -> str:
    """A course's name. Raises ValueError with a sentence."""
    if not (text := read_text(given, 200)):
        raise ValueError("A course needs a name.")
    return text


def read_text(given: Any, longest: int) -> str:
    """A text as it is stored. Raises ValueError with a sentence when it cannot be."""
    text = str(given).replace("\r\n", "\n").strip()
    if "\0" in text:
        raise ValueError("This text holds a sign that cannot be stored (NUL). Remove it.")
    if len(text) > longest:
        raise ValueError(f"Keep this under {longest:,} characters; it has {len(text):,}.")
    return text


def read_language(given: Any) -> str:
    """A language's tag, English where nothing is said. Raises ValueError with a sentence."""
    text = read_text(given, 20)
    return checked_language(text) if text else "en"


def read_voice(given: Any) -> str:
    """The instructor's voice. Raises ValueError with a sentence."""
    return read_text(given, LONGEST_VOICE)


def _words(given: Any) -> list[str]:
    words = list(dict.fromkeys(" ".join(read_text(word, LONGEST_WORD).split()) for word in given or ()))
    if len(words) > MOST_WORDS:
        raise ValueError(f"Keep at most {MOST_WORDS} words; these are {len(words)}.")
    return [word for word in words if word]


def _lengths(given: Any) -> dict[str, list[int]]:
    found = lengths_of(given or {})
    for name, (least, most) in found.items():
        if not 0 <= least <= most <= MOST_LENGTH or not most:
            what = Section(name).label
            raise ValueError(f"{what}: give two numbers of words, the lower first, up to {MOST_LENGTH:,}.")
    return {name: list(pair) for name, pair in found.items()}


READERS: dict[str, Callable[[Any], Any]] = {
    "key": read_key,
    "name": read_name,
    "language": read_language,
    "voice": read_voice,
    "required_words": _words,
    "banned_words": _words,
    "basic_allowed": bool,
    "serve_unreviewed": bool,
    "nightly": bool,
}
DEFAULTS: Values = {
    "required_words": (),
    "banned_words": (),
    "lengths": {},
    "basic_allowed": False,
    "serve_unreviewed": True,
    "nightly": False,
}


def _free(session: Session, key: str, course_id: UUID | None) -> None:
    lock_key(session, "courses", company_of(session), key)
    taken = session.scalar(select(Course.id).where(Course.key == key))
    if taken and taken != course_id:
        why = "Another course has this key."
        raise DomainError(why, code="taken", details={"key": why})


def _held(session: Session, course_id: UUID) -> Course:
    found = session.scalar(select(Course).where(Course.id == course_id).with_for_update())
    if found is None:
        raise NotFound("There is no such course.", details={"course": "unknown"})
    return found
