"""A job as its widget, its page and the API show it: plain values, words for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.jobs.models import ItemState, Job, JobEvent, JobItem, JobState
from webapp.core.llm.ledger import LlmCall
from webapp.core.llm.trouble import BY_CODE

MOST_REASONS = 20
MOST_TOLD = 3
MOST_EVENTS = 100


@dataclass(frozen=True)
class JobView:
    """What is shown of a job. `sentence` says where it stands; `reasons` counts failures by reason."""

    id: UUID
    kind: str
    title: str
    state: JobState
    total: int
    done: int
    failed: int
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    sentence: str
    next: str
    problem: str
    problem_code: str
    reasons: tuple[tuple[str, int], ...]
    stopping: bool
    rate: float | None

    @property
    def live(self) -> bool:
        """Whether it may still change by itself."""
        return self.state.live

    @property
    def finished(self) -> int:
        """How many items have ended, either way."""
        return self.done + self.failed


def view_of(session: Session, job: Job, now: datetime) -> JobView:
    """Read what the job's widget shows."""
    reasons = tuple(_reasons(session, job.id)) if job.failed else ()
    return JobView(
        id=job.id,
        kind=job.kind,
        title=job.title,
        state=job.state,
        total=job.total,
        done=job.done,
        failed=job.failed,
        asked_by=job.asked_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        sentence=_sentence(job, reasons, now),
        next=_next(job),
        problem=job.problem,
        problem_code=job.problem_code,
        reasons=reasons,
        rate=_rate(job, now),
        stopping=job.cancel_asked_at is not None and job.state is JobState.RUNNING,
    )


def _reasons(session: Session, job_id: UUID) -> list[tuple[str, int]]:
    rows = session.execute(
        select(JobItem.problem, func.count())
        .where(JobItem.job_id == job_id, JobItem.state == ItemState.FAILED)
        .group_by(JobItem.problem)
        .order_by(func.count().desc(), JobItem.problem)
        .limit(MOST_REASONS)
    )
    return [(problem, count) for problem, count in rows]


def _sentence(  # noqa: PLR0911  # one branch a state
    job: Job, reasons: tuple[tuple[str, int], ...], now: datetime
) -> str:
    if job.state is JobState.QUEUED:
        return "Waiting for a worker. It starts by itself; you can leave this page."
    if job.state is JobState.RUNNING and job.cancel_asked_at:
        return "Stopping…"
    if job.state is JobState.RUNNING:
        return f"{_progress(job, reasons)}{_left(job, now)} · you can leave this page"
    if job.state is JobState.CANCELLED:
        by = f" by {job.cancel_asked_by}" if job.cancel_asked_by else ""
        return f"Stopped{by}. {job.done} of {job.total} done; what is done is kept."
    if job.state is JobState.DONE:
        return "Done." if job.total == 1 else f"All {job.total} done."
    if job.state is JobState.DONE_WITH_FAILURES:
        return _progress(job, reasons)
    return job.problem or "It did not work."


def _progress(job: Job, reasons: tuple[tuple[str, int], ...]) -> str:
    if job.total == 1 and job.state is JobState.RUNNING:
        return "At work…"
    done = f"{job.done:,} of {job.total:,} done"
    if not job.failed:
        return done
    need = "needs" if job.failed == 1 else "need"
    return f"{done}, {job.failed:,} {need} attention ({_why(job, reasons)})"


def _why(job: Job, reasons: tuple[tuple[str, int], ...]) -> str:
    told = [f"{count:,}: {_short(reason)}" for reason, count in reasons[:MOST_TOLD]]
    others = job.failed - sum(count for _, count in reasons[:MOST_TOLD])
    return "; ".join([*told, *([f"{others:,} for other reasons"] if others > 0 else [])])


def _short(reason: str) -> str:
    """A failure's first sentence, as it reads behind a colon."""
    first = reason.split(". ", maxsplit=1)[0].rstrip(". ")
    return first[:1].lower() + first[1:] if first[1:2].islower() else first


def _left(job: Job, now: datetime) -> str:
    finished = job.done + job.failed
    rate = _rate(job, now)
    return f", about {_minutes((job.total - finished) / rate * 60)} left" if rate else ""


def _rate(job: Job, now: datetime) -> float | None:
    """Items a minute since the job began; None before the first has ended."""
    finished, until = job.done + job.failed, job.finished_at or now
    if not finished or job.started_at is None or job.total == 1:
        return None
    return finished / max(1.0, (until - job.started_at).total_seconds()) * 60


def _minutes(seconds: float) -> str:
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return "1 minute" if seconds < 90 else f"{round(seconds / 60)} minutes"


def _next(job: Job) -> str:
    if job.state is JobState.FAILED and job.problem_code in BY_CODE:
        return f"Nothing was saved. {BY_CODE[job.problem_code].advice}"
    if job.state is JobState.FAILED:
        return "Nothing was saved. Try again; if it stays so, look at the job’s page."
    if job.state in {JobState.DONE_WITH_FAILURES, JobState.CANCELLED, JobState.INTERRUPTED}:
        return "Trying again does only what is left."
    return ""


def events_of(session: Session, job_id: UUID) -> list[JobEvent]:
    """Answer the job's log, the latest first."""
    statement = select(JobEvent).where(JobEvent.job_id == job_id).order_by(JobEvent.id.desc())
    return list(session.scalars(statement.limit(MOST_EVENTS)))


def use_of(session: Session, job_id: UUID) -> tuple[int, int]:
    """Answer how many AI calls the job made, and what they cost in millionths of the currency unit."""
    count, cost = session.execute(
        select(func.count(LlmCall.id), func.coalesce(func.sum(LlmCall.cost), 0)).where(
            LlmCall.job_id == job_id
        )
    ).one()
    return int(count), int(cost)
