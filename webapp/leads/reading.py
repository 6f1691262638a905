"""Reads leads, stages and activities as people, files and programs write them: texts in, columns out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from webapp.core.money import checked_currency
from webapp.core.reading import (
    DAY,
    Problems,
    Texts,
    Values,
    amount_in,
    amount_text,
    in_zone,
    moment_text,
    read_all,
    read_day,
    read_identifier,
    read_moment,
    read_number,
    read_text,
    read_word,
    refuse,
)
from webapp.leads.facts import Stage

LEAD_COLUMNS = (
    "lead_id",
    "name",
    "email",
    "source",
    "value",
    "currency",
    "stage",
    "owner",
    "created_at",
    "stage_changed_at",
    "closed_at",
)
# What a list's file tells beside; an attribute of such a name could not be told from it.
TOLD = ("score", "probability", "next_action", "priority", "at_risk")
TAKEN = {*LEAD_COLUMNS, *TOLD, "id", "attributes"}
TIMES = ("created_at", "stage_changed_at", "closed_at")
STAYING = ("stage", *TIMES)  # of a saved lead, when nothing is said of them
MOST_ATTRIBUTES, LONGEST_ATTRIBUTE, LONGEST_VALUE = 60, 80, 500
LONGEST_KIND, LONGEST_NOTE = 60, 4_000
LARGEST = 1e15  # of a number among the attributes
AHEAD = timedelta(days=1)  # of the clock; a time further off is a slip of the pen
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")  # no code with a leading zero, no long id
BREAKING = {"Cc", "Zl", "Zp"}  # categories of signs: control characters, separators of lines and paragraphs
KIND = re.compile(r"[a-z0-9][a-z0-9_.:-]*")
Scalar = str | int | float | bool
Attributes = dict[str, Scalar]


@dataclass(frozen=True)
class Given:
    """What is said of a lead: texts by the wire's names, attributes by their own (None forgets one)."""

    texts: Texts
    attributes: Mapping[str, Scalar | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Around:
    """What reading needs of the company: its time zone, its currency, and what time it is."""

    zone: tzinfo
    currency: str
    now: datetime


def read_when(given: str) -> datetime:
    """A time as RFC 3339 has it, or a day, which is its midnight; naive without a zone. Raises ValueError."""
    text = given.strip()
    return datetime.combine(read_day(text), time()) if DAY.fullmatch(text) else read_moment(text)


def _moment(given: str) -> datetime | None:
    return read_when(given) if given.strip() else None


def read_lead_id(given: str) -> str:
    """The company's own id of a lead. Raises ValueError."""
    return on_one_line(read_identifier(given, "lead"))


def on_one_line(text: str) -> str:
    """The same id. Raises ValueError for one with signs that nobody sees and no address carries."""
    if any(unicodedata.category(sign) in BREAKING for sign in text):
        raise ValueError(
            "A lead’s id stands on one line: remove line breaks, tabs and other control characters."
        )
    return text


def read_name(given: str) -> str:
    """What a lead is called. Raises ValueError."""
    if not given.strip():
        raise ValueError("A lead needs a name.")
    return read_text(given, 200)


LEAD_READERS: dict[str, Callable[[str], Any]] = {
    "lead_id": read_lead_id,
    "name": read_name,
    "email": lambda given: read_text(given, 254),
    "source": lambda given: read_text(given, 100),
    "value": lambda given: read_number(given) if given.strip() else "",
    "currency": lambda given: checked_currency(given) if given.strip() else "",
    "stage": lambda given: read_word(Stage, given) if given.strip() else Stage.NEW,
    "owner": lambda given: read_text(given, 254).lower(),
    "created_at": _moment,
    "stage_changed_at": _moment,
    "closed_at": _moment,
}


def clean_lead(given: Given, around: Around) -> Values:
    """A lead's columns, with the owner's e-mail address as `owner`.

    A time without a zone is the company's. What is not said follows: it began now; a stage behind the first
    one was reached now, as far as anybody knows; a closed lead closed when it reached its stage. Raises
    DomainError naming, by the wire's names, all that cannot be stored.
    """
    read, problems = read_all(LEAD_READERS, given.texts)
    for name in TIMES:
        read[name] = in_zone(read[name], around.zone) if read.get(name) else None
    currency = read.get("currency") or (around.currency if read.get("value") else "")
    amount = amount_in({**read, "currency": currency}, "value", problems) if read.get("value") else None
    attributes = clean_attributes(given.attributes, problems)
    if "stage" in read:
        problems |= {name: why for name, why in _contradictions(read, around.now) if name not in problems}
    refuse(problems)
    return {
        "identifier": read["lead_id"],
        "name": read["name"],
        "email": read["email"],
        "source": read["source"],
        "value_minor": amount,
        "currency": currency,
        "stage": read["stage"],
        "owner": read["owner"],
        **_times(read, around.now),
        "attributes": attributes,
    }


def _times(read: Values, now: datetime) -> Values:
    opened = read["created_at"] or min(
        (one for one in (read["stage_changed_at"], read["closed_at"], now) if one), default=now
    )
    changed, closed = read["stage_changed_at"], read["closed_at"]
    if read["stage"].closed:
        closed = closed or changed or max(now, opened)
        changed = changed or closed
    elif changed is None:
        changed = opened if read["stage"] is Stage.NEW else max(now, opened)
    return {"opened_at": opened, "stage_changed_at": changed, "closed_at": closed}


def _contradictions(read: Values, now: datetime) -> list[tuple[str, str]]:
    """What times say against each other, the stage and the clock."""
    opened, closed = read["created_at"], read["closed_at"]
    ahead = [name for name in TIMES if read[name] and read[name] > now + AHEAD]
    found = [(name, "This time has not come yet.") for name in ahead]
    if closed and not read["stage"].closed:
        found.append(("closed_at", "Only a lead that is won or lost has a time of closing."))
    if closed and opened and closed < opened:
        found.append(("closed_at", "The lead would have closed before it began."))
    if read["stage_changed_at"] and opened and read["stage_changed_at"] < opened:
        found.append(("stage_changed_at", "The stage would have changed before the lead began."))
    return found


def read_attribute_name(given: str) -> str:
    """What an attribute is called. Raises ValueError."""
    name = " ".join(given.split())
    if not name:
        raise ValueError("Name the attribute.")
    if name.casefold() in TAKEN:
        raise ValueError(f"{name} is a column of every lead: an attribute needs another name.")
    return read_text(name, LONGEST_ATTRIBUTE)


def read_attribute(given: str) -> Scalar:
    """An attribute's value: a number or true and false where the text is plainly one. Raises ValueError."""
    text = read_text(given, LONGEST_VALUE)
    if NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return {"true": True, "false": False}.get(text.lower(), text)


def attribute_text(value: Scalar | None) -> str:
    """An attribute as files write it; reading it again gives the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < LARGEST else repr(value)
    return str(value)


def clean_attributes(given: Mapping[str, Scalar | None], problems: Problems) -> Attributes:
    """The attributes that say something, by name; what cannot be kept is told in `problems`."""
    found = Attributes()
    for name, value in given.items():
        try:
            kept, told = read_attribute_name(name), _sound(value)
        except ValueError as error:
            problems[f"attributes.{name[:LONGEST_ATTRIBUTE]}"] = str(error)
        else:
            if told not in ("", None):
                found[kept] = told
    if len(found) > MOST_ATTRIBUTES:
        problems["attributes"] = f"A lead has {MOST_ATTRIBUTES} attributes at most; these are {len(found)}."
    return dict(sorted(found.items()))


def _sound(value: Scalar | None) -> Any:
    if isinstance(value, str):
        return read_text(value, LONGEST_VALUE)
    if isinstance(value, int | float) and not abs(value) <= LARGEST:  # nor what is no number
        raise ValueError("This number is beyond all measure.")
    return value


def lead_texts(columns: Mapping[str, Any], owner: str) -> dict[str, str]:
    """The texts of a lead's columns, by the wire's names; `owner` is the owner's e-mail address."""
    minor = columns["value_minor"]
    return {
        "lead_id": columns["identifier"],
        "name": columns["name"],
        "email": columns["email"],
        "source": columns["source"],
        "value": "" if minor is None else amount_text(minor, columns["currency"]),
        "currency": columns["currency"],
        "stage": columns["stage"].value,
        "owner": owner,
        "created_at": moment_text(columns["opened_at"]),
        "stage_changed_at": moment_text(columns["stage_changed_at"]),
        "closed_at": moment_text(columns["closed_at"]),
    }


def merged(saved: Given, given: Given, now: datetime) -> Given:
    """What is meant of a saved lead: what is not said stays, but times belong to their stage."""
    said = {name: text for name, text in given.texts.items() if text.strip() or name not in STAYING}
    texts = {**saved.texts, **said}
    moved = _stage(texts) != _stage(saved.texts)
    together = saved.texts["stage_changed_at"] == saved.texts["closed_at"]
    if moved or (given.texts.get("closed_at") and together):
        texts["stage_changed_at"] = given.texts.get("stage_changed_at", "")
    if moved:
        texts["closed_at"] = given.texts.get("closed_at", "")
    if moved and _stage(texts) == Stage.NEW.value and not texts["stage_changed_at"]:
        texts["stage_changed_at"] = moment_text(now)  # it began long ago, and is back
    return Given(texts, {**saved.attributes, **given.attributes})


def _stage(texts: Texts) -> str:
    return (texts.get("stage") or "").strip().upper() or Stage.NEW.value


def read_kind(given: str) -> str:
    """A kind of activity as one word: `E-mail open` is `e-mail_open`. Raises ValueError."""
    text = "_".join(read_text(given, LONGEST_KIND).lower().split())
    if not text:
        raise ValueError("Say which kind of activity it was, such as call.")
    if not KIND.fullmatch(text):
        raise ValueError("Write the kind with letters, digits and underscores, such as email_open.")
    return text


def read_time(given: str, what: str) -> datetime:
    """A time that must be said. Raises ValueError."""
    if not given.strip():
        raise ValueError(f"Say when {what}.")
    return read_when(given)
