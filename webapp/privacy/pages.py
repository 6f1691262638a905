"""The pages of privacy requests: all of them, a new one, one with its report, its file, and the erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request, send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.accounts.companies import current_company
from webapp.accounts.confirm import confirmed
from webapp.core.access import Actor, Permission, requires
from webapp.core.area import Attention, PersonPart
from webapp.core.db import db
from webapp.core.errors import DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.models import Job
from webapp.core.jobs.views import view_of
from webapp.core.services import services
from webapp.core.tables import Column, Filter, Listing
from webapp.people.models import Person
from webapp.privacy.finding import digests_of, subject_of
from webapp.privacy.forms import AskForm, ConfirmErasureForm, RejectForm
from webapp.privacy.models import WAITING, PrivacyRequest, RequestKind
from webapp.privacy.requests import Requests, find_request, jobs_of, standing
from webapp.privacy.telling import counts_of, parts_of
from webapp.privacy.work import KINDS, folder

pages = Blueprint("privacy", __name__, url_prefix="/privacy")
REQUESTS = Listing(
    PrivacyRequest,
    columns=(Column("due", PrivacyRequest.due_at), Column("asked", PrivacyRequest.asked_at)),
    filters=(
        Filter("kind", PrivacyRequest.kind, "Kind"),
        Filter("state", PrivacyRequest.state, "State"),
    ),
    default_sort="-asked",
)
MOST_ATTENTION = 5


def deeds() -> Requests:
    """The deeds on requests, with this application's clients."""
    made = services()
    return Requests(made.clock, made.auditor, made.starter, KINDS)


@pages.get("")
@requires(Permission.PRIVACY_READ)
def index() -> Response:
    session = db.session()
    page = REQUESTS.page(session, request.args)
    jobs = jobs_of(session, page.rows)
    return render(
        "privacy/index.html",
        "list",
        page=page,
        states={one.id: standing(one, jobs.get(one.job_id) if one.job_id else None) for one in page.rows},
        now=services().clock.now(),
        **_policy(session),
    )


@pages.get("/new")
@requires(Permission.PRIVACY_MANAGE)
def new() -> Response:
    kind = request.args.get("kind", "")
    data = {"user_id": request.args.get("user_id", "")[:254].replace("\0", "")}
    data["kind"] = kind if kind in {one.value for one in RequestKind} else RequestKind.EXPORT.value
    return _new(AskForm(formdata=None, data=data), 200)


@pages.post("")
@requires(Permission.PRIVACY_MANAGE)
@confirmed
def ask() -> Response:
    """Write the request down; an export begins at once, an erasure is confirmed on the next page."""
    form, session = AskForm(), db.session()
    if not form.validate():
        return _new(form, 422)
    kind = RequestKind(form.kind.data)
    try:
        found = deeds().ask(session, actor(), kind, form.user_id.data or "", form.note.data or "")
        if kind is RequestKind.EXPORT:
            deeds().start(session, actor(), found.id)
    except DomainError as error:
        for name, why in error.details.items() or [("", error.message)]:
            put_error(form, name if name in form else None, why if name == "note" else error.message)
        return _new(form, error.status)
    if kind is RequestKind.ERASE:
        return go("privacy.erasure", request_id=found.id)
    flash("The export is being made.")
    return go("privacy.show", request_id=found.id)


@pages.get("/<uuid:request_id>")
@requires(Permission.PRIVACY_READ)
def show(request_id: UUID) -> Response:
    return _shown(request_id, RejectForm(formdata=None), 200)


@pages.post("/<uuid:request_id>/start")
@requires(Permission.PRIVACY_MANAGE)
@confirmed
def start(request_id: UUID) -> Response:
    """Begin an export, also once more, or finish an erasure; one to be confirmed goes by its own page."""
    found = find_request(db.session(), request_id)
    if found.kind is RequestKind.ERASE and found.known_as:
        return go("privacy.erasure", request_id=request_id)
    deeds().start(db.session(), actor(), request_id)
    flash("The export is being made." if found.kind is RequestKind.EXPORT else "The erasure goes on.")
    return go("privacy.show", request_id=request_id)


@pages.get("/<uuid:request_id>/erasure")
@requires(Permission.PRIVACY_MANAGE)
def erasure(request_id: UUID) -> Response:
    return _erasure(request_id, ConfirmErasureForm(formdata=None), 200)


