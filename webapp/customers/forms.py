"""The forms of items, offers and content blocks; what their texts mean is read where they are saved."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateTimeLocalInput

from webapp.core.imports.kind import FURTHER
from webapp.core.reading import read_moment, read_text
from webapp.core.record_forms import RecordForm
from webapp.customers.facts import Slot
from webapp.customers.reading import (
    BLOCK_COLUMNS,
    ITEM_COLUMNS,
    LONGEST_BODY,
    LONGEST_FALLBACK,
    LONGEST_TITLE,
    LONGEST_VALUE,
    LONGEST_WORD,
    OFFER_COLUMNS,
    audience_parts,
    read_attribute_name,
    words_of,
    words_text,
)
from webapp.customers.rules.audience import FACTS, VARIABLES
from webapp.people.forms import PairsField

SLOTS = [SelectChoice(slot.value, slot.label) for slot in Slot]
MOMENTS = ("starts_at", "ends_at")


def _fits(longest: int) -> Length:
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


def _moment(label: str) -> Any:
    return StringField(label, [_fits(40)], widget=DateTimeLocalInput())


class AttributesField(PairsField):
    """An item's further attributes: a name and a value a row."""

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
            read_text(answer, LONGEST_VALUE)
        except ValueError as error:
            found.append(str(error))
        return found


class KeptForm(RecordForm):
    """What the three forms share: they are filled from texts and say texts, by the wire's names."""

    @classmethod
    def of(cls, texts: dict[str, str], version: int, zone: ZoneInfo) -> KeptForm:
        """The form with what is saved; times by the company's clock."""
        return cls(formdata=None, data={**cls.fields_of(texts, zone), "version": version})

    @classmethod
    def fields_of(cls, texts: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
        """What stands in the fields for these texts."""
        local = {name: _local(texts[name], zone) for name in MOMENTS if texts.get(name)}
        return {**texts, **local}

    @property
    def moved(self) -> bool:
        """Whether the submit only added or removed a row: draw the form again, save nothing."""
        return False

    @property
    def texts(self) -> dict[str, str]:
        """What the form says of the record."""
        raise NotImplementedError

    def plain(self, names: tuple[str, ...]) -> dict[str, str]:
        """The texts of fields of the same names; a box says true or false."""
        found = {name: self[name].data for name in names if name in self}
        return {
            name: ("true" if value else "false") if isinstance(value, bool) else value or ""
            for name, value in found.items()
        }


class AudienceForm(KeptForm):
    """What offers and blocks share: whom they are for, when, and how important they are."""

    audience_archetype = StringField("Archetype", [_fits(2_000)])
    audience_lifecycle = StringField("Lifecycle", [_fits(2_000)])
    audience_category = StringField("Favourite category", [_fits(6_000)])
    audience_locale = StringField("Language", [_fits(2_000)])
    audience_segment = StringField("Segment", [_fits(2_000)])
    starts_at = _moment("Starts")
    ends_at = _moment("Ends")
    priority = StringField("Priority", [_fits(12)], default="0", render_kw={"inputmode": "numeric"})

    @classmethod
    def fields_of(cls, texts: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
        """The same, an input a fact."""
        audience = audience_parts(texts.get("audience") or "")
        words = {f"audience_{fact}": words_text(audience.get(fact, ())) for fact in FACTS}
        return {**super().fields_of(texts, zone), **words}

    @property
    def audience(self) -> str:
        """The audience as the texts have it."""
        return json.dumps({fact: words_of(self[f"audience_{fact}"].data or "") for fact in FACTS})


class ItemForm(KeptForm):
    """A catalog item."""

    title = StringField("Title", [InputRequired("Say what the product is called."), _fits(LONGEST_TITLE)])
    category = StringField("Category", [_fits(LONGEST_WORD)])
    price = StringField("Price", [_fits(40)], render_kw={"inputmode": "decimal"})
    currency = StringField("Currency", [_fits(3)])
    available = BooleanField("Available: it may be shown", default=True)
    product_id = StringField("Your own id", [_fits(200)])
    attributes = AttributesField("Further attributes")

    @classmethod
    def fields_of(cls, texts: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
        """The same, an attribute a row."""
        pairs = [
            (name.removeprefix(FURTHER), text) for name, text in texts.items() if name.startswith(FURTHER)
        ]
        own = {**super().fields_of(texts, zone), "available": texts.get("available") != "false"}
        return {**own, "attributes": pairs}

    @property
    def moved(self) -> bool:
        """Whether the submit only added or removed a row."""
        return self.attributes.moved

    @property
    def texts(self) -> dict[str, str]:
        """What the form says of the item."""
        pairs = {f"{FURTHER}{' '.join(name.split())}": value for name, value in self.attributes.data}
        return {**self.plain(ITEM_COLUMNS), **pairs}


class OfferForm(AudienceForm):
    """An offer."""

    title = StringField("Title", [InputRequired("Say what the offer is called."), _fits(LONGEST_TITLE)])
    body = TextAreaField("Text", [_fits(LONGEST_BODY)])
    cap = StringField("Cap", [_fits(12)], render_kw={"inputmode": "numeric"})
    offer_id = StringField("Your own id", [_fits(200)])

    @property
    def texts(self) -> dict[str, str]:
        """What the form says of the offer."""
        return {**self.plain(OFFER_COLUMNS), "audience": self.audience}


class BlockForm(AudienceForm):
    """A content block."""

    name = StringField("Name", [InputRequired("Say what the block is called."), _fits(200)])
    slot = SelectField("Slot", choices=SLOTS)
    body = TextAreaField("Text", [InputRequired("Say what the block says."), _fits(LONGEST_BODY)])
    active = BooleanField("Active: customers get it while it runs", default=True)
    fallbacks_name = StringField("Without a name", [_fits(LONGEST_FALLBACK)])
    fallbacks_first_name = StringField("Without a first name", [_fits(LONGEST_FALLBACK)])
    fallbacks_category = StringField("Without a category", [_fits(LONGEST_FALLBACK)])
    fallbacks_product = StringField("Without a product", [_fits(LONGEST_FALLBACK)])
    fallbacks_lifecycle = StringField("Without a lifecycle", [_fits(LONGEST_FALLBACK)])
    fallbacks_company = StringField("Without a company", [_fits(LONGEST_FALLBACK)])
    fallbacks_city = StringField("Without a city", [_fits(LONGEST_FALLBACK)])

    @classmethod
    def fields_of(cls, texts: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
        """The same, an input a variable."""
        fallbacks: dict[str, str] = json.loads(texts.get("fallbacks") or "{}")
        inputs = {f"fallbacks_{name}": fallbacks.get(name, "") for name in VARIABLES}
        return {**super().fields_of(texts, zone), "active": texts.get("active") != "false", **inputs}

    @property
    def fallbacks_open(self) -> bool:
        """Whether the fallbacks say anything, right or wrong."""
        return any(self[f"fallbacks_{name}"].data or self[f"fallbacks_{name}"].errors for name in VARIABLES)

    @property
    def texts(self) -> dict[str, str]:
        """What the form says of the block."""
        fallbacks = {name: self[f"fallbacks_{name}"].data or "" for name in VARIABLES}
        said = {name: text for name, text in fallbacks.items() if text}
        plain = {name: text for name, text in self.plain(BLOCK_COLUMNS).items() if name != "fallbacks"}
        return {**plain, "audience": self.audience, "fallbacks": json.dumps(said)}


def _local(text: str, zone: ZoneInfo) -> str:
    """A time as the browser's input holds it, by the company's clock."""
    local = read_moment(text).astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="minutes" if local.second == 0 else "seconds")
