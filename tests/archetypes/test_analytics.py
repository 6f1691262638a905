"""Analytics: every figure computed once more from the raw log, by other means."""

from __future__ import annotations

import csv
import io
import math
import random
import statistics
from datetime import timedelta
from typing import Any

import pytest
from scipy.stats import t as student
from sqlalchemy import select

from tests.archetypes.making import make_person
from tests.conftest import World
from webapp.archetypes.analytics import brought, verdict
from webapp.archetypes.facts import Archetype, Selected, Way
from webapp.archetypes.models import Recommendation
from webapp.archetypes.rule_state import state_of
from webapp.core.db import unit

Z = statistics.NormalDist().inv_cdf(0.975)


@pytest.fixture
def logged(world: World) -> list[Recommendation]:
    """Nine hundred answers to two hundred members, most decided, a few in another currency."""
    chance, persons = random.Random(4), [make_person(world, f"m{n}") for n in range(200)]
    rows = []
    for number in range(900):
        who = chance.randrange(200)
        at = world.clock.now() - timedelta(minutes=chance.randrange(1, 110 * 24 * 60))
        decided, way = chance.random() < 0.85, chance.choice(list(Way))
        taken = chance.choice([*Selected, Selected(way.value), Selected(way.value)]) if decided else None
        rows.append(
            Recommendation(
                person_id=persons[who],
                at=at,
                rule_set=1,
                inputs={},
                digest=str(number),
                archetype=list(Archetype)[who % 3],
                overridden=who % 11 == 5,
                held_out=who % 7 == 3 and who % 11 != 5,
                new_member=False,
                urgency=chance.choice(("critical", "high", "medium", "low")),
                rule=chance.randrange(1, 8),
                recommended=way,
                currency="EUR" if chance.random() < 0.95 else "USD",
                selected=taken,
                decided_seconds=chance.randrange(200) if decided and chance.random() < 0.9 else None,
                revenue_minor=chance.randrange(300_000) if decided and chance.random() < 0.9 else None,
                decided_at=at if decided else None,
            )
        )
    world.actor()
    with unit(world.session) as session:
        session.add_all(rows)
    world.actor()
    since = world.clock.now() - timedelta(weeks=12)
    every = world.session.scalars(select(Recommendation)).all()
    return [row for row in every if row.decided_at is not None and row.decided_at > since]


def measure(world: World) -> Any:
    world.actor()
    state = state_of(world.session)
    return brought(world.session, world.clock.now(), state.zone, "EUR")


def by_hand(rows: list[Recommendation]) -> tuple[float, float, float]:
    """The mean revenue with its interval, members as clusters, with sums written out."""
    members: dict[Any, list[float]] = {}
    for row in rows:
        if row.revenue_minor is not None and row.currency == "EUR":
            members.setdefault(row.person_id, []).append(row.revenue_minor / 100)
    total = sum(map(sum, members.values()))
    count = sum(map(len, members.values()))
    mean, groups = total / count, len(members)
    spread = math.fsum((sum(one) - mean * len(one)) ** 2 for one in members.values())
    half = Z * math.sqrt(groups / (groups - 1) * spread) / count
    return mean, mean - half, mean + half


def test_the_follow_rate_and_wilsons_interval(world: World, logged: list[Recommendation]) -> None:
    rows = [row for row in logged if not row.held_out]
    hits = sum(row.selected.value == row.recommended.value for row in rows if row.selected)
    share = hits / len(rows)
    by_member: dict[Any, list[bool]] = {}
    for row in rows:
        assert row.selected is not None
        by_member.setdefault(row.person_id, []).append(row.selected.value == row.recommended.value)
    k = len(by_member)
    spread = sum((sum(one) - share * len(one)) ** 2 for one in by_member.values()) * k / (k - 1)
    n = min(len(rows), share * (1 - share) / (spread / len(rows) ** 2))  # the effective number
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    told = measure(world).overall.follow
    assert (told.value, told.low, told.high) == pytest.approx((share, middle - half, middle + half))
    assert told.n == len(rows)


def test_the_median_time_lies_in_its_interval_of_order_statistics(
    world: World, logged: list[Recommendation]
) -> None:
    times = sorted(
        row.decided_seconds for row in logged if row.decided_seconds is not None and not row.held_out
    )
    half = Z * math.sqrt(len(times)) / 2
    told = measure(world).overall.seconds
    assert told.value == statistics.median(times)
    assert told.low == times[math.floor(len(times) / 2 - half)]
    assert told.high == times[math.ceil(len(times) / 2 + half)]


