"""Persons and surveys on the wire, in snake_case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from webapp.core.wire import SnakeWire
from webapp.people.models import Person, Survey
from webapp.people.questions import LONGEST_ANSWER, LONGEST_QUESTION, MOST_ANSWERS

NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
NUMBER = Field(ge=1, le=2**31 - 1, description="The version that was read; 409 when it is no more.")
UserId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
Answer = Annotated[str, StringConstraints(max_length=LONGEST_ANSWER)]


class OfCompany(SnakeWire):
    """A body that may name its company by id or key; a token’s company may be left out."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class PersonTexts(SnakeWire):
    """What is known of a person."""

    name: str = Field("", max_length=200)
    email: str = Field("", max_length=254)
    language: str = Field("", max_length=20)
    timezone: str = Field("", max_length=60)


class PersonIn(OfCompany, PersonTexts):
    """A new person, known by the company's own identifier."""

    user_id: UserId


class PersonChange(OfCompany, PersonTexts):
    """All texts of a person; one that is left out becomes empty."""

    version: int = NUMBER


class PersonOut(PersonTexts):
    """A person; `id` is the company's own identifier too."""

    id: str
    user_id: str
    company_hq_id: UUID = Field(alias="companyHQId")
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        """The person as calls answer it."""
        return cls(
            id=person.identifier,
            user_id=person.identifier,
            company_hq_id=person.company_id,
            name=person.name,
            email=person.email,
            language=person.language,
            timezone=person.timezone,
            version=person.version,
            created_at=person.created_at,
            updated_at=person.updated_at,
        )


class PersonsOut(SnakeWire):
    """A page of persons; `next` is the cursor of the following one."""

    items: list[PersonOut]
    next: str | None


class SurveyIn(OfCompany):
    """All answers of a person by question; one that is left out is taken away."""

    answers: dict[Question, Answer] = Field(max_length=MOST_ANSWERS)
    version: int = Field(ge=0, le=2**31 - 1, description="The version that was read, 0 for none.")


class SurveyOut(SnakeWire):
    """What a person said of themselves; version 0 when nothing was ever saved."""

    user_id: str
    answers: dict[str, str]
    version: int
    updated_at: datetime | None

    @classmethod
    def of(cls, person: Person, survey: Survey | None) -> SurveyOut:
        """The survey as calls answer it."""
        return cls(
            user_id=person.identifier,
            answers=dict(survey.answers) if survey else {},
            version=survey.version if survey else 0,
            updated_at=survey.updated_at if survey else None,
        )


class PersonPath(BaseModel):
    """Which person."""

    user_id: str
