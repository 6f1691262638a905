"""What goes over the wire about what customers do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from webapp.core.checks import checked_identifier
from webapp.core.money import checked_currency
from webapp.core.wire import SnakeWire
from webapp.customers.tracking import MOST_AT_ONCE, Done

LONGEST_PROPERTIES = 4_000  # characters as JSON


def _small(given: dict[str, Any]) -> dict[str, Any]:
    try:
        length = len(json.dumps(given, allow_nan=False))
    except ValueError:
        raise ValueError("NaN and Infinity are no numbers of JSON") from None
    if length > LONGEST_PROPERTIES:
        raise ValueError(f"keep the properties under {LONGEST_PROPERTIES:,} characters")
    return given


def _aware(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    if given.tzinfo is None:
        raise ValueError("say the time zone, like 2026-11-21T09:30:00+01:00 or …Z")
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC this time is outside the years 1 to 9999") from None


UserId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(checked_identifier)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$"), AfterValidator(checked_currency)]


class EventIn(SnakeWire):
    """Something a customer did; without `timestamp` it is now. `event_id` makes a retry harmless."""

    user_id: UserId
    event_type: str = Field(max_length=100)
    product_id: Word | None = None
    query: str | None = Field(None, max_length=500)
    value: float | None = Field(None, ge=-1e12, le=1e12, allow_inf_nan=False)
    currency: Currency | None = None
    timestamp: Annotated[datetime | None, AfterValidator(_aware)] = None
    session_id: Word | None = None
    event_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^~]")] | None = None
    properties: Annotated[dict[str, Any], Field(default_factory=dict), AfterValidator(_small)]

    @property
    def done(self) -> Done:
        """The event as it is written down."""
        return Done(
            self.user_id,
            self.event_type,
            self.product_id,
            self.query,
            self.value,
            self.currency,
            self.timestamp,
            self.session_id,
            self.event_id,
            self.properties,
        )


class TrackIn(EventIn):
    """One event, in a company that may be named."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class EventsIn(SnakeWire):
    """Up to a thousand events; all are written or none."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    events: list[EventIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class TrackedOut(SnakeWire):
    """Whether it stands written; if not, why. `duplicate`: it stood there before, by its `event_id`."""

    tracked: bool
    reason: str | None = None
    duplicate: bool = False


class EventsTrackedOut(SnakeWire):
    """How many were written, were there before, and may not be written; each in the order of the events."""

    tracked: int
    duplicates: int
    refused: int
    results: list[TrackedOut]


class UserPath(SnakeWire):
    """A customer by the company's own id."""

    user_id: UserId


class HistoryQuery(SnakeWire):
    """A page of a history: of one kind, from a time on, before a time."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    event_type: str | None = Field(None, max_length=40)
    since: Annotated[datetime | None, AfterValidator(_aware)] = None
    until: Annotated[datetime | None, AfterValidator(_aware)] = None
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=500)


class EventOut(SnakeWire):
    """An event as it stands written."""

    event_id: str | None
    event_type: str
    timestamp: datetime
    product_id: str | None
    query: str | None
    value: float | None
    currency: str | None
    session_id: str | None
    properties: dict[str, Any]


class HistoryOut(SnakeWire):
    """Events, the newest first; `next` is the cursor of older ones."""

    user_id: str
    items: list[EventOut]
    next: str | None
