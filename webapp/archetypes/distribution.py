"""How members divide among the archetypes: now, and how it moved from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import ArchetypeCount, Member
from webapp.core.tables import MOST_COUNTED

DAYS = 90  # that the figure shows
MOVED = 0.02  # of all members; less is not called a move
HEAD = ("day", "archetype", "members", "overridden")


@dataclass(frozen=True)
class Share:
    """How many members have an archetype in force; `more` when counting stopped there."""

    archetype: Archetype
    members: int
    more: bool = False


@dataclass(frozen=True)
class Day:
    """The members of one day, by archetype, and how many of each by override."""

    day: date
    members: dict[Archetype, int]
    overridden: dict[Archetype, int]

    @property
    def total(self) -> int:
        """How many members there were."""
        return sum(self.members.values())

    def share(self, archetype: Archetype) -> float:
        """The archetype's share of the members, 0 without any."""
        return self.members[archetype] / self.total if self.total else 0.0


@dataclass(frozen=True)
class Distribution:
    """The members by archetype now, and the days before, oldest first. `day` is the day that was counted."""

    shares: tuple[Share, ...]
    days: tuple[Day, ...]

    @property
    def day(self) -> date | None:
        """The day of the newest count; None when the members were counted just now."""
        return self.days[-1].day if self.days else None

    @property
    def total(self) -> int:
        """How many members there are, or are at least."""
        return sum(one.members for one in self.shares)

    @property
    def more(self) -> bool:
        """Whether counting stopped early."""
        return any(one.more for one in self.shares)

    @property
    def now_words(self) -> str:
        """What the figure of now finds."""
        if self.more:
            return "More members than are counted on each look; the nightly recalculation counts them all."
        most = max(self.shares, key=lambda one: one.members)
        share = round(most.members / self.total * 100) if self.total else 0
        return f"{share} % of the members are {_plural(most.archetype)}."

    @property
    def moved_words(self) -> str:
        """What the figure of the days finds."""
        if len(self.days) < 2:
            return "One day is counted so far: how it moves shows from tomorrow on."
        first, last = self.days[0], self.days[-1]
        moved = max(Archetype, key=lambda one: abs(last.share(one) - first.share(one)))
        before, after = first.share(moved), last.share(moved)
        since = f"{first.day.day} {first.day:%B}"
        if abs(after - before) < MOVED:
            return f"The shares have hardly moved since {since}."
        deed = "grew" if after > before else "fell"
        shares = f"from {before * 100:.0f} to {after * 100:.0f} %"
        return f"{_plural(moved).capitalize()} {deed} {shares} since {since}."


def distribution(session: Session) -> Distribution:
    """Read the days that are counted; without one, count the members as far as lists do."""
    days = days_of(session, DAYS)
    if days:
        newest = days[-1].members
        return Distribution(tuple(Share(one, newest[one]) for one in Archetype), days)
    return Distribution(_counted(session), ())


def days_of(session: Session, most: int) -> tuple[Day, ...]:
    """The newest days, oldest first. A day that was not counted is not there."""
    newest = select(ArchetypeCount).order_by(ArchetypeCount.day.desc()).limit(most * len(Archetype))
    found = dict[date, Day]()
    for row in reversed(session.scalars(newest).all()):
        empty = dict.fromkeys(Archetype, 0)
        day = found.setdefault(row.day, Day(row.day, dict(empty), dict(empty)))
        day.members[row.archetype], day.overridden[row.archetype] = row.members, row.overridden
    return tuple(found.values())


def table_of(days: Sequence[Day]) -> list[list[str]]:
    """The days for a file: as many columns as `HEAD` names."""
    return [
        [day.day.isoformat(), one.value, str(day.members[one]), str(day.overridden[one])]
        for day in days
        for one in Archetype
    ]


def _counted(session: Session) -> tuple[Share, ...]:
    ways = []
    for one in Archetype:
        some = select(Member.in_force).where(Member.in_force == one).limit(MOST_COUNTED + 1).subquery()
        ways.append(select(literal(one.value), func.count()).select_from(some))
    counts = {row[0]: int(row[1]) for row in session.execute(union_all(*ways))}
    return tuple(
        Share(one, min(counts[one.value], MOST_COUNTED), counts[one.value] > MOST_COUNTED)
        for one in Archetype
    )


def _plural(archetype: Archetype) -> str:
    return {
        Archetype.BIG_SPENDER: "big spenders",
        Archetype.HIGH_FLEXIBILITY: "highly flexible",
        Archetype.AVERAGE_USER: "average users",
    }[archetype]
