"""Writing one lesson for one learner as the item of a job: once, checked, put where it belongs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.errors import DomainError, NotFound, Unavailable
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.lease import JobCancelled, LeaseLost
from webapp.core.llm.door import Stopped
from webapp.core.llm.trouble import LlmFailed
from webapp.lessons.basis import Basis, read_basis
from webapp.lessons.content import Content
from webapp.lessons.facts import LessonDraft
from webapp.lessons.lesson_prompt import BASIC_VERSION, lesson_prompt
from webapp.lessons.models import Attempt, Lesson, PersonalLesson, Strategy
from webapp.lessons.publish import Publishing, Put
from webapp.lessons.rules.checks import check_lesson
from webapp.lessons.rules.taking import taken_up_of
from webapp.lessons.turns import Pair, give_back, take_turn
from webapp.people.models import Person

BY_RULES = "rules"
TURN_WAIT = 180.0  # seconds; a lesson and its repair, each with its retries, take no longer
LOOK_AGAIN = 0.2
CHECKS = {
    "name": "the learner’s name",
    "sections": "a section is missing",
    "facts": "facts of the template",
    "placeholders": "placeholders",
    "words": "banned words",
}
RESULTS = {
    "published": "Published, unreviewed.",
    "candidate": "The new text waits beside the edited or approved one.",
    "current": "It is current already.",
}
BEATEN = "A person edited or approved this lesson; theirs stays, the new text waits beside it."


@dataclass(frozen=True)
class Order:
    """What an item asks for. `only` is "all", "missing" (nothing published) or "stale" (or missing).

    `fall_back` writes by rules what the AI service could not.
    """

    pair: Pair
    strategy: Strategy
    only: str = "all"
    fall_back: bool = False

    @staticmethod
    def of(context: ItemContext) -> Order:
        """Read the item's values, with those of its job."""
        told: dict[str, Any] = {**context.job_params, **context.params}
        return Order(
            (UUID(told["person_id"]), UUID(told["lesson_id"])),
            Strategy(told["strategy"]),
            str(told.get("only", "all")),
            bool(told.get("fall_back")),
        )

    def wants(self, row: PersonalLesson | None, basis: Basis) -> bool:
        """Whether there is anything to write."""
        if row is None or self.only == "all":
            return True
        return self.only == "stale" and bool(basis.why_stale(row))


def write_lesson(context: ItemContext) -> None:
    """Write the lesson and publish it, or say why not; what a person publishes meanwhile stays."""
    order = Order.of(context)
    with _turn(context, order):
        basis = read_basis(context.session, *order.pair)
        wanted = order.wants(published(context.session, order.pair), basis)
        context.session.commit()  # no transaction stays open while the model writes
        if wanted:
            _write(context, order, basis)
            return
        with context.effect({"result": "current", "note": "It is current already."}) as session:
            give_back(session, order.pair, context.lease.job_id)


def _write(context: ItemContext, order: Order, basis: Basis) -> None:
    content, note = _written_or_basic(context, order, basis)
    publishing, job_id = Publishing(context.clock, context.auditor), context.lease.job_id
    if content.red:
        with context.lease.unit(context.session) as session:
            if _still_there(session, order.pair):
                publishing.keep_blocked(session, context.actor, order.pair, content, job_id)
        raise DomainError(_red_sentence(content), code="checks_failed")
    outcome: dict[str, Any] = {"strategy": content.strategy.value, "note": note}
    with context.effect(outcome) as session:  # what is put into the outcome here is kept with the item
        if not _still_there(session, order.pair):
            outcome |= {"result": "gone", "note": "The person or the lesson was deleted meanwhile."}
            return
        put = publishing.put(session, context.actor, order.pair, content, job_id)
        outcome["result"] = put.value
        if put is Put.CANDIDATE:
            outcome["note"] = BEATEN
        _attempt(context, session, order, "ok")
        give_back(session, order.pair, job_id)


def _written_or_basic(context: ItemContext, order: Order, basis: Basis) -> tuple[Content, str]:
    """The text, and what is to be said about how it came to be."""
    strategy = basis.strategy(order.strategy)
    try:
        content = written(context, basis, strategy)
    except LlmFailed as failure:
        if not order.fall_back:
            raise
        return written(context, basis, Strategy.BASIC), f"Basic version: {failure.message}"
    instead = strategy is not order.strategy
    return content, "Basic version: there are no survey answers to go by." if instead else ""


