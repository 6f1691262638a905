"""One company at a time: no statement of a session reaches another company's rows.

The session carries its scope. Every ORM statement that touches a tenant's table gets the company's
criterion, in subqueries, joins and lazy loads too; a statement on the bare table is refused; rows
are stamped when they are flushed. On PostgreSQL the same scope is the transaction's `app.company`,
which forced row-level security reads, so that raw SQL without it finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Alias, Connection, Select, Table, TextClause, event, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql import visitors

from webapp.core.db.base import Model, ScopedSession, Tenant

SCOPE: Final = "company"
BARE: Final = "tenant_rows_chosen_by_hand"


class NoCompany(RuntimeError):
    """A tenant's table was touched before the session was told which company it serves."""


class ForeignCompany(RuntimeError):
    """A row of one company was about to be written in another's scope."""


class UnscopedStatement(RuntimeError):
    """A statement on a tenant's bare table, where the criterion cannot be added."""


class EveryCompany:
    """The scope of the few deeds that serve all companies: signing in, sweeping, migrating."""


Scope = UUID | EveryCompany | None


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
        session.info[SCOPE] = before
        _tell_database(session)


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
    if isinstance(scope, EveryCompany) or state.execution_options.get(BARE):
        return
    touched, bare = _tenant_tables(state.statement)
    if not touched:
        return
    if scope is None:
        raise NoCompany(f"no company is set, and the statement touches {', '.join(sorted(touched))}")
    if bare or state.is_insert:
        raise UnscopedStatement(f"a statement on the bare table {', '.join(sorted(touched))}")
    state.statement = state.statement.options(_criterion(scope))


def _criterion(company_id: UUID) -> Any:
    return with_loader_criteria(Tenant, lambda row: row.company_id == company_id, include_aliases=True)


def _tenant_tables(statement: Any) -> tuple[set[str], bool]:
    """Name the tenants' tables a statement touches, and say whether one is touched past the ORM.

    The criterion reaches a table through its mapped class, whose mark the class's columns carry.
    At the top of a statement a bare column joins the marked table beside it (the ORM's own loads
    are built so); inside a subquery it would bring its table in without the criterion.
    """
    if isinstance(statement, TextClause):
        named = {name for name in _tenants() if name in statement.text}
        return named, bool(named)
    touched, mapped, bare = set[str](), set[str](), False
    for element, nested in _elements(statement):
        table = element if isinstance(element, Table) else _table_of(element)
        if not isinstance(table, Table) or "company_id" not in table.c:
            continue
        touched.add(table.name)
        if "parententity" in element._annotations:  # noqa: SLF001  # there is no public way to ask
            mapped.add(table.name)
        elif nested and not isinstance(element, Table):
            bare = True
    return touched, bare or touched != mapped


def _table_of(column: Any) -> Any:
    table = getattr(column, "table", None)
    while isinstance(table, Alias):
        table = table.element
    return table


@cache
def _tenants() -> frozenset[str]:
    return frozenset(table.name for table in Model.metadata.tables.values() if "company_id" in table.c)


def _elements(statement: Any) -> Iterator[tuple[Any, bool]]:
    for element in visitors.iterate(statement):
        if isinstance(element, Select) and element is not statement:
            yield from ((inner, True) for inner in visitors.iterate(element))
        yield element, False


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
