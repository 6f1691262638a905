"""The company's fifths of buyers, read from all purchases by an hourly job, so that no customer waits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.db import company_of
from webapp.core.jobs.context import ItemContext
from webapp.core.jobs.kinds import JobKind, Queue
from webapp.core.jobs.schedule import Schedule
from webapp.core.jobs.when import When
from webapp.core.services import services
from webapp.core.store import StoreAway
from webapp.customers.rules.insights import Bands, mainly_in
from webapp.customers.totals import spent_by

KEPT = 26 * 3600  # seconds; longer than the job may pause for a night's work
LEAST_BUYERS = 20


def kept_bands(session: Session, now: datetime) -> Bands | None:
    """The fifths as the job counted them last; counted now where it did not, or `CACHE_TTL` keeps nothing."""
    made = services()
    if not made.settings.cache_ttl:
        return bands_of(session, now)
    try:
        kept = made.store.get(_key(company_of(session)))
    except StoreAway:
        return bands_of(session, now)
    if kept is not None:
        return Bands(*kept["fifths"]) if kept["fifths"] else None
    return _counted(session, now)


def count_fifths(context: ItemContext) -> None:
    """Count the fifths anew and keep them."""
    found = _counted(context.session, context.clock.now())
    note = "Counted." if found else f"Fewer than {LEAST_BUYERS} customers bought anything."
    with context.effect({"result": "counted", "note": note}):
        pass


def _counted(session: Session, now: datetime) -> Bands | None:
    found = bands_of(session, now)
    told = [list(found.recency), list(found.frequency), dict(found.money)] if found else []
    with suppress(StoreAway):
        services().store.put(_key(company_of(session)), {"fifths": told}, KEPT)
    return found


def _key(company: UUID) -> str:
    return f"customers:{company}:bands"


def bands_of(session: Session, now: datetime) -> Bands | None:
    """The company's fifths over everybody who bought; None when they are fewer than twenty.

    Money is compared among those who buy mainly in the same currency, where they are twenty. One statement
    over all purchases: ask once for many customers.
    """
    buyers = spent_by(session)
    if len(buyers) < LEAST_BUYERS:
        return None
    money = dict[str, list[float]]()
    for currency, amount in (mainly_in(one.spent) for one in buyers.values() if one.spent):
        money.setdefault(currency, []).append(amount)
    return Bands(
        _borders([(now - one.last).total_seconds() / 86_400 for one in buyers.values()]),
        _borders([one.purchases for one in buyers.values()]),
        {name: _borders(amounts) for name, amounts in money.items() if len(amounts) >= LEAST_BUYERS},
    )


def _borders(values: Sequence[float]) -> list[float]:
    return [float(one) for one in np.quantile(np.asarray(values, dtype=float), (0.2, 0.4, 0.6, 0.8))]


FIFTHS = JobKind(
    "customers.fifths", "Count the fifths of buyers", Queue.BATCH, Permission.CUSTOMERS_READ, count_fifths
)
SCHEDULES = (
    Schedule("customers.fifths", "Count the fifths of buyers", FIFTHS, When(minute=20), lambda _: {}),
)
