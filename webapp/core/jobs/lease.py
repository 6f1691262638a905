"""The claim on a job: compare-and-swap, a lease with a fencing token, a heartbeat."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

import structlog
from sqlalchemy import Update, and_, or_, select, update
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import every_company, unit
from webapp.core.jobs.models import Job, JobState, log_event

log = structlog.get_logger()


class LeaseLost(Exception):
    """Another worker holds the job now; nothing more may be written for it here."""


class JobCancelled(Exception):
    """Somebody asked the job to stop."""


@dataclass(frozen=True)
class Lease:
    """The right to write for one job until another claim takes it: every write names the fence."""

    job_id: UUID
    company_id: UUID
    fence: int
    seconds: float
    clock: Clock

    @contextmanager
    def unit(self, session: Session, *, stopping: bool = False) -> Iterator[Session]:
        """Run a writing transaction that commits only while this lease holds, and renews it.

        Raises before the body: LeaseLost when the fence has moved on or the job has ended, JobCancelled
        when somebody asked to stop (unless the unit is the one that ends the job, `stopping`).
        """
        with unit(session):
            if not self.renew(session, stopping=stopping):
                asked = session.scalar(
                    select(Job.id).where(
                        Job.id == self.job_id, Job.fence == self.fence, Job.cancel_asked_at.is_not(None)
                    )
                )
                raise JobCancelled if asked and not stopping else LeaseLost(str(self.job_id))
            yield session

    def renew(self, session: Session, *, stopping: bool = False) -> bool:
        """Push the lease's end ahead inside the caller's unit; False when it is lost."""
        until = self.clock.now() + timedelta(seconds=self.seconds)
        held = self.held(stopping=stopping).values(lease_until=until)
        return bool(session.execute(held).rowcount)  # type: ignore[attr-defined]

    def still_stopping(self, session: Session) -> None:
        """Say, in the caller's unit, that the process moves on with what its stop asks for."""
        moved = self.held(stopping=True).values(progress_at=self.clock.now())
        session.execute(moved)

    def held(self, *, stopping: bool = False) -> Update:
        """An update of the job that finds its row only while this lease holds and nobody asked to stop."""
        mine = update(Job).where(
            Job.id == self.job_id, Job.fence == self.fence, Job.state == JobState.RUNNING
        )
        return mine if stopping else mine.where(Job.cancel_asked_at.is_(None))


def claim(session: Session, job_id: UUID, worker: str, clock: Clock, seconds: float) -> Lease | None:
    """Take the job if it is queued, or running on an expired lease; None when it is not to be had.

    A job whose cancelling was asked for is never started; the sweeper ends it.
    """
    now = clock.now()
    free = or_(
        Job.state == JobState.QUEUED,
        and_(Job.state == JobState.RUNNING, or_(Job.lease_until.is_(None), Job.lease_until < now)),
    )
    # A worker serves every company; the job it finds tells which one it is confined to from then on.
    with every_company(session), unit(session):
        taken = session.execute(
            update(Job)
            .where(Job.id == job_id, free, Job.cancel_asked_at.is_(None))
            .values(
                state=JobState.RUNNING,
                fence=Job.fence + 1,
                claims=Job.claims + 1,
                worker=worker,
                lease_until=now + timedelta(seconds=seconds),
                progress_at=now,
            )
        )
        if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            return None
        job = session.get_one(Job, job_id)
        log_event(session, job, now, "started" if job.started_at is None else "taken up again", worker)
        job.started_at = job.started_at or now
        return Lease(job_id, job.company_id, job.fence, seconds, clock)


class Heartbeat:
    """A thread that renews the lease and hears of cancelling, on a session of its own.

    `stopped` is set when the job is to stop: asked to, or lost to another worker.
    """

    def __init__(self, lease: Lease, renew: Callable[[Lease], bool]) -> None:
        self._lease = lease
        self._renew = renew
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.stopped = threading.Event()

    def __enter__(self) -> Self:
        """Begin to beat."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Beat no more; the thread's last write is over when this returns."""
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        # Often enough that a stop is felt within a second and a missed beat loses nothing.
        while not self._ended.wait(min(1.0, self._lease.seconds / 4)):
            try:
                if not self._renew(self._lease):
                    self.stopped.set()
                    return
            except Exception as error:  # noqa: BLE001  # one failed beat is survived, the next may pass
                log.warning("a heartbeat failed", job=str(self._lease.job_id), why=str(error))
