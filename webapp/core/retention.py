"""Kinds of data that grow old: declared by whoever keeps them, purged in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session


@dataclass(frozen=True)
class Kept:
    """Rows of one table that stay for so many days, counted from a time of theirs.

    `days` is what holds until a company says otherwise, None for good. `own` answers the days where the
    company says them on a page of the area's (`where`, an endpoint). `only` narrows to rows that may go.
    """

    name: str
    label: str
    why: str
    model: type[Any]
    at: InstrumentedAttribute[Any]
    days: int | None = None
    own: Callable[[Session], int] | None = None
    where: str = ""
    only: tuple[ColumnElement[bool], ...] = ()
