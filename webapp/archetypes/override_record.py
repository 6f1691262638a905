"""What members took where staff's override put another default in the place of the model's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from webapp.archetypes.models import Recommendation
from webapp.core.intervals import wilson
from webapp.core.text import plural

DAYS = 90
LOOKED_AT = 50_000  # outcomes of such overrides; the newest of the window
ENOUGH, ENOUGH_MEMBERS = 20, 5


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

    `followed`: the override's default; `replaced`: the default that the model would have named;
    `neither`: something else, or nothing. `members` is of how many members they are.
    """

    followed: int
    replaced: int
    neither: int
    members: int

    @property
    def count(self) -> int:
        """How many there were."""
        return self.followed + self.replaced + self.neither

    @property
    def enough(self) -> bool:
        """Whether they say something: so many outcomes, and not of a handful of members."""
        return self.count >= ENOUGH and self.members >= ENOUGH_MEMBERS

    @property
    def behind(self) -> str:
        """How much the figures stand on."""
        return f"{plural(self.count, 'outcome')} of {plural(self.members, 'member')}"

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Each way it came."""
        told = (
            ("Followed", "the member took what the override recommended", self.followed),
            ("The model’s", "the member took what the model would have recommended", self.replaced),
            ("Neither", "the member took something else, or nothing", self.neither),
        )
        return tuple(
            Outcome(name, meaning, count, count / max(1, self.count), *wilson(count, self.count))
            for name, meaning, count in told
        )

    @property
    def verdict(self) -> str:
        """How often overrides were followed, in a sentence; it does not say what else would have been taken.

        Each outcome is a pair: of those that took one default or the other, the share that took the
        override's is compared with a half by its Wilson interval (McNemar's comparison).
        """
        if not self.enough:
            return (
                f"Not enough data: {self.behind}. To say how overrides are followed, {ENOUGH} outcomes of "
                f"{ENOUGH_MEMBERS} members are needed."
            )
        low, high = wilson(self.followed, self.followed + self.replaced)
        if low > 0.5:
            how = "more often than they took the default that the model would have named"
        elif high < 0.5:
            how = "less often than they took the default that the model would have named"
        else:
            how = "about as often as they took the default that the model would have named"
        share = f"{self.outcomes[0].share * 100:.0f}"
        return f"Members followed the override in {share} of 100 cases, {how}: {self.behind}."


def record_of(session: Session, now: datetime) -> Record:
    """Count the outcomes of the last 90 days, at most the newest 50,000 of them, in one statement."""
    row = Recommendation
    newest = (
        select(row.person_id, row.selected, row.recommended, row.unoverridden)
        .where(
            row.decided_at > now - timedelta(days=DAYS),
            row.overridden.is_(True),
            row.unoverridden.is_not(None),
            row.unoverridden != row.recommended,
        )
        .order_by(row.decided_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    taken, said, else_said = (
        cast(newest.c[name], String) for name in ("selected", "recommended", "unoverridden")
    )
    asked = select(
        func.count().filter(taken == said),
        func.count().filter(taken == else_said),
        func.count(),
        func.count(newest.c.person_id.distinct()),
    ).select_from(newest)
    followed, replaced, count, members = session.execute(asked).one()
    return Record(followed, replaced, count - followed - replaced, members)
