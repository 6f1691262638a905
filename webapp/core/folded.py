"""Texts as lists compare them: without case, sign by sign, the same on every engine and in the index."""

from sqlalchemy import ColumnElement, Computed, Index, String, Text, and_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, MappedColumn, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

LAST_SIGN = "\U0010ffff"
KEY = Text().with_variant(Text(collation="C"), "postgresql")


def key_of(text: str) -> MappedColumn[str]:
    """A column `<text>_key` that the database itself keeps folded, for lists that may grow long.

    Why not an index on the expression: under row-level security PostgreSQL looks nothing up by a
    function that might leak what it is given, and `lower` counts as one; a column may be compared.
    The collation "C" keeps order and index from changing with the server's locale. Why not a
    function of our own: the file would be unreadable to every other tool.
    """
    folded_text = Computed(f"lower({text})", persisted=True)
    return mapped_column(KEY, folded_text, nullable=True, init=False, repr=False, deferred=True)


class _Lower(FunctionElement[str]):
    """The same for a column without a key: as true, but looked up row by row."""

    type = String()
    name = "folded"
    inherit_cache = True


@compiles(_Lower)
def _lower(element: _Lower, compiler: SQLCompiler, **kwargs: object) -> str:
    return f"lower({compiler.process(element.clauses, **kwargs)})"


@compiles(_Lower, "postgresql")
def _lower_by_signs(element: _Lower, compiler: SQLCompiler, **kwargs: object) -> str:
    return f'(lower({compiler.process(element.clauses, **kwargs)}) COLLATE "C")'


def folded(text: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """What stands for the text in comparisons: its key when the table keeps one."""
    key: InstrumentedAttribute[str] | None = getattr(text.class_, f"{text.key}_key", None)
    return _Lower(text) if key is None else key.expression


def begins(text: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """Whether a text begins so, in either case. A range, not LIKE: an index serves it, no sign is special.

    Beyond A to Z SQLite's `lower` keeps the case, so the usual spellings are asked for one by one:
    "österreich" also finds "Österreich" and "ÖSTERREICH".
    """
    spellings = (start, start.lower(), start.upper(), start.title(), start.capitalize())
    starts = dict.fromkeys(_lower_a_to_z(spelling) for spelling in spellings)
    value = folded(text)
    return or_(*(and_(value >= one, value < one + LAST_SIGN) for one in starts))


def _lower_a_to_z(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def list_indexes(table: str, texts: tuple[str, ...], others: tuple[str, ...] = ()) -> tuple[Index, ...]:
    """The indexes that make a company's table fast to sort by, search in and page through.

    `texts` are columns with a key, `others` are sorted by as they are.
    """
    ordered = [(name, f"{name}_key") for name in texts] + [(name, name) for name in others]
    return tuple(Index(f"ix_{table}_by_{name}", "company_id", order, "id") for name, order in ordered)
