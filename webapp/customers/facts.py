"""What the area speaks of: themes, layouts, kinds of events, purposes of consent, features, slots."""

from __future__ import annotations

import enum


class Theme(enum.Enum):
    """How a customer wants pages to look."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()


class Layout(enum.Enum):
    """How a customer wants lists to be laid out."""

    GRID = "grid"
    LIST = "list"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()


class Kind(enum.Enum):
    """Kinds of events that mean something to the service; others are kept as they come."""

    PAGE_VIEW = "page_view"
    PRODUCT_VIEW = "product_view"
    SEARCH = "search"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    PURCHASE = "purchase"
    EMAIL_OPEN = "email_open"
    EMAIL_CLICK = "email_click"
    NOTIFICATION_OPEN = "notification_open"
    RATING = "rating"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.replace("_", " ").capitalize()


# How much an event says for an item, before it ages; what is not named says nothing.
STRENGTHS = {
    Kind.PRODUCT_VIEW: 1.0,
    Kind.ADD_TO_CART: 3.0,
    Kind.REMOVE_FROM_CART: -2.0,
    Kind.PURCHASE: 5.0,
    Kind.RATING: 1.0,  # times the rating less three
}


# What browsing is: kept, and shown, only as far as the company wants.
BROWSING = frozenset({Kind.PAGE_VIEW.value, Kind.PRODUCT_VIEW.value, Kind.SEARCH.value})


class Purpose(enum.Enum):
    """What a customer may consent to."""

    TRACKING = "tracking"
    PERSONALIZED_ADS = "personalized_ads"
    DATA_SHARING = "data_sharing"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    ANALYTICS = "analytics"
    MARKETING = "marketing"

    @property
    def label(self) -> str:
        """Call it by its name."""
        words = {"email": "E-mail", "sms": "SMS"}
        return words.get(self.value, self.value.replace("_", " ").capitalize())


class Channel(enum.Enum):
    """How a customer is written to."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return {"email": "E-mail", "sms": "SMS", "push": "Push"}[self.value]


class Feature(enum.Enum):
    """What can be switched off, for the instance or for one company."""

    TRACKING = "behavioral_tracking"
    HISTORY = "browsing_history"
    RECOMMENDATIONS = "recommendations"
    SEARCH = "search"
    EXPERIMENTS = "ab_testing"
    PRICING = "dynamic_pricing"
    SEND_TIME = "smart_notifications"
    PREFERENCES = "preference_center"
    ALL = "personalization"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return {
            "behavioral_tracking": "Behavioural tracking",
            "browsing_history": "Browsing history",
            "recommendations": "Personalized recommendations",
            "search": "Personalized search",
            "ab_testing": "A/B testing",
            "dynamic_pricing": "Dynamic pricing",
            "smart_notifications": "Smart notifications",
            "preference_center": "Preference centre",
            "personalization": "All personalization",
        }[self.value]


class Slot(enum.Enum):
    """Where a content block stands."""

    HERO = "hero"
    BANNER = "banner"
    EMAIL_SUBJECT = "email_subject"
    EMAIL_BODY = "email_body"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return {
            "hero": "Hero",
            "banner": "Banner",
            "email_subject": "E-mail subject",
            "email_body": "E-mail body",
        }[self.value]


class Lifecycle(enum.Enum):
    """How long a customer has been quiet."""

    NEW = "new"
    ACTIVE = "active"
    AT_RISK = "at_risk"
    DORMANT = "dormant"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.replace("_", " ").capitalize()
