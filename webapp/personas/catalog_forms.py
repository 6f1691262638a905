"""The forms of products and contacts, and the one that takes an enrichment document."""

from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from webapp.core.checks import checked_email
from webapp.core.db import new_id
from webapp.core.forms import Form
from webapp.personas.contacts import CONTACTS
from webapp.personas.products import PRODUCTS


def _fits(longest: int) -> Length:
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


def _product(name: str) -> Length:
    return _fits(PRODUCTS.longest(name))


def _contact(name: str) -> Length:
    return _fits(CONTACTS.longest(name))


class CatalogForm(Form):
    """What both forms carry unseen: the version that was read, and the mark of a form sent once."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    once = HiddenField(default=lambda: new_id().hex)


class ProductForm(CatalogForm):
    """A product."""

    name = StringField("Name", [InputRequired("Name the product."), _product("name")])
    description = TextAreaField(
        "What it is and does",
        [InputRequired("Say what the product is and does."), _product("description")],
    )
    value_proposition = TextAreaField("What it is worth to buyers", [_product("value_proposition")])
    target_market = TextAreaField("Who it is for", [_product("target_market")])
    price_note = TextAreaField("Price", [_product("price_note")])


class ContactForm(CatalogForm):
    """A contact."""

    name = StringField("Name", [InputRequired("Name the person."), _contact("name")])
    email = StringField("E-mail", [_contact("email")], render_kw={"inputmode": "email"})
    title = StringField("Job title", [_contact("title")])
    seniority = StringField("Seniority", [_contact("seniority")])
    department = StringField("Department", [_contact("department")])
    company = StringField("Company", [_contact("company")])
    industry = StringField("Industry", [_contact("industry")])
    headcount = StringField("Company size", [_contact("headcount")])
    revenue = StringField("Revenue", [_contact("revenue")])
    location = StringField("Location", [_contact("location")])
    notes = TextAreaField("Notes", [_contact("notes")])

    def validate_email(self, field: StringField) -> None:
        """An address, when there is one."""
        try:
            checked_email(field.data) if field.data else None
        except ValueError as error:
            raise ValidationError(str(error)) from None


class DocumentForm(Form):
    """An enrichment document, pasted or as a file."""

    document = TextAreaField("The document’s JSON")
    file = FileField("Or a file")
