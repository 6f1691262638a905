"""A person the company knows by its own identifier, and their survey."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes


class Person(Tenant, Row, kw_only=True):
    """Someone whose experience is personalized: learner, member and customer in one record.

    `identifier` is the company's own (on the wire `user_id`), unique in the company.
    """

    __tablename__ = "persons"
    __table_args__ = (
        UniqueConstraint("company_id", "identifier"),
        *list_indexes("persons", ("name", "identifier", "email"), ("updated_at",)),
    )

    identifier: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    timezone: Mapped[str] = mapped_column(String(60), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    name_key: Mapped[str] = key_of("name")
    identifier_key: Mapped[str] = key_of("identifier")
    email_key: Mapped[str] = key_of("email")


class Survey(Tenant, Row, kw_only=True):
    """What a person said of themselves, by question. `hash` changes with what was said."""

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    answers: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    hash: Mapped[str] = mapped_column(String(32), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Tombstone(Tenant, Row, kw_only=True):
    """That somebody was erased: a keyed digest of the identifier, by which late records are refused."""

    __tablename__ = "tombstones"
    __table_args__ = (UniqueConstraint("company_id", "digest"),)

    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
