"""Every number of a version with its name, its place and its limits, as people read and write it."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.ruleset import Group, Level, Rules, Signal

Document = dict[str, Any]


class Kind(enum.Enum):
    """How a value is written."""

    PERCENT = "%"
    FACTOR = "×"
    NUMBER = ""
    WHOLE = "whole"
    WAY = "way"
    CHECK = "check"


@dataclass(frozen=True)
class Parameter:
    """One value of a version: where it stands in it, what it is called in its section, what it means."""

    path: tuple[str, ...]
    label: str
    kind: Kind
    section: str
    hint: str = ""
    row: str = ""  # what it shares with its neighbour, such as a signal with its two anchors

    @property
    def name(self) -> str:
        """Its name in a form and in the trail."""
        return "__".join(self.path)

    @property
    def title(self) -> str:
        """What it is called outside its section."""
        return f"{self.row}: {self.label.lower()}" if self.row else self.label

    def text(self, document: Document) -> str:
        """Its value in a version's document, as people write it."""
        value: Any = document
        for step in self.path:
            value = value[step]
        if self.kind is Kind.CHECK:
            return "yes" if value else "no"
        return str(value) if self.kind is Kind.WAY else _written(Decimal(str(value)), self.kind)

    def read(self, text: str) -> object:
        """The value that was written. Raises ValueError in words."""
        if self.kind is Kind.CHECK:
            return text == "yes"
        return text if self.kind is Kind.WAY else _read(text, self.kind)

    @cached_property
    def limits(self) -> str:
        """From where to where it may go, in words; empty where nothing bounds it."""
        found = _bounds(self.path)
        said = {name: _written(Decimal(str(value)), self.kind) for name, value in found.items()}
        low = f"more than {said['gt']}" if "gt" in said else said.get("ge", "")
        high = said.get("le", "")
        if low and high:
            return f"{low}, up to {high}" if "gt" in said else f"{low} to {high}"
        return low or high

    @property
    def advice(self) -> str:
        """What stands beside its field."""
        limits = f"{self.limits[:1].upper()}{self.limits[1:]}." if self.limits else ""
        return " ".join(one for one in (self.hint, limits) if one)


@dataclass(frozen=True)
class Difference:
    """A value that differs between two versions, in the words of both."""

    parameter: Parameter
    before: str
    after: str


UNITS = {
    Signal.AVERAGE_VALUE: (Kind.NUMBER, "in whole units of your currency"),
    Signal.WILLINGNESS: (Kind.PERCENT, "paid ÷ base price"),
    Signal.PRICE_REJECTION: (Kind.PERCENT, "of requests with a price"),
    Signal.RESPONSE_TIME: (Kind.NUMBER, "in minutes, median"),
    Signal.ACCEPTANCE: (Kind.PERCENT, "of requests received"),
    Signal.REQUEST_RATE: (Kind.NUMBER, "requests made in 30 days"),
    Signal.SWAP_SHARE: (Kind.PERCENT, "swaps among what was agreed"),
    Signal.ACCOMMODATIONS: (Kind.NUMBER, "requests of others accepted"),
    Signal.RECIPROCITY: (Kind.PERCENT, "given ÷ given and received"),
}
RULE_WORDS = {
    1: "Rule 1: big spender, soon",
    2: "Rule 2: high flexibility, any day",
    3: "Rule 3: average user, late",
    4: "Rule 4: average user, in between",
    5: "Rule 5: average user, soon",
    6: "Rule 6: big spender, later",
    7: "Rule 7: new member without an override",
}


