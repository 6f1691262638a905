"""The demo company's customers: what they want, consent to and did in four months, the same at every load.

Each has one or two shelves they keep coming back to and an hour at which they read letters, neither of which
is stored anywhere, so that what is found can be held against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from webapp.customers.demo_catalog import CATEGORIES, CURRENCY, DemoItem, items
from webapp.customers.facts import Kind

DAYS = 120
KNOWN = "21179358"  # Marta Lindqvist, who learns here as well
REFUSES, SILENT = 0.08, 0.07  # shares of customers
OWN_SHELF = 0.86  # of what they look at
ZONES = ("Europe/Berlin", "Europe/Vienna", "Europe/Amsterdam", "Europe/Stockholm", "Europe/Lisbon")
LANGUAGES = ("de", "de", "en", "nl", "en", "fr")
SEARCHES = {
    "Tapes": ("tape", "kinesio tape blue", "bandage"),
    "Massage oils": ("oil", "almond oil", "lotion unscented"),
    "Heat and cold": ("hot pack", "moor pack", "paraffin"),
    "Treatment tables": ("folding table", "stool", "face cradle"),
    "Exercise bands": ("bands", "loop bands", "tube"),
    "Balance and weights": ("balance", "foam roller", "dumbbells"),
    "Hygiene": ("paper roll", "gloves", "disinfectant"),
    "Books and charts": ("muscle chart", "spine model", "trigger points"),
}
# What Marta did lately: kind, item, days ago.
MARTA = (
    (Kind.PRODUCT_VIEW, "P-201", 30.0),
    (Kind.ADD_TO_CART, "P-201", 29.99),
    (Kind.PURCHASE, "P-201", 29.98),
    (Kind.RATING, "P-201", 21.0),
    (Kind.PRODUCT_VIEW, "P-301", 9.0),
    (Kind.PRODUCT_VIEW, "P-203", 4.0),
    (Kind.PRODUCT_VIEW, "P-311", 2.1),
    (Kind.ADD_TO_CART, "P-203", 2.0),
    (Kind.PRODUCT_VIEW, "P-205", 1.0),
)


@dataclass(frozen=True)
class DemoEvent:
    """Something a customer did; a purchase's value is in EUR."""

    identifier: str
    user_id: str
    kind: str
    at: datetime
    item: str | None = None
    query: str | None = None
    value: float | None = None
    session: str | None = None

    @property
    def currency(self) -> str | None:
        """Of the value, where it is money."""
        return CURRENCY if self.kind == Kind.PURCHASE.value else None


@dataclass(frozen=True)
class DemoCustomer:
    """A customer's habits; `tracking` is what they said of it, None nothing."""

    user_id: str
    language: str
    zone: str
    shelves: tuple[str, ...]
    hour: int  # by their clock
    since: float  # days ago
    until: float
    tracking: bool | None
    email: bool | None
    marketing: bool | None


def customer(user_id: str, language: str = "", zone: str = "") -> DemoCustomer:
    """The customer of this id; language and time zone are theirs where known."""
    chance = Random(f"customer {user_id}")  # noqa: S311  # made-up data, the same each time
    shelves = tuple(chance.sample(list(CATEGORIES), 2 if chance.random() < 0.6 else 1))
    said = chance.random()
    tracking = False if said < REFUSES else None if said < REFUSES + SILENT else True
    since = chance.uniform(3, 12) if chance.random() < 0.06 else chance.uniform(70, DAYS - 2)
    gone = chance.random()
    until = 0.0 if since < 14 or gone > 0.22 else chance.uniform(32, 60)
    made = DemoCustomer(
        user_id,
        language or chance.choice(LANGUAGES),
        zone or chance.choice(ZONES),
        shelves,
        chance.choice((7, 8, 12, 13, 17, 18, 19, 20)),
        since,
        until,
        tracking,
        chance.choice((True, True, None, False)),
        chance.choice((True, None, False)),
    )
    if user_id != KNOWN:
        return made
    marta = (user_id, language or "en", zone or ZONES[3], ("Massage oils", "Heat and cold"), 19, 110.0, 0.0)
    return DemoCustomer(*marta, True, True, True)


def history(customers: Sequence[DemoCustomer], now: datetime) -> list[DemoEvent]:
    """What those who are tracked did, about thirty events each, none after now."""
    shop: dict[str, list[DemoItem]] = {}
    for item in items():
        shop.setdefault(item.category, []).append(item)
    return [
        event
        for one in customers
        if one.tracking
        for event in _numbered(one, [*_shopping(one, shop, now), *_letters(one, now), *_known(one, now)])
        if event.at <= now
    ]


