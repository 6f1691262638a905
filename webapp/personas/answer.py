"""The answer that any persona drafter gives, model or rules: its schema and the list of the eleven fields."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

SHORT = 300  # characters of a name, a title, a pain point
LONG = 1_200  # characters of a goal, a need, a pitch
MOST_PAINS = 8
MOST_SOURCES = 250  # facts that one field may name

Group = Literal["who", "wants", "company"]


@dataclass(frozen=True)
class FieldSpec:
    """One field of a persona: its names, its words for people, and what it asks for."""

    name: str
    wire: str
    label: str
    group: Group
    required: bool = False
    many: bool = False
    longest: int = SHORT


FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("person_name", "personName", "Persona name", "who", required=True),
    FieldSpec("title", "title", "Job title", "who", required=True),
    FieldSpec("role", "role", "Role in the purchase", "who"),
    FieldSpec("seniority", "seniority", "Seniority", "who"),
    FieldSpec("core_goal", "coreGoal", "Core goal", "wants", required=True, longest=LONG),
    FieldSpec("pain_points", "painPoints", "Pain points", "wants", many=True),
    FieldSpec(
        "need_for_our_product",
        "needForOurProduct",
        "Need for our product",
        "wants",
        required=True,
        longest=LONG,
    ),
    FieldSpec("potential_pitch", "potentialPitch", "Potential pitch", "wants", longest=LONG),
    FieldSpec("industry", "industry", "Industry", "company"),
    FieldSpec("company_size", "companySize", "Company size", "company"),
    FieldSpec("company", "company", "Type of company", "company"),
)
FIELDS_BY_WIRE: dict[str, FieldSpec] = {field.wire: field for field in FIELDS}


class FieldName(StrEnum):
    """The wire names of the eleven fields, closed so that a model cannot invent a twelfth."""

    PERSON_NAME = "personName"
    TITLE = "title"
    ROLE = "role"
    SENIORITY = "seniority"
    CORE_GOAL = "coreGoal"
    PAIN_POINTS = "painPoints"
    NEED_FOR_OUR_PRODUCT = "needForOurProduct"
    POTENTIAL_PITCH = "potentialPitch"
    INDUSTRY = "industry"
    COMPANY_SIZE = "companySize"
    COMPANY = "company"


def _text(longest: int) -> AfterValidator:
    """A check outside the schema: strict schemas of several servers refuse `maxLength` and `maxItems`."""

    def check(text: str | None) -> str | None:
        kept = (text or "").replace("\x00", "").strip()
        if len(kept) > longest:
            raise ValueError(f"must be at most {longest:,} characters, is {len(kept):,}")
        return kept or None

    return AfterValidator(check)


def _at_most(most: int) -> AfterValidator:
    def check(texts: list[str]) -> list[str]:
        if len(texts) > most:
            raise ValueError(f"must have at most {most} entries, has {len(texts)}")
        return texts

    return AfterValidator(check)


def _entry(text: str) -> str:
    if len(text) > SHORT:
        raise ValueError(f"must be at most {SHORT} characters, is {len(text):,}")
    return text.replace("\x00", "").strip()


def _no_blanks(texts: list[str]) -> list[str]:
    return [text for text in texts if text]


ShortText = Annotated[str | None, Field(description=f"At most {SHORT} characters."), _text(SHORT)]
LongText = Annotated[str | None, Field(description=f"At most {LONG} characters."), _text(LONG)]
Entry = Annotated[str, AfterValidator(_entry)]
ShortList = Annotated[
    list[Entry],
    Field(description=f"At most {MOST_PAINS} entries of at most {SHORT} characters."),
    AfterValidator(_no_blanks),
    _at_most(MOST_PAINS),
]


class Answer(BaseModel):
    """Base of the answers: wire names outside, every property required, nothing unknown (strict schemas)."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class FieldSource(Answer):
    """Which of the given facts one field was drawn from, by fact name ("contact title")."""

    field: FieldName
    facts: Annotated[list[Entry], AfterValidator(_no_blanks), _at_most(MOST_SOURCES)]


class PersonaDraft(Answer):
    """One drafted persona. What cannot be inferred is null (the list: empty), for a person to fill."""

    person_name: ShortText
    title: ShortText
    role: ShortText
    seniority: ShortText
    core_goal: LongText
    pain_points: ShortList
    need_for_our_product: LongText
    potential_pitch: LongText
    industry: ShortText
    company_size: ShortText
    company: ShortText
    sources: list[FieldSource]
    unused_facts: Annotated[list[Entry], AfterValidator(_no_blanks)]

    def missing(self) -> tuple[FieldSpec, ...]:
        """The required fields that came out empty, in the order of `FIELDS`."""
        return tuple(field for field in FIELDS if field.required and not getattr(self, field.name))


class RedraftedField(Answer):
    """A new wording of one field: `text` for single fields, `items` for the list, the other one null."""

    field: FieldName
    text: LongText
    items: ShortList | None

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        spec = FIELDS_BY_WIRE[self.field]
        if not spec.many and len(self.text or "") > spec.longest:
            raise ValueError(f"{self.field} must be at most {spec.longest} characters")
        return self

    @property
    def value(self) -> str | list[str] | None:
        """The new value in the field's own shape; what a model put into the other property is left out."""
        return list(self.items or []) if FIELDS_BY_WIRE[self.field].many else self.text


class FieldRedraft(Answer):
    """The answer to "draft these fields again": one entry for each field asked for."""

    fields: Annotated[list[RedraftedField], _at_most(len(FIELDS))]
