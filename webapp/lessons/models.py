"""Courses, lessons, their templates, and what was written for each learner."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, case
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes


class Strategy(enum.Enum):
    """How a lesson is made for a learner."""

    BASIC = "basic"
    TEMPLATE = "template"

    @property
    def label(self) -> str:
        """Say it in words."""
        return {"basic": "Basic (by rules)", "template": "Template (rewritten for the learner)"}[self.value]


class LessonState(enum.Enum):
    """What a person did with a personalized lesson."""

    UNREVIEWED = "unreviewed"
    APPROVED = "approved"
    EDITED = "edited"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return self.value

    @property
    def held(self) -> bool:
        """Whether a person vouched for it, so that nothing but a person replaces it."""
        return self is not LessonState.UNREVIEWED


class ProposalKind(enum.Enum):
    """Why a text waits beside the published one."""

    CANDIDATE = "candidate"  # good, but a person holds the published one
    BLOCKED = "blocked"  # a hard check failed, also after its repair
    TRIAL = "trial"  # somebody tries a strategy or a voice; nothing is saved


HELD = tuple(state for state in LessonState if state.held)
WAITING = (ProposalKind.CANDIDATE, ProposalKind.BLOCKED)  # trials belong to whoever asked for them


class Course(Tenant, Row, kw_only=True):
    """A course: whose voice it speaks in, what its lessons must hold to. `voice_hash` digests that."""

    __tablename__ = "courses"
    __table_args__ = (
        UniqueConstraint("company_id", "key"),
        *list_indexes("courses", ("name",), ("updated_at",)),
    )

    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20), default="en")
    voice: Mapped[str] = mapped_column(Text, default="")
    required_words: Mapped[list[Any]] = mapped_column(default_factory=list)
    banned_words: Mapped[list[Any]] = mapped_column(default_factory=list)
    lengths: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    basic_allowed: Mapped[bool] = mapped_column(default=False)
    serve_unreviewed: Mapped[bool] = mapped_column(default=True)
    nightly: Mapped[bool] = mapped_column(default=False)
    voice_hash: Mapped[str] = mapped_column(String(32), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")


class Lesson(Tenant, Row, kw_only=True):
    """A lesson of a course. `code` is its id in template files; `template_number` 0 means no template.

    `template` holds the sections in force, the same as the template version of that number.
    """

    __tablename__ = "lessons"
    __table_args__ = (
        UniqueConstraint("course_id", "lesson_number"),
        *list_indexes("lessons", ("title",), ("updated_at",)),
        Index("ix_lessons_by_number", "company_id", "lesson_number", "id"),
    )

    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    lesson_number: Mapped[int]
    code: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    template: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    template_number: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    title_key: Mapped[str] = key_of("title")

    @hybrid_property
    def template_mark(self) -> int:
        """What texts remember of the template they were made from: its number; without one it is made of
        title and description, which change with the lesson's version, so that stands here, below zero.
        """
        return self.template_number or -self.version

    @template_mark.inplace.expression
    @classmethod
    def _template_mark(cls) -> ColumnElement[int]:
        return case((cls.template_number == 0, -cls.version), else_=cls.template_number)


class TemplateVersion(Tenant, Row, kw_only=True):
    """One version of a lesson's template, whole: it can be compared and restored."""

    __tablename__ = "template_versions"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    number: Mapped[int]
    sections: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(200))
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(String(300), default="")


class PersonalLesson(Tenant, Row, kw_only=True):
    """The lesson that is served to one learner: one row for each (person, lesson)."""

    __tablename__ = "personal_lessons"
    __table_args__ = (
        UniqueConstraint("person_id", "lesson_id"),
        Index("ix_personal_lessons_lesson_state", "lesson_id", "state", "person_id"),
        Index("ix_personal_lessons_company_state", "company_id", "state"),
        Index(
            "ix_personal_lessons_company_flagged", "company_id", "state", "flagged", "lesson_id", "person_id"
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    sections: Mapped[dict[str, Any]]
    strategy: Mapped[Strategy]
    template_number: Mapped[int]
    survey_hash: Mapped[str] = mapped_column(String(32))
    voice_hash: Mapped[str] = mapped_column(String(32))
    prompt_version: Mapped[str] = mapped_column(String(40))
    model: Mapped[str] = mapped_column(String(120))
    findings: Mapped[list[Any]] = mapped_column(default_factory=list)
    taken_up: Mapped[list[Any]] = mapped_column(default_factory=list)
    flagged: Mapped[bool] = mapped_column(default=False)
    state: Mapped[LessonState] = mapped_column(default=LessonState.UNREVIEWED)
    reviewed_by: Mapped[str] = mapped_column(String(200), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(default=None)
    accepted: Mapped[str] = mapped_column(String(500), default="")
    call_id: Mapped[UUID | None] = mapped_column(default=None)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    written_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PersonalLessonVersion(Tenant, Row, kw_only=True):
    """One state of a personalized lesson, whole: what stood there can be seen, compared and restored."""

    __tablename__ = "personal_lesson_versions"
    __table_args__ = (UniqueConstraint("personal_lesson_id", "number"),)

    personal_lesson_id: Mapped[UUID] = mapped_column(ForeignKey("personal_lessons.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    state: Mapped[LessonState]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(200))
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(String(300), default="")


class Proposal(Tenant, Row, kw_only=True):
    """A text that waits beside the published one; see `ProposalKind`. `content` as in the versions.

    At most one candidate or blocked text waits for a (person, lesson). A trial belongs to whoever
    asked for it (`staff_id`); until its job has written it, `content` is empty.
    """

    __tablename__ = "lesson_proposals"
    __table_args__ = (
        Index("ix_lesson_proposals_pair", "person_id", "lesson_id", "kind"),
        Index("ix_lesson_proposals_lesson_kind", "lesson_id", "kind"),
        Index("ix_lesson_proposals_company_kind", "company_id", "kind", "created_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    kind: Mapped[ProposalKind]
    content: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    asked: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    created_at: Mapped[datetime]


class Turn(Tenant, Row, kw_only=True):
    """Whose turn it is to write a lesson for a learner: one job's at a time, as long as that job lives."""

    __tablename__ = "lesson_turns"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    job_id: Mapped[UUID]
    taken_at: Mapped[datetime]


class Attempt(Tenant, Row, kw_only=True):
    """One try to write a lesson: how it ended, for the statistics of lessons. `outcome` is "ok" or a code."""

    __tablename__ = "lesson_attempts"
    __table_args__ = (Index("ix_lesson_attempts_lesson_at", "lesson_id", "at"),)

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    strategy: Mapped[Strategy]
    outcome: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
