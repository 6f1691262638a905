"""Personas on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from webapp.core.wire import InCompany, Wire
from webapp.personas.answer import LONG, MOST_PAINS, SHORT
from webapp.personas.facts import LONGEST_TEXT
from webapp.personas.merge import Fields, clean

Short = Annotated[str, Field(max_length=SHORT)]
Long = Annotated[str, Field(max_length=LONG)]


class MaybeEmpty(InCompany):
    """A body that may be left out altogether."""

    @model_validator(mode="before")
    @classmethod
    def _nothing(cls, given: Any) -> Any:
        return {} if given is None else given


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


class AnalysisIn(MaybeEmpty):
    """What to prepare for; without a product the company itself is spoken of."""

    product_id: UUID | None = None
    mode: Literal["hydrate", "save"] = "hydrate"


class ObjectionOut(Wire):
    """What they may say, and what to answer."""

    objection: str
    answer: str


class AnalysisOut(Wire):
    """How to speak with a contact. One that nobody saved has no version."""

    contact_id: UUID
    version: int | None = None
    unreviewed: bool | None = None
    summary: str
    talk_track: str
    questions: list[str]
    objections: list[ObjectionOut]
    next_steps: list[str]
    sources: dict[str, list[str]]


class AnalysedOut(Wire):
    """What a call gave. `model` is "rules" when the built-in drafter wrote it."""

    success: bool
    analysis: AnalysisOut
    warnings: list[str] | None = None
    model: str
    prompt: str


class FitIn(MaybeEmpty):
    """Which company, where the token or the session does not say it."""


class FitOut(Wire):
    """A persona's best fit."""

    id: UUID
    persona_id: UUID
    product_id: UUID
    value_prop_to_them: str
    alignment_reasoning: str


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
