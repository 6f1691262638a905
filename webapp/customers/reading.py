"""Reads items, offers and content blocks as people, files and programs write them: texts in, columns out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from webapp.core.checks import checked_language
from webapp.core.imports.kind import FURTHER
from webapp.core.money import checked_currency
from webapp.core.reading import (
    Problems,
    Texts,
    Values,
    amount_in,
    amount_text,
    in_zone,
    moment_text,
    read_all,
    read_identifier,
    read_moment,
    read_number,
    read_text,
    read_word,
    refuse,
)
from webapp.customers.facts import Slot
from webapp.customers.rules.audience import FACTS, VARIABLES, WRITTEN, unknown_variables

ITEM_COLUMNS = ("product_id", "title", "category", "price", "currency", "available")
OFFER_COLUMNS = ("offer_id", "title", "body", "audience", "starts_at", "ends_at", "cap", "priority")
BLOCK_COLUMNS = (
    "name",
    "slot",
    "body",
    "audience",
    "fallbacks",
    "starts_at",
    "ends_at",
    "priority",
    "active",
)
TAKEN = {*ITEM_COLUMNS, "id", "attributes", "version"}
MOST_ATTRIBUTES, LONGEST_ATTRIBUTE, LONGEST_VALUE = 60, 80, 500
LONGEST_TITLE, LONGEST_BODY, LONGEST_FALLBACK = 300, 20_000, 200
MOST_WORDS, LONGEST_WORD = 50, 100  # of one fact of an audience
MOST_CAP, MOST_PRIORITY = 1_000_000_000, 1_000
YES, NO = ("true", "yes", "1", "y"), ("false", "no", "0", "n")
SPECIAL = frozenset(',;"{')  # signs for which an audience is written as JSON
Audience = dict[str, list[str]]


@dataclass(frozen=True)
class Around:
    """What reading needs of the company: its time zone, its currency, the words that facts can have."""

    zone: tzinfo
    currency: str
    words: Mapping[str, Collection[str]]


def read_flag(given: str) -> bool:
    """Yes or no; nothing said is yes. Raises ValueError."""
    word = given.strip().lower()
    if not word or word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("Write yes or no.")


def _moment(given: str) -> datetime | None:
    return read_moment(given).replace(microsecond=0) if given.strip() else None


def _needed(what: str, longest: int) -> Callable[[str], str]:
    def read(given: str) -> str:
        if not given.strip():
            raise ValueError(f"Say {what}.")
        return read_text(given.replace("\r\n", "\n"), longest)

    return read


def _whole(least: int, most: int, empty: int | None) -> Callable[[str], int | None]:
    def read(given: str) -> int | None:
        text = given.strip()
        if not text:
            return empty
        if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal() and len(text) < 12):
            raise ValueError("Write a whole number.")
        if not least <= int(text) <= most:
            raise ValueError(f"Write a number from {least:,} to {most:,}.")
        return int(text)

    return read


ITEM_READERS: dict[str, Callable[[str], Any]] = {
    "product_id": lambda given: read_identifier(given, "product"),
    "title": _needed("what the product is called", LONGEST_TITLE),
    "category": lambda given: read_text(given, LONGEST_WORD),
    "price": lambda given: read_number(given) if given.strip() else "",
    "currency": lambda given: checked_currency(given) if given.strip() else "",
    "available": read_flag,
}
SCHEDULE: dict[str, Callable[[str], Any]] = {
    "starts_at": _moment,
    "ends_at": _moment,
    "priority": _whole(-MOST_PRIORITY, MOST_PRIORITY, 0),
}
OFFER_READERS: dict[str, Callable[[str], Any]] = {
    "offer_id": lambda given: read_identifier(given, "offer"),
    "title": _needed("what the offer is called", LONGEST_TITLE),
    "body": lambda given: read_text(given.replace("\r\n", "\n"), LONGEST_BODY),
    "cap": _whole(1, MOST_CAP, None),
    **SCHEDULE,
}
BLOCK_READERS: dict[str, Callable[[str], Any]] = {
    "name": _needed("what the block is called", 200),
    "slot": lambda given: read_word(Slot, given),
    "body": _needed("what the block says", LONGEST_BODY),
    "active": read_flag,
    **SCHEDULE,
}


def clean_item(texts: Texts, around: Around) -> Values:
    """A catalog item's columns; a price without a currency is in the company's. Raises DomainError."""
    read, problems = read_all(ITEM_READERS, texts)
    currency = read.get("currency") or (around.currency if read.get("price") else "")
    minor = amount_in({**read, "currency": currency}, "price", problems) if read.get("price") else None
    attributes = _attributes(texts, problems)
    refuse(problems)
    return {
        "identifier": read["product_id"],
        "title": read["title"],
        "category": read["category"],
        "price_minor": minor,
        "currency": currency,
        "available": read["available"],
        "attributes": attributes,
    }


def clean_offer(texts: Texts, around: Around) -> Values:
    """An offer's columns. Raises DomainError naming, by the wire's names, all that cannot be stored."""
    read, problems = read_all(OFFER_READERS, texts)
    _schedule(read, around, problems)
    audience = read_audience(texts.get("audience") or "", around.words, problems)
    refuse(problems)
    return {"identifier": read.pop("offer_id"), **read, "audience": audience}


def clean_block(texts: Texts, around: Around) -> Values:
    """A block's columns; a variable that nothing can fill is refused. Raises DomainError."""
    read, problems = read_all(BLOCK_READERS, texts)
    _schedule(read, around, problems)
    if "body" in read and (why := _unfit(read["body"])):
        problems["body"] = why
    audience = read_audience(texts.get("audience") or "", around.words, problems)
    fallbacks = _fallbacks(texts.get("fallbacks") or "", problems)
    refuse(problems)
    return {**read, "audience": audience, "fallbacks": fallbacks}


