"""The calls of the preference centre."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import jsonify, make_response
from werkzeug.wrappers import Response

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.errors import Conflict, DomainError
from webapp.core.services import services
from webapp.core.wire import CompanyQuery, ListQuery
from webapp.customers.apis import preferences_api
from webapp.customers.behavior_schemas import UserPath
from webapp.customers.consents import history_of
from webapp.customers.preference_schemas import (
    ConsentOut,
    ConsentsOut,
    CustomerPreferencesIn,
    CustomerPreferencesOut,
    IfMatch,
)
from webapp.customers.preferences import Effective, effective, preferring
from webapp.customers.service import service_of
from webapp.people.known import person_id_of

CHANGED = errors(410, 412, 422)


@preferences_api.get("/<string:user_id>", responses={200: CustomerPreferencesOut}, summary="Read preferences")
@requires(Permission.CUSTOMERS_READ)
def read_preferences(path: UserPath, query: CompanyQuery) -> Response:
    """Answer what counts for the customer, the defaults for a stranger; nothing is written."""
    in_company(query.company_hq_id)
    session = db.session()
    service = service_of(session, services().settings)
    return _told(path.user_id, effective(session, service, person_id_of(session, path.user_id)))


@preferences_api.put(
    "/<string:user_id>", responses={200: CustomerPreferencesOut, **CHANGED}, summary="Change preferences"
)
@requires(Permission.CUSTOMERS_WRITE)
def change_preferences(
    header: IfMatch, path: UserPath, query: CompanyQuery, body: CustomerPreferencesIn
) -> Response:
    """Merge what is given into what was said, and answer all of it. With `If-Match` only as it was read.

    Each consent that changes is recorded. With ALLOW_OPT_OUT off the privacy switches answer 403, except
    that, under GDPR_COMPLIANT, a consent that was given can be withdrawn, and given where it is asked first.
    """
    who = in_company(body.company_hq_id or query.company_hq_id)
    session, seen = db.session(), header.versions
    deeds = preferring(session, services())
    return _told(
        path.user_id,
        _unless_stale(
            lambda: deeds.change(session, who, path.user_id, body.said(), versions=seen, by_api=True)
        ),
    )


@preferences_api.post(
    "/<string:user_id>/reset", responses={200: CustomerPreferencesOut, **CHANGED}, summary="Reset preferences"
)
@requires(Permission.CUSTOMERS_WRITE)
def reset_preferences(header: IfMatch, path: UserPath, query: CompanyQuery) -> Response:
    """Take back all the customer said, and answer the defaults that count from now on."""
    who = in_company(query.company_hq_id)
    session, seen = db.session(), header.versions
    deeds = preferring(session, services())
    return _told(
        path.user_id,
        _unless_stale(lambda: deeds.reset(session, who, path.user_id, versions=seen, by_api=True)),
    )


@preferences_api.get(
    "/<string:user_id>/consents", responses={200: ConsentsOut}, summary="Read the consent history"
)
@requires(Permission.CUSTOMERS_READ)
def read_consents(path: UserPath, query: ListQuery) -> dict[str, Any]:
    """Answer each change of a consent of the customer, the newest first."""
    in_company(query.company_hq_id)
    person_id = person_id_of(db.session(), path.user_id)
    rows, following = (
        history_of(db.session(), person_id, query.limit, query.cursor) if person_id else ([], None)
    )
    items = [ConsentOut.of(row).model_dump(mode="json") for row in rows]
    return {"items": items, "next": following}


def _unless_stale(deed: Callable[[], Effective]) -> Effective:
    """What was read and is no more fails its precondition."""
    try:
        return deed()
    except Conflict as error:
        why = f"{error.message} Read them again, and send the change with the new ETag."
        raise DomainError(why, code="stale", status=412, details=error.details) from None


def _told(user_id: str, now: Effective) -> Response:
    answer = make_response(
        jsonify(CustomerPreferencesOut.of(user_id, now).model_dump(mode="json", by_alias=True))
    )
    answer.set_etag(str(now.version))
    return answer
