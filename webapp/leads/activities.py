"""Activities of leads: recorded one by one or many at once, each counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, new_id, unit
from webapp.core.errors import NotFound
from webapp.core.imports.kind import Writing
from webapp.core.reading import (
    Problems,
    Texts,
    Values,
    in_zone,
    read_all,
    read_identifier,
    read_moment,
    read_text,
    refuse,
)
from webapp.core.tables import Column, Listing
from webapp.leads.models import Activity, Lead
from webapp.leads.reading import LONGEST_NOTE, read_kind
from webapp.leads.storing import add_rows

ACTIVITIES = Listing(Activity, (Column("at", Activity.at),), default_sort="-at")
ACTIVITY_READERS: dict[str, Callable[[str], Any]] = {
    "activity_id": lambda given: read_identifier(given.strip() or new_id().hex, "activity"),
    "kind": read_kind,
    "at": lambda given: read_moment(given) if given.strip() else None,
    "note": lambda given: read_text(given, LONGEST_NOTE),
}
OTHERS = "Another activity has this id."


@dataclass(frozen=True)
class Recorded:
    """What became of activities: the rows of those that were told of, and how many are new."""

    rows: tuple[Activity, ...]
    new: int


AHEAD = timedelta(minutes=5)  # that another system's clock may go before ours


def clean_activity(texts: Texts, now: datetime, zone: tzinfo) -> tuple[Values, Problems]:
    """An activity's columns and a sentence for what cannot be kept. Without an id it gets one."""
    read, problems = read_all(ACTIVITY_READERS, texts)
    if problems:
        return {}, problems
    at = in_zone(read["at"], zone) if read["at"] else now
    if at > now + AHEAD:
        return {}, {"at": "This time has not come yet."}
    return {"identifier": read["activity_id"], "kind": read["kind"], "at": at, "note": read["note"]}, {}


def record_activities(
    session: Session,
    actor: Actor,
    lead_id: UUID,
    told: Sequence[Texts],
    *,
    clock: Clock,
    auditor: Auditor,
) -> Recorded:
    """Record what happened with a lead, all or nothing; an id that is known already is not counted again.

    The lead is to be scored anew. Raises NotFound, or DomainError naming fields: of several as
    `activities.3.kind`.
    """
    now, zone = clock.now(), zone_of(session)
    rows, problems = list[Values](), Problems()
    for number, texts in enumerate(told):
        columns, wrong = clean_activity(texts, now, zone)
        place = f"activities.{number}." if len(told) > 1 else ""
        problems |= {f"{place}{name}": why for name, why in wrong.items()}
        rows.append(columns)
    refuse(problems)
    with unit(session):
        _hold(session, lead_id)
        _refuse_others(session, lead_id, rows)
        writing = Writing(company_of(session), actor, now, auditor)
        new = add_activities(session, writing, [(lead_id, columns) for columns in rows])
        found = activities_named(session, [columns["identifier"] for columns in rows])
        return Recorded(tuple(found[columns["identifier"]] for columns in rows), new)


def add_activities(session: Session, writing: Writing, rows: Sequence[tuple[UUID, Mapping[str, Any]]]) -> int:
    """Insert those whose ids are new, mark their leads and trace them, in the caller's unit."""
    known = activities_named(session, [columns["identifier"] for _, columns in rows])
    fresh: dict[str, dict[str, Any]] = {}
    for lead_id, columns in rows:
        if columns["identifier"] not in known and columns["identifier"] not in fresh:
            common = {"id": new_id(), "lead_id": lead_id, "by": writing.actor.name[:200]}
            fresh[columns["identifier"]] = {**common, **columns, "created_at": writing.now}
    add_rows(session, writing, Activity, list(fresh.values()))
    touch_leads(session, {row["lead_id"] for row in fresh.values()}, writing.now)
    _trace(session, writing, list(fresh.values()))
    return len(fresh)


def _trace(session: Session, writing: Writing, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        told = [
            (row["id"], {"kind": (None, row["kind"]), "at": (None, row["at"].isoformat())}) for row in rows
        ]
        whose = {row["id"]: row["lead_id"] for row in rows}
        action = AuditAction.ACTIVITY_RECORDED
        writing.auditor.record_many(session, writing.actor, action, "activity", told, persons=whose)


def touch_leads(session: Session, lead_ids: Iterable[UUID], now: datetime) -> None:
    """Have these leads scored anew, in the caller's unit; nobody's edit of one is in conflict with that."""
    wanted = sorted(lead_ids)
    if wanted:
        marked = update(Lead).where(Lead.id.in_(wanted)).values(stale=True, updated_at=now)
        session.execute(marked, execution_options={"synchronize_session": False})
        session.expire_all()


def activities_named(session: Session, identifiers: Iterable[str]) -> dict[str, Activity]:
    """The company's activities of these identifiers."""
    found = session.scalars(select(Activity).where(Activity.identifier.in_(sorted(set(identifiers)))))
    return {one.identifier: one for one in found}


def _hold(session: Session, lead_id: UUID) -> None:
    lock_key(session, "activities", lead_id)
    if session.scalar(select(Lead.id).where(Lead.id == lead_id).with_for_update()) is None:
        raise NotFound("There is no such lead.", details={"lead_id": "unknown"})


def _refuse_others(session: Session, lead_id: UUID, rows: Sequence[Values]) -> None:
    """An id that stands at another lead is a slip of whoever tells."""
    known = activities_named(session, [columns["identifier"] for columns in rows])
    place = "activities.{}." if len(rows) > 1 else ""
    refuse(
        {
            f"{place.format(number)}activity_id": OTHERS
            for number, columns in enumerate(rows)
            if columns["identifier"] in known and known[columns["identifier"]].lead_id != lead_id
        }
    )
