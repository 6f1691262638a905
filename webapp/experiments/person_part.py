"""The experiments of a person, for the page that unites what is known of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.area import PersonPart
from webapp.experiments.models import Experiment, Exposure, VariantOverride

SHOWN = 20


def experiments_of_person(session: Session, _actor: Actor, person_id: UUID) -> PersonPart | None:
    """The variants that the person met, and overrides; nothing for who met none."""
    asked = select(Experiment, Exposure.variant, Exposure.at).join(
        Exposure, Exposure.experiment_id == Experiment.id
    )
    newest = asked.where(Exposure.person_id == person_id).order_by(Exposure.at.desc(), Exposure.id.desc())
    met = [(row[0], _name(row[0], row[1]), row[2]) for row in session.execute(newest.limit(SHOWN))]
    own = select(Experiment, VariantOverride.variant).join(
        VariantOverride, VariantOverride.experiment_id == Experiment.id
    )
    forced = session.execute(own.where(VariantOverride.person_id == person_id).limit(SHOWN))
    overridden = [(row[0], _name(row[0], row[1])) for row in forced]
    if not met and not overridden:
        return None
    context = {"met": met, "overridden": overridden}
    return PersonPart("Experiments", "experiments/_person.html", context, Permission.EXPERIMENTS_READ)


def _name(row: Experiment, key: str) -> str:
    return next((str(one["name"]) for one in row.variants if one["key"] == key), key)
