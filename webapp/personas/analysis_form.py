"""The form of a contact's analysis: the product it is prepared for and the five fields."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from webapp.core.forms import Form, LinesField
from webapp.personas import merge
from webapp.personas.analysis_answer import ANALYSIS_FIELDS, LONG, MOST
from webapp.personas.answer import SHORT
from webapp.personas.merge import Fields
from webapp.personas.models import Product

BLANK = re.compile(r"\n[ \t]*\n+")
_FITS = Length(max=LONG, message=f"Keep this under {LONG:,} characters.")
_ALL_FIT = Length(max=MOST * LONG, message="These are too long together.")


class AnalysisForm(Form):
    """Everything one screen holds. Field names are the wire's."""

    base = HiddenField()
    product_id = SelectField("For the product", choices=[], validate_choice=False)
    summary = TextAreaField("Summary", [_FITS])
    talkTrack = TextAreaField("Talk track", [_FITS])  # noqa: N815  # the wire's name
    questions = LinesField("Questions to ask", most=MOST, longest=SHORT, row_label="Question")
    objections = TextAreaField("Likely objections", [_ALL_FIT])
    nextSteps = LinesField("Next steps", most=MOST, longest=SHORT, row_label="Step")  # noqa: N815  # the wire's name

    def show(self, fields: Fields, product_id: UUID | None) -> None:
        """Draw these fields; typing is told from them."""
        for spec in ANALYSIS_FIELDS:
            value = fields.get(spec.wire) or merge.empty(spec.wire)
            field = self[spec.wire]
            if spec.wire == "objections":
                field.data = "\n\n".join(value)
            else:
                field.data = value
            if isinstance(field, LinesField):
                field.rows = list(value)
        self.base.data = merge.digests(fields, ANALYSIS_FIELDS)
        self.product_id.data = str(product_id or "")

    def texts(self) -> Fields:
        """Answer the fields as they stand in the form; objections are parted by blank lines."""
        texts: Fields = {}
        for spec in ANALYSIS_FIELDS:
            data = self[spec.wire].data
            if spec.wire == "objections":
                data = BLANK.split((data or "").replace("\r\n", "\n"))
            texts[spec.wire] = merge.clean(spec.wire, data)
        return texts

    def chosen(self) -> UUID | None:
        """The chosen product; None when none is."""
        try:
            return UUID(str(self.product_id.data))
        except ValueError:
            return None


def offer_choices(session: Session, form: AnalysisForm) -> None:
    """Fill in the products to prepare for."""
    rows = session.execute(select(Product.id, Product.name).order_by(Product.name, Product.id).limit(500))
    form.product_id.choices = [
        SelectChoice("", "No product yet"),
        *(SelectChoice(str(row.id), row.name) for row in rows),
    ]
