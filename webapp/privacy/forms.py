"""The forms of privacy requests."""

from __future__ import annotations

from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.core.forms import Form
from webapp.privacy.models import RequestKind
from webapp.privacy.requests import LONGEST_NAME, LONGEST_NOTE


class AskForm(Form):
    """Who asks for what."""

    kind = RadioField(
        "What is asked for",
        [InputRequired("Choose one.")],
        choices=[
            SelectChoice(RequestKind.EXPORT.value, "Export: everything that is held, as a file"),
            SelectChoice(RequestKind.ERASE.value, "Erasure: everything is taken out, for good"),
        ],
        default=RequestKind.EXPORT.value,
    )
    user_id = StringField(
        "User id or e-mail address",
        [InputRequired("Name the person."), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    note = TextAreaField(
        "Note",
        [Length(max=LONGEST_NOTE)],
        render_kw={"rows": 2},
    )


class ConfirmErasureForm(Form):
    """The name of who is to be erased, typed once more."""

    confirm = StringField(
        "Type it here",
        [InputRequired("Type exactly what the request names.")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class RejectForm(Form):
    """Why a request is not followed."""

    why = StringField("Why", [InputRequired("Say why."), Length(max=LONGEST_NOTE)])
