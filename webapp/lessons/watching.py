"""A job that is worked on here and watched line by line until it ends, whoever works on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO
from uuid import UUID

import click
import structlog
from flask import Flask
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.errors import DomainError
from webapp.core.jobs.models import ItemState, Job, JobItem, JobState
from webapp.core.jobs.run import Runner

log = structlog.get_logger()
LOOK_AGAIN = 0.2  # seconds
ENDED = (ItemState.DONE, ItemState.FAILED)
SKIPPED = frozenset({"current", "gone"})


@dataclass
class Outcome:
    """What a run came to, as `--json` tells it."""

    items: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0

    def add(self, user_id: str, number: int | None, result: str, error: str | None = None) -> None:
        """Note how one lesson ended."""
        told = {"user_id": user_id, "lesson_number": number, "result": result, "error": error}
        self.items.append(told)

    @property
    def failed(self) -> int:
        """How many did not come to be."""
        return sum(one["result"] == "failed" for one in self.items)

    def told(self, *, cancelled: bool) -> dict[str, Any]:
        """The whole document."""
        skipped = self.skipped + sum(one["result"] in SKIPPED for one in self.items)
        written = sum(one["result"] not in {"failed", *SKIPPED} for one in self.items)
        document = {"done": written, "failed": self.failed, "skipped": skipped, "items": self.items}
        return {**document, "cancelled": cancelled, "success": not (self.failed or cancelled)}


class Lines:
    """What is said while it runs: plain lines in a pipe, a bar on a terminal."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.bar: Any = None

    @contextmanager
    def through(self, total: int) -> Iterator[Lines]:
        """Count up to the total."""
        if not self.out.isatty():
            self.say("progress", f"0 of {total}")
            yield self
            return
        with click.progressbar(length=total, file=self.out, label="Lessons") as self.bar:
            yield self
        self.bar = None

    def say(self, mark: str, text: str) -> None:
        """Print a status line: progress, success, error, deletion or completion."""
        click.echo(f"{mark}: {text}", file=self.out)

    def ended(self, seen: int, total: int, told: dict[str, Any]) -> None:
        """Tell of one more that ended."""
        if self.bar is not None:
            self.bar.update(1)
        where = f"{told['user_id']} lesson {told['lesson_number']}"
        if told["result"] == "failed":
            self.say("error", f"{where}: {told['error']}")
        elif self.bar is None:
            mark = "deletion" if told["result"] == "gone" else "success"
            self.say(mark, f"{where}: {told['result']} ({seen} of {total})")


class Hands(threading.Thread):
    """Works on the job in this process. `over`: it ended; `broken`: on an error, before the job's own end."""

    def __init__(self, app: Flask, runner: Runner, job_id: UUID) -> None:
        super().__init__(name="personalize")
        self._app, self._runner, self._job_id = app, runner, job_id
        self.broken, self.over = False, threading.Event()

    def run(self) -> None:
        """Claim the job and work on it; at once over when another process has it."""
        with self._app.app_context():
            try:
                self._runner.run(self._job_id)
            except Exception:
                log.exception("the work on a job broke off", job=str(self._job_id))
                self.broken = True
        self.over.set()

    @property
    def at_work(self) -> bool:
        """Whether it has not ended yet."""
        return not self.over.is_set()


@dataclass(frozen=True)
class Standing:
    """How the job stands. `nobodys`: it waits, or its worker's lease ran out."""

    state: JobState
    nobodys: bool
    stopping: bool


class Watch:
    """Tells of a job's items as they end. `hire` makes new hands for it, not yet at work."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        job_id: UUID,
        hire: Callable[[], Hands],
        lines: Lines,
        outcome: Outcome,
    ) -> None:
        self._session, self._clock, self._job_id, self._hire = session, clock, job_id, hire
        self._lines, self._outcome = lines, outcome
        self._seen = 0
        self._first = 0  # the first place whose item was not seen to end
        self._beyond = set[int]()  # places behind it whose items were
        self._pause = threading.Event()

    def followed(self, stop: Callable[[], object], *, ours: bool) -> bool:
        """Work on the job and tell of it until it ends; whether it was stopped, or only left by Ctrl-C.

        Another process may have it: then it is followed, and taken up here should its lease run out.
        Ctrl-C stops a job that is `ours` or worked on here, and leaves another's alone.
        Raises DomainError when the work here breaks off.
        """
        hands: Hands | None = None
        while True:
            try:
                hands = hands or self._hired()  # in here, so that Ctrl-C is understood from the first moment
                job = self._look()
                if not job.state.live or (job.stopping and job.nobodys):
                    hands.join()
                    return job.state is not JobState.DONE and job.stopping
                if not hands.at_work:
                    hands = self._again(job, hands)
                self._pause.wait(LOOK_AGAIN)
            except KeyboardInterrupt:
                self._session.rollback()
                if not (ours or (hands is not None and hands.at_work)):
                    self._lines.say("progress", "no longer following; the job goes on where it is at work")
                    return True
                self._lines.say("progress", "stopping; what is written stays")
                stop()

    def _hired(self) -> Hands:
        hands = self._hire()
        hands.start()
        return hands

    def _again(self, job: Standing, hands: Hands) -> Hands:
        """New hands where nobody's are at work on the job any more, else the old ones."""
        if hands.broken:
            raise DomainError(
                f"The work on job {self._job_id} broke off; the log has the details. What is written stays; "
                "ask again for the rest.",
                code="broken_off",
            )
        return self._hired() if job.nobodys else hands

    def _look(self) -> Standing:
        """Tell of what ended since the last look; how the job stood just before."""
        self._session.rollback()
        asked = select(Job.state, Job.total, Job.lease_until, Job.cancel_asked_at)
        state, total, lease, stopping = self._session.execute(asked.where(Job.id == self._job_id)).one()
        for place, ended, params, outcome, problem in self._ended():
            self._seen += 1
            self._beyond.add(place)
            result = "failed" if ended is ItemState.FAILED else str(outcome.get("result", "published"))
            self._outcome.add(str(params["user_id"]), int(params["number"]), result, problem or None)
            self._lines.ended(self._seen, total, self._outcome.items[-1])
        while self._first in self._beyond:
            self._beyond.remove(self._first)
            self._first += 1
        self._session.rollback()
        nobodys = state.live and (lease is None or lease < self._clock.now())
        return Standing(state, nobodys, stopping is not None)

    def _ended(self) -> Sequence[Row[int, ItemState, dict[str, Any], dict[str, Any], str]]:
        """The items that ended since, in that order; hands take them by place, so few are read twice."""
        asked = select(JobItem.position, JobItem.state, JobItem.params, JobItem.outcome, JobItem.problem)
        mine = asked.where(
            JobItem.job_id == self._job_id,
            JobItem.state.in_(ENDED),
            JobItem.position >= self._first,
            JobItem.position.not_in(self._beyond),
        )
        return self._session.execute(mine.order_by(JobItem.finished_at, JobItem.position)).all()
