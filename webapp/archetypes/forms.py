"""The forms of members: a night to price, an override with its effect, an override by list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Member
from webapp.archetypes.overriding import LONGEST_REASON, MOST_AT_ONCE, Override, mark_of
from webapp.archetypes.recommending import NightAsked
from webapp.core.db import new_id
from webapp.core.errors import BadRequest, DomainError
from webapp.core.forms import Form, put_error
from webapp.core.id_lists import Numbered, numbered_in
from webapp.core.text import number

PROPOSED_DAYS = 90
CHOICES = [SelectChoice(one.value, one.label) for one in Archetype]
NO_DATE = "This is no date: write it like 2027-03-31."
# What the API calls a field, and what these forms call it.
NAMES = {
    "leaseNightId": "night",
    "basePrice": "price",
    "currency": "currency",
    "checkinDate": "checkin",
    "expiresAt": "until",
    "reason": "reason",
    "user_ids": "ids",
}


class NightFields(Form):
    """A night: by its id, or by price, currency and date."""

    night = StringField("Night", [Length(max=200, message="Keep this under 200 characters.")])
    price = StringField("Base price", [Length(max=20, message="Write a shorter amount.")])
    currency = StringField("Currency", [Length(max=3, message="Write three letters, such as EUR.")])
    checkin = DateField("Check-in", [Optional()])

    def validate_price(self, field: StringField) -> None:
        """An amount, when there is one."""
        if field.data:
            _amount(field.data)

    def asked(self) -> NightAsked:
        """The night that is meant; its id counts when both are given. Only after `validate`."""
        if self.night.data:
            return NightAsked(night_id=self.night.data)
        price = _amount(self.price.data) if self.price.data else None
        return NightAsked(None, price, self.currency.data or None, self.checkin.data)

    @staticmethod
    def values_of(asked: NightAsked) -> dict[str, Any]:
        """A night as these fields hold it."""
        price = "" if asked.base_price is None else format(asked.base_price.normalize(), "f")
        return {
            "night": asked.night_id or "",
            "price": price,
            "currency": asked.currency or "",
            "checkin": asked.checkin,
        }


class NightForm(NightFields):
    """Which night a member would be offered; it asks by GET and changes nothing."""

    class Meta(Form.Meta):
        """What only asks needs no token."""

        csrf = False


class EndFields(Form):
    """What staff say, why, and until when; `once` marks a form that is sent once."""

    archetype = RadioField("Counts as", [InputRequired("Choose an archetype.")], choices=CHOICES)
    reason = TextAreaField(
        "Reason",
        [
            DataRequired("Say why: whoever looks at this member next will want to know."),
            Length(max=LONGEST_REASON, message=f"Keep this under {LONGEST_REASON} characters."),
        ],
    )
    until = DateField("Until", [Optional()])
    once = HiddenField(default=lambda: new_id().hex)

    @property
    def chosen(self) -> Archetype:
        """The archetype. Only after `validate`."""
        return Archetype(self.archetype.data)

    def override(self, zone: ZoneInfo) -> Override:
        """What to save. An override holds to the end of its last day, where the company is."""
        return Override(self.chosen, self.reason.data or "", end_of(self.until.data, zone))


class OverrideForm(EndFields, NightFields):
    """An override of one member; `seen` is when the override was set that its author looked at."""

    seen = HiddenField()

    @classmethod
    def of(
        cls, member: Member | None, night: NightAsked | Mapping[str, str], now: datetime, zone: ZoneInfo
    ) -> OverrideForm:
        """The form as it is first shown: the override in force, else a proposal to end in 90 days.

        The night may stand in an address: then as it is written there.
        """
        held = member if member is not None and member.override is not None else None
        ends = last_day(held.override_expires_at, zone) if held else proposed(now, zone)
        said = (
            {"archetype": held.override.value, "reason": held.override_reason}
            if held and held.override
            else {}
        )
        values = {
            **(cls.values_of(night) if isinstance(night, NightAsked) else _written(night)),
            **said,
            "until": ends,
            "seen": mark_of(member.override_at if member else None),
        }
        return cls(formdata=None, data=values)


class BulkForm(EndFields):
    """An override of many members, with one reason."""

    ids = TextAreaField("User ids")
    file = FileField("Or a file of user ids")
    skip = BooleanField("Leave out ids that nobody has")

    def read_file(self) -> None:
        """Put the ids of an uploaded file among those that were typed: the next press has them, too."""
        file = self.file.data
        if not file or not file.filename:
            return
        try:
            found = numbered_in(file.stream.read().decode("utf-8-sig"), file.filename)
        except UnicodeDecodeError:
            put_error(self, "file", "This file is no text in UTF-8.")
        except BadRequest as error:
            put_error(self, "file", error.message)
        else:
            typed = [self.ids.data or "", *(one for _, one in found)]
            self.ids.raw_data, self.ids.data = None, "\n".join(typed).strip()
        finally:
            file.close()

    def numbered(self) -> list[Numbered] | None:
        """Who is named, with lines; None with the errors at their fields."""
        sound = self.validate()
        self.read_file()
        if self.file.errors:
            return None
        try:
            found = numbered_in(self.ids.data or "", "The list")
        except BadRequest as error:
            put_error(self, "ids", error.message)
            return None
        if not found:
            put_error(self, "ids", "Write the user ids of the members, one a line, or choose a file.")
        if (given := len({one for _, one in found})) > MOST_AT_ONCE:
            put_error(self, "ids", f"At most {number(MOST_AT_ONCE)} at a time; these are {number(given)}.")
            return None
        return found if found and sound else None


def blamed(form: Any, error: DomainError) -> Any:
    """The form with the refusal at the fields it names, or above them."""
    named = {NAMES.get(name, name): why for name, why in error.details.items()}
    if error.code == "missing_field" and named and all(name in form for name in named):
        fields = " and ".join(str(form[name].label.text).lower() for name in named)
        named = {next(iter(named)): f"Fill in {fields} too, or name a night by its id."}
    named = {name: error.message if why == "unknown" else why for name, why in named.items() if name in form}
    for name, why in named.items() or [("", error.message)]:
        put_error(form, name, why)
    return form


def end_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The moment a day is over."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def last_day(ends: datetime | None, zone: ZoneInfo) -> date | None:
    """The last day before a moment."""
    return None if ends is None else (ends - timedelta(microseconds=1)).astimezone(zone).date()


def proposed(now: datetime, zone: ZoneInfo) -> date:
    """When an override should be looked at again."""
    return now.astimezone(zone).date() + timedelta(days=PROPOSED_DAYS)


def _written(args: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a night as an address has them; what is no date is left out."""
    words = {name: args.get(name, "") for name in ("night", "price", "currency")}
    try:
        return {**words, "checkin": date.fromisoformat(args.get("checkin", ""))}
    except ValueError:
        return {**words, "checkin": None}


def given(args: Mapping[str, str]) -> bool:
    """Whether an address names a night."""
    return any(args.get(name) for name in ("night", "price", "currency", "checkin"))


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ValidationError("This is no amount: write it like 1890 or 1890.50.") from None
