"""The company's fifths of buyers, read from all purchases once in a while and kept between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.core.money import Money
from webapp.core.services import services
from webapp.customers.cache import cache_of
from webapp.customers.facts import Kind
from webapp.customers.models import CatalogItem, Event
from webapp.customers.rules.insights import Bands

EVERYBODY = ""  # what is kept for the company as such
LEAST_BUYERS = 20


def kept_bands(session: Session, now: datetime) -> Bands | None:
    """The fifths as `bands_of` answers them, at most as old as anything is kept."""
    made = services()

    def read() -> list[Any]:
        found = bands_of(session, now)
        return [list(found.recency), list(found.frequency), list(found.money)] if found else []

    kept = cache_of(made).kept(session, EVERYBODY, "bands", read)
    return Bands(*kept) if kept else None


def bands_of(session: Session, now: datetime) -> Bands | None:
    """The company's fifths over everybody who bought; None when they are fewer than twenty.

    One statement over all purchases: ask once for many customers.
    """
    told = func.coalesce(Event.value, 0.0)
    unpriced = case((told == 0, CatalogItem.price_minor), else_=0)
    bought = (
        select(
            Event.person_id,
            CatalogItem.currency,
            func.max(Event.at).label("last"),
            func.count().label("times"),
            func.sum(told).label("told"),
            func.sum(unpriced).label("minor"),
        )
        .outerjoin(CatalogItem, CatalogItem.identifier == Event.item)
        .where(Event.kind == Kind.PURCHASE.value)
        .group_by(Event.person_id, CatalogItem.currency)
    )
    buyers = dict[UUID, tuple[datetime, int, float]]()
    for row in session.execute(bought):
        spent = float(row.told or 0) + float(Money(int(row.minor or 0), row.currency or "").amount)
        last, times, before = buyers.get(row.person_id, (row.last, 0, 0.0))
        buyers[row.person_id] = (max(last, row.last), times + row.times, before + spent)
    if len(buyers) < LEAST_BUYERS:
        return None
    days = [(now - last).total_seconds() / 86_400 for last, _, _ in buyers.values()]
    return Bands(
        _borders(days),
        _borders([times for _, times, _ in buyers.values()]),
        _borders([spent for _, _, spent in buyers.values()]),
    )


def _borders(values: Sequence[float]) -> list[float]:
    return [float(one) for one in np.quantile(np.asarray(values, dtype=float), (0.2, 0.4, 0.6, 0.8))]
