"""What the area speaks of: archetypes, the three ways, requests and their ends, causes of a change."""

from __future__ import annotations

import enum


class Archetype(enum.Enum):
    """What a member is found, or said, to be."""

    BIG_SPENDER = "big_spender"
    HIGH_FLEXIBILITY = "high_flexibility"
    AVERAGE_USER = "average_user"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return {
            "big_spender": "Big spender",
            "high_flexibility": "High flexibility",
            "average_user": "Average user",
        }[self.value]

    @property
    def description(self) -> str:
        """Say what such a member is like."""
        return {
            "big_spender": "Pays more than the base price and puts convenience first.",
            "high_flexibility": "Moves dates easily, helps others out and prefers swaps to paying.",
            "average_user": "Pays about the base price and weighs each request by itself.",
        }[self.value]


class Way(enum.Enum):
    """How a member may get a night: have it, share it, exchange it."""

    BUYOUT = "buyout"
    CRASH = "crash"
    SWAP = "swap"

    @property
    def label(self) -> str:
        """Call it by its name."""
        return self.value.capitalize()

    @property
    def meaning(self) -> str:
        """Say what it is."""
        return {
            "buyout": "pay to have the night",
            "crash": "stay over alongside",
            "swap": "exchange nights",
        }[self.value]


class RequestStatus(enum.Enum):
    """How far a request is."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return self.value


class DeclineReason(enum.Enum):
    """Why a request was declined."""

    PRICE = "price"
    TIMING = "timing"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return self.value


class Selected(enum.Enum):
    """What a member took of what was offered; `none` is to walk away."""

    BUYOUT = "buyout"
    CRASH = "crash"
    SWAP = "swap"
    NONE = "none"

    @property
    def label(self) -> str:
        """Say it in a word."""
        return "Nothing" if self is Selected.NONE else self.value.capitalize()


class Cause(enum.Enum):
    """Why the archetype in force of a member changed."""

    DETECTED = "detected"
    OVERRIDDEN = "overridden"
    REVERTED = "reverted"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """Say it in words."""
        return {
            "detected": "detected from history",
            "overridden": "overridden",
            "reverted": "override reverted",
            "expired": "override expired",
        }[self.value]


class RuleDeed(enum.Enum):
    """What was done with a version of the rules."""

    PUBLISHED = "published"
    ROLLED_OUT = "rolled_out"
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"

    @property
    def label(self) -> str:
        """Say it in words."""
        return {
            "published": "published to everyone",
            "rolled_out": "rolled out to a share of members",
            "withdrawn": "taken back from its share of members",
            "rolled_back": "put in force again",
        }[self.value]