def _detection() -> Iterator[Parameter]:
    one = "Finding archetypes"
    at = ("detection",)
    yield Parameter((*at, "look_back_days"), "Look-back, days", Kind.WHOLE, one, "How far history is read.")
    yield Parameter((*at, "freshness_hours"), "Freshness, hours", Kind.WHOLE, one, "Then it is found anew.")
    new = "Members with fewer are new."
    yield Parameter((*at, "new_below"), "Transactions to be known", Kind.WHOLE, one, new)
    yield Parameter((*at, "sharpness"), "Sharpness", Kind.NUMBER, one, "How firm beliefs are.")
    half = "Transactions for half of it."
    yield Parameter((*at, "half_at"), "Half-way", Kind.NUMBER, one, half)
    middle = "Requests in the middle, to begin with."
    yield Parameter((*at, "prior"), "Prior", Kind.NUMBER, one, middle)
    for group in Group:
        yield Parameter((*at, "weights", group.value), group.label, Kind.PERCENT, "Weights of the groups")
    for archetype in Archetype:
        path = (*at, "lean", archetype.value)
        yield Parameter(path, archetype.label, Kind.NUMBER, "Leans", "Added to the affinity.")


def _signals() -> Iterator[Parameter]:
    for signal in Signal:
        kind, unit = UNITS[signal]
        at, row = ("detection", "anchors", signal.value), signal.label
        yield Parameter((*at, "low"), "Is 0 at", kind, "Signals", unit[:1].upper() + unit[1:] + ".", row)
        yield Parameter((*at, "high"), "Is 1 at", kind, "Signals", unit[:1].upper() + unit[1:] + ".", row)
        share = f"Of its group, {signal.group.label.lower()}."
        path = ("detection", "shares", signal.value)
        yield Parameter(path, "Share", Kind.PERCENT, "Signals", share, row)


def _urgency() -> Iterator[Parameter]:
    one = "Urgency"
    for level in Level:
        row = level.value.capitalize()
        if level is not Level.LOW:
            path = ("urgency", f"{level.value}_to")
            yield Parameter(path, "Up to so many days", Kind.WHOLE, one, "", row)
        yield Parameter(("urgency", level.value), "Multiplier", Kind.FACTOR, one, "", row)


def _selection() -> Iterator[Parameter]:
    one, at = "What is recommended", ("selection",)
    to = "Days; beyond them rule 6."
    yield Parameter((*at, "big_spender_to"), "Big spender, soon: up to", Kind.WHOLE, one, to)
    early = "Days; below them rule 5."
    yield Parameter((*at, "average_from"), "Average user, in between: from", Kind.WHOLE, one, early)
    late = "Days."
    yield Parameter((*at, "average_late_from"), "Average user, late: from", Kind.WHOLE, one, late)
    for number, words in RULE_WORDS.items():
        yield Parameter((*at, "defaults", str(number)), words, Kind.WAY, one)


def _pricing() -> Iterator[Parameter]:
    one, at = "Prices", ("pricing",)
    for archetype in Archetype:
        hint = "Of the base price."
        yield Parameter((*at, archetype.value), f"{archetype.label} multiplier", Kind.FACTOR, one, hint)
    yield Parameter((*at, "platform_fee"), "Platform fee", Kind.PERCENT, one, "On buyout and crash.")
    yield Parameter((*at, "crash_share"), "Crash share", Kind.PERCENT, one, "Of the base price.")
    yield Parameter((*at, "swap_fee"), "Swap fee", Kind.NUMBER, one, "Flat, in your currency.")
    yield Parameter((*at, "whole_units"), "Round to whole units of the currency", Kind.CHECK, one)


def _rest() -> Iterator[Parameter]:
    one, at = "Acceptance and measurement", ("acceptance",)
    mine = "At the company’s rate, in requests."
    yield Parameter((*at, "member_prior"), "Member’s prior", Kind.NUMBER, one, mine)
    ours = "At one half, in requests."
    yield Parameter((*at, "company_prior"), "Company’s prior", Kind.NUMBER, one, ours)
    out = "Members without personalization."
    yield Parameter(("held_out",), "Hold-out", Kind.PERCENT, one, out)


PARAMETERS = (*_detection(), *_signals(), *_urgency(), *_selection(), *_pricing(), *_rest())
BY_NAME = {one.name: one for one in PARAMETERS}


def sections() -> dict[str, list[Parameter]]:
    """The parameters by section, in the order of a form."""
    found = dict[str, list[Parameter]]()
    for one in PARAMETERS:
        found.setdefault(one.section, []).append(one)
    return found


