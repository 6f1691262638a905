"""The shapes of the phrase banks: what a language must offer so that a persona can be drafted in it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Pain:
    """One pain: a statement with slots, the thing it is about as a noun phrase, and the themes it touches."""

    text: str
    topic: str
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """A line of work. Goals start with a verb; needs continue "it has to"; duty continues a job title."""

    label: str
    leader: str
    duty: str
    goals: tuple[str, ...]
    pains: tuple[Pain, ...]
    needs: tuple[str, ...]
    openers: tuple[str, ...]


@dataclass(frozen=True)
class Industry:
    """A line of business and its vocabulary: the words fill the slots of every other phrase."""

    label: str
    words: Mapping[str, str]
    pains: tuple[Pain, ...]
    needs: tuple[str, ...]
    goals: tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """A band of company sizes: its label, the adjectives for people and companies, pains and needs."""

    label: str
    adjective: str
    company: str
    pains: tuple[Pain, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Theme:
    """What a product can be about: outcomes in the third person and, spoken to the buyer, in the second."""

    outcomes: tuple[str, ...]
    promises: tuple[str, ...]


@dataclass(frozen=True)
class Bank:
    """All phrases of one language. Keys are the same in every language; "" is the fallback."""

    functions: Mapping[str, Function]
    industries: Mapping[str, Industry]
    sizes: Mapping[str, Size]
    themes: Mapping[str, Theme]
    solo_goals: tuple[str, ...]
    seniorities: Mapping[str, str]
    buying: Mapping[str, str]
