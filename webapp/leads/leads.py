"""Leads: found, created, changed, moved along the funnel, given to somebody, deleted, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import current_company
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, new_id, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.imports.kind import Writing
from webapp.core.reading import Problems, Values
from webapp.core.tables import Column, Filter, Listing
from webapp.leads.facts import Priority, Stage
from webapp.leads.models import Lead
from webapp.leads.owners import owners_by_email, owners_by_id
from webapp.leads.reading import Around, Given, attribute_text, clean_lead, lead_texts, merged
from webapp.leads.storing import COLUMNS, Wanted, all_texts, store_leads

MOST_AT_ONCE = 5_000  # leads that are changed while somebody waits
SET = 500
NOBODY = "nobody"


def _narrowed(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """`owner=…` is a staff account's id or `nobody`, `risk=yes` what went quiet."""
    at_risk = (Lead.at_risk.is_(True),) if args.get("risk") == "yes" else ()
    return (*_of_owner(args.get("owner", "")), *at_risk)


def _of_owner(word: str) -> Sequence[ColumnElement[bool]]:
    if word == NOBODY:
        return (Lead.owner_id.is_(None),)
    try:
        return (Lead.owner_id == UUID(word),) if word else ()
    except ValueError:
        return ()


LEADS = Listing(
    model=Lead,
    columns=(
        Column("name", Lead.name),
        Column("identifier", Lead.identifier),
        Column("score", Lead.score),
        Column("probability", Lead.probability),
        Column("updated", Lead.updated_at),
    ),
    search=(Lead.name, Lead.identifier, Lead.email),
    filters=(
        Filter("stage", Lead.stage, "Stage"),
        Filter("priority", Lead.priority, "Priority"),
        Filter("source", Lead.source, "Source"),
    ),
    default_sort="-updated",
    narrow=_narrowed,
)


def passed_over(args: Mapping[str, str]) -> list[str]:
    """A sentence for each filter of the list's address that says nothing the list knows."""
    enums = {"stage": Stage, "priority": Priority}
    wrong = [
        name
        for name, kind in enums.items()
        if args.get(name) and args[name] not in {str(one.value) for one in kind}
    ]
    owner, risk = args.get("owner", ""), args.get("risk", "")
    if owner and not _of_owner(owner):
        wrong.append("owner")
    if risk not in {"", "yes"}:
        wrong.append("risk")
    return [f"No {name} is called “{args[name][:40]}”: this filter is left out." for name in wrong]


@dataclass(frozen=True)
class Upserted:
    """What became of many leads: their identifiers as they were given, and how many of each."""

    ids: tuple[str, ...]
    created: int
    updated: int

    @property
    def unchanged(self) -> int:
        """How many stayed as they were."""
        return len(self.ids) - self.created - self.updated


def find_lead(session: Session, lead_id: UUID) -> Lead:
    """The company's lead of this id. Raises NotFound."""
    return _known(session.scalar(select(Lead).where(Lead.id == lead_id)))


def lead_named(session: Session, identifier: str) -> Lead:
    """The company's lead of this identifier (`lead_id` on the wire). Raises NotFound."""
    known = "\0" not in identifier  # no column holds one, and PostgreSQL refuses to look for it
    return _known(session.scalar(select(Lead).where(Lead.identifier == identifier)) if known else None)


def create_lead(session: Session, actor: Actor, given: Given, *, clock: Clock, auditor: Auditor) -> Lead:
    """Save a new lead; without a `lead_id` it gets one. Raises DomainError naming what cannot be stored."""
    writing, around = writing_of(session, actor, clock, auditor), around_of(session, clock.now())
    columns = clean_lead(identified(given), around)
    with unit(session):
        _lock(session)
        _free(session, columns["identifier"], None)
        wanted = _linked(session, [(new_id(), None, columns)], _refused)
        store_leads(session, writing, wanted)
        return find_lead(session, wanted[0].id)


