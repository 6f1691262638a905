"""The ledger of calls: what was asked, what it cost, how it ended, and the answer itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Row, Tenant, lock_key, unit
from webapp.core.db.scope import company_of
from webapp.core.llm.door import Call
from webapp.core.llm.trouble import LlmFailed, Trouble

BEGUN = "begun"
ABANDONED = "abandoned"
# Sent, and never seen to end: the provider may have billed them, so what was put aside stays so.
LOST = frozenset({Trouble.TIMED_OUT.code, ABANDONED})
CACHED = "cached"
MILLION = 1_000_000


class LlmCall(Tenant, Row, kw_only=True):
    """One call to a model (or to the built-in drafter, which costs nothing).

    `cost` and `reserved` are in millionths of the provider's currency unit; `reserved` is what a call
    without an end may have cost at most: one that is begun (or whose worker died), timed out or abandoned.
    `answer` is the raw text, emptied after the setting's days; `round` counts how often the item had
    ended before, so that a person's new try is told from a crash's.
    """

    __tablename__ = "llm_calls"
    __table_args__ = (
        Index("ix_llm_calls_item_fingerprint", "item_id", "fingerprint"),
        Index("ix_llm_calls_company_fingerprint", "company_id", "fingerprint", "at"),
        Index("ix_llm_calls_company_at", "company_id", "at", "id"),
    )

    at: Mapped[datetime]
    prompt: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(120))
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(40))
    ms: Mapped[int]
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    job_id: Mapped[UUID | None] = mapped_column(default=None, index=True)
    item_id: Mapped[UUID | None] = mapped_column(default=None)
    round: Mapped[int] = mapped_column(default=0)
    request_id: Mapped[str] = mapped_column(String(64), default="")
    answer: Mapped[str] = mapped_column(Text, default="")


class LlmLimit(Tenant, Row, kw_only=True):
    """A company's own daily limit, in millionths of the provider's currency unit; one row a company."""

    __tablename__ = "llm_limits"

    daily: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in the provider's currency."""

    a_million_in: float = 0.0
    a_million_out: float = 0.0

    def cost(self, tokens: tuple[int, int]) -> int:
        """Answer the cost in millionths: tokens times price a million tokens."""
        return round(tokens[0] * self.a_million_in + tokens[1] * self.a_million_out)


@dataclass(frozen=True)
class Terms:
    """What calls cost, what a company may spend a day unless it says otherwise, how long answers serve.

    `daily` is in the currency's units; `reuse` is how long an answer to the very same question is used
    again, zero for never.
    """

    prices: Prices = Prices()
    daily: float = 20.0
    reuse: timedelta = timedelta(days=1)


@dataclass(frozen=True)
class Purse:
    """What the company has spent today and may spend; amounts in millionths."""

    spent: int
    reserved: int
    limit: int

    @property
    def left(self) -> int:
        """What may still be put aside."""
        return max(0, self.limit - self.spent - self.reserved)


def purse(session: Session, terms: Terms, since: datetime) -> Purse:
    """Add up what the company's calls since the day's begin cost and may still cost."""
    spent, reserved = session.execute(
        select(func.coalesce(func.sum(LlmCall.cost), 0), func.coalesce(func.sum(LlmCall.reserved), 0)).where(
            LlmCall.at >= since
        )
    ).one()
    own = session.scalar(select(LlmLimit.daily).order_by(LlmLimit.id).limit(1))
    return Purse(int(spent), int(reserved), own if own is not None else round(terms.daily * MILLION))


def reserve(session: Session, row: LlmCall, terms: Terms, since: datetime) -> None:
    """Add the begun call to the ledger when the day's limit allows it. Raises LlmFailed.

    The company's reservations come one after the other, so that two of them never see the same rest.
    """
    with unit(session):
        lock_key(session, company_of(session), "llm-limit")
        if row.reserved > purse(session, terms, since).left:
            raise LlmFailed(Trouble.OVER_CAP)
        session.add(row)


def settle(row: LlmCall, call: Call, prices: Prices) -> None:
    """Write down how a begun call ended, inside the caller's unit."""
    row.outcome, row.model, row.ms = call.outcome, call.model[:120], call.ms
    row.prompt_tokens, row.completion_tokens = call.tokens
    row.cost, row.answer = prices.cost(call.tokens), call.answer
    if call.outcome not in LOST:
        row.reserved = 0


def forget_answers(session: Session, before: datetime) -> int:
    """Empty the texts of calls older than that; what they cost stays. Answers how many."""
    with unit(session):
        old = update(LlmCall).where(LlmCall.at < before, LlmCall.answer != "").values(answer="")
        return int(session.execute(old).rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
