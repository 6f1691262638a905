"""Nights and requests on the wire, in snake_case; amounts are exact decimal texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from webapp.archetypes.facts import DeclineReason, RequestStatus, Way
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.nights import night_texts
from webapp.archetypes.reading import MOST_DAYS, MOST_DEMAND
from webapp.core.money import LARGEST
from webapp.core.reading import LONGEST_IDENTIFIER, read_day, read_moment
from webapp.core.wire import SnakeWire

NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
ALIASES = {"company_hq_id", "version"}


def _from_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    def value(given: Any) -> Any:
        if not isinstance(given, str):
            raise ValueError("write this as a text")  # noqa: TRY004  # Pydantic hears ValueError alone
        return read(given)

    return value


def _no_bool(given: Any) -> Any:
    if isinstance(given, bool):
        raise ValueError("write this as a number")  # noqa: TRY004  # Pydantic hears ValueError alone
    return given


Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_IDENTIFIER, pattern=NOT_BLANK)]
Link = Annotated[str, StringConstraints(max_length=LONGEST_IDENTIFIER)]
Day = Annotated[date, BeforeValidator(_from_text(read_day))]
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
Demand = Annotated[Decimal, BeforeValidator(_no_bool), Field(gt=0, le=MOST_DEMAND)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$")]
Days = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version that was read; 409 when it is no more.")
]


class OfCompany(SnakeWire):
    """A body that may name its company by id or key; a token’s company may be left out."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)

    def texts(self) -> dict[str, str]:
        """What it says, as files would write it."""
        given = self.model_dump(exclude=ALIASES)
        return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "value", value))


class NightFields(OfCompany):
    """What people decide of a night."""

    date: Day
    base_price: Amount
    currency: Currency
    market_demand: Demand | None = None


class NightIn(NightFields):
    """A new night, known by the company's own identifier."""

    night_id: Id


class NightChange(NightFields):
    """All of a night; demand that is left out is not known."""

    version: Version


class NightOut(SnakeWire):
    """A night; `id` is the company's own identifier too. Amounts are exact decimal texts."""

    id: str
    company_hq_id: UUID = Field(alias="companyHQId")
    night_id: str
    date: date
    base_price: str
    currency: str
    market_demand: str | None
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, night: Night) -> NightOut:
        """The night as calls answer it."""
        texts = night_texts(night)
        return cls(
            id=night.identifier,
            company_hq_id=night.company_id,
            night_id=night.identifier,
            date=night.date,
            base_price=texts["base_price"],
            currency=night.currency,
            market_demand=texts["market_demand"] or None,
            version=night.version,
            created_at=night.created_at,
            updated_at=night.updated_at,
        )


class NightsOut(SnakeWire):
    """A page of nights; `next` is the cursor of the following one."""

    items: list[NightOut]
    next: str | None


class NightPath(BaseModel):
    """Which night."""

    night_id: str


class RequestFields(OfCompany):
    """What is known of a request. Persons are named by `user_id`."""

    requester: Id
    responder: Link | None = None
    night_id: Link | None = None
    kind: Way
    created_at: Moment
    days_until_checkin: Days
    base_price: Amount
    offered_price: Amount
    currency: Currency
    status: RequestStatus
    decline_reason: DeclineReason | None = None
    responded_at: Moment | None = None


class RequestIn(RequestFields):
    """A new request, known by the company's own identifier."""

    request_id: Id


class RequestChange(RequestFields):
    """All of a request; what is left out becomes empty."""

    version: Version


class RequestOut(SnakeWire):
    """A request; `id` is the company's own identifier too. Amounts are exact decimal texts."""

    id: str
    company_hq_id: UUID = Field(alias="companyHQId")
    request_id: str
    requester: str
    responder: str | None
    night_id: str | None
    kind: Way
    created_at: datetime
    days_until_checkin: int
    base_price: str
    offered_price: str
    currency: str
    status: RequestStatus
    decline_reason: DeclineReason | None
    responded_at: datetime | None
    version: int
    updated_at: datetime

    @classmethod
    def of(cls, request: MemberRequest, texts: Mapping[str, str]) -> RequestOut:
        """The request as calls answer it, with its texts by the wire's names."""
        return cls(
            id=request.identifier,
            company_hq_id=request.company_id,
            request_id=request.identifier,
            requester=texts["requester"],
            responder=texts["responder"] or None,
            night_id=texts["night_id"] or None,
            kind=request.kind,
            created_at=request.asked_at,
            days_until_checkin=request.days_until_checkin,
            base_price=texts["base_price"],
            offered_price=texts["offered_price"],
            currency=request.currency,
            status=request.status,
            decline_reason=request.decline_reason,
            responded_at=request.answered_at,
            version=request.version,
            updated_at=request.updated_at,
        )


class RequestsOut(SnakeWire):
    """A page of requests; `next` is the cursor of the following one."""

    items: list[RequestOut]
    next: str | None


class RequestPath(BaseModel):
    """Which request."""

    request_id: str
