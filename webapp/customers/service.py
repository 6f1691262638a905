"""How the service runs for a company now: its own settings below the instance's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.db import read
from webapp.core.errors import Forbidden
from webapp.customers.facts import Feature
from webapp.customers.models import CustomerSettings
from webapp.settings import Settings

# What the instance's settings say of each feature; the kill switch of all is the company's alone.
INSTANCE = {
    Feature.TRACKING: "enable_behavioral_tracking",
    Feature.HISTORY: "track_browsing_history",
    Feature.RECOMMENDATIONS: "enable_personalized_recommendations",
    Feature.SEARCH: "enable_personalized_search",
    Feature.EXPERIMENTS: "enable_ab_testing",
    Feature.PRICING: "enable_dynamic_pricing",
    Feature.SEND_TIME: "enable_smart_notifications",
    Feature.PREFERENCES: "enable_preference_center",
}
OWN = select(  # built once: every call asks it
    CustomerSettings.off,
    CustomerSettings.consent_first,
    CustomerSettings.wording,
    CustomerSettings.defaults,
    CustomerSettings.search_shift,
    CustomerSettings.retention_days,
    CustomerSettings.version,
)
# What goes back to the version for everybody when all personalization is switched off.
PERSONAL = frozenset({Feature.RECOMMENDATIONS, Feature.SEARCH, Feature.PRICING, Feature.SEND_TIME})


@dataclass(frozen=True)
class Service:
    """A company's settings; `off` are the features it switched off, `consent_first` whether it asks first."""

    instance: Settings
    off: frozenset[Feature] = frozenset()
    asks_first: bool = True
    wording: str = "1"
    defaults: Mapping[str, Any] = field(default_factory=dict)
    search_shift: int = 5
    retention_days: int = 730
    version: int = 0

    def on(self, feature: Feature) -> bool:
        """Whether the feature works: for the instance, for the company, under its kill switch."""
        return not self.why_off(feature)

    def why_off(self, feature: Feature) -> str:
        """What switches the feature off, fit for people; empty when it is on."""
        name = INSTANCE.get(feature)
        if name and not getattr(self.instance, name):
            return f"{feature.label} is off: {name.upper()} is false for this instance."
        if feature in self.off:
            return f"{feature.label} is switched off for this company."
        if Feature.ALL in self.off and feature in PERSONAL:
            return f"{feature.label} is off: all personalization of this company is switched off."
        return ""

    def without(self, feature: Feature) -> Service:
        """The same with one more feature off, for one answer."""
        return replace(self, off=self.off | {feature})

    @property
    def consent_first(self) -> bool:
        """Whether nothing is tracked without a consent: the law's rule is on, and the company follows it."""
        return self.instance.gdpr_compliant and self.asks_first


def service_of(session: Session, settings: Settings) -> Service:
    """Read the settings of the session's company; what was never set is as shipped."""
    row = read(session, OWN).first()
    if row is None:
        return Service(settings)
    return Service(
        settings,
        frozenset(map(Feature, row.off)),
        row.consent_first,
        row.wording,
        row.defaults,
        row.search_shift,
        row.retention_days,
        row.version,
    )


def retention_days(session: Session) -> int:
    """How many days the session's company keeps what customers did."""
    said = session.scalar(select(CustomerSettings.retention_days))
    return Service.retention_days if said is None else said


def need(service: Service, feature: Feature) -> None:
    """Raise Forbidden with the feature's name when it is off."""
    why = service.why_off(feature)
    if why:
        raise Forbidden(why, code="feature_off", details={"feature": feature.value})
