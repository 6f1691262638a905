"""Detections of a whole set written at once: one statement by the driver, within one company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp.archetypes.detecting import Found
from webapp.core.db import company_of

# An override set meanwhile stays in force; a request that came meanwhile leaves the member stale.
SET = """UPDATE members SET archetype = {archetype}, in_force = coalesce(override, {archetype}),
 confidence = {confidence}, beliefs = {beliefs}, signals = {signals}, answers = {answers},
 transactions = {transactions}, rule_set = {rule_set}, detected_at = {at}, stale = version <> {version}"""
COLUMNS = ("archetype", "confidence", "beliefs", "signals", "answers", "transactions", "version", "id")
SQLITE = (
    SET.format(
        archetype="?1", confidence="?2", beliefs="?3", signals="?4", answers="?5", transactions="?6",
        version="?7", rule_set="?9", at="?10",
    )
    + " WHERE id = ?8 AND company_id = ?11"
)  # fmt: skip
POSTGRES = (
    SET.format(**{name: f"new.{name}" for name in COLUMNS}, rule_set="%s", at="%s").replace(
        "version <> new.version", "members.version <> new.version"
    )
    + """ FROM unnest(%s::text[], %s::float8[], %s::text[]::jsonb[], %s::text[]::jsonb[], %s::text[]::jsonb[],
 %s::int[], %s::int[], %s::uuid[]) AS new(archetype, confidence, beliefs, signals, answers, transactions,
 version, id) WHERE members.id = new.id AND members.company_id = %s"""
)


def write_found(session: Session, ids: Sequence[Any], versions: Sequence[int], what: Found) -> None:
    """Store detections by the members' ids (as the driver gives them), in the caller's unit.

    `versions` are the members' when their histories were read; broken histories are left out.
    """
    columns = (
        [one.value for one in what.archetypes],
        what.confidence,
        what.beliefs,
        what.signals,
        what.answers,
        what.transactions,
        versions,
        ids,
    )
    kept = [row for row, bad in zip(zip(*columns, strict=True), what.broken, strict=True) if not bad]
    if kept:
        _write(session.connection(), company_of(session), kept, what)


def _write(connection: Connection, company_id: Any, rows: list[tuple[Any, ...]], what: Found) -> None:
    if connection.dialect.name == "sqlite":
        at = what.at.strftime("%Y-%m-%d %H:%M:%S.%f")
        same = (what.rule_set, at, company_id.hex)
        connection.exec_driver_sql(SQLITE, [(*row, *same) for row in rows])
    else:
        lists = [list(column) for column in zip(*rows, strict=True)]
        connection.exec_driver_sql(POSTGRES, (what.rule_set, what.at, *lists, company_id))
