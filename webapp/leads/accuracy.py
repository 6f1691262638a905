"""How predictions fared: what was predicted for leads that have closed since, month by month, and drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.intervals import wilson
from webapp.leads.facts import CLOSED, NoticeKind, Stage
from webapp.leads.models import Lead, Prediction, Salesperson, ScoringModel
from webapp.leads.notices import tell
from webapp.leads.rules.metrics import Scored, by_lead, log_losses
from webapp.leads.rules.score import Floats

AHEAD = timedelta(days=1)  # before the closing: what was said by then counts
LEAST_FRESH = 10  # closed leads that drift is judged on
MOST = 5_000  # the newest closed leads that are looked at
RECENT = timedelta(days=90)
Z_ONE_SIDED = 1.6448536269514722


@dataclass(frozen=True)
class Fared:
    """One closed lead beside what was predicted for it, when, by which version, and what came."""

    lead_id: UUID
    probability: float
    number: int
    at: datetime
    closed_at: datetime
    won: bool

    @property
    def right(self) -> float:
        """1 when the likelier outcome came, ½ where none was likelier."""
        if self.probability == 0.5:
            return 0.5
        return float((self.probability > 0.5) == self.won)


def fared(session: Session, staff_id: UUID) -> list[Fared]:
    """What the person's model said of their own leads that have closed since, in the order of closing.

    For each lead the last prediction made at least a day before it closed, or else its first one.
    """
    newest = (
        select(Lead.id)
        .where(Lead.closer_id == staff_id, Lead.stage.in_(CLOSED), Lead.closed_at.is_not(None))
        .order_by(Lead.closed_at.desc())
        .limit(MOST)
    )
    in_time = Prediction.at <= Lead.closed_at
    rank = func.row_number().over(
        partition_by=Prediction.lead_id, order_by=(Prediction.at.desc(), Prediction.id.desc())
    )
    asked = (
        select(
            Prediction.lead_id,
            Prediction.probability,
            Prediction.model_number,
            Prediction.at,
            Lead.closed_at,
            Lead.stage,
            rank.label("rank"),
        )
        .join(Lead, Lead.id == Prediction.lead_id)
        .where(Prediction.lead_id.in_(newest), Prediction.staff_id == staff_id, in_time)
        .order_by(Prediction.lead_id, rank)
    )
    said: dict[UUID, Fared] = {}
    for row in session.execute(asked):
        one = Fared(
            row.lead_id,
            row.probability,
            row.model_number,
            row.at,
            row.closed_at,
            row.stage is Stage.WON,
        )
        held = said.get(row.lead_id)
        if held is None or held.at > held.closed_at - AHEAD:  # newest first: too late ones give way
            said[row.lead_id] = one
    return sorted(said.values(), key=lambda one: (one.closed_at, one.lead_id))


@dataclass(frozen=True)
class Month:
    """A month's closed leads: the share predicted right with its interval, the versions that spoke."""

    begins: datetime
    leads: int
    accuracy: float
    low: float
    high: float
    versions: tuple[int, ...]


def by_month(found: Sequence[Fared], zone: ZoneInfo) -> list[Month]:
    """Accuracy over time, a point for each month of the company's calendar in which leads closed."""
    months: dict[tuple[int, int], list[Fared]] = {}
    for one in found:
        local = one.closed_at.astimezone(zone)
        months.setdefault((local.year, local.month), []).append(one)
    answer = []
    for (year, month), leads in sorted(months.items()):
        right = sum(one.right for one in leads)
        versions = tuple(sorted({one.number for one in leads}))
        begins = datetime(year, month, 1, tzinfo=zone)
        share = right / len(leads)
        answer.append(Month(begins, len(leads), share, *wilson(right, len(leads)), versions))
    return answer


@dataclass(frozen=True)
class Drift:
    """Recent predictions of the version in force beside what its cross-validation promised (log-loss)."""

    leads: int
    found: float
    promised: float
    error: float

    @property
    def drifting(self) -> bool:
        """Whether they are worse by more than chance: one-sided, at the 5 % level."""
        return self.leads >= LEAST_FRESH and self.found - self.promised > Z_ONE_SIDED * self.error


def drift_of(found: Sequence[Fared], number: int, promise: tuple[float, float], now: datetime) -> Drift:
    """Judge the last 90 days' closed leads that this version had predicted.

    `promise` is the cross-validated log-loss with its standard error; the difference's error is of both.
    """
    promised, uncertain = promise
    fresh = [one for one in found if one.number == number and one.closed_at > now - RECENT]
    if len(fresh) < 2:
        return Drift(len(fresh), promised, promised, float("inf"))
    rows = Scored(
        np.arange(len(fresh)),
        np.array([one.probability for one in fresh]),
        np.array([one.won for one in fresh], float),
        np.ones(len(fresh)),
    )
    losses: Floats = by_lead(rows, log_losses(rows))
    error = float(np.hypot(uncertain, losses.std(ddof=1) / np.sqrt(len(losses))))
    return Drift(len(fresh), float(losses.mean()), promised, error)


def watch_drift(session: Session, now: datetime) -> int:
    """Set and clear everybody's drift flag, and tell whose model drifted; in the caller's unit."""
    rows = session.execute(
        select(Salesperson, ScoringModel.log_loss, ScoringModel.log_loss_error).join(
            ScoringModel,
            (ScoringModel.staff_id == Salesperson.staff_id) & (ScoringModel.number == Salesperson.number),
        )
    ).all()
    drifting = 0
    for person, promised, uncertain in rows:
        found = fared(session, person.staff_id)
        drift = drift_of(found, person.number, (promised, uncertain), now)
        person.drifting = drift.drifting
        if drift.drifting:
            drifting += 1
            text = (
                f"Your model drifted: on {drift.leads} leads closed in 90 days its log-loss was "
                f"{drift.found:.2f}, where {drift.promised:.2f} was promised. Train it again."
            )
            key = f"drift:{person.number}"
            tell(session, person.staff_id, NoticeKind.MODEL_DRIFTED, key, text, at=now)
    return drifting
