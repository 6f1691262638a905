"""The pages of what is kept for how long, and of who looked at whom; and the note of each look."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, request
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from webapp.accounts.companies import current_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.forms import Form
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.list_pages import add_list_routes, views_of
from webapp.core.looking import looked_upon
from webapp.core.services import services
from webapp.core.told_settings import told_settings
from webapp.people.persons import persons_by_id
from webapp.privacy.ages import LONGEST, Age, ages, change_ages, with_oldest
from webapp.privacy.looks import LOOK_DESK, LOOKS, SUBJECTS, lookers, note_look

pages = Blueprint("keeping", __name__, url_prefix="/privacy")
looks = Blueprint("looks", __name__, url_prefix="/privacy/looks")
add_list_routes(looks, LOOK_DESK)
# What decides how much is collected and sent at all, as the instance was told it.
SPARING = (
    *("GDPR_COMPLIANT", "RESPECT_DO_NOT_TRACK", "ALLOW_OPT_OUT", "ENABLE_BEHAVIORAL_TRACKING"),
    *("TRACK_BROWSING_HISTORY", "BROWSING_HISTORY_LIMIT", "JOB_DAYS", "LLM_TEXT_DAYS", "IMPORT_KEEP"),
)
REFUSED = 400  # answers from here on showed nobody


@pages.after_app_request
def _noted(answer: Response) -> Response:
    """Write down that somebody of the staff was shown a person."""
    who = g.get("actor")
    if who is None or not who.staff_id or not who.company_id or answer.status_code >= REFUSED:
        return answer
    asked, session, now = request.view_args or {}, db.session(), services().clock.now()
    shown = [(name, asked[name]) for name in SUBJECTS if name in asked]
    shown += [("person_id", one) for one in looked_upon()]
    for name, row_id in shown:
        if isinstance(row_id, UUID):
            note_look(session, who.staff_id, request.endpoint or "", name, row_id, now)
    return answer


class RetentionForm(Form):
    """A number of days for each kind of data; the fields are those of the kinds there are."""

    @classmethod
    def over(cls, found: list[Age], **given: Any) -> RetentionForm:
        """The form for these kinds."""
        right = NumberRange(1, LONGEST, f"Write days from 1 to {LONGEST:,}, or nothing to keep it for good.")
        fields = {
            one.kept.name: IntegerField(one.kept.label, [Optional(), right])
            for one in found
            if not one.kept.own
        }
        form: RetentionForm = type("RetentionForm", (cls,), fields)(**given)
        return form


@pages.get("/retention")
@requires(Permission.PRIVACY_READ)
def retention() -> Response:
    found = ages(db.session())
    said = {one.kept.name: one.days for one in found}
    return _page(RetentionForm.over(found, formdata=None, data=said), found, 200)


@pages.post("/retention")
@requires(Permission.PRIVACY_MANAGE)
def save_retention() -> Response:
    session = db.session()
    found = ages(session)
    form = RetentionForm.over(found)
    if not form.validate():
        return _page(form, found, 422)
    wanted = {one.kept.name: form[one.kept.name].data for one in found if not one.kept.own}
    try:
        changed = change_ages(session, actor(), wanted, services().auditor)
    except DomainError as error:
        for name, message in error.details.items():
            form[name].errors = [message]
        return _page(form, found, error.status)
    flash("The ages are saved. The next purge follows them." if changed else "Nothing was changed.")
    return go("keeping.retention")


def _page(form: RetentionForm, found: list[Age], status: int) -> Response:
    session, made = db.session(), services()
    line = next(one for one in made.scheduler.lines(session) if one.schedule.name == "privacy.purge")
    return render(
        "privacy/retention.html",
        None,
        status,
        form=form,
        ages=with_oldest(session, found),
        now=made.clock.now(),
        line=line,
        lawful=made.settings.gdpr_compliant,
        policy=current_company(session).consent_policy,
        told=[one for one in told_settings(made.settings) if one.name in SPARING],
    )


@looks.get("", endpoint="index")
@requires(Permission.PRIVACY_READ)
def all_looks() -> Response:
    session = db.session()
    page = LOOKS.page(session, request.args)
    return render(
        "privacy/looks.html",
        "list",
        page=page,
        persons=persons_by_id(session, [row.person_id for row in page.rows if row.person_id]),
        staff=lookers(session),
        narrowed=bool(request.args.get("staff") or request.args.get("user_id")),
        views=views_of(LOOK_DESK),
    )
