"""The queue as a doorbell: it carries a job's id and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from webapp.core.store import Store

log = structlog.get_logger()
ANSWER = "webapp.core.jobs.work.answer"
NO_ALARM = -1  # an alarm inside the horse stops no native code; its worker watches from outside


@dataclass(frozen=True)
class Doorbell:
    """Rings for a job. A ring may be lost or doubled: the sweeper and the claim see to it."""

    store: Store

    def ring(self, job_id: UUID, queue: str) -> None:
        """Tell a worker of the job; when Redis is away the sweeper rings later."""
        try:
            self._queue(queue).enqueue(
                ANSWER, str(job_id), result_ttl=0, failure_ttl=60, job_timeout=NO_ALARM
            )
        except (RedisError, OSError) as error:
            log.warning(
                "the doorbell is away; the job waits for the sweeper", job=str(job_id), why=str(error)
            )

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self.store.redis, serializer=JSONSerializer)

    def waiting(self, queue: str) -> int | None:
        """Answer how many messages wait in the queue, or None when Redis is away."""
        try:
            return self._queue(queue).count
        except (RedisError, OSError):
            return None

    def workers(self) -> int:
        """Answer how many workers are alive."""
        try:
            return Worker.count(connection=self.store.redis)
        except (RedisError, OSError):
            return 0
