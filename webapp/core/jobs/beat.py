"""The heartbeat's write, on a connection of its own beside the one that works."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from sqlalchemy import Engine, NullPool, create_engine, select

from webapp.core.clock import Clock
from webapp.core.db import scope_to, unit
from webapp.core.db.base import EngineSession
from webapp.core.jobs.lease import Lease
from webapp.core.jobs.models import Job, JobState


class Beat:
    """Renews leases. The engine is made in the process that beats, after any fork."""

    def __init__(self, database: str, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(self._database, poolclass=NullPool, hide_parameters=True)

    def __call__(self, lease: Lease) -> bool:
        """Answer whether the work may go on: the lease is held and nobody asked to stop.

        It reads each time and writes only when a third of the lease is gone.
        """
        with EngineSession(self._engine, expire_on_commit=False) as session:
            scope_to(session, lease.company_id)
            row = session.execute(
                select(Job.fence, Job.state, Job.cancel_asked_at, Job.lease_until).where(
                    Job.id == lease.job_id
                )
            ).first()
            session.commit()
            if (
                row is None
                or row.fence != lease.fence
                or row.state is not JobState.RUNNING
                or row.cancel_asked_at
            ):
                return False
            left = row.lease_until - self._clock.now()
            if left > timedelta(seconds=lease.seconds * 2 / 3):
                return True
            with unit(session):
                return lease.renew(session)
