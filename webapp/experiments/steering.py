"""An experiment's course: started, paused, resumed, stopped with a decision and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, DomainError
from webapp.experiments.experiments import Designing, design_of, metrics_of
from webapp.experiments.facts import State
from webapp.experiments.models import Experiment
from webapp.experiments.rules.design import NO_DECISION

LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Steering:
    """The deeds; each is one unit with its audit row."""

    designing: Designing

    def start(self, session: Session, actor: Actor, experiment_id: UUID) -> Experiment:
        """Begin to assign. From now on nothing that says who gets what can change.

        Raises Conflict when it was started before, or when another experiment holds the same back.
        """
        with unit(session):
            row = self.designing.held(session, experiment_id)
            if row.state is not State.DRAFT:
                raise Conflict(f"It is {row.state.label} already.")
            self._alone(session, row)
            found = design_of(row, metrics_of(session, row.id)).plan
            row.planned = found.total if found else None
            row.started_at = self.designing.clock.now()
            self._move(session, actor, row, State.RUNNING, AuditAction.EXPERIMENT_STARTED)
        return row

    def pause(self, session: Session, actor: Actor, experiment_id: UUID) -> Experiment:
        """Give everybody the control for a while. Raises Conflict unless it runs."""
        with unit(session):
            row = self._in(session, experiment_id, State.RUNNING)
            row.paused_at = self.designing.clock.now()
            self._move(session, actor, row, State.PAUSED, AuditAction.EXPERIMENT_PAUSED)
        return row

    def resume(self, session: Session, actor: Actor, experiment_id: UUID) -> Experiment:
        """Go on: everybody gets the variant they had. Raises Conflict unless it is paused."""
        with unit(session):
            row = self._in(session, experiment_id, State.PAUSED)
            self._alone(session, row)
            row.paused_at = None
            self._move(session, actor, row, State.RUNNING, AuditAction.EXPERIMENT_STARTED)
        return row

    def stop(
        self,
        session: Session,
        actor: Actor,
        experiment_id: UUID,
        decision: str,
        reason: str,
        concluded: dict[str, Any] | None = None,
    ) -> Experiment:
        """End it for good, with what is decided (a variant's key, or none), why, and what was found.

        From now on everybody gets what was decided: a variant, else the control. Raises
        Conflict unless it runs or is paused, DomainError without a decision or a reason.
        """
        with unit(session):
            row = self._in(session, experiment_id, State.RUNNING, State.PAUSED)
            _check_decision(row, decision, reason)
            row.decision, row.reason, row.concluded = decision, reason.strip(), concluded or {}
            row.stopped_at = self.designing.clock.now()
            self._move(session, actor, row, State.STOPPED, AuditAction.EXPERIMENT_STOPPED, reason.strip())
        return row

    def _in(self, session: Session, experiment_id: UUID, *states: State) -> Experiment:
        row = self.designing.held(session, experiment_id)
        if row.state not in states:
            raise Conflict(f"It is {row.state.label}, not {' or '.join(one.label for one in states)}.")
        return row

    def _move(
        self,
        session: Session,
        actor: Actor,
        row: Experiment,
        state: State,
        action: AuditAction,
        reason: str = "",
    ) -> None:
        changes: dict[str, tuple[object, object]] = {"state": (row.state.value, state.value)}
        if row.decision:
            changes["decision"] = (None, row.decision)
        row.state, row.version, row.updated_at = state, row.version + 1, self.designing.clock.now()
        self.designing.auditor.record(session, actor, action, row, changes=changes, reason=reason)

    @staticmethod
    def _alone(session: Session, row: Experiment) -> None:
        """Raise Conflict while another one holds the same back: its control would be two things."""
        if not row.treatment:
            return
        lock_key(session, "treatment", company_of(session), row.treatment)
        other = session.scalar(
            select(Experiment.name).where(
                Experiment.state == State.RUNNING,
                Experiment.treatment == row.treatment,
                Experiment.id != row.id,
            )
        )
        if other is not None:
            raise Conflict(f"“{other}” holds the same back already. Stop it first.", code="treatment_taken")


def _check_decision(row: Experiment, decision: str, reason: str) -> None:
    wrong = {}
    if decision not in {NO_DECISION, *(one["key"] for one in row.variants)}:
        wrong["decision"] = "Choose the variant to ship, the control to keep, or no decision."
    if not reason.strip():
        wrong["reason"] = "Say why: whoever reads this later has only these words."
    elif len(reason.strip()) > LONGEST_REASON or "\0" in reason:
        wrong["reason"] = f"Keep this under {LONGEST_REASON:,} characters."
    if wrong:
        raise DomainError(" ".join(wrong.values()), code="invalid", details=wrong)
