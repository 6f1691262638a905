"""How long a company keeps what, and who looked at whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant


class RetentionRule(Tenant, Row, kw_only=True):
    """How many days a company keeps one kind of data; None for good. Without a row the shipped age holds."""

    __tablename__ = "retention_rules"
    __table_args__ = (UniqueConstraint("company_id", "kind"),)

    kind: Mapped[str] = mapped_column(String(60))
    days: Mapped[int | None] = mapped_column(default=None)


class Look(Tenant, Row, kw_only=True):
    """That somebody of the staff opened a page of a person, a contact or a lead: once an hour and page.

    `subject_id` is whichever of the three it was. The row is its own trail, and goes with the person.
    """

    __tablename__ = "looks"
    __table_args__ = (
        UniqueConstraint("company_id", "subject_id", "staff_id", "page", "hour"),
        Index("ix_looks_by_at", "company_id", "at", "id"),
        Index("ix_looks_of_staff", "company_id", "staff_id", "at"),
    )

    staff_id: Mapped[UUID]
    page: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    hour: Mapped[datetime]
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.id", ondelete="CASCADE"), index=True, default=None
    )
    contact_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True, default=None
    )
    lead_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("leads.id", ondelete="CASCADE"), index=True, default=None
    )
