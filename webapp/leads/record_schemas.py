"""Leads and activities on the wire, in snake_case; a lead's `id` is the company's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    model_validator,
)

from webapp.core.money import LARGEST
from webapp.core.reading import LONGEST_IDENTIFIER, amount_text, read_moment
from webapp.core.wire import SnakeWire
from webapp.leads.facts import Stage
from webapp.leads.models import Activity, Lead
from webapp.leads.reading import LONGEST_KIND, LONGEST_NOTE, LONGEST_VALUE, Given, on_one_line

MOST_AT_ONCE = 1_000
NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
ON_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
CURRENCY = re.compile("[A-Za-z]{3}")


def _from_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def value(given: Any) -> Any:
        if given is None or isinstance(given, datetime):
            return given
        if not isinstance(given, str):
            raise ValueError("write this as a text")  # noqa: TRY004  # Pydantic hears ValueError alone
        return read(given)

    return value


def _no_bool(given: Any) -> Any:
    if isinstance(given, bool):
        raise ValueError("write this as a number")  # noqa: TRY004  # Pydantic hears ValueError alone
    return given


def _said(given: str) -> str:
    if not given.strip():
        raise ValueError("write something beside spaces")
    return given


def _lettered(given: str) -> str:
    if not CURRENCY.fullmatch(given):
        raise ValueError("write the currency’s three letters, such as EUR")
    return given


# The patterns are for the document; the callers are told in words.
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_IDENTIFIER),
    AfterValidator(_said),
    Field(json_schema_extra={"pattern": NOT_BLANK}),
]
LeadId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_IDENTIFIER),
    AfterValidator(_said),
    AfterValidator(on_one_line),
    Field(json_schema_extra={"pattern": ON_ONE_LINE}),
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_said),
    Field(json_schema_extra={"pattern": NOT_BLANK}),
]
Email = Annotated[str, StringConstraints(max_length=254)]
Moment = Annotated[
    datetime,
    BeforeValidator(_from_text(read_moment)),
    Field(description="RFC 3339; without a zone in the company’s own."),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_no_bool),
    Field(ge=0, le=LARGEST, description="A number or a decimal text, in major units of the currency."),
]
Currency = Annotated[
    str, AfterValidator(_lettered), Field(json_schema_extra={"pattern": f"^{CURRENCY.pattern}$"})
]
Scalar = (
    StrictBool
    | StrictInt
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | Annotated[str, StringConstraints(max_length=LONGEST_VALUE, strict=True)]
)
Version = Annotated[
    int,
    Field(ge=1, le=2**31 - 1, description="What was read; 409 when it is no more. May be left out."),
]


class LeadFields(SnakeWire):
    """What is known of a lead. What is left out stays as it is; `null` empties it."""

    name: Name | None = None
    email: Email | None = None
    source: str | None = Field(None, max_length=100)
    value: Amount | None = None
    currency: Currency | None = None
    stage: Stage | None = None
    owner: Email | None = Field(None, description="The e-mail address of a staff account of the company.")
    created_at: Moment | None = None
    stage_changed_at: Moment | None = None
    closed_at: Moment | None = None
    attributes: dict[str, Scalar | None] = Field(
        default_factory=dict, description="Numbers, texts, true and false by name; `null` forgets one."
    )

    def given(self) -> Given:
        """What it says, as files would write it."""
        said = self.model_dump(exclude={"company_hq_id", "version", "attributes"}, exclude_unset=True)
        return Given({name: _text(value) for name, value in said.items()}, dict(self.attributes))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(getattr(value, "value", value))


class UpsertedLead(LeadFields):
    """A lead of many: a new one, or what is said anew of the one with this `lead_id`."""

    lead_id: LeadId | None = None


class LeadIn(UpsertedLead):
    """A new lead; without a `lead_id` it gets one."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    name: Name


class LeadChange(LeadFields):
    """What is said anew of a lead."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    version: Version | None = None


class LeadsIn(SnakeWire):
    """Many leads, all saved or none."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    leads: list[UpsertedLead] = Field(min_length=1, max_length=MOST_AT_ONCE)


