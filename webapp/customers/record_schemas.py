"""Catalog items and offers on the wire, in snake_case; amounts are exact decimal texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)

from webapp.core.imports.kind import FURTHER
from webapp.core.money import LARGEST
from webapp.core.reading import LONGEST_IDENTIFIER, amount_text, read_moment
from webapp.core.wire import SnakeWire
from webapp.customers.facts import Slot
from webapp.customers.models import CatalogItem, Offer
from webapp.customers.reading import (
    LONGEST_ATTRIBUTE,
    LONGEST_BODY,
    LONGEST_TITLE,
    LONGEST_VALUE,
    LONGEST_WORD,
    MOST_CAP,
    MOST_PRIORITY,
)

NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
SAME = "The id that stands in the address, if it is said at all."
WORDS_DESCRIBED = "Words by fact; one of each named fact must be the customer’s. Empty: everybody."


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


Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_IDENTIFIER, pattern=NOT_BLANK)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TITLE, pattern=NOT_BLANK)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_no_bool),
    Field(ge=0, le=LARGEST, description="A number or a decimal text, in major units of the currency."),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$")]
Moment = Annotated[
    datetime,
    BeforeValidator(_from_text(read_moment)),
    Field(description="RFC 3339; without a zone in the company’s own."),
]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version that was read; 409 when it is no more.")
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WORD, pattern=NOT_BLANK)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ATTRIBUTE)]
Scalar = (
    StrictBool
    | StrictInt
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | Annotated[str, StringConstraints(max_length=LONGEST_VALUE, strict=True)]
)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


class OfCompany(SnakeWire):
    """A body that may name its company by id or key; a token’s company may be left out."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)


class Audience(SnakeWire):
    """Whom an offer is for: words by fact."""

    archetype: list[Word] | None = None
    lifecycle: list[Word] | None = None
    category: list[Word] | None = None
    locale: list[Word] | None = None
    segment: list[Word] | None = None


class ItemFields(OfCompany):
    """What people decide of an item."""

    title: Title
    category: str = Field("", max_length=LONGEST_WORD)
    price: Amount | None = None
    currency: Currency | None = Field(None, description="Left out: the company’s, where there is a price.")
    available: StrictBool = True
    attributes: dict[Name, Scalar] = Field(
        default_factory=dict, description="Kept as texts under names of your own."
    )

    def texts(self) -> dict[str, str]:
        """What it says, as files would write it."""
        given = self.model_dump(exclude={"company_hq_id", "version", "id", "attributes"})
        further = {f"{FURTHER}{name}": _text(value) for name, value in self.attributes.items()}
        return {**{name: _text(value) for name, value in given.items()}, **further}


class ItemIn(ItemFields):
    """A new item; without a `product_id` it gets one."""

    product_id: Id | None = None


class ItemChange(ItemFields):
    """All of an item; what is left out becomes empty. It may hold its ids as they were read."""

    version: Version
    id: str | None = Field(None, description=SAME)
    product_id: str | None = Field(None, description=SAME)


class ItemOut(SnakeWire):
    """An item; `id` is the company's own identifier too. The price is an exact decimal text."""

    id: str
    company_hq_id: UUID = Field(alias="companyHQId")
    product_id: str
    title: str
    category: str
    price: str | None
    currency: str | None
    available: bool
    attributes: dict[str, str]
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, item: CatalogItem) -> ItemOut:
        """The item as calls answer it."""
        minor = item.price_minor
        return cls(
            id=item.identifier,
            company_hq_id=item.company_id,
            product_id=item.identifier,
            title=item.title,
            category=item.category,
            price=None if minor is None else amount_text(minor, item.currency),
            currency=item.currency or None,
            available=item.available,
            attributes=dict(item.attributes),
            version=item.version,
            created_at=item.created_at,
            updated_at=item.updated_at,
        )


class ItemsOut(SnakeWire):
    """A page of items; `next` is the cursor of the following one."""

    items: list[ItemOut]
    next: str | None


class ItemPath(BaseModel):
    """Which item, by the company's own id."""

    product_id: str


class OfferFields(OfCompany):
    """What people decide of an offer."""

    title: Title
    body: str = Field("", max_length=LONGEST_BODY)
    audience: Audience = Field(default_factory=Audience, description=WORDS_DESCRIBED)
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    cap: int | None = Field(
        None, ge=1, le=MOST_CAP, strict=True, description="How many customers may have it."
    )
    priority: int = Field(0, ge=-MOST_PRIORITY, le=MOST_PRIORITY, strict=True)

    def texts(self) -> dict[str, str]:
        """What it says, as files would write it."""
        given = self.model_dump(exclude={"company_hq_id", "version", "id", "given", "audience"})
        audience = self.audience.model_dump(exclude_none=True)
        return {**{name: _text(value) for name, value in given.items()}, "audience": json.dumps(audience)}


class OfferIn(OfferFields):
    """A new offer; without an `offer_id` it gets one."""

    offer_id: Id | None = None


class OfferChange(OfferFields):
    """All of an offer; what is left out becomes empty. It may hold its ids and `given` as they were read."""

    version: Version
    id: str | None = Field(None, description=SAME)
    offer_id: str | None = Field(None, description=SAME)
    given: int | None = Field(None, description="As it was read; giving counts, this changes nothing.")


class OfferOut(SnakeWire):
    """An offer; `id` is the company's own identifier too, `given` how many customers have it."""

    id: str
    company_hq_id: UUID = Field(alias="companyHQId")
    offer_id: str
    title: str
    body: str
    audience: dict[str, list[str]]
    starts_at: datetime | None
    ends_at: datetime | None
    cap: int | None
    given: int
    priority: int
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> OfferOut:
        """The offer as calls answer it."""
        return cls(
            id=offer.identifier,
            company_hq_id=offer.company_id,
            offer_id=offer.identifier,
            title=offer.title,
            body=offer.body,
            audience=dict(offer.audience),
            starts_at=offer.starts_at,
            ends_at=offer.ends_at,
            cap=offer.cap,
            given=offer.given,
            priority=offer.priority,
            version=offer.version,
            created_at=offer.created_at,
            updated_at=offer.updated_at,
        )


class OffersOut(SnakeWire):
    """A page of offers; `next` is the cursor of the following one."""

    items: list[OfferOut]
    next: str | None


class OfferPath(BaseModel):
    """Which offer, by the company's own id."""

    offer_id: str


class SlotQuery(OfCompany):
    """Which slot is to be filled."""

    slot: Slot


class ShownOffer(SnakeWire):
    """An offer as a customer gets it. Its texts are plain: escape them where they are shown."""

    offer_id: str
    title: str
    body: str
    starts_at: datetime | None
    ends_at: datetime | None


class ShownOffersOut(SnakeWire):
    """The running offers that a customer is meant for, the most important first."""

    user_id: str
    offers: list[ShownOffer]
    personalized: bool

    @classmethod
    def of(cls, user_id: str, offers: list[Offer], *, personalized: bool) -> ShownOffersOut:
        """The offers as calls answer them."""
        shown = [
            ShownOffer(
                offer_id=one.identifier,
                title=one.title,
                body=one.body,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            for one in offers
        ]
        return cls(user_id=user_id, offers=shown, personalized=personalized)


class ContentOut(SnakeWire):
    """The text of a slot for a customer, or null. It is plain: escape it where it is shown."""

    user_id: str
    slot: Slot
    content_id: UUID | None
    content: str | None
    personalized: bool
