"""Which variant a person gets, and that they met it: the same answer always, the exposure logged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audience import meant
from webapp.core.audit import Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, insert_new, new_id, unit
from webapp.core.trials import Trials
from webapp.experiments.facts import State
from webapp.experiments.models import Experiment, Exposure, VariantOverride
from webapp.experiments.rules.hashing import Namespace, assigned, inside
from webapp.people.erased import is_erased
from webapp.people.known import made_persons, person_id_of

OVERRIDE, ERASED, DO_NOT_TRACK = "override", "erased", "do_not_track"
NAMESPACE, AUDIENCE, COVERAGE = "other_namespace", "not_in_audience", "not_covered"
OFF = "ab_testing_off"
ON = (  # built once: every homepage asks it
    select(Experiment)
    .where(Experiment.state == State.RUNNING, Experiment.treatment == bindparam("treatment"))
    .limit(1)
)
MOST_AT_ONCE = 200  # running experiments that one call answers


@dataclass(frozen=True)
class Assigned:
    """What a person gets of an experiment, and why that is the control where they are not in it."""

    experiment: str
    variant: str
    in_experiment: bool
    reason: str | None = None


@dataclass(frozen=True)
class Assigning:
    """The deed, with the clients it needs; `key` is the one that erased persons are known by."""

    clock: Clock
    auditor: Auditor
    trials: Trials
    key: bytes

    def one(
        self, session: Session, actor: Actor, row: Experiment, user_id: str, *, asked_not_to: bool = False
    ) -> Assigned:
        """Answer what the person gets of this experiment; the first time, that they met it is logged."""
        return self.all(session, actor, [row], user_id, asked_not_to=asked_not_to)[0]

    def all(
        self,
        session: Session,
        actor: Actor,
        rows: Sequence[Experiment],
        user_id: str,
        *,
        asked_not_to: bool = False,
    ) -> list[Assigned]:
        """The same of some experiments, in their order. Whoever an override names is never logged."""
        found = self.preview(session, rows, user_id, asked_not_to=asked_not_to)
        met = [
            row.id
            for row, one in zip(rows, found, strict=True)
            if one.in_experiment and one.reason != OVERRIDE
        ]
        variants = {row.id: one.variant for row, one in zip(rows, found, strict=True)}
        self._log(session, actor, user_id, {row_id: variants[row_id] for row_id in met})
        return found

    def preview(
        self, session: Session, rows: Sequence[Experiment], user_id: str, *, asked_not_to: bool = False
    ) -> list[Assigned]:
        """What the person would get; nothing is logged."""
        if not rows:
            return []
        person_id = person_id_of(session, user_id)
        barred = self._barred(session, user_id, asked_not_to=asked_not_to)
        forced = _overrides(session, person_id, rows) if person_id and barred != OFF else {}
        facts = self._facts(session, person_id, rows) if not barred else {}
        return [
            Assigned(row.key, forced[row.id], in_experiment=True, reason=OVERRIDE)
            if row.id in forced
            else assign(row, user_id, facts, barred)
            for row in rows
        ]

    def _barred(self, session: Session, user_id: str, *, asked_not_to: bool) -> str:
        """Why the person is in no experiment at all; empty when they may be."""
        if is_erased(session, self.key, user_id):
            return ERASED
        return self.trials.watched(session, user_id) or (DO_NOT_TRACK if asked_not_to else "")

    def _facts(
        self, session: Session, person_id: UUID | None, rows: Sequence[Experiment]
    ) -> Mapping[str, Sequence[str]]:
        wanted = {fact for row in rows if row.state is State.RUNNING for fact in row.audience}
        return self.trials.traits(session, person_id, self.clock.now(), wanted) if wanted else {}

    def _log(self, session: Session, actor: Actor, user_id: str, met: Mapping[UUID, str]) -> None:
        """Log what was not logged before; calls at the same moment leave one row."""
        if not met:
            return
        person_id = person_id_of(session, user_id)
        known = _exposed(session, person_id, met) if person_id else set()
        fresh = {row_id: variant for row_id, variant in met.items() if (row_id, variant) not in known}
        if not fresh:
            return
        with unit(session):
            persons = made_persons(session, actor, [user_id], clock=self.clock, auditor=self.auditor)
            insert_new(
                session,
                Exposure,
                [
                    {
                        "id": new_id(),
                        "company_id": company_of(session),
                        "experiment_id": row_id,
                        "person_id": persons[user_id],
                        "variant": variant,
                        "at": self.clock.now(),
                    }
                    for row_id, variant in fresh.items()
                ],
            )

    def held_back(
        self, session: Session, actor: Actor, user_id: str, treatment: str, *, asked_not_to: bool = False
    ) -> bool:
        """Whether a running experiment gives this person the control of the treatment.

        Somebody unknown gets what everybody gets either way, so they are not in it.
        """
        row = session.scalar(ON, {"treatment": treatment})
        if row is None or person_id_of(session, user_id) is None:
            return False
        found = self.one(session, actor, row, user_id, asked_not_to=asked_not_to)
        return found.in_experiment and found.variant == row.variants[0]["key"]


def running(session: Session) -> Sequence[Experiment]:
    """The company's running experiments, by key."""
    found = select(Experiment).where(Experiment.state == State.RUNNING)
    return session.scalars(found.order_by(Experiment.key).limit(MOST_AT_ONCE)).all()


def assign(row: Experiment, user_id: str, facts: Mapping[str, Sequence[str]], barred: str = "") -> Assigned:
    """What the design says: state, then whether they may be watched, namespace, audience, hash."""
    why = _why_not(row, user_id, facts, barred)
    weights = [one["weight"] for one in row.variants]
    place = None if why else assigned(row.seed, user_id, weights, row.coverage)
    if place is None:
        return Assigned(row.key, _everybodys(row, why), in_experiment=False, reason=why or COVERAGE)
    return Assigned(row.key, row.variants[place]["key"], in_experiment=True)


def _why_not(row: Experiment, user_id: str, facts: Mapping[str, Sequence[str]], barred: str) -> str:
    if barred == OFF or (row.state is State.RUNNING and barred):
        return barred
    if row.state is not State.RUNNING:
        return str(row.state.value)
    part = row.namespace
    if part and not inside(Namespace(part["id"], part["begin"], part["end"]), user_id):
        return NAMESPACE
    return "" if meant(row.audience, facts) else AUDIENCE


def _everybodys(row: Experiment, why: str) -> str:
    """What those get who are not in it: the control, or what was decided once it is stopped."""
    control = str(row.variants[0]["key"])
    if why != State.STOPPED.value or row.decision not in {one["key"] for one in row.variants}:
        return control
    return str(row.decision)


def _overrides(session: Session, person_id: UUID, rows: Sequence[Experiment]) -> dict[UUID, str]:
    own = VariantOverride.person_id == person_id
    of_these = VariantOverride.experiment_id.in_([row.id for row in rows])
    asked = select(VariantOverride.experiment_id, VariantOverride.variant).where(own, of_these)
    return {row.experiment_id: row.variant for row in session.execute(asked)}


def _exposed(session: Session, person_id: UUID, met: Mapping[UUID, str]) -> set[tuple[UUID, str]]:
    own = Exposure.person_id == person_id
    asked = select(Exposure.experiment_id, Exposure.variant).where(own, Exposure.experiment_id.in_(met))
    return {(row.experiment_id, row.variant) for row in session.execute(asked)}