def texts_of(rules: Rules) -> dict[str, str]:
    """Every value by its parameter's name, as people write it."""
    document = rules.as_json()
    return {one.name: one.text(document) for one in PARAMETERS}


def differences(before: Rules, after: Rules) -> list[Difference]:
    """The values that two versions differ in."""
    old, new = texts_of(before), texts_of(after)
    return [
        Difference(one, old[one.name], new[one.name]) for one in PARAMETERS if old[one.name] != new[one.name]
    ]


def read_rules(texts: Mapping[str, str]) -> tuple[Rules | None, dict[str, str]]:
    """The version that was written, or what is wrong with it by parameter's name, in words."""
    document, problems = Document(), dict[str, str]()
    for one in PARAMETERS:
        try:
            _put(document, one.path, one.read(texts.get(one.name, "")))
        except ValueError as error:
            problems[one.name] = str(error)
    if problems:
        return None, problems
    try:
        return Rules.model_validate(document), {}
    except ValidationError as error:
        return None, _told(error)


def _put(document: Document, path: tuple[str, ...], value: object) -> None:
    for step in path[:-1]:
        document = document.setdefault(step, {})
    document[path[-1]] = value


def _told(error: ValidationError) -> dict[str, str]:
    """Each problem at the first parameter that it concerns."""
    problems = dict[str, str]()
    for one in error.errors():
        at = tuple(str(step) for step in one["loc"])
        meant = next(
            (each for each in PARAMETERS if each.path[: len(at)] == at or at[: len(each.path)] == each.path),
            PARAMETERS[0],
        )
        problems.setdefault(meant.name, _words(one, meant))
    return problems


def _words(problem: Any, parameter: Parameter) -> str:
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    if problem["type"] in {"enum", "missing"}:
        return "Choose one of the ways." if parameter.kind is Kind.WAY else "Write a value."
    if problem["type"].startswith("int"):
        return "Write a whole number."
    limits = parameter.limits
    return f"This must be {limits}." if limits else "This cannot be read: write a number."


def _read(text: str, kind: Kind) -> str:
    """A number as it is stored, exact. Raises ValueError in words."""
    plain = text.strip().replace("\u2212", "-").replace("\u202f", "").replace(" ", "")
    plain = plain.removesuffix("%").removeprefix("×")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        example = {Kind.PERCENT: "1.5 %", Kind.FACTOR: "1.25", Kind.WHOLE: "14"}.get(kind, "0.3")
        raise ValueError(f"Write a number, such as {example}.") from None
    if not value.is_finite() or len(value.as_tuple().digits) > 15 or abs(value.adjusted()) > 12:
        raise ValueError("Write a number with at most 15 digits.")
    if kind is Kind.WHOLE:
        if value != value.to_integral_value():
            raise ValueError("Write a whole number.")
        value = value.to_integral_value()
    return format(value.scaleb(-2) if kind is Kind.PERCENT else value, "f")


def _written(value: Decimal, kind: Kind) -> str:
    if kind is Kind.PERCENT:
        return f"{_plain(value * 100)} %"
    return _plain(value)


def _plain(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def _bounds(path: tuple[str, ...]) -> dict[str, Any]:
    """What the model itself says about a value: `gt`, `ge`, `le`."""
    kind: Any = Rules
    metadata: Any = ()
    for step in path:
        if get_origin(kind) is not dict:
            field = kind.model_fields[step]
            kind, metadata = field.annotation, field.metadata
            continue
        kind, metadata = get_args(kind)[1], ()
        if get_origin(kind) is Annotated:
            kind, *metadata = get_args(kind)
    return _of(metadata)


def _of(metadata: Any) -> dict[str, Any]:
    found = dict[str, Any]()
    for one in metadata:
        if isinstance(one, FieldInfo):
            found |= _of(one.metadata)
        found |= {name: getattr(one, name) for name in ("gt", "ge", "le") if hasattr(one, name)}
    return found
