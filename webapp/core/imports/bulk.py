"""Rows of a file written set by set, past the mapper, none that somebody else changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.core.errors import Conflict
from webapp.core.folded import keys_of
from webapp.core.imports.kind import Writing

Columns = Mapping[str, Any]
ZONED = " WITH TIME ZONE"


def insert_rows(
    session: Session, writing: Writing, model: type[Any], rows: Sequence[tuple[UUID, Columns]]
) -> None:
    """Insert rows of the model by id, each with all columns that have no value of their own here."""
    common = {
        "company_id": writing.company_id,
        "version": 1,
        "created_at": writing.now,
        "updated_at": writing.now,
    }
    if rows:
        made = [{**common, **values, "id": row_id, **keys_of(model, values)} for row_id, values in rows]
        session.connection().execute(insert(model.__table__), made)


def add_rows(session: Session, model: type[Any], names: Sequence[str], rows: list[tuple[Any, ...]]) -> int:
    """Insert rows by the ten thousand, past SQLAlchemy's types; answers how many did not stand yet.

    One that a unique constraint refuses is passed over. Each row carries its company; ids are their 32
    digits, moments `2026-12-24 18:00:00.000000` in UTC, JSON its text.
    """
    connection, table = session.connection(), model.__table__
    quote = connection.dialect.identifier_preparer.quote
    into = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))})"
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        return connection.exec_driver_sql(f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING", rows).rowcount
    # A list for each column, which the server takes apart: a fraction of the time of as many inserts.
    kinds = [table.c[name].type.compile(connection.dialect) for name in names]
    lists = ", ".join(f"%s::{kind.removesuffix(ZONED)}[]" for kind in kinds)
    given = [f"c{place}" for place in range(len(names))]
    told = ", ".join(
        f"{one} AT TIME ZONE 'UTC'" if kind.endswith(ZONED) else one
        for one, kind in zip(given, kinds, strict=True)
    )
    statement = (
        f"{into} SELECT {told} FROM unnest({lists}) AS given ({', '.join(given)}) ON CONFLICT DO NOTHING"  # noqa: S608  # the model's names
    )
    columns = tuple(map(list, zip(*rows, strict=True)))
    return connection.exec_driver_sql(statement, columns).rowcount


def plan_anew(session: Session) -> None:
    """Have PostgreSQL plan each statement anew till the unit's end.

    A plan kept from when a table was empty goes through all of it once it is full.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def found_by(
    session: Session,
    key: InstrumentedAttribute[str],
    row_id: InstrumentedAttribute[UUID],
    texts: Sequence[str],
) -> dict[str, UUID]:
    """The ids of the rows whose unique key is one of these texts, however many: they travel as one value."""
    if session.get_bind().dialect.name == "sqlite":
        one: ColumnElement[str] = func.json_each(json.dumps(list(texts))).table_valued("value").c.value
    else:
        plan_anew(session)
        one = func.unnest(literal(list(texts), ARRAY(Text))).column_valued("one")
    found = session.execute(select(one, select(row_id).where(key == one).scalar_subquery()))
    return {text: known for text, known in found if known is not None}


def update_rows(
    session: Session, writing: Writing, model: type[Any], rows: Sequence[tuple[UUID, Columns]]
) -> None:
    """Set these columns of these rows and count their versions on; rows of the same columns go together."""
    table = model.__table__
    for names in {tuple(sorted(values)) for _, values in rows}:
        some = [(row_id, values) for row_id, values in rows if tuple(sorted(values)) == names]
        filled = [{"row": row_id, **values, **keys_of(model, values)} for row_id, values in some]
        statement = (
            update(table)
            .where(table.c.id == bindparam("row"), table.c.company_id == writing.company_id)
            .values({name: bindparam(name) for name in filled[0] if name != "row"})
            .values(version=table.c.version + 1, updated_at=writing.now)
        )
        session.connection().execute(statement, filled)


def check_versions(session: Session, model: type[Any], wanted: Mapping[UUID, int]) -> None:
    """Hold these rows till the unit's end. Raises Conflict when one is no longer at its version."""
    statement = select(model.id, model.version).where(model.id.in_(wanted)).with_for_update()
    saved = {row.id: row.version for row in session.execute(statement)}
    if any(saved.get(row_id) != version for row_id, version in wanted.items()):
        raise Conflict("Somebody changed rows while they were imported. Nothing was written; run it again.")
