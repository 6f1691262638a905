"""What the AI service was used for: calls, tokens, cost, time and failures, by day and by what they share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select
from sqlalchemy.orm import Session

from webapp.core.llm.ledger import CACHED, LlmCall

GROUPS = {"prompt": LlmCall.prompt, "model": LlmCall.model, "outcome": LlmCall.outcome}
FAILED = LlmCall.outcome.not_in(("ok", CACHED))


@dataclass(frozen=True)
class Use:
    """Sums over calls. `cost` is in millionths of the currency unit, `ms` the mean of answered calls."""

    name: str
    calls: int
    cached: int
    failed: int
    tokens_in: int
    tokens_out: int
    cost: int
    ms: int
    slowest: int

    @property
    def share_failed(self) -> float:
        """The part of the calls that gave no usable answer, 0 to 1."""
        return self.failed / self.calls if self.calls else 0.0


def use_by(session: Session, group: str, since: datetime) -> list[Use]:
    """Sum the calls since then by prompt, model or outcome; the dearest first."""
    key = GROUPS[group]
    rows = session.execute(select(key, *_sums()).where(LlmCall.at >= since).group_by(key))
    return sorted(
        (Use(str(row[0]), *row[1:]) for row in rows), key=lambda use: (-use.cost, -use.calls, use.name)
    )


def use_by_day(session: Session, days: list[tuple[date, datetime]]) -> list[Use]:
    """Sum the calls day by day. `days` are dates with the moments they began, the earliest first."""
    bucket = case(
        *[(LlmCall.at >= begin, number) for number, (_, begin) in reversed(list(enumerate(days)))], else_=-1
    )
    rows = session.execute(select(bucket, *_sums()).where(LlmCall.at >= days[0][1]).group_by(bucket))
    found = {row[0]: row[1:] for row in rows}
    none = (0,) * 8
    return [Use(day.isoformat(), *found.get(number, none)) for number, (day, _) in enumerate(days)]


def total(session: Session, since: datetime) -> Use:
    """Sum all calls since then."""
    return Use("all", *session.execute(select(*_sums()).where(LlmCall.at >= since)).one())


def _sums() -> tuple[ColumnElement[Any], ...]:
    def whole(amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(func.coalesce(amount, 0), BigInteger)

    return (
        func.count(LlmCall.id),
        whole(func.sum(case((LlmCall.outcome == CACHED, 1), else_=0))),
        whole(func.sum(case((FAILED, 1), else_=0))),
        whole(func.sum(LlmCall.prompt_tokens)),
        whole(func.sum(LlmCall.completion_tokens)),
        whole(func.sum(LlmCall.cost)),
        whole(func.avg(case((LlmCall.outcome == "ok", LlmCall.ms)))),
        whole(func.max(LlmCall.ms)),
    )
