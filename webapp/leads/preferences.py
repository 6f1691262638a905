"""How a person wants to be spoken to and when: kept per company, with the house's defaults until changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.db import unit
from webapp.core.errors import Conflict, DomainError
from webapp.leads.facts import Frequency, Tone
from webapp.leads.models import Salesperson
from webapp.leads.rules.timing import Window, read_window, written_window
from webapp.leads.salespeople import held_salesperson, salesperson_of

LONGEST = 2000  # characters of instructions
# What the wire calls them, and what they are called here.
NAMES = {
    "chatbotTone": "tone",
    "autoSuggestActions": "suggests_actions",
    "enableProactive": "proactive",
    "preferredContactTime": "contact_time",
    "aiInsightsFrequency": "digest",
    "customInstructions": "instructions",
}
WIRE = {name: wire for wire, name in NAMES.items()}


@dataclass(frozen=True)
class Preferences:
    """A person's preferences. `contact_time` is empty, `HH:MM` or `HH:MM-HH:MM`, by the company's clock."""

    tone: Tone = Tone.PROFESSIONAL
    suggests_actions: bool = True
    proactive: bool = True
    contact_time: str = ""
    digest: Frequency = Frequency.DAILY
    instructions: str = ""

    @property
    def window(self) -> Window | None:
        """When the person prefers to get in touch."""
        return read_window(self.contact_time)


def preferences_of(session: Session, staff_id: UUID) -> Preferences:
    """What the person prefers in the session's company; the defaults before they said so."""
    return preferences_in(salesperson_of(session, staff_id))


def preferences_in(row: Salesperson | None) -> Preferences:
    """What the row says."""
    if row is None:
        return Preferences()
    return Preferences(**{one.name: getattr(row, one.name) for one in fields(Preferences)})


def change_preferences(
    session: Session,
    actor: Actor,
    staff_id: UUID,
    values: Mapping[str, Any],
    *,
    auditor: Auditor,
    version: int | None = None,
) -> Preferences:
    """Change some or all of them, named as in `Preferences`.

    Raises DomainError that names the field on the wire, Conflict when `version` was given and is not theirs.
    """
    wanted = _clean(values)
    with unit(session):
        row = held_salesperson(session, staff_id)
        if version is not None and version != row.version:
            raise Conflict("These preferences were changed meanwhile, in another window or by a program.")
        before = asdict(preferences_in(row))
        changes = {name: (before[name], value) for name, value in wanted.items() if before[name] != value}
        if changes:
            for name, (_, value) in changes.items():
                setattr(row, name, value)
            row.version += 1
            told = {name: (_told(old), _told(new)) for name, (old, new) in changes.items()}
            auditor.record(session, actor, AuditAction.PREFERENCES_CHANGED, row, changes=told)
        return preferences_in(row)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = dict(values)
    if "contact_time" in wanted:
        wanted["contact_time"] = _time(wanted["contact_time"])
    if "instructions" in wanted:
        wanted["instructions"] = wanted["instructions"].replace("\0", "").replace("\r\n", "\n").strip()
        if len(wanted["instructions"]) > LONGEST:
            raise _refused("instructions", f"Keep this under {LONGEST} characters.")
    return wanted


def _time(text: str) -> str:
    try:
        return written_window(text)
    except ValueError as error:
        raise _refused("contact_time", str(error)) from None


def _refused(name: str, why: str) -> DomainError:
    return DomainError(why, code="invalid_preferences", details={WIRE[name]: why})


def _told(value: object) -> object:
    return value.value if isinstance(value, Tone | Frequency) else value
