"""The page of the audit log, and its CSV."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, request, stream_with_context, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from webapp.accounts.audit_list import ENTRIES, actors, csv_lines, lines, narrowing
from webapp.accounts.companies import current_company
from webapp.accounts.confirm import confirmed
from webapp.core.access import Permission, requires
from webapp.core.audit import AuditAction
from webapp.core.db import db, unit
from webapp.core.guard import actor
from webapp.core.htmx import render
from webapp.core.services import services

pages = Blueprint("audit", __name__, url_prefix="/admin")
WHERE = {
    "company": ("accounts.company", None),
    "staff": ("team.show", "staff_id"),
    "job": ("jobs.show", "job_id"),
    "persona": ("personas.show", "persona_id"),
    "product": ("products.show", "product_id"),
    "contact": ("contacts.show", "contact_id"),
    "apitoken": ("tokens.index", None),
    "invitation": ("team.index", None),
}
NAMES = {
    "apitoken": "API token",
    "staffsession": "sign-in",
    "personadraft": "persona draft",
    "productfit": "product fit",
    "llmlimit": "daily limit",
    "llmwording": "wording",
}


@pages.get("/audit")
@requires(Permission.AUDIT_READ)
def index() -> Response:
    session = db.session()
    more = narrowing(request.args, services().zone(session))
    page = ENTRIES.page(session, request.args, *more)
    return render(
        "accounts/audit.html",
        "list",
        page=page,
        lines=lines(session, page.rows),
        actors=actors(session),
        narrowed=page.narrowed or bool(more),
        where=_where,
        named=lambda word: NAMES.get(word, word),
    )


@pages.get("/audit.csv")
@requires(Permission.AUDIT_READ)
@confirmed
def export() -> Response:
    session = db.session()
    criteria = (*ENTRIES.criteria(request.args), *narrowing(request.args, services().zone(session)))
    with unit(session):
        company = current_company(session)
        services().auditor.record(session, actor(), AuditAction.AUDIT_EXPORTED, company)
    answer = FlaskResponse(
        stream_with_context(csv_lines(session, criteria)), mimetype="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{company.key}.csv"'
    return answer


def _where(subject: str, subject_id: object, action: str) -> str | None:
    """The address of an entry's subject, when there is a page for it and it may still be there."""
    endpoint, name = WHERE.get(subject, ("", None))
    if endpoint not in current_app.view_functions or (name and not subject_id) or action.endswith("deleted"):
        return None
    values: dict[str, Any] = {name: subject_id} if name else {}
    return url_for(endpoint, **values)
