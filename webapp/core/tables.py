"""Lists of any area: searched, filtered, sorted and paged by key; their whole state is the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.core.choices import FilterState, choices_of
from webapp.core.cursors import KINDS, Place, read_cursor, write_cursor
from webapp.core.db import Row
from webapp.core.errors import BadRequest
from webapp.core.folded import beginnings, folded

__all__ = ["Column", "Filter", "FilterState", "ListPage", "Listing"]

M = TypeVar("M", bound=Row)
MOST_COUNTED = 10_000
STEPS_A_ROW = (25, 250)  # of a walk through the order, and of a second one
LONGEST_QUERY = 200
_Found = tuple[UUID, Any]  # an id, and what its row is ordered by
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
    further: bool = False

    @property
    def shown(self) -> int:
        """How many rows the page shows."""
        return len(self.rows)

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter hides rows: an empty page then means something else."""
        return self.further or bool(self.q or any(state.value for state in self.filters))


@dataclass(frozen=True)
class _Asked:
    """What an address asks of a list, with everything it got wrong replaced by the default.

    Rows meet all `criteria`, and one of `found_by` when there are any.
    """

    column: Column
    descending: bool
    size: int
    q: str
    criteria: tuple[ColumnElement[bool], ...]
    found_by: tuple[tuple[ColumnElement[str], ColumnElement[bool]], ...]
    narrowed: bool
    values: Mapping[str, str]
    place: Place | None
    backwards: bool

    @property
    def everything(self) -> ColumnElement[bool]:
        """All it asks, as one criterion."""
        return and_(
            true(), *self.criteria, *([or_(*(one for _, one in self.found_by))] if self.found_by else [])
        )

    @property
    def sort(self) -> str:
        return f"-{self.column.name}" if self.descending else self.column.name


