"""An import from its upload to its report: what was read, what it would do, what it did."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Row, Tenant


class ImportState(enum.Enum):
    """How far an import is. Nothing of it is in the lists before `done`, unless its kind adds by parts."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    WRITING = "writing"
    DONE = "done"

    @property
    def busy(self) -> bool:
        """Whether a job works on it."""
        return self in {ImportState.CHECKING, ImportState.WRITING}


class Import(Tenant, Row, kw_only=True):
    """One file on its way into a list.

    `stored` is its random name below the instance's folder, `staged` that of what was read of it, `mapping`
    leads from our columns to the file's headers, `progress` is in percent, the counts are rows of the file.
    """

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_newest", "company_id", "created_at", "id"),)

    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(200))
    stored: Mapped[str] = mapped_column(String(60))
    staged: Mapped[str] = mapped_column(String(100), default="")
    size: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str] = mapped_column(String(10))
    encoding: Mapped[str] = mapped_column(String(20))
    separator: Mapped[str] = mapped_column(String(1), default="")
    headers: Mapped[list[Any]] = mapped_column(default_factory=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    skip_bad: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ImportState] = mapped_column(default=ImportState.UPLOADED)
    progress: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    creates: Mapped[int] = mapped_column(default=0)
    updates: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    job_id: Mapped[UUID | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
