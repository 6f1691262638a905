"""The demo company's leads: three salespeople with habits of their own, the same at every start.

What wins a lead differs by salesperson: calls and meetings, answered e-mails, or views of properties. How
often that happens with a lead is drawn first; whether it is won follows from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from webapp.leads.facts import CLOSED, OPEN, Stage

DAYS = 730  # of history
CURRENCY = "EUR"
CENTS = 100
KINDS = {  # how often each happens with a plain lead, to each other
    "email_open": 5.0,
    "email_click": 2.0,
    "email_reply": 1.4,
    "property_view": 2.6,
    "page_view": 4.0,
    "form_submit": 0.5,
    "call": 1.6,
    "meeting": 0.6,
    "note": 0.8,
}
SOURCES = {"website": 0.34, "portal": 0.28, "referral": 0.16, "event": 0.12, "cold list": 0.10}
OF_SOURCE = {"referral": 0.5, "event": 0.1, "website": 0.0, "portal": -0.1, "cold list": -0.6}  # log-odds
REGIONS = ("Lake", "Harbour", "Old town", "Hills", "Outskirts")
STEEPNESS = 2.4  # log-odds by standard deviation of what this person's wins hang on
NOTES = ("Prefers mornings", "Asked for the floor plan", "Has a house to sell first", "Comes back in a week")
FIRST = (
    *("Amrei", "Bruno", "Carla", "Deniz", "Elif", "Frida", "Gustav", "Hanna", "Idris", "Judith", "Kai"),
    *("Leyla", "Matteo", "Nadia", "Oskar", "Paula", "Quirin", "Rosa", "Silvan", "Tilda", "Umar", "Vera"),
    *("Wanda", "Yannis", "Zoe", "Anselm", "Birte", "Cem", "Dorothea", "Emil", "Fatma", "Greta"),
)
LAST = (
    *("Vogt", "Maas", "Aydin", "Lorenz", "Petrov", "Haas", "Silva", "Nowak", "Brandl", "Keita", "Moreau"),
    *("Sommer", "Jansen", "Costa", "Weiss", "Demir", "Falk", "Rossi", "Hansen", "Marek", "Öztürk", "Pohl"),
    *("Renner", "Stark", "Thoma", "Ullrich", "Voss", "Wolff", "Yilmaz", "Zeller", "Adler", "Bergmann"),
)


@dataclass(frozen=True)
class Seller:
    """A salesperson: what their wins hang on, how gladly they win, how many leads they have."""

    email: str
    name: str
    hangs_on: tuple[str, ...]
    often: float  # of what their wins hang on, to a plain lead
    lean: float  # log-odds of winning a middling lead
    closed: int
    open: int


SELLERS = (
    Seller("jonas.keller@demo.example", "Jonas Keller", ("call", "meeting"), 1.5, -0.5, 176, 34),
    Seller("mira.okafor@demo.example", "Mira Okafor", ("email_reply",), 1.8, -0.7, 152, 31),
    Seller("tomas.rivera@demo.example", "Tomás Rivera", ("property_view",), 1.4, -0.6, 138, 28),
)
UNASSIGNED = 9


@dataclass(frozen=True)
class DemoLead:
    """A lead with all that happened: stages, activities, what became of it (name, before, after, when)."""

    identifier: str
    name: str
    source: str
    value_minor: int
    owner: str
    opened_at: datetime
    attributes: dict[str, Any]
    steps: tuple[tuple[Stage, datetime], ...]
    activities: tuple[tuple[str, datetime, str], ...] = ()
    facts: tuple[tuple[str, Any, Any, datetime], ...] = field(default=())

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        plain = self.name.lower().replace(" ", ".").translate(str.maketrans("öü", "ou"))
        return f"{plain}@leads.example"

    @property
    def stage(self) -> Stage:
        """Where the lead stands."""
        return self.steps[-1][0]


def leads(now: datetime) -> list[DemoLead]:
    """All leads up to now, with the ids of their making."""
    rng = Random(4_812)  # noqa: S311  # made-up data, the same each time
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    rng.shuffle(names)
    return [
        _lead(rng, number, name, *what, now)
        for number, (name, what) in enumerate(zip(names, _wanted(), strict=False), start=1)
    ]


def _wanted() -> Iterator[tuple[Seller | None, bool]]:
    """Whose the leads are, and which are closed."""
    for seller in SELLERS:
        yield from ((seller, True) for _ in range(seller.closed))
        yield from ((seller, False) for _ in range(seller.open))
    yield from ((None, False) for _ in range(UNASSIGNED))


def _lead(
    rng: Random,
    number: int,
    name: str,
    seller: Seller | None,
    closed: bool,  # noqa: FBT001  # one of two kinds
    now: datetime,
) -> DemoLead:
    lasted = timedelta(days=min(150, max(6, rng.lognormvariate(3.5, 0.55))))
    if closed:
        opened = now - timedelta(days=1 + rng.random() * (DAYS - 160)) - lasted
        end = opened + lasted
    else:
        opened, end = now - timedelta(days=0.5 + rng.random() * (6 if seller is None else 80)), now
    opened = opened.replace(hour=rng.randint(8, 19), minute=rng.randint(0, 59), second=0, microsecond=0)
    opened = min(opened, end - timedelta(hours=6))
    source = rng.choices(tuple(SOURCES), SOURCES.values())[0]  # type: ignore[arg-type]  # any collection does
    attributes = _attributes(rng)
    keenness = rng.gauss(0, 1)
    activities = _activities(rng, seller, keenness, opened, end)
    won = rng.random() < _chance(seller, keenness, source, attributes)
    steps = _steps(rng, opened, end, won if closed else None, keenness)
    facts = _facts(rng, attributes, opened, end)
    return DemoLead(
        identifier=f"D-{number:04}",
        name=name,
        source=source,
        value_minor=round(rng.lognormvariate(12.5, 0.45) / 1_000) * 1_000 * CENTS,
        owner=seller.email if seller else "",
        opened_at=opened,
        attributes=attributes,
        steps=steps,
        activities=activities,
        facts=facts,
    )


def _attributes(rng: Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "bedrooms": rng.choices((1, 2, 3, 4, 5), (10, 28, 34, 20, 8))[0],
        "budget_confirmed": rng.random() < 0.45,
        "region": rng.choice(REGIONS),
    }
    if rng.random() < 0.6:
        found["first_time_buyer"] = rng.random() < 0.5
    return found


def _chance(seller: Seller | None, keenness: float, source: str, attributes: dict[str, Any]) -> float:
    if seller is None:
        return 0.0
    odds = seller.lean + STEEPNESS * keenness + OF_SOURCE[source]
    odds += 0.4 if attributes["budget_confirmed"] else -0.3
    return 1 / (1 + math.exp(-odds))


def _activities(
    rng: Random, seller: Seller | None, keenness: float, opened: datetime, end: datetime
) -> tuple[tuple[str, datetime, str], ...]:
    """Three to twenty-five; what the person's wins hang on comes as often as the lead is keen."""
    weights = dict(KINDS)
    for kind in seller.hangs_on if seller else ():
        weights[kind] *= seller.often * math.exp(0.9 * keenness) if seller else 1
    count = min(25, max(3, round(rng.gauss(11, 4))))
    kinds = rng.choices(tuple(weights), tuple(weights.values()), k=count)
    span = (end - opened).total_seconds()
    times = sorted(opened + timedelta(seconds=round(span * rng.betavariate(1.1, 1.6))) for _ in kinds)
    return tuple(
        (kind, at, rng.choice(NOTES) if kind == "note" else "") for kind, at in zip(kinds, times, strict=True)
    )


