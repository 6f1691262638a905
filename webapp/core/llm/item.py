"""The door for one job's item: calls recorded, answers never paid for twice, the company's own wording."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.faults import fault
from webapp.core.jobs.models import ERASED, JobItem
from webapp.core.llm.door import Call, Llm
from webapp.core.llm.ledger import BEGUN, CACHED, LlmCall, Terms, reserve, settle
from webapp.core.llm.prompt import Answered, Prompt, PromptFile
from webapp.core.llm.trouble import Trouble
from webapp.core.llm.wording import in_force

log = structlog.get_logger()
Answer = TypeVar("Answer", bound=BaseModel)
ARRIVED = tuple(
    trouble.code for trouble in (Trouble.MISFIT, Trouble.UNREADABLE, Trouble.TRUNCATED, Trouble.REFUSED)
)


@dataclass(frozen=True)
class ItemLlm:
    """The door for one job's item. `fresh` asks although the same question was answered before."""

    llm: Llm
    session: Session
    clock: Clock
    terms: Terms
    day: Callable[[Session], datetime]
    job_id: UUID
    item_id: UUID
    round: int
    request_id: str
    stop: threading.Event
    fresh: bool = False

    def ask(self, prompt: Prompt, answer: type[Answer]) -> Answered[Answer]:
        """Answer the prompt, in the company's wording of it, in the answer's shape.

        Raises LlmFailed and Stopped.
        """
        return self.ask_as_it_is(Prompt(self._worded(prompt.file), prompt.values), answer)

    def ask_as_it_is(self, prompt: Prompt, answer: type[Answer]) -> Answered[Answer]:
        """Answer the prompt in just this wording, as it is tried before it is in force."""
        return self.llm.ask(prompt, answer, self, self.stop)

    def _worded(self, file: PromptFile) -> PromptFile:
        worded = in_force(self.session, file)
        self.session.commit()  # no transaction stays open while the model writes
        return worded

    def reserve(self, prompt: Prompt, fingerprint: str, model: str, tokens: tuple[int, int]) -> UUID:
        """Put aside what the call may cost. Raises LlmFailed when the day's limit does not allow it."""
        row = self._row(Call(prompt, fingerprint, model, BEGUN, 0))
        row.reserved = self.terms.prices.cost(tokens)
        reserve(self.session, row, self.terms, self.day(self.session))
        return row.id

    def settle(self, call_id: UUID, call: Call) -> None:
        """Write down how the call ended, in a transaction of its own, the first after it came back.

        It names no fence: money that an orphan spent was spent, and its answer serves its successor.
        """
        with unit(self.session) as session:
            settle(session.get_one(LlmCall, call_id), self._keepable(call), self.terms.prices)
        log.info("ai call", call=str(call_id), prompt=call.prompt.file.name, outcome=call.outcome, ms=call.ms)
        fault("llm.recorded")

    def record(self, call: Call) -> UUID:
        """Write down an answer that cost nothing."""
        with unit(self.session) as session:
            row = self._row(self._keepable(call))
            session.add(row)
        fault("llm.recorded")
        return row.id

    def _keepable(self, call: Call) -> Call:
        """The call without its text when the person it speaks of was erased while it was under way."""
        problem = select(JobItem.problem_code).where(JobItem.id == self.item_id).with_for_update()
        return replace(call, answer="") if self.session.scalar(problem) == ERASED else call

    def recall(self, fingerprint: str) -> tuple[UUID, str, str, str] | None:
        """Answer a recorded answer to the same question: this item's, or a recent one of the company."""
        row = self._own(fingerprint) or self._cached(fingerprint)
        self.session.commit()  # see _worded
        return row

    def _own(self, fingerprint: str) -> tuple[UUID, str, str, str] | None:
        statement = (
            select(LlmCall.id, LlmCall.model, LlmCall.answer, LlmCall.outcome)
            .where(LlmCall.item_id == self.item_id, LlmCall.fingerprint == fingerprint)
            .where(
                or_(LlmCall.outcome == "ok", and_(LlmCall.outcome.in_(ARRIVED), LlmCall.round == self.round))
            )
            .order_by(LlmCall.id)
            .limit(1)
        )
        row = self.session.execute(statement).first()
        return (row[0], row[1], row[2], row[3]) if row else None

    def _cached(self, fingerprint: str) -> tuple[UUID, str, str, str] | None:
        """A person who asks once more wants another answer, so only first tries are served from here."""
        if self.fresh or self.round or not self.terms.reuse:
            return None
        known = self.session.scalar(
            select(LlmCall)
            .where(LlmCall.fingerprint == fingerprint, LlmCall.outcome == "ok", LlmCall.answer != "")
            .where(LlmCall.at >= self.clock.now() - self.terms.reuse)
            .order_by(LlmCall.at.desc(), LlmCall.id)
            .limit(1)
        )
        if known is None:
            return None
        model, answer = known.model, known.answer
        with unit(self.session) as session:
            row = self._row_like(known)
            session.add(row)
        return row.id, model, answer, "ok"

    def _row_like(self, known: LlmCall) -> LlmCall:
        return LlmCall(
            at=self.clock.now(),
            prompt=known.prompt,
            version=known.version,
            model=known.model,
            fingerprint=known.fingerprint,
            outcome=CACHED,
            ms=0,
            job_id=self.job_id,
            item_id=self.item_id,
            round=self.round,
            request_id=self.request_id,
        )

    def _row(self, call: Call) -> LlmCall:
        return LlmCall(
            at=self.clock.now(),
            prompt=call.prompt.file.name,
            version=call.prompt.file.label,
            model=call.model[:120],
            fingerprint=call.fingerprint,
            outcome=call.outcome,
            ms=call.ms,
            prompt_tokens=call.tokens[0],
            completion_tokens=call.tokens[1],
            cost=self.terms.prices.cost(call.tokens),
            job_id=self.job_id,
            item_id=self.item_id,
            round=self.round,
            request_id=self.request_id,
            answer=call.answer,
        )
