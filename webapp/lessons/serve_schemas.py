"""The serving call and what it keeps, on the wire, in snake_case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from webapp.core.wire import CompanyQuery, ListQuery, SnakeWire
from webapp.lessons.lessons import MOST_NUMBER
from webapp.lessons.models import LessonState, Strategy
from webapp.lessons.schemas import Number, OfCompany

CourseWord = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ServeIn(OfCompany):
    """Whose lesson; `course`, by key or id, only where the company has several."""

    user_id: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
    lesson_number: Number
    flush: bool = Field(False, strict=True, description="Write it anew even though it is current.")
    course: CourseWord | None = None


class PersonalSections(SnakeWire):
    """The six sections as the learner reads them; plain text."""

    summary: str
    previous_lessons: str
    why_watch: str
    quick_action: str
    homework: str
    social_share: str


class ServedOut(SnakeWire):
    """A lesson for a learner. `cached`: it was stored already; `stale`: what it was made from has changed."""

    success: Literal[True] = True
    html: str = Field(description="One section element; every value is escaped.")
    cached: bool
    personalization: PersonalSections
    stale: bool


class PersonalizationOut(SnakeWire):
    """A stored lesson of a learner."""

    course: str
    lesson_number: int
    title: str
    state: LessonState
    stale: bool
    stale_reasons: list[str]
    sections: PersonalSections
    strategy: Strategy
    model: str
    flagged: bool
    version: int
    written_at: datetime
    updated_at: datetime


class PersonalizationsOut(SnakeWire):
    """A page of a learner's lessons; `next` is the cursor of the following one."""

    items: list[PersonalizationOut]
    next: str | None


class LearnerPath(BaseModel):
    """Which learner."""

    user_id: str


class PersonalizationPath(LearnerPath):
    """Which learner's lesson."""

    lesson_number: int = Field(ge=0, le=MOST_NUMBER)


class LearnerQuery(ListQuery):
    """A page of a learner's lessons, all of a usual course at once."""

    limit: int = Field(200, ge=1, le=200)


class PersonalizationQuery(CompanyQuery):
    """The course, where the company has several."""

    course: CourseWord | None = None
