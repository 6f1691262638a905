"""The forms of a lead, of what happened with it, and of a change to many."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.core.forms import Form
from webapp.core.record_forms import RecordForm
from webapp.leads.facts import ACTIVITY_LABELS, Stage
from webapp.leads.owners import Owner
from webapp.leads.reading import (
    LEAD_COLUMNS,
    LONGEST_NOTE,
    Given,
    attribute_text,
    read_attribute,
    read_attribute_name,
)
from webapp.people.forms import PairsField

STAGES = [SelectChoice(stage.value, stage.label) for stage in Stage]
KINDS = [SelectChoice(*pair) for pair in (*ACTIVITY_LABELS.items(), ("other", "Something else…"))]
KEEP = "-"  # of a change to many: leave this as it is

STAY = SelectChoice(KEEP, "Leave the stage")


def _fits(longest: int) -> Length:
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


class AttributesField(PairsField):
    """A lead's further attributes: a name and a value a row."""

    parts = ("name", "value")
    row_label = "Attribute"

    def wrong(self, question: str, answer: str, seen: set[str]) -> list[str]:
        """Say what is wrong with a row; `seen` holds the names above it."""
        found = []
        try:
            name = read_attribute_name(question)
            if name in seen:
                found.append("This attribute stands above already.")
            seen.add(name)
        except ValueError as error:
            found.append(str(error))
        try:
            read_attribute(answer)
        except ValueError as error:
            found.append(str(error))
        return found


def owner_choices(owners: list[Owner], now: str = "") -> list[SelectChoice]:
    """Nobody, everyone who sells, and whoever has the lead now."""
    known = {owner.email: owner.name for owner in owners}
    further = {} if now in known or not now else {now: now}
    return [SelectChoice(*pair) for pair in {"": "Nobody", **known, **further}.items()]


class LeadForm(RecordForm):
    """A lead, in the wire's names; what the texts mean is read where they are saved."""

    name = StringField("Name", [InputRequired("Say what the lead is called."), _fits(200)])
    email = StringField("E-mail", [_fits(254)], render_kw={"inputmode": "email"})
    stage = SelectField("Stage", choices=STAGES)
    owner = SelectField("Owner", choices=[], validate_choice=False)
    source = StringField("Source", [_fits(100)])
    value = StringField("Value", [_fits(40)], render_kw={"inputmode": "decimal"})
    currency = StringField("Currency", [_fits(3)])
    lead_id = StringField("Your own id", [_fits(200)])
    created_at = StringField("Began", [_fits(40)])
    closed_at = StringField("Closed", [_fits(40)])
    attributes = AttributesField("Further attributes")

    @classmethod
    def of(cls, given: Given, version: int) -> LeadForm:
        """The form with what is saved."""
        pairs = [(name, attribute_text(value)) for name, value in given.attributes.items()]
        return cls(formdata=None, data={**given.texts, "attributes": pairs, "version": version})

    @property
    def moved(self) -> bool:
        """Whether the submit only added or removed a row: draw the form again, save nothing."""
        return self.attributes.moved

    def given(self, *saved: str) -> Given:
        """What the form says; of the saved attributes those that no longer stand there are forgotten."""
        texts = {name: self[name].data or "" for name in LEAD_COLUMNS if name in self}
        said = {" ".join(name.split()): read_attribute(value) for name, value in self.attributes.data}
        return Given(texts, {**dict.fromkeys(saved), **said})

    @property
    def values(self) -> dict[str, Any]:
        """Everything that was typed, to know a form that is sent twice."""
        given = self.given()
        return {**given.texts, "attributes": dict(given.attributes)}


class ActivityForm(RecordForm):
    """Something that happened with a lead."""

    kind = SelectField("What happened", choices=KINDS, default="call")
    other = StringField("Another kind", [_fits(60)])
    at = StringField("When", [_fits(40)])
    note = TextAreaField("Note", [_fits(LONGEST_NOTE)])

    @property
    def texts(self) -> dict[str, str]:
        """The activity as programs write it."""
        kind = self.other.data if self.kind.data == "other" else self.kind.data
        return {"kind": kind or "", "at": self.at.data or "", "note": self.note.data or ""}


class ManyForm(Form):
    """The same change to many leads."""

    owner = SelectField("Give them to", choices=[], validate_choice=False, default=KEEP)
    stage = SelectField(
        "Move them to", choices=[SelectChoice(KEEP, "Leave the stage"), *STAGES], default=KEEP
    )

    @property
    def given(self) -> Given:
        """What is to change."""
        said = {"owner": self.owner.data, "stage": self.stage.data}
        return Given({name: word or "" for name, word in said.items() if word != KEEP})
