"""Leads from files: found by the company's identifier, written set by set, further columns as attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.errors import Conflict, DomainError
from webapp.core.imports.bulk import check_versions
from webapp.core.imports.kind import (
    FURTHER,
    Change,
    Existing,
    Further,
    ImportColumn,
    ImportKind,
    Values,
    Writing,
)
from webapp.core.reading import Values as Columns
from webapp.core.reading import moment_text
from webapp.core.services import services
from webapp.leads.leads import around_of, givens_of, leads_named, link_owners
from webapp.leads.models import Lead
from webapp.leads.reading import (
    LEAD_READERS,
    TIMES,
    Around,
    Given,
    attribute_text,
    clean_lead,
    lead_texts,
    merged,
    read_attribute,
    read_attribute_name,
)
from webapp.leads.storing import store_leads
from webapp.people.erased import GONE_ADDRESS, gone_addresses

CHANGED = "What these rows name was changed since the dry run. Nothing was written; run it again."
LABELS: dict[str, tuple[str, tuple[str, ...]]] = {  # by the wire's names, with further headers
    "lead_id": ("Lead", ("lead id", "lead", "id", "lead number", "opportunity id")),
    "name": ("Name", ("lead name", "full name", "contact", "customer", "client")),
    "email": ("E-mail", ("e-mail", "mail", "e-mail address", "email address")),
    "source": ("Source", ("lead source", "channel", "origin")),
    "value": ("Value", ("amount", "deal value", "deal size", "potential")),
    "currency": ("Currency", ("currency code", "ccy")),
    "stage": ("Stage", ("status", "lead stage", "lead status", "pipeline stage")),
    "owner": ("Owner", ("owner e-mail", "assigned to", "assignee", "salesperson", "agent", "sales rep")),
    "created_at": ("Created at", ("created", "opened at", "opened", "began", "creation date")),
    "stage_changed_at": ("Stage changed at", ("stage changed", "stage since", "last stage change")),
    "closed_at": ("Closed at", ("closed", "close date", "closing date", "won at", "lost at")),
    "at": ("At", ("time", "timestamp", "when", "date", "changed at", "occurred at", "created at")),
    "activity_id": ("Activity", ("activity id", "id", "event id")),
    "note": ("Note", ("notes", "comment", "text")),
    "kind": ("Kind", ("type", "activity", "activity type", "activity kind", "event type")),
}
REQUIRED = {"lead_id", "name", "stage", "created_at"}


def written(name: str, read: Callable[[str], Any], *, required: bool) -> Callable[[str], str]:
    """Read one cell and write it as it is kept beside the database; what other cells decide comes later."""

    def text(given: str) -> str:
        if required and not given.strip():
            raise ValueError(f"Every row needs a {LABELS[name][0].lower()}.")
        value = read(given)
        if value is None or isinstance(value, str):
            return value or ""
        if hasattr(value, "isoformat"):
            return moment_text(value) if value.tzinfo else str(value.isoformat())
        return str(value.value)

    return text


def column(
    name: str, read: Callable[[str], Any], *, required: bool = False, keeps: bool = False
) -> ImportColumn:
    """The column of this name, as files may call it."""
    label, also = LABELS[name]
    return ImportColumn(name, label, written(name, read, required=required), required, also, keeps)


def _attribute(given: str) -> str:
    return attribute_text(read_attribute(given))


def _given(row: Values) -> Given:
    texts = {name: text for name, text in row.items() if not name.startswith(FURTHER)}
    further = {name.removeprefix(FURTHER): text for name, text in row.items() if name.startswith(FURTHER)}
    return Given(texts, {name: read_attribute(text) for name, text in further.items() if text})


def _row(texts: Mapping[str, str], attributes: Mapping[str, Any]) -> dict[str, str]:
    further = {f"{FURTHER}{name}": attribute_text(value) for name, value in attributes.items()}
    return {**texts, **further}


def _find(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    saved = leads_named(session, [row["lead_id"] for row in rows])
    given = givens_of(session, saved.values())
    values = {lead.id: _row(given[lead.id].texts, given[lead.id].attributes) for lead in saved.values()}
    found = (saved.get(row["lead_id"]) for row in rows)
    return [[Existing(one.id, one.version, values[one.id])] if one else [] for one in found]


def _complete(session: Session, rows: Sequence[dict[str, Any]]) -> list[tuple[str, str] | None]:
    """Write rows as they would be saved, with what follows from them; name what cannot be meant."""
    around = around_of(session, services().clock.now())
    problems = list[tuple[str, str] | None]()
    cleaned = _cleaned(session, rows, around)
    linkable = [one for one in cleaned if not isinstance(one, DomainError)]
    unknown = iter(_owners_unknown(session, linkable))
    gone = gone_addresses(session, {columns["email"] for _, lead, columns in linkable if lead is None})
    for row, one in zip(rows, cleaned, strict=True):
        if isinstance(one, DomainError):
            problems.append(_problem(one))
            continue
        _, lead, columns = one
        why = next(unknown)
        _fill(row, columns, lead)
        if lead is None and columns["email"] in gone:
            problems.append((LABELS["email"][0], GONE_ADDRESS))
        else:
            problems.append((LABELS["owner"][0], why) if why else None)
    return problems


def _fill(row: dict[str, Any], columns: Columns, lead: Lead | None) -> None:
    """Put the texts that would be saved where the row says something, and the times that follow a change."""
    texts = lead_texts(columns, columns["owner"])
    row |= {name: text for name, text in texts.items() if name in row}
    if lead is not None and lead.stage is not columns["stage"]:
        row |= {name: texts[name] for name in TIMES if name != "created_at"}


def _owners_unknown(session: Session, rows: Sequence[tuple[UUID, Lead | None, Columns]]) -> list[str]:
    _, problems = link_owners(session, rows)
    return [problems.get(number, "") for number in range(len(rows))]


def _cleaned(
    session: Session, rows: Sequence[Values], around: Around
) -> list[tuple[UUID, Lead | None, Columns] | DomainError]:
    saved = leads_named(session, [row["lead_id"] for row in rows])
    given = givens_of(session, saved.values())
    found = list[tuple[UUID, Lead | None, Columns] | DomainError]()
    for row in rows:
        lead = saved.get(row["lead_id"])
        try:
            meant = merged(given[lead.id], _given(row), around.now) if lead else _given(row)
            found.append((lead.id if lead else UUID(int=0), lead, clean_lead(meant, around)))
        except DomainError as error:
            found.append(error)
    return found


def _problem(error: DomainError) -> tuple[str, str]:
    name, why = next(iter(error.details.items()))
    return (LABELS[name][0] if name in LABELS else name.removeprefix("attributes.")), why


def _write(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    """Write whole rows with all that follows. Raises Conflict."""
    old = {one.id: one.version for one in changes if one.version}
    if old:
        check_versions(session, Lead, old)
    around = around_of(session, writing.now)
    cleaned = _cleaned(session, [one.values for one in changes], around)
    rows = [
        (to.id, one[1], one[2])
        for to, one in zip(changes, cleaned, strict=True)
        if not isinstance(one, DomainError) and (one[1] is not None) is bool(to.version)
    ]
    wanted, unknown = link_owners(session, rows)
    if unknown or len(rows) < len(changes):
        raise Conflict(CHANGED)
    store_leads(session, writing, wanted)


LEAD_IMPORT = ImportKind(
    name="leads",
    noun="lead",
    permission=Permission.LEADS_WRITE,
    columns=tuple(
        column(name, read, required=name in REQUIRED, keeps=name in {"stage_changed_at", "closed_at"})
        for name, read in LEAD_READERS.items()
    ),
    key=lambda values: (values["lead_id"],),
    find=_find,
    write=_write,
    endpoint="leads.index",
    further=Further("Keep as attributes", read_attribute_name, _attribute),
    complete=_complete,
)
