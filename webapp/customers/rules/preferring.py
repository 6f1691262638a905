"""What counts of what a customer said, their company's defaults and those shipped; how each is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import time
from enum import Enum
from typing import Any

from webapp.core.checks import checked_zone
from webapp.core.money import checked_currency
from webapp.customers.facts import Layout, Purpose, Theme
from webapp.customers.rules.languages import language_tag

Values = Mapping[str, Any]
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LAW = "{} cannot be changed by the API: ALLOW_OPT_OUT is false for this instance."


@dataclass(frozen=True)
class Effective:
    """The preferences that count for a customer now. Quiet hours are by the customer's own clock.

    They may pass midnight; the same time twice is no quiet at all. `version` is that of what the customer
    said, 0 when that is nothing.
    """

    language: str = "en"
    currency: str = "USD"
    theme: Theme = Theme.SYSTEM
    layout: Layout = Layout.GRID
    timezone: str = "UTC"
    email: bool = True
    sms: bool = False
    push: bool = True
    tracking_enabled: bool = True
    personalized_ads: bool = True
    data_sharing: bool = False
    functional: bool = True
    analytics: bool = False
    marketing: bool = False
    quiet_from: time = time(22)
    quiet_until: time = time(8)
    version: int = 0


SHIPPED = Effective()
NAMES = tuple(one.name for one in fields(Effective) if one.name != "version")
# What is off until somebody said yes, where the company asks first: a default is nobody's consent.
ASKED = ("tracking_enabled", "personalized_ads", "data_sharing", "analytics", "marketing")
PRIVACY = ("tracking_enabled", "personalized_ads", "data_sharing")
PURPOSES = {
    "tracking_enabled": Purpose.TRACKING,
    "personalized_ads": Purpose.PERSONALIZED_ADS,
    "data_sharing": Purpose.DATA_SHARING,
    "email": Purpose.EMAIL,
    "sms": Purpose.SMS,
    "push": Purpose.PUSH,
    "analytics": Purpose.ANALYTICS,
    "marketing": Purpose.MARKETING,
}
NAME_OF = {purpose: name for name, purpose in PURPOSES.items()}
SWITCHES = ("email", "sms", "push", *PRIVACY, "functional", "analytics", "marketing")
# Where the wire holds what lies deeper, by our names.
GROUPS = {
    "notifications": {"email": "email", "sms": "sms", "push": "push"},
    "privacy": {name: name for name in PRIVACY},
    "cookies": {"functional": "functional", "analytics": "analytics", "marketing": "marketing"},
    "quiet_hours": {"from": "quiet_from", "until": "quiet_until"},
}
WIRE = {name: f"{group}.{there}" for group, names in GROUPS.items() for there, name in names.items()}
LABELS = {
    "language": "Language",
    "currency": "Currency",
    "theme": "Theme",
    "layout": "Layout",
    "timezone": "Time zone",
    "email": "E-mail",
    "sms": "SMS",
    "push": "Push notifications",
    "tracking_enabled": "Tracking",
    "personalized_ads": "Personalized ads",
    "data_sharing": "Data sharing",
    "functional": "Functional cookies",
    "analytics": "Analytics cookies",
    "marketing": "Marketing cookies",
    "quiet_from": "Quiet from",
    "quiet_until": "Quiet until",
}


def _word(kind: type[Enum]) -> Callable[[str], Enum]:
    def read(given: str) -> Enum:
        found = next((one for one in kind if one.value == given), None)
        if found is None:
            raise ValueError(f"Write one of {', '.join(str(one.value) for one in kind)}.")
        return found

    return read


def _time(given: str) -> time:
    if not TIME.fullmatch(given):
        raise ValueError("Write the time as hours and minutes, from 00:00 to 23:59.")
    return time.fromisoformat(given)


def _zone(given: str) -> str:
    zone = checked_zone(given)
    if not any(char == "/" or char.isupper() for char in zone):  # files of the database that are no zones
        raise ValueError("There is no such time zone. Write it like Europe/Berlin.")
    return zone


READERS: Mapping[str, Callable[[str], Any]] = {
    "language": language_tag,
    "currency": checked_currency,
    "theme": _word(Theme),
    "layout": _word(Layout),
    "timezone": _zone,
    "quiet_from": _time,
    "quiet_until": _time,
}


def read_wanted(given: Values) -> tuple[dict[str, Any], dict[str, str]]:
    """What is wanted, by our names, as it is kept, and a sentence for each that cannot be.

    Texts are read, switches are booleans, None takes back what was said.
    """
    wanted, problems = dict[str, Any](), dict[str, str]()
    for name, value in given.items():
        try:
            wanted[name] = READERS[name](value) if name in READERS and value is not None else value
        except ValueError as error:
            problems[name] = str(error)
    if wanted.get("functional") is False:
        problems["functional"] = "Functional cookies cannot be switched off: nothing works without them."
    return wanted, problems


def written(values: Values) -> dict[str, Any]:
    """Preferences as JSON holds them: words and times as texts."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.strftime("%H:%M") if isinstance(value, time) else value


def effective_of(said: Values, version: int, defaults: Values, *, consent_first: bool) -> Effective:
    """What counts: what was said, else the company's default, else the shipped one.

    `defaults` are as JSON holds them. Where consent comes first, no default switches on what asks for it.
    """
    company, _ = read_wanted({name: value for name, value in defaults.items() if name in NAMES})
    if consent_first:
        company |= dict.fromkeys(ASKED, False)
    spoken = {name: said.get(name) for name in NAMES}
    layers = (asdict(SHIPPED), company, spoken)
    values = {name: value for layer in layers for name, value in layer.items() if value is not None}
    return Effective(**{**values, "version": version, "functional": True})


def source_of(name: str, said: Values, defaults: Values, *, consent_first: bool) -> str:
    """Where a preference that counts comes from, in words."""
    if said.get(name) is not None:
        return "said"
    if consent_first and name in ASKED:
        return "not asked yet"
    return "company’s default" if defaults.get(name) is not None else "as shipped"


def consents_in(
    before: Values, after: Values, was: Effective, becomes: Effective
) -> list[tuple[Purpose, bool]]:
    """The consents that a change gives, refuses or takes back.

    What was said anew counts, and what is taken back when something else counts without it.
    """
    return [
        (purpose, getattr(becomes, name))
        for name, purpose in PURPOSES.items()
        if before.get(name) != after.get(name)
        and (after.get(name) is not None or getattr(was, name) != getattr(becomes, name))
    ]


def locked(
    before: Values, changed: Collection[str], becomes: Effective, *, by_law: bool, consent_first: bool
) -> dict[str, str]:
    """The privacy switches that the API may not change where opting out is not allowed, with why.

    Where the law counts, a consent that was given can be withdrawn, and one that is asked for can be given.
    """
    problems = dict[str, str]()
    for name in (one for one in PRIVACY if one in changed):
        on = getattr(becomes, name)
        withdrawn = by_law and before.get(name) is True and not on
        if not withdrawn and not (consent_first and on):
            problems[name] = LAW.format(LABELS[name])
    return problems
