"""Price rules tried on the catalog: what a typical customer, or a certain one, would pay by two versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import fmean
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.customers.models import CatalogItem
from webapp.customers.price_facts import Ware, demands, facts_of_customer, item_facts, ware_of
from webapp.customers.prices import earlier_quotes
from webapp.customers.recommending import counted
from webapp.customers.rules.pricing import CEILING, DAILY, FLOOR, Priced, Prices, lines, price, told

Versions = tuple[Prices | None, Prices]  # in force (None: none is, and base prices stand), and tried
MOST = 200
AT_ONCE = 400


@dataclass(frozen=True)
class Buyer:
    """Who the trial is for: a customer that is known, or words by fact. `demand` replaces what items say."""

    person_id: UUID | None = None
    words: Mapping[str, str] | None = None
    demand: str = ""


@dataclass(frozen=True)
class Line:
    """One item: its base price, by the version in force, by the other one, and why."""

    ware: Ware
    now: Decimal
    tried: Decimal
    reason: str
    held: tuple[str, ...]
    facts: Mapping[str, str]

    @property
    def change(self) -> float:
        """How the tried price differs from the one in force, as a share."""
        return float(self.tried / self.now - 1) if self.now else 0.0


@dataclass(frozen=True)
class Trial:
    """The lines and what they come to. `bounded` says that the catalog has more items than these."""

    lines: tuple[Line, ...]
    bounded: bool
    mean: float
    up: int
    down: int
    at_floor: int
    at_ceiling: int
    held_daily: int


def trial(session: Session, buyer: Buyer, versions: Versions, now: datetime) -> Trial:
    """Price the items that most was done with lately by both versions.

    Nothing is written. A known customer's earlier quotes hold the prices as they would.
    """
    wares, bounded = _wares(session, now)
    names = [one.identifier for one in wares]
    wanted = versions[1].facts | (versions[0].facts if versions[0] else frozenset())
    asked = demands(session, names, now) if "demand" in wanted and not buyer.demand else {}
    asked = dict.fromkeys(names, buyer.demand) if buyer.demand else asked
    theirs, earlier = dict(buyer.words or {}), dict[tuple[str, str], list[Decimal]]()
    if buyer.person_id:
        theirs = facts_of_customer(session, buyer.person_id, now, wanted)
        earlier = earlier_quotes(session, buyer.person_id, names, now)
    found = [
        _line(
            ware,
            theirs | item_facts(ware, asked, wanted),
            earlier.get((ware.identifier, ware.currency), ()),
            versions,
        )
        for ware in wares
    ]
    return _summed(found, bounded=bounded)


def _line(ware: Ware, facts: dict[str, str], earlier: Sequence[Decimal], versions: Versions) -> Line:
    now, tried = (_by(one, ware, facts, earlier) for one in versions)
    return Line(ware, now.price, tried.price, told(lines(tried)), tried.held, facts)


def _by(rules: Prices | None, ware: Ware, facts: dict[str, str], earlier: Sequence[Decimal]) -> Priced:
    return price(ware.base, facts, rules, earlier, ware.unit) if rules else Priced(ware.base, (), ())


def _summed(found: Sequence[Line], *, bounded: bool) -> Trial:
    def held(name: str) -> int:
        return sum(name in one.held for one in found)

    return Trial(
        tuple(found),
        bounded,
        fmean(one.change for one in found) if found else 0.0,
        sum(one.tried > one.now for one in found),
        sum(one.tried < one.now for one in found),
        held(FLOOR),
        held(CEILING),
        held(DAILY),
    )


def _wares(session: Session, now: datetime) -> tuple[list[Ware], bool]:
    """The available items with a price that most was done with lately, then the newest; are there more?"""
    ranked = [item for item, _ in counted(session, now)]
    found: dict[str, Ware] = {}
    for begin in range(0, len(ranked), AT_ONCE):
        if len(found) > MOST:
            break
        some = ranked[begin : begin + AT_ONCE]
        rows = session.scalars(_PRICED.where(CatalogItem.identifier.in_(some)))
        known = {row.identifier: row for row in rows}
        _add(found, [known[item] for item in some if item in known])
    if len(found) <= MOST:
        newest = _PRICED.order_by(CatalogItem.updated_at.desc(), CatalogItem.id.desc()).limit(2 * MOST + 1)
        _add(found, session.scalars(newest).all())
    wares = list(found.values())
    return wares[:MOST], len(wares) > MOST


def _add(found: dict[str, Ware], rows: Sequence[CatalogItem]) -> None:
    for row in rows:
        ware = ware_of(row)
        if ware is not None:
            found.setdefault(row.identifier, ware)


_PRICED = select(CatalogItem).where(CatalogItem.available, CatalogItem.price_minor.is_not(None))
