"""How overrides turned out: what members took where staff's default and the model's were different ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from webapp.archetypes.models import Recommendation
from webapp.core.intervals import wilson

DAYS = 90
LOOKED_AT = 50_000  # outcomes; the newest of the window
ENOUGH = 20


@dataclass(frozen=True)
class Outcome:
    """How often it came so, with the interval of its share."""

    name: str
    meaning: str
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Record:
    """Recommendations by an override that replaced another default, by what the member took.

    `better`: the override's default; `worse`: the default it replaced; `neither`: something else.
    """

    better: int
    worse: int
    neither: int

    @property
    def count(self) -> int:
        """How many there were."""
        return self.better + self.worse + self.neither

    @property
    def enough(self) -> bool:
        """Whether they say something."""
        return self.count >= ENOUGH

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Each way it came."""
        told = (
            ("Better", "the member took what the override recommended", self.better),
            ("Worse", "the member took what the model would have recommended", self.worse),
            ("Neither", "the member took something else, or nothing", self.neither),
        )
        return tuple(
            Outcome(name, meaning, count, count / max(1, self.count), *wilson(count, self.count))
            for name, meaning, count in told
        )

    @property
    def verdict(self) -> str:
        """Whether overriding pays, in a sentence."""
        if not self.enough:
            return (
                f"Not enough data: {self.count} of the {ENOUGH} outcomes that are needed to say whether "
                "overrides turn out better than the default they replace."
            )
        better, worse, _ = self.outcomes
        share, low, high = (f"{one * 100:.0f}" for one in (better.share, better.low, better.high))
        told = f"what the override recommended in {share} of 100 cases (between {low} and {high})"
        if better.low > worse.high:
            return f"Worth it: members took {told}, more often than the default it replaced."
        if worse.low > better.high:
            return f"Not worth it: members took {told}, less often than the default it replaced."
        return f"Undecided: members took {told}, about as often as the default it replaced."


def record_of(session: Session, now: datetime) -> Record:
    """Count the outcomes of the last 90 days, at most the newest 50,000 of them, in one statement."""
    row = Recommendation
    newest = (
        select(row.overridden, row.selected, row.recommended, row.unoverridden)
        .where(row.decided_at > now - timedelta(days=DAYS))
        .order_by(row.decided_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    taken, said, else_said = (
        cast(newest.c[name], String) for name in ("selected", "recommended", "unoverridden")
    )
    asked = (
        select(
            func.count().filter(taken == said),
            func.count().filter(taken == else_said),
            func.count(),
        )
        .select_from(newest)
        .where(newest.c.overridden.is_(True), newest.c.unoverridden.is_not(None), else_said != said)
    )
    better, worse, count = session.execute(asked).one()
    return Record(better, worse, count - better - worse)
