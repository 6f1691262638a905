"""The RQ worker: it forks a process for each ring, watches it from outside, and takes orders to end."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog
from flask import Flask
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DeserializationError
from rq.job import Job as Message
from rq.serializers import JSONSerializer

from webapp.core.db import db
from webapp.core.jobs.doorbell import ANSWER
from webapp.core.jobs.run import process_name
from webapp.core.jobs.sweep import Hold
from webapp.core.services import Services

log = structlog.get_logger()
LOOK_SECONDS = 2  # between two looks at a work process


class Ring(Message):
    """A message as this worker reads it: it names our one function or nothing is called.

    Whoever can write into Redis could otherwise name any function of any module.
    """

    @property
    def func(self) -> Any:
        """The function to call. Raises ValueError when the message names another than ours."""
        if self.func_name != ANSWER:
            raise ValueError("a message that names another function is not answered")
        return super().func

    def execute_success_callback(self, *_: Any) -> None:
        """Call nothing: a message brings no functions."""

    def execute_failure_callback(self, *_: Any) -> None:
        """Call nothing."""

    def execute_stopped_callback(self, *_: Any) -> None:
        """Call nothing."""


class AppWorker(Worker):
    """A worker whose jobs run inside the application's context, in a process it may kill."""

    def __init__(self, app: Flask, queues: list[str]) -> None:
        self.app = app
        self._services: Services = app.extensions["atelier"]
        self._horse, self._held = "", False
        super().__init__(
            queues,
            connection=self._services.store.redis,
            serializer=JSONSerializer,
            job_class=Ring,
            job_monitoring_interval=LOOK_SECONDS,
        )

    def main_work_horse(self, *args: Any, **kwargs: Any) -> None:
        """Run the job in the forked process; connections of the parent stay the parent's."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            super().main_work_horse(*args, **kwargs)

    def setup_work_horse_signals(self) -> None:
        """Have the forked process finish its item when it is asked to end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._services.runner.drain.ask)

    def handle_warm_shutdown_request(self) -> None:
        """Pass the request to end on to the forked process."""
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def fork_work_horse(self, job: Message, queue: Queue) -> None:
        """Fork, and remember under which name the process claims its job."""
        super().fork_work_horse(job, queue)
        self._horse, self._held = process_name(self.horse_pid), False

    def execute_job(self, job: Message, queue: Queue) -> None:
        """Have the job done; what its process held when it ended is handed on at once."""
        try:
            super().execute_job(job, queue)
        finally:
            job_id = _job_of(job)
            if job_id and self._horse:
                with self.app.app_context():
                    self._services.sweeper.horse_ended(db.session(), job_id, self._horse)

    def set_current_job_working_time(self, *args: Any, **kwargs: Any) -> None:
        """Tell Redis, if it is there: a work process is watched in any case."""
        with suppress(RedisError, OSError):
            super().set_current_job_working_time(*args, **kwargs)

    def maintain_heartbeats(self, job: Message) -> None:
        """Stay alive for Redis, and look after the work process from outside."""
        with suppress(RedisError, OSError):
            super().maintain_heartbeats(job)
        job_id = _job_of(job)
        if job_id and not self._may_live(job_id):
            log.warning("a work process is ended from outside", job=str(job_id), worker=self._horse)
            self.kill_horse(signal.SIGKILL)

    def _may_live(self, job_id: UUID) -> bool:
        """Whether the process still works on its job: neither stuck, nor deaf, nor replaced."""
        try:
            with self.app.app_context():
                hold = self._services.sweeper.look(db.session(), job_id, self._horse)
        except Exception:
            log.exception("a work process could not be looked after; the next look follows")
            return True
        replaced, self._held = self._held and hold is Hold.ANOTHERS, self._held or hold is Hold.HOLDS
        return not replaced and hold is not Hold.OVER


def _job_of(message: Message) -> UUID | None:
    """Read which job the message rings for; None when it is none of ours."""
    try:
        return UUID(str(message.args[0]))
    except (DeserializationError, ValueError, IndexError, TypeError):
        return None
