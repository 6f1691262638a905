"""Views of lists that people keep under a name: a list's address, theirs alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant

LONGEST_NAME = 80
LONGEST_QUERY = 2_000


class SavedView(Tenant, Row, kw_only=True):
    """A list's search, filters and order, kept by one person. `query` is that part of the address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("company_id", "staff_id", "listing", "name"),)

    staff_id: Mapped[UUID]
    listing: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY), default="")
    created_at: Mapped[datetime]
