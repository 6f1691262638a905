"""Requests of persons to have everything told, or everything erased, and what came of them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant


class RequestKind(enum.Enum):
    """What a person asks for."""

    EXPORT = "export"
    ERASE = "erase"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return {"export": "Export", "erase": "Erasure"}[self.value]


class RequestState(enum.Enum):
    """Where a request stands."""

    OPEN = "open"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return {"running": "at work"}.get(self.value, self.value)

    @property
    def waits(self) -> bool:
        """Whether something is still to be done."""
        return self in WAITING


WAITING = frozenset({RequestState.OPEN, RequestState.RUNNING, RequestState.FAILED})


class PrivacyRequest(Tenant, Row, kw_only=True):
    """One request. `known_as` is the user id or e-mail address that it names, empty once erased.

    `digest` is the same under the instance's key: it stays and names nobody. `report` counts rows by
    what they are; `file` is an export's random name below the instance's folder until `expires_at`.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        Index("ix_privacy_requests_by_asked", "company_id", "asked_at", "id"),
        Index("ix_privacy_requests_by_due", "company_id", "due_at", "id"),
        Index("ix_privacy_requests_state", "company_id", "state", "due_at"),
        Index("ix_privacy_requests_of", "company_id", "digest"),
    )

    kind: Mapped[RequestKind]
    state: Mapped[RequestState] = mapped_column(default=RequestState.OPEN)
    known_as: Mapped[str] = mapped_column(String(254))
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    done_by: Mapped[str] = mapped_column(String(200), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    file: Mapped[str] = mapped_column(String(60), default="")
    size: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)

    def late(self, now: datetime) -> bool:
        """Whether it is not answered although its day is over."""
        return self.state.waits and self.due_at < now