def _steps(
    rng: Random,
    opened: datetime,
    end: datetime,
    won: bool | None,  # noqa: FBT001  # None: still open
    keenness: float,
) -> tuple[tuple[Stage, datetime], ...]:
    """The stages that were reached; an open lead is somewhere on its way."""
    far = min(4, max(0, round(2 + 0.7 * keenness + rng.gauss(0, 1))))
    reached = 4 if won else far
    span = (end - opened).total_seconds()
    shares = sorted(rng.uniform(0.03, 0.92) for _ in range(reached))
    between = [
        (stage, opened + timedelta(seconds=round(span * share)))
        for stage, share in zip(OPEN[1:], shares, strict=False)
    ]
    close = () if won is None else ((CLOSED[0] if won else CLOSED[1], end),)
    return ((OPEN[0], opened), *between, *close)


def _facts(
    rng: Random, attributes: dict[str, Any], opened: datetime, end: datetime
) -> tuple[tuple[str, Any, Any, datetime], ...]:
    """Some budgets were confirmed on the way."""
    if not attributes["budget_confirmed"] or rng.random() < 0.7:
        return ()
    at = opened + (end - opened) * rng.uniform(0.1, 0.8)
    return (("attributes.budget_confirmed", False, True, at.replace(microsecond=0)),)
