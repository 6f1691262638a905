"""One company at a time: no statement of a session reaches another company's rows.

The session carries its scope. Every statement it executes that touches a tenant's table gets the
company's criterion, in subqueries, joins and lazy loads too, and is refused where the criterion does
not reach; rows are stamped when they are flushed. What goes past the session (a connection, the
driver) goes past this. On PostgreSQL the same scope is the transaction's `app.company`,
which forced row-level security reads, so that raw SQL without it finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, TextClause, bindparam, event, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.util import LRUCache

from webapp.core.db.base import Model, ScopedSession, Tenant

SCOPE: Final = "company"
PARAMETER: Final = "session_company"
_judged_shapes: LRUCache[Any, tuple[frozenset[str], bool]] = LRUCache(2000)
_confined: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


class NoCompany(RuntimeError):
    """A tenant's table was touched before the session was told which company it serves."""


class ForeignCompany(RuntimeError):
    """A row of one company was about to be written in another's scope."""


class UnscopedStatement(RuntimeError):
    """A statement on a tenant's bare table, where the criterion cannot be added."""


class EveryCompany:
    """The scope of the few deeds that serve all companies: signing in, sweeping, migrating."""


PLACE: Final = r"(?:\b(?:FROM|JOIN|UPDATE|INTO)|,)\s*\(?\s*\"?{table}\"?(?![\w.])(?:\s+AS\s+(\w+))?"

Scope = UUID | EveryCompany | None
Rows = CursorResult[*tuple[Any, ...]]


def scope_to(session: Session, company_id: UUID | None) -> None:
    """Confine the session to one company (None: to no company at all) from now on."""
    _set(session, company_id)


@contextmanager
def every_company(session: Session) -> Iterator[None]:
    """Lift the confinement for the body; say in a comment beside it why that is right."""
    before: Scope = session.info.get(SCOPE)
    _set(session, EveryCompany())
    try:
        yield
    finally:
        _forget_rows(session)
        session.info[SCOPE] = before
        _tell_database(session)


@contextmanager
def serving(session: Session, company_id: UUID) -> Iterator[Connection]:
    """Hand out the session's connection, on which PostgreSQL lets this company's rows pass."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _set_local(connection, company_id)
    yield connection
    _tell_database(session)


def read(session: Session, statement: Any, values: Mapping[str, Any] | None = None) -> Rows:
    """Answer the rows of a SELECT of columns past the mapper, confined like all of the session's statements.

    For statements that are kept by their module and asked at every call: half the time of `execute`.
    """
    session.flush()  # as `execute` would
    scope: Scope = session.info.get(SCOPE)
    if isinstance(scope, EveryCompany):
        return session.connection().execute(statement, values)
    confined = _reading(statement)
    _check(confined, scope)
    return session.connection().execute(confined, {**(values or {}), PARAMETER: scope})


def company_of(session: Session) -> UUID:
    """Answer the company the session is confined to. Raises NoCompany when there is none."""
    scope: Scope = session.info.get(SCOPE)
    if isinstance(scope, UUID):
        return scope
    raise NoCompany("this needs one company, and the session has none")


def _set(session: Session, scope: Scope) -> None:
    before: Scope = session.info.get(SCOPE)
    if isinstance(before, UUID) and before != scope and not isinstance(scope, EveryCompany):
        _forget_rows(session)
    session.info[SCOPE] = scope
    _tell_database(session)


def _forget_rows(session: Session) -> None:
    # A row in the identity map would be answered by get() without a statement.
    for row in list(session):
        if isinstance(row, Tenant):
            session.expunge(row)


def _tell_database(session: Session) -> None:
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        _set_local(session.connection(), session.info.get(SCOPE))


def _set_local(connection: Connection, scope: Scope) -> None:
    value = "*" if isinstance(scope, EveryCompany) else str(scope or "")
    connection.execute(text("SELECT set_config('app.company', :value, true)"), {"value": value})


@event.listens_for(ScopedSession, "after_begin")
def _begin(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        _set_local(connection, session.info.get(SCOPE))


@event.listens_for(ScopedSession, "do_orm_execute")
def _confine(state: ORMExecuteState) -> None:
    scope: Scope = state.session.info.get(SCOPE)
    if isinstance(scope, EveryCompany) or state.is_column_load:  # a refresh names a row the session holds
        return
    if state.is_insert:
        _refuse_insert(state.statement)
        return
    given = state.parameters or {}
    confines_itself = state.is_select and isinstance(given, Mapping)
    if scope is None or isinstance(state.statement, TextClause):
        statement = state.statement
    elif confines_itself:
        statement = _reading(state.statement)
    else:
        statement = state.statement.options(_criterion(scope))
    if not _check(statement, scope, reaches=not (state.is_update and isinstance(given, list))):
        return
    state.statement = statement
    if isinstance(given, Mapping) and confines_itself:
        state.parameters = {**given, PARAMETER: scope}


def _check(statement: Any, scope: Scope, *, reaches: bool = True) -> bool:
    """Whether it touches tenants' tables. Raises NoCompany, and UnscopedStatement unless all is confined."""
    touched, confined = _verdict(statement)
    if touched and scope is None:
        raise NoCompany(f"no company is set, and the statement touches {', '.join(sorted(touched))}")
    if touched and not (confined and reaches):
        raise UnscopedStatement(f"the criterion does not reach {', '.join(sorted(touched))} everywhere")
    return bool(touched)


