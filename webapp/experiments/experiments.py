"""Experiments as they are laid out: created, changed while nothing depends on it, deleted, found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.reading import refuse
from webapp.experiments.facts import State
from webapp.experiments.models import Experiment, Metric
from webapp.experiments.rules.design import Counted, Design, Variant, document, problems, settled
from webapp.experiments.rules.hashing import Namespace

STALE = "Somebody else changed this experiment while you were editing it."
FROZEN = (
    "It has been started. Key, seed, variants, namespace and audience say who gets what: changed now, users"
    " would meet a second variant, and nothing could be concluded. Stop it and begin a new one."
)
SHRINKS = (
    "The coverage of a started experiment can only grow: users who met a variant would lose it, and their"
    " numbers would no longer say what it does."
)
OPEN = ("name", "hypothesis")  # what may change after the start, beside a growing coverage


def find_experiment(session: Session, experiment_id: UUID) -> Experiment:
    """The company's experiment. Raises NotFound."""
    return _known(session.scalar(select(Experiment).where(Experiment.id == experiment_id)))


def experiment_named(session: Session, key: str) -> Experiment:
    """The company's experiment of this key. Raises NotFound."""
    known = "\0" not in key  # no column holds one, and PostgreSQL refuses to look for it
    return _known(session.scalar(select(Experiment).where(Experiment.key == key)) if known else None)


def metrics_of(session: Session, experiment_id: UUID) -> Sequence[Metric]:
    """What it counts, in its order."""
    own = select(Metric).where(Metric.experiment_id == experiment_id)
    return session.scalars(own.order_by(Metric.place, Metric.id)).all()


def metrics_of_all(session: Session, experiment_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Metric]]:
    """What each of them counts, in its order, by one statement."""
    if not experiment_ids:
        return {}
    asked = select(Metric).where(Metric.experiment_id.in_(experiment_ids))
    found: dict[UUID, list[Metric]] = {one: [] for one in experiment_ids}
    for metric in session.scalars(asked.order_by(Metric.place, Metric.id)):
        found[metric.experiment_id].append(metric)
    return found


def design_of(row: Experiment, metrics: Sequence[Metric]) -> Design:
    """The experiment as it is laid out."""
    part = row.namespace
    return Design(
        key=row.key,
        name=row.name,
        hypothesis=row.hypothesis,
        seed=row.seed,
        variants=tuple(Variant(one["key"], one["name"], one["weight"]) for one in row.variants),
        metrics=tuple(
            Counted(one.key, one.name, one.kind, one.role, one.higher_is_better, one.event_kind)
            for one in metrics
        ),
        coverage=row.coverage,
        namespace=Namespace(part["id"], part["begin"], part["end"]) if part else None,
        audience=row.audience,
        treatment=row.treatment,
        minimum_sample=row.minimum_sample,
        minimum_effect=row.minimum_effect,
        baseline=row.baseline,
        deviation=row.deviation,
        a_day=row.a_day,
        alpha=row.alpha,
        power=row.power,
    )


