"""What the work of one item is given: its values, the AI, and the fenced unit to write in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import Auditor
from webapp.core.clock import Clock
from webapp.core.jobs.lease import Lease
from webapp.core.jobs.models import ERASED, ItemState, Job, JobItem
from webapp.core.llm.prompt import Answered, Prompt

Answer = TypeVar("Answer", bound=BaseModel)


class ItemErased(Exception):
    """The person whom the item was for was erased while it was worked on."""


class Asker(Protocol):
    """The way to the AI for one item; an answer that was recorded is never paid for again."""

    def ask(self, prompt: Prompt, answer: type[Answer]) -> Answered[Answer]:
        """Answer the prompt, in the company's wording of it, in the answer's shape. Raises LlmFailed."""
        ...

    def ask_as_it_is(self, prompt: Prompt, answer: type[Answer]) -> Answered[Answer]:
        """Answer the prompt in just this wording. Raises LlmFailed."""
        ...


@dataclass(frozen=True)
class ItemContext:
    """One item of a job in the hands of a worker."""

    session: Session
    lease: Lease
    actor: Actor
    item_id: UUID
    params: dict[str, Any]
    job_params: dict[str, Any]
    llm: Asker
    clock: Clock
    stop_if_asked: Callable[[], None]
    auditor: Auditor

    @contextmanager
    def effect(self, outcome: dict[str, Any] | None = None) -> Iterator[Session]:
        """Write the item's effect and mark it done in one fenced transaction.

        Raises LeaseLost when another worker has the job, JobCancelled when it was stopped, and ItemErased
        when it was for a person who was erased meanwhile.
        """
        self.stop_if_asked()
        with self.lease.unit(self.session) as session:
            refuse_erased(session, self.item_id)
            yield session
            finish_item(session, self.item_id, ItemState.DONE, self.clock.now(), outcome=outcome or {})
            job = session.get_one(Job, self.lease.job_id)
            job.done, job.progress_at = job.done + 1, self.clock.now()


def refuse_erased(session: Session, item_id: UUID) -> None:
    """Hold the item inside the caller's unit. Raises ItemErased when its person is gone."""
    item = session.scalars(select(JobItem).where(JobItem.id == item_id).with_for_update()).one()
    if item.problem_code == ERASED:
        raise ItemErased


def finish_item(
    session: Session,
    item_id: UUID,
    state: ItemState,
    now: datetime,
    *,
    outcome: dict[str, Any] | None = None,
    problem: tuple[str, str] = ("", ""),
) -> None:
    """Set the item's end inside the caller's unit; `problem` is its code and its sentence."""
    item = session.get_one(JobItem, item_id)
    item.state = state
    item.outcome = outcome or {}
    item.problem_code, item.problem = problem
    item.tries += 1
    item.finished_at = now
