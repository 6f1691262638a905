"""Filling a database past the application, and the upkeep that would follow such a load."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any

import psycopg

from tests.conftest import World
from webapp.core.db.migrate import measure

CHUNK = 200_000  # rows of a transaction


def postgres(world: World) -> bool:
    """Whether the world runs on PostgreSQL."""
    return world.session.get_bind().dialect.name == "postgresql"


def loader(world: World) -> Callable[[str, str, Iterator[tuple[Any, ...]]], None]:
    """The driver's fastest way in; on PostgreSQL as the server's own role, which no row security stops."""
    if postgres(world):
        return partial(_copy, superuser(world))
    return partial(_insert, world.services.settings.database.removeprefix("sqlite:///"))


def loader_of(path: str) -> Callable[[str, str, Iterator[tuple[Any, ...]]], None]:
    """The same for an SQLite file that nobody has open."""
    return partial(_insert, path)


def _insert(path: str, table: str, names: str, rows: Iterator[tuple[Any, ...]]) -> None:
    columns = names.split()
    marks = ", ".join("?" for _ in columns)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA cache_size=-1000000")
        connection.execute("PRAGMA synchronous=OFF")
        made = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql AND tbl_name = '{table}'"
        indexes = connection.execute(made).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        while some := list(islice(rows, CHUNK)):
            connection.executemany(statement, some)
            connection.commit()  # the log is copied back as it goes, not at the end
        for _, made in indexes:  # once the rows are there: in a fraction of the time
            connection.execute(made)
            connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copy(url: str, table: str, names: str, rows: Iterator[tuple[Any, ...]]) -> None:
    into = f"COPY {table} ({', '.join(names.split())}) FROM STDIN"
    with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def superuser(world: World) -> str:
    """The address of the server's own role."""
    owner = world.services.settings.owner_database.replace("postgresql+psycopg:", "postgresql:")
    return re.sub(r"//[^@]+@", "//postgres@", owner)


def settle(world: World, *tables: str) -> None:
    """What the database's own upkeep does soon after such a load."""
    if postgres(world):
        with psycopg.connect(superuser(world), autocommit=True) as connection:
            for table in tables:
                connection.execute(f"VACUUM ANALYZE {table}")
    else:
        measure(world.session.connection())
        world.session.commit()
