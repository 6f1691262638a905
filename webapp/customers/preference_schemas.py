"""Preferences and consents on the wire, in snake_case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from werkzeug.http import parse_etags

from webapp.core.wire import SnakeWire
from webapp.customers.facts import Layout, Purpose, Theme
from webapp.customers.models import Consent
from webapp.customers.rules.preferring import GROUPS, NAMES, Effective, written

Text = Annotated[str, StringConstraints(strict=True, max_length=100)]
UNSAID: Any = None  # what is left out is not said; null, where it is written, is refused
Time = Annotated[str, Field(description="HH:MM by the customer’s own clock.")]
_SCHEMAS: dict[str, dict[str, Any]] = {}


class NotificationsIn(SnakeWire):
    """Ways in which the customer wants to be written to."""

    email: StrictBool = Field(UNSAID)
    sms: StrictBool = Field(UNSAID)
    push: StrictBool = Field(UNSAID)


class PrivacyIn(SnakeWire):
    """What the customer consents to."""

    tracking_enabled: StrictBool = Field(UNSAID)
    personalized_ads: StrictBool = Field(UNSAID)
    data_sharing: StrictBool = Field(UNSAID)


class CookiesIn(SnakeWire):
    """Cookies the customer accepts; the functional ones cannot be refused."""

    functional: StrictBool = Field(UNSAID)
    analytics: StrictBool = Field(UNSAID)
    marketing: StrictBool = Field(UNSAID)


class QuietHoursIn(SnakeWire):
    """Hours in which nobody writes; they may pass midnight, and the same time twice is none at all."""

    model_config = ConfigDict(populate_by_name=False)

    begins: Text = Field(UNSAID, alias="from", description="HH:MM by the customer’s own clock.")
    until: Text = Field(UNSAID, description="HH:MM by the customer’s own clock.")


class CustomerPreferencesIn(SnakeWire):
    """What the customer says; what is left out stays as it is."""

    company_hq_id: str | None = Field(None, alias="companyHQId", max_length=64)
    language: Text = Field(UNSAID, description="A tag as of BCP 47, such as de-CH.")
    currency: Text = Field(UNSAID, description="A code as of ISO 4217, such as EUR.")
    theme: Theme = Field(UNSAID)
    layout: Layout = Field(UNSAID)
    timezone: Text = Field(UNSAID, description="A name of the IANA database, such as Europe/Berlin.")
    notifications: NotificationsIn = Field(UNSAID)
    privacy: PrivacyIn = Field(UNSAID)
    cookies: CookiesIn = Field(UNSAID)
    quiet_hours: QuietHoursIn = Field(UNSAID)

    def said(self) -> dict[str, Any]:
        """What is given, by our names."""
        given = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"company_hq_id"})
        flat = {name: value for name, value in given.items() if name not in GROUPS}
        for group, names in GROUPS.items():
            flat |= {names[there]: value for there, value in given.get(group, {}).items()}
        return flat


class NotificationsOut(SnakeWire):
    """Ways in which the customer may be written to."""

    email: bool
    sms: bool
    push: bool


class PrivacyOut(SnakeWire):
    """What may be done with what is known of the customer."""

    tracking_enabled: bool
    personalized_ads: bool
    data_sharing: bool


class CookiesOut(SnakeWire):
    """Cookies that may be set."""

    functional: bool
    analytics: bool
    marketing: bool


class QuietHoursOut(SnakeWire):
    """Hours in which nobody writes."""

    begins: Time = Field(alias="from")
    until: Time


class CustomerPreferencesOut(SnakeWire):
    """What counts for a customer: what they said, else the company's defaults, else the shipped ones."""

    user_id: str
    language: str
    currency: str
    theme: Theme
    notifications: NotificationsOut
    privacy: PrivacyOut
    cookies: CookiesOut
    layout: Layout
    timezone: str
    quiet_hours: QuietHoursOut

    @classmethod
    def of(cls, user_id: str, now: Effective) -> CustomerPreferencesOut:
        """The preferences as calls answer them."""
        values = written({name: getattr(now, name) for name in NAMES})
        nested: dict[str, Mapping[str, Any]] = {
            group: {there: values.pop(name) for there, name in names.items()}
            for group, names in GROUPS.items()
        }
        return cls.model_validate({"user_id": user_id, **values, **nested})


class ConsentOut(SnakeWire):
    """A change of a consent: what, whether granted, when, by whom or which client, under which wording."""

    purpose: Purpose
    granted: bool
    at: datetime
    by: str
    wording: str

    @classmethod
    def of(cls, row: Consent) -> ConsentOut:
        """The change as calls answer it."""
        return cls(purpose=row.purpose, granted=row.granted, at=row.at, by=row.by, wording=row.wording)


class ConsentsOut(SnakeWire):
    """A page of a customer's consents, the newest first; `next` is the cursor of the older ones."""

    items: list[ConsentOut]
    next: str | None


class IfMatch(BaseModel):
    """The header of a change to what was read."""

    tag: str | None = Field(
        None,
        alias="If-Match",
        max_length=1000,
        description="The ETag that was read; 412 when somebody changed the preferences since. * is any.",
    )

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Answer the schema: the framework asks for it on each request, and it never changes."""
        asked = repr((args, kwargs))
        if asked not in _SCHEMAS:
            _SCHEMAS[asked] = super().model_json_schema(*args, **kwargs)
        return _SCHEMAS[asked]

    @property
    def versions(self) -> frozenset[int] | None:
        """The versions that the caller has seen; None when any will do."""
        if self.tag is None:
            return None
        tags = parse_etags(self.tag)
        if tags.star_tag:
            return None
        return frozenset(int(one) for one in tags.as_set() if one.isascii() and one.isdecimal())
