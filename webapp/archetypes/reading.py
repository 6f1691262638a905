"""Reads nights and requests as people, files and programs write them: texts in, what is stored out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from webapp.archetypes.facts import DeclineReason, RequestStatus, Way
from webapp.archetypes.rules.money import Money, checked_currency, read_amount
from webapp.core.errors import DomainError

MILLION = 1_000_000
LONGEST_IDENTIFIER = 200
MOST_DEMAND = 10
MOST_DIGITS = 20  # of a number; decimals with more than 28 would be rounded unasked
MOST_DAYS = 3_650  # from a request to its check-in
MOST_RATIO = 1_000_000  # offered ÷ base; what is over it is a mistake, and no whole number would hold its sum
YEARS = range(1970, 2200)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.IGNORECASE
)
ANSWERED = frozenset({RequestStatus.ACCEPTED, RequestStatus.DECLINED})
Texts = Mapping[str, str]
Values = dict[str, Any]
Problems = dict[str, str]
Word = TypeVar("Word", bound=Enum)


def read_identifier(given: str, what: str) -> str:
    """A company's own id of a record. Raises ValueError for one that no address could name."""
    text = given.strip()
    if not text:
        raise ValueError(f"A {what} needs an id.")
    if "\0" in text:
        raise ValueError("This text holds a sign that cannot be stored (NUL). Remove it.")
    if len(text) > LONGEST_IDENTIFIER:
        raise ValueError(f"Keep this under {LONGEST_IDENTIFIER} characters; it has {len(text):,}.")
    if "/" in text or text in {".", ".."}:
        raise ValueError(f"A {what}’s id stands in addresses of the API: it cannot hold a slash.")
    return text


def read_reference(given: str) -> str:
    """The id of another record, or nothing. Raises ValueError for one that cannot be."""
    text = given.strip()
    if "\0" in text:
        raise ValueError("This text holds a sign that cannot be stored (NUL). Remove it.")
    if len(text) > LONGEST_IDENTIFIER:
        raise ValueError("No id is as long as this.")
    return text


def read_day(given: str) -> date:
    """A day as YYYY-MM-DD. Raises ValueError."""
    text = given.strip()
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise ValueError("Write the date as year, month and day, such as 2026-12-24.")
    return day


def read_moment(given: str) -> datetime:
    """A time as RFC 3339 has it; without a zone it is naive. Raises ValueError."""
    text = given.strip()
    try:
        moment = datetime.fromisoformat(text.upper()) if MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise ValueError("Write the time like 2026-11-21T14:30:00Z, or without Z in your own time zone.")
    return moment


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The time in UTC; one without a zone is the given zone's."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def read_demand(given: str) -> int | None:
    """How much more a night is wanted than usual, as 1.08, in millionths; None for nothing said.

    Raises ValueError for what is no number, not above 0, over 10 or finer than a millionth.
    """
    if not (text := given.strip()):
        return None
    try:
        demand = Decimal(text)
    except InvalidOperation:
        raise ValueError("Write the demand as a factor such as 1.08.") from None
    if not demand.is_finite() or not 0 < demand <= MOST_DEMAND:
        raise ValueError(f"The demand is a factor above 0 and up to {MOST_DEMAND}, such as 1.08.")
    exact = demand * MILLION
    if len(demand.as_tuple().digits) > MOST_DIGITS or exact != exact.to_integral_value():
        raise ValueError("The demand has six decimals at most.")
    return int(exact)


def demand_text(demand_ppm: int | None) -> str:
    """The demand as it is written: 1080000 is 1.08; nothing for None."""
    return "" if demand_ppm is None else format(Decimal(demand_ppm).scaleb(-6).normalize(), "f")


def read_days(given: str) -> int:
    """A number of days until check-in. Raises ValueError."""
    text = given.strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > 6 or int(text) > MOST_DAYS:
        raise ValueError(f"Write the days until check-in as a whole number from 0 to {MOST_DAYS:,}.")
    return int(text)


def read_number(given: str) -> str:
    """The text of an amount whose currency is not known yet. Raises ValueError for what is no number."""
    text = given.strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("This is no amount: write it like 1890 or 1890.50.") from None
    if len(number.as_tuple().digits) > MOST_DIGITS:
        raise ValueError("This amount has more digits than any price.")
    return text


def read_word(kind: type[Word], given: str) -> Word:
    """The member that a word names. Raises ValueError naming those there are."""
    word = given.strip().lower()
    found = next((one for one in kind if one.value == word), None)
    if found is None:
        raise ValueError(f"Write one of {', '.join(str(one.value) for one in kind)}.")
    return found


def amount_text(minor: int, currency: str) -> str:
    """An amount as files and programs read it: the currency's decimals, no grouping."""
    return format(Money(minor, currency).amount, "f")


