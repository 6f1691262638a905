"""The unit of work: one transaction that writes, from the first read of it to its commit."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Engine, Executable, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.core.db.base import Model

IMMEDIATE = "begin_immediate"
PENDING = "after_commit"
OPEN = "unit_is_open"
BUSY_MS = 15_000
SHORTEST_WAIT, LONGEST_WAIT = 0.0004, 0.005  # seconds between two looks whether the write lock is free
PRIMARY = 0xFF  # the bits of SQLite's result codes that say what kind of error it is
WIDE_KIB = 256 * 1024

# Threads of one process would otherwise collide in SQLite's busy handler, which sleeps and starves.
_writers = threading.RLock()


@contextmanager
def unit(session: Session) -> Iterator[Session]:
    """Run the body as one writing transaction: committed at its end, undone when it raises.

    Rows read before it are read again inside it. On SQLite it takes the write lock at once
    (BEGIN IMMEDIATE): a transaction that reads first and writes later fails with "database is
    locked" whatever the busy timeout. Nothing slow belongs in the body. Inside another unit it
    joins that one, which commits both or neither.
    """
    if session.info.get(OPEN):
        yield session
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a unit of work")
    session.commit()  # ends the reading transaction, if there is one
    session.expire_all()
    sqlite = session.get_bind().dialect.name == "sqlite"
    with _writers if sqlite else _open():
        session.info[OPEN] = True
        try:
            session.connection(execution_options={IMMEDIATE: True})
            yield session
            session.commit()
        except BaseException:
            session.info.pop(PENDING, None)
            session.rollback()
            raise
        finally:
            session.info.pop(OPEN, None)
    for act in session.info.pop(PENDING, ()):
        act()


@contextmanager
def _open() -> Iterator[None]:
    yield


def widen_cache(session: Session) -> None:
    """Let the session's connection hold more of a database file: for jobs that look up rows all over it.

    A table of ten million rows has more inner pages than the usual cache, and each look-up reads several.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size=-{WIDE_KIB}")


def insert_new(session: Session, model: type[Model], rows: list[dict[str, Any]]) -> None:
    """Insert rows past the mapper, in the caller's unit, but none that a unique constraint refuses."""
    if not rows:
        return
    connection = session.connection()
    connection.execute(_insert(connection.dialect.name, model), rows)


@cache
def _insert(dialect: str, model: type[Model]) -> Executable:
    write = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return write(cast("Table", model.__table__)).on_conflict_do_nothing()


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Have `act` called once the unit is committed, and not at all when it is undone."""
    session.info.setdefault(PENDING, []).append(act)


def lock_key(session: Session, *parts: object) -> None:
    """Let one unit at a time pass for this key; on SQLite every unit already waits its turn."""
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: object) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # BEGIN is ours, see _begin
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={BUSY_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-16384",  # KiB; the default holds too little of an index that a set is read from
            "wal_autocheckpoint=8000",  # pages; large sets would otherwise be copied back at each commit
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(IMMEDIATE):
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    """Take the write lock, asking often. Raises OperationalError when it is not free in time.

    SQLite's own waiting sleeps longer and longer, up to 100 ms, for writers that are done after one.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        end, wait = time.monotonic() + BUSY_MS / 1000, SHORTEST_WAIT
        busy: bool | None = True
        while time.monotonic() < end and (busy := _busy(driver)):
            time.sleep(wait)
            wait = min(wait * 1.1, LONGEST_WAIT)
        if busy is not False:  # what is wrong is told as any statement's error is
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")


def _busy(driver: Any) -> bool | None:
    """Whether another writes; False when the lock is ours now, None when something else is wrong."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return True if error.sqlite_errorcode & PRIMARY == sqlite3.SQLITE_BUSY else None
    return False
