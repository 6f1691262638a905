"""The password asked for again before a deed that an unattended screen must not do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from webapp.accounts import identity
from webapp.accounts.sign_in import SignedIn
from webapp.core.db import db
from webapp.core.errors import DomainError, Forbidden, TooMany
from webapp.core.forms import Form, put_error
from webapp.core.htmx import go, render

View = TypeVar("View", bound=Callable[..., Any])
FIELD = "confirm_password"


class ConfirmForm(Form):
    """One's own password, and where to go afterwards."""

    confirm_password = PasswordField(
        "Your password",
        [InputRequired("Write your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password", "autofocus": True},
    )
    next = HiddenField()


def confirmed(view: View) -> View:
    """Ask for the password again unless it was given in the last minutes; below `@requires`.

    A posted form is asked for it on a page that holds all its fields, and goes on from there.
    Raises Forbidden for a token: it has no password.
    """

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        found = identity.signed_in()
        if found is None:
            raise Forbidden("This needs a person who is signed in; a token cannot confirm it.")
        if identity.gate().is_confirmed(found):
            return view(*args, **kwargs)
        if request.method == "GET":
            return go("team.confirm", next=request.full_path.rstrip("?"))
        return _asked_for(found) or view(*args, **kwargs)

    return cast("View", asked)


def _asked_for(found: SignedIn) -> Response | None:
    """The page that asks, with what was posted; None when the right password came along."""
    form = ConfirmForm() if FIELD in request.form else ConfirmForm(formdata=None)
    refusal = try_password(form, found) if FIELD in request.form else (401, {})
    if refusal is None:
        return None
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    answer = asking(form, refusal, action=request.full_path.rstrip("?"), fields=fields)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "body", "innerHTML"
    return answer


def try_password(form: ConfirmForm, found: SignedIn) -> tuple[int, dict[str, str]] | None:
    """Check the form's password; None when it is right, else the status and headers of the refusal."""
    if not form.validate():
        return 422, {}
    address = request.remote_addr or ""
    try:
        identity.gate().confirm(db.session(), found, form.confirm_password.data or "", address)
    except TooMany as error:
        put_error(form, None, error.message)
        return 429, {"Retry-After": str(error.seconds)}
    except DomainError as error:
        put_error(form, FIELD, error.message)
        return 422, {}
    return None


def asking(
    form: ConfirmForm, refusal: tuple[int, dict[str, str]], *, action: str, fields: list[tuple[str, str]]
) -> Response:
    """Answer the page that asks for the password."""
    status, headers = refusal
    answer = render("accounts/confirm.html", None, status, form=form, action=action, fields=fields)
    answer.headers.extend(headers)
    return answer
