"""Loads the demo company's shop and customers, set by set, and trains its recommender: at the first start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company
from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import after_commit, company_of, new_id, scope_to, unit
from webapp.core.folded import keys_of
from webapp.core.services import services
from webapp.customers import demo, demo_catalog
from webapp.customers.model_files import files_in
from webapp.customers.models import CatalogItem, Consent, ContentBlock, Event, Offer, Preference
from webapp.customers.rules.preferring import PURPOSES
from webapp.customers.training import start_training
from webapp.people.models import Person

SHOP = "The shop"  # who recorded the consents
WORDING = "1"
Rows = list[dict[str, Any]]


def load_customers_demo(session: Session, actor: Actor, clock: Clock) -> None:
    """Fill the session's company, in one unit, then train on it. All its persons are customers."""
    now = clock.now()
    with unit(session):
        people = session.execute(select(Person.id, Person.identifier, Person.language, Person.timezone))
        ids, customers = dict[str, UUID](), list[demo.DemoCustomer]()
        for row in sorted(people, key=lambda row: row.identifier):
            ids[row.identifier] = row.id
            customers.append(demo.customer(row.identifier, row.language, row.timezone))
        _insert(session, CatalogItem, _items(now))
        _insert(session, Offer, _offers(now))
        _insert(session, ContentBlock, _blocks(now))
        said = [(one, now - timedelta(days=one.since + 1)) for one in customers]
        _insert(session, Preference, [_preference(one, ids, at) for one, at in said if _says(one)])
        _insert(session, Consent, [row for one, at in said for row in _consents(one, ids, at)])
        _insert(session, Event, _events(demo.history(customers, now), ids, now))
    _train(session, actor)


def clear_customers_demo(session: Session) -> None:
    """Remove the recommenders of companies that are gone, after the caller's unit, which serves all."""
    files = files_in(services().settings.instance)
    gone = set(files.companies()) - set(session.scalars(select(Company.id)))
    for company_id in gone:
        after_commit(session, partial(files.remove, company_id))


def _train(session: Session, actor: Actor) -> None:
    """Train as a worker would, here and now; nobody else is told of the job."""
    made, company_id = services(), company_of(session)
    quiet = replace(made.starter, ring=lambda *_: None)
    job_id = start_training(session, actor, quiet).id
    session.commit()
    made.runner.run(job_id)
    session.rollback()
    scope_to(session, company_id)


def _items(now: datetime) -> Rows:
    at = now - timedelta(days=demo.DAYS + 20)
    return [
        {
            "identifier": one.identifier,
            "title": one.title,
            "category": one.category,
            "price_minor": one.price_minor,
            "currency": demo_catalog.CURRENCY,
            "available": one.available,
            "attributes": {},
            **_kept(at + timedelta(minutes=place)),
        }
        for place, one in enumerate(demo_catalog.items())
    ]


def _offers(now: datetime) -> Rows:
    found = Rows()
    for one in demo_catalog.OFFERS:
        begins, ends = one.span
        found.append(
            {
                "identifier": one.identifier,
                "title": one.title,
                "body": one.body,
                "audience": one.audience,
                "starts_at": now + begins,
                "ends_at": now + ends if ends else None,
                "cap": one.cap,
                "given": 0,
                "priority": one.priority,
                **_kept(now + min(begins, timedelta(days=-1))),
            }
        )
    return found


def _blocks(now: datetime) -> Rows:
    return [
        {
            "name": one.name,
            "slot": one.slot,
            "body": one.body,
            "audience": one.audience,
            "fallbacks": one.fallbacks,
            "starts_at": None,
            "ends_at": None,
            "priority": one.priority,
            "active": True,
            **_kept(now - timedelta(days=30, minutes=place)),
        }
        for place, one in enumerate(demo_catalog.BLOCKS)
    ]


def _says(one: demo.DemoCustomer) -> bool:
    return one.tracking is not None


def _preference(one: demo.DemoCustomer, ids: Mapping[str, UUID], at: datetime) -> dict[str, Any]:
    return {
        "person_id": ids[one.user_id],
        "language": one.language,
        "currency": demo_catalog.CURRENCY,
        "timezone": one.zone,
        **_said(one),
        **_kept(at),
    }


def _said(one: demo.DemoCustomer) -> dict[str, bool | None]:
    return {"tracking_enabled": one.tracking, "email": one.email, "marketing": one.marketing}


def _consents(one: demo.DemoCustomer, ids: Mapping[str, UUID], at: datetime) -> Rows:
    if not _says(one):
        return []
    return [
        {
            "person_id": ids[one.user_id],
            "purpose": PURPOSES[name],
            "granted": granted,
            "at": at,
            "by": SHOP,
            "wording": WORDING,
        }
        for name, granted in _said(one).items()
        if granted is not None
    ]


def _events(events: Sequence[demo.DemoEvent], ids: Mapping[str, UUID], now: datetime) -> Rows:
    return [
        {
            "identifier": one.identifier,
            "person_id": ids[one.user_id],
            "kind": one.kind,
            "at": one.at,
            "item": one.item,
            "query": one.query,
            "value": one.value,
            "currency": one.currency,
            "session": one.session,
            "properties": {},
            "received_at": min(now, one.at + timedelta(seconds=1)),
        }
        for one in events
    ]


def _kept(at: datetime) -> dict[str, Any]:
    return {"version": 1, "created_at": at, "updated_at": at}


def _insert(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows past the mapper, with the keys that lists sort by."""
    company_id = company_of(session)
    made = [{"id": new_id(), "company_id": company_id, **row, **keys_of(model, row)} for row in rows]
    if made:
        session.connection().execute(insert(model.__table__), made)
