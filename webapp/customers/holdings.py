"""What the customers' area holds of a customer: preferences, consents, behaviour, offers, prices."""

from __future__ import annotations

from webapp.core.privacy import Holding, nothing_personal
from webapp.customers.models import (
    CatalogItem,
    Consent,
    ContentBlock,
    CustomerSettings,
    Dislike,
    Event,
    Offer,
    OfferGiven,
    Preference,
    PriceQuote,
    PriceRules,
    RecommenderModel,
)

HOLDINGS = (
    nothing_personal(CustomerSettings, "defaults", "wording", "off"),
    Holding(
        Preference,
        by=(Preference.person_id,),
        title="Preferences",
        personal=("language", "currency", "timezone"),
    ),
    Holding(Consent, by=(Consent.person_id,), title="Consents", plain=("by", "wording"), hides=("by",)),
    nothing_personal(CatalogItem, "identifier", "title", "category", "currency", "attributes"),
    Holding(
        Event,
        by=(Event.person_id,),
        title="Behaviour",
        personal=("identifier", "item", "query", "currency", "session", "properties"),
        plain=("kind",),
    ),
    Holding(Dislike, by=(Dislike.person_id,), title="Less like this", personal=("item",)),
    nothing_personal(Offer, "identifier", "title", "body", "audience"),
    Holding(OfferGiven, by=(OfferGiven.person_id,), title="Offers received"),
    nothing_personal(ContentBlock, "name", "body", "audience", "fallbacks"),
    nothing_personal(
        RecommenderModel,
        "method",
        "reason",
        "quality",
        "trained_by",
        why="Counts; the files of versions that learned from this person go, and a new one is trained.",
    ),
    nothing_personal(PriceRules, "rules", "by", mentions=("note",)),
    Holding(
        PriceQuote,
        by=(PriceQuote.person_id,),
        title="Prices told",
        personal=("item", "reasons"),
        plain=("currency",),
    ),
)
