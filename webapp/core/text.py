"""Formatters for templates: times, numbers, money and plurals as people read them."""

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

THIN = "\u202f"  # narrow no-break space: groups digits and keeps a number with its unit
DAY = 86_400
STEPS = (  # up to this many seconds, count in units of so many
    (3600, 60, "minute"),
    (DAY, 3600, "hour"),
    (30 * DAY, DAY, "day"),
    (365 * DAY, 30 * DAY, "month"),
    (None, 365 * DAY, "year"),
)


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 lesson`, `2 lessons`; an irregular plural is given."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def number(value: float | Decimal, digits: int | None = None) -> str:
    """Digits grouped by thin spaces, a real minus; whole numbers as they are, else `digits` decimals (2)."""
    places = digits if digits is not None else 0 if value == int(value) else 2
    return f"{value:,.{places}f}".replace(",", THIN).replace("-", "\u2212")


def money(amount: float | Decimal | None, currency: str) -> str:
    """`1 250 EUR`, cents only where there are any; a dash for nothing known."""
    return "\u2013" if amount is None else f"{number(amount)}\u00a0{currency}"


def ago(when: datetime | None, at: datetime | None = None) -> str:
    """`3 minutes ago`, `in 2 days`, `just now`; `never` for no time. A time without zone counts as UTC."""
    if when is None:
        return "never"
    seconds = (aware(at or now()) - aware(when)).total_seconds()
    size = int(abs(seconds))
    if size < 60:
        return "just now"
    words = span(size)
    return f"{words} ago" if seconds > 0 else f"in {words}"


def span(seconds: float) -> str:
    """A length of time in its largest unit: `45 seconds`, `3 minutes`, `2 days`."""
    size = int(seconds)
    if size < 60:
        return plural(size, "second")
    _, unit, name = next(step for step in STEPS if step[0] is None or size < step[0])
    return plural(size // unit, name)


def exact(when: datetime | None, zone: str | tzinfo = "UTC") -> str:
    """`21 November 2025, 14:05 CET`: the exact time in a zone, for the title of a relative one."""
    if when is None:
        return "never"
    local = aware(when).astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def aware(when: datetime) -> datetime:
    """The time with a zone; SQLite hands times over without one, and they are UTC."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def words(name: str) -> str:
    """A wire name as a label: `painPoints` and `pain_points` become `Pain points`."""
    spaced = re.sub(r"[_\-\s]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).strip()
    return spaced[:1].upper() + spaced[1:].lower()