def change_lead(
    session: Session,
    actor: Actor,
    lead_id: UUID,
    given: Given,
    read_version: int | None,
    *,
    clock: Clock,
    auditor: Auditor,
) -> Lead:
    """Save what is said of the lead as read at a version (None: whatever it is); the same makes no version.

    What is not said stays. Raises Conflict when somebody saved in between, NotFound, or DomainError naming
    fields.
    """
    writing, around = writing_of(session, actor, clock, auditor), around_of(session, clock.now())
    with unit(session):
        lead = _held(session, lead_id)
        if read_version is not None and lead.version != read_version:
            message = "Somebody else saved this lead while you were editing it."
            raise Conflict(message, details={"version": f"is {lead.version} now"})
        columns = clean_lead(merged(given_of(session, lead), given, around.now), around)
        if columns["identifier"] != lead.identifier:
            _lock(session)
            _free(session, columns["identifier"], lead_id)
        store_leads(session, writing, _linked(session, [(lead_id, lead, columns)], _refused))
        return find_lead(session, lead_id)


def change_many(
    session: Session, actor: Actor, ids: Sequence[UUID], given: Given, *, clock: Clock, auditor: Auditor
) -> int:
    """Save the same of many leads in one unit; answers how many it changed. Raises DomainError."""
    if len(ids) > MOST_AT_ONCE:
        why = f"Change {MOST_AT_ONCE:,} leads at most in one go; these are {len(ids):,}. Narrow the list."
        raise DomainError(why, code="too_many")
    writing, around = writing_of(session, actor, clock, auditor), around_of(session, clock.now())
    changed = 0
    with unit(session):
        for start in range(0, len(ids), SET):
            some = select(Lead).where(Lead.id.in_(ids[start : start + SET])).with_for_update()
            leads = session.scalars(some.order_by(Lead.id)).all()
            owners = owners_by_id(session, [lead.owner_id for lead in leads])
            meant = [(lead, merged(_given(lead, owners), given, around.now)) for lead in leads]
            rows = [(lead.id, lead, clean_lead(one, around)) for lead, one in meant]
            changed += store_leads(session, writing, _linked(session, rows, _refused))
    return changed


def upsert_leads(
    session: Session, actor: Actor, givens: Sequence[Given], *, clock: Clock, auditor: Auditor
) -> Upserted:
    """Create or change many leads by `lead_id`, all or none; what is not said of a saved one stays.

    Raises DomainError naming fields as `leads.3.owner`.
    """
    writing, around = writing_of(session, actor, clock, auditor), around_of(session, clock.now())
    with unit(session):
        _lock(session)
        named = [identified(one) for one in givens]
        saved = leads_named(session, [one.texts["lead_id"] for one in named], hold=True)
        owners = owners_by_id(session, [lead.owner_id for lead in saved.values()])
        rows, problems, seen = list[tuple[UUID, Lead | None, Values]](), Problems(), dict[str, int]()
        for number, one in enumerate(named):
            lead = saved.get(one.texts["lead_id"].strip())
            meant = merged(_given(lead, owners), one, around.now) if lead else one
            try:
                columns = clean_lead(meant, around)
            except DomainError as error:
                problems |= {f"leads.{number}.{name}": why for name, why in error.details.items()}
                continue
            first = seen.setdefault(columns["identifier"], number)
            if first != number:
                problems[f"leads.{number}.lead_id"] = f"leads.{first} has this id too."
            rows.append((lead.id if lead else new_id(), lead, columns))
        _refuse(problems)
        wanted = _linked(session, rows, lambda at, why: _refused(at, why, f"leads.{at}."))
        made = sum(1 for one in wanted if one.lead is None)
        written = store_leads(session, writing, wanted)
    return Upserted(tuple(columns["identifier"] for _, _, columns in rows), made, written - made)


def delete_lead(session: Session, actor: Actor, lead_id: UUID, *, auditor: Auditor) -> None:
    """Delete the lead with its activities and stages. Raises NotFound."""
    with unit(session):
        lead = _held(session, lead_id)
        given = given_of(session, lead)
        texts = all_texts({name: getattr(lead, name) for name in COLUMNS}, given.texts["owner"])
        told = {name: (text, None) for name, text in texts.items() if text}
        auditor.record(session, actor, AuditAction.LEAD_DELETED, lead, changes=told, person=lead.id)
        session.delete(lead)


def leads_named(session: Session, identifiers: Iterable[str], *, hold: bool = False) -> dict[str, Lead]:
    """The company's leads of these identifiers; with `hold` till the unit's end."""
    wanted = sorted({one.strip() for one in identifiers if one.strip() and "\0" not in one})
    found = select(Lead).where(Lead.identifier.in_(wanted)).order_by(Lead.id)
    rows = session.scalars(found.with_for_update() if hold else found) if wanted else ()
    return {lead.identifier: lead for lead in rows}


