"""Personas on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

from webapp.personas.answer import LONG, MOST_PAINS, SHORT
from webapp.personas.facts import LONGEST_TEXT
from webapp.personas.merge import Fields, clean

Short = Annotated[str, Field(max_length=SHORT)]
Long = Annotated[str, Field(max_length=LONG)]


class Wire(BaseModel):
    """Base of the models: camelCase outside, unknown names refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_nul(cls, given: Any, info: ValidationInfo) -> Any:
        """No database column holds a NUL, and no person means one; an odd company is just not there."""
        if info.field_name != "company_hq_id" and any("\x00" in text for text in _texts(given)):
            raise ValueError("a text holds a NUL character")
        return given


def _texts(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list):
        for value in given.values() if isinstance(given, dict) else given:
            yield from _texts(value)


class InCompany(Wire):
    """A body that may name its company by id or key; a token’s company may be left out."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class PersonaIn(Wire):
    """The eleven fields of a persona."""

    person_name: Short = ""
    title: Short = ""
    role: Short | None = None
    seniority: Short | None = None
    core_goal: Long = ""
    pain_points: list[Short] = Field(default_factory=list, max_length=MOST_PAINS)
    need_for_our_product: Long = ""
    potential_pitch: Long | None = None
    industry: Short | None = None
    company_size: Short | None = None
    company: Short | None = None

    def fields(self) -> Fields:
        """Answer the fields by wire name, each in its shape."""
        given = self.model_dump(by_alias=True, include=set(PersonaIn.model_fields))
        return {wire: clean(wire, value) for wire, value in given.items()}


class GenerateIn(InCompany):
    """One product (or its description) and at most one source."""

    contact_id: UUID | None = None
    redis_key: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=LONGEST_TEXT)
    product_id: UUID | None = None
    product_description: str | None = Field(None, max_length=LONGEST_TEXT)
    mode: Literal["hydrate", "save"]

    @field_validator("redis_key", "description", "product_description")
    @classmethod
    def _stripped(cls, text: str | None) -> str | None:
        return (text or "").strip() or None


class SaveIn(InCompany):
    """A persona to be saved."""

    persona: PersonaIn


class UpdateIn(PersonaIn):
    """All fields, and the version they were read at."""

    version: int = Field(ge=1)


class PersonaOut(Wire):
    """A persona; a hydrated one has no id yet."""

    id: UUID | None = None
    version: int | None = None
    unreviewed: bool | None = None
    person_name: str
    title: str
    role: str
    seniority: str
    core_goal: str
    pain_points: list[str]
    need_for_our_product: str
    potential_pitch: str
    industry: str
    company_size: str
    company: str


class GenerateOut(Wire):
    """What a generation gave. `model` is "rules" when the built-in drafter wrote it."""

    success: bool
    persona: PersonaOut
    warnings: list[str] | None = None
    error: str | None = None
    model: str
    prompt: str


class SavedOut(PersonaOut):
    """A saved persona with its success."""

    success: bool = True


class AcceptedOut(Wire):
    """A job that goes on; ask its address for its end."""

    success: bool = True
    job_id: UUID
    state: str
    href: str


class ListOut(Wire):
    """A page of personas; `next` is the cursor of the following one."""

    items: list[PersonaOut]
    next: str | None


class PersonaPath(BaseModel):
    """Which persona."""

    persona_id: UUID


class ListQuery(Wire):
    """A page of a list."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=500)


class CompanyQuery(Wire):
    """The company, where a call has no body."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