def test_revenue_and_its_uplift_over_the_hold_out(world: World, logged: list[Recommendation]) -> None:
    told = measure(world)
    control = by_hand([row for row in logged if row.held_out])
    personal = by_hand([row for row in logged if not row.held_out and not row.overridden])
    for found, hand in ((told.held_out.revenue, control), (told.personal.revenue, personal)):
        assert (found.value, found.low, found.high) == pytest.approx(hand)
    errors = [(one[2] - one[0]) / Z for one in (personal, control)]
    sizes = [
        len({row.person_id for row in side if row.revenue_minor is not None and row.currency == "EUR"})
        for side in (
            [row for row in logged if not row.held_out and not row.overridden],
            [row for row in logged if row.held_out],
        )
    ]
    total = sum(error**2 for error in errors)
    freedom = total**2 / sum(error**4 / (size - 1) for error, size in zip(errors, sizes, strict=True))
    half = float(student.ppf(0.975, freedom)) * math.sqrt(total)
    difference = personal[0] - control[0]
    expected = (difference, difference - half, difference + half)
    assert (told.uplift.value, told.uplift.low, told.uplift.high) == pytest.approx(expected)
    assert told.other_currency == sum(row.currency == "USD" for row in logged)


@pytest.mark.parametrize("part", ["archetype", "urgency", "rule", "week"])
def test_the_parts_add_up_to_everything(world: World, logged: list[Recommendation], part: str) -> None:
    told = measure(world)
    kept = [row for row in logged if not row.held_out]
    assert sum(one.follow.n for one in told.by[part]) == len(kept)
    if part == "archetype":
        (big,) = [one for one in told.by[part] if one.name == "Big spender"]
        mine = [row for row in kept if row.archetype is Archetype.BIG_SPENDER]
        assert big.revenue.value == pytest.approx(by_hand(mine)[0])
        assert big == type(big)(
            "Big spender", *(getattr(told.big_spenders, x) for x in ("follow", "seconds", "revenue"))
        )


def test_the_interval_covers_the_difference_as_often_as_it_says() -> None:
    import numpy as np  # noqa: PLC0415  # only here

    from webapp.archetypes.rules.measure import Decisions, uplift  # noqa: PLC0415  # only here

    rng, covered = np.random.default_rng(8), 0
    for _ in range(400):
        sides = []
        for members, mean in ((80, 120.0), (20, 100.0)):
            owner = np.repeat(np.arange(members), rng.integers(1, 9, members))
            own = rng.normal(mean, 30, members)
            revenue = own[owner] + rng.normal(0, 40, len(owner))
            sides.append(Decisions(owner, owner > 0, revenue, revenue))
        found = uplift(*sides)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 20 <= found.high
    assert covered >= 0.92 * 400


def test_the_page_says_the_verdict_and_its_file_holds_the_figures(
    world: World, logged: list[Recommendation]
) -> None:
    browser = world.client("viewer")
    page = browser.get("/archetypes/analytics").text
    assert "Members took what was recommended in" in page
    assert "Held out" in page
    rows = list(
        csv.DictReader(io.StringIO(browser.get("/archetypes/analytics/export").data.decode("utf-8-sig")))
    )
    (overall,) = [row for row in rows if (row["part"], row["figure"]) == ("all", "follow")]
    assert float(overall["estimate"]) == pytest.approx(measure(world).overall.follow.value, abs=1e-5)


def test_too_little_is_said_to_be_too_little(world: World) -> None:
    told = measure(world)
    assert verdict(told) == "Not enough data: 0 decisions in this period, and 30 are needed to judge."
    assert world.client("viewer").get("/archetypes/analytics?weeks=4").status_code == 200


def test_another_companys_answers_are_not_counted(world: World, logged: list[Recommendation]) -> None:
    world.actor(company_id=world.other_id)
    state = state_of(world.session)
    assert brought(world.session, world.clock.now(), state.zone, "EUR").decisions == 0


def test_thirty_held_out_decisions_and_no_other_are_too_little_too(
    world: World, logged: list[Recommendation]
) -> None:
    world.actor()
    with unit(world.session) as session:
        for row in session.scalars(select(Recommendation)):
            row.held_out = True
    page = world.client("viewer").get("/archetypes/analytics")
    assert page.status_code == 200
    assert "Not enough data: 0 decisions" in page.text


def test_decisions_of_one_member_are_not_taken_for_many() -> None:
    import numpy as np  # noqa: PLC0415  # only here

    from webapp.archetypes.rules.measure import Decisions, follow_rate  # noqa: PLC0415  # only here

    rng, covered = np.random.default_rng(5), 0
    for _ in range(300):
        own = rng.beta(1.3, 0.7, 60)
        owner = np.repeat(np.arange(60), 12)
        nothing = np.full(len(owner), np.nan)
        told = follow_rate(Decisions(owner, rng.random(len(owner)) < own[owner], nothing, nothing))
        assert told.low is not None
        assert told.high is not None
        covered += told.low <= 0.65 <= told.high
    assert covered >= 0.91 * 300
