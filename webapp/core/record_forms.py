"""Forms of records that are saved as read at a version: sent once, blamed by field, saved over a conflict."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import request
from wtforms import HiddenField, IntegerField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from webapp.core.db import db, new_id
from webapp.core.errors import Conflict, DomainError
from webapp.core.forms import Form, put_error
from webapp.core.idempotency import Sent, answer_once, digest
from webapp.core.services import services

BESIDE = "Theirs stands beside the form, yours is in it."


class RecordForm(Form):
    """What all these forms carry unseen: the version that was read, and the mark of a form sent once."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()], default=0)
    once = HiddenField(default=lambda: new_id().hex)


def clients() -> dict[str, Any]:
    """What deeds are handed."""
    return {"clock": services().clock, "auditor": services().auditor}


def created_once(form: RecordForm, values: Mapping[str, Any], create: Callable[[], UUID]) -> UUID:
    """Save, unless this form with these values was sent before: a second press finds the first row."""
    said = digest(json.dumps(values, sort_keys=True).encode())
    key = digest(f"{str(form.once.data)[:64]}:{said}".encode())
    sent = Sent(f"form:{key}", f"POST {request.path}"[:300], said)
    answer = answer_once(db.session(), sent, services().clock.now(), lambda: (303, {"id": str(create())}))
    return UUID(answer[1]["id"])


def blamed(form: RecordForm, error: DomainError) -> None:
    """Show the refusal at the fields it names, or above them."""
    named = {name: why for name, why in error.details.items() if name in form}
    for name, why in named.items() or [("", error.message)]:
        put_error(form, name, why)


def now_at(form: RecordForm, version: int, error: Conflict) -> None:
    """Have the next save of this form replace what somebody else saved."""
    put_error(form, None, f"{error.message} {BESIDE}")
    form.version.raw_data, form.version.data = None, version
