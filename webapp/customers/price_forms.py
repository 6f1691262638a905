"""The form of a draft of price rules: a row a rule, and the bounds; each cell is blamed by itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import Field, StringField, ValidationError
from wtforms.utils import unset_value
from wtforms.validators import Length

from webapp.core.forms import put_error
from webapp.core.record_forms import RecordForm
from webapp.customers.price_facts import FACT_WORDS
from webapp.customers.reading import words_of, words_text
from webapp.customers.rules.pricing import Prices, Rule

PARTS = ("fact", "words", "multiplier", "reason")
FACTS = {
    "category": "the item’s category",
    "demand": "how it is asked for",
    "stock": "how much is left",
    "lifecycle": "the customer’s lifecycle",
    "loyalty": "the customer’s loyalty",
    "archetype": "the customer’s archetype",
}
MOST_RULES, MOST_WORDS, LONGEST_WORD, LONGEST_REASON = 100, 50, 100, 200
LONGEST_WORDS = (
    MOST_WORDS * (LONGEST_WORD + 4) + 1
)  # signs of an input that are read; more are too many words
Row = dict[str, str]
EMPTY: Row = dict.fromkeys(PARTS, "")


def read_number(text: str) -> Decimal:
    """A plain decimal number. Raises ValueError for anything else."""
    try:
        number = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        raise ValueError("Write a number such as 1.1 or 80.") from None
    if not number.is_finite():
        raise ValueError("Write a number such as 1.1 or 80.")
    return number


def read_between(text: str, low: str, high: str, places: int = 4) -> Decimal:
    """A number within bounds, with so many decimals at most. Raises ValueError."""
    number = read_number(text)
    if not Decimal(low) <= number <= Decimal(high):
        raise ValueError(f"Write a number from {low} to {high}.")
    if number != round(number, places):
        raise ValueError(f"Write at most {places} decimals.")
    return number


def read_words(fact: str, text: str) -> list[str]:
    """The words that a rule asks for, in the spelling that facts have. Raises ValueError."""
    words = words_of(text[:LONGEST_WORDS])
    if not words:
        raise ValueError("Say for which words the rule holds, with commas between them.")
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        raise ValueError(f"Write at most {MOST_WORDS} words of at most {LONGEST_WORD} signs.")
    if any("\0" in word for word in words):
        raise ValueError("This holds a sign that cannot be stored (NUL). Remove it.")
    known = FACT_WORDS.get(fact)
    if known is None:
        return words
    spelt = {one.casefold().replace("_", " "): one for one in known}
    found = [spelt.get(word.casefold().replace("_", " "), "") for word in words]
    if "" in found:
        wrong = words[found.index("")]
        raise ValueError(f"“{wrong}” is none of {', '.join(one.replace('_', ' ') for one in known)}.")
    return list(dict.fromkeys(found))


# How each bound is read; shares are written as percents.
BOUNDS: dict[str, Callable[[str], Decimal | int]] = {
    "floor": lambda text: read_between(text, "5", "100", 2) / 100,
    "ceiling": lambda text: read_between(text, "100", "500", 2) / 100,
    "daily_change": lambda text: read_between(text, "0", "100", 2) / 100,
    "rounding": lambda text: read_between(text, "0.0001", "1000"),
    "valid_hours": lambda text: int(read_between(text, "1", "720", 0)),
}


class RulesField(Field):
    """The rules, four inputs a row; `rows` is what was typed, `wrong` blames cells by (row, part).

    A submit button named `move` with the value `rules:row:remove`, or `rules::add`, changes the rows
    without a script.
    """

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.rows: list[Row] = []
        self.read: list[Rule] = []
        self.wrong: dict[tuple[int, str], str] = {}
        self.moved = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the rows, then do what the pressed button asks of them."""
        super().process(None, data, extra_filters)
        self.rows = [dict(row) for row in self.data or []]
        if formdata is not None and ("version" in formdata or "move" in formdata):
            columns = [formdata.getlist(f"{self.name}-{part}") for part in PARTS]
            cells = zip(*columns, strict=False)
            self.rows = [dict(zip(PARTS, row, strict=True)) for row in cells][: 2 * MOST_RULES]
            for order in formdata.getlist("move"):
                self._move(order)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms hands over the form
        """Read each row that says anything; blame the cells that cannot be read."""
        self.read = []
        for number, row in enumerate(self.rows):
            if any(row[part].strip() for part in PARTS[1:]):
                self._read(number, row)
        if len(self.read) > MOST_RULES:
            raise ValidationError(f"Keep at most {MOST_RULES} rules.")
        if self.wrong:
            raise ValidationError("Some rules cannot be read.")

    def _read(self, number: int, row: Row) -> None:
        found: dict[str, Any] = {}
        readers: dict[str, Any] = {
            "fact": _read_fact,
            "words": lambda text: read_words(row["fact"], text),
            "multiplier": lambda text: read_between(text, "0.05", "5"),
            "reason": _read_reason,
        }
        for part, read in readers.items():
            try:
                found[part] = read(row[part])
            except ValueError as error:
                self.wrong[number, part] = str(error)
        if len(found) == len(PARTS):
            self.read.append(Rule(**found))

    def _move(self, order: str) -> None:
        name, _, rest = order.partition(":")
        row, _, deed = rest.partition(":")
        if name != self.name:
            return
        self.moved = True
        if deed == "add":
            self.rows.append(dict(EMPTY))
        elif row.isdecimal() and len(row) < 4 and int(row) < len(self.rows):
            self.rows.pop(int(row))


