"""The form of a product fit: which product, what it is worth to the persona, why."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from webapp.core.forms import Form
from webapp.personas.answer import LONG
from webapp.personas.facts import LONGEST_TEXT
from webapp.personas.fit_answer import FIT_FIELDS
from webapp.personas.fits import COLUMNS
from webapp.personas.models import Product

MOST_LISTED = 500
_FITS = Length(max=LONG, message=f"Keep this under {LONG:,} characters.")


class FitForm(Form):
    """A fit as it is added, taken over or changed. Field names are the wire's."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    product_id = SelectField("Product", choices=[], validate_choice=False)
    product_name = StringField(
        "Name of the product", [Length(max=200, message="Keep this under 200 characters.")]
    )
    product_description = TextAreaField(
        "What it is and does",
        [Length(max=LONGEST_TEXT, message=f"Keep this under {LONGEST_TEXT:,} characters.")],
    )
    valuePropToThem = TextAreaField(FIT_FIELDS["valuePropToThem"], [_FITS])  # noqa: N815  # the wire's name
    alignmentReasoning = TextAreaField(FIT_FIELDS["alignmentReasoning"], [_FITS])  # noqa: N815  # the wire's name

    def texts(self) -> dict[str, str]:
        """The fit's texts by wire name."""
        return {wire: self[wire].data or "" for wire in COLUMNS}

    def chosen(self) -> UUID | None:
        """The chosen product; None when none is."""
        try:
            return UUID(str(self.product_id.data))
        except ValueError:
            return None


def offer_products(session: Session, form: FitForm, without: frozenset[UUID]) -> None:
    """Fill in the products to choose from, by name, without those that are fits already."""
    rows = session.execute(
        select(Product.id, Product.name).order_by(Product.name, Product.id).limit(MOST_LISTED)
    )
    form.product_id.choices = [
        SelectChoice("", "Choose a product"),
        *(SelectChoice(str(row.id), row.name) for row in rows if row.id not in without),
    ]
