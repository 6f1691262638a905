"""What a customer's events say of them: recency, frequency, money, lifecycle, tastes, hours, trend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.core.money import exponent_of
from webapp.customers.facts import Kind, Lifecycle

NEW_DAYS, ACTIVE_DAYS, RISK_DAYS = 14, 30, 90
TREND_DAYS = 28
LEAST_FOR_TREND = 5  # events in both spans together
TOP = 5


@dataclass(frozen=True)
class Seen:
    """One event as insights read it; `category` and `price` (major units) are the item's, where known.

    `currency` is the one its `value` is in, where somebody said so.
    """

    kind: str
    at: datetime
    item: str | None = None
    query: str | None = None
    value: float | None = None
    category: str | None = None
    price: float | None = None
    price_currency: str = ""
    currency: str = ""

    @property
    def spent(self) -> tuple[str, float] | None:
        """The currency and the cost of a purchase, by the item's price where no value was told, if known."""
        if self.value:
            return self.currency or self.price_currency, self.value
        return None if self.price is None else (self.price_currency, self.price)


@dataclass(frozen=True)
class Totals:
    """All that a customer did, counted. `recent` and `before` are the trend's two spans.

    `bought` is the moment of the last of the `purchases`. `spent` has those whose cost is known, and its sum
    in major units, rounded to minor ones, by currency; that is "" where none was told.
    """

    events: int
    first: datetime
    last: datetime
    recent: int
    before: int
    purchases: int
    bought: datetime | None
    spent: Mapping[str, tuple[int, float]]


@dataclass(frozen=True)
class Bands:
    """The company's fifths: the borders of days since the last purchase, purchases, and money by currency."""

    recency: Sequence[float]
    frequency: Sequence[float]
    money: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class PriceBand:
    """The middle half of so many prices, in the currency that most of them are in."""

    low: float
    high: float
    prices: int
    currency: str


@dataclass(frozen=True)
class Rfm:
    """Fifths from 1 (worst) to 5; `purchases` is what it rests on.

    Money is compared within the currency of most purchases; None where too few buy mainly in it.
    """

    recency: int
    frequency: int
    money: int | None
    purchases: int
    currency: str

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
    price_band: PriceBand | None
    searches: tuple[tuple[str, int], ...]
    hours: Mapping[int, int]
    days: Mapping[int, int]
    trend: tuple[str, int, int] | None


def insights(
    seen: Sequence[Seen], now: datetime, zone: ZoneInfo, bands: Bands | None, whole: Totals | None = None
) -> Insights | None:
    """Read a customer's events; None without any. Hours and days are by the customer's clock.

    `whole` counts all they did where `seen` is only the newest of it.
    """
    if not seen:
        return None
    local = [one.at.astimezone(zone) for one in seen]
    whole = whole or totals(seen, now)
    return Insights(
        events=whole.events,
        lifecycle=lifecycle(whole.first, whole.last, now),
        rfm=rfm(whole, now, bands),
        categories=_top(one.category for one in seen),
        price_band=_price_band(seen),
        searches=_top(one.query.strip().lower() for one in seen if one.query),
        hours=dict(Counter(at.hour for at in local)),
        days=dict(Counter(at.weekday() for at in local)),
        trend=_trend(whole),
    )


def totals(seen: Sequence[Seen], now: datetime) -> Totals:
    """Count these events, at least one."""
    begin, earlier = spans(now)
    bought = [one for one in seen if one.kind == Kind.PURCHASE.value]
    spent = dict[str, tuple[int, float]]()
    for currency, amount in filter(None, (one.spent for one in bought)):
        times, before = spent.get(currency, (0, 0.0))
        spent[currency] = times + 1, before + amount
    return Totals(
        events=len(seen),
        first=min(one.at for one in seen),
        last=max(one.at for one in seen),
        recent=sum(one.at > begin for one in seen),
        before=sum(earlier < one.at <= begin for one in seen),
        purchases=len(bought),
        bought=max((one.at for one in bought), default=None),
        spent={name: (times, exact(amount, name)) for name, (times, amount) in spent.items()},
    )


def spans(now: datetime) -> tuple[datetime, datetime]:
    """After which moments the trend's last four weeks, and the four before, begin."""
    return now - timedelta(days=TREND_DAYS), now - timedelta(days=2 * TREND_DAYS)


def lifecycle(first: datetime, last: datetime, now: datetime) -> Lifecycle:
    """New for a fortnight from the first event, then by how long nothing came."""
    if now - last > timedelta(days=RISK_DAYS):
        return Lifecycle.DORMANT
    if now - last > timedelta(days=ACTIVE_DAYS):
        return Lifecycle.AT_RISK
    return Lifecycle.NEW if now - first <= timedelta(days=NEW_DAYS) else Lifecycle.ACTIVE


def rfm(whole: Totals, now: datetime, bands: Bands | None) -> Rfm | None:
    """The recency-frequency-money class among the company's buyers; None for who never bought."""
    if whole.bought is None or bands is None:
        return None
    since = (now - whole.bought).total_seconds() / 86_400
    currency, amount = mainly_in(whole.spent) if whole.spent else ("", 0.0)
    borders = bands.money.get(currency) if whole.spent else None
    return Rfm(
        recency=6 - _fifth(since, bands.recency),
        frequency=_fifth(whole.purchases, bands.frequency),
        money=_fifth(amount, borders) if borders else None,
        purchases=whole.purchases,
        currency=currency,
    )


def mainly_in(spent: Mapping[str, tuple[int, float]]) -> tuple[str, float]:
    """The currency of most purchases, of several the first that has a name, and what was spent in it."""
    currency = min(spent, key=lambda name: (-spent[name][0], name or "~"))
    return currency, spent[currency][1]


def exact(amount: float, currency: str) -> float:
    """A sum of floats without their noise: in whole minor units."""
    return round(amount, exponent_of(currency))


def _fifth(value: float, borders: Sequence[float]) -> int:
    """From 1 to 5: one more than how many of the four borders lie below."""
    return 1 + sum(value > border for border in borders)


def _top(words: object) -> tuple[tuple[str, int], ...]:
    counted = Counter(word for word in words if word)  # type: ignore[attr-defined]  # any iterable of texts
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ranked[:TOP])


def _price_band(seen: Sequence[Seen]) -> PriceBand | None:
    """The middle half of the prices looked at and bought."""
    found = dict[str, list[float]]()
    for one in seen:
        if one.price is not None:
            found.setdefault(one.price_currency, []).append(one.price)
    if not found:
        return None
    currency, prices = min(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    prices.sort()
    return PriceBand(_quantile(prices, 0.25), _quantile(prices, 0.75), len(prices), currency)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _trend(whole: Totals) -> tuple[str, int, int] | None:
    """The last four weeks beside the four before: rising, falling or steady, with both counts.

    More than chance: two counts of one rate differ by more than two standard errors, √(a + b).
    """
    recent, before = whole.recent, whole.before
    if recent + before < LEAST_FOR_TREND:
        return None
    if abs(recent - before) <= 2 * (recent + before) ** 0.5:
        return "steady", recent, before
    return ("rising" if recent > before else "falling"), recent, before
