"""The ledger of calls: what was asked, what it cost, how it ended, and the answer itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import BigInteger, Index, String, Text, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.clock import Clock
from webapp.core.db import Row, Tenant, unit
from webapp.core.faults import fault
from webapp.core.llm.door import Call, Llm
from webapp.core.llm.prompt import Answered, Prompt
from webapp.core.llm.trouble import Trouble

Answer = TypeVar("Answer", bound=BaseModel)
ARRIVED = tuple(
    trouble.code for trouble in (Trouble.MISFIT, Trouble.UNREADABLE, Trouble.TRUNCATED, Trouble.REFUSED)
)


class LlmCall(Tenant, Row, kw_only=True):
    """One call to a model (or to the built-in drafter, which costs nothing).

    `cost` is in millionths of the provider's currency unit; `answer` is the raw text; `round` counts
    how often the item had ended before, so that a person's new try is told from a crash's.
    """

    __tablename__ = "llm_calls"
    __table_args__ = (Index("ix_llm_calls_item_fingerprint", "item_id", "fingerprint"),)

    at: Mapped[datetime]
    prompt: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    model: Mapped[str] = mapped_column(String(120))
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(40))
    ms: Mapped[int]
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    job_id: Mapped[UUID | None] = mapped_column(default=None, index=True)
    item_id: Mapped[UUID | None] = mapped_column(default=None)
    round: Mapped[int] = mapped_column(default=0)
    request_id: Mapped[str] = mapped_column(String(64), default="")
    answer: Mapped[str] = mapped_column(Text, default="")


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in the provider's currency."""

    a_million_in: float = 0.0
    a_million_out: float = 0.0

    def cost(self, tokens: tuple[int, int]) -> int:
        """Answer the cost in millionths: tokens times price a million tokens."""
        return round(tokens[0] * self.a_million_in + tokens[1] * self.a_million_out)


@dataclass(frozen=True)
class ItemLlm:
    """The door for one job's item: records each call, and answers from what is recorded."""

    llm: Llm
    session: Session
    clock: Clock
    prices: Prices
    job_id: UUID
    item_id: UUID
    round: int
    request_id: str
    stop: threading.Event

    def ask(self, prompt: Prompt, answer: type[Answer]) -> Answered[Answer]:
        """Answer the prompt in the answer's shape. Raises LlmFailed and Stopped."""
        return self.llm.ask(prompt, answer, self, self.stop)

    def record(self, call: Call) -> UUID:
        """Write the call down in a transaction of its own, the first write after it came back.

        It names no fence: money that an orphan spent was spent, and its answer serves its successor.
        """
        row = LlmCall(
            at=self.clock.now(),
            prompt=call.prompt.file.name,
            version=call.prompt.file.version,
            model=call.model[:120],
            fingerprint=call.fingerprint,
            outcome=call.outcome,
            ms=call.ms,
            prompt_tokens=call.tokens[0],
            completion_tokens=call.tokens[1],
            cost=self.prices.cost(call.tokens),
            job_id=self.job_id,
            item_id=self.item_id,
            round=self.round,
            request_id=self.request_id,
            answer=call.answer,
        )
        with unit(self.session) as session:
            session.add(row)
        fault("llm.recorded")
        return row.id

    def recall(self, fingerprint: str) -> tuple[UUID, str, str, str] | None:
        """Answer a recorded answer of this item to the same question."""
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
        self.session.commit()  # no transaction stays open while the model writes
        return (row[0], row[1], row[2], row[3]) if row else None
