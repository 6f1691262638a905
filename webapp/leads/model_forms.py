"""The forms of models: which version to put in force and why, and the threshold of a look."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.core.forms import Form
from webapp.leads.model_view import State
from webapp.leads.versions import LONGEST_REASON

USUAL = 50  # percent


class ChooseForm(Form):
    """A version, and why it is put in force."""

    number = SelectField("Version")
    reason = StringField(
        "Reason",
        [
            InputRequired("Say why: whoever looks at this model later will want to know."),
            Length(max=LONGEST_REASON, message=f"Keep this under {LONGEST_REASON} characters."),
        ],
    )

    def offer(self, state: State) -> None:
        """Offer what is not in force already: the versions, the newest first, and the default."""
        numbers = [*(one.number for one in state.versions), 0]
        self.number.choices = [
            SelectChoice(str(one), f"version {one}, {state.standing(one)}" if one else "the default")
            for one in numbers
            if one != state.number
        ]


class ThresholdForm(Form):
    """From which probability on a lead is called won; it stands in the address."""

    class Meta(Form.Meta):
        """Read from the address: nothing is changed by it."""

        csrf = False

    threshold = IntegerField(
        "Called won from, in percent",
        [Optional(), NumberRange(0, 100, "Choose a whole number from 0 to 100.")],
        default=USUAL,
        render_kw={"inputmode": "numeric", "min": 0, "max": 100},
    )

    @property
    def share(self) -> float:
        """The threshold from 0 to 1, the usual one where nothing sensible was asked for."""
        given = self.threshold.data
        return (USUAL if given is None or not 0 <= given <= 100 else given) / 100
