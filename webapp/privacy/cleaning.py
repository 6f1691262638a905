"""What a deletion leaves behind in files: the database's log and free pages, the queue server's log."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from webapp.core.db.unit import BUSY_MS
from webapp.core.traces import stands_in

log = structlog.get_logger()
TRIES, PAUSE = 40, 0.25  # while somebody reads, the log cannot be cut off
REWRITTEN_WITHIN = 60.0  # seconds


def clean_database(session: Session, needles: Sequence[bytes] | None) -> bool:
    """Cut SQLite's log off, and write the file anew where it still holds one of the words.

    Deleted rows are overwritten as they go (secure_delete); copies that the moving of rows between pages
    left are not. Without needles the file is written anew. Answers whether no word was left. PostgreSQL
    clears its pages by itself; see docs/operations.md.
    """
    session.commit()
    engine = session.get_bind()
    if engine.dialect.name != "sqlite":
        return True
    path = Path(engine.url.database)  # type: ignore[union-attr, arg-type]  # an engine of a file
    raw = engine.raw_connection()  # type: ignore[union-attr]  # an engine
    try:
        cursor = raw.cursor()
        _cut_off(cursor)
        if needles is None or stands_in(path, needles):
            cursor.execute("VACUUM")
            _cut_off(cursor)
        cursor.close()
    finally:
        raw.close()
    return not needles or not any(stands_in(one, needles) for one in (path, Path(f"{path}-wal")))


def _cut_off(cursor: object) -> None:
    pause = threading.Event()
    cursor.execute(f"PRAGMA busy_timeout = {int(PAUSE * 1000)}")  # type: ignore[attr-defined]  # the driver's
    for _ in range(TRIES):
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]  # type: ignore[attr-defined]  # the driver's
        if not busy:
            break
        pause.wait(PAUSE)
    else:
        log.warning("the database's log could not be cut off: somebody reads without an end")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")  # type: ignore[attr-defined]  # the driver's


def clean_queue(redis: Redis) -> bool:
    """Have the instance's own queue server write its files anew; answers whether it did."""
    try:
        redis.bgrewriteaof()
        done = _settled(redis, "aof_rewrite_in_progress", "aof_rewrite_scheduled")
        redis.bgsave()
        return _settled(redis, "rdb_bgsave_in_progress") and done
    except RedisError as error:
        log.warning("the queue server's files could not be written anew", why=str(error))
        return False


def _settled(redis: Redis, *signs: str) -> bool:
    pause, until = threading.Event(), time.monotonic() + REWRITTEN_WITHIN
    while time.monotonic() < until:
        state = redis.info("persistence")
        if not any(int(state.get(sign, 0)) for sign in signs):
            return True
        pause.wait(0.05)
    return False
