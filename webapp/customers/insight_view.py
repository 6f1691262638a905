"""A customer's insights as a document: each part with how much it rests on; null where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.customers.cache import Cache
from webapp.customers.picture import known_insights
from webapp.customers.preferences import effective
from webapp.customers.rules.insights import Insights, Seen
from webapp.customers.service import Service
from webapp.people.known import person_id_of

HOURS, DAYS, PARTS, PART_HOURS = 24, 7, 8, 3
PARTS_OF = (
    "lifecycle",
    "rfm",
    "categories",
    "price_band",
    "searches",
    "active_hours",
    "active_days",
    "trend",
)
Doc = dict[str, Any]


def kept_insights(session: Session, service: Service, cache: Cache, user_id: str, now: datetime) -> Doc:
    """The document for this customer; kept until they do something, or until the cache lets it go."""
    person_id = person_id_of(session, user_id)
    zone = ZoneInfo(effective(session, service, person_id).timezone)
    if person_id is None:
        return document(user_id, [], None, zone)

    def made() -> Doc:
        seen, told = known_insights(session, person_id, now, zone, as_buyer=True)
        return document(user_id, seen, told, zone)

    found: Doc = cache.kept(session, user_id, f"insights:{zone.key}", made)
    return found


def document(user_id: str, seen: Sequence[Seen], told: Insights | None, zone: ZoneInfo) -> Doc:
    """What the events say, fit for JSON. `week` counts them by day and three-hour part of the day."""
    head: Doc = {"user_id": user_id, "events": told.events if told else 0, "timezone": zone.key}
    if told is None:
        return {**head, **dict.fromkeys(PARTS_OF), "week": None}
    band, trend, rfm = told.price_band, told.trend, told.rfm
    return {
        **head,
        "lifecycle": {"name": told.lifecycle.value, "sample_size": told.events},
        "rfm": rfm
        and {
            "name": rfm.name,
            "recency": rfm.recency,
            "frequency": rfm.frequency,
            "monetary": rfm.money,
            "currency": rfm.currency or None,
            "sample_size": rfm.purchases,
        },
        "categories": _top(told.categories, sum(bool(one.category) for one in seen)),
        "price_band": band
        and {
            "low": band.low,
            "high": band.high,
            "currency": band.currency or None,
            "sample_size": band.prices,
        },
        "searches": _top(told.searches, sum(bool(one.query) for one in seen)),
        "active_hours": _spread(told.hours, HOURS),
        "active_days": _spread(told.days, DAYS),
        "trend": trend
        and {
            "direction": trend[0],
            "last_28_days": trend[1],
            "before": trend[2],
            "sample_size": trend[1] + trend[2],
        },
        "week": week_of(seen, zone),
    }


def week_of(seen: Sequence[Seen], zone: ZoneInfo) -> list[list[int]]:
    """Counts by day (Monday first) and by eight parts of the day, by the customer's clock."""
    week = [[0] * PARTS for _ in range(DAYS)]
    for one in seen:
        at = one.at.astimezone(zone)
        week[at.weekday()][at.hour // PART_HOURS] += 1
    return week


def _top(pairs: Sequence[tuple[str, int]], sample: int) -> Doc | None:
    if not pairs:
        return None
    return {"items": [{"name": name, "count": count} for name, count in pairs], "sample_size": sample}


def _spread(counts: Mapping[int, int], places: int) -> Doc:
    return {
        "counts": [counts.get(place, 0) for place in range(places)],
        "sample_size": sum(counts.values()),
    }
