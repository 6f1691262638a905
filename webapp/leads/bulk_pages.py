"""The page that changes many leads at once: who gets them, where they stand; shown before it is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, go_to, render
from webapp.core.list_pages import MOST_MARKED
from webapp.core.record_forms import clients
from webapp.core.text import plural
from webapp.leads.blueprint import leads
from webapp.leads.facts import Stage
from webapp.leads.forms import KEEP, ManyForm, owner_choices
from webapp.leads.leads import LEADS, MOST_AT_ONCE, change_many
from webapp.leads.models import Lead
from webapp.leads.owners import owners_by_id, sellers


@leads.post("/many")
@requires(Permission.LEADS_WRITE)
def many() -> Response:
    """Show what the leads that were marked, or all that match, are now and may become; or save it."""
    ids = _chosen()
    if not ids:
        flash("Nothing was marked.", "bad")
        return _list()
    if len(ids) > MOST_AT_ONCE:
        flash(f"Change {MOST_AT_ONCE:,} leads at most in one go. Narrow the list first.", "bad")
        return _list()
    form = ManyForm()
    if request.form.get("do") != "save":
        return _page(ManyForm(formdata=None), ids, 200)
    if not form.validate() or not form.given.texts:
        if not form.errors:
            put_error(form, None, "Nothing would change: choose an owner or a stage.")
        return _page(form, ids, 422)
    try:
        changed = change_many(db.session(), actor(), ids, form.given, **clients())
    except DomainError as error:
        put_error(form, None, error.message)
        return _page(form, ids, error.status)
    flash(f"{plural(changed, 'lead')} changed.")
    return _list()


def _chosen() -> list[UUID]:
    """The marked rows; or all that the list's address matches."""
    if request.form.get("all") == "1":
        args = dict(parse_qsl(request.form.get("query", "")))
        matching = LEADS.matching(args).with_only_columns(Lead.id).limit(MOST_AT_ONCE + 1)
        return list(db.session().scalars(matching))
    try:
        return [UUID(word) for word in request.form.getlist("row")[:MOST_MARKED]]
    except ValueError:
        return []


def _list() -> Response:
    query = request.form.get("query", "")
    return go_to(f"{url_for('leads.index')}?{query}") if query else go("leads.index")


def _page(form: ManyForm, ids: Sequence[UUID], status: int) -> Response:
    session = db.session()
    rows = session.execute(select(Lead.stage, Lead.owner_id).where(Lead.id.in_(ids))).all()
    owners = owners_by_id(session, {row.owner_id for row in rows})
    whose = Counter(owners[row.owner_id].name if row.owner_id in owners else "Nobody" for row in rows)
    form.owner.choices = [SelectChoice(KEEP, "Leave the owner"), *owner_choices(sellers(session))]
    everything = request.form.get("all") == "1"
    return render(
        "leads/many.html",
        None,
        status,
        form=form,
        ids=() if everything else ids,
        query=request.form.get("query", ""),
        count=len(rows),
        now=Counter(row.stage for row in rows),
        whose=whose.most_common(),
        stages=tuple(Stage),
    )
