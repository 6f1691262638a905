"""What goes over the wire about what customers get to see."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from webapp.core.wire import SnakeWire
from webapp.customers.behavior_schemas import UserPath, Word
from webapp.customers.facts import Channel

MOST_FOUND = 500  # search results that are put in order


class ItemPath(UserPath):
    """A customer and an item."""

    product_id: Word


class ContextIn(SnakeWire):
    """Where the customer is."""

    product_id: Word | None = None
    category: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    basket: list[Word] = Field([], max_length=50)


class RecommendIn(SnakeWire):
    """What is asked for; `exclude` is never shown."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    limit: int = Field(20, ge=1, le=100)
    context: ContextIn = ContextIn()
    exclude: list[Word] = Field([], max_length=1_000)


class SuggestionOut(SnakeWire):
    """An item, how well it fits, and why it is shown."""

    product_id: str
    score: float
    reason: str


class RecommendOut(SnakeWire):
    """What the customer is shown, the best first; `personalized` when it rests on anything of their own."""

    user_id: str
    items: list[SuggestionOut]
    model: str
    personalized: bool


class DislikeIn(SnakeWire):
    """Less like this item."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    product_id: Word


class DislikesOut(SnakeWire):
    """The items that the customer wants less of."""

    user_id: str
    items: list[str]


class SectionOut(SnakeWire):
    """A part of the homepage. `products` are items, in the section of offers `offers` instead."""

    type: Literal["recommended_products", "recently_viewed", "trending", "offers"]
    title: str
    products: list[dict[str, Any]]


class HomepageOut(SnakeWire):
    """The homepage: sections without an item twice, and how the customer wants it to look."""

    user_id: str
    sections: list[SectionOut]
    layout: str
    theme: str
    personalized: bool


class FoundIn(SnakeWire):
    """A search result."""

    product_id: Word
    score: float = Field(0.0, allow_inf_nan=False)


class SearchIn(SnakeWire):
    """A search and what it found, the best first."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    query: str = Field("", max_length=500)
    products: list[FoundIn] = Field(max_length=MOST_FOUND)


class SearchOut(SnakeWire):
    """The same products in the customer's order, each with the score it came with."""

    user_id: str
    products: list[FoundIn]
    personalized: bool


class PriceOut(SnakeWire):
    """A price in major units of the currency, why, and until when it holds."""

    user_id: str
    product_id: str
    price: str
    base_price: str
    currency: str
    reason: str
    valid_until: datetime
    rules_version: int


class SendTimeQuery(SnakeWire):
    """The channel to write by."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    channel: Channel


class SendTimeOut(SnakeWire):
    """The best hour by the customer's clock, the next such moment, and how many engagements speak for it."""

    user_id: str
    channel: Channel
    hour: int
    send_at: datetime
    timezone: str
    own_engagements: int
    company_engagements: int