@dataclass(frozen=True)
class Listing(Generic[M]):
    """A list over one table, declared once by its area.

    `search` names the text columns whose beginnings are searched; `default_sort` is a column's
    name, with "-" before it for descending. `narrow` reads further criteria from an address.
    """

    model: type[M]
    columns: tuple[Column, ...]
    search: tuple[InstrumentedAttribute[str], ...] = ()
    filters: tuple[Filter, ...] = ()
    default_sort: str = "name"
    size: int = SIZES[0]
    narrow: Callable[[Mapping[str, str]], Sequence[ColumnElement[bool]]] | None = None

    def page(
        self,
        session: Session,
        args: Mapping[str, str],
        *where: ColumnElement[bool],
        counted: tuple[int, bool] | None = None,
    ) -> ListPage[M]:
        """Read the page that an address's arguments ask for, of the rows that also meet `where`.

        At most seven statements, most often four, however many rows there are. `counted` is how many rows
        match, and whether counting stopped there, where the area counts them better than by reading them.
        Raises BadRequest for a NUL.
        """
        asked = self._asked(args, where)
        count, many = counted or self._count(session, asked)
        found = self._places(session, asked, many=many)
        if not found and asked.place:  # what stood here is gone
            asked = self._asked({**args, "after": "", "before": ""}, where)
            found = self._places(session, asked, many=many)
        kept, previous, following = self._cut(asked, found)
        return ListPage(
            rows=tuple(self._load(session, kept)),
            count=min(count, MOST_COUNTED),
            capped=many,
            size=asked.size,
            next=following,
            previous=previous,
            sort=asked.sort,
            q=asked.q,
            filters=choices_of(session, self.filters, asked.values),
            further=asked.narrowed,
        )

    def first(self, session: Session, q: str, limit: int) -> list[M]:
        """Rows that match a search, in the default order: for choices and the search of everything.

        Of more than ten thousand matches they are the first of some ten thousand.
        """
        asked = self._asked({"q": q.replace("\0", ""), "size": str(limit)}, (), sizes=(limit,))
        return self._load(session, self._places(session, asked, many=False)[:limit])

    def items(
        self, session: Session, limit: int, cursor: str | None = None, *where: ColumnElement[bool]
    ) -> tuple[list[M], str | None]:
        """Read up to `limit` rows in the default order, for programs, and the cursor of the rest.

        Only rows that also meet `where`. Raises BadRequest for a cursor of something else: a program must
        not begin again unawares.
        """
        asked = self._asked({"after": cursor or "", "size": str(limit)}, where, sizes=range(1, limit + 1))
        if cursor and asked.place is None:
            raise BadRequest("This cursor is not one of this list.", code="bad_cursor")
        kept, _, following = self._cut(asked, self._places(session, asked, many=False))
        return self._load(session, kept), following

    def matching(self, args: Mapping[str, str]) -> Select[Any]:
        """The statement of all rows that an address asks for, in its order: for files and deeds on many."""
        asked = self._asked({**args, "after": "", "before": ""}, ())
        orders = _orders(asked, asked.column.order, self.model.id)
        return select(self.model).where(asked.everything).order_by(*orders)

    def count(self, session: Session, args: Mapping[str, str]) -> int:
        """How many rows an address asks for, exactly."""
        asked = self._asked(args, ())
        return session.scalar(select(func.count(self.model.id)).where(asked.everything)) or 0

    def criteria(self, args: Mapping[str, str]) -> tuple[ColumnElement[bool], ...]:
        """What an address's search and filters narrow the list to, for work on all that match.

        Raises BadRequest for a NUL.
        """
        return (self._asked(args, ()).everything,)

    def _asked(
        self, args: Mapping[str, str], where: Sequence[ColumnElement[bool]], sizes: Sequence[int] = SIZES
    ) -> _Asked:
        column, descending = self._order(args.get("sort", ""))
        q = _readable(args.get("q", "")).strip()[:LONGEST_QUERY]
        values = {one.name: _readable(args.get(one.name, "")) for one in self.filters}
        chosen = (one.wanted(values[one.name]) for one in self.filters)
        further = self.narrow(args) if self.narrow else ()
        criteria = [*where, *further, *(one for one in chosen if one is not None)]
        found_by = [one for text in self.search for one in beginnings(text, q)] if q else []
        backwards = not args.get("after") and bool(args.get("before"))
        mark = self._mark(column, descending)
        place = read_cursor(args.get("after") or args.get("before"), mark, column.kind)
        size = next((size for size in sizes if str(size) == args.get("size")), self.size)
        return _Asked(
            column=column,
            descending=descending,
            size=size,
            q=q,
            criteria=tuple(criteria),
            found_by=tuple(found_by),
            narrowed=bool(found_by) or len(criteria) > len(where),
            values=values,
            place=place,
            backwards=backwards and place is not None,
        )

    def _order(self, sort: str) -> tuple[Column, bool]:
        known = {column.name: column for column in self.columns}
        wanted = sort if sort.removeprefix("-") in known else self.default_sort
        return known[wanted.removeprefix("-")], wanted.startswith("-")

    def _mark(self, column: Column, descending: bool) -> str:  # noqa: FBT001  # one of two orders
        return f"{self.model.__tablename__}:{'-' if descending else ''}{column.name}"

    def _places(self, session: Session, asked: _Asked, *, many: bool) -> list[_Found]:
        """Find one row more than the page holds: ids with their values of the order, in the page's order.

        No index serves a search and another column's order at once, so the way depends on how much
        matches: a few rows are gathered and sorted; among many, the order is walked until enough match.
        """
        value, row_id = asked.column.order, self.model.id
        if not asked.narrowed:
            return _sorted(session, asked, select(row_id, value).where(*asked.criteria), value, row_id)
        # A search alone is gathered quickly from its indexes; what a filter leaves of one is not.
        walks = STEPS_A_ROW if asked.criteria else STEPS_A_ROW[:1]
        for steps in walks if many else ():
            found = self._walk(session, asked, steps)
            if len(found) > asked.size:
                return found
        some = self._some(asked, None if many else MOST_COUNTED + 1, value.label("place"))
        hits = select(some.c.id, some.c.place).where(some.c.hit == 1)
        return _sorted(session, asked, hits, some.c.place, some.c.id)

    def _some(self, asked: _Asked, most: int | None, *columns: ColumnElement[Any]) -> Subquery:
        """Up to so many rows, in no order, with whether they are hits.

        With a search: what each index of a searched column finds, once; filters say what is a hit, and
        no planner can look them up instead. Without one, whatever meets the criteria.
        """
        chosen = [self.model.id.label("id"), *columns]
        if not asked.found_by:
            bare = select(*chosen, literal(1).label("hit")).where(*asked.criteria)
            return bare.limit(most).subquery()
        hit = case((and_(true(), *asked.criteria), 1), else_=0).label("hit")
        ways = []
        for number, (key, one) in enumerate(asked.found_by):
            others = (not_(before) for _, before in asked.found_by[:number])
            # Ordered by the key, the index is read up to the limit; PostgreSQL would gather all it finds.
            way = select(*chosen, hit).where(one, *others).order_by(key).limit(most).subquery()
            ways.append(select(*way.c))
        found = union_all(*ways).subquery()
        return select(*found.c).limit(most).subquery()

    def _walk(self, session: Session, asked: _Asked, steps: int) -> list[_Found]:
        """The matching ones among the next rows of the order, whatever an engine's planner thinks of it."""
        value, row_id = asked.column.order, self.model.id
        hit = case((asked.everything, 1), else_=0).label("hit")
        next_rows = select(row_id.label("id"), value.label("place"), hit)
        if asked.place:
            next_rows = next_rows.where(_beyond(asked, value, row_id))
        next_rows = next_rows.order_by(*_orders(asked, value, row_id))
        near = next_rows.limit(steps * (asked.size + 1)).subquery()
        hits = select(near.c.id, near.c.place).where(near.c.hit == 1)
        hits = hits.order_by(*_orders(asked, near.c.place, near.c.id)).limit(asked.size + 1)
        return [(row_id, place) for row_id, place in session.execute(hits)]

    def _load(self, session: Session, found: Sequence[_Found]) -> list[M]:
        """The rows themselves, in the same order."""
        ids = [row_id for row_id, _ in found]
        rows = {row.id: row for row in session.scalars(select(self.model).where(self.model.id.in_(ids)))}
        return [rows[row_id] for row_id in ids if row_id in rows]

    def _cut(self, asked: _Asked, found: list[_Found]) -> tuple[list[_Found], str | None, str | None]:
        """What the page holds, and the cursors of the page before and the page after."""
        more, kept = len(found) > asked.size, found[: asked.size]
        if asked.backwards:
            kept.reverse()
        mark = self._mark(asked.column, asked.descending)
        ends = (
            [write_cursor(mark, place, row_id) for row_id, place in (kept[0], kept[-1])] if kept else ["", ""]
        )
        has_previous = more if asked.backwards else asked.place is not None
        has_next = more or asked.backwards
        return kept, ends[0] if has_previous and kept else None, ends[1] if has_next and kept else None

    def _count(self, session: Session, asked: _Asked) -> tuple[int, bool]:
        """How many rows match, and whether counting stopped: there are more than were looked at."""
        some = self._some(asked, MOST_COUNTED + 1)
        counted = select(func.count(), func.coalesce(func.sum(some.c.hit), 0)).select_from(some)
        looked_at, hits = session.execute(counted).one()
        return hits, looked_at > MOST_COUNTED


def _sorted(
    session: Session, asked: _Asked, statement: Select[Any], value: ColumnElement[Any], row_id: Any
) -> list[_Found]:
    """Sort, begin at the place, and stop one row after the page."""
    if asked.place:
        statement = statement.where(_beyond(asked, value, row_id))
    statement = statement.order_by(*_orders(asked, value, row_id)).limit(asked.size + 1)
    return [(found, place) for found, place in session.execute(statement)]


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
