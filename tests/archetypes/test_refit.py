"""Refitting: quantiles of enough members, the old anchors where there are too few, a draft and no more."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.archetypes.making import flexible, spender
from tests.archetypes.simulator import NOW, simulate
from tests.conftest import World
from webapp.archetypes.load_demo import load_archetypes_demo
from webapp.archetypes.refit import refit_rules
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.detect import SIGNALS, Histories, signals_of
from webapp.archetypes.rules.refit import LEAST, refit, with_anchors
from webapp.archetypes.rules.ruleset import SHIPPED, Rules, Signal
from webapp.archetypes.touching import touch_members
from webapp.core.db import unit


def some(seen: Histories, count: int) -> Histories:
    return Histories(**{one.name: getattr(seen, one.name)[:count] for one in fields(Histories)})


@pytest.fixture(scope="module")
def seen() -> Histories:
    return simulate(np.arange(300) % 3, 40, 0.1, 11)


def test_anchors_are_the_tenth_and_ninetieth_percentile_to_three_digits(seen: Histories) -> None:
    values = signals_of(seen, SHIPPED.detection, NOW, 100.0)
    for one in refit(seen, SHIPPED, NOW, 100.0):
        there = values[SIGNALS.index(one.signal)]
        low, high = np.quantile(there[~np.isnan(there)], (0.1, 0.9))
        assert (one.new.low, one.new.high) == (float(f"{low:.3g}"), float(f"{high:.3g}"))
        assert (one.why, one.old) == ("", SHIPPED.detection.anchors[one.signal])


def test_with_too_few_members_the_old_anchors_stay_and_it_says_so(seen: Histories) -> None:
    found = refit(some(seen, LEAST - 1), SHIPPED, NOW, 100.0)
    assert all(one.new == one.old and "it takes 50" in one.why for one in found)
    assert with_anchors(SHIPPED, found) == SHIPPED
    just = refit(some(seen, LEAST), SHIPPED, NOW, 100.0)
    assert {one.members == LEAST for one in just} == {True, False}
    assert all((one.why == "") == (one.members == LEAST) for one in just)


def test_a_signal_that_all_have_alike_keeps_its_anchors(seen: Histories) -> None:
    alike = replace(seen, median_answer=np.full(300, 600.0))
    (one,) = [one for one in refit(alike, SHIPPED, NOW, 100.0) if one.signal is Signal.RESPONSE_TIME]
    assert (one.new, one.why) == (one.old, "nearly all members have the same value")


def test_new_members_do_not_count(seen: Histories) -> None:
    nothing = replace(seen, decided=np.zeros(300), answered=np.full(300, 2.0))
    assert {one.members for one in refit(nothing, SHIPPED, NOW, 100.0)} == {0}


@pytest.mark.thorough
def test_the_preview_says_how_many_would_change_and_the_draft_holds_just_that(world: World) -> None:
    world.actor()
    assert refit_rules(world.session, state_of(world.session), world.clock.now()).members == 0
    load_archetypes_demo(world.session, world.actor(), world.clock)
    admin = world.client("admin")
    found = refit_rules(world.session, state_of(world.session), world.clock.now())
    assert (found.members, found.all_members, sum(map(sum, found.matrix))) == (240, 240, 240)
    assert found.changes
    page = admin.get("/archetypes/rules/refit").get_data(as_text=True)
    assert f"<b>{found.moved} of 240 members</b>" in page
    answer = admin.send("/archetypes/rules/refit", {"once": "one"})
    assert answer.status_code == 303
    shown = admin.get(answer.location).get_data(as_text=True)
    assert "Anchors refitted to 240 members" in shown
    assert "Willingness to pay: is 1 at" in shown
    world.actor()
    assert state_of(world.session).rules == Rules.model_validate(SHIPPED.as_json())
    editor = world.client()
    assert editor.get("/archetypes/rules/refit").status_code == 403
    assert editor.send("/archetypes/rules/refit").status_code == 403


def test_with_too_few_members_nothing_is_drafted(world: World) -> None:
    people = [spender(world), flexible(world)]
    world.actor()
    with unit(world.session) as session:
        touch_members(session, people)
    admin = world.client("admin")
    assert "everything stays as it is" in admin.get("/archetypes/rules/refit").get_data(as_text=True)
    assert admin.send("/archetypes/rules/refit", {"once": "one"}).status_code == 422