def _reading(statement: Any) -> Any:
    """The SELECT with the criterion; one that is kept by its module and asked again is made once."""
    known = _confined.get(statement)
    if known is None:
        known = _confined[statement] = statement.options(_OF_THE_SESSION)
    return known


def _refuse_insert(statement: Any) -> None:
    if statement.table.name in _tenants():
        raise UnscopedStatement(f"rows of {statement.table.name} are added to the session, which stamps them")


def _criterion(session_company: UUID) -> Any:
    return with_loader_criteria(Tenant, lambda row: row.company_id == session_company, include_aliases=True)


# The company is a parameter of its own: with a value inside, the criterion would be made anew each time.
_OF_THE_SESSION: Final = with_loader_criteria(
    Tenant,
    lambda row: row.company_id == bindparam("session_company"),  # spelled out: SQLAlchemy would bind a name
    include_aliases=True,
    propagate_to_loaders=False,  # what is loaded later comes by here itself
    track_closure_variables=False,
)


def _verdict(statement: Any) -> tuple[frozenset[str], bool]:
    """Name the tenants' tables a statement reads or writes, and say whether each mention is confined.

    It is read from the SQL the statement becomes, once for each shape: every mention of a tenant's
    table must stand beside a criterion of its own. SQL written out as text could undo a criterion
    next to it and is never confined; neither is an update that gives rows away.
    """
    key = statement._generate_cache_key()  # noqa: SLF001  # the key SQLAlchemy caches compiled statements by
    if key is None:
        return _judged(statement)
    known = _judged_shapes.get(key.key)
    if known is None:
        known = _judged_shapes[key.key] = _judged(statement)
    return known


def _judged(statement: Any) -> tuple[frozenset[str], bool]:
    sql = str(statement.compile())
    mentions = {name: _mentions(sql, name) for name in _tenants()}
    touched = frozenset(name for name, places in mentions.items() if places)
    if not touched:
        return touched, True
    spelled = any(_is_written_out(part) for part in visitors.iterate(statement))
    given_away = bool(
        re.match(
            r"\s*UPDATE\b.*?\bcompany_id\s*=.*?(\bWHERE\b|$)", sql.split("WHERE", maxsplit=1)[0], re.DOTALL
        )
    )
    confined = all(
        places.count(place) <= sql.count(f"{place}.company_id = :session_company")
        for places in mentions.values()
        for place in places
    )
    return touched, confined and not spelled and not given_away


def _is_written_out(part: Any) -> bool:
    return isinstance(part, TextClause) or (getattr(part, "is_literal", False) and str(part) != "*")


def _mentions(sql: str, table: str) -> list[str]:
    """Under which names the table stands in the statement, once for each time it is mentioned."""
    if not re.search(rf"\b{table}\b", sql, re.IGNORECASE):
        return []
    places = re.finditer(
        PLACE.format(table=table),
        sql,
        re.IGNORECASE,
    )
    return [place.group(1) or table for place in places]


@cache
def _tenants() -> frozenset[str]:
    return frozenset(table.name for table in Model.metadata.tables.values() if "company_id" in table.c)


@event.listens_for(ScopedSession, "before_flush")
def _stamp(session: Session, _context: object, _instances: object) -> None:
    scope: Scope = session.info.get(SCOPE)
    for row in session.new:
        if isinstance(row, Tenant):
            _stamp_row(row, scope)
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, Tenant) and isinstance(scope, UUID) and row.company_id != scope:
            raise ForeignCompany(f"{type(row).__name__} belongs to another company")


def _stamp_row(row: Any, scope: Scope) -> None:
    given: UUID | None = getattr(row, "company_id", None)
    if given is None and isinstance(scope, UUID):
        row.company_id = scope
    elif given is None:
        raise NoCompany(f"{type(row).__name__} has no company to belong to")
    elif not isinstance(scope, EveryCompany) and given != scope:
        raise ForeignCompany(f"{type(row).__name__} belongs to another company")
