"""The company's fifths of buyers, read from all purchases once in a while and kept between."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.customers.cache import Cache
from webapp.customers.picture import bands_of
from webapp.customers.rules.insights import Bands

EVERYBODY = ""  # what is kept for the company as such


def kept_bands(session: Session, cache: Cache, now: datetime) -> Bands | None:
    """The fifths as `bands_of` answers them, at most as old as the cache keeps anything."""

    def made() -> list[Any]:
        found = bands_of(session, now)
        return [list(found.recency), list(found.frequency), list(found.money)] if found else []

    kept = cache.kept(session, EVERYBODY, "bands", made)
    return Bands(*kept) if kept else None
