"""Scores of a whole set written at once: one statement by the driver, within one company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp.core.db import company_of, new_ids

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
# A lead that was deleted while it was scored leaves nothing to log. An INSERT that SELECTs keeps a journal of
# its own for each row on SQLite and takes four times as long: who is there still is asked once for a set.
LOG_SQLITE = f"INSERT INTO predictions ({LOG_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"  # noqa: S608  # constants
THERE_SQLITE = "SELECT id FROM leads WHERE company_id = ? AND id BETWEEN ? AND ?"
LOG_POSTGRES = f"""INSERT INTO predictions ({LOG_COLUMNS})
 SELECT new.id, %s, new.lead_id, new.staff_id, new.model_number, new.probability, %s
 FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::float8[])
 AS new(id, lead_id, staff_id, model_number, probability)
 JOIN leads ON leads.id = new.lead_id AND leads.company_id = %s"""  # noqa: S608  # constants


Columns = tuple[Sequence[Any], ...]  # in the order of `COLUMNS`, along the leads
Said = tuple[Any, Any, int, float]  # the lead and whose model, as the driver gives them, version, probability


def write_scores(session: Session, scored: Columns, at: datetime) -> None:
    """Store scores in the caller's unit: columns in the order of `COLUMNS`, ids as the driver gives them."""
    if not scored[0]:
        return
    connection, company_id = session.connection(), company_of(session)
    if _sqlite(connection):
        rows = zip(*scored, repeat(_text(at)), repeat(company_id.hex), strict=False)  # the last two go on
        connection.exec_driver_sql(SQLITE, list(rows))
    else:
        connection.exec_driver_sql(POSTGRES, (at, *(list(column) for column in scored), company_id))


def write_log(session: Session, said: Sequence[Said], at: datetime) -> None:
    """Log predictions in the caller's unit, of leads that are still there."""
    if not said:
        return
    connection, company_id = session.connection(), company_of(session)
    if _sqlite(connection):
        there = _there(connection, company_id, [one[0] for one in said])
        mine, now = company_id.hex, _text(at)
        rows = [
            (made, mine, lead, owner, number, p, now)
            for made, (lead, owner, number, p) in zip(new_ids(len(said)), said, strict=True)
            if lead in there
        ]
        if rows:
            connection.exec_driver_sql(LOG_SQLITE, rows)
    else:
        lists = [list(column) for column in zip(*said, strict=True)]
        ids = new_ids(len(said))
        connection.exec_driver_sql(LOG_POSTGRES, (company_id, at, ids, *lists, company_id))


def _there(connection: Connection, company_id: UUID, leads: Sequence[str]) -> set[str]:
    ends = company_id.hex, min(leads), max(leads)
    return {row[0] for row in connection.exec_driver_sql(THERE_SQLITE, ends).all()}


def _sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
