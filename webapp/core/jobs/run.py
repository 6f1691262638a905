"""Run a claimed job: item after item, each effect once, every end in words."""

from __future__ import annotations

import contextvars
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import Auditor
from webapp.core.clock import Clock
from webapp.core.db import after_commit, scope_to
from webapp.core.errors import DomainError
from webapp.core.jobs.context import ItemContext, ItemErased, finish_item, refuse_erased
from webapp.core.jobs.drain import Drain
from webapp.core.jobs.kinds import Kinds
from webapp.core.jobs.lease import Heartbeat, JobCancelled, Lease, LeaseLost, claim
from webapp.core.jobs.models import ItemState, Job, JobItem, JobState, log_event
from webapp.core.llm.door import Llm, Stopped
from webapp.core.llm.item import ItemLlm
from webapp.core.llm.ledger import Terms

log = structlog.get_logger()
MOST_SPARE = 4
INTERNAL = "Something went wrong inside Atelier. Nothing was saved for this one; the log has the details."


Sessions = Callable[[], AbstractContextManager[Session]]


class _Shared:
    """Items that several threads take from one line."""

    def __init__(self, items: list[UUID]) -> None:
        self._items = iter(items)
        self._turn = threading.Lock()

    def until(self, stopped: threading.Event) -> Iterator[UUID]:
        """Take one after the other until none is left, or until it is to stop."""
        while not stopped.is_set():
            with self._turn:
                item = next(self._items, None)
            if item is None:
                return
            yield item


