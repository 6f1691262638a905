"""A customer's homepage as it is answered: sections, offers, layout and theme."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from webapp.core.clock import Clock
from webapp.core.db import read
from webapp.customers.giving import offers_for
from webapp.customers.home_page import EACH, offers_title, sections
from webapp.customers.outside import Adviser
from webapp.customers.preferences import effective
from webapp.customers.recommending import ANY_ITEM, ITEMS
from webapp.customers.service import Service
from webapp.people.known import person_id_of


def homepage(session: Session, service: Service, user_id: str, adviser: Adviser) -> dict[str, Any]:
    """Make what may be kept of the page: a document fit for JSON, without the offers.

    `instead` says that it may not, since it stands in for what an external recommender did not answer.
    """
    first, shelf = adviser.advise(session, service, user_id, EACH)
    wants = effective(session, service, person_id_of(session, user_id))
    parts, personal = sections(shelf, first, wants.language)
    told: list[dict[str, Any]] = [
        {
            "type": part.type,
            "title": part.title,
            "products": [
                {"product_id": one.item, "score": one.score, "reason": one.reason} for one in part.products
            ],
        }
        for part in parts
    ]
    return {
        "user_id": user_id,
        "language": wants.language,
        "sections": told,
        "layout": wants.layout.value,
        "theme": wants.theme.value,
        "personalized": personal,
        "instead": first.instead,
    }


def with_offers(session: Session, service: Service, page: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """The page with the offers that run now."""
    person_id = person_id_of(session, page["user_id"])
    offers = offers_for(session, service, person_id, clock=clock)
    language, _ = page.pop("language"), page.pop("instead")
    if offers:
        products = [{"offer_id": one.identifier, "title": one.title, "body": one.body} for one in offers]
        page["sections"].append({"type": "offers", "title": offers_title(language), "products": products})
    return page


def still_there(session: Session, page: dict[str, Any]) -> dict[str, Any]:
    """The page, which may have been kept for a while, without items that cannot be had any more."""
    shown = [
        one["product_id"] for part in page["sections"] for one in part["products"] if "product_id" in one
    ]
    if not shown or read(session, ANY_ITEM).first() is None:
        return page
    may = {row.identifier for row in read(session, ITEMS, {"items": shown})}
    for part in page["sections"]:
        part["products"] = [one for one in part["products"] if one.get("product_id", "") in {"", *may}]
    return page
