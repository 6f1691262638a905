"""Templates of lessons: each save is a whole version; any two can be compared, any one restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.lessons.courses import read_text
from webapp.lessons.facts import (
    LONGEST_SECTION,
    SECTIONS,
    LessonTexts,
    Section,
    default_template,
    texts_of,
)
from webapp.lessons.lessons import held_lesson
from webapp.lessons.models import Lesson, TemplateVersion

LONGEST_REASON = 300


def template_of(lesson: Lesson) -> LessonTexts:
    """The template in force: the lesson's own, else the one built from its title and description."""
    if lesson.template_number == 0:
        return default_template(lesson.title, lesson.description)
    return texts_of(lesson.template)


def versions_of(session: Session, lesson_id: UUID) -> list[TemplateVersion]:
    """The template's versions, the newest first."""
    mine = select(TemplateVersion).where(TemplateVersion.lesson_id == lesson_id)
    return list(session.scalars(mine.order_by(TemplateVersion.number.desc())))


def save_template(
    session: Session,
    actor: Actor,
    lesson_id: UUID,
    sections: Mapping[str, str],
    read_number: int,
    *,
    reason: str = "",
    clock: Clock,
    auditor: Auditor,
) -> Lesson:
    """Save the template as read at a version (0: there was none); an unchanged one makes no version.

    What was written for learners from an earlier version becomes stale. Raises Conflict when somebody
    saved in between, NotFound, or DomainError naming sections.
    """
    texts, why = clean_template(sections), _reason(reason)
    with unit(session):
        lesson = held_lesson(session, lesson_id)
        if lesson.template_number != read_number:
            message = "Somebody else saved this template while you were editing it."
            raise Conflict(message, details={"version": f"is {lesson.template_number} now"})
        write_template(session, actor, lesson, texts, why, clock=clock, auditor=auditor)
    return lesson


def restore_template(
    session: Session, actor: Actor, lesson_id: UUID, number: int, *, clock: Clock, auditor: Auditor
) -> Lesson:
    """Make a new version that says what version `number` said. Raises NotFound."""
    with unit(session):
        lesson = held_lesson(session, lesson_id)
        mine = select(TemplateVersion).where(TemplateVersion.lesson_id == lesson_id)
        found = session.scalar(mine.where(TemplateVersion.number == number))
        if found is None:
            raise NotFound("There is no such version.")
        texts, reason = texts_of(found.sections), f"Version {number} restored"
        action = AuditAction.TEMPLATE_RESTORED
        write_template(session, actor, lesson, texts, reason, clock=clock, auditor=auditor, action=action)
    return lesson


def write_template(
    session: Session,
    actor: Actor,
    lesson: Lesson,
    texts: LessonTexts,
    reason: str,
    *,
    clock: Clock,
    auditor: Auditor,
    action: AuditAction = AuditAction.TEMPLATE_CHANGED,
) -> bool:
    """Put the texts in force inside the caller's unit; answers whether they differ from what was."""
    changes = template_differences(lesson, texts)
    if not changes:
        return False
    lesson.template, lesson.template_number = texts.as_dict(), lesson.template_number + 1
    lesson.updated_at = clock.now()
    session.add(
        TemplateVersion(
            lesson_id=lesson.id,
            number=lesson.template_number,
            sections=texts.as_dict(),
            saved_at=lesson.updated_at,
            saved_by=actor.name,
            staff_id=actor.staff_id,
            reason=reason,
        )
    )
    auditor.record(session, actor, action, lesson, changes=changes, reason=reason)
    return True


def template_differences(lesson: Lesson, texts: LessonTexts) -> dict[str, tuple[str, str]]:
    """What the lesson's own template says and what it would, for each section where they differ."""
    saved, given = texts_of(lesson.template).as_dict(), texts.as_dict()
    return {name: (saved[name], given[name]) for name in SECTIONS if saved[name] != given[name]}


def clean_template(sections: Mapping[str, Any]) -> LessonTexts:
    """The sections as they are stored. Raises DomainError naming those that cannot be."""
    found, details = dict[str, str](), dict[str, str]()
    for name in SECTIONS:
        try:
            found[name] = read_section(sections.get(name) or "")
        except ValueError as error:
            details[name] = f"{Section(name).label}: {error}"
    if not details and not any(found.values()):
        details["summary"] = "Write at least one section: an empty template says nothing."
    if details:
        raise DomainError(" ".join(details.values()), code="invalid", details=details)
    return LessonTexts(**found)


def read_section(given: Any) -> str:
    """One section as it is stored. Raises ValueError with a sentence."""
    return read_text(given, LONGEST_SECTION)


def _reason(given: str) -> str:
    try:
        return read_text(given, LONGEST_REASON)
    except ValueError as error:
        raise DomainError(str(error), code="invalid", details={"reason": str(error)}) from None
