"""Somebody's lead model as its page shows it: what is in force, how well it does, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Membership, Staff
from webapp.core.errors import NotFound
from webapp.leads.accuracy import Drift, Month, by_month, drift_of, fared
from webapp.leads.facts import OPEN, ModelDeed
from webapp.leads.learning import Progress, progress_of
from webapp.leads.models import Lead, ModelEvent, Salesperson, ScoringModel
from webapp.leads.owners import Owner
from webapp.leads.rules.encoding import label_of
from webapp.leads.rules.explaining import strengths
from webapp.leads.rules.metrics import (
    Bin,
    Confusion,
    Estimate,
    Scored,
    calibration_bins,
    confusion,
    roc,
)
from webapp.leads.rules.personal import Personal
from webapp.leads.rules.score import DEFAULT_WEIGHTS
from webapp.leads.rules.training import rows_from_json
from webapp.leads.salespeople import salesperson_of
from webapp.leads.versions import events_of, versions_of

Figures = Mapping[str, Mapping[str, Estimate]]  # by way of predicting, by name
LIKELIEST = 10  # open leads that the page offers to look at
LEAST_COMPARED = 2  # models in force, before their average is told


@dataclass(frozen=True)
class State:
    """Where somebody's model stands; `number` 0 is the default."""

    person: Owner
    number: int
    drifting: bool
    progress: Progress
    versions: tuple[ScoringModel, ...]
    events: tuple[ModelEvent, ...]

    @property
    def newest(self) -> ScoringModel | None:
        """The version that was trained last."""
        return self.versions[0] if self.versions else None

    @property
    def ruling(self) -> ScoringModel | None:
        """The version in force; None while it is the default."""
        return self.version(self.number)

    @property
    def last_deed(self) -> ModelEvent | None:
        """What was last done about which version is in force."""
        return next((one for one in self.events if one.deed is not ModelDeed.REJECTED), None)

    def version(self, number: int) -> ScoringModel | None:
        """The version of this number."""
        return next((one for one in self.versions if one.number == number), None)

    def standing(self, number: int) -> str:
        """How a version stands: in force, former (it once was) or rejected."""
        if number == self.number:
            return "in force"
        was = any(one.number == number and one.deed is not ModelDeed.REJECTED for one in self.events)
        return "former" if was or not number else "rejected"

    def before(self, number: int) -> int:
        """Which version was in force when this one was trained."""
        ruled = 0
        for one in reversed(self.events):
            if one.number == number and one.deed in {ModelDeed.ADOPTED, ModelDeed.REJECTED}:
                break
            ruled = ruled if one.deed is ModelDeed.REJECTED else one.number
        return ruled


@dataclass(frozen=True)
class Opened:
    """One version with all that it was judged by. `bins`, `curve` and `found` come from its stored rows."""

    row: ScoringModel
    before: int
    weights_before: Mapping[str, float]
    rows: Scored
    figures: Figures
    holdout: Figures | None
    holdout_leads: int
    method: str
    rounds: int
    leaks: tuple[tuple[str, float], ...]
    strengths: tuple[tuple[str, float], ...]
    bins: tuple[Bin, ...]
    curve: tuple[tuple[float, float, float], ...]
    found: Confusion


@dataclass(frozen=True)
class Past:
    """How predictions fared on leads that have closed since, and how the version in force does of late."""

    leads: int
    months: tuple[Month, ...]
    drift: Drift | None


def find_salesperson(session: Session, staff_id: UUID) -> Owner:
    """Whoever is or was of the session's company. Raises NotFound for anybody else."""
    known = or_(
        exists(select(Membership.id).where(Membership.staff_id == Staff.id)),
        exists(select(Salesperson.id).where(Salesperson.staff_id == Staff.id)),
        exists(select(Lead.id).where(Lead.owner_id == Staff.id)),
    )
    asked = select(Staff.id, Staff.name, Staff.email).where(Staff.id == staff_id, known)
    row = session.execute(asked).first()
    if row is None:
        raise NotFound("There is no such salesperson in this company.")
    return Owner(row.id, row.name, row.email)


def state_of(session: Session, person: Owner) -> State:
    """Read where the person's model stands."""
    row = salesperson_of(session, person.id)
    return State(
        person,
        row.number if row else 0,
        bool(row and row.drifting),
        progress_of(session, person.id),
        tuple(versions_of(session, person.id)),
        tuple(events_of(session, person.id)),
    )


def figures_of(session: Session, row: ScoringModel) -> Figures:
    """What a version was judged to be, out of sample, beside the default and the commoner outcome."""
    stored: Any = session.scalar(select(ScoringModel.evaluation).where(ScoringModel.id == row.id))
    return _figures(stored)


def _figures(stored: Mapping[str, Any]) -> Figures:
    return {
        way: {name: (one[0], one[1], one[2]) for name, one in figures.items()}
        for way, figures in stored["figures"].items()
    }


def opened(session: Session, state: State, row: ScoringModel, threshold: float) -> Opened:
    """Read one version with its long columns, and work out its plots at this threshold."""
    asked = select(ScoringModel.evaluation, ScoringModel.model).where(ScoringModel.id == row.id)
    evaluation, model = session.execute(asked).one()
    rows, before = rows_from_json(evaluation["rows"]), state.before(row.number)
    former = state.version(before)
    holdout = evaluation["holdout"]
    return Opened(
        row=row,
        before=before,
        weights_before=former.weights if former else DEFAULT_WEIGHTS,
        rows=rows,
        figures=_figures(evaluation),
        holdout=_figures(holdout) if holdout else None,
        holdout_leads=holdout["leads"] if holdout else 0,
        method=evaluation["method"],
        rounds=evaluation["rounds"],
        leaks=tuple((label_of(one["input"]), one["auc"]) for one in evaluation["leaks"]),
        strengths=tuple(strengths(Personal.from_json(model))),
        bins=tuple(calibration_bins(rows)),
        curve=tuple(roc(rows)),
        found=confusion(rows, threshold),
    )


def past_of(session: Session, state: State, zone: ZoneInfo, now: datetime) -> Past:
    """Join what was predicted for the person's own leads with what came of them."""
    found, ruling = fared(session, state.person.id), state.ruling
    drift = drift_of(found, ruling.number, (ruling.log_loss, ruling.log_loss_error), now) if ruling else None
    return Past(len(found), tuple(by_month(found, zone)), drift)


def company_average(session: Session) -> tuple[float, int] | None:
    """The mean accuracy of the company's models in force, and of how many; None for fewer than two."""
    asked = select(func.avg(ScoringModel.accuracy), func.count()).join(
        Salesperson,
        (Salesperson.staff_id == ScoringModel.staff_id) & (Salesperson.number == ScoringModel.number),
    )
    mean, count = session.execute(asked).one()
    return (float(mean), count) if count >= LEAST_COMPARED else None


def likeliest(session: Session, staff_id: UUID) -> list[tuple[UUID, str]]:
    """The person's open leads that are likeliest to be won, as last scored."""
    asked = (
        select(Lead.id, Lead.name)
        .where(Lead.owner_id == staff_id, Lead.stage.in_(OPEN))
        .order_by(Lead.probability.desc().nulls_last(), Lead.id)
        .limit(LIKELIEST)
    )
    return [(row.id, row.name) for row in session.execute(asked)]
