"""The forms of preferences: a customer's, where everything may be left unsaid, and the company's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.core.errors import DomainError
from webapp.core.forms import put_error
from webapp.core.record_forms import RecordForm
from webapp.customers.facts import Layout, Theme
from webapp.customers.rules.preferring import LABELS, NAMES, SWITCHES, WIRE, Effective, written

SAID = {"yes": True, "no": False}
FIELDS = {wire: name for name, wire in WIRE.items()}


def _text(name: str, longest: int, **attributes: str) -> StringField:
    tight = Length(max=longest, message=f"Keep this under {longest} characters.")
    return StringField(LABELS[name], [tight], render_kw={"autocomplete": "off", **attributes})


def _choice(name: str, *choices: tuple[str, str]) -> SelectField:
    found = [SelectChoice("", "Not said"), *(SelectChoice(*one) for one in choices)]
    return SelectField(LABELS[name], choices=found, default="")


def _switch(name: str) -> SelectField:
    return _choice(name, ("yes", "On"), ("no", "Off"))


class PreferenceForm(RecordForm):
    """All preferences; what is left empty is not said, and follows what stands below it."""

    language = _text("language", 35, placeholder="en")
    currency = _text("currency", 3, placeholder="USD")
    theme = _choice("theme", *((one.value, one.label) for one in Theme))
    layout = _choice("layout", *((one.value, one.label) for one in Layout))
    timezone = _text("timezone", 60, placeholder="Europe/Berlin")
    quiet_from = _text("quiet_from", 5, placeholder="22:00")
    quiet_until = _text("quiet_until", 5, placeholder="08:00")
    email = _switch("email")
    sms = _switch("sms")
    push = _switch("push")
    tracking_enabled = _switch("tracking_enabled")
    personalized_ads = _switch("personalized_ads")
    data_sharing = _switch("data_sharing")
    analytics = _switch("analytics")
    marketing = _switch("marketing")

    @classmethod
    def of(cls, said: Mapping[str, Any], version: int) -> PreferenceForm:
        """The form with what is said."""
        return cls(formdata=None, data={**shown(said), "version": version})

    def falls_back_to(self, below: Effective) -> PreferenceForm:
        """Name, where a choice is left empty, what counts then; texts show it where they are empty."""
        told = shown({name: getattr(below, name) for name in NAMES})
        for name in NAMES:
            if name not in self:
                continue
            if isinstance(self[name], SelectField):
                words = dict(_pairs(self[name]))
                self[name].choices = [
                    SelectChoice("", f"Not said: {words[told[name]].lower()}"),
                    *(SelectChoice(value, word) for value, word in words.items() if value),
                ]
            else:
                self[name].render_kw = {**self[name].render_kw, "placeholder": told[name]}
        return self

    def said(self) -> dict[str, Any]:
        """What the form says, None for what it leaves unsaid."""
        given = {name: self[name].data or None for name in NAMES if name in self}
        return {name: SAID.get(text or "") if name in SWITCHES else text for name, text in given.items()}


class SettingsForm(PreferenceForm):
    """The company's defaults of preferences, and how it runs the service."""

    consent_first = BooleanField("Ask first: nothing is tracked, and no ad personalized, without a consent")
    wording = StringField(
        "Version of the wording",
        [InputRequired("Name the wording that customers agree to."), Length(max=40)],
    )
    search_shift = IntegerField(
        "Search: places an item may move", [InputRequired("Write a whole number, 0 for none.")]
    )
    retention_days = IntegerField(
        "Days that behaviour is kept", [InputRequired("Write how many days, such as 730.")]
    )

    @classmethod
    def of(cls, said: Mapping[str, Any], version: int) -> SettingsForm:
        """The form with what is set."""
        own = {name: said[name] for name in ("consent_first", "wording", "search_shift", "retention_days")}
        return cls(formdata=None, data={**shown(said), **own, "version": version})

    def values(self) -> dict[str, Any]:
        """All settings. Only after `validate`."""
        return {
            **self.said(),
            "consent_first": bool(self.consent_first.data),
            "wording": self.wording.data or "",
            "search_shift": self.search_shift.data or 0,
            "retention_days": self.retention_days.data or 0,
        }


def shown(values: Mapping[str, Any]) -> dict[str, str]:
    """Preferences as the form's fields hold them."""
    words = {True: "yes", False: "no", None: ""}
    told = written({name: values.get(name) for name in NAMES})
    return {
        name: words[value] if value is None or isinstance(value, bool) else str(value)
        for name, value in told.items()
    }


def blamed(form: RecordForm, error: DomainError) -> None:
    """Show the refusal at the fields it names, by the wire's names or ours, or above them."""
    named = {FIELDS.get(name, name): why for name, why in error.details.items()}
    found = {name: why for name, why in named.items() if name in form}
    for name, why in found.items() or [("", error.message)]:
        put_error(form, name, why)


def _pairs(field: SelectField) -> list[tuple[str, str]]:
    return [(str(choice.value), str(choice.label)) for choice in field.choices]