@pages.post("/<uuid:request_id>/erasure")
@requires(Permission.PRIVACY_MANAGE)
@confirmed
def erase(request_id: UUID) -> Response:
    form = ConfirmErasureForm()
    if not form.validate():
        return _erasure(request_id, form, 422)
    try:
        deeds().start(db.session(), actor(), request_id, confirmed=(form.confirm.data or "").strip())
    except DomainError as error:
        put_error(form, "confirm" if "confirm" in error.details else None, error.message)
        return _erasure(request_id, form, error.status)
    flash("The erasure has begun.")
    return go("privacy.show", request_id=request_id)


@pages.post("/<uuid:request_id>/reject")
@requires(Permission.PRIVACY_MANAGE)
def reject(request_id: UUID) -> Response:
    form = RejectForm()
    if not form.validate():
        return _shown(request_id, form, 422)
    try:
        deeds().reject(db.session(), actor(), request_id, form.why.data or "")
    except DomainError as error:
        put_error(form, "why" if "note" in error.details else None, error.message)
        return _shown(request_id, form, error.status)
    flash("The request is rejected.")
    return go("privacy.show", request_id=request_id)


@pages.get("/<uuid:request_id>/download")
@requires(Permission.PRIVACY_MANAGE)
@confirmed
def download(request_id: UUID) -> Response:
    return file_of(db.session(), find_request(db.session(), request_id))


def file_of(session: Session, found: PrivacyRequest) -> Response:
    """The export itself. Raises NotFound when there is none, or none any more."""
    path = folder(session).path(found.file) if found.file else None
    over = found.expires_at is not None and found.expires_at <= services().clock.now()
    if path is None or over or not path.exists():
        raise NotFound("There is no file here: it is not ready, or past its days.", code="no_file")
    answer = send_file(
        path, "application/zip", as_attachment=True, download_name=f"export-{found.id}.zip", max_age=0
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def attention(session: Session, who: Actor) -> list[Attention]:
    """Requests that are to be answered, the first due first."""
    if not who.may(Permission.PRIVACY_READ) or who.company_id is None:
        return []
    waiting = select(PrivacyRequest).where(PrivacyRequest.state.in_(WAITING))
    first = waiting.order_by(PrivacyRequest.due_at, PrivacyRequest.id).limit(MOST_ATTENTION)
    zone, now = services().zone(session), services().clock.now()
    return [
        Attention(
            f"{one.kind.label} asked for by a person: {'overdue since' if one.late(now) else 'due on'} "
            f"{one.due_at.astimezone(zone):%d %b %Y}",
            url_for("privacy.show", request_id=one.id),
            "privacy",
            one.asked_at,
            one.due_at,
        )
        for one in session.scalars(first)
    ]


def part_of_person(session: Session, who: Actor, person_id: UUID) -> PersonPart | None:
    """What the person asked for."""
    if not who.may(Permission.PRIVACY_READ):
        return None
    person = session.get(Person, person_id)
    if person is None:
        return None
    digests = digests_of(session, person.identifier, [person.email] if person.email else [])
    rows = REQUESTS.items(session, 20, None, PrivacyRequest.digest.in_(digests))[0]
    jobs = jobs_of(session, rows)
    context = {
        "person": person,
        "requests": rows,
        "now": services().clock.now(),
        "states": {one.id: standing(one, jobs.get(one.job_id) if one.job_id else None) for one in rows},
    }
    return PersonPart("Privacy", "privacy/_person.html", context, Permission.PRIVACY_READ)


def _new(form: AskForm, status: int) -> Response:
    return render("privacy/new.html", None, status, form=form, **_policy(db.session()))


def _shown(request_id: UUID, form: RejectForm, status: int) -> Response:
    session = db.session()
    found = find_request(session, request_id)
    job = session.get(Job, found.job_id) if found.job_id else None
    state = standing(found, job)
    ready = bool(found.file) and (found.expires_at is None or found.expires_at > services().clock.now())
    return render(
        "privacy/show.html",
        None,
        status,
        found=found,
        state=state,
        now=services().clock.now(),
        form=form,
        ready=ready,
        job=view_of(session, job, services().clock.now()) if job and found.state.waits else None,
        **_policy(session),
    )


def _erasure(request_id: UUID, form: ConfirmErasureForm, status: int) -> Response:
    session = db.session()
    found = find_request(session, request_id)
    if found.kind is not RequestKind.ERASE:
        abort(404)
    if not found.state.waits or not found.known_as:
        return go("privacy.show", request_id=request_id)
    try:
        counts = counts_of(parts_of(session, subject_of(session, found.known_as)))
    except NotFound:
        counts = {}
    return render(
        "privacy/erasure.html", None, status, found=found, form=form, counts=counts, **_policy(session)
    )


def _policy(session: Session) -> dict[str, Any]:
    told = services().settings.gdpr_compliant
    return {"gdpr": told, "policy": "" if told else current_company(session).consent_policy}
