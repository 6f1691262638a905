"""Lists of any area: searched, filtered, sorted and paged by key; their whole state is the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.core.choices import FilterState, choices_of
from webapp.core.cursors import KINDS, Place, read_cursor, write_cursor
from webapp.core.db import Row
from webapp.core.errors import BadRequest
from webapp.core.folded import begins, folded

__all__ = ["Column", "Filter", "FilterState", "ListPage", "Listing", "begins"]

M = TypeVar("M", bound=Row)
MOST_COUNTED = 10_000
LONGEST_QUERY = 200
SIZES = (25, 50, 100)


@dataclass(frozen=True)
class Column:
    """A column that lists are sorted by. A sort over many rows wants an index of (company, order, id)."""

    name: str
    attribute: InstrumentedAttribute[Any]

    @property
    def order(self) -> ColumnElement[Any]:
        """What rows are ordered by: texts without case, anything else as it is."""
        return folded(self.attribute) if self.kind is str else self.attribute.expression

    @property
    def kind(self) -> type:
        """The Python type of its values. Raises TypeError for one that no cursor carries."""
        stored = self.attribute.type
        kind: type = getattr(stored, "impl_instance", stored).python_type
        if not issubclass(kind, KINDS):
            raise TypeError(f"no list can be sorted by {self.attribute}: its values are {kind.__name__}s")
        return kind

    @property
    def nullable(self) -> bool:
        """Whether rows may have nothing here; they stand last, whichever way the list is sorted."""
        return bool(getattr(self.attribute.expression, "nullable", True))


@dataclass(frozen=True)
class Filter:
    """A select box over a column's distinct values: texts as they stand, or the members of an enum.

    A text column wants an index of (company, column): its values are found by leaps through it.
    """

    name: str
    attribute: InstrumentedAttribute[Any]
    label: str

    def wanted(self, given: str) -> ColumnElement[bool] | None:
        """The criterion of a given choice; None when nothing, or no such member, is chosen."""
        kind = self.attribute.type.python_type
        if issubclass(kind, Enum):
            member = next((one for one in kind if one.value == given), None)
            return None if member is None else self.attribute == member
        return self.attribute == given if given else None


@dataclass(frozen=True)
class ListPage(Generic[M]):
    """One page as templates show it. `next` and `previous` are cursors or None, `shown` counts `rows`."""

    rows: tuple[M, ...]
    count: int
    capped: bool
    size: int
    next: str | None
    previous: str | None
    sort: str
    q: str
    filters: tuple[FilterState, ...]

    @property
    def shown(self) -> int:
        """How many rows the page shows."""
        return len(self.rows)

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter hides rows: an empty page then means something else."""
        return bool(self.q or any(state.value for state in self.filters))


@dataclass(frozen=True)
class _Asked:
    """What an address asks of a list, with everything it got wrong replaced by the default."""

    column: Column
    descending: bool
    size: int
    q: str
    criteria: tuple[ColumnElement[bool], ...]
    values: Mapping[str, str]
    place: Place | None
    backwards: bool

    @property
    def sort(self) -> str:
        return f"-{self.column.name}" if self.descending else self.column.name


