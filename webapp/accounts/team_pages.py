"""The pages of the company's staff, of invitations, and of a person's sign-ins."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts import identity
from webapp.accounts.confirm import ConfirmForm, asking, confirmed, try_password
from webapp.accounts.devices import Devices
from webapp.accounts.invitations import Invitations
from webapp.accounts.sign_in import SignedIn
from webapp.accounts.team import Team, member, members
from webapp.accounts.team_forms import InviteForm, JoinForm, RoleForm
from webapp.core.access import Permission, Role, requires
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden
from webapp.core.forms import put_error
from webapp.core.guard import actor, safe_path
from webapp.core.htmx import go, go_to, render
from webapp.core.services import services

pages = Blueprint("team", __name__)


def _team() -> Team:
    return Team(services().clock, services().auditor)


def _invitations() -> Invitations:
    return Invitations(services().clock, services().auditor)


def _devices() -> Devices:
    given = services().settings
    return Devices(
        services().clock,
        services().auditor,
        timedelta(seconds=given.session_idle),
        timedelta(seconds=given.session_absolute),
    )


def _person() -> SignedIn:
    found = identity.signed_in()
    if found is None:
        raise Forbidden("This needs a person who is signed in.")
    return found


@pages.get("/admin/staff")
@requires(Permission.STAFF_MANAGE)
def index() -> Response:
    return _listed(InviteForm(formdata=None, role=Role.EDITOR.value))


def _listed(form: InviteForm, status: int = 200, link: str = "") -> Response:
    session = db.session()
    return render(
        "accounts/staff.html",
        None,
        status,
        form=form,
        members=members(session),
        invitations=_invitations().open(session),
        link=link,
    )


@pages.post("/admin/staff/invite")
@requires(Permission.STAFF_MANAGE)
@confirmed
def invite() -> Response:
    form = InviteForm()
    if not form.validate():
        return _listed(form, 422)
    try:
        secret = _invitations().invite(db.session(), actor(), form.email.data or "", Role(form.role.data))
    except DomainError as error:
        put_error(form, next(iter(error.details), None), error.message)
        return _listed(form, error.status)
    link = services().settings.address + url_for("team.invitation", secret=secret)
    return _listed(InviteForm(formdata=None, role=Role.EDITOR.value), link=link)


@pages.post("/admin/invitations/<uuid:invitation_id>/revoke")
@requires(Permission.STAFF_MANAGE)
def revoke(invitation_id: UUID) -> Response:
    _invitations().revoke(db.session(), actor(), invitation_id)
    flash("The link is worth nothing now.")
    return go("team.index")


@pages.get("/admin/staff/<uuid:staff_id>")
@requires(Permission.STAFF_MANAGE)
def show(staff_id: UUID) -> Response:
    return _shown(staff_id)


def _shown(staff_id: UUID, problem: str = "", status: int = 200) -> Response:
    session, found = db.session(), identity.signed_in()
    person = member(session, staff_id)
    return render(
        "accounts/member.html",
        None,
        status,
        person=person,
        role_form=RoleForm(formdata=None, role=person.role.value),
        devices=_devices().live(session, staff_id, here_only=True),
        this=found.session_id if found else None,
        problem=problem,
    )


@pages.post("/admin/staff/<uuid:staff_id>/role")
@requires(Permission.STAFF_MANAGE)
@confirmed
def save_role(staff_id: UUID) -> Response:
    form = RoleForm()
    if not form.validate():
        return _shown(staff_id, "Choose one of the roles.", 422)
    try:
        _team().change_role(db.session(), actor(), staff_id, Role(form.role.data))
    except Conflict as error:
        return _shown(staff_id, error.message, error.status)
    flash("The role is changed. The person signs in anew.")
    return go("team.show", staff_id=staff_id)


@pages.post("/admin/staff/<uuid:staff_id>/disable", endpoint="disable", defaults={"disabled": True})
@pages.post("/admin/staff/<uuid:staff_id>/enable", endpoint="enable", defaults={"disabled": False})
@requires(Permission.STAFF_MANAGE)
@confirmed
def set_disabled(staff_id: UUID, *, disabled: bool) -> Response:
    try:
        _team().set_disabled(db.session(), actor(), staff_id, disabled=disabled)
    except Conflict as error:
        return _shown(staff_id, error.message, error.status)
    flash("The person is shut out now." if disabled else "The person may sign in again.")
    return go("team.show", staff_id=staff_id)


@pages.post("/admin/staff/<uuid:staff_id>/remove")
@requires(Permission.STAFF_MANAGE)
@confirmed
def remove(staff_id: UUID) -> Response:
    try:
        _team().remove(db.session(), actor(), staff_id)
    except Conflict as error:
        return _shown(staff_id, error.message, error.status)
    flash("The person no longer belongs to the company.")
    return go("team.index")


@pages.post("/admin/staff/<uuid:staff_id>/sessions/<uuid:session_id>/end")
@requires(Permission.STAFF_MANAGE)
def end_theirs(staff_id: UUID, session_id: UUID) -> Response:
    member(db.session(), staff_id)
    _devices().end(db.session(), actor(), staff_id, session_id, here_only=True)
    flash("That sign-in has ended.")
    return go("team.show", staff_id=staff_id)


@pages.get("/account/sessions")
@requires(Permission.SIGNED_IN)
def sessions() -> Response:
    found = _person()
    devices = _devices().live(db.session(), found.staff_id)
    return render("accounts/sessions.html", None, 200, devices=devices, this=found.session_id)


@pages.post("/account/sessions/<uuid:session_id>/end")
@requires(Permission.SIGNED_IN)
def end_mine(session_id: UUID) -> Response:
    _devices().end(db.session(), actor(), _person().staff_id, session_id)
    flash("That sign-in has ended.")
    return go("team.sessions")


@pages.get("/account/confirm", endpoint="confirm")
@requires(Permission.SIGNED_IN)
def confirm() -> Response:
    _person()
    form = ConfirmForm(formdata=None, next=safe_path(request.args.get("next")) or "")
    return asking(form, (200, {}), action=url_for("team.confirm"), fields=[])


@pages.post("/account/confirm", endpoint="take_confirmation")
@requires(Permission.SIGNED_IN)
def take_confirmation() -> Response:
    form = ConfirmForm()
    refusal = try_password(form, _person())
    if refusal:
        return asking(form, refusal, action=url_for("team.confirm"), fields=[])
    return go_to(safe_path(form.next.data) or url_for("home.index"))


@pages.get("/invitations/<string:secret>")
@requires(Permission.PUBLIC)
def invitation(secret: str) -> Response:
    return _offered(secret, JoinForm(formdata=None))


def _offered(secret: str, form: JoinForm, status: int = 200) -> Response:
    offer = _invitations().find(db.session(), secret)
    found = identity.signed_in()
    mine = bool(found and found.email == offer.email)
    return render(
        "accounts/invitation.html",
        None,
        status,
        offer=offer,
        form=form,
        secret=secret,
        found=found,
        mine=mine,
    )


@pages.post("/invitations/<string:secret>")
@requires(Permission.PUBLIC)
def take_up(secret: str) -> Response:
    session, found = db.session(), identity.signed_in()
    address = request.remote_addr or ""
    if found:
        offer = _invitations().join(session, secret, found.staff_id, address)
        identity.gate().choose(session, found, offer.company_id, joined=True)
        return go("home.index")
    form = JoinForm()
    if not form.validate():
        return _offered(secret, form, 422)
    password, passwords = form.password.data or "", identity.gate().passwords
    email = _invitations().take_up(session, secret, form.name.data or "", password, passwords, address)
    kept = identity.gate().enter(session, email, password, address, request.user_agent.string)
    identity.begin(kept)
    return go("home.index")
