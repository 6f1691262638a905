"""Cursors: a place in an ordered list as an opaque word that fits into an address."""

import base64
import json
import math
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

Place = tuple[Any, UUID]  # the row's value of the order (None when it has none), and its id
LONGEST = 4_000
LARGEST = 2**63 - 1  # of a whole number that both engines can hold
WRITTEN = (datetime, date, Decimal, UUID)
KINDS = (str, bool, int, float, Enum, *WRITTEN)  # the values a cursor can carry


def write_cursor(mark: str, value: Any, row_id: UUID) -> str:
    """Write the place down. `mark` names the list and its order: a cursor serves no other."""
    document = json.dumps([mark, _plain(value), row_id.hex], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def read_cursor(word: str | None, mark: str, kind: type) -> Place | None:
    """Read the place whose value is a `kind`; None for a broken word or a cursor of another list."""
    if not word or len(word) > LONGEST:
        return None
    try:
        document = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        name, value, row_id = json.loads(document.decode(), parse_constant=_refuse)
        return (_typed(value, kind), UUID(hex=row_id)) if name == mark else None
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, WRITTEN) else value


def _typed(value: Any, kind: type) -> Any:
    """The value as the column's type has it. Raises ValueError or TypeError when it cannot stand there."""
    if value is None:
        return None
    if issubclass(kind, datetime):
        return _with_zone(datetime.fromisoformat(value))
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    if issubclass(kind, Enum | Decimal | UUID):
        return kind(value)
    return _number(value, kind) if kind in {int, float} else _checked(value, kind)


def _number(value: Any, kind: type) -> Any:
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    if not sound or not math.isfinite(value) or (kind is int and abs(value) > LARGEST):
        raise ValueError("no number that could stand in a row")
    return kind(value)


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"no {kind.__name__}")
    if isinstance(value, str):
        value.encode()  # a lone surrogate is no text
        if "\0" in value:
            raise ValueError("no text holds a NUL")
    return value


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number")
