"""Courses, lessons and templates on the wire, in snake_case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from webapp.core.wire import ListQuery, SnakeWire
from webapp.lessons.courses import LONGEST_VOICE, LONGEST_WORD, MOST_LENGTH, MOST_WORDS, lengths_of
from webapp.lessons.facts import LONGEST_SECTION, texts_of
from webapp.lessons.lessons import LONGEST_DESCRIPTION, MOST_NUMBER
from webapp.lessons.models import Course, Lesson
from webapp.lessons.templates import LONGEST_REASON, template_of

NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WORD)]
Words = Annotated[list[Word], Field(max_length=MOST_WORDS)]
Count = Annotated[int, Field(ge=0, le=MOST_LENGTH)]
Pair = Annotated[list[Count], Field(min_length=2, max_length=2)]
Prose = Annotated[str, StringConstraints(max_length=LONGEST_SECTION)]
Number = Annotated[int, Field(strict=True, ge=0, le=MOST_NUMBER)]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version that was read; 409 when it is no more.")
]


class OfCompany(SnakeWire):
    """A body that may name its company by id or key; a token’s company may be left out."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class LengthsWire(SnakeWire):
    """Words a section, from and to; a section that is left out has the usual ones."""

    summary: Pair | None = None
    previous_lessons: Pair | None = None
    why_watch: Pair | None = None
    quick_action: Pair | None = None
    homework: Pair | None = None
    social_share: Pair | None = None


class CourseFields(SnakeWire):
    """What people decide of a course."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NOT_BLANK)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
    language: str = Field("en", max_length=20)
    voice: str = Field("", max_length=LONGEST_VOICE)
    required_words: Words = Field(default_factory=list)
    banned_words: Words = Field(default_factory=list)
    lengths: LengthsWire = Field(default_factory=LengthsWire)
    basic_allowed: bool = False
    serve_unreviewed: bool = True
    nightly: bool = False


class CourseIn(OfCompany, CourseFields):
    """A new course."""


class CourseChange(OfCompany, CourseFields):
    """All of a course; what is left out becomes as in a new one."""

    version: Version


class CourseOut(CourseFields):
    """A course."""

    id: UUID
    company_hq_id: UUID = Field(alias="companyHQId")
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, course: Course) -> CourseOut:
        """The course as calls answer it."""
        return cls(
            id=course.id,
            company_hq_id=course.company_id,
            key=course.key,
            name=course.name,
            language=course.language,
            voice=course.voice,
            required_words=course.required_words,
            banned_words=course.banned_words,
            lengths=LengthsWire(**{name: list(pair) for name, pair in lengths_of(course.lengths).items()}),
            basic_allowed=course.basic_allowed,
            serve_unreviewed=course.serve_unreviewed,
            nightly=course.nightly,
            version=course.version,
            created_at=course.created_at,
            updated_at=course.updated_at,
        )


class CoursesOut(SnakeWire):
    """A page of courses; `next` is the cursor of the following one."""

    items: list[CourseOut]
    next: str | None


class LessonFields(SnakeWire):
    """What people decide of a lesson. `code` is its id in the names of template files."""

    lesson_number: Number
    title: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=NOT_BLANK)]
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    code: str = Field("", max_length=80)


class LessonIn(OfCompany, LessonFields):
    """A new lesson; `course` is a key or id and may be left out where there is one course."""

    course: str | None = Field(None, max_length=64)


class LessonChange(OfCompany, LessonFields):
    """All of a lesson but its template; what is left out becomes empty."""

    version: Version


class Sections(SnakeWire):
    """The six sections of a template."""

    summary: Prose = ""
    previous_lessons: Prose = ""
    why_watch: Prose = ""
    quick_action: Prose = ""
    homework: Prose = ""
    social_share: Prose = ""


class TemplateIn(OfCompany, Sections):
    """A template, whole. `version` is the template's that was read, 0 for none."""

    version: int = Field(ge=0, le=2**31 - 1)
    reason: str = Field("", max_length=LONGEST_REASON)


class TemplateOut(Sections):
    """A template; `default` when it was built from title and description, with version 0."""

    version: int
    default: bool


class LessonOut(LessonFields):
    """A lesson with the template in force."""

    id: UUID
    company_hq_id: UUID = Field(alias="companyHQId")
    course_id: UUID
    template: TemplateOut
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, lesson: Lesson) -> LessonOut:
        """The lesson as calls answer it."""
        default = lesson.template_number == 0
        texts = template_of(lesson) if default else texts_of(lesson.template)
        long = {name: text[:LONGEST_SECTION] for name, text in texts.as_dict().items()}
        return cls(
            id=lesson.id,
            company_hq_id=lesson.company_id,
            course_id=lesson.course_id,
            lesson_number=lesson.lesson_number,
            title=lesson.title,
            description=lesson.description,
            code=lesson.code,
            template=TemplateOut(**long, version=lesson.template_number, default=default),
            version=lesson.version,
            created_at=lesson.created_at,
            updated_at=lesson.updated_at,
        )


class LessonsOut(SnakeWire):
    """A page of lessons; `next` is the cursor of the following one."""

    items: list[LessonOut]
    next: str | None


class LessonsQuery(ListQuery):
    """A page of lessons, of one course where one is named by key or id."""

    course: str | None = Field(None, max_length=64)


class CoursePath(BaseModel):
    """Which course, by key or id."""

    course: str


class LessonPath(BaseModel):
    """Which lesson."""

    lesson_id: UUID
