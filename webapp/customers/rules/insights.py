"""What a customer's events say of them: recency, frequency, money, lifecycle, tastes, hours, trend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.customers.facts import Kind, Lifecycle

NEW_DAYS, ACTIVE_DAYS, RISK_DAYS = 14, 30, 90
TREND_DAYS = 28
LEAST_FOR_TREND = 5  # events in both spans together
TOP = 5


@dataclass(frozen=True)
class Seen:
    """One event as insights read it; `category` and `price` (major units) are the item's, where known."""

    kind: str
    at: datetime
    item: str | None = None
    query: str | None = None
    value: float | None = None
    category: str | None = None
    price: float | None = None


@dataclass(frozen=True)
class Bands:
    """The company's fifths: the borders of days since the last purchase, purchases, and money spent."""

    recency: Sequence[float]
    frequency: Sequence[float]
    money: Sequence[float]


@dataclass(frozen=True)
class Rfm:
    """Fifths from 1 (worst) to 5; None for who never bought. `purchases` is what it rests on."""

    recency: int
    frequency: int
    money: int
    purchases: int

    @property
    def name(self) -> str:
        """The class in the familiar words."""
        if self.recency >= 4 and self.frequency >= 4:
            return "champion"
        if self.frequency >= 4:
            return "loyal" if self.recency >= 3 else "slipping away"
        if self.recency >= 4:
            return "recent"
        return "occasional" if self.recency >= 3 else "lapsed"


@dataclass(frozen=True)
class Insights:
    """Everything with how many events it rests on."""

    events: int
    lifecycle: Lifecycle
    rfm: Rfm | None
    categories: tuple[tuple[str, int], ...]
    price_band: tuple[float, float, int] | None
    searches: tuple[tuple[str, int], ...]
    hours: Mapping[int, int]
    days: Mapping[int, int]
    trend: tuple[str, int, int] | None


def insights(seen: Sequence[Seen], now: datetime, zone: ZoneInfo, bands: Bands | None) -> Insights | None:
    """Read a customer's events; None without any. Hours and days are by the customer's clock."""
    if not seen:
        return None
    local = [one.at.astimezone(zone) for one in seen]
    return Insights(
        events=len(seen),
        lifecycle=lifecycle(min(one.at for one in seen), max(one.at for one in seen), now),
        rfm=rfm(seen, now, bands),
        categories=_top(one.category for one in seen),
        price_band=_price_band(seen),
        searches=_top(one.query.strip().lower() for one in seen if one.query),
        hours=dict(Counter(at.hour for at in local)),
        days=dict(Counter(at.weekday() for at in local)),
        trend=_trend(seen, now),
    )


def lifecycle(first: datetime, last: datetime, now: datetime) -> Lifecycle:
    """New for a fortnight from the first event, then by how long nothing came."""
    if now - last > timedelta(days=RISK_DAYS):
        return Lifecycle.DORMANT
    if now - last > timedelta(days=ACTIVE_DAYS):
        return Lifecycle.AT_RISK
    return Lifecycle.NEW if now - first <= timedelta(days=NEW_DAYS) else Lifecycle.ACTIVE


def rfm(seen: Sequence[Seen], now: datetime, bands: Bands | None) -> Rfm | None:
    """The recency-frequency-money class among the company's buyers."""
    bought = [one for one in seen if one.kind == Kind.PURCHASE.value]
    if not bought or bands is None:
        return None
    since = (now - max(one.at for one in bought)).total_seconds() / 86_400
    spent = sum(one.value or one.price or 0.0 for one in bought)
    return Rfm(
        recency=6 - _fifth(since, bands.recency),
        frequency=_fifth(len(bought), bands.frequency),
        money=_fifth(spent, bands.money),
        purchases=len(bought),
    )


def _fifth(value: float, borders: Sequence[float]) -> int:
    """From 1 to 5: one more than how many of the four borders lie below."""
    return 1 + sum(value > border for border in borders)


def _top(words: object) -> tuple[tuple[str, int], ...]:
    counted = Counter(word for word in words if word)  # type: ignore[attr-defined]  # any iterable of texts
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ranked[:TOP])


def _price_band(seen: Sequence[Seen]) -> tuple[float, float, int] | None:
    """The middle half of the prices looked at and bought, and of how many."""
    prices = sorted(one.price for one in seen if one.price is not None)
    if not prices:
        return None
    return _quantile(prices, 0.25), _quantile(prices, 0.75), len(prices)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _trend(seen: Sequence[Seen], now: datetime) -> tuple[str, int, int] | None:
    """The last four weeks beside the four before: rising, falling or steady, with both counts.

    More than chance: two counts of one rate differ by more than two standard errors, √(a + b).
    """
    begin = now - timedelta(days=TREND_DAYS)
    recent = sum(one.at > begin for one in seen)
    before = sum(begin - timedelta(days=TREND_DAYS) < one.at <= begin for one in seen)
    if recent + before < LEAST_FOR_TREND:
        return None
    if abs(recent - before) <= 2 * (recent + before) ** 0.5:
        return "steady", recent, before
    return ("rising" if recent > before else "falling"), recent, before