def _read_fact(text: str) -> str:
    if text not in FACTS:
        raise ValueError("Choose what the rule asks about.")
    return text


def _read_reason(text: str) -> str:
    told = " ".join(text.split())
    if not told:
        raise ValueError("Say the reason: it stands with each price that the rule moves.")
    if len(told) > LONGEST_REASON or "\0" in told:
        raise ValueError(f"Keep the reason under {LONGEST_REASON} plain signs.")
    return told


class PriceForm(RecordForm):
    """A draft. Floor, ceiling and daily change are percents; the base price is 100."""

    rules = RulesField("Rules")
    floor = StringField("Floor")
    ceiling = StringField("Ceiling")
    daily_change = StringField("Daily change")
    rounding = StringField("Rounded to")
    valid_hours = StringField("Holds for hours")
    note = StringField("Note", [Length(max=500, message="Keep this under 500 characters.")])

    @classmethod
    def of(cls, prices: Prices, note: str, version: int) -> PriceForm:
        """The form with these rules; an empty row stands at the end."""
        rows = [
            {
                "fact": rule.fact,
                "words": words_text(rule.words).replace("_", " ")
                if rule.fact != "category"
                else words_text(rule.words),
                "multiplier": plain(rule.multiplier),
                "reason": rule.reason,
            }
            for rule in prices.rules
        ]
        told = {
            "floor": plain(prices.floor * 100),
            "ceiling": plain(prices.ceiling * 100),
            "daily_change": plain(prices.daily_change * 100),
            "rounding": plain(prices.rounding),
            "valid_hours": str(prices.valid_hours),
        }
        data = {**told, "rules": rows or [dict(EMPTY)], "note": note, "version": version}
        return cls(formdata=None, data=data)

    @property
    def moved(self) -> bool:
        """Whether the submit only added or removed a row: draw the form again, save nothing."""
        return self.rules.moved

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The summary on top: cells of the rules by their own ids."""
        cells = [
            (f"rules-{number}-{part}", f"Rule {number + 1}, {part}: {why}")
            for (number, part), why in self.rules.wrong.items()
        ]
        labels = {self[name].id: f"{self[name].label.text}: " for name in BOUNDS}
        others = [
            (where, f"{labels.get(where, '')}{why}")
            for where, why in super().problems
            if not (cells and where == self.rules.id)
        ]
        return [*cells, *others]

    def prices(self) -> Prices | None:
        """What the form says; None after blaming what cannot be."""
        fine, found = self.validate(), dict[str, Any]()
        for name, read in BOUNDS.items():
            try:
                found[name] = read(self[name].data or "")
            except ValueError as error:
                put_error(self, name, str(error))
                fine = False
        if "\0" in (self.note.data or ""):
            put_error(self, "note", "This holds a sign that cannot be stored (NUL). Remove it.")
            fine = False
        return Prices(rules=self.rules.read, **found) if fine else None


def plain(number: Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    return f"{number.normalize():f}"
