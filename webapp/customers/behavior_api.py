"""The calls about what customers do: tracked, and read back."""

from __future__ import annotations

from typing import Any

from flask import request

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.services import services
from webapp.customers.apis import behavior_api
from webapp.customers.behavior_schemas import (
    EventOut,
    EventsIn,
    EventsTrackedOut,
    HistoryOut,
    HistoryQuery,
    TrackedOut,
    TrackIn,
    UserPath,
)
from webapp.customers.clients import service, tracker
from webapp.customers.history import history_of
from webapp.customers.models import Event

Out = dict[str, Any]


@behavior_api.post("/track", responses={202: TrackedOut, **errors(422)}, summary="Track an event")
@requires(Permission.CUSTOMERS_WRITE)
def track(body: TrackIn) -> tuple[Out, int]:
    """Write down what a customer did; `tracked: false` with the reason where it must not be."""
    who = in_company(body.company_hq_id)
    told = tracker().track(db.session(), who, service(), [body.done], asked_not_to=_asked_not_to())[0]
    return _out(told), 202


@behavior_api.post(
    "/track/batch", responses={202: EventsTrackedOut, **errors(422)}, summary="Track many events"
)
@requires(Permission.CUSTOMERS_WRITE)
def track_batch(body: EventsIn) -> tuple[Out, int]:
    """Write down up to a thousand events in one go; one that cannot be right refuses all, named."""
    who = in_company(body.company_hq_id)
    events = [one.done for one in body.events]
    told = tracker().track(db.session(), who, service(), events, asked_not_to=_asked_not_to())
    written = sum(one.tracked and not one.duplicate for one in told)
    return {
        "tracked": written,
        "duplicates": sum(one.duplicate for one in told),
        "refused": sum(not one.tracked for one in told),
        "results": [_out(one) for one in told],
    }, 202


@behavior_api.get("/<string:user_id>/history", responses={200: HistoryOut}, summary="Read a history")
@requires(Permission.CUSTOMERS_READ)
def history(path: UserPath, query: HistoryQuery) -> Out:
    """Answer what a customer did, the newest first; of views and searches only the newest."""
    in_company(query.company_hq_id)
    settings = services().settings
    rows, following = history_of(db.session(), path.user_id, query, settings.browsing_history_limit)
    return {"user_id": path.user_id, "items": [_event(row) for row in rows], "next": following}


def _asked_not_to() -> bool:
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def _out(told: Any) -> Out:
    return {"tracked": told.tracked, "reason": told.reason, "duplicate": told.duplicate}


def _event(row: Event) -> Out:
    return EventOut(
        event_id=None if row.identifier.startswith("~") else row.identifier,
        event_type=row.kind,
        timestamp=row.at,
        product_id=row.item,
        query=row.query,
        value=row.value,
        currency=row.currency,
        session_id=row.session,
        properties=row.properties,
    ).model_dump(mode="json")
