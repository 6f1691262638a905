"""Activities and stage changes of a list's leads as files that can be imported again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, select

from webapp.core.db import scope_to
from webapp.core.db.base import EngineSession
from webapp.core.reading import moment_text
from webapp.leads.leads import LEADS
from webapp.leads.models import Activity, Lead, StageChange

READ = 1_000  # rows read at once
HEADS = {
    "activities": ("activity_id", "lead_id", "kind", "at", "note"),
    "stage_changes": ("lead_id", "stage", "at"),
}


def history_rows(engine: Engine, company_id: UUID, what: str, args: Mapping[str, str]) -> Iterator[list[str]]:
    """Each row of the history of all leads that a list's address asks for, read as it is sent."""
    mine = LEADS.matching(args).with_only_columns(Lead.id).order_by(None)
    statement: Any = _activities() if what == "activities" else _stages()
    with EngineSession(engine) as session:
        scope_to(session, company_id)
        for row in session.execute(statement.where(Lead.id.in_(mine)).execution_options(yield_per=READ)):
            yield [_text(value) for value in row]


def _activities() -> Select[Any, Any, Any, Any, Any]:
    columns = (Activity.identifier, Lead.identifier, Activity.kind, Activity.at, Activity.note)
    return select(*columns).join(Lead, Lead.id == Activity.lead_id).order_by(Activity.at, Activity.id)


def _stages() -> Select[Any, Any, Any]:
    columns = (Lead.identifier, StageChange.stage, StageChange.at)
    return (
        select(*columns).join(Lead, Lead.id == StageChange.lead_id).order_by(StageChange.at, StageChange.id)
    )


def _text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return moment_text(value)
    return str(getattr(value, "value", value))
