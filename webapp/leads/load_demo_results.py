"""The demo's models: trained at moments of its past by the same training, with what they then predicted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.core.services import services
from webapp.leads.facts import OPEN
from webapp.leads.histories import ClosedLeads, closed_leads
from webapp.leads.in_force import InForce, in_force
from webapp.leads.learning import By, keep
from webapp.leads.models import Lead, Prediction
from webapp.leads.rules.moments import DAY, at_moments
from webapp.leads.rules.training import missing, train
from webapp.leads.scoring import score_leads
from webapp.leads.storing_scores import write_log, write_scores

TRAINED_DAYS_AGO = (300, 180, 60)  # when the demo's salespeople had their models trained
AHEAD = 3 * DAY  # before a closing: when the demo's last prediction was made


def load_leads_demo_results(session: Session, actor: Actor, clock: Clock, staff_ids: Sequence[UUID]) -> None:
    """Train each salesperson as if it were then, log what was predicted, score what is open now."""
    for staff_id in staff_ids:
        leads = closed_leads(session, staff_id)
        versions = [_version(session, actor, staff_id, leads, at) for at in _moments(clock)]
        ends = [*(at.timestamp() for at in _moments(clock)), clock.now().timestamp()]
        for mine, (begins, end) in zip(versions, pairwise(ends), strict=True):
            _log(session, mine, leads, (begins, end))
    session.commit()
    now = clock.now()
    rows, logged = score_leads(session, [Lead.stage.in_(OPEN)], now, lambda: None)
    with unit(session):
        write_scores(session, rows, now)
        write_log(session, logged, now)


def _moments(clock: Clock) -> list[datetime]:
    return [clock.now() - timedelta(days=days) for days in TRAINED_DAYS_AGO]


def _version(session: Session, actor: Actor, staff_id: UUID, leads: ClosedLeads, at: datetime) -> InForce:
    """What was in force after a training at that moment."""
    known = leads.before(at.timestamp())
    if not any(missing(int(known.won.sum()), int((1 - known.won).sum()))):
        trained = train(known.histories, known.closed, known.won, [str(one) for one in known.ids])
        with unit(session):
            former = in_force(session, staff_id).number
            keep(session, By(actor, services().auditor, at), staff_id, trained, known, former)
    return in_force(session, staff_id)


def _log(session: Session, mine: InForce, leads: ClosedLeads, span: tuple[float, float]) -> None:
    """What this version said of leads that closed in the span, three days before each did."""
    places = np.flatnonzero((leads.closed >= span[0]) & (leads.closed < span[1]))
    at = np.maximum(leads.closed[places] - AHEAD, leads.histories.opened[places])
    said = mine.predict(at_moments(leads.histories, places, at)).probability.tolist()
    with unit(session):
        session.add_all(
            Prediction(
                lead_id=leads.ids[place],
                staff_id=mine.staff_id,
                model_number=mine.number,
                probability=probability,
                at=datetime.fromtimestamp(moment, UTC),
            )
            for place, probability, moment in zip(places.tolist(), said, at.tolist(), strict=True)
        )