def written(context: ItemContext, basis: Basis, strategy: Strategy, *, repair: bool = True) -> Content:
    """Write the text and check it; a hard check that fails gets one repair. Raises LlmFailed and Stopped."""
    brief = basis.brief
    if strategy is Strategy.BASIC:
        from webapp.lessons.rules.basic import draft_basic  # noqa: PLC0415  # word banks only workers read

        return _content(context, basis, strategy, draft_basic(brief), (BY_RULES, BASIC_VERSION, None))
    answered = context.llm.ask(lesson_prompt(brief), LessonDraft)
    told = (answered.model, answered.version, answered.call_id)
    content = _content(context, basis, strategy, answered.value, told)
    if not (repair and content.red) or answered.by_rules:
        return content
    try:
        again = context.llm.ask(lesson_prompt(brief, content.red), LessonDraft)
    except LlmFailed:
        return content  # the first text is kept for a person, with what is wrong with it
    told = (again.model, again.version, again.call_id)
    return _content(context, basis, strategy, again.value, told)


def _content(
    context: ItemContext,
    basis: Basis,
    strategy: Strategy,
    draft: LessonDraft,
    told: tuple[str, str, UUID | None],
) -> Content:
    texts, taken_up = draft.texts, tuple(draft.taken_up)
    model, version, call_id = told
    return Content(
        texts=texts,
        strategy=strategy,
        template_number=basis.template_number,
        survey_hash=basis.survey_hash,
        voice_hash=basis.voice_hash,
        prompt_version=version,
        model=model,
        findings=check_lesson(basis.brief, texts, taken_up),
        taken_up=tuple(taken_up_of(basis.brief, texts)),
        call_id=call_id,
        written_at=context.clock.now(),
    )


@contextmanager
def _turn(context: ItemContext, order: Order) -> Iterator[None]:
    """Hold the pair's turn; a failure gives it back and is counted, a stop leaves it to the job's end.

    Raises Unavailable when another job keeps it for too long.
    """
    _wait_for_turn(context, order.pair)
    try:
        yield
    except (LeaseLost, JobCancelled, Stopped):
        raise
    except Exception as error:
        context.session.rollback()
        with context.lease.unit(context.session) as session:
            give_back(session, order.pair, context.lease.job_id)
            if _still_there(session, order.pair):
                _attempt(context, session, order, getattr(error, "code", "internal"))
        raise


def _wait_for_turn(context: ItemContext, pair: Pair) -> None:
    until, pause = time.monotonic() + TURN_WAIT, threading.Event()
    while True:
        with context.lease.unit(context.session) as session:
            if not _still_there(session, pair):
                raise NotFound("The person or the lesson was deleted meanwhile.")
            if take_turn(session, pair, context.lease.job_id, context.clock.now()):
                return
        if time.monotonic() > until:
            raise Unavailable("Another job has been writing this lesson for a long time. Retry it later.")
        pause.wait(LOOK_AGAIN)
        context.stop_if_asked()


def published(session: Session, pair: Pair) -> PersonalLesson | None:
    """The published lesson of a (person, lesson)."""
    mine = (PersonalLesson.person_id == pair[0], PersonalLesson.lesson_id == pair[1])
    return session.scalar(select(PersonalLesson).where(*mine))


def _still_there(session: Session, pair: Pair) -> bool:
    person = session.scalar(select(Person.id).where(Person.id == pair[0]))
    return bool(person and session.scalar(select(Lesson.id).where(Lesson.id == pair[1])))


def _attempt(context: ItemContext, session: Session, order: Order, outcome: str) -> None:
    session.add(
        Attempt(
            person_id=order.pair[0],
            lesson_id=order.pair[1],
            job_id=context.lease.job_id,
            strategy=order.strategy,
            outcome=outcome[:60],
            at=context.clock.now(),
        )
    )


def _red_sentence(content: Content) -> str:
    """The same words for the same faults, so that a report can count them."""
    kinds = sorted({CHECKS.get(one.check, one.check) for one in content.red})
    return f"The text did not pass its checks ({', '.join(kinds)}). It is kept for a person to look at."


SERVE = JobKind("lessons.write", "Personalize a lesson", Queue.LLM, Permission.LESSONS_SERVE, write_lesson)
BATCH = JobKind(
    "lessons.batch",
    "Personalize lessons",
    Queue.BATCH,
    Permission.LESSONS_WRITE,
    write_lesson,
    side_by_side=True,
    results=RESULTS,
)
