"""Texts as lists compare them: the one expression that sorts, pages, searches and is indexed."""

from typing import Any

from sqlalchemy import ColumnElement, Index, String, and_, column, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

LAST_SIGN = "\U0010ffff"


class folded(FunctionElement[str]):  # noqa: N801  # reads as the SQL function it is
    """A text as lists compare it: without case, sign by sign.

    The same expression sorts, pages, searches, and stands in the index that serves all three, so
    the order and a cursor's comparison cannot disagree. It is made of what both engines bring:
    a function of our own would make the file unreadable to every other tool. On PostgreSQL the
    collation "C" keeps the order from changing with the server's locale (and its index from
    breaking when the locale's library changes). SQLite's `lower` knows A to Z alone; see `begins`.
    """

    type = String()
    name = "folded"
    inherit_cache = True


@compiles(folded)
def _lower(element: folded, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kwargs)})"


@compiles(folded, "postgresql")
def _lower_by_signs(element: folded, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f'(lower({compiler.process(element.clauses, **kwargs)}) COLLATE "C")'


def begins(text: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """Whether a text begins so, in either case. A range, not LIKE: an index serves it, no sign is special.

    Beyond A to Z SQLite keeps the case, so the usual spellings are asked for one by one:
    "österreich" also finds "Österreich" and "ÖSTERREICH".
    """
    spellings = (start, start.lower(), start.upper(), start.title(), start.capitalize())
    starts = dict.fromkeys(_lower_a_to_z(spelling) for spelling in spellings)
    value = folded(text)
    return or_(*(and_(value >= one, value < one + LAST_SIGN) for one in starts))


def _lower_a_to_z(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def list_indexes(table: str, texts: tuple[str, ...], others: tuple[str, ...] = ()) -> tuple[Index, ...]:
    """The indexes of a company's table that make sorting by, searching in and paging through columns fast."""
    ordered = [(name, folded(column(name))) for name in texts] + [(name, name) for name in others]
    return tuple(Index(f"ix_{table}_by_{name}", "company_id", order, "id") for name, order in ordered)
