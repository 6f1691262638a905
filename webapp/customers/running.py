"""How a company has the service run: its settings changed as read, its features switched off and on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict
from webapp.core.reading import refuse
from webapp.customers.facts import Feature
from webapp.customers.models import CustomerSettings
from webapp.customers.rules.preferring import NAMES, read_wanted, written
from webapp.customers.service import INSTANCE, Service

LIMITS = {"search_shift": (0, 50), "retention_days": (1, 3_650)}
LONGEST_WORDING = 40
STALE = "Somebody else changed these settings while you were editing them."
# What each feature does when it is off, as programs and customers meet it.
MEANS = {
    Feature.TRACKING: "Events are answered with tracked: false and the reason; nothing is stored.",
    Feature.HISTORY: "Viewed pages and items are not stored; purchases and ratings are.",
    Feature.RECOMMENDATIONS: "Everyone gets what is popular, marked personalized: false.",
    Feature.SEARCH: "Results keep the order in which they came.",
    Feature.EXPERIMENTS: "Everyone gets the control and is in no experiment.",
    Feature.PRICING: "Calls for a price are refused (403) with the feature’s name.",
    Feature.SEND_TIME: "Calls for the best hour are refused (403) with the feature’s name.",
    Feature.PREFERENCES: "Preferences can be read; programs and staff cannot change them (403).",
    Feature.ALL: "At once everyone gets what is popular and search as it came; "
    "calls for a price or a best hour are refused (403) with the feature’s name.",
}


@dataclass(frozen=True)
class Switch:
    """A feature as the settings page shows it. `setting` names the instance's, `told` says if that is on."""

    feature: Feature
    means: str
    why_off: str
    setting: str
    told: bool
    off_here: bool

    @property
    def on(self) -> bool:
        """Whether the feature works now."""
        return not self.why_off


def switches_of(service: Service) -> list[Switch]:
    """All features with their states, the kill switch of all personalization first."""
    ordered = sorted(Feature, key=lambda one: one is not Feature.ALL)
    return [
        Switch(
            feature,
            MEANS[feature],
            service.why_off(feature),
            INSTANCE.get(feature, "").upper(),
            bool(getattr(service.instance, INSTANCE[feature])) if feature in INSTANCE else True,
            feature in service.off,
        )
        for feature in ordered
    ]


def settings_row(session: Session) -> CustomerSettings | None:
    """The company's own settings, if it ever changed any."""
    return session.scalar(select(CustomerSettings))


def version_of(row: CustomerSettings | None) -> int:
    """How often the company changed its settings."""
    return row.version - 1 if row else 0


def settings_values(row: CustomerSettings | None) -> dict[str, Any]:
    """What the company set: the four of its own, and its defaults by name."""
    known = row or CustomerSettings(updated_at=None)  # type: ignore[arg-type]  # never saved
    own = {name: getattr(known, name) for name in ("consent_first", "wording", *LIMITS)}
    return {**own, **{name: known.defaults.get(name) for name in NAMES}}


def change_settings(
    session: Session,
    actor: Actor,
    given: Mapping[str, Any],
    version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> CustomerSettings:
    """Save all settings as read at a version (0 when none were saved yet); the next call follows them.

    Raises Conflict when somebody saved in between, DomainError naming what cannot be.
    """
    values = _clean(given)
    with unit(session):
        row = _held(session, clock)
        if version_of(row) != version:
            raise Conflict(STALE, details={"version": f"is {version_of(row)} now"})
        before = settings_values(row)
        changes = {name: (before[name], value) for name, value in values.items() if before[name] != value}
        if changes:
            for name in ("consent_first", "wording", *LIMITS):
                setattr(row, name, values[name])
            row.defaults = {name: values[name] for name in NAMES if values[name] is not None}
            _moved(session, row, clock)
            auditor.record(session, actor, AuditAction.CUSTOMER_SETTINGS_CHANGED, row, changes=changes)
        return row


def switch(
    session: Session, actor: Actor, feature: Feature, *, on: bool, clock: Clock, auditor: Auditor
) -> None:
    """Switch a feature for the company; the next call follows. As it is already, nothing is written."""
    with unit(session):
        row = _held(session, clock)
        before = set(row.off)
        after = before - {feature.value} if on else before | {feature.value}
        if after != before:
            row.off = sorted(after)
            _moved(session, row, clock)
            changes = {feature.value: (not on, on)}
            auditor.record(session, actor, AuditAction.FEATURE_SWITCHED, row, changes=changes)


def _moved(session: Session, row: CustomerSettings, clock: Clock) -> None:
    row.version, row.updated_at = row.version + 1, clock.now()
    session.add(row)
    session.flush()


def _held(session: Session, clock: Clock) -> CustomerSettings:
    lock_key(session, "customer settings", company_of(session))
    row = session.scalar(select(CustomerSettings).with_for_update())
    if row is None:
        row = CustomerSettings(updated_at=clock.now())  # saved by the first change
    return row


def _clean(given: Mapping[str, Any]) -> dict[str, Any]:
    wanted, problems = read_wanted({name: given.get(name) for name in NAMES})
    wording = str(given["wording"]).strip()
    if not wording or len(wording) > LONGEST_WORDING or "\0" in wording:
        problems["wording"] = f"Name the wording’s version in 1 to {LONGEST_WORDING} characters."
    for name, (least, most) in LIMITS.items():
        if not least <= given[name] <= most:
            problems[name] = f"Choose from {least} to {most:,}."
    refuse(problems)
    own = {"consent_first": bool(given["consent_first"]), "wording": wording}
    return {**written(wanted), **own, **{name: given[name] for name in LIMITS}}