@dataclass(frozen=True)
class Designing:
    """The deeds, with the clients they need. `treatments` are the keys of what can be held back."""

    clock: Clock
    auditor: Auditor
    treatments: frozenset[str]

    def create(self, session: Session, actor: Actor, design: Design) -> Experiment:
        """Save a new experiment as a draft. Raises DomainError naming what cannot be."""
        asked = self._checked(design)
        with unit(session):
            self._free(session, asked.key, None)
            now = self.clock.now()
            row = Experiment(**document(asked), by=actor.name[:200], created_at=now, updated_at=now)
            session.add(row)
            session.flush()
            self._count(session, row, asked.metrics)
            changes = {name: (None, value) for name, value in document(asked).items() if value}
            self.auditor.record(session, actor, AuditAction.EXPERIMENT_CREATED, row, changes=changes)
        return row

    def change(
        self, session: Session, actor: Actor, experiment_id: UUID, design: Design, read: int
    ) -> Experiment:
        """Save what is laid out, as read at a version; after the start only words, and a wider coverage.

        Raises Conflict when somebody saved in between or when it is frozen, NotFound, DomainError.
        """
        asked = self._checked(design)
        with unit(session):
            row = self.held(session, experiment_id)
            if row.version != read:
                raise Conflict(STALE, details={"version": f"is {row.version} now"})
            saved = design_of(row, metrics_of(session, row.id))
            before, metrics = document(saved), saved.metrics
            changes = {
                name: (before[name], value)
                for name, value in document(asked).items()
                if before[name] != value
            }
            if metrics != asked.metrics:
                changes["metrics"] = ([str(one) for one in metrics], [str(one) for one in asked.metrics])
            _check_frozen(row, changes)
            self._free(session, asked.key, row.id)
            if changes:
                self._store(session, row, asked, changes)
                self.auditor.record(session, actor, AuditAction.EXPERIMENT_CHANGED, row, changes=changes)
        return row

    def delete(self, session: Session, actor: Actor, experiment_id: UUID) -> None:
        """Delete a draft. Raises Conflict for one that was started: what it found belongs to the company."""
        with unit(session):
            row = self.held(session, experiment_id)
            if row.state is not State.DRAFT:
                raise Conflict("Only a draft can be deleted; what was started is stopped, and stays.")
            self.auditor.record(session, actor, AuditAction.EXPERIMENT_DELETED, row, reason=row.key)
            session.delete(row)

    def held(self, session: Session, experiment_id: UUID) -> Experiment:
        """The experiment, for this unit alone. Raises NotFound."""
        own = select(Experiment).where(Experiment.id == experiment_id)
        return _known(session.scalar(own.with_for_update()))

    def _checked(self, design: Design) -> Design:
        asked = settled(design)
        wrong = problems(asked)
        if asked.treatment and asked.treatment not in self.treatments:
            wrong["treatment"] = f"Choose one of {', '.join(sorted(self.treatments))}, or none."
        if asked.treatment and len(asked.variants) != 2:
            wrong["variants"] = "Something held back has two variants: without it (the control), and with it."
        refuse(wrong)
        return asked

    def _store(
        self, session: Session, row: Experiment, asked: Design, changes: dict[str, tuple[Any, Any]]
    ) -> None:
        for name, value in document(asked).items():
            setattr(row, name, value)
        if "metrics" in changes:
            session.execute(delete(Metric).where(Metric.experiment_id == row.id))
            self._count(session, row, asked.metrics)
        row.version, row.updated_at = row.version + 1, self.clock.now()

    def _count(self, session: Session, row: Experiment, metrics: Sequence[Counted]) -> None:
        for place, one in enumerate(metrics):
            made = Metric(
                experiment_id=row.id,
                key=one.key,
                name=one.name,
                kind=one.kind,
                role=one.role,
                higher_is_better=one.higher_is_better,
                event_kind=one.event_kind,
                place=place,
            )
            session.add(made)
        session.flush()

    @staticmethod
    def _free(session: Session, key: str, own: UUID | None) -> None:
        lock_key(session, "experiments", company_of(session), key)
        taken = session.scalar(select(Experiment.id).where(Experiment.key == key))
        if taken and taken != own:
            why = "Another experiment has this key."
            raise DomainError(why, code="taken", details={"key": why})


def _check_frozen(row: Experiment, changes: dict[str, tuple[Any, Any]]) -> None:
    """Raise Conflict for a change that a started experiment does not bear."""
    if row.state is State.DRAFT:
        return
    if row.state is State.STOPPED and set(changes) - set(OPEN):
        raise Conflict("It is stopped: what it found stands as it is.")
    frozen = set(changes) - {*OPEN, "coverage"}
    if frozen:
        raise Conflict(FROZEN, code="frozen", details=dict.fromkeys(sorted(frozen), "cannot change any more"))
    before, after = changes.get("coverage", (0, 0))
    if after < before:
        raise Conflict(SHRINKS, code="frozen", details={"coverage": SHRINKS})


def _known(row: Experiment | None) -> Experiment:
    if row is None:
        raise NotFound("There is no such experiment.", details={"experiment": "unknown"})
    return row
