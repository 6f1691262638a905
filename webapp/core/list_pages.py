"""The routes that any list gets from its desk: files, deeds on many rows, views under a name."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from webapp.core.access import requires
from webapp.core.audit import AuditAction
from webapp.core.db import db, unit
from webapp.core.errors import DomainError, NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, go_to, render
from webapp.core.list_desk import MOST_AT_ONCE, ListDesk
from webapp.core.saved_views import SavedView, Views
from webapp.core.services import services

MOST_MARKED = 200  # rows of one page


def add_list_routes(pages: Blueprint, desk: ListDesk) -> None:
    """Give the area's blueprint the desk's routes, under the list's own address."""

    @pages.get("/export", endpoint="export")
    @requires(desk.read)
    def export() -> Response:
        return _file(desk, request.args.to_dict(), request.args.get("format", ""))

    @pages.post("/selected", endpoint="selected")
    @requires(desk.write)
    def selected() -> Response:
        return _selected(desk)

    @pages.post("/views", endpoint="save_view")
    @requires(desk.read)
    def save_view() -> Response:
        return _view_deed(desk, None)

    @pages.post("/views/<uuid:view_id>", endpoint="change_view")
    @requires(desk.read)
    def change_view(view_id: UUID) -> Response:
        return _view_deed(desk, view_id)


def views_of(desk: ListDesk) -> list[SavedView]:
    """The views that whoever asks keeps of this list."""
    staff_id = actor().staff_id
    return Views(desk.name, staff_id).all(db.session()) if staff_id else []


def _file(desk: ListDesk, args: Mapping[str, str], form: str, ids: tuple[UUID, ...] = ()) -> Response:
    """All rows of the address as a file, sent while it is read; the trail says who took it."""
    company_id = actor().company_id
    assert company_id is not None
    with unit(db.session()) as session:
        services().auditor.record(session, actor(), AuditAction.LIST_EXPORTED, desk, reason=desk.name)
    rows = desk.rows(db.engine, company_id, args, ids)
    kind, parts = ("json", desk.as_json(rows)) if form == "json" else ("csv", desk.as_csv(rows))
    answer = FlaskResponse(parts, mimetype={"json": "application/json", "csv": "text/csv"}[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{desk.name}.{kind}"'
    return answer


def _selected(desk: ListDesk) -> Response:
    """Do what was asked to the marked rows, or to all that match. Deleting is asked for twice."""
    query = request.form.get("query", "")
    args, everything = dict(parse_qsl(query)), request.form.get("all") == "1"
    ids = () if everything else tuple(_ids(request.form.getlist("row")))
    if not everything and not ids:
        flash("Nothing was marked.", "bad")
        return _list(desk, query)
    if request.form.get("deed") == "export":
        return _file(desk, args, "", ids)
    if desk.deleted is None or request.form.get("deed") != "delete":
        raise NotFound("There is no such deed.")
    count = desk.listing.count(db.session(), args) if everything else len(ids)
    if request.form.get("sure") != "1":
        return render("lists/sure.html", None, 200, desk=desk, count=count, ids=ids, query=query)
    if count > MOST_AT_ONCE:
        job = desk.start_deleting(db.session(), actor(), args, services().starter)
        return go("jobs.show", job_id=job.id)
    chosen = ids or tuple(row.id for row in db.session().scalars(desk.listing.matching(args)))
    gone = desk.delete(db.session(), actor(), chosen, services().auditor)
    flash(f"{gone} {desk.noun if gone == 1 else desk.name} deleted.")
    return _list(desk, "")


def _view_deed(desk: ListDesk, view_id: UUID | None) -> Response:
    staff_id, query = actor().staff_id, request.form.get("query", "")
    if staff_id is None:
        raise DomainError("Views belong to people; this is a token.")
    views, session, auditor = Views(desk.name, staff_id), db.session(), services().auditor
    name = request.form.get("name", "")
    try:
        if view_id is None:
            views.save(session, actor(), name, query, services().clock, auditor)
        elif request.form.get("deed") == "delete":
            views.delete(session, actor(), view_id, auditor)
        else:
            views.rename(session, actor(), view_id, name, auditor)
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
    return _list(desk, query)


def _list(desk: ListDesk, query: str) -> Response:
    path = url_for(desk.endpoint)
    return go_to(f"{path}?{query}" if query else path)


def _ids(words: list[str]) -> list[UUID]:
    try:
        return [UUID(word) for word in words[:MOST_MARKED]]
    except ValueError:
        raise NotFound("There is no such row.") from None