def given_of(session: Session, lead: Lead) -> Given:
    """The lead as files and programs write it."""
    return _given(lead, owners_by_id(session, [lead.owner_id]))


def givens_of(session: Session, leads: Iterable[Lead]) -> dict[UUID, Given]:
    """Many leads as files and programs write them, by id."""
    rows = list(leads)
    owners = owners_by_id(session, [lead.owner_id for lead in rows])
    return {lead.id: _given(lead, owners) for lead in rows}


def lead_differences(session: Session, lead: Lead, given: Given, clock: Clock) -> dict[str, tuple[str, str]]:
    """What is saved and what would be, for each field where they differ. Raises DomainError."""
    saved = given_of(session, lead)
    around = around_of(session, clock.now())
    columns = clean_lead(merged(saved, given, around.now), around)
    before = all_texts({name: getattr(lead, name) for name in COLUMNS}, saved.texts["owner"])
    after = all_texts(columns, columns["owner"])
    names = [*after, *(name for name in before if name not in after)]
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def attribute_texts(lead: Lead) -> dict[str, str]:
    """The lead's attributes as files write them."""
    return {name: attribute_text(value) for name, value in lead.attributes.items()}


def writing_of(session: Session, actor: Actor, clock: Clock, auditor: Auditor) -> Writing:
    """Who writes in the session's company, now."""
    return Writing(company_of(session), actor, clock.now(), auditor)


def around_of(session: Session, now: datetime) -> Around:
    """What reading needs of the session's company."""
    company = current_company(session)
    return Around(ZoneInfo(company.timezone or "UTC"), company.currency, now)


def identified(given: Given) -> Given:
    """The same, with an id that was made up where none is said."""
    if (given.texts.get("lead_id") or "").strip():
        return given
    return replace(given, texts={**given.texts, "lead_id": f"L-{new_id().hex[-12:]}"})


def link_owners(
    session: Session, rows: Sequence[tuple[UUID, Lead | None, Values]]
) -> tuple[list[Wanted], dict[int, str]]:
    """The columns of many leads with their owners' ids, and a sentence for each owner there is not."""
    known = owners_by_email(session, (columns["owner"] for _, _, columns in rows))
    before = owners_by_id(session, (lead.owner_id for _, lead, _ in rows if lead))
    wanted, problems = list[Wanted](), dict[int, str]()
    for number, (row_id, lead, columns) in enumerate(rows):
        email = columns["owner"]
        if email and email not in known:
            problems[number] = f"Nobody of the company has the address {email[:80]}."
        plain = {name: value for name, value in columns.items() if name != "owner"}
        was = before[lead.owner_id].email if lead and lead.owner_id in before else ""
        wanted.append(Wanted(row_id, {**plain, "owner_id": known.get(email)}, lead, (was, email)))
    return wanted, problems


def _linked(session: Session, rows: Sequence[tuple[UUID, Lead | None, Values]], told: Any) -> list[Wanted]:
    wanted, problems = link_owners(session, rows)
    for number, why in problems.items():
        told(number, why)
    return wanted


def _refused(_number: int, why: str, place: str = "") -> None:
    _refuse({f"{place}owner": why})


def _refuse(problems: Problems) -> None:
    if problems:
        why = " ".join(dict.fromkeys(problems.values()))[:2_000]
        raise DomainError(why, code="invalid", details=problems)


def _given(lead: Lead, owners: Mapping[UUID | None, Any]) -> Given:
    owner = owners[lead.owner_id].email if lead.owner_id in owners else ""
    return Given(lead_texts({name: getattr(lead, name) for name in COLUMNS}, owner), dict(lead.attributes))


def _lock(session: Session) -> None:
    lock_key(session, "leads", company_of(session))


def _free(session: Session, identifier: str, lead_id: UUID | None) -> None:
    taken = session.scalar(select(Lead.id).where(Lead.identifier == identifier))
    if taken and taken != lead_id:
        why = "Another lead has this id."
        raise DomainError(why, code="taken", details={"lead_id": why})


def _held(session: Session, lead_id: UUID) -> Lead:
    return _known(session.scalar(select(Lead).where(Lead.id == lead_id).with_for_update()))


def _known(lead: Lead | None) -> Lead:
    if lead is None:
        raise NotFound("There is no such lead.", details={"lead_id": "unknown"})
    return lead
