"""What goes over the wire about what a customer's events say of them."""

from __future__ import annotations

from webapp.core.wire import SnakeWire


class RfmOut(SnakeWire):
    """Fifths among the company's buyers, 5 is best; it rests on so many purchases.

    Money is compared in the currency of most purchases; null where fewer than twenty buy mainly in it.
    """

    name: str
    recency: int
    frequency: int
    monetary: int | None
    currency: str | None
    sample_size: int


class CountedOut(SnakeWire):
    """A word, and how many events say it."""

    name: str
    count: int


class TopOut(SnakeWire):
    """The commonest of so many events."""

    items: list[CountedOut]
    sample_size: int


class BandOut(SnakeWire):
    """The middle half of prices looked at and bought, in major units of their commonest currency."""

    low: float
    high: float
    currency: str | None
    sample_size: int


class SpreadOut(SnakeWire):
    """Counts by hour (0 to 23) or by day (0 is Monday), by the customer's clock."""

    counts: list[int]
    sample_size: int


class TrendOut(SnakeWire):
    """The last four weeks' events beside the four weeks before; steady when it may be chance."""

    direction: str
    last_28_days: int
    before: int
    sample_size: int


class LifecycleOut(SnakeWire):
    """How long the customer has been quiet: new, active, at_risk, dormant."""

    name: str
    sample_size: int


class InsightsOut(SnakeWire):
    """What a customer did says; null where it says nothing.

    Categories, prices, searches, hours and days are those of the newest thousand events.
    """

    user_id: str
    events: int
    timezone: str
    lifecycle: LifecycleOut | None
    rfm: RfmOut | None
    categories: TopOut | None
    price_band: BandOut | None
    searches: TopOut | None
    active_hours: SpreadOut | None
    active_days: SpreadOut | None
    trend: TrendOut | None