@dataclass(frozen=True)
class Runner:
    """Everything a worker needs. `author` answers what the job's author may do now, or None.

    `sessions` is called where the application is at hand and answers what makes sessions in any thread.
    """

    session: Callable[[], Session]
    kinds: Kinds
    llm: Llm
    terms: Terms
    day: Callable[[Session], datetime]
    clock: Clock
    lease_seconds: float
    author: Callable[[Session, Job], Actor | None]
    beat: Callable[[Lease], bool]
    auditor: Auditor
    ring: Callable[[UUID, str], None]
    sessions: Callable[[], Sessions]
    in_flight: int = 1
    drain: Drain = field(default_factory=Drain)

    def run(self, job_id: UUID) -> None:
        """Claim the job and work on what is unfinished; silent when it is not to be had."""
        session = self.session()
        worker = process_name(os.getpid())
        lease = claim(session, job_id, worker, self.clock, self.lease_seconds)
        if lease is None:
            return
        scope_to(session, lease.company_id)
        with structlog.contextvars.bound_contextvars(job=str(job_id)), Heartbeat(lease, self.beat) as heart:
            try:
                self._work(session, lease, heart)
            except LeaseLost:
                log.warning("the lease was lost; another worker has the job")
            except (JobCancelled, Stopped):
                with suppress(LeaseLost):
                    self._end(session, lease, JobState.CANCELLED)

    @property
    def spare(self) -> int:
        """How many hands there are beside those whose calls are under way."""
        return min(MOST_SPARE, self.in_flight // 2) if self.in_flight > 1 else 0

    def _work(self, session: Session, lease: Lease, heart: Heartbeat) -> None:
        job = session.get_one(Job, lease.job_id)
        kind = self.kinds.get(job.kind)
        actor = self.author(session, job)
        if kind is None:
            self._end(
                session, lease, JobState.FAILED, ("unknown_kind", "This kind of job is no longer known here.")
            )
        elif actor is None or not actor.may(kind.permission):
            why = "Whoever asked for this may no longer do it."
            self._end(session, lease, JobState.FAILED, ("forbidden", why))
        else:
            structlog.contextvars.bind_contextvars(request=job.request_id)
            left = self._unfinished(session, lease.job_id)
            log.info("job begun", kind=job.kind, items=len(left))
            hands = min(self.in_flight + self.spare, len(left)) if kind.side_by_side else 1
            if hands > 1:
                session.commit()  # the others have connections of their own
                self._side_by_side(hands, left, lease, heart, actor)
            else:
                self._one_by_one(session, iter(left), lease, heart, actor)
            if self.drain.asked and self._unfinished(session, lease.job_id):
                self._hand_back(session, lease)
            else:
                self._end(session, lease, None)

    def _one_by_one(
        self, session: Session, left: Iterator[UUID], lease: Lease, heart: Heartbeat, actor: Actor
    ) -> None:
        """Do item after item until none is left or this process is asked to end."""
        while not self.drain.asked and (item_id := next(left, None)):
            self._item(session, lease, heart, item_id, actor)

    def _side_by_side(
        self, hands: int, left: list[UUID], lease: Lease, heart: Heartbeat, actor: Actor
    ) -> None:
        """Do so many items at once, each hand with a session of its own; what stops one stops all.

        Calls are under way as many as the setting says; the spare hands read and write meanwhile, so that
        the service never waits for the database.
        """
        helper = replace(self, llm=replace(self.llm, places=threading.Semaphore(self.in_flight)))
        items, stopped = _Shared(left), threading.Event()
        sessions = self.sessions()

        def work() -> None:
            with sessions() as session:
                scope_to(session, lease.company_id)
                try:
                    helper._one_by_one(session, items.until(stopped), lease, heart, actor)  # noqa: SLF001  # a copy of itself
                finally:
                    session.rollback()

        with ThreadPoolExecutor(hands, "hand") as pool:
            hired = [pool.submit(contextvars.copy_context().run, work) for _ in range(hands)]
            for hand in as_completed(hired):
                if hand.exception():
                    stopped.set()
        for hand in hired:
            hand.result()

    def _hand_back(self, session: Session, lease: Lease) -> None:
        """Queue what is left for another worker: this process was asked to end, which is no failure."""
        session.rollback()
        with lease.unit(session):
            job, now = session.get_one(Job, lease.job_id), self.clock.now()
            job.state, job.lease_until, job.claims, job.rung_at = JobState.QUEUED, None, job.claims - 1, now
            log_event(session, job, now, "handed on", f"{job.worker} was asked to end")
            queue = job.queue
            after_commit(session, lambda: self.ring(lease.job_id, queue))

    def _unfinished(self, session: Session, job_id: UUID) -> list[UUID]:
        statement = select(JobItem.id).where(JobItem.job_id == job_id, JobItem.state == ItemState.WAITING)
        return list(session.scalars(statement.order_by(JobItem.position)))

    def _item(self, session: Session, lease: Lease, heart: Heartbeat, item_id: UUID, actor: Actor) -> None:
        if session.get_one(JobItem, item_id, populate_existing=True).state is not ItemState.WAITING:
            return  # its person was erased since the job began
        context = self._context(session, lease, heart, item_id, actor)
        context.stop_if_asked()
        kind = self.kinds[session.get_one(Job, lease.job_id).kind]
        session.commit()
        try:
            kind.work(context)
        except (LeaseLost, JobCancelled):
            raise
        except ItemErased:
            session.rollback()
        except Stopped:
            context.stop_if_asked()
            raise
        except DomainError as error:
            self._fail(context, (error.code, _sentence(error)), dict(error.details))
        except Exception:
            log.exception("an item failed", item=str(item_id))
            self._fail(context, ("internal", INTERNAL))

    def _context(
        self, session: Session, lease: Lease, heart: Heartbeat, item_id: UUID, actor: Actor
    ) -> ItemContext:
        item, job = session.get_one(JobItem, item_id), session.get_one(Job, lease.job_id)

        def stop_if_asked() -> None:
            if heart.stopped.is_set():
                session.commit()
                session.expire_all()
                raise JobCancelled if session.get_one(Job, lease.job_id).cancel_asked_at else LeaseLost

        llm = ItemLlm(
            llm=self.llm,
            session=session,
            clock=self.clock,
            terms=self.terms,
            day=self.day,
            job_id=job.id,
            item_id=item.id,
            round=item.tries,
            request_id=job.request_id,
            stop=heart.stopped,
            fresh=bool(item.params.get("fresh")),
        )
        return ItemContext(
            session=session,
            lease=lease,
            actor=actor,
            item_id=item.id,
            params=dict(item.params),
            job_params=dict(job.params),
            llm=llm,
            clock=self.clock,
            stop_if_asked=stop_if_asked,
            auditor=self.auditor,
        )

    def _fail(
        self, context: ItemContext, problem: tuple[str, str], details: dict[str, str] | None = None
    ) -> None:
        context.session.rollback()
        outcome = {"details": details} if details else {}
        with suppress(ItemErased), context.lease.unit(context.session) as session:
            refuse_erased(session, context.item_id)
            now = self.clock.now()
            finish_item(session, context.item_id, ItemState.FAILED, now, outcome=outcome, problem=problem)
            job = session.get_one(Job, context.lease.job_id)
            job.failed, job.progress_at = job.failed + 1, now

    def _end(
        self, session: Session, lease: Lease, state: JobState | None, problem: tuple[str, str] = ("", "")
    ) -> None:
        """Close the job in the state given, or in the one its items add up to.

        A stop that came when nothing was left to do comes too late: then the items say what it came to.
        """
        session.rollback()
        with lease.unit(session, stopping=state is JobState.CANCELLED):
            job = session.get_one(Job, lease.job_id)
            if state is JobState.CANCELLED and not self._unfinished(session, job.id):
                state = None
            done, failed, first = _count(session, job.id)
            job.done, job.failed = done, failed
            job.state = state or _verdict(done, failed)
            job.problem_code, job.problem = problem if problem[0] else first
            job.finished_at, job.lease_until = self.clock.now(), None
            log_event(session, job, job.finished_at, job.state.label, job.problem if problem[0] else "")
            log.info("job ended", kind=job.kind, state=job.state.value, done=done, failed=failed)


def process_name(pid: int) -> str:
    """Name a work process of this machine, as the job's row and its log tell it."""
    return f"{socket.gethostname()}:{pid}"


def _count(session: Session, job_id: UUID) -> tuple[int, int, tuple[str, str]]:
    rows = session.execute(
        select(JobItem.state, func.count(), func.min(JobItem.position))
        .where(JobItem.job_id == job_id)
        .group_by(JobItem.state)
    ).all()
    counts = {state: (number, position) for state, number, position in rows}
    failed, position = counts.get(ItemState.FAILED, (0, None))
    first = session.scalar(select(JobItem).where(JobItem.job_id == job_id, JobItem.position == position))
    problem = (first.problem_code, first.problem) if failed and first else ("", "")
    return counts.get(ItemState.DONE, (0, None))[0], failed, problem


def _verdict(done: int, failed: int) -> JobState:
    if not failed:
        return JobState.DONE
    return JobState.DONE_WITH_FAILURES if done else JobState.FAILED


def _sentence(error: DomainError) -> str:
    fields = "; ".join(f"{name}: {why}" for name, why in error.details.items())
    return f"{error.message} ({fields})" if fields else error.message