def _unfit(body: str) -> str:
    """What is wrong with a text's variables; empty when nothing is."""
    known = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)
    unknown = unknown_variables(body)
    if unknown:
        named = ", ".join(f"{{{{{name}}}}}" for name in unknown)
        return f"Nothing fills {named}. There are {known}."
    rest = WRITTEN.sub("", body)
    if "{{" in rest or "}}" in rest:
        return f"Braces that hold no variable would be shown as they are. There are {known}."
    return ""


def _schedule(read: Values, around: Around, problems: Problems) -> None:
    """Put the times in UTC; one without a zone is the company's."""
    for name in ("starts_at", "ends_at"):
        read[name] = in_zone(read[name], around.zone) if read.get(name) else None
    if read["starts_at"] and read["ends_at"] and read["ends_at"] <= read["starts_at"]:
        problems["ends_at"] = "This would end before it begins."


def _attributes(texts: Texts, problems: Problems) -> dict[str, str]:
    """What stands under names of the company's own, which begin with a mark; empty texts say nothing."""
    found = dict[str, str]()
    for key in texts:
        if not key.startswith(FURTHER):
            continue
        try:
            name, value = read_attribute_name(key.removeprefix(FURTHER)), read_text(texts[key], LONGEST_VALUE)
        except ValueError as error:
            problems[f"attributes.{key.removeprefix(FURTHER)[:LONGEST_ATTRIBUTE]}"] = str(error)
        else:
            found |= {name: value} if value else {}
    if len(found) > MOST_ATTRIBUTES:
        problems["attributes"] = f"An item has {MOST_ATTRIBUTES} attributes at most; these are {len(found)}."
    return dict(sorted(found.items()))


def read_attribute_name(given: str) -> str:
    """What an attribute of an item is called. Raises ValueError."""
    name = " ".join(given.split())
    if not name:
        raise ValueError("Name the attribute.")
    if name.casefold() in TAKEN:
        raise ValueError(f"{name} is a column of every item: an attribute needs another name.")
    return read_text(name, LONGEST_ATTRIBUTE)


def words_of(text: str) -> list[str]:
    """Words parted by commas; one that holds a comma stands in quotes."""
    row = next(csv.reader([" ".join(text.split())], skipinitialspace=True), [])
    return list(dict.fromkeys(word.strip() for word in row if word.strip()))


def words_text(words: Iterable[str]) -> str:
    """The same words as `words_of` reads them."""
    return ", ".join(
        '"' + word.replace('"', '""') + '"' if set(word) & {",", '"'} else word for word in words
    )


def audience_text(audience: Mapping[str, Sequence[str]]) -> str:
    """An audience as files write it: `category=shoes, hats; locale=de`, or JSON where a word is odd."""
    ordered = {fact: list(audience[fact]) for fact in FACTS if audience.get(fact)}
    if any(set(word) & SPECIAL for words in ordered.values() for word in words):
        return json.dumps(ordered, ensure_ascii=False)
    return "; ".join(f"{fact}={', '.join(words)}" for fact, words in ordered.items())


