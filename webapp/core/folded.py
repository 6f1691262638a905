"""Texts as lists compare them: one folding rule, kept in indexed key columns that sort, page and search."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Index, Text, and_, event, inspect, or_
from sqlalchemy.orm import InstrumentedAttribute, MappedColumn, Mapper, mapped_column

LAST_SIGN = "\U0010ffff"
LONGEST_KEY = 200  # characters; an index entry of PostgreSQL holds 2,704 bytes
KEY = Text().with_variant(Text(collation="C"), "postgresql")
# Letters of Latin scripts that Unicode does not take apart, as people type them without their keys.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)


def fold(text: str) -> str:
    """A text without case, accents and doubled spaces: what lists sort by and searches look for.

    NFKD without its combining marks, case folded (ß is ss), a few letters written plainly (ø, ł, æ),
    cut to 200 characters. Folding twice changes nothing.
    """
    if text.isascii():
        return " ".join(text.lower().split())[:LONGEST_KEY].rstrip()
    plain = _without_marks(_without_marks(text).casefold()).translate(PLAIN)
    return " ".join(plain.split())[:LONGEST_KEY].rstrip()


def last_name_first(name: str) -> str:
    """The key under which a surname is found: "John Smith" is `smith john`, one word stays itself."""
    rest, _, last = fold(name).rpartition(" ")
    return f"{last} {rest}".strip()


def _without_marks(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


RULES = {"fold": fold, "last_name_first": last_name_first}


def key_of(text: str, rule: str = "fold") -> MappedColumn[str]:
    """A column that holds what `rule` makes of the column `text`, filled whenever a row is written.

    The collation "C" makes PostgreSQL compare sign by sign, as SQLite does: the order is the same on both
    and does not change with the server's locale. A column, not an index on an expression: under
    row-level security PostgreSQL looks nothing up by a function that might leak what it is given.
    """
    about = {"folds": text, "rule": rule}
    return mapped_column(KEY, init=False, default="", repr=False, deferred=True, info=about)


def keys_of(model: type[Any], values: Mapping[str, Any]) -> dict[str, str]:
    """The keys of the texts among `values`, for rows that are written past the mapper."""
    return {
        key: RULES[rule](values[text] or "") for key, text, rule in _keys(inspect(model)) if text in values
    }


@cache
def _keys(mapper: Mapper[Any]) -> tuple[tuple[str, str, str], ...]:
    columns = ((attribute.key, attribute.columns[0].info) for attribute in mapper.column_attrs)
    return tuple((key, info["folds"], info["rule"]) for key, info in columns if "folds" in info)


@event.listens_for(Mapper, "before_insert")
def _fill(mapper: Mapper[Any], _connection: object, row: Any) -> None:
    for key, text, rule in _keys(mapper):
        setattr(row, key, RULES[rule](getattr(row, text) or ""))


@event.listens_for(Mapper, "before_update")
def _refill(mapper: Mapper[Any], _connection: object, row: Any) -> None:
    for key, text, rule in _keys(mapper):
        if inspect(row).attrs[text].history.has_changes():
            setattr(row, key, RULES[rule](getattr(row, text) or ""))


def folded(text: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """The key that stands for the text in comparisons. Raises TypeError when the table keeps none."""
    key: InstrumentedAttribute[str] | None = getattr(text.class_, f"{text.key}_key", None)
    if key is None:
        raise TypeError(f"no list can be sorted or searched by {text}: its table keeps no {text.key}_key")
    return key.expression


def begins(text: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """Whether a text, or the surname where a table keeps one, begins so, whatever case and accents."""
    return or_(*(one for _, one in beginnings(text, start)))


def beginnings(
    text: InstrumentedAttribute[str], start: str
) -> list[tuple[ColumnElement[str], ColumnElement[bool]]]:
    """The same as alternatives, each a key and a range of it. LIKE has special signs."""
    word = fold(start)
    surname: InstrumentedAttribute[str] | None = getattr(text.class_, f"{text.key}_by_surname", None)
    keys = [folded(text)] if surname is None else [folded(text), surname.expression]
    return [(key, and_(key >= word, key < word + LAST_SIGN)) for key in keys]


def list_indexes(table: str, texts: tuple[str, ...], others: tuple[str, ...] = ()) -> tuple[Index, ...]:
    """The indexes that make a company's table fast to sort by, search in and page through.

    `texts` are columns with a key, `others` are compared as they are.
    """
    ordered = [(name, f"{name}_key") for name in texts] + [(name, name) for name in others]
    return tuple(Index(f"ix_{table}_by_{name}", "company_id", order, "id") for name, order in ordered)
