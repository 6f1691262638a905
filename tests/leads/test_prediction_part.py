"""The lead's page: the prediction of whoever looks, logged once an hour; what had been predicted."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.leads.making import keep, make_activity, make_lead
from webapp.core.charts import Step, waterfall
from webapp.leads.facts import Stage
from webapp.leads.models import Prediction, Salesperson

DAY = timedelta(days=1)
MINUS = "\u2212"


def words(world: World, path: str, role: str = "editor") -> str:
    return unescape(world.client(role).get(path).get_data(as_text=True))


def logged(world: World) -> list[Prediction]:
    world.actor()
    return list(world.session.scalars(select(Prediction).order_by(Prediction.at)))


def test_it_adds_up_and_says_what_to_do_next(world: World) -> None:
    lead = make_lead(world, "Amrei", opened_at=world.clock.now() - 10 * DAY)
    for day in (1, 2, 3):
        make_activity(world, lead, day, "meeting")
    page = words(world, f"/leads/{lead}")
    part = page.split('id="prediction"')[1].split("</section>")[0]
    table = part.split("All factors")[1]
    numbers = [
        float(one.replace(MINUS, "-")) for one in re.findall(rf'class="num">(?:<b>)?([{MINUS}+\d.]+)', table)
    ]
    assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.03)
    assert f'<span class="big">{numbers[-1]:.0f} %</span>' in part
    for said in ("the default rule", "Next:", "Best time:", "/message", "no model of yours is in force"):
        assert said in part, said


def test_a_look_is_logged_once_an_hour_for_each_person(world: World) -> None:
    lead = make_lead(world, "Amrei")
    for _ in range(3):
        words(world, f"/leads/{lead}")
    assert len(logged(world)) == 1
    words(world, f"/leads/{lead}", "viewer")
    assert {one.staff_id for one in logged(world)} == {world.staff["editor"], world.staff["viewer"]}
    world.clock.shift(hours=2)
    words(world, f"/leads/{lead}")
    assert len(logged(world)) == 3


def test_advice_waits_for_whoever_does_not_want_it(world: World) -> None:
    lead = make_lead(world, "Amrei")
    keep(world, Salesperson(staff_id=world.staff["editor"], suggests_actions=False))
    page = words(world, f"/leads/{lead}")
    assert "Next:" not in page
    assert "What to do next?" in page
    assert "Next:" in words(world, f"/leads/{lead}?advice=show")


def test_a_closed_lead_shows_what_had_been_predicted(world: World) -> None:
    closed = world.clock.now() - 2 * DAY
    lead = make_lead(world, "Amrei", stage=Stage.WON, closed_at=closed)
    assert "Nothing was predicted before it closed." in words(world, f"/leads/{lead}")
    for role, ahead, probability in (("editor", 3, 0.71), ("editor", 0.5, 0.93), ("viewer", 4, 0.22)):
        keep(
            world,
            Prediction(
                lead_id=lead,
                staff_id=world.staff[role],
                model_number=0,
                probability=probability,
                at=closed - ahead * DAY,
            ),
        )
    page = words(world, f"/leads/{lead}", "admin")
    assert "Its owner’s model said 71 %" in page
    assert ">right<" in page
    assert "22 %" not in page  # what a third person's model said
    assert "22 %" in words(world, f"/leads/{lead}", "viewer")
    assert len(logged(world)) == 3


def test_the_waterfall_ends_where_its_parts_lead() -> None:
    chart = waterfall(Step("Usual", 40.0), [Step("Calls", 30.0), Step("Silence", -90.0)], "Prediction")
    notes = [one.note for one in chart.rows]
    assert notes == ["40.0", "+30.0", f"{MINUS}90.0", f"{MINUS}20.0"]
    first, up, down, end = chart.rows
    assert up.x == pytest.approx(first.x + first.width)
    assert down.x + down.width == pytest.approx(up.x + up.width)
    assert (end.x, end.x + end.width) == (down.x, chart.zero)
    assert down.kind == "bar minus"