class LeadOut(SnakeWire):
    """A lead; `id` is the company's own identifier too. The value is an exact decimal text."""

    id: str
    company_hq_id: UUID = Field(alias="companyHQId")
    lead_id: str
    name: str
    email: str
    source: str
    value: str | None
    currency: str | None
    stage: Stage
    owner: str | None
    created_at: datetime
    stage_changed_at: datetime
    closed_at: datetime | None
    attributes: dict[str, Any]
    score: int
    probability: float | None = Field(description="0 to 100, by the owner’s model; null: not scored.")
    version: int
    updated_at: datetime

    @classmethod
    def of(cls, lead: Lead, owner: str) -> LeadOut:
        """The lead as calls answer it, with its owner's e-mail address."""
        minor = lead.value_minor
        return cls(
            id=lead.identifier,
            company_hq_id=lead.company_id,
            lead_id=lead.identifier,
            name=lead.name,
            email=lead.email,
            source=lead.source,
            value=None if minor is None else amount_text(minor, lead.currency),
            currency=lead.currency or None,
            stage=lead.stage,
            owner=owner or None,
            created_at=lead.opened_at,
            stage_changed_at=lead.stage_changed_at,
            closed_at=lead.closed_at,
            attributes=dict(lead.attributes),
            score=lead.score,
            probability=None if lead.probability is None else round(lead.probability * 100, 1),
            version=lead.version,
            updated_at=lead.updated_at,
        )


class LeadAnswer(SnakeWire):
    """One lead."""

    success: Literal[True] = True
    data: LeadOut
    message: str | None = None


class LeadPage(SnakeWire):
    """A page of leads; `next` is the cursor of the following one."""

    items: list[LeadOut]
    next: str | None


class LeadsAnswer(SnakeWire):
    """A page of leads."""

    success: Literal[True] = True
    data: LeadPage


class UpsertedOut(SnakeWire):
    """What became of many leads; `ids` in the order in which they were given."""

    created: int
    updated: int
    unchanged: int
    ids: list[str]


class UpsertedAnswer(SnakeWire):
    """What became of many leads."""

    success: Literal[True] = True
    data: UpsertedOut
    message: str


class DeletedOut(SnakeWire):
    """Which lead it was."""

    id: str


class DeletedAnswer(SnakeWire):
    """A lead is gone."""

    success: Literal[True] = True
    data: DeletedOut
    message: str


class LeadPath(BaseModel):
    """Which lead, by the company's own id."""

    lead_id: str


class ActivityFields(SnakeWire):
    """Something that happened with a lead."""

    kind: str | None = Field(None, min_length=1, max_length=LONGEST_KIND)
    at: Moment | None = Field(None, description="RFC 3339; now when left out.")
    activity_id: Id | None = Field(None, description="Your own id; the same one is counted once.")
    note: str | None = Field(None, max_length=LONGEST_NOTE)

    def texts(self) -> dict[str, str]:
        """What it says, as files would write it."""
        names = ("kind", "at", "activity_id", "note")
        return {name: _text(getattr(self, name)) for name in names}


class OneOfMany(ActivityFields):
    """One activity of many."""

    kind: str = Field(min_length=1, max_length=LONGEST_KIND)


class ActivityIn(ActivityFields):
    """One activity with its `kind`, or up to 1,000 of them as `activities`."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    activities: list[OneOfMany] | None = Field(None, min_length=1, max_length=MOST_AT_ONCE)

    @model_validator(mode="after")
    def _one_or_many(self) -> ActivityIn:
        alone = self.model_fields_set & {"kind", "at", "activity_id", "note"}
        if self.activities is None and self.kind is None:
            raise ValueError("give the kind of one activity, or many as activities")
        if self.activities is not None and alone:
            raise ValueError("give one activity or many as activities, not both")
        return self

    def told(self) -> list[dict[str, str]]:
        """All activities, as files would write them."""
        return [one.texts() for one in self.activities] if self.activities else [self.texts()]


class ActivityOut(SnakeWire):
    """An activity; `id` is the company's own identifier, or the one made up here."""

    id: str
    activity_id: str
    lead_id: str
    kind: str
    at: datetime
    note: str
    by: str

    @classmethod
    def of(cls, activity: Activity, lead: Lead) -> ActivityOut:
        """The activity as calls answer it."""
        return cls(
            id=activity.identifier,
            activity_id=activity.identifier,
            lead_id=lead.identifier,
            kind=activity.kind,
            at=activity.at,
            note=activity.note,
            by=activity.by,
        )


class ActivityPage(SnakeWire):
    """A page of activities, the newest first; `next` is the cursor of the following one."""

    items: list[ActivityOut]
    next: str | None


class ActivitiesAnswer(SnakeWire):
    """A page of activities."""

    success: Literal[True] = True
    data: ActivityPage


class RecordedOut(SnakeWire):
    """What was recorded: how many are new, and all that were told of."""

    recorded: int
    items: list[ActivityOut]


class RecordedAnswer(SnakeWire):
    """What was recorded."""

    success: Literal[True] = True
    data: ActivityOut | RecordedOut
    message: str
