"""What a batch will take: calls, tokens, cost and time, measured where there is something to measure by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.llm.ledger import LlmCall, Terms, purse
from webapp.core.services import services
from webapp.core.text import span
from webapp.lessons.basis import read_basis
from webapp.lessons.batch import MOST_ITEMS, Choice, Row, Sums, rows_of, sums_of
from webapp.lessons.courses import find_course, lengths_of
from webapp.lessons.lesson_prompt import NAME, lesson_prompt
from webapp.lessons.models import Strategy

FEWEST = 10  # recent calls to measure by
RECENT = 200
SAMPLE = 3
DAYS = timedelta(days=30)
SIGNS_A_TOKEN = 4  # the providers' rule of thumb for English
SIGNS_A_WORD = 6.5  # with its space
TAKEN_UP = 60  # tokens of the list of answers that were taken up, and of the keys
GUESSED_MS = 5_000


@dataclass(frozen=True)
class Each:
    """What one call takes. `measured` is by how many calls; 0: it was reckoned from the prompt's length."""

    tokens_in: float
    tokens_out: float
    ms: float
    measured: int


@dataclass(frozen=True)
class Service:
    """The AI service as it is set up: its terms, the day's begin, calls at once and a minute (0: any)."""

    terms: Terms
    since: datetime
    now: datetime
    in_flight: int
    a_minute: int
    by_rules: bool


@dataclass(frozen=True)
class Estimate:
    """A batch before it starts. `cost` and `left` are in millionths of the currency unit."""

    sums: Sums
    needing: int
    basic: int
    calls: int
    each: Each
    cost: int
    left: int
    seconds: float
    by_rules: bool

    @property
    def too_many(self) -> bool:
        """Whether it is more than one batch takes."""
        return self.sums.items > MOST_ITEMS

    @property
    def over(self) -> bool:
        """Whether it costs more than may still be spent today."""
        return bool(self.calls) and self.cost > self.left

    @property
    def time(self) -> str:
        """The expected time in words."""
        return span(self.seconds)

    @property
    def tokens_in(self) -> int:
        """Tokens sent."""
        return round(self.calls * self.each.tokens_in)

    @property
    def tokens_out(self) -> int:
        """Tokens written."""
        return round(self.calls * self.each.tokens_out)


def estimate(session: Session, choice: Choice, service: Service) -> Estimate:
    """Reckon the batch; nothing is written."""
    course, sums = find_course(session, choice.course_id), sums_of(session, choice)
    by_model = choice.strategy is Strategy.TEMPLATE and not service.by_rules
    needing = sums.nameless + (0 if course.basic_allowed else sums.silent)
    calls = max(0, sums.items - sums.nameless - sums.silent) if by_model else 0
    each = _each(session, choice, course.lengths, service) if calls else Each(0, 0, 0, 0)
    tokens = (round(calls * each.tokens_in), round(calls * each.tokens_out))
    return Estimate(
        sums=sums,
        needing=min(needing, sums.items),
        basic=sums.silent if course.basic_allowed and choice.strategy is Strategy.TEMPLATE else 0,
        calls=calls,
        each=each,
        cost=service.terms.prices.cost(tokens),
        left=purse(session, service.terms, service.since).left,
        seconds=_seconds(calls, each, service),
        by_rules=service.by_rules,
    )


def service_now(session: Session) -> Service:
    """The AI service as this application has it."""
    made = services()
    return Service(
        terms=made.runner.terms,
        since=made.runner.day(session),
        now=made.clock.now(),
        in_flight=made.settings.llm_in_flight,
        a_minute=made.settings.llm_calls_per_minute,
        by_rules=made.llm.by_rules,
    )


def _seconds(calls: int, each: Each, service: Service) -> float:
    by_time = calls * each.ms / 1000 / service.in_flight
    return max(by_time, calls / service.a_minute * 60 if service.a_minute else 0.0)


def _each(session: Session, choice: Choice, lengths: Mapping[str, Any], service: Service) -> Each:
    measured = _measured(session, service.now - DAYS)
    if measured is not None:
        return measured
    sample = rows_of(session, choice, SAMPLE)
    tokens_in = _prompt_tokens(session, sample)
    words = sum((least + most) / 2 for least, most in lengths_of(lengths).values())
    return Each(tokens_in, words * SIGNS_A_WORD / SIGNS_A_TOKEN + TAKEN_UP, GUESSED_MS, 0)


def _measured(session: Session, since: datetime) -> Each | None:
    recent = (
        select(LlmCall.prompt_tokens, LlmCall.completion_tokens, LlmCall.ms)
        .where(LlmCall.prompt == NAME, LlmCall.outcome == "ok", LlmCall.completion_tokens > 0)
        .where(LlmCall.at >= since)
        .order_by(LlmCall.at.desc())
        .limit(RECENT)
        .subquery()
    )
    means = (func.avg(recent.c[name]) for name in ("prompt_tokens", "completion_tokens", "ms"))
    count, *found = session.execute(select(func.count(), *means).select_from(recent)).one()
    if count < FEWEST:
        return None
    tokens_in, tokens_out, ms = map(float, found)
    return Each(tokens_in, tokens_out, ms, count)


def _prompt_tokens(session: Session, sample: Sequence[Row]) -> float:
    """The mean length of the prompt as it would be sent for these, at four signs a token."""
    signs = 0
    for person_id, _name, _identifier, lesson_id, _number in sample:
        messages = lesson_prompt(read_basis(session, person_id, lesson_id).brief).messages()
        signs += sum(len(message["content"]) for message in messages)
    return signs / max(1, len(sample)) / SIGNS_A_TOKEN
