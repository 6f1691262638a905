"""Products, contacts, personas with versions, fits and drafts, and the analyses of contacts."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes


class Product(Tenant, Row, kw_only=True):
    """What the company sells to other businesses: the context of a persona."""

    __tablename__ = "products"
    __table_args__ = list_indexes("products", ("name",), ("updated_at",))

    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    value_proposition: Mapped[str] = mapped_column(Text, default="")
    target_market: Mapped[str] = mapped_column(Text, default="")
    price_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")


class Contact(Tenant, Row, kw_only=True):
    """A real person at a prospect's company; an example of a type of buyer, never a persona."""

    __tablename__ = "contacts"
    __table_args__ = (
        *list_indexes("contacts", ("name", "company", "email"), ("updated_at",)),
        Index("ix_contacts_by_surname", "company_id", "name_by_surname", "name_key", "id"),
        Index("ix_contacts_in_industry", "company_id", "industry", "name_key", "id"),
    )

    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    seniority: Mapped[str] = mapped_column(String(100), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
    industry: Mapped[str] = mapped_column(String(200), default="")
    headcount: Mapped[str] = mapped_column(String(100), default="")
    revenue: Mapped[str] = mapped_column(String(100), default="")
    location: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")
    name_by_surname: Mapped[str] = key_of("name", "last_name_first")
    company_key: Mapped[str] = key_of("company")
    email_key: Mapped[str] = key_of("email")


class Persona(Tenant, Row, kw_only=True):
    """A hypothetical buyer in eleven short fields, each with where it came from.

    `provenance` maps a field's wire name to its origin; see `provenance.Origin`.
    """

    __tablename__ = "personas"
    __table_args__ = (
        *list_indexes("personas", ("person_name", "title", "company", "industry"), ("updated_at",)),
        Index("ix_personas_in_size", "company_id", "company_size", "person_name_key", "id"),
        Index("ix_personas_by_group", "company_id", "industry", "company_size"),
        Index("ix_personas_in_industry", "company_id", "industry", "person_name_key", "id"),
    )

    person_name: Mapped[str] = mapped_column(String(300))
    title: Mapped[str] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(300), default="")
    seniority: Mapped[str] = mapped_column(String(300), default="")
    core_goal: Mapped[str] = mapped_column(Text, default="")
    pain_points: Mapped[list[Any]] = mapped_column(default_factory=list)
    need_for_our_product: Mapped[str] = mapped_column(Text, default="")
    potential_pitch: Mapped[str] = mapped_column(Text, default="")
    industry: Mapped[str] = mapped_column(String(300), default="")
    company_size: Mapped[str] = mapped_column(String(300), default="")
    company: Mapped[str] = mapped_column(String(300), default="")
    provenance: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    built_from: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    unreviewed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    person_name_key: Mapped[str] = key_of("person_name")
    title_key: Mapped[str] = key_of("title")
    company_key: Mapped[str] = key_of("company")
    industry_key: Mapped[str] = key_of("industry")


class PersonaVersion(Tenant, Row, kw_only=True):
    """One save of a persona, whole: it can be compared field by field and restored."""

    __tablename__ = "persona_versions"
    __table_args__ = (UniqueConstraint("persona_id", "number"),)

    persona_id: Mapped[UUID] = mapped_column(ForeignKey("personas.id", ondelete="CASCADE"))
    number: Mapped[int]
    fields: Mapped[dict[str, Any]]
    provenance: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(200), default="")
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(String(200), default="")


class Source(enum.Enum):
    """What a draft is drawn from beside the product."""

    NOTHING = "nothing"
    CONTACT = "contact"
    ENRICHMENT = "enrichment"
    DESCRIPTION = "description"


class Draft(Tenant, Row, kw_only=True):
    """A persona on its way: what was generated and typed, before anybody saved it.

    The page that opens it makes its id, so that a repeated first request finds it again; a new
    persona takes the draft's id over. An ended draft keeps its row and loses its contents: a late
    request must find that it is over. `proposals` are re-drafts not yet taken, `undo` what they replaced.
    """

    __tablename__ = "persona_drafts"
    __table_args__ = (Index("ix_persona_drafts_open", "company_id", "ended_at", "updated_at"),)

    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    author: Mapped[str] = mapped_column(String(200), default="")
    persona_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("personas.id", ondelete="CASCADE"), default=None, index=True
    )
    base_version: Mapped[int] = mapped_column(default=0)
    product_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("products.id", ondelete="SET NULL"), default=None, index=True
    )
    product_description: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[Source] = mapped_column(default=Source.NOTHING)
    contact_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), default=None, index=True
    )
    enrichment_key: Mapped[str] = mapped_column(String(64), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    provenance: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    proposals: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    undo: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    warnings: Mapped[list[Any]] = mapped_column(default_factory=list)
    built_from: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class ProductFit(Tenant, Row, kw_only=True):
    """Why one product suits one persona; one row a pair.

    A removed fit keeps its row, so that removing can be undone; adding the pair again revives it.
    """

    __tablename__ = "product_fits"
    __table_args__ = (UniqueConstraint("persona_id", "product_id"),)

    persona_id: Mapped[UUID] = mapped_column(ForeignKey("personas.id", ondelete="CASCADE"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    value_prop_to_them: Mapped[str] = mapped_column(Text)
    alignment_reasoning: Mapped[str] = mapped_column(Text, default="")
    provenance: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    unreviewed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(default=None)


class FitProposal(Tenant, Row, kw_only=True):
    """A fit that nobody has taken yet: drafted by a job, or left over from the persona's own draft.

    Its product is one of the company's, or a description typed into the builder that may become one.
    """

    __tablename__ = "fit_proposals"
    __table_args__ = (UniqueConstraint("persona_id"),)

    persona_id: Mapped[UUID] = mapped_column(ForeignKey("personas.id", ondelete="CASCADE"))
    product_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE"), default=None, index=True
    )
    product_description: Mapped[str] = mapped_column(Text, default="")
    value_prop_to_them: Mapped[str] = mapped_column(Text, default="")
    alignment_reasoning: Mapped[str] = mapped_column(Text, default="")
    provenance: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    created_at: Mapped[datetime]


class ContactAnalysis(Tenant, Row, kw_only=True):
    """How to speak with one contact: what is saved, and beside it the draft that nobody has saved yet.

    `version` 0 says that nothing was ever saved. `draft` is empty, or the contents of a `merge.State`
    with the version it began from; it survives a reload and is ended by saving or discarding.
    """

    __tablename__ = "contact_analyses"
    __table_args__ = (UniqueConstraint("contact_id"),)

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    product_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("products.id", ondelete="SET NULL"), default=None, index=True
    )
    fields: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    provenance: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    built_from: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    unreviewed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=0)
    draft: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    drafted_by: Mapped[str] = mapped_column(String(200), default="")
    drafted_at: Mapped[datetime | None] = mapped_column(default=None)
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AnalysisVersion(Tenant, Row, kw_only=True):
    """One save of a contact's analysis, whole."""

    __tablename__ = "contact_analysis_versions"
    __table_args__ = (UniqueConstraint("analysis_id", "number"),)

    analysis_id: Mapped[UUID] = mapped_column(ForeignKey("contact_analyses.id", ondelete="CASCADE"))
    number: Mapped[int]
    fields: Mapped[dict[str, Any]]
    provenance: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(200), default="")
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(String(200), default="")
