"""Reads what people, files and programs write in records: one text in, its value out, or why it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from webapp.core.errors import DomainError
from webapp.core.money import Money, read_amount

LONGEST_IDENTIFIER = 200
MOST_DIGITS = 20  # of a number; decimals with more than 28 would be rounded unasked
YEARS = range(1970, 2200)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.IGNORECASE
)
NUL = "This text holds a sign that cannot be stored (NUL). Remove it."
Texts = Mapping[str, str]
Values = dict[str, Any]
Problems = dict[str, str]
Readers = Mapping[str, Callable[[str], Any]]
Word = TypeVar("Word", bound=Enum)


def read_identifier(given: str, what: str) -> str:
    """A company's own id of a record. Raises ValueError for one that no address could name."""
    text = given.strip()
    if not text:
        raise ValueError(f"A {what} needs an id.")
    if "\0" in text:
        raise ValueError(NUL)
    if len(text) > LONGEST_IDENTIFIER:
        raise ValueError(f"Keep this under {LONGEST_IDENTIFIER} characters; it has {len(text):,}.")
    if "/" in text or text in {".", ".."}:
        raise ValueError(f"A {what}’s id stands in addresses of the API: it cannot hold a slash.")
    return text


def read_reference(given: str) -> str:
    """The id of another record, or nothing. Raises ValueError for one that cannot be."""
    text = given.strip()
    if "\0" in text:
        raise ValueError(NUL)
    if len(text) > LONGEST_IDENTIFIER:
        raise ValueError("No id is as long as this.")
    return text


def read_text(given: str, longest: int) -> str:
    """A short text. Raises ValueError for one that cannot be stored."""
    text = given.strip()
    if "\0" in text:
        raise ValueError(NUL)
    if len(text) > longest:
        raise ValueError(f"Keep this under {longest:,} characters; it has {len(text):,}.")
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
    """The member that a word names, whatever its case. Raises ValueError naming those there are."""
    word = given.strip().casefold()
    found = next((one for one in kind if one.value.casefold() == word), None)
    if found is None:
        raise ValueError(f"Write one of {', '.join(str(one.value) for one in kind)}.")
    return found


def read_all(readers: Readers, texts: Texts) -> tuple[Values, Problems]:
    """The values of all texts that can be read, and a sentence for each that cannot."""
    read, problems = Values(), Problems()
    for name, reader in readers.items():
        try:
            read[name] = reader(texts.get(name) or "")
        except ValueError as error:
            problems[name] = str(error)
    return read, problems


def amount_in(read: Values, name: str, problems: Problems) -> int:
    """The amount in minor units once its currency is known; -1, and why, when it cannot be said."""
    if name not in read or "currency" not in read:
        return -1
    try:
        return read_amount(read[name], read["currency"])
    except ValueError as error:
        problems[name] = str(error)
        return -1


def refuse(problems: Problems) -> None:
    """Raise DomainError naming, by the wire's names, all that cannot be stored."""
    if problems:
        raise DomainError(" ".join(problems.values()), code="invalid", details=problems)


def amount_text(minor: int, currency: str) -> str:
    """An amount as files and programs read it: the currency's decimals, no grouping."""
    return format(Money(minor, currency).amount, "f")


def moment_text(moment: datetime | None) -> str:
    """A time as RFC 3339 in UTC; nothing for None."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""
