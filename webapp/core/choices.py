"""The values a list can be filtered by: an enum's members, or what stands in a column, found by leaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

MOST_CHOICES = 200


class Filtered(Protocol):
    """What is read of a filter here."""

    @property
    def name(self) -> str:
        """Its name in the address."""

    @property
    def label(self) -> str:
        """Its name for people."""

    @property
    def attribute(self) -> InstrumentedAttribute[Any]:
        """The column."""


@dataclass(frozen=True)
class FilterState:
    """A select box as templates draw it. `choices` are (value, label); `more` says that not all fit."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    more: bool = False


def choices_of(
    session: Session, filters: Sequence[Filtered], values: Mapping[str, str]
) -> tuple[FilterState, ...]:
    """Read what each filter offers, in one statement for all; a chosen value is always among it."""
    texts = [one for one in filters if not _members(one)]
    found: dict[str, list[str]] = {one.name: [] for one in texts}
    for name, value in session.execute(union_all(*map(_leaps, texts))) if texts else ():
        found[name].append(value)
    return tuple(_state(one, values.get(one.name, ""), found.get(one.name, [])) for one in filters)


def _state(one: Filtered, value: str, found: list[str]) -> FilterState:
    members = _members(one)
    if members:
        return FilterState(one.name, one.label, value if value in dict(members) else "", members)
    kept = sorted({*found[:MOST_CHOICES], *([value] if value else [])}, key=str.lower)
    return FilterState(one.name, one.label, value, tuple((v, v) for v in kept), len(found) > MOST_CHOICES)


def _members(one: Filtered) -> tuple[tuple[str, str], ...]:
    kind = one.attribute.type.python_type
    if not issubclass(kind, Enum):
        return ()
    return tuple((member.value, getattr(member, "label", member.value)) for member in kind)


def _leaps(one: Filtered) -> Select[Any]:
    """Each value once, leaping from one to the next larger, where DISTINCT would read all rows."""
    column = one.attribute
    first = select(func.min(column).label("value"), literal(1).label("number")).where(column != "")
    steps = first.cte(f"values_of_{one.name}", recursive=True)
    following = select(func.min(column)).where(column > steps.c.value).correlate(steps).scalar_subquery()
    rest = select(following, steps.c.number + 1).where(
        steps.c.value.is_not(None), steps.c.number <= MOST_CHOICES
    )
    steps = steps.union_all(rest)
    return select(literal(one.name), steps.c.value).where(steps.c.value.is_not(None))