def _numbered(one: DemoCustomer, events: Sequence[DemoEvent]) -> Iterator[DemoEvent]:
    for number, event in enumerate(sorted(events, key=lambda event: event.at)):
        columns = event.__dict__ | {"identifier": f"demo-{one.user_id}-{number:03}"}
        yield DemoEvent(**columns)


def _shopping(one: DemoCustomer, shop: dict[str, list[DemoItem]], now: datetime) -> Iterator[DemoEvent]:
    """Visits some days apart, each of a few views, now and then a search, a cart and a purchase."""
    chance = Random(f"visits {one.user_id}")  # noqa: S311  # made-up data, the same each time
    visits = 3 if one.since < 14 else chance.randint(4, 7)
    for visit in range(visits):
        days = chance.uniform(one.until, one.since)
        at = _at_hour(one, now - timedelta(days=days), chance)
        name = f"s-{one.user_id}-{visit}"
        shelf = chance.choice(one.shelves)
        if chance.random() < 0.35:
            yield _did(one, Kind.PAGE_VIEW, at - timedelta(minutes=2), session=name)
        if chance.random() < 0.4:
            words = chance.choice(SEARCHES[shelf])
            yield _did(one, Kind.SEARCH, at - timedelta(minutes=1), query=words, session=name)
        yield from _visit(one, shop, shelf, at, name, chance)


def _visit(
    one: DemoCustomer,
    shop: dict[str, list[DemoItem]],
    shelf: str,
    at: datetime,
    name: str,
    chance: Random,
) -> Iterator[DemoEvent]:
    seen = list[DemoItem]()
    for look in range(chance.randint(2, 5)):
        where = shelf if chance.random() < OWN_SHELF else chance.choice(list(CATEGORIES))
        item = shop[where][min(int(chance.expovariate(0.22)), len(shop[where]) - 1)]
        seen.append(item)
        yield _did(one, Kind.PRODUCT_VIEW, at + timedelta(minutes=2 * look), item, session=name)
    wanted = chance.choice(seen)
    if not wanted.available or chance.random() < 0.45:
        return
    yield _did(one, Kind.ADD_TO_CART, at + timedelta(minutes=12), wanted, session=name)
    if chance.random() < 0.2:
        yield _did(one, Kind.REMOVE_FROM_CART, at + timedelta(minutes=14), wanted, session=name)
    elif chance.random() < 0.7:
        price = wanted.price_minor / 100
        yield _did(one, Kind.PURCHASE, at + timedelta(minutes=16), wanted, value=price, session=name)
        if chance.random() < 0.3:
            stars = float(chance.choice((3, 4, 4, 5, 5)))
            yield _did(one, Kind.RATING, at + timedelta(days=8), wanted, value=stars)


def _letters(one: DemoCustomer, now: datetime) -> Iterator[DemoEvent]:
    """Letters opened about the hour that is theirs, some of them clicked."""
    chance = Random(f"letters {one.user_id}")  # noqa: S311  # made-up data, the same each time
    if one.email is False:
        return
    for week in range(int(one.until // 7), int(one.since // 7)):
        if chance.random() < 0.55:
            at = _at_hour(one, now - timedelta(days=7 * week + 1), chance)
            yield _did(one, Kind.EMAIL_OPEN, at)
            if chance.random() < 0.35:
                yield _did(one, Kind.EMAIL_CLICK, at + timedelta(minutes=1))


def _known(one: DemoCustomer, now: datetime) -> Iterator[DemoEvent]:
    prices = {item.identifier: item for item in items()}
    for kind, item, days in MARTA if one.user_id == KNOWN else ():
        value = {Kind.PURCHASE: prices[item].price_minor / 100, Kind.RATING: 5.0}.get(kind)
        yield _did(one, kind, now - timedelta(days=days), prices[item], value=value)


def _at_hour(one: DemoCustomer, near: datetime, chance: Random) -> datetime:
    """That day at about their hour, by their clock."""
    there = near.astimezone(ZoneInfo(one.zone))
    hour = min(23, max(6, round(chance.gauss(one.hour, 1.2))))
    return there.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60), microsecond=0)


def _did(
    one: DemoCustomer,
    kind: Kind,
    at: datetime,
    item: DemoItem | None = None,
    *,
    query: str | None = None,
    value: float | None = None,
    session: str | None = None,
) -> DemoEvent:
    name = item.identifier if item else None
    return DemoEvent("", one.user_id, kind.value, at, name, query, value, session)
