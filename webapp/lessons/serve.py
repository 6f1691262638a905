"""Serving a learner's lesson: what is stored while it is current, else what a job writes at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import DomainError
from webapp.core.jobs.models import Job, JobState
from webapp.core.jobs.start import NewItem, Starter
from webapp.core.jobs.wait import Waiting
from webapp.core.llm.trouble import BY_CODE
from webapp.lessons.facts import LessonTexts, texts_of
from webapp.lessons.models import HELD, Attempt, PersonalLesson, PersonalLessonVersion
from webapp.lessons.stored import Ask, Found, find
from webapp.lessons.turns import Pair, holder, lock_pair, promise_turn, writing_job
from webapp.lessons.work import SERVE

REST = timedelta(minutes=1)  # after a failure, until a call that waits for nothing has it tried again
REST_OF_A_BLOCKED = timedelta(minutes=10)  # the model would most likely write the same again
STILL_WRITING = "This lesson is still being written. Ask again in a few seconds."
AWAITS_REVIEW = "This lesson is written, or being written, and waits for somebody to look it over."
NOT_GOOD = "The text that the AI service wrote did not pass its checks. It is kept for a person to look at."
STATUS = {"no_survey": 422, "no_name": 422, "checks_failed": 502, "not_found": 404, "forbidden": 403}
CANNOT_HELP = frozenset({"no_survey", "no_name", "not_found", "forbidden"})  # trying again changes nothing


@dataclass(frozen=True)
class Served:
    """A lesson as a call answers it. `warning` is the code of why an older text stands in."""

    texts: LessonTexts
    language: str
    cached: bool
    stale: bool
    warning: str = ""


@dataclass(frozen=True)
class Allowance:
    """How many texts a caller may have written: `check` raises TooMany, `spend` counts one."""

    check: Callable[[], None] = lambda: None
    spend: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Writer:
    """The job a call waits for: one that a call started, or a batch that has the lesson in hand."""

    job_id: UUID
    in_call: bool


@dataclass(frozen=True)
class Serving:
    """The deeds of a serving call."""

    clock: Clock
    starter: Starter
    waiting: Waiting
    allowance: Allowance = Allowance()

    def serve(self, session: Session, actor: Actor, ask: Ask) -> Served:
        """Answer the lesson; a missing or stale one is written first.

        What a person holds is never replaced: it is served at once, and a new text comes to wait beside it.
        Raises NotFound, BadRequest or DomainError as the call answers them.
        """
        found = find(session, ask)
        if found.stored is not None and found.stored.state.held:
            return self._held(session, actor, ask, found)
        if not found.serve_unreviewed:
            return self._reviewed(session, actor, ask, found)
        if found.stored is not None and not found.why_stale and not ask.flush:
            return _as_stored(found, cached=True)
        return self._written(session, actor, ask, found)

    def _held(self, session: Session, actor: Actor, ask: Ask, found: Found) -> Served:
        """What a person vouched for; where it is stale, a candidate is asked for and not waited for."""
        if found.why_stale or ask.flush:
            self._beside(session, actor, ask, found)
        stale = bool(found.why_stale) or found.candidate_waits or ask.flush
        return replace(_as_stored(found, cached=True), stale=stale)

    def _reviewed(self, session: Session, actor: Actor, ask: Ask, found: Found) -> Served:
        """The newest text that a person vouched for. Raises DomainError when there is none yet."""
        if found.stored is None:
            found.check_writable()
        if found.stored is None or found.why_stale or ask.flush:
            self._beside(session, actor, ask, found)
        older = self._servable(session, found)
        if older is None:
            raise DomainError(AWAITS_REVIEW, code="awaiting_review")
        return Served(older, found.language, cached=True, stale=True)

    def _written(self, session: Session, actor: Actor, ask: Ask, found: Found) -> Served:
        """A new text, or the older one when none can be had in time."""
        try:
            found.check_writable()
            self._rest_of_a_blocked(ask, found)
            job = self._begin(session, actor, ask, found)
        except DomainError as error:
            return self._instead(session, found, error)
        writer = Writer(job.id, in_call=job.kind == SERVE.name) if job else None
        if writer is not None and not self._wait(session, found.pair, writer):
            return self._instead(session, found, _still_writing())
        return self._after(session, ask, found, writer)

    def _after(self, session: Session, ask: Ask, found: Found, writer: Writer | None) -> Served:
        """What stands there after the wait; raises why nothing new came when nothing stood before."""
        now = find(session, ask)
        if now.stored is not None and now.stored.state.held:
            return replace(_as_stored(now, cached=True), stale=True)  # a person was faster
        if now.stored is not None and (now.version != found.version or not (now.why_stale or ask.flush)):
            return _as_stored(now, cached=False)
        return self._instead(session, now, _failure(session, now.pair, writer))

    def _instead(self, session: Session, found: Found, error: DomainError) -> Served:
        """The older text, with why nothing newer is served. Raises the error when there is none."""
        older = self._servable(session, found)
        if older is None:
            raise error
        return Served(older, found.language, cached=True, stale=True, warning=error.code)

    def _beside(self, session: Session, actor: Actor, ask: Ask, found: Found) -> None:
        """Have a text written that this call does not wait for, unless one waits or has just failed."""
        if not ask.flush and (found.waiting_fits or self._just_failed(session, found.pair)):
            return
        try:
            found.check_writable()
            self._begin(session, actor, ask, found)
        except DomainError:  # no survey, no allowance: what is stored is served all the same
            return

    def _begin(self, session: Session, actor: Actor, ask: Ask, found: Found) -> Job | None:
        """The live job that writes the lesson, started unless there is one; None when it is written."""
        if writing_job(session, found.pair) is None:
            self.allowance.check()
        with unit(session):
            lock_pair(session, found.pair)
            if _version(session, found.pair) != found.version:
                return None
            job = writing_job(session, found.pair)
            if job is not None and (job.kind == SERVE.name or job.state is JobState.RUNNING):
                return job
            job = self._start(session, actor, ask, found)
            promise_turn(session, found.pair, job.id, self.clock.now())
        self.allowance.spend()
        return job

    def _start(self, session: Session, actor: Actor, ask: Ask, found: Found) -> Job:
        params: dict[str, Any] = {
            "person_id": str(found.pair[0]),
            "lesson_id": str(found.pair[1]),
            "strategy": "template",
            "only": "all" if ask.flush else "stale",
            "fresh": ask.flush or found.blocked_at is not None,  # not the same answer once more
        }
        subject = f"Lesson {ask.lesson_number} for {found.name or ask.user_id}"
        items = [NewItem(subject[:200], params)]
        return self.starter.start(session, actor, SERVE, f"Personalize: {subject}", items)

    def _wait(self, session: Session, pair: Pair, writer: Writer) -> bool:
        """Wait until the job is over, or, where it is a batch, until it is done with this lesson."""
        session.commit()  # nothing stays open while others work
        if writer.in_call:
            return self.waiting.until_over(session, writer.job_id)
        return self.waiting.until(session, lambda session: holder(session, pair) != writer.job_id)

    def _servable(self, session: Session, found: Found) -> LessonTexts | None:
        """The text that may be served now, however old."""
        if found.stored is None:
            return None
        if found.serve_unreviewed or found.stored.state.held:
            return texts_of(found.stored.sections)
        newest = (
            select(PersonalLessonVersion.content)
            .where(
                PersonalLessonVersion.personal_lesson_id == found.stored.id,
                PersonalLessonVersion.state.in_(HELD),
            )
            .order_by(PersonalLessonVersion.number.desc())
        )
        content = session.scalar(newest.limit(1))
        return texts_of(content["sections"]) if content else None

    def _rest_of_a_blocked(self, ask: Ask, found: Found) -> None:
        """Raise DomainError while a text from the same facts has just failed its checks."""
        at = found.blocked_at
        if at is None or ask.flush or not found.waiting_fits:
            return
        if self.clock.now() - at < REST_OF_A_BLOCKED:
            raise DomainError(NOT_GOOD, code="checks_failed", status=502, retryable=True)

    def _just_failed(self, session: Session, pair: Pair) -> bool:
        mine = (Attempt.person_id == pair[0], Attempt.lesson_id == pair[1])
        last = session.scalar(select(Attempt).where(*mine).order_by(Attempt.at.desc()).limit(1))
        return last is not None and last.outcome != "ok" and self.clock.now() - last.at < REST


def _as_stored(found: Found, *, cached: bool) -> Served:
    assert found.stored is not None
    texts = texts_of(found.stored.sections)
    return Served(texts, found.language, cached=cached, stale=bool(found.why_stale))


def _version(session: Session, pair: Pair) -> int:
    mine = (PersonalLesson.person_id == pair[0], PersonalLesson.lesson_id == pair[1])
    return session.scalar(select(PersonalLesson.version).where(*mine)) or 0


def _still_writing() -> DomainError:
    return DomainError(STILL_WRITING, code="still_writing", status=503, retryable=True)


def _failure(session: Session, pair: Pair, writer: Writer | None) -> DomainError:
    """Why the job gave nothing for this lesson, as the call answers it."""
    job = session.get(Job, writer.job_id) if writer else None
    if job is None or writer is None:
        return _still_writing()
    code = job.problem_code if writer.in_call else _outcome(session, pair, job.id)
    trouble = BY_CODE.get(code)
    if trouble is not None:
        told = f"{trouble.sentence} Ask again in a moment." if trouble.again else trouble.sentence
        return DomainError(told, code=code, status=trouble.status, retryable=trouble.again)
    if not code:  # stopped, or what it wrote was removed again at once
        return _still_writing()
    told = NOT_GOOD if code == "checks_failed" else job.problem
    retryable = code not in CANNOT_HELP
    return DomainError(told, code=code, status=STATUS.get(code, 503), retryable=retryable)


def _outcome(session: Session, pair: Pair, job_id: UUID) -> str:
    """How the batch's try for this lesson ended, as a code; empty when it went well or left no trace."""
    mine = (Attempt.person_id == pair[0], Attempt.lesson_id == pair[1], Attempt.job_id == job_id)
    code = session.scalar(select(Attempt.outcome).where(*mine).order_by(Attempt.at.desc()).limit(1))
    return "" if code in {None, "ok"} else str(code)
