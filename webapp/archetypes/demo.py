"""The demo company's members, nights and two years of requests: made up, the same at every start.

Each member has a true type that is stored nowhere. It decides how often they ask, for what and at which
price, how soon they answer and how gladly they help, so that what is found can be held against it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from webapp.archetypes.demo_names import name_of
from webapp.archetypes.facts import Archetype, DeclineReason, RequestStatus, Way
from webapp.archetypes.reading import ANSWERED

KNOWN_LEARNER = "21179358"  # Marta Lindqvist, who learns here as well
MEMBERS = 240
NEW = 12
BIG, FLEXIBLE = 60, 72
DAYS = 730  # of history
NIGHTS_AHEAD = 90
CENTS = 100
CURRENCY = "EUR"
CRASH_SHARE = 0.3
SWAP_FEE = 25
HOUSES = {"lake": 1_320, "harbour": 1_640}  # the base price of a plain night, in EUR
SEASON = (0.86, 0.88, 0.95, 1.02, 1.08, 1.2, 1.32, 1.3, 1.06, 0.98, 0.86, 1.16)  # of prices, by month
BUSY = (0.7, 0.7, 0.9, 1.0, 1.1, 1.4, 1.6, 1.5, 1.1, 0.9, 0.7, 1.2)  # how many ask, by month
EVENTS = ((11, 1.12), (12, 1.2), (13, 1.2), (40, 0.92), (41, 0.92), (60, 1.08), (61, 1.35), (62, 1.35))
LEAD = (((0, 3), 12), ((4, 7), 18), ((8, 14), 25), ((15, 30), 28), ((31, 90), 17))
SHOWN_NIGHT = 5  # days from now: the lake’s night of 1,890 EUR


@dataclass(frozen=True)
class Habit:
    """What a true type does: how often, for what and at which price they ask, how they answer."""

    a_year: float
    ways: tuple[float, float, float]  # buyout, crash, swap
    ratio: tuple[float, float]  # where members' own means lie
    spread: float  # of one request around the member's mean
    minutes: float  # median
    helps: float  # log-odds of accepting a fair request
    asked: float  # how often others turn to them


HABITS = {
    Archetype.BIG_SPENDER: Habit(18, (0.86, 0.08, 0.06), (1.18, 1.25), 0.03, 18, -0.8, 0.6),
    Archetype.HIGH_FLEXIBILITY: Habit(8, (0.16, 0.2, 0.64), (0.87, 0.93), 0.04, 170, 1.7, 1.2),
    Archetype.AVERAGE_USER: Habit(12, (0.45, 0.38, 0.17), (0.96, 1.04), 0.05, 210, 0.3, 1.0),
}
WAYS = (Way.BUYOUT, Way.CRASH, Way.SWAP)
OF_WAY = {Way.BUYOUT: 0.3, Way.CRASH: 0.0, Way.SWAP: 0.2}  # log-odds of being accepted
STEEPNESS = 8.0  # log-odds by price ÷ fair price


@dataclass(frozen=True)
class DemoMember:
    """A member; with `new` one who has hardly asked for anything yet."""

    identifier: str
    name: str
    true: Archetype
    new: bool = False

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        return f"{self.name.lower().replace(' ', '.')}@members.example"


@dataclass(frozen=True)
class DemoNight:
    """A night of a house; its base price in minor units, its demand in millionths."""

    identifier: str
    date: date
    base_minor: int
    demand_ppm: int | None


@dataclass(frozen=True)
class DemoRequest:
    """A request in the words of its table; who and which night by identifier."""

    identifier: str
    requester: str
    responder: str
    night: str
    kind: Way
    asked_at: datetime
    days_until_checkin: int
    base_minor: int
    offered_minor: int
    status: RequestStatus
    decline_reason: DeclineReason | None
    answered_at: datetime | None


@cache
def members() -> tuple[DemoMember, ...]:
    """All members; the first is the learner of the demo’s course, a big spender."""
    types = [Archetype.BIG_SPENDER] * (BIG - 1) + [Archetype.HIGH_FLEXIBILITY] * FLEXIBLE
    types += [Archetype.AVERAGE_USER] * (MEMBERS - NEW - len(types) - 1)
    Random(7).shuffle(types)  # noqa: S311  # made-up data, the same each time
    marta = DemoMember(KNOWN_LEARNER, "Marta Lindqvist", Archetype.BIG_SPENDER)
    known = (DemoMember(_identifier(n), name_of(n), true) for n, true in enumerate(types, start=1))
    behind = range(len(types) + 1, MEMBERS)
    fresh = (DemoMember(_identifier(n), name_of(n), Archetype.AVERAGE_USER, new=True) for n in behind)
    return (marta, *known, *fresh)


def _identifier(number: int) -> str:
    return str(43_100_000 + 379 * number)


def true_types() -> Mapping[str, Archetype]:
    """Every member’s true type by user id; new members count as average."""
    return {member.identifier: member.true for member in members()}


def nights(today: date) -> list[DemoNight]:
    """One night a house and day, from today on."""
    events = dict(EVENTS)
    return [
        DemoNight(
            f"{house}-{(day := today + timedelta(days=ahead)).isoformat()}",
            day,
            (1_890 if house == "lake" and ahead == SHOWN_NIGHT else _price(house, day)) * CENTS,
            round(events[ahead] * 1_000_000) if ahead in events else None,
        )
        for ahead in range(NIGHTS_AHEAD)
        for house in HOUSES
    ]


def _price(house: str, day: date) -> int:
    """A night's base price in EUR, to the ten: house, season, weekend, and a little of its own."""
    weekend = 1.14 if day.weekday() in {4, 5} else 1.0
    own = 0.93 + 0.14 * (day.toordinal() * 7_919 % 101) / 100
    price = HOUSES[house] * SEASON[day.month - 1] * weekend * own
    return min(2_600, max(900, round(price / 10) * 10))


