"""Reads nights and requests as people, files and programs write them: texts in, what is stored out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from webapp.archetypes.facts import DeclineReason, RequestStatus, Way
from webapp.core.money import checked_currency
from webapp.core.reading import (
    MOST_DIGITS,
    Texts,
    Values,
    amount_in,
    in_zone,
    read_all,
    read_day,
    read_identifier,
    read_moment,
    read_number,
    read_reference,
    read_word,
    refuse,
)

MILLION = 1_000_000
MOST_DEMAND = 10
MOST_DAYS = 3_650  # from a request to its check-in
MOST_RATIO = 1_000_000  # offered ÷ base; what is over it is a mistake, and no whole number would hold its sum
ANSWERED = frozenset({RequestStatus.ACCEPTED, RequestStatus.DECLINED})


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
    read, problems = read_all(NIGHT_READERS, texts)
    base = amount_in(read, "base_price", problems)
    if base == 0:
        problems["base_price"] = "A night’s base price is more than nothing."
    refuse(problems)
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
    read, problems = read_all(REQUEST_READERS, texts)
    for name in ("created_at", "responded_at"):
        read[name] = in_zone(read[name], zone) if read.get(name) else None
    base, offered = (amount_in(read, name, problems) for name in ("base_price", "offered_price"))
    problems |= {name: why for name, why in _contradictions(read, base, offered) if name not in problems}
    refuse(problems)
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
