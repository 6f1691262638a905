"""Staff's word that a person gets a variant, to try it: set, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import lock_key, unit
from webapp.core.errors import DomainError, NotFound
from webapp.experiments.experiments import find_experiment
from webapp.experiments.facts import State
from webapp.experiments.models import Experiment, VariantOverride
from webapp.people.models import Person
from webapp.people.persons import find_person

SHOWN = 200


def override_variant(
    session: Session,
    actor: Actor,
    experiment_id: UUID,
    user_id: str,
    variant: str,
    *,
    clock: Clock,
    auditor: Auditor,
) -> VariantOverride:
    """Have the person get this variant, whatever chance says, until it is taken back; a draft's too.

    They are not logged as having met it. Raises NotFound for somebody unknown, DomainError for a variant
    that is none or an experiment that is stopped.
    """
    with unit(session):
        row, person = find_experiment(session, experiment_id), find_person(session, user_id)
        _check(row, variant)
        lock_key(session, "override", row.id, person.id)
        found = session.scalar(_of(row.id, person.id))
        before = found.variant if found else None
        if found is None:
            found = VariantOverride(
                experiment_id=row.id, person_id=person.id, variant=variant, at=clock.now()
            )
            session.add(found)
        found.variant, found.by, found.at = variant, actor.name[:200], clock.now()
        session.flush()
        auditor.record(
            session,
            actor,
            AuditAction.VARIANT_OVERRIDDEN,
            row,
            changes={"variant": (before, variant)},
            person=person.id,
        )
        return found


def release_variant(
    session: Session, actor: Actor, experiment_id: UUID, override_id: UUID, *, auditor: Auditor
) -> None:
    """Leave the person to chance again. Raises NotFound."""
    with unit(session):
        row = find_experiment(session, experiment_id)
        own = (VariantOverride.experiment_id == row.id, VariantOverride.id == override_id)
        found = session.scalar(select(VariantOverride).where(*own))
        if found is None:
            raise NotFound("There is no such override.")
        session.execute(delete(VariantOverride).where(VariantOverride.id == found.id))
        changes: dict[str, tuple[object, object]] = {"variant": (found.variant, None)}
        action = AuditAction.VARIANT_RELEASED
        auditor.record(session, actor, action, row, changes=changes, person=found.person_id)


def overrides_of(session: Session, experiment_id: UUID) -> Sequence[tuple[VariantOverride, Person]]:
    """The newest overrides with their persons."""
    asked = select(VariantOverride, Person).join(Person, Person.id == VariantOverride.person_id)
    own = asked.where(VariantOverride.experiment_id == experiment_id)
    newest = own.order_by(VariantOverride.at.desc(), VariantOverride.id).limit(SHOWN)
    return [(row[0], row[1]) for row in session.execute(newest)]


def _of(experiment_id: UUID, person_id: UUID) -> Select[VariantOverride]:
    return select(VariantOverride).where(
        VariantOverride.experiment_id == experiment_id, VariantOverride.person_id == person_id
    )


def _check(row: Experiment, variant: str) -> None:
    if row.state is State.STOPPED:
        raise DomainError("It is stopped: everybody gets the control.", details={"variant": "is over"})
    if variant not in {one["key"] for one in row.variants}:
        why = "The experiment has no such variant."
        raise DomainError(why, code="invalid", details={"variant": why})
