"""The forms of rules: every value of a version as a text that people write, and the reasons for deeds."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Field, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.archetypes.facts import Way
from webapp.archetypes.models import RuleSet
from webapp.archetypes.rule_sets import FIRST_SHARE, LONGEST, Read
from webapp.archetypes.rules.parameters import BY_NAME, PARAMETERS, Kind, Parameter, read_rules, texts_of
from webapp.archetypes.rules.ruleset import Rules
from webapp.core.forms import Form, put_error
from webapp.core.record_forms import RecordForm

WHY = "Say why: whoever looks at this version later will want to know."
_SHORT = Length(max=LONGEST, message=f"Keep this under {LONGEST} characters.")


def _field(one: Parameter) -> Field:
    if one.kind is Kind.CHECK:
        return BooleanField(one.title)
    if one.kind is Kind.WAY:
        return SelectField(one.title, choices=[SelectChoice(way.value, way.label) for way in Way])
    mode = "numeric" if one.kind is Kind.WHOLE else "decimal"
    return StringField(one.title, [Length(max=40)], render_kw={"inputmode": mode})


class _RulesForm(RecordForm):
    """What a version says, and why it is made."""

    note = StringField("What is this version for?", [_SHORT])

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by parameter's name."""
        found = {one.name: self[one.name].data for one in PARAMETERS}
        return {name: "yes" if value is True else str(value or "") for name, value in found.items()}

    def rules(self) -> Rules | None:
        """The version that was written; what is wrong with it stands at its fields."""
        found, problems = read_rules(self.texts)
        for name, why in problems.items():
            put_error(self, name, f"{BY_NAME[name].title}: {why[:1].lower()}{why[1:]}")
        return found


RulesForm: Any = type(
    "RulesForm",
    (_RulesForm,),
    {"__doc__": _RulesForm.__doc__, **{one.name: _field(one) for one in PARAMETERS}},
)


def form_of(draft: RuleSet) -> Any:
    """The form with what the draft says."""
    texts: dict[str, Any] = dict(texts_of(Rules.model_validate(draft.rules)))
    for one in PARAMETERS:
        if one.kind is Kind.CHECK:
            texts[one.name] = texts[one.name] == "yes"
    return RulesForm(formdata=None, data={**texts, "note": draft.note, "version": draft.version})


class ReasonForm(Form):
    """Why a version is published, withdrawn or put in force again, and what was seen by then."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()], default=0)
    in_force = IntegerField(widget=HiddenInput(), validators=[Optional()], default=0)
    do = HiddenField(default="")
    reason = StringField("Why?", [InputRequired(WHY), _SHORT])

    @property
    def read(self) -> Read:
        """What was seen."""
        return Read(self.version.data or 0, self.in_force.data or 0)


class RollOutForm(ReasonForm):
    """To how many percent of the members, and why."""

    share = IntegerField(
        "Percent of members",
        [InputRequired("Say to how many percent of the members.")],
        default=FIRST_SHARE,
        render_kw={"inputmode": "numeric"},
    )


class BaseForm(Form):
    """The base price that the grid is reckoned for; it stands in the address."""

    class Meta(Form.Meta):
        """Read from the address: nothing is changed by it."""

        csrf = False

    base = StringField("Base price", [Optional()], render_kw={"inputmode": "decimal"})
