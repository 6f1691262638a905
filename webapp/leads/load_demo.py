"""Loads the demo company's salespeople and leads, set by set: it runs at the first start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.accounts.models import Membership, Staff
from webapp.core.access import Actor, Role
from webapp.core.clock import Clock
from webapp.core.db import company_of, new_id, unit
from webapp.core.folded import keys_of
from webapp.leads import demo
from webapp.leads.load_demo_results import load_leads_demo_results
from webapp.leads.models import Activity, Lead, LeadFact, StageChange
from webapp.leads.storing import UNSCORED

NO_PASSWORD = ""  # nobody signs in with it: no password's hash is empty
Rows = list[dict[str, Any]]


def load_leads_demo(session: Session, actor: Actor, clock: Clock) -> None:
    """Fill the session's company, in one unit."""
    found = demo.leads(clock.now().astimezone(zone_of(session)))
    with unit(session):
        staff = _staff(session, clock)
        ids = {one.identifier: new_id() for one in found}
        _insert(session, Lead, [_lead(one, ids[one.identifier], staff) for one in found])
        _insert(session, StageChange, _steps(found, ids))
        _insert(session, Activity, _activities(found, ids))
        _insert(session, LeadFact, _facts(found, ids))
    load_leads_demo_results(session, actor, clock, list(staff.values()))


def clear_leads_demo(session: Session) -> None:
    """Remove the demo's salespeople, in the caller's unit that serves every company.

    Whoever was given a role in another company meanwhile stays.
    """
    ours = Staff.email.in_([one.email for one in demo.SELLERS])
    belongs = exists(select(Membership.id).where(Membership.staff_id == Staff.id))
    session.execute(delete(Staff).where(ours, ~belongs), execution_options={"synchronize_session": False})


def _staff(session: Session, clock: Clock) -> Mapping[str, UUID]:
    """The salespeople by address: accounts nobody can sign in with until they get a password."""
    emails = [one.email for one in demo.SELLERS]
    known = {one.email: one.id for one in session.scalars(select(Staff).where(Staff.email.in_(emails)))}
    for one in demo.SELLERS:
        if one.email not in known:
            made = Staff(
                id=new_id(),
                email=one.email,
                name=one.name,
                password_hash=NO_PASSWORD,
                created_at=clock.now(),
            )
            session.add(made)
            known[one.email] = made.id
    session.flush()
    session.add_all(
        Membership(staff_id=staff_id, role=Role.EDITOR, created_at=clock.now()) for staff_id in known.values()
    )
    session.flush()
    return known


def _lead(one: demo.DemoLead, row_id: UUID, staff: Mapping[str, UUID]) -> dict[str, Any]:
    stage, since = one.steps[-1]
    last = max([since, *(at for _, at, _ in one.activities)])
    return {
        **UNSCORED,
        "id": row_id,
        "identifier": one.identifier,
        "name": one.name,
        "email": one.email,
        "source": one.source,
        "value_minor": one.value_minor,
        "currency": demo.CURRENCY,
        "stage": stage,
        "owner_id": staff.get(one.owner),
        "closer_id": staff.get(one.owner) if stage.closed else None,
        "opened_at": one.opened_at,
        "stage_changed_at": since,
        "closed_at": since if stage.closed else None,
        "attributes": dict(sorted(one.attributes.items())),
        "version": 1,
        "created_at": one.opened_at,
        "updated_at": last,
    }


def _steps(leads: Iterable[demo.DemoLead], ids: Mapping[str, UUID]) -> Rows:
    return [
        {"lead_id": ids[one.identifier], "stage": stage, "at": at, "by": _by(one)}
        for one in leads
        for stage, at in one.steps
    ]


def _activities(leads: Iterable[demo.DemoLead], ids: Mapping[str, UUID]) -> Rows:
    return [
        {
            "identifier": f"{one.identifier}-{number:02}",
            "lead_id": ids[one.identifier],
            "kind": kind,
            "at": at,
            "note": note,
            "by": _by(one) if kind in {"call", "meeting", "note"} else "",
            "created_at": at,
        }
        for one in leads
        for number, (kind, at, note) in enumerate(one.activities, start=1)
    ]


def _facts(leads: Iterable[demo.DemoLead], ids: Mapping[str, UUID]) -> Rows:
    return [
        {
            "lead_id": ids[one.identifier],
            "name": name,
            "before": {"value": before},
            "after": {"value": after},
            "at": at,
        }
        for one in leads
        for name, before, after, at in one.facts
    ]


def _by(one: demo.DemoLead) -> str:
    return next((seller.name for seller in demo.SELLERS if seller.email == one.owner), "")


def _insert(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows past the mapper, with the keys that lists sort by."""
    company_id = company_of(session)
    made = [{"id": new_id(), "company_id": company_id, **row, **keys_of(model, row)} for row in rows]
    session.connection().execute(insert(model.__table__), made)
