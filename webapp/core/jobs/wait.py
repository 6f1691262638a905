"""Waiting for a job inside a call, without starving the calls that do not wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.jobs.models import Job

FIRST_LOOK = 0.05
LONGEST_PAUSE = 0.4


@dataclass(frozen=True)
class Waiting:
    """A bounded number of places to wait in; a call that finds none is answered at once.

    Between two looks the caller holds no connection and no transaction, only its thread.
    """

    seconds: float
    places: int
    _free: threading.BoundedSemaphore = field(init=False)
    _never: threading.Event = field(init=False, default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Count the places."""
        object.__setattr__(self, "_free", threading.BoundedSemaphore(self.places))

    def until_over(self, session: Session, job_id: UUID) -> bool:
        """Wait until the job has ended; False when it has not, or when every place is taken."""

        def over(session: Session) -> bool:
            state = session.scalar(select(Job.state).where(Job.id == job_id))
            return state is None or not state.live

        return self.until(session, over)

    def until(self, session: Session, over: Callable[[Session], bool]) -> bool:
        """Wait until `over` answers true; False when it did not in time, or when every place is taken."""
        if not self._free.acquire(blocking=False):
            return False
        try:
            return self._watch(session, over)
        finally:
            self._free.release()
            session.expire_all()  # what was read before the wait is old

    def _watch(self, session: Session, over: Callable[[Session], bool]) -> bool:
        deadline, pause = time.monotonic() + self.seconds, FIRST_LOOK
        while True:
            ended = over(session)
            session.commit()
            if ended:
                return True
            if time.monotonic() + pause > deadline:
                return False
            self._never.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)
