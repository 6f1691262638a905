"""Loads the demo company's members, nights and requests, set by set: it runs at the first start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.archetypes import demo
from webapp.archetypes.load_demo_results import load_demo_results
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.reading import ratio_ppm
from webapp.archetypes.touching import touch_members
from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import company_of, new_id, unit
from webapp.core.folded import keys_of
from webapp.people.models import Person

Ids = Mapping[str, UUID]


def load_archetypes_demo(session: Session, actor: Actor, clock: Clock) -> None:
    """Fill the session's company, in one unit. Whoever is a learner already is not made again."""
    del actor  # the demo's own audit row says who loaded it
    now = clock.now().astimezone(zone_of(session))
    with unit(session):
        persons = _persons(session, now)
        nights = _nights(session, now)
        rows = [_request(one, persons, nights) for one in demo.requests(now)]
        _insert(session, MemberRequest, [new_id() for _ in rows], rows)
        touch_members(session, persons.values())
    load_demo_results(session, clock, {persons[one.identifier]: one.true for one in demo.members()})


def _persons(session: Session, now: datetime) -> Ids:
    """The demo's members by their made-up ids: first whoever is in the company already, then new persons."""
    every = demo.members()
    known = {row.identifier: row.id for row in session.execute(select(Person.identifier, Person.id))}
    ids = {one.identifier: known.pop(one.identifier) for one in every if one.identifier in known}
    others = [one for one in every if one.identifier not in ids]
    there = [row_id for _, row_id in sorted(known.items())]
    ids |= {one.identifier: row_id for one, row_id in zip(others, there, strict=False)}
    fresh = {one.identifier: (new_id(), one) for one in others[len(there) :]}
    joined = now - timedelta(days=demo.DAYS + 30)
    rows = [
        {
            "identifier": one.identifier,
            "name": one.name,
            "email": one.email,
            "language": "",
            "timezone": "",
            **_dated(joined + timedelta(minutes=place)),
        }
        for place, (_, one) in enumerate(fresh.values())
    ]
    _insert(session, Person, [row_id for row_id, _ in fresh.values()], rows)
    return {**ids, **{name: row_id for name, (row_id, _) in fresh.items()}}


def _nights(session: Session, now: datetime) -> Ids:
    every = demo.nights(now.date())
    ids = {one.identifier: new_id() for one in every}
    rows = [
        {
            "identifier": one.identifier,
            "date": one.date,
            "base_minor": one.base_minor,
            "currency": demo.CURRENCY,
            "demand_ppm": one.demand_ppm,
            **_dated(now - timedelta(days=20)),
        }
        for one in every
    ]
    _insert(session, Night, list(ids.values()), rows)
    return ids


def _request(one: demo.DemoRequest, persons: Ids, nights: Ids) -> dict[str, Any]:
    answered = one.answered_at
    return {
        "identifier": one.identifier,
        "requester_id": persons[one.requester],
        "responder_id": persons.get(one.responder),
        "night_id": nights.get(one.night),
        "kind": one.kind,
        "asked_at": one.asked_at,
        "days_until_checkin": one.days_until_checkin,
        "base_minor": one.base_minor,
        "offered_minor": one.offered_minor,
        "currency": demo.CURRENCY,
        "status": one.status,
        "decline_reason": one.decline_reason,
        "answered_at": answered,
        "paid_ppm": ratio_ppm(one.offered_minor, one.base_minor),
        "answer_seconds": int((answered - one.asked_at).total_seconds()) if answered else None,
        **_dated(one.asked_at),
    }


def _dated(at: datetime) -> dict[str, datetime]:
    return {"created_at": at, "updated_at": at}


def _insert(
    session: Session, model: type[Any], ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows past the mapper, with the keys that lists sort by."""
    common = {"company_id": company_of(session), "version": 1}
    made = [
        {**common, **row, **keys_of(model, row), "id": row_id} for row_id, row in zip(ids, rows, strict=True)
    ]
    if made:
        session.connection().execute(insert(model.__table__), made)
