"""Why a member is what they are: each signal's part in it, and the ones that decided, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from webapp.archetypes.facts import Archetype
from webapp.archetypes.rules.detect import ARCHETYPES, SIGNALS, placed, weighed, weights_of
from webapp.archetypes.rules.ruleset import Detection, Signal
from webapp.core.money import said

MOST_REASONS = 3
Stored = Sequence[float | None]  # the values in the order of the signals, then how many requests each is of


@dataclass(frozen=True)
class Part:
    """A signal's part in the detection: its value in its own unit, how many requests it was read from, its
    place between the anchors, and what it weighs and adds for each archetype. None where nothing is known.
    """

    signal: Signal
    value: float | None
    evidence: int
    at: float | None
    weights: Mapping[Archetype, float]
    adds: Mapping[Archetype, float]


def explain(signals: Stored, detection: Detection) -> tuple[Part, ...]:
    """Every signal's part, in the order of the signals; nothing when nothing was detected yet."""
    known = signals or [None] * (2 * len(SIGNALS))
    values = np.array([[np.nan if one is None else one] for one in known[: len(SIGNALS)]], float)
    evidence = np.array([[one or 0] for one in known[len(SIGNALS) :]], float)
    with np.errstate(invalid="ignore"):
        at = placed(values, evidence, detection)
    weighing = {one: weights_of(one, at, detection) for one in ARCHETYPES}
    adds = {one: weighed(one, at, weighing[one])[:, 0] for one in ARCHETYPES}
    weights = {one: weighing[one][:, 0] for one in ARCHETYPES}
    return tuple(
        Part(
            signal=signal,
            value=known[row],
            evidence=int(evidence[row, 0]),
            at=None if np.isnan(at[row, 0]) else float(at[row, 0]),
            weights={one: float(weights[one][row]) for one in ARCHETYPES},
            adds={one: float(adds[one][row]) for one in ARCHETYPES},
        )
        for row, signal in enumerate(SIGNALS)
    )


def reasons(
    parts: Sequence[Part],
    archetype: Archetype,
    beliefs: Mapping[Archetype, float],
    transactions: int,
    detection: Detection,
    currency: str,
) -> tuple[str, ...]:
    """In plain words, what decided between the archetype and the next most likely one."""
    if transactions < detection.new_below:
        return (_new(transactions, detection.new_below),)
    rival = max((one for one in ARCHETYPES if one is not archetype), key=lambda one: beliefs.get(one, 0.0))
    lead = {part.signal: part.adds[archetype] - part.adds[rival] for part in parts if part.value is not None}
    deciding = sorted(
        (one for one in parts if lead.get(one.signal, 0) > 0), key=lambda one: -lead[one.signal]
    )
    told = [f"{words_of(one, currency)}." for one in deciding[:MOST_REASONS]]
    closing = f"That speaks for {_article(archetype)} rather than {_article(rival)}."
    return (*told, closing) if told else (f"Nothing sets this member apart from {_article(archetype)}.",)


def words_of(part: Part, currency: str) -> str:
    """A signal's value as a statement about the member."""
    value = part.value
    if value is None:
        return f"{part.signal.label}: nothing known yet"
    words = {
        Signal.AVERAGE_VALUE: lambda: (
            f"Pays {said(Decimal(round(value)), currency)} a transaction on average"
        ),
        Signal.WILLINGNESS: lambda: f"Pays {value * 100:.0f} % of the base price",
        Signal.PRICE_REJECTION: lambda: f"Gives up {value * 100:.0f} % of requests for their price",
        Signal.RESPONSE_TIME: lambda: f"Answers others after {_minutes(value)} (median)",
        Signal.ACCEPTANCE: lambda: f"Says yes to {value * 100:.0f} % of what others ask",
        Signal.REQUEST_RATE: lambda: f"Makes {value:.1f} requests in 30 days",
        Signal.SWAP_SHARE: lambda: f"{value * 100:.0f} % of what was agreed were swaps",
        Signal.ACCOMMODATIONS: lambda: f"Has said yes to others {_times(value)}",
        Signal.RECIPROCITY: lambda: f"{value * 100:.0f} % of what was agreed was given, not received",
    }
    return words[part.signal]()


def _new(transactions: int, needed: int) -> str:
    had = {0: "No transaction", 1: "Only 1 transaction"}.get(
        transactions, f"Only {transactions} transactions"
    )
    return f"{had} so far: a new member counts as an average user until there are {needed}."


def _minutes(minutes: float) -> str:
    if minutes < 90:
        return f"{minutes:.0f} minutes"
    return f"{minutes / 60:.1f} hours" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def _times(count: float) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(round(count), f"{count:.0f} times")


def _article(archetype: Archetype) -> str:
    name = archetype.label.lower()
    if archetype is Archetype.HIGH_FLEXIBILITY:
        return "a highly flexible member"
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
