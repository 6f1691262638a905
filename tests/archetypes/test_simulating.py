"""The simulation: its model against another optimiser, its numbers reckoned again, its intervals, its job."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from sqlalchemy import func, select

from tests.archetypes.making import add, ask, flexible, make_person, spender
from tests.conftest import World
from webapp.archetypes.facts import Archetype, RequestStatus, Way
from webapp.archetypes.load_demo import load_archetypes_demo
from webapp.archetypes.models import Member, MemberRequest, Simulation
from webapp.archetypes.overriding import Override, Overriding
from webapp.archetypes.rule_sets import RuleDeeds
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules import simulate as pure
from webapp.archetypes.rules.logit import RIDGE, fit, loss, probabilities
from webapp.archetypes.rules.ruleset import SHIPPED, Rules
from webapp.archetypes.simulating import is_stale, latest_simulation, simulate, start_simulation
from webapp.archetypes.simulation_words import HEAD, caveats, lines, verdict
from webapp.archetypes.touching import touch_members
from webapp.core.access import Role
from webapp.core.csv_files import csv_parts
from webapp.core.db import unit
from webapp.core.jobs.models import Job, JobState

BIG, FLEXIBLE, AVERAGE, NEW = 0, 1, 2, 3
Result = dict[str, Any]


def with_pricing(**changes: object) -> Rules:
    return SHIPPED.model_copy(update={"pricing": SHIPPED.pricing.model_copy(update=changes)})


DEARER = with_pricing(big_spender=Decimal("1.3"))


def made_up(seed: int, members: int = 40, each: int = 6, slope: float = 3.0) -> pure.Requests:
    """Requests whose acceptance is known: log-odds 0.4 + slope · (ratio less 1), 0.6 less for a crash."""
    rng = np.random.default_rng(seed)
    count = members * each
    way = rng.integers(0, 2, count)
    ratio = np.where(way == 0, rng.uniform(0.8, 1.3, count), rng.uniform(0.2, 0.4, count))
    at = np.where(way == 0, ratio - 1, (ratio - 0.3)) * slope + 0.4 - 0.6 * way
    return pure.Requests(
        member=np.repeat(np.arange(members), each),
        days=rng.integers(0, 30, count),
        base=rng.integers(90, 200, count) * 1000,
        ratio=ratio,
        way=way.astype(np.int64),
        decided=np.ones(count, bool),
        accepted=rng.random(count) < 1 / (1 + np.exp(-at)),
        currency="EUR",
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fit_is_the_one_that_another_optimiser_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = np.column_stack([np.ones(300), rng.normal(size=(300, 4))])
    accepted = (rng.random(300) < probabilities(features, np.array([0.3, 1, -2, 0.5, 0]))).astype(float)
    weights = rng.integers(0, 4, 300).astype(float)

    def likelihood(coefficients: Any) -> float:
        at = features @ coefficients
        told = sum(
            weight * (np.log1p(np.exp(-one)) if yes else np.log1p(np.exp(one)))
            for weight, one, yes in zip(weights, at, accepted, strict=True)
        )
        return float(told + RIDGE / 2 * sum(coefficients[1:] ** 2))

    found = fit(features, accepted, weights)
    assert loss(features, accepted, weights, found) == pytest.approx(likelihood(found), rel=1e-12)
    other = minimize(likelihood, np.zeros(5), method="BFGS", options={"gtol": 1e-7})
    assert found == pytest.approx(other.x, abs=1e-4)
    assert fit(features, accepted, weights, found + 3) == pytest.approx(found, abs=1e-7)


def test_what_was_always_accepted_has_finite_coefficients() -> None:
    features = np.column_stack([np.ones(40), np.arange(40) % 2])
    found = fit(features, (np.arange(40) % 2 == 0) * 1.0, np.ones(40))
    assert np.isfinite(found).all()
    assert probabilities(features, found)[:2] == pytest.approx([1, 0], abs=0.02)


def test_offers_are_those_that_answers_give() -> None:
    requests = made_up(5, members=4, each=3)
    profiles = np.array([BIG, FLEXIBLE, AVERAGE, NEW])
    offered = pure.offers(requests, profiles, SHIPPED)
    for place, member in enumerate(requests.member):
        days, base = int(requests.days[place]), Decimal(int(requests.base[place])) / 100
        way = {
            BIG: Way.BUYOUT,
            FLEXIBLE: Way.SWAP,
            AVERAGE: Way.SWAP if days >= 21 else Way.CRASH,
            NEW: Way.CRASH,
        }[int(profiles[member])]
        urgency = Decimal("1.5" if days <= 3 else "1.25" if days <= 7 else "1.1" if days <= 14 else "1")
        share = {Way.BUYOUT: Decimal("1.2"), Way.CRASH: Decimal("0.3"), Way.SWAP: Decimal(0)}[way]
        price = int(base * share * urgency + Decimal("0.5"))
        fee = 25 if way is Way.SWAP else int(price * Decimal("0.015") + Decimal("0.5"))
        found = (tuple(Way)[offered.way[place]], offered.price[place], offered.fee[place])
        assert found == (way, price, fee)


def test_expected_revenue_and_acceptance_are_reckoned_again() -> None:
    requests = made_up(7)
    profiles = np.arange(40) % 4
    old, new = (pure.offers(requests, profiles, one) for one in (SHIPPED, DEARER))
    level = pure.levels(requests, SHIPPED)
    groups = np.stack([np.ones(240), (profiles[requests.member] == BIG) * 1.0])
    found = pure.outlook(requests, old, new, level, groups, resamples=3)
    model = found.model

    def chance(way: int, ratio: float, days: int) -> float:
        at = model.coefficients[0] + (model.coefficients[way] if way else 0.0)
        if way < 2:
            near = min(max(ratio, model.low[way]), model.high[way])
            at += model.coefficients[3 + way] * (near - model.centres[way])
        at += model.coefficients[5] if days <= 3 else model.coefficients[6] if days <= 7 else 0.0
        at += model.coefficients[7] if 7 < days <= 14 else 0.0
        return float(1 / (1 + np.exp(-at)))

    for version, offered in enumerate((old, new)):
        chances = [
            chance(int(offered.way[one]), float(offered.ratio[one]), int(requests.days[one]))
            for one in range(240)
        ]
        earned = [one * price for one, price in zip(chances, offered.price, strict=True)]
        assert found.found[0, 0, version] == pytest.approx(sum(chances) / 240)
        assert found.found[0, 1, version] == pytest.approx(sum(earned) / 240)
        big = [one for one in range(240) if profiles[requests.member[one]] == BIG]
        assert found.found[1, 1, version] == pytest.approx(sum(earned[one] for one in big) / len(big))
    told = found.told(0, 1)
    assert told["difference"][0] == pytest.approx(told["after"][0] - told["before"][0], abs=1e-5)
    assert told["relative"][0] == pytest.approx(told["after"][0] / told["before"][0] - 1, abs=1e-5)
    again = pure.outlook(requests, old, new, level, groups, resamples=3)
    assert (again.drawn == found.drawn).all()


@pytest.mark.thorough
def test_an_interval_covers_the_true_acceptance_about_as_often_as_it_says() -> None:
    covered, tries = 0, 40
    for seed in range(tries):
        requests = made_up(100 + seed)
        shown = pure.Offered(np.zeros(240, np.int64), np.ones(240), np.zeros(240), np.full(240, 1.05))
        calm = np.full(240, 3)
        found = pure.outlook(requests, shown, shown, calm, np.ones((1, 240)), resamples=60)
        _, low, high = found.told(0, 0)["before"]
        covered += low <= 1 / (1 + np.exp(-(0.4 + 3 * 0.05))) <= high
    assert covered >= 0.85 * tries


def test_no_interval_without_enough_decided_requests() -> None:
    few = made_up(1, members=8, each=6)
    assert "it takes 50" in pure.enough(few)
    assert "members" in pure.enough(made_up(1, members=9, each=10))
    one_sided = made_up(1)
    one_sided.accepted[:] = True
    assert "of each end" in pure.enough(one_sided)
    assert pure.enough(made_up(1)) == ""


def touch(world: World) -> None:
    world.actor()
    persons = world.session.scalars(select(MemberRequest.requester_id)).all()
    others = world.session.scalars(select(MemberRequest.responder_id)).all()
    with unit(world.session) as session:
        touch_members(session, [*persons, *others])


def run(world: World, rules: Rules) -> Result:
    world.actor()
    return simulate(world.session, state_of(world.session), rules, world.clock.now())


def test_a_tiny_companys_moves_defaults_and_prices_are_those_reckoned_by_hand(world: World) -> None:
    rich, new = spender(world, "rich"), make_person(world, "new")
    flexible(world, "flex")
    add(world, [ask(world, 99, new, identifier="n", days_until_checkin=2)])
    add(world, [ask(world, 98, rich, identifier="usd", currency="USD")])
    touch(world)
    known = SHIPPED.model_dump()
    known["detection"]["new_below"] = 1
    known["selection"]["defaults"][7] = Way.BUYOUT
    known["pricing"]["big_spender"] = Decimal("1.3")
    result = run(world, Rules.model_validate(known))
    # 12 of the spender at 1,000 EUR ten days before (×1.1), 4 swaps of each flexible pair's asker, 1 new
    assert (result["requests"], result["found"], result["foreign"]) == (25, 25, 1)
    assert result["members"] == 4
    (before,) = [one for one in result["prices"] if one["group"] == str(BIG)]
    assert before["before"]["mean"] == 1320 + 20  # 1000 × 1.2 × 1.1, and 19.8 of fee
    assert before["after"]["mean"] == 1430 + 21  # 1000 × 1.3 × 1.1, and 21.45
    assert result["archetypes"][NEW][NEW] == 0
    assert sum(result["archetypes"][NEW]) == result["moved"] == 1
    assert [one[0] for one in result["named"]] == [str(new)]
    assert (result["outlook"], result["model"]) == (None, None)
    assert "25 of these requests were decided; it takes 50" in verdict(result, 2, 1)
    assert caveats(result) == ["Left out: 1 request in another currency or without a price."]


def test_an_override_counts_under_both_versions_and_nobody_is_held_out(world: World) -> None:
    person = spender(world, "rich")
    touch(world)
    deeds = Overriding(world.clock, world.services.auditor)
    asked = Override(Archetype.HIGH_FLEXIBILITY, "told us so")
    deeds.set_one(world.session, world.actor(Role.ADMIN), person, asked)
    result = run(world, DEARER)
    assert result["archetypes"][FLEXIBLE][FLEXIBLE] == 1
    assert result["ways"][2][2] == result["requests"] == 12


@pytest.fixture
def demo(world: World) -> World:
    load_archetypes_demo(world.session, world.actor(), world.clock)
    return world


def deeds_of(world: World) -> RuleDeeds:
    return RuleDeeds(world.clock, world.services.auditor, world.services.starter, 10_000)


def test_a_dearer_big_spender_on_the_demos_two_years(demo: World) -> None:
    """The job, the row it writes, the sentence, the file; it is stale once the draft changed."""
    draft = deeds_of(demo).draft(demo.session, demo.actor(), "dearer", DEARER)
    set_id, members = draft.id, demo.session.scalar(select(func.count(Member.id)))
    first = start_simulation(demo.session, demo.actor(), draft, demo.services.starter)
    again = start_simulation(demo.session, demo.actor(), draft, demo.services.starter)
    assert first.id == again.id
    demo.work()
    assert demo.session.get_one(Job, first.id).state is JobState.DONE
    row = latest_simulation(demo.session, set_id)
    assert row is not None
    result = row.result
    assert result["members"] == members
    assert result["moved"] == 0
    revenue = result["outlook"]["all"]["revenue"]["relative"]
    assert 0.03 < revenue[1] < revenue[0] < revenue[2] < 0.15
    assert result["outlook"][str(FLEXIBLE)]["revenue"]["difference"] == [0, 0, 0]
    big = result["prices"][1]
    assert big["changed"] == big["requests"] > 1000
    assert big["after"]["mean"] / big["before"]["mean"] == pytest.approx(1.3 / 1.2, abs=0.002)
    words = verdict(result, 2, 1)
    assert words.startswith("Version 2 would have brought")
    assert "None of 240 members changes archetype" in words
    assert any("beyond nearly" in one for one in caveats(result))
    told = b"".join(csv_parts(HEAD, lines(result))).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(told)))
    asked = [one for one in table if (one["row"], one["column"]) == ("All members", "revenue relative")]
    assert [float(asked[0][name]) for name in ("value", "low", "high")] == revenue
    assert not is_stale(row, DEARER, 1)
    assert is_stale(row, SHIPPED, 1)
    assert is_stale(row, DEARER, 3)
    actor = demo.actor()
    deeds_of(demo).discard(demo.session, actor, set_id, 1)
    assert demo.session.scalar(select(func.count(Simulation.id))) == 0


def test_a_simulation_of_a_discarded_draft_says_so(world: World) -> None:
    draft = deeds_of(world).draft(world.session, world.actor(), "", DEARER)
    job = start_simulation(world.session, world.actor(), draft, world.services.starter)
    deeds_of(world).discard(world.session, world.actor(), draft.id, 1)
    world.work()
    world.actor()
    assert world.session.get_one(Job, job.id).state is JobState.FAILED


def command(world: World, *words: str) -> Any:
    return world.app.test_cli_runner().invoke(args=["archetypes", *words, "--company", "acme"])


def test_the_commands_find_members_and_simulate_a_file_or_the_newest_draft(
    world: World, tmp_path: Path
) -> None:
    spender(world, "rich")
    touch(world)
    found = command(world, "recalculate", "--json")
    assert found.exit_code == 0, found.output
    assert {name: json.loads(found.stdout)[name] for name in ("processed", "success")} == {
        "processed": 1,
        "success": True,
    }
    assert "0 members found" in command(world, "recalculate").output
    assert "1 member found" in command(world, "recalculate", "--all").output
    assert "no draft" in command(world, "simulate").output
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(DEARER.as_json()))
    told = command(world, "simulate", "--rules", str(file), "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["prices"][0]["changed"] == 12
    assert world.session.scalar(select(func.count(Simulation.id))) == 0
    deeds_of(world).draft(world.session, world.actor(), "", DEARER)
    assert "cannot be estimated" in command(world, "simulate").output
    world.actor()
    assert world.session.scalar(select(func.count(Simulation.id))) == 1
    file.write_text("{}")
    refused = command(world, "simulate", "--rules", str(file), "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["code"] == "invalid"


def test_requests_that_are_not_decided_are_occasions_but_teach_nothing(world: World) -> None:
    person = make_person(world, "p")
    ends = (RequestStatus.PENDING, RequestStatus.CANCELLED, RequestStatus.ACCEPTED)
    add(world, [ask(world, number, person, status=status) for number, status in enumerate(ends)])
    touch(world)
    result = run(world, DEARER)
    assert result["requests"] == 3
    assert result["why_not"].startswith("1 of these requests were decided")
