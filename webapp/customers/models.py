"""Preferences and consents, the catalog, what customers did, what they are offered, models and prices."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes
from webapp.customers.facts import Layout, Purpose, Slot, Theme


class CustomerSettings(Tenant, Row, kw_only=True):
    """How a company runs the service: defaults of preferences, consent first or not, switches, limits.

    `off` names features that are switched off. The row is read by each call, so a switch counts at once.
    """

    __tablename__ = "customer_settings"
    __table_args__ = (UniqueConstraint("company_id"),)

    defaults: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    consent_first: Mapped[bool] = mapped_column(default=True)
    wording: Mapped[str] = mapped_column(String(40), default="1")
    off: Mapped[list[Any]] = mapped_column(default_factory=list)
    search_shift: Mapped[int] = mapped_column(default=5)
    retention_days: Mapped[int] = mapped_column(default=730)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class Preference(Tenant, Row, kw_only=True):
    """What one customer said; None is unsaid and follows the company's default. `version` is the ETag."""

    __tablename__ = "customer_preferences"
    __table_args__ = (UniqueConstraint("company_id", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    language: Mapped[str | None] = mapped_column(String(35), default=None)
    currency: Mapped[str | None] = mapped_column(String(3), default=None)
    theme: Mapped[Theme | None] = mapped_column(default=None)
    layout: Mapped[Layout | None] = mapped_column(default=None)
    timezone: Mapped[str | None] = mapped_column(String(60), default=None)
    email: Mapped[bool | None] = mapped_column(default=None)
    sms: Mapped[bool | None] = mapped_column(default=None)
    push: Mapped[bool | None] = mapped_column(default=None)
    tracking_enabled: Mapped[bool | None] = mapped_column(default=None)
    personalized_ads: Mapped[bool | None] = mapped_column(default=None)
    data_sharing: Mapped[bool | None] = mapped_column(default=None)
    functional: Mapped[bool | None] = mapped_column(default=None)
    analytics: Mapped[bool | None] = mapped_column(default=None)
    marketing: Mapped[bool | None] = mapped_column(default=None)
    quiet_from: Mapped[time | None] = mapped_column(default=None)
    quiet_until: Mapped[time | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Consent(Tenant, Row, kw_only=True):
    """A change of a consent: what, whether granted, when, by whom or which client, under which wording."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_of_person", "company_id", "person_id", "at"),
        Index("ix_consents_by_at", "company_id", "at", "id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Purpose]
    granted: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200), default="")
    wording: Mapped[str] = mapped_column(String(40), default="")


class CatalogItem(Tenant, Row, kw_only=True):
    """What a customer can view and buy (`product_id` on the wire). Money in the currency's minor units."""

    __tablename__ = "catalog_items"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        *list_indexes("catalog_items", ("title", "identifier"), ("updated_at", "price_minor")),
        Index("ix_catalog_items_in_category", "company_id", "category", "available"),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(300))
    category: Mapped[str] = mapped_column(String(100), default="")
    price_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    currency: Mapped[str] = mapped_column(String(3), default="")
    available: Mapped[bool] = mapped_column(default=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    title_key: Mapped[str] = key_of("title")
    identifier_key: Mapped[str] = key_of("identifier")


class Event(Tenant, Row, kw_only=True):
    """Something a customer did. `identifier` is the caller's `event_id`, or made up: a retry is harmless.

    The item is kept by the company's own id, since events come before, and outlive, the catalog's rows.
    """

    __tablename__ = "customer_events"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        Index("ix_customer_events_of_person", "person_id", "at", "kind", "item", "value", "company_id"),
        Index("ix_customer_events_at", "company_id", "at"),
        Index("ix_customer_events_of_item", "company_id", "item", "at"),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    item: Mapped[str | None] = mapped_column(String(200), default=None)
    query: Mapped[str | None] = mapped_column(String(500), default=None)
    value: Mapped[float | None] = mapped_column(default=None)
    currency: Mapped[str | None] = mapped_column(String(3), default=None)
    session: Mapped[str | None] = mapped_column(String(200), default=None)
    properties: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    received_at: Mapped[datetime]


class Dislike(Tenant, Row, kw_only=True):
    """“Less like this”: an item that a customer does not want to see, nor what is like it."""

    __tablename__ = "customer_dislikes"
    __table_args__ = (UniqueConstraint("company_id", "person_id", "item"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    item: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Offer(Tenant, Row, kw_only=True):
    """What some customers are offered for a while; `cap` is how many may have it."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        *list_indexes("offers", ("title", "identifier"), ("updated_at", "starts_at")),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    cap: Mapped[int | None] = mapped_column(default=None)
    given: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    title_key: Mapped[str] = key_of("title")
    identifier_key: Mapped[str] = key_of("identifier")


class OfferGiven(Tenant, Row, kw_only=True):
    """That a customer got an offer, once: the cap counts customers, not looks."""

    __tablename__ = "offers_given"
    __table_args__ = (UniqueConstraint("company_id", "offer_id", "person_id"),)

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]


class ContentBlock(Tenant, Row, kw_only=True):
    """A text for a slot, whom it is for, when, and what stands in for a variable that nothing is known of."""

    __tablename__ = "content_blocks"
    __table_args__ = (
        *list_indexes("content_blocks", ("name",), ("updated_at",)),
        Index("ix_content_blocks_in_slot", "company_id", "slot", "priority"),
    )

    name: Mapped[str] = mapped_column(String(200))
    slot: Mapped[Slot]
    body: Mapped[str] = mapped_column(Text)
    audience: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    fallbacks: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    priority: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")


class RecommenderModel(Tenant, Row, kw_only=True):
    """One trained version of a company's recommender; its numbers stand in a file of the instance."""

    __tablename__ = "recommender_models"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    number: Mapped[int]
    method: Mapped[str] = mapped_column(String(20))  # ease, als
    adopted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500))
    events: Mapped[int]
    customers: Mapped[int]
    items: Mapped[int]
    seconds: Mapped[float]
    quality: Mapped[dict[str, Any]]
    trained_at: Mapped[datetime]
    trained_by: Mapped[str] = mapped_column(String(200), default="")
    in_force: Mapped[bool] = mapped_column(default=False)


class PriceRules(Tenant, Row, kw_only=True):
    """One version of a company's dynamic prices; a published one never changes."""

    __tablename__ = "price_rules"
    __table_args__ = (UniqueConstraint("company_id", "number"),)

    number: Mapped[int]
    rules: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[str] = mapped_column(String(200), default="")
    in_force: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PriceQuote(Tenant, Row, kw_only=True):
    """A price that a customer was told, why, and until when it holds; the row is its own trail."""

    __tablename__ = "price_quotes"
    __table_args__ = (
        Index("ix_price_quotes_of", "company_id", "person_id", "item", "valid_until"),
        Index("ix_price_quotes_at", "company_id", "at", "id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    item: Mapped[str] = mapped_column(String(200))
    base_minor: Mapped[int] = mapped_column(BigInteger)
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    rules: Mapped[int]
    reasons: Mapped[list[Any]]
    at: Mapped[datetime]
    valid_until: Mapped[datetime]
