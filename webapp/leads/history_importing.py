"""Stages and activities of leads from files: rows that are added, none that is changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.db import new_id
from webapp.core.errors import Conflict
from webapp.core.imports.bulk import update_rows
from webapp.core.imports.kind import Change, Existing, ImportKind, Values, Writing
from webapp.core.reading import in_zone, moment_text, read_identifier, read_moment, read_text, read_word
from webapp.core.services import services
from webapp.leads.activities import (
    OTHERS,
    activities_named,
    add_activities,
    clean_activity,
    touch_leads,
)
from webapp.leads.facts import Stage
from webapp.leads.importing import CHANGED, LABELS, column
from webapp.leads.leads import leads_named
from webapp.leads.models import Activity, Lead
from webapp.leads.reading import AHEAD, LONGEST_NOTE, read_kind, read_lead_id, read_time
from webapp.leads.stages import Step, standing_after, with_told
from webapp.leads.storing import steps_of, trace, write_steps

Problem = tuple[str, str] | None
NO_LEAD = "There is no lead with the id {}."


def _leads(session: Session, rows: Sequence[Values], *, hold: bool = False) -> dict[str, Lead]:
    return leads_named(session, [row["lead_id"] for row in rows], hold=hold)


def _unknown(row: Values) -> Problem:
    return LABELS["lead_id"][0], NO_LEAD.format(row["lead_id"][:80])


# Stages: a row says that a lead reached a stage then; a lead stands where its newest row says.


def _complete_stages(session: Session, rows: Sequence[dict[str, Any]]) -> list[Problem]:
    leads, zone, latest = _leads(session, rows), zone_of(session), services().clock.now() + AHEAD
    problems = list[Problem]()
    for row in rows:
        at, lead = in_zone(read_moment(row["at"]), zone), leads.get(row["lead_id"])
        row["at"] = moment_text(at)
        if lead is None:
            problems.append(_unknown(row))
        elif at < lead.opened_at:
            problems.append((LABELS["at"][0], "The lead began after this."))
        else:
            problems.append((LABELS["at"][0], "This time has not come yet.") if at > latest else None)
    return problems


def _find_stages(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    leads = _leads(session, rows)
    saved = steps_of(session, [lead.id for lead in leads.values()])
    zone = zone_of(session)
    found = list[list[Existing]]()
    for row in rows:
        step = Step(in_zone(read_moment(row["at"]), zone), Stage(row["stage"]))
        lead = leads.get(row["lead_id"])
        row_id = saved.get(lead.id, {}).get(step) if lead else None
        found.append([Existing(row_id, 1, row)] if row_id else [])
    return found


def _write_stages(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    """Add what is new to the histories, and have each lead stand where its newest stage says."""
    leads = _leads(session, [one.values for one in changes], hold=True)
    zone, told = zone_of(session), defaultdict[UUID, list[Step]](list)
    for one in changes:
        lead = leads.get(one.values["lead_id"])
        if lead is None:
            raise Conflict(CHANGED)
        at = in_zone(read_moment(one.values["at"]), zone)
        told[lead.id].append(Step(at, Stage(one.values["stage"])))
    saved = steps_of(session, told)
    after = {lead_id: with_told(saved.get(lead_id, {}), steps) for lead_id, steps in told.items()}
    write_steps(session, writing, saved, after)
    standing = {lead_id: standing_after(steps) for lead_id, steps in after.items()}
    moved = [
        (lead.id, {**standing[lead.id], "stale": True})
        for lead in leads.values()
        if any(getattr(lead, name) != value for name, value in standing[lead.id].items())
    ]
    touch_leads(session, set(told), writing.now)
    update_rows(session, writing, Lead, moved)
    added = {lead_id: {"stages": (None, len(steps))} for lead_id, steps in told.items()}
    trace(session, writing, AuditAction.STAGES_IMPORTED, dict[UUID, Any](added))
    session.expire_all()


STAGE_IMPORT = ImportKind(
    name="stage_changes",
    noun="stage change",
    permission=Permission.LEADS_WRITE,
    columns=(
        column("lead_id", read_lead_id, required=True),
        column("stage", lambda given: read_word(Stage, given), required=True),
        column("at", lambda given: read_time(given, "the stage was reached"), required=True),
    ),
    key=lambda values: (values["lead_id"], values["stage"], values["at"]),
    find=_find_stages,
    write=_write_stages,
    endpoint="leads.index",
    complete=_complete_stages,
)


# Activities: each is known by its own id, which is made up where a file has none.


def _complete_activities(session: Session, rows: Sequence[dict[str, Any]]) -> list[Problem]:
    leads, zone = _leads(session, rows), zone_of(session)
    saved = activities_named(session, [row.get("activity_id", "") for row in rows])
    problems = list[Problem]()
    for row in rows:
        row["at"] = moment_text(in_zone(read_moment(row["at"]), zone))
        lead, known = leads.get(row["lead_id"]), saved.get(row.get("activity_id", ""))
        if lead is None:
            problems.append(_unknown(row))
        elif known and not _is_same(known, lead, row):
            problems.append((LABELS["activity_id"][0], OTHERS))
        else:
            problems.append(None)
        row["activity_id"] = row.get("activity_id") or new_id().hex
    return problems


def _is_same(known: Activity, lead: Lead, row: Values) -> bool:
    return known.lead_id == lead.id and known.kind == row["kind"] and moment_text(known.at) == row["at"]


def _find_activities(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    saved = activities_named(session, [row["activity_id"] for row in rows])
    found = (saved.get(row["activity_id"]) for row in rows)
    return [[Existing(one.id, 1, row)] if one else [] for one, row in zip(found, rows, strict=True)]


def _write_activities(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    leads = _leads(session, [one.values for one in changes], hold=True)
    zone, rows = zone_of(session), list[tuple[UUID, Values]]()
    for one in changes:
        lead = leads.get(one.values["lead_id"])
        columns, problems = clean_activity(one.values, writing.now, zone)
        if lead is None or problems:
            raise Conflict(CHANGED)
        rows.append((lead.id, columns))
    add_activities(session, writing, rows)


def _optional_id(given: str) -> str:
    return read_identifier(given, "activity") if given.strip() else ""


ACTIVITY_IMPORT = ImportKind(
    name="activities",
    noun="activity",
    permission=Permission.LEADS_WRITE,
    columns=(
        column("activity_id", _optional_id),
        column("lead_id", read_lead_id, required=True),
        column("kind", read_kind, required=True),
        column("at", lambda given: read_time(given, "it happened"), required=True),
        column("note", lambda given: read_text(given, LONGEST_NOTE), keeps=True),
    ),
    key=lambda values: (values["activity_id"],),
    find=_find_activities,
    write=_write_activities,
    endpoint="leads.index",
    complete=_complete_activities,
)
