"""Recommendations, outcomes and archetypes on the wire, in camelCase."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from webapp.archetypes.facts import Archetype, Selected, Way
from webapp.archetypes.rules.ruleset import Level
from webapp.core.wire import InCompany, Wire

Word = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, le=10**12)]


def _written(given: object) -> object:
    """A time as text with its hour: a number or a bare day could mean several moments."""
    if not isinstance(given, str) or "T" not in given.upper():
        raise ValueError("write the time like 2026-11-21T14:30:00Z")
    return given


class RecommendationIn(InCompany):
    """Who wants which night: by `leaseNightId`, or by `basePrice`, `currency` and `checkinDate`."""

    user_id: Word
    lease_night_id: Word | None = None
    base_price: Annotated[Decimal, Field(gt=0, le=10**12)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    checkin_date: date | None = None
    counterpart_id: Word | None = Field(None, description="Who is asked; their habits then count too.")
    swap_night_id: Word | None = Field(None, description="The night that would be given in a swap.")


class OptionOut(Wire):
    """One way to get the night. Prices in major units of `currency`; `savings` against the dearest."""

    type: Way
    price: float
    platform_fee: float
    total_cost: float
    savings: float
    priority: int
    recommended: bool
    confidence: float
    acceptance_probability: float
    reasoning: list[str]


class AnswerArchetype(Wire):
    """What the member is."""

    type: Archetype
    confidence: float
    is_manual_override: bool
    is_new_member: bool


class AnswerUrgency(Wire):
    """How soon the night is."""

    level: Level
    multiplier: float
    days_until_checkin: int
    message: str
    warn: bool
    suggested_action: str


class RecommendationOut(Wire):
    """The three options, the best first; `heldOut` members get the un-personalized default."""

    primary_recommendation: Way
    options: list[OptionOut]
    user_archetype: AnswerArchetype
    urgency: AnswerUrgency
    currency: str
    rule: int
    what_would_flip_it: list[str]
    held_out: bool
    log_id: str
    rule_set_version: int


class OutcomeIn(InCompany):
    """What the member did; `none` is to take nothing."""

    selected: Selected
    decided_after_seconds: Annotated[int, Field(strict=True, ge=0, le=31_536_000)] | None = None
    revenue: Amount | None = None


class OutcomeOut(Wire):
    """The outcome as it is recorded; `followed` when the recommended option was taken."""

    success: Literal[True] = True
    log_id: str
    selected: Selected
    recommended: Way
    followed: bool
    decided_after_seconds: int | None
    revenue: float | None


class LogPath(Wire):
    """One recommendation."""

    log_id: UUID = Field(alias="log_id")


class UserPath(Wire):
    """One member, by the company's own id."""

    user_id: str = Field(alias="user_id", max_length=200)


class OverrideIn(InCompany):
    """Staff's word, why, and until when."""

    archetype: Archetype
    reason: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
    expires_at: Annotated[datetime, BeforeValidator(_written)] | None = Field(
        None, description="With its zone; without one in the company’s own. Null: until it is reverted."
    )


class ArchetypeOut(Wire):
    """What a member is and why. `cached`: it was stored and fresh; a signal is null when unknown."""

    user_id: str
    type: Archetype
    label: str
    description: str
    confidence: float
    signals: dict[str, float | None]
    reasoning: list[str]
    is_new_member: bool
    is_manual_override: bool
    detected_type: Archetype
    detected_confidence: float
    override_reason: str | None
    override_by: str | None
    expires_at: datetime | None
    updated_at: datetime | None
    rule_set_version: int
    cached: bool