def moment_text(moment: datetime | None) -> str:
    """A time as RFC 3339 in UTC; nothing for None."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def ratio_ppm(offered_minor: int, base_minor: int) -> int:
    """Offered ÷ base in millionths, half up."""
    return (2 * offered_minor * MILLION + base_minor) // (2 * base_minor)


NIGHT_READERS: dict[str, Callable[[str], Any]] = {
    "night_id": lambda given: read_identifier(given, "night"),
    "date": read_day,
    "base_price": read_number,
    "currency": checked_currency,
    "market_demand": read_demand,
}
REQUEST_READERS: dict[str, Callable[[str], Any]] = {
    "request_id": lambda given: read_identifier(given, "request"),
    "requester": read_reference,
    "responder": read_reference,
    "night_id": read_reference,
    "kind": lambda given: read_word(Way, given),
    "created_at": read_moment,
    "days_until_checkin": read_days,
    "base_price": read_number,
    "offered_price": read_number,
    "currency": checked_currency,
    "status": lambda given: read_word(RequestStatus, given),
    "decline_reason": lambda given: read_word(DeclineReason, given) if given.strip() else None,
    "responded_at": lambda given: read_moment(given) if given.strip() else None,
}


def clean_night(texts: Texts) -> Values:
    """A night's columns. Raises DomainError naming, by the wire's names, all that cannot be stored."""
    read, problems = _read(NIGHT_READERS, texts)
    base = _amount(read, "base_price", problems)
    if base == 0:
        problems["base_price"] = "A night’s base price is more than nothing."
    _refuse(problems)
    return {
        "identifier": read["night_id"],
        "date": read["date"],
        "base_minor": base,
        "currency": read["currency"],
        "demand_ppm": read["market_demand"],
    }


def clean_request(texts: Texts, zone: tzinfo) -> Values:
    """A request's columns, with the ids of requester, responder and night as they are written.

    Times without a zone are the given one's. Raises DomainError naming all that cannot be stored.
    """
    read, problems = _read(REQUEST_READERS, texts)
    for name in ("created_at", "responded_at"):
        read[name] = in_zone(read[name], zone) if read.get(name) else None
    base, offered = (_amount(read, name, problems) for name in ("base_price", "offered_price"))
    problems |= {name: why for name, why in _contradictions(read, base, offered) if name not in problems}
    _refuse(problems)
    asked, answered = read["created_at"], read["responded_at"]
    timed = answered is not None and read["status"] in ANSWERED
    return {
        "identifier": read["request_id"],
        **{name: read[name] for name in LINKS},
        "kind": read["kind"],
        "asked_at": asked,
        "days_until_checkin": read["days_until_checkin"],
        "base_minor": base,
        "offered_minor": offered,
        "currency": read["currency"],
        "status": read["status"],
        "decline_reason": read["decline_reason"],
        "answered_at": answered,
        "paid_ppm": ratio_ppm(offered, base),
        "answer_seconds": int((answered - asked).total_seconds()) if timed else None,
    }


LINKS = ("requester", "responder", "night_id")


def _read(readers: Mapping[str, Callable[[str], Any]], texts: Texts) -> tuple[Values, Problems]:
    read, problems = Values(), Problems()
    for name, reader in readers.items():
        try:
            read[name] = reader(texts.get(name) or "")
        except ValueError as error:
            problems[name] = str(error)
    return read, problems


def _amount(read: Values, name: str, problems: Problems) -> int:
    """The amount in minor units once its currency is known; -1 when it cannot be said."""
    if name not in read or "currency" not in read:
        return -1
    try:
        return read_amount(read[name], read["currency"])
    except ValueError as error:
        problems[name] = str(error)
        return -1


def _contradictions(read: Values, base: int, offered: int) -> list[tuple[str, str]]:
    """What fields that can be read each by itself say against each other."""
    found = []
    if not read.get("requester", "?"):
        found.append(("requester", "Say who asks, by user_id."))
    elif read.get("responder") and read["responder"] == read.get("requester"):
        found.append(("responder", "Nobody asks themselves: name another member, or nobody."))
    if base == 0:
        found.append(("base_price", "The base price is more than nothing."))
    elif base > 0 and offered > base * MOST_RATIO:
        found.append(("offered_price", "This is over a million times the base price."))
    if read.get("decline_reason") and read.get("status", RequestStatus.DECLINED) != RequestStatus.DECLINED:
        found.append(("decline_reason", "Only a declined request has a reason."))
    if read["responded_at"] and read["created_at"] and read["responded_at"] < read["created_at"]:
        found.append(("responded_at", "The answer came before the request."))
    return found


def _refuse(problems: Problems) -> None:
    if problems:
        raise DomainError(" ".join(problems.values()), code="invalid", details=problems)
