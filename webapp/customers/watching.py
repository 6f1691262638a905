"""What experiments ask of customers: whether they run at all, and whether somebody may be watched."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.core.services import services
from webapp.core.trials import Measure, Treatment
from webapp.customers.facts import Feature, Kind
from webapp.customers.service import service_of
from webapp.customers.tracking import known_of, refusal

HOMEPAGE, PRICES = "homepage", "dynamic_pricing"
OFF = "ab_testing_off"
BOUGHT = Measure("purchase", "Bought something", "proportion", Kind.PURCHASE.value)
REVENUE = Measure("revenue", "Revenue of a customer", "revenue", Kind.PURCHASE.value)
TREATMENTS = (
    Treatment(
        HOMEPAGE,
        "Personal homepage",
        "the homepage that a stranger gets: what is popular",
        (Measure("product_view", "Looked at a product", "proportion", Kind.PRODUCT_VIEW.value), BOUGHT),
    ),
    Treatment(PRICES, "Dynamic pricing", "the base price of every item", (REVENUE, BOUGHT)),
)


def experiments_off(session: Session) -> str:
    """Why no customer of the company is in an experiment; empty when they can be."""
    return service_of(session, services().settings).why_off(Feature.EXPERIMENTS)


def why_unwatched(session: Session, identifier: str) -> str:
    """Why this customer is in no experiment: they are off, or what they do must not be tracked."""
    service = service_of(session, services().settings)
    if not service.on(Feature.EXPERIMENTS):
        return OFF
    _, said = known_of(session, {identifier}).get(identifier, (None, None))
    return refusal(service, said) or ""
