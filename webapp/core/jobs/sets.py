"""Large tables cut into sets by their ids, so that a job does a set at a time and goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def borders(
    session: Session, ids: InstrumentedAttribute[Any], size: int, *criteria: ColumnElement[bool]
) -> Iterator[tuple[UUID, UUID]]:
    """The first and the last id of each set of `size` rows that meet the criteria, in their order."""
    after = UUID(int=0)
    while True:
        ahead = select(ids).where(*criteria, ids > after).order_by(ids)
        first = session.scalar(ahead.limit(1))
        if first is None:
            return
        last = session.scalar(ahead.offset(size - 1).limit(1))
        if last is None:
            last = session.scalar(ahead.order_by(None).order_by(ids.desc()).limit(1))
        assert last is not None
        yield first, last
        after = last
