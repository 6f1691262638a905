"""What a lead's page says of the future: the prediction of whoever looks, why, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.core.charts import Step, WaterfallChart, waterfall
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.leads.accuracy import AHEAD
from webapp.leads.models import Lead, Prediction
from webapp.leads.predicting import Told, asker, log_predictions, tell
from webapp.leads.preferences import preferences_of
from webapp.leads.rules.explaining import Explained
from webapp.leads.similar_cases import Like, named

SHOWN = 6  # factors by name; the others stand together
LOOKED = timedelta(hours=1)  # a look within it is not logged again
MOST_LOGGED = 12


@dataclass(frozen=True)
class Outlook:
    """An open lead's prediction by the model of whoever looks; `best_time` by the company's clock."""

    told: Told
    chart: WaterfallChart
    similar: tuple[Like, ...]
    advises: bool
    best_time: datetime | None

    @property
    def own_words(self) -> str:
        """How much of it is one's own data."""
        own = round(100 * self.told.own)
        return f"{own} % your data, {100 - own} % the default" if self.told.number else "the default rule"


@dataclass(frozen=True)
class Foretold:
    """A row of the log: what was said of a closed lead, when and by whose model; `counts` for accuracy."""

    row: Prediction
    owners: bool
    counts: bool


def outlook(
    session: Session, lead: Lead, staff_id: UUID, zone: ZoneInfo, clock: Clock, *, advised: bool
) -> Outlook:
    """Predict the lead with this person's model; log it unless they looked within the hour."""
    told = tell(session, asker(session, staff_id, zone, clock), [lead.id])[0]
    found = Outlook(
        told,
        drawn(told.explained),
        tuple(named(session, told.cases)),
        advised or preferences_of(session, staff_id).suggests_actions,
        told.advice.best_time.astimezone(zone) if told.advice else None,
    )
    log_look(session, told)
    return found


def drawn(explained: Explained) -> WaterfallChart:
    """The factors from where they begin to what they add up to, the weak ones together."""
    steps = [Step(one.label, one.points) for one in explained.factors[:SHOWN]]
    rest = explained.factors[SHOWN:]
    if rest:
        steps.append(Step(f"{len(rest)} weaker factors", sum(one.points for one in rest)))
    return waterfall(Step(explained.base_label, explained.base), steps, "Prediction")


def log_look(session: Session, told: Told) -> None:
    """Keep what was shown, once an hour for a lead and a person."""
    if _logged(session, told):
        return
    with unit(session):
        lock_key(session, company_of(session), "look", told.lead_id, told.staff_id)
        if not _logged(session, told):
            log_predictions(session, [told])


def _logged(session: Session, told: Told) -> bool:
    asked = select(Prediction.id).where(
        Prediction.lead_id == told.lead_id,
        Prediction.staff_id == told.staff_id,
        Prediction.at > told.at - LOOKED,
    )
    return session.scalar(asked.limit(1)) is not None


def foretold(session: Session, lead: Lead, staff_id: UUID) -> list[Foretold]:
    """What had been predicted for a closed lead, by its owner's model and by that of whoever looks."""
    asked = (
        select(Prediction)
        .where(
            Prediction.lead_id == lead.id,
            Prediction.at <= lead.closed_at,
            or_(Prediction.staff_id == lead.owner_id, Prediction.staff_id == staff_id),
        )
        .order_by(Prediction.at.desc(), Prediction.id.desc())
        .limit(MOST_LOGGED)
    )
    rows = session.scalars(asked).all()
    counting = _counting(lead, [one for one in rows if one.staff_id == lead.owner_id])
    return [Foretold(one, one.staff_id == lead.owner_id, one is counting) for one in rows]


def _counting(lead: Lead, rows: Sequence[Prediction]) -> Prediction | None:
    """The owner's last one from at least a day before, else the first of those shown."""
    if lead.closed_at is None or not rows:
        return None
    return next((one for one in rows if one.at <= lead.closed_at - AHEAD), rows[-1])
