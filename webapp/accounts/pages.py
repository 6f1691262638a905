"""The pages of one's account and company."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts import identity
from webapp.accounts.companies import PROFILE, change_profile, current_company, timezones
from webapp.accounts.forms import CompanyForm, PasswordForm, SignInForm
from webapp.accounts.models import Company
from webapp.accounts.sign_in import SignedIn
from webapp.accounts.staff import change_password
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound, TooMany
from webapp.core.forms import put_error
from webapp.core.guard import actor, safe_path
from webapp.core.htmx import go, go_to, render
from webapp.core.services import services

pages = Blueprint("accounts", __name__)
KEPT = "kept:"


@pages.get("/sign-in")
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    if identity.signed_in():
        return go("home.index")
    form = SignInForm(formdata=None, next=safe_path(request.args.get("next")) or "")
    return render("sign_in.html", form=form, fields=[], action="")


@pages.post("/sign-in")
@requires(Permission.PUBLIC)
def enter() -> Response:
    form = SignInForm()
    fields, action = _kept_fields(), safe_path(request.form.get("kept_action")) or ""
    status, headers = 422, {}
    if form.validate():
        try:
            secret = identity.gate().enter(
                db.session(),
                form.email.data or "",
                form.password.data or "",
                request.remote_addr or "",
                request.user_agent.string,
            )
        except TooMany as error:
            status, headers = 429, {"Retry-After": str(error.seconds)}
            put_error(form, None, error.message)
        except DomainError as error:
            put_error(form, None, error.message)
        else:
            identity.begin(secret)
            if action:
                return go("accounts.kept", action=action) if not fields else _offer(action, fields)
            return go_to(safe_path(form.next.data) or url_for("home.index"))
    response = render("sign_in.html", None, status, form=form, fields=fields, action=action)
    response.headers.extend(headers)
    return response


def _kept_fields() -> list[tuple[str, str]]:
    return [
        (name.removeprefix(KEPT), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(KEPT)
    ]


def _offer(action: str, fields: list[tuple[str, str]]) -> Response:
    # The page is drawn in the next request's frame: the session has just begun.
    return render("kept.html", None, 200, action=action, fields=fields)


@pages.get("/signed-in")
@requires(Permission.SIGNED_IN)
def kept() -> Response:
    return go_to(safe_path(request.args.get("action")) or url_for("home.index"))


@pages.post("/sign-out")
@requires(Permission.PUBLIC)
def sign_out() -> Response:
    identity.end()
    return go("accounts.sign_in")


@pages.get("/account/password")
@requires(Permission.SIGNED_IN)
def password() -> Response:
    return render("accounts/password.html", form=PasswordForm(formdata=None))


@pages.post("/account/password")
@requires(Permission.SIGNED_IN)
def save_password() -> Response:
    form, found = PasswordForm(), identity.signed_in()
    if found is None:
        raise NotFound("A token has no password.")
    if form.validate():
        try:
            _prove(found, form.current_password.data or "")
            change_password(
                db.session(),
                actor(),
                form.current_password.data or "",
                form.password.data or "",
                passwords=identity.gate().passwords,
                clock=services().clock,
                auditor=services().auditor,
                keep=found.session_id,
            )
        except TooMany as error:
            put_error(form, "current_password", error.message)
            response = render("accounts/password.html", None, 429, form=form)
            response.headers["Retry-After"] = str(error.seconds)
            return response
        except DomainError as error:
            put_error(form, next(iter(error.details), None), error.message)
        else:
            flash("Your password is changed. Your other sessions have ended.")
            return go("home.index")
    return render("accounts/password.html", None, 422, form=form)


def _prove(found: SignedIn, password: str) -> None:
    """Count a try like one at signing in; what it says of a wrong password stands at the field."""
    try:
        identity.gate().confirm(db.session(), found, password, request.remote_addr or "")
    except TooMany:
        raise
    except DomainError:
        message = "This is not your current password."
        raise DomainError(message, details={"current_password": message}) from None


@pages.post("/account/theme")
@requires(Permission.SIGNED_IN)
def theme() -> Response:
    chosen = request.form.get("theme", "auto")
    response = redirect(safe_path(request.form.get("next")) or url_for("home.index"), 303)
    secure = services().settings.production
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax", httponly=True, secure=secure)
    else:
        response.delete_cookie("theme", samesite="Lax", httponly=True, secure=secure)
    return response


@pages.post("/account/company")
@requires(Permission.SIGNED_IN)
def switch_company() -> Response:
    found = identity.signed_in()
    try:
        wanted = UUID(request.form.get("company", ""))
    except ValueError:
        raise NotFound("There is no such company.") from None
    if found is None:
        raise NotFound("A token stays with its company.")
    identity.gate().choose(db.session(), found, wanted)
    return go_to(safe_path(request.form.get("next")) or url_for("home.index"))


@pages.get("/admin/company")
@requires(Permission.COMPANY_READ)
def company() -> Response:
    row = current_company(db.session())
    return _profile(CompanyForm(formdata=None, obj=row), row)


@pages.post("/admin/company")
@requires(Permission.COMPANY_MANAGE)
def save_company() -> Response:
    form = CompanyForm()
    session = db.session()
    if form.validate():
        values = {name: form[name].data or "" for name in PROFILE}
        try:
            change_profile(session, actor(), values, form.version.data or 0, services().auditor)
        except Conflict as error:
            put_error(form, None, error.message)
            row = current_company(session)
            theirs = [(form[n].label.text, getattr(row, n)) for n in PROFILE if getattr(row, n) != values[n]]
            form.version.raw_data, form.version.data = None, row.version
            return _profile(form, row, 409, theirs)
        flash("The profile is saved.")
        return go("accounts.company")
    return _profile(form, current_company(session), 422)


def _profile(
    form: CompanyForm, row: Company, status: int = 200, theirs: list[tuple[str, object]] | None = None
) -> Response:
    return render(
        "accounts/company.html", None, status, form=form, company=row, theirs=theirs, zones=timezones()
    )
