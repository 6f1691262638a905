"""A customer's preferences as pages tell them: each value in words, with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.area import PersonPart
from webapp.core.services import services
from webapp.customers.consents import history_of
from webapp.customers.models import Preference
from webapp.customers.preferences import effective_in, preference_of, said_in
from webapp.customers.rules.preferring import LABELS, NAMES, read_wanted, source_of
from webapp.customers.service import Service, service_of

GROUPS = {
    "Look and language": ("language", "currency", "timezone", "theme", "layout"),
    "Ways to write": ("email", "sms", "push", "quiet_from", "quiet_until"),
    "Privacy": ("tracking_enabled", "personalized_ads", "data_sharing"),
    "Cookies": ("functional", "analytics", "marketing"),
}
SHOWN = 5


@dataclass(frozen=True)
class Told:
    """A preference as it is shown."""

    label: str
    value: str
    source: str


def groups_of(row: Preference | None, service: Service) -> dict[str, list[Told]]:
    """All preferences that count, by what they are about."""
    said, now = said_in(row), effective_in(row, service)

    def told(name: str) -> Told:
        source = source_of(name, said, service.defaults, consent_first=service.consent_first)
        return Told(LABELS[name], in_words(getattr(now, name)), "always" if name == "functional" else source)

    return {title: [told(name) for name in names] for title, names in GROUPS.items()}


def in_words(value: Any) -> str:
    """A value for people."""
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(getattr(value, "label", value)) if isinstance(value, Enum) else str(value)


def differences(row: Preference | None, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is saved where it differs from what a form says, by labels."""
    wanted, _ = read_wanted(given)
    saved = said_in(row)
    return [
        (LABELS[name], in_words(saved[name]))
        for name in NAMES
        if name in wanted and saved[name] != wanted[name]
    ]


def preferences_of_person(session: Session, _actor: Actor, person_id: UUID) -> PersonPart | None:
    """Preferences and the latest consents, for the person's page; nothing for who said nothing."""
    row = preference_of(session, person_id)
    history, _ = history_of(session, person_id, SHOWN)
    if row is None and not history:
        return None
    service = service_of(session, services().settings)
    context = {
        "person_id": person_id,
        "groups": groups_of(row, service),
        "history": history,
        "version": row.version if row else 0,
        "by_law": service.instance.gdpr_compliant,
    }
    return PersonPart(
        "Preferences and consents", "customers/_person.html", context, Permission.CUSTOMERS_READ
    )