@dataclass(frozen=True)
class Listing(Generic[M]):
    """A list over one table, declared once by its area.

    `search` names the text columns whose beginnings are searched; `default_sort` is a column's
    name, with "-" before it for descending.
    """

    model: type[M]
    columns: tuple[Column, ...]
    search: tuple[InstrumentedAttribute[str], ...] = ()
    filters: tuple[Filter, ...] = ()
    default_sort: str = "name"
    size: int = SIZES[0]

    def page(self, session: Session, args: Mapping[str, str], *where: ColumnElement[bool]) -> ListPage[M]:
        """Read the page that an address's arguments ask for, of the rows that also meet `where`.

        At most three statements, however many rows there are. Raises BadRequest for a NUL.
        """
        asked = self._asked(args, where)
        found = self._rows(session, asked)
        if not found and asked.place:  # what stood here is gone
            asked = self._asked({**args, "after": "", "before": ""}, where)
            found = self._rows(session, asked)
        rows, previous, following = self._cut(asked, found)
        count = self._count(session, asked)
        return ListPage(
            rows=rows,
            count=min(count, MOST_COUNTED),
            capped=count > MOST_COUNTED,
            size=asked.size,
            next=following,
            previous=previous,
            sort=asked.sort,
            q=asked.q,
            filters=choices_of(session, self.filters, asked.values),
        )

    def items(self, session: Session, limit: int, cursor: str | None = None) -> tuple[list[M], str | None]:
        """Read up to `limit` rows in the default order, for programs, and the cursor of the rest.

        Raises BadRequest for a cursor of something else: a program must not begin again unawares.
        """
        asked = self._asked({"after": cursor or "", "size": str(limit)}, (), sizes=range(1, limit + 1))
        if cursor and asked.place is None:
            raise BadRequest("This cursor is not one of this list.", code="bad_cursor")
        rows, _, following = self._cut(asked, self._rows(session, asked))
        return list(rows), following

    def _asked(
        self, args: Mapping[str, str], where: Sequence[ColumnElement[bool]], sizes: Sequence[int] = SIZES
    ) -> _Asked:
        column, descending = self._order(args.get("sort", ""))
        q = _readable(args.get("q", "")).strip()[:LONGEST_QUERY]
        values = {one.name: _readable(args.get(one.name, "")) for one in self.filters}
        chosen = (one.wanted(values[one.name]) for one in self.filters)
        criteria = [*where, *(one for one in chosen if one is not None)]
        if q and self.search:
            criteria.append(or_(*(begins(text, q) for text in self.search)))
        backwards = not args.get("after") and bool(args.get("before"))
        mark = self._mark(column, descending)
        place = read_cursor(args.get("after") or args.get("before"), mark, column.kind)
        size = next((size for size in sizes if str(size) == args.get("size")), self.size)
        return _Asked(
            column, descending, size, q, tuple(criteria), values, place, backwards and place is not None
        )

    def _order(self, sort: str) -> tuple[Column, bool]:
        known = {column.name: column for column in self.columns}
        wanted = sort if sort.removeprefix("-") in known else self.default_sort
        return known[wanted.removeprefix("-")], wanted.startswith("-")

    def _mark(self, column: Column, descending: bool) -> str:  # noqa: FBT001  # one of two orders
        return f"{self.model.__tablename__}:{'-' if descending else ''}{column.name}"

    def _rows(self, session: Session, asked: _Asked) -> list[tuple[M, Any]]:
        """Read one row more than the page holds, each with its value of the order, in the page's order."""
        value = asked.column.order
        statement: Select[Any] = select(self.model, value.label("place")).where(*asked.criteria)
        if asked.place:
            statement = statement.where(_beyond(asked, value, self.model.id))
        statement = statement.order_by(*_orders(asked, value, self.model.id)).limit(asked.size + 1)
        return [(row, place) for row, place in session.execute(statement)]

    def _cut(self, asked: _Asked, found: list[tuple[M, Any]]) -> tuple[tuple[M, ...], str | None, str | None]:
        """The page's rows, and the cursors of the page before and the page after."""
        more, kept = len(found) > asked.size, found[: asked.size]
        if asked.backwards:
            kept.reverse()
        mark = self._mark(asked.column, asked.descending)
        ends = [write_cursor(mark, place, row.id) for row, place in (kept[0], kept[-1])] if kept else ["", ""]
        has_previous = more if asked.backwards else asked.place is not None
        has_next = more or asked.backwards
        rows = tuple(row for row, _ in kept)
        return rows, ends[0] if has_previous and kept else None, ends[1] if has_next and kept else None

    def _count(self, session: Session, asked: _Asked) -> int:
        """Count up to one more than is ever shown as an exact number."""
        some = select(self.model.id).where(*asked.criteria).limit(MOST_COUNTED + 1).subquery()
        return session.scalar(select(func.count()).select_from(some)) or 0


def _orders(asked: _Asked, value: ColumnElement[Any], row_id: Any) -> list[ColumnElement[Any]]:
    downwards = asked.descending != asked.backwards
    orders = [one.desc() if downwards else one.asc() for one in (value, row_id)]
    if asked.column.nullable:
        orders[0] = orders[0].nulls_first() if asked.backwards else orders[0].nulls_last()
    return orders


def _beyond(asked: _Asked, value: ColumnElement[Any], row_id: Any) -> ColumnElement[bool]:
    """The rows after the place, in the direction that is read: by value, then by id; without a value last."""
    assert asked.place is not None
    place, place_id = asked.place
    downwards = asked.descending != asked.backwards
    further = row_id < place_id if downwards else row_id > place_id
    if place is None:
        return or_(value.is_not(None), further) if asked.backwards else and_(value.is_(None), further)
    here = tuple_(value, row_id)
    there = tuple_(literal(place, value.type), literal(place_id, row_id.type))
    past: ColumnElement[bool] = here < there if downwards else here > there
    return or_(past, value.is_(None)) if asked.column.nullable and not asked.backwards else past


def _readable(given: str) -> str:
    if "\0" in given:
        raise BadRequest("This search holds a sign that no text can hold (NUL). Remove it, then try again.")
    return given
