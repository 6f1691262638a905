"""The builder's form: the ingredients, the eleven fields, and what was pressed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from webapp.core.forms import Form, LinesField
from webapp.personas import merge
from webapp.personas.answer import FIELDS, MOST_PAINS, SHORT, FieldSpec
from webapp.personas.drafting import Posted
from webapp.personas.facts import LONGEST_TEXT
from webapp.personas.merge import Fields
from webapp.personas.models import Source

SOURCES = [
    SelectChoice(Source.CONTACT.value, "A contact"),
    SelectChoice(Source.ENRICHMENT.value, "An enrichment document"),
    SelectChoice(Source.DESCRIPTION.value, "A description"),
    SelectChoice(Source.NOTHING.value, "Nothing but the product"),
]
LONGEST_DOCUMENT = 1_000_000
SENTENCES = frozenset({"role"})  # short by its bound, but a sentence by nature


def _field(spec: FieldSpec) -> Any:
    if spec.many:
        return LinesField(spec.label, most=MOST_PAINS, longest=spec.longest, row_label="Pain point")
    bound = Length(max=spec.longest, message=f"{spec.label} has at most {spec.longest:,} characters.")
    wide = spec.longest > SHORT or spec.wire in SENTENCES
    return (TextAreaField if wide else StringField)(spec.label, [bound])


class BuilderForm(Form):
    """Everything one screen of the builder holds. Field names are the wire's."""

    base = HiddenField()
    key = HiddenField()
    persona_id = HiddenField()
    base_version = HiddenField()
    product_id = SelectField("Product", choices=[], validate_choice=False)
    product_description = TextAreaField(
        "Describe the product", [Length(max=LONGEST_TEXT, message=f"At most {LONGEST_TEXT:,} characters.")]
    )
    source = RadioField("Draw it from", choices=SOURCES, validate_choice=False, default=Source.NOTHING.value)
    contact_query = StringField("Find a contact", [Length(max=200)])
    contact_id = RadioField("Contact", choices=[], validate_choice=False)
    enrichment = TextAreaField(
        "Enrichment document", [Length(max=LONGEST_DOCUMENT, message="The document is larger than 1 MB.")]
    )
    enrichment_file = FileField("Or a file")
    description = TextAreaField(
        "Describe the person", [Length(max=LONGEST_TEXT, message=f"At most {LONGEST_TEXT:,} characters.")]
    )

    def show(self, fields: Fields, base: Fields) -> None:
        """Draw these fields; `base` is what the draft holds, against which typing is told."""
        for spec in FIELDS:
            value = fields.get(spec.wire) or merge.empty(spec.wire)
            field = self[spec.wire]
            field.data = value
            if spec.many:
                field.rows = list(value)
        self.base.data = merge.digests(base)

    def posted(self) -> Posted:
        """Read what was posted. An id that is none counts as not chosen."""
        return Posted(
            fields=self.texts(),
            base=self.base.data or "",
            window=_text(self.key.data)[:40],
            product_id=_id(self.product_id.data),
            product_description=_text(self.product_description.data),
            source=_source(self.source.data),
            contact_id=_id(self.contact_id.data),
            description=_text(self.description.data),
            persona_id=_id(self.persona_id.data),
            base_version=_number(self.base_version.data),
        )

    def texts(self) -> Fields:
        """Answer the eleven fields as they stand in the form."""
        return {spec.wire: merge.clean(spec.wire, self[spec.wire].data) for spec in FIELDS}


for _spec in FIELDS:
    setattr(BuilderForm, _spec.wire, _field(_spec))


def _text(given: str | None) -> str:
    return (given or "").replace("\x00", "").replace("\r\n", "\n")


def _number(word: Any) -> int:
    return int(word) if str(word or "").isdecimal() and len(str(word)) < 10 else 0


def _id(word: Any) -> UUID | None:
    try:
        return UUID(str(word))
    except ValueError:
        return None


def _source(word: Any) -> Source:
    try:
        return Source(word)
    except ValueError:
        return Source.NOTHING