def read_audience(text: str, known: Mapping[str, Collection[str]], problems: Problems) -> Audience:
    """The words by fact; why one cannot be is put at `audience.fact`, or at `audience` for the whole."""
    try:
        parts = audience_parts(text.strip())
    except ValueError as error:
        problems["audience"] = str(error)
        return {}
    found = Audience()
    for fact, words in parts.items():
        if fact not in FACTS:
            problems["audience"] = f"There is no fact {fact[:40]}. There are {', '.join(FACTS)}."
        else:
            _put(found, fact, words, known.get(fact, ()), problems)
    return {fact: found[fact] for fact in FACTS if fact in found}


def _put(found: Audience, fact: str, words: list[str], known: Collection[str], problems: Problems) -> None:
    if len(words) > MOST_WORDS:
        problems[f"audience.{fact}"] = f"Name {MOST_WORDS} at most; these are {len(words)}."
        return
    try:
        kept = [_word(fact, word, known) for word in words]
    except ValueError as error:
        problems[f"audience.{fact}"] = str(error)
    else:
        found |= {fact: list(dict.fromkeys(kept))} if kept else {}


def _word(fact: str, word: str, known: Collection[str]) -> str:
    text = read_text(word, LONGEST_WORD)
    if fact == "locale":
        return checked_language(text)
    if known:
        match = next((one for one in known if one.casefold() == text.casefold()), None)
        if match is None:
            raise ValueError(f"{text} is none of {', '.join(known)}.")
        return match
    return text


def audience_parts(text: str) -> dict[str, list[str]]:
    """The words by fact as they are written. Raises ValueError for what cannot be read."""
    if text.startswith("{"):
        return _parsed(text)
    found = dict[str, list[str]]()
    for part in filter(str.strip, text.split(";")):
        fact, sign, words = part.partition("=")
        if not sign:
            raise ValueError("Write an audience like category=shoes, hats; locale=de.")
        found.setdefault(fact.strip().lower(), []).extend(words_of(words))
    return found


def _parsed(text: str) -> dict[str, list[str]]:
    wrong = "Write an audience as lists of words by fact."
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(wrong) from None
    lists = {fact: [words] if isinstance(words, str) else words for fact, words in given.items()}
    for words in lists.values():
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError(wrong)
    return {fact: [word for word in words if word.strip()] for fact, words in lists.items()}


def _fallbacks(text: str, problems: Problems) -> dict[str, str]:
    """The fallbacks by variable, from their JSON."""
    found = dict[str, str]()
    for name, given in (json.loads(text) if text else {}).items():
        try:
            value = read_text(given, LONGEST_FALLBACK)
        except ValueError as error:
            problems[f"fallbacks.{name}"] = str(error)
            continue
        if name not in VARIABLES:
            problems[f"fallbacks.{name}"] = f"There is no variable {name}."
        elif value:
            found[name] = value
    return dict(sorted(found.items()))


def item_texts(columns: Mapping[str, Any]) -> dict[str, str]:
    """The texts of an item's columns, by the wire's names; attributes behind their mark."""
    minor = columns["price_minor"]
    return {
        "product_id": columns["identifier"],
        "title": columns["title"],
        "category": columns["category"],
        "price": "" if minor is None else amount_text(minor, columns["currency"]),
        "currency": columns["currency"],
        "available": "true" if columns["available"] else "false",
        **{f"{FURTHER}{name}": str(value) for name, value in columns["attributes"].items()},
    }


def offer_texts(columns: Mapping[str, Any]) -> dict[str, str]:
    """The texts of an offer's columns, by the wire's names."""
    return {
        "offer_id": columns["identifier"],
        "title": columns["title"],
        "body": columns["body"],
        "cap": "" if columns["cap"] is None else str(columns["cap"]),
        **_planned(columns),
    }


def block_texts(columns: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a block's columns, by the wire's names."""
    return {
        "name": columns["name"],
        "slot": columns["slot"].value,
        "body": columns["body"],
        "fallbacks": json.dumps(columns["fallbacks"], ensure_ascii=False) if columns["fallbacks"] else "",
        "active": "true" if columns["active"] else "false",
        **_planned(columns),
    }


def _planned(columns: Mapping[str, Any]) -> dict[str, str]:
    return {
        "audience": audience_text(columns["audience"]),
        "starts_at": moment_text(columns["starts_at"]),
        "ends_at": moment_text(columns["ends_at"]),
        "priority": str(columns["priority"]),
    }
