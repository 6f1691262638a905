"""Everything of one person and nothing of another: the parts of an export, read from every area."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.core.privacy import Fate, Holding, Subject
from webapp.privacy.finding import find, holdings, keepers, sets

NAMED_BY = ("title", "name", "person_name", "identifier")


@dataclass(frozen=True)
class Part:
    """One kind of record: its rows as plain values, column by column."""

    title: str
    rows: tuple[dict[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of all rows, in the order they come."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row))


def parts_of(session: Session, subject: Subject) -> list[Part]:
    """All that is held of the person, by kind of record; kinds of which there is nothing are left out."""
    told = holdings()
    found = find(session, subject, told)
    parts = [Part(one.title, tuple(_rows(session, one, ids))) for one, ids in found.rows if ids and one.title]
    for keeper in keepers():
        if keeper.tells:
            more = keeper.tells(session, subject, found.ids)
            parts += [Part(title, tuple(map(_plain_row, rows))) for title, rows in more.items() if rows]
    return parts


def _rows(session: Session, one: Holding, ids: Sequence[UUID]) -> Iterator[dict[str, Any]]:
    names = _names(session, one, ids)
    for some in sets(ids):
        rows = session.scalars(select(one.model).where(one.model.id.in_(some)).order_by(one.model.id))
        for row in rows:
            of = {label: known.get(getattr(row, name)) for name, (label, known) in names.items()}
            own = {name: _plain(getattr(row, name)) for name in one.shown}
            yield {label: word for label, word in of.items() if word} | own


def _names(session: Session, one: Holding, ids: Sequence[UUID]) -> dict[str, tuple[str, Mapping[UUID, str]]]:
    """What the company's own records are called to which a row refers: a lesson, an offer, a night."""
    kept: dict[str, Any] = {
        other.table.name: other.model for other in holdings() if other.fate is Fate.KEPT and not other.by
    }
    found = dict[str, tuple[str, Mapping[UUID, str]]]()
    for name, column in one.table.c.items():
        target: Any = kept.get(next((key.column.table.name for key in column.foreign_keys), ""))
        word = next((word for word in NAMED_BY if hasattr(target, word)), None)
        if word and not target.__tablename__.startswith(("companies", "staff")):
            asked = select(target.id, getattr(target, word)).join_from(
                one.model, target, getattr(one.model, name) == target.id
            )
            found[name] = name.removesuffix("_id"), _called(session, asked, one.model, ids)
    return found


def _called(session: Session, asked: Select[Any], model: Any, ids: Sequence[UUID]) -> dict[UUID, str]:
    known = dict[UUID, str]()
    for some in sets(ids):
        known |= {row[0]: str(row[1]) for row in session.execute(asked.where(model.id.in_(some)))}
    return known


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def counts_of(parts: Iterable[Part]) -> dict[str, int]:
    """How many rows of what."""
    return {part.title: len(part.rows) for part in parts}
