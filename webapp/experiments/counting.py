"""What persons do after they met a variant, written down for the experiments that count it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import company_of, insert_new, new_id, read, unit
from webapp.core.errors import Conflict, DomainError
from webapp.core.services import services
from webapp.core.trials import Deed, Trials
from webapp.experiments.assigning import DO_NOT_TRACK, ERASED
from webapp.experiments.facts import MetricKind, State
from webapp.experiments.models import Experiment, Exposure, Metric, MetricValue
from webapp.people.erased import is_erased
from webapp.people.known import person_id_of

NOT_EXPOSED = "not_in_experiment"
COUNTS = (State.RUNNING, State.PAUSED)  # who met a variant before a pause may still do something
COUNTING = (  # built once: every event asks it
    select(Metric.id, Metric.experiment_id, Metric.kind, Metric.event_kind)
    .join(Experiment, Experiment.id == Metric.experiment_id)
    .where(Experiment.state.in_(COUNTS), Metric.event_kind.in_(bindparam("kinds", expanding=True)))
)


@dataclass(frozen=True)
class Tracked:
    """Whether a value stands written; why not, or that it stood there before."""

    tracked: bool
    reason: str | None = None
    duplicate: bool = False


@dataclass(frozen=True)
class Told:
    """What a program tells: who did what the metric counts, its value, and the program's own id of it."""

    user_id: str
    metric: str
    value: float | None = None
    event_id: str | None = None


@dataclass(frozen=True)
class Counting:
    """The deeds, with the clients they need; `key` is the one that erased persons are known by."""

    clock: Clock
    trials: Trials
    key: bytes

    def track(self, session: Session, row: Experiment, told: Told, *, asked_not_to: bool = False) -> Tracked:
        """Write a value down, once for its `event_id`; of somebody who met no variant nothing is stored.

        Raises DomainError for an unknown metric or a value that is missing, Conflict for an `event_id` that
        stands for somebody else's.
        """
        metric = _metric_of(session, row, told)
        person_id = person_id_of(session, told.user_id)
        why = self._barred(session, row, told.user_id, asked_not_to=asked_not_to)
        if why or person_id is None:
            return Tracked(tracked=False, reason=why or NOT_EXPOSED)
        with unit(session):
            if not _first_met(session, [row.id], [person_id]):
                return Tracked(tracked=False, reason=NOT_EXPOSED)
            if told.event_id and _stands(session, metric, told.event_id, person_id):
                return Tracked(tracked=True, duplicate=True)
            value = 1.0 if told.value is None else told.value
            deed = Deed(person_id, "", value, self.clock.now(), told.event_id or f"~{new_id().hex}")
            _write(session, [(metric.id, row.id, deed)])
        return Tracked(tracked=True)

    def _barred(self, session: Session, row: Experiment, user_id: str, *, asked_not_to: bool) -> str:
        if row.state not in COUNTS:
            return row.state.value
        if is_erased(session, self.key, user_id):
            return ERASED
        return self.trials.watched(session, user_id) or (DO_NOT_TRACK if asked_not_to else "")


def observed(session: Session, deeds: Sequence[Deed]) -> None:
    """Count what persons did, in the caller's unit, for each experiment that counts it and that they are in.

    One indexed statement while nothing counts such deeds. What was done before they met a variant, or lacks
    the number that the metric wants, is passed over.
    """
    counted = _counting(session, {one.kind for one in deeds})
    if not counted or services().trials.why_off(session):
        return
    met = _first_met(session, {one.experiment_id for one in counted}, {one.person_id for one in deeds})
    rows = [
        (metric.id, metric.experiment_id, deed)
        for metric in counted
        for deed in deeds
        if deed.kind == metric.event_kind
        and (metric.kind is MetricKind.PROPORTION or deed.value is not None)
        and (first := met.get((metric.experiment_id, deed.person_id))) is not None
        and deed.at >= first
    ]
    _write(session, rows)


def _counting(session: Session, kinds: Collection[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    if not kinds:
        return []
    return read(session, COUNTING, {"kinds": sorted(kinds)}).all()


def _first_met(
    session: Session, experiments: Collection[UUID], persons: Collection[UUID]
) -> dict[tuple[UUID, UUID], datetime]:
    """When each of these persons first met a variant of each of these experiments."""
    at = func.min(Exposure.at).label("at")
    asked = select(Exposure.experiment_id, Exposure.person_id, at).where(
        Exposure.experiment_id.in_(experiments), Exposure.person_id.in_(persons)
    )
    rows = session.execute(asked.group_by(Exposure.experiment_id, Exposure.person_id))
    return {(row.experiment_id, row.person_id): row.at for row in rows}


def _metric_of(session: Session, row: Experiment, told: Told) -> Metric:
    named = select(Metric).where(Metric.experiment_id == row.id, Metric.key == told.metric)
    found = session.scalar(named)
    if found is None:
        why = "The experiment has no such metric."
        raise DomainError(why, code="unknown_metric", details={"metric": why})
    if found.kind is not MetricKind.PROPORTION and told.value is None:
        why = f"“{found.name}” is a number of a user’s: say its value."
        raise DomainError(why, code="value_missing", details={"value": why})
    return found


def _stands(session: Session, metric: Metric, event_id: str, person_id: UUID) -> bool:
    """Whether a value of this id stands written. Raises Conflict when it is somebody else's."""
    asked = select(MetricValue.person_id).where(
        MetricValue.metric_id == metric.id, MetricValue.identifier == event_id
    )
    whose = session.scalar(asked)
    if whose is not None and whose != person_id:
        why = f"The event_id {event_id} stands for what another person did."
        raise Conflict(why, code="event_id_taken", details={"event_id": why})
    return whose is not None


def _write(session: Session, rows: Sequence[tuple[UUID, UUID, Deed]]) -> None:
    company_id = company_of(session)
    insert_new(
        session,
        MetricValue,
        [
            {
                "id": new_id(),
                "company_id": company_id,
                "experiment_id": experiment_id,
                "metric_id": metric_id,
                "person_id": deed.person_id,
                "identifier": deed.identifier,
                "value": 1.0 if deed.value is None else deed.value,
                "at": deed.at,
            }
            for metric_id, experiment_id, deed in rows
        ],
    )