def requests(now: datetime) -> list[DemoRequest]:
    """Two years of requests up to now, the oldest first."""
    rng = Random(20_260)  # noqa: S311  # made-up data, the same each time
    known = {night.identifier: night for night in nights(now.date())}
    asked = sorted(_asked(rng, now), key=lambda one: (one[0], one[1].identifier))
    those = [member for member in members() if not member.new]
    weights = [HABITS[member.true].asked for member in those]
    responders = rng.choices(those, weights, k=len(asked))
    return [
        _request(rng, number, at, member, responder, now, known)
        for number, ((at, member), responder) in enumerate(zip(asked, responders, strict=True), start=1)
    ]


def _asked(rng: Random, now: datetime) -> Iterator[tuple[datetime, DemoMember]]:
    """Who asks when: more in summer and in December, between seven and eleven at night."""
    for place, member in enumerate(members()):
        for _ in range(place % 3 if member.new else _count(rng, HABITS[member.true].a_year)):
            back = 40 if member.new else DAYS
            while True:
                day = now - timedelta(days=rng.random() * back)
                if rng.random() * max(BUSY) < BUSY[day.month - 1]:
                    break
            minute = round(rng.triangular(7 * 60, 23 * 60, 19 * 60))
            at = day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
            yield min(at, now - timedelta(minutes=5)), member


def _count(rng: Random, a_year: float) -> int:
    mean = a_year * DAYS / 365 * rng.lognormvariate(-0.02, 0.2)
    return max(6, round(rng.gauss(mean, math.sqrt(mean))))


def _request(
    rng: Random,
    number: int,
    at: datetime,
    member: DemoMember,
    responder: DemoMember,
    now: datetime,
    known: Mapping[str, DemoNight],
) -> DemoRequest:
    habit = HABITS[member.true]
    way = rng.choices(WAYS, habit.ways)[0]
    (least, most), *_ = rng.choices([span for span, _ in LEAD], [share for _, share in LEAD])
    days, house = rng.randint(least, most), rng.choice(tuple(HOUSES))
    night = known.get(f"{house}-{(at.date() + timedelta(days=days)).isoformat()}")
    base = night.base_minor if night else _price(house, at.date() + timedelta(days=days)) * CENTS
    ratio = rng.gauss(_own_mean(member, habit), habit.spread)
    alone = responder is member or rng.random() < 0.03
    status, reason, answered = _ending(rng, at, way, ratio, None if alone else responder, days)
    if answered and answered > now:
        status, reason, answered = RequestStatus.PENDING, None, None
    return DemoRequest(
        identifier=f"R-{number:05}",
        requester=member.identifier,
        responder="" if alone else responder.identifier,
        night=night.identifier if night else "",
        kind=way,
        asked_at=at,
        days_until_checkin=days,
        base_minor=base,
        offered_minor=_offered(rng, way, ratio, base),
        status=status,
        decline_reason=reason,
        answered_at=answered if status in ANSWERED else None,
    )


def _own_mean(member: DemoMember, habit: Habit) -> float:
    """Where in their type's range a member is, always at the same place."""
    low, high = habit.ratio
    return low + (high - low) * (int(member.identifier) * 31 % 97) / 96


def _offered(rng: Random, way: Way, ratio: float, base: int) -> int:
    """What is offered, in minor units of whole EUR; for a swap the nights' difference and the fee."""
    if way is Way.SWAP:
        return (max(0, round(rng.gauss(0, 120) * ratio)) + SWAP_FEE) * CENTS
    return round(base * ratio * (CRASH_SHARE if way is Way.CRASH else 1) / CENTS) * CENTS


def _ending(
    rng: Random, at: datetime, way: Way, ratio: float, responder: DemoMember | None, days: int
) -> tuple[RequestStatus, DeclineReason | None, datetime | None]:
    """How it ends and when, as if now were far away."""
    dice = rng.random()
    if dice < 0.04:
        return RequestStatus.CANCELLED, None, None
    if dice < 0.08 or responder is None:
        return RequestStatus.EXPIRED, None, at + timedelta(days=days)
    habit = HABITS[responder.true]
    answered = at + timedelta(seconds=round(60 * habit.minutes * rng.lognormvariate(0, 0.8)) + 30)
    if rng.random() < chance_of(way, ratio, responder.true, days):
        return RequestStatus.ACCEPTED, None, answered
    return RequestStatus.DECLINED, _reason(rng, ratio), answered


def chance_of(way: Way, ratio: float, responder: Archetype, days: int) -> float:
    """How likely a request is accepted: by price ÷ fair price, way, whom it goes to, and how soon it is."""
    odds = HABITS[responder].helps + STEEPNESS * (ratio - 1) + OF_WAY[way]
    odds += 0.7 if way is Way.SWAP and responder is Archetype.HIGH_FLEXIBILITY else 0.0
    odds -= 0.4 if days <= 3 else 0.0
    return 1 / (1 + math.exp(-odds))


def _reason(rng: Random, ratio: float) -> DeclineReason:
    too_little = 0.8 if ratio < 0.95 else 0.45 if ratio < 1.06 else 0.06
    if rng.random() < too_little:
        return DeclineReason.PRICE
    return DeclineReason.TIMING if rng.random() < 0.7 else DeclineReason.OTHER
