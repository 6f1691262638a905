"""Scores of a whole set written at once: one statement by the driver, within one company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp.core.db import company_of, new_id

# A lead that changed while it was scored stays stale, and one that closed meanwhile keeps what it had.
SET = """UPDATE leads SET score = {score}, probability = {probability}, confidence = {confidence},
 next_action = {next_action}, priority = {priority}, at_risk = {at_risk}, model_number = {model_number},
 scored_at = {at}, stale = updated_at <> {updated}"""
COLUMNS = (
    "score",
    "probability",
    "confidence",
    "next_action",
    "priority",
    "at_risk",
    "model_number",
    "updated",
    "id",
)
OPEN = " AND stage NOT IN ('WON', 'LOST')"
PLACES = {name: f"?{number}" for number, name in enumerate(COLUMNS, 1)}
SQLITE = SET.format(**PLACES, at="?10") + " WHERE id = ?9 AND company_id = ?11" + OPEN
POSTGRES = (
    SET.format(**{name: f"new.{name}" for name in COLUMNS}, at="%s").replace(
        "updated_at <> new.updated", "leads.updated_at <> new.updated"
    )
    + """ FROM unnest(%s::int[], %s::float8[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::int[],
 %s::timestamptz[], %s::uuid[]) AS new(score, probability, confidence, next_action, priority, at_risk,
 model_number, updated, id) WHERE leads.id = new.id AND leads.company_id = %s"""
    + OPEN.replace("stage", "leads.stage")
)
LOG_COLUMNS = "id, company_id, lead_id, staff_id, model_number, probability, at"
# A lead that was deleted while it was scored leaves nothing to log.
LOG_SQLITE = f"""INSERT INTO predictions ({LOG_COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
 WHERE EXISTS (SELECT 1 FROM leads WHERE id = ?3 AND company_id = ?2)"""  # noqa: S608  # constants
LOG_POSTGRES = f"""INSERT INTO predictions ({LOG_COLUMNS})
 SELECT new.id, %s, new.lead_id, new.staff_id, new.model_number, new.probability, %s
 FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::float8[])
 AS new(id, lead_id, staff_id, model_number, probability)
 JOIN leads ON leads.id = new.lead_id AND leads.company_id = %s"""  # noqa: S608  # constants


def write_scores(session: Session, rows: Sequence[tuple[Any, ...]], at: datetime) -> None:
    """Store scores in the caller's unit: tuples in the order of `COLUMNS`, ids as the driver gives them."""
    if not rows:
        return
    connection, company_id = session.connection(), company_of(session)
    if _sqlite(connection):
        same = _text(at), company_id.hex
        connection.exec_driver_sql(SQLITE, [(*row, *same) for row in rows])
    else:
        lists = [list(column) for column in zip(*rows, strict=True)]
        connection.exec_driver_sql(POSTGRES, (at, *lists, company_id))


def write_log(session: Session, rows: Sequence[tuple[Any, Any, int, float]], at: datetime) -> None:
    """Log predictions: lead (as the driver gives it), whose model, its version, the probability."""
    if not rows:
        return
    connection, company_id = session.connection(), company_of(session)
    if _sqlite(connection):
        same = company_id.hex, _text(at)
        connection.exec_driver_sql(
            LOG_SQLITE,
            [
                (new_id().hex, same[0], lead, None if staff is None else staff.hex, number, p, same[1])
                for lead, staff, number, p in rows
            ],
        )
    else:
        lists = [list(column) for column in zip(*rows, strict=True)]
        ids = [new_id() for _ in rows]
        connection.exec_driver_sql(LOG_POSTGRES, (company_id, at, ids, *lists, company_id))


def _sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
