"""The sweeper: rings again for what nobody works on, and ends what cannot go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import every_company, unit
from webapp.core.jobs.models import Job, JobState

log = structlog.get_logger()
PATIENCE = 5.0  # seconds a rung job may stay queued while its queue is empty
LONG_PATIENCE = 60.0  # while other messages wait there: its own may be among them, or lost
MOST_CLAIMS = 5  # a job whose worker died so often is set aside
SET_ASIDE = "This job ended its worker {claims} times and was set aside. Its finished items are kept."


@dataclass(frozen=True)
class Sweeper:
    """Looks over every company's live jobs. `waiting` answers how many messages a queue holds, or None."""

    clock: Clock
    ring: Callable[[UUID, str], None]
    waiting: Callable[[str], int | None]

    def sweep(self, session: Session) -> int:
        """Do one round; answers how many jobs were rung for or ended."""
        # The sweeper serves every company: it sees ids and states, never contents.
        with every_company(session):
            stuck = [(job.id, job.queue) for job in session.scalars(self._stuck())]
            session.commit()
            # Asked before any unit: a queue server that hangs must not hold the write lock.
            waiting = {queue: self.waiting(queue) for queue in {queue for _, queue in stuck}}
            return sum(self._mend(session, job_id, waiting[queue]) for job_id, queue in stuck)

    def _stuck(self) -> Select[Any]:
        now = self.clock.now()
        expired = and_(Job.state == JobState.RUNNING, or_(Job.lease_until.is_(None), Job.lease_until < now))
        unheard = and_(
            Job.state == JobState.QUEUED,
            or_(Job.rung_at.is_(None), Job.rung_at < now - timedelta(seconds=PATIENCE)),
        )
        return select(Job).where(or_(expired, unheard)).order_by(Job.id).limit(500)

    def _mend(self, session: Session, job_id: UUID, waiting: int | None) -> bool:
        with unit(session):
            job = session.scalar(self._stuck().where(Job.id == job_id).with_for_update())
            if job is None:
                return False
            if (job.state is JobState.RUNNING or job.cancel_asked_at) and self._ended(job):
                return True
            patience = PATIENCE if job.state is JobState.RUNNING or waiting == 0 else LONG_PATIENCE
            if not self._rung_before(job, patience):
                return False
            job.rung_at = self.clock.now()
            queue = job.queue
        log.info("ringing again", job=str(job_id))
        self.ring(job_id, queue)
        return True

    def _rung_before(self, job: Job, seconds: float) -> bool:
        return job.rung_at is None or job.rung_at < self.clock.now() - timedelta(seconds=seconds)

    def _ended(self, job: Job) -> bool:
        now = self.clock.now()
        if job.cancel_asked_at:
            job.state, job.finished_at = JobState.CANCELLED, now
        elif job.claims >= MOST_CLAIMS:
            job.state, job.finished_at = JobState.FAILED, now
            job.problem_code, job.problem = "set_aside", SET_ASIDE.format(claims=job.claims)
        else:
            return False
        job.fence += 1  # whoever still holds the old one may write no more
        return True
