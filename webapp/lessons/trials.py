"""Trying a lesson otherwise: another strategy, voice or other answers, written beside and never published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.errors import NotFound
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.start import NewItem, Starter
from webapp.lessons.basis import Basis, in_order, read_basis
from webapp.lessons.facts import voice_hash
from webapp.lessons.models import Proposal, ProposalKind, Strategy
from webapp.lessons.work import written
from webapp.people.questions import survey_hash


@dataclass(frozen=True)
class Asked:
    """What a trial does otherwise; None leaves what is saved."""

    strategy: Strategy
    voice: str | None = None
    answers: Mapping[str, str] | None = None

    def stored(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        answers = dict(self.answers) if self.answers is not None else None
        return {"strategy": self.strategy.value, "voice": self.voice, "answers": answers}

    @staticmethod
    def of(stored: Mapping[str, Any]) -> Asked:
        """Read what `stored` wrote."""
        return Asked(Strategy(stored["strategy"]), stored.get("voice"), stored.get("answers"))

    def applied(self, basis: Basis) -> Basis:
        """The basis as the trial has it."""
        brief, course = basis.brief, basis.brief.course
        if self.voice is not None:
            course = course.model_copy(update={"voice": self.voice})
        answers = brief.learner.answers if self.answers is None else in_order(dict(self.answers))
        learner = brief.learner.model_copy(update={"answers": answers})
        said = basis.survey_hash if self.answers is None else survey_hash(answers)
        brief = brief.model_copy(update={"course": course, "learner": learner})
        voice = basis.voice_hash if self.voice is None else voice_hash(course)
        return replace(basis, brief=brief, survey_hash=said, voice_hash=voice)


def start_trial(
    session: Session, actor: Actor, basis: Basis, asked: Asked, key: str, starter: Starter, clock: Clock
) -> UUID:
    """Have a trial written for the actor in place of their last one; answers its id.

    The same key answers the same trial. Raises DomainError when there is nothing to write it from.
    """
    asked.applied(basis).strategy(asked.strategy)
    with unit(session):
        known = starter.accepted(session, key)
        if known is not None:
            return _of_job(session, known.id)
        mine = (Proposal.kind == ProposalKind.TRIAL, Proposal.staff_id == actor.staff_id)
        pair = (Proposal.person_id == basis.person_id, Proposal.lesson_id == basis.lesson_id)
        session.execute(delete(Proposal).where(*mine, *pair))
        trial = Proposal(
            person_id=basis.person_id,
            lesson_id=basis.lesson_id,
            kind=ProposalKind.TRIAL,
            asked=asked.stored(),
            staff_id=actor.staff_id,
            created_at=clock.now(),
        )
        session.add(trial)
        session.flush()
        params = {"trial_id": str(trial.id), "person_id": str(basis.person_id), "fresh": True}
        item = NewItem(basis.subject, params)
        trial.job_id = starter.start(session, actor, TRY, f"Try {basis.subject}", [item], key=key).id
        return trial.id


def find_trial(session: Session, actor: Actor, trial_id: UUID) -> Proposal | None:
    """The actor's own trial of this id."""
    mine = (Proposal.id == trial_id, Proposal.kind == ProposalKind.TRIAL, Proposal.staff_id == actor.staff_id)
    return session.scalar(select(Proposal).where(*mine))


def try_lesson(context: ItemContext) -> None:
    """Write a trial, whatever its checks say. One that was dropped meanwhile stays dropped."""
    trial = context.session.get(Proposal, UUID(context.params["trial_id"]))
    if trial is None:
        raise NotFound("This trial was dropped meanwhile.")
    asked = Asked.of(trial.asked)
    basis = asked.applied(read_basis(context.session, trial.person_id, trial.lesson_id))
    context.session.commit()  # no transaction stays open while the model writes
    content = written(context, basis, basis.strategy(asked.strategy), repair=False)
    with context.effect({"result": "trial"}) as session:
        mine = Proposal.id == UUID(context.params["trial_id"])
        row = session.scalar(select(Proposal).where(mine).with_for_update())
        if row is not None:
            row.content = content.stored()


def _of_job(session: Session, job_id: UUID) -> UUID:
    found = session.scalar(select(Proposal.id).where(Proposal.job_id == job_id))
    if found is None:
        raise NotFound("This trial was dropped meanwhile.")
    return found


TRY = JobKind("lessons.try", "Try a lesson", Queue.LLM, Permission.LESSONS_WRITE, try_lesson)
