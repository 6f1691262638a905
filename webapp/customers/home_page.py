"""What a customer's homepage shows: sections in which no item stands twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.customers.recommending import Shelf, Suggestion, Suggestions, favourite, seen_lately, trending

EACH = 12  # items of a section
TITLES = {
    "en": ("Recommended for you", "Recently viewed", "Trending", "Trending in {}", "Popular"),
    "de": ("Für Sie empfohlen", "Zuletzt angesehen", "Im Trend", "Im Trend: {}", "Beliebt"),
    "fr": ("Recommandé pour vous", "Vus récemment", "Tendances", "Tendances : {}", "Populaire"),
    "es": ("Recomendado para usted", "Vistos recientemente", "Tendencias", "Tendencias: {}", "Popular"),
    "it": ("Consigliati per lei", "Visti di recente", "Di tendenza", "Di tendenza: {}", "Popolari"),
    "nl": ("Aanbevolen voor u", "Onlangs bekeken", "Trending", "Trending in {}", "Populair"),
}
OFFERS = {
    "en": "Offers for you",
    "de": "Angebote für Sie",
    "fr": "Offres pour vous",
    "es": "Ofertas para usted",
    "it": "Offerte per lei",
    "nl": "Aanbiedingen voor u",
}


@dataclass(frozen=True)
class Section:
    """A part of the page: its type on the wire, its title in the customer's language, its items."""

    type: str
    title: str
    products: Sequence[Suggestion]


def sections(shelf: Shelf, first: Suggestions, language: str) -> tuple[list[Section], bool]:
    """The sections of items, `first` what is recommended; whether any rests on what the customer did."""
    recommended, viewed, anywhere, within, popular = TITLES.get(_base(language), TITLES["en"])
    shown = {one.item for one in first.items}
    seen = seen_lately(shelf, EACH, {*shown, *shelf.taste.disliked})
    shown |= {one.item for one in seen}
    category = favourite(shelf)
    lately = trending(shelf, EACH, category, {*shown, *shelf.taste.disliked})
    return [
        Section("recommended_products", recommended if first.personalized else popular, first.items),
        Section("recently_viewed", viewed, seen),
        Section("trending", within.format(category) if category else anywhere, lately),
    ], first.personalized or bool(seen)


def offers_title(language: str) -> str:
    """The title of the offers, in the customer's language."""
    return OFFERS.get(_base(language), OFFERS["en"])


def _base(language: str) -> str:
    return language.split("-", maxsplit=1)[0].lower()
