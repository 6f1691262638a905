"""The job's row and its items: what was asked, by whom, how far it is, and how it ended."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Row, Tenant
from webapp.core.folded import key_of, list_indexes


class JobState(enum.Enum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DONE_WITH_FAILURES = "done with failures"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # set aside: its process ended again and again, or it was stuck

    @property
    def label(self) -> str:
        """The state in a word for people."""
        return self.value

    @property
    def live(self) -> bool:
        """Whether the job may still do something by itself."""
        return self in LIVE

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at it."""
        return self in {JobState.DONE_WITH_FAILURES, JobState.FAILED, JobState.INTERRUPTED}


LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})
ERASED = "erased"  # the problem's code of an item whose person is gone: nothing is written for it any more


class ItemState(enum.Enum):
    """Where one item of a job stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The state in a word for people."""
        return "needs attention" if self is ItemState.FAILED else self.value


class Job(Tenant, Row, kw_only=True):
    """One piece of background work. The row is the truth; the queue carries only its id."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("company_id", "idempotency_key"),
        Index("ix_jobs_state_lease", "state", "lease_until"),
        *list_indexes("jobs", ("title",)),
        Index("ix_jobs_company_created", "company_id", "created_at", "id"),
        Index("ix_jobs_company_state", "company_id", "state"),
        Index("ix_jobs_company_kind", "company_id", "kind"),
        Index("ix_jobs_company_asked_by", "company_id", "asked_by"),
        Index("ix_jobs_company_queue", "company_id", "queue"),
    )

    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    queue: Mapped[str] = mapped_column(String(20))
    params: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    staff_id: Mapped[UUID | None] = mapped_column(default=None)
    token_id: Mapped[UUID | None] = mapped_column(default=None)
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    idempotency_key: Mapped[str | None] = mapped_column(String(200), default=None)
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    rung_at: Mapped[datetime | None] = mapped_column(default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    claims: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(120), default="")
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    progress_at: Mapped[datetime | None] = mapped_column(default=None)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    cancel_asked_by: Mapped[str] = mapped_column(String(200), default="")
    problem_code: Mapped[str] = mapped_column(String(60), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    title_key: Mapped[str] = key_of("title")
    forgotten_at: Mapped[datetime | None] = mapped_column(default=None)


class JobItem(Tenant, Row, kw_only=True):
    """One effect of a job: it happens once, or says why it did not."""

    __tablename__ = "job_items"
    __table_args__ = (
        UniqueConstraint("job_id", "position"),
        Index("ix_job_items_job_state", "job_id", "state", "position"),
    )

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    position: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200))
    params: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    state: Mapped[ItemState] = mapped_column(default=ItemState.WAITING)
    outcome: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    problem_code: Mapped[str] = mapped_column(String(60), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class JobEvent(Tenant, Row, kw_only=True):
    """A line of a job's log: what happened to the job as a whole, and when."""

    __tablename__ = "job_events"
    __table_args__ = (Index("ix_job_events_job", "job_id", "id"),)

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    deed: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(300), default="")


def log_event(session: Session, job: Job, at: datetime, deed: str, note: str = "") -> None:
    """Add a line to the job's log inside the caller's unit."""
    line = JobEvent(job_id=job.id, at=at, deed=deed, note=note[:300])
    line.company_id = job.company_id  # a worker's unit may serve every company
    session.add(line)
