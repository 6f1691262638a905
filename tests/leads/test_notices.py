"""Notices: told once, to whom it concerns and wants it; listed, counted, read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.leads.making import keep, make_activity, make_lead
from webapp.core.db import unit
from webapp.core.errors import NotFound
from webapp.leads.facts import NoticeKind, Stage
from webapp.leads.models import Notice, Salesperson
from webapp.leads.notices import mark_all_read, mark_read, tell, unread
from webapp.leads.telling import MOST_AT_ONCE, closed_between, tell_at_risk, tell_conversion

PAGE = "/leads/notices"


def notice(world: World, key: str, text: str = "Something", role: str = "editor", **more: Any) -> Any:
    world.actor()
    kind = more.pop("kind", NoticeKind.MODEL_IMPROVED)
    at = more.pop("at", world.clock.now())
    with unit(world.session) as session:
        return tell(session, world.staff[role], kind, key, text, at=at, **more)


def told(world: World, role: str = "editor") -> list[Notice]:
    world.actor()
    mine = Notice.staff_id == world.staff[role]
    return list(world.session.scalars(select(Notice).where(mine).order_by(Notice.at, Notice.id)))


def do(world: World, deed: Any, role: str = "editor") -> Any:
    world.actor()
    with unit(world.session) as session:
        return deed(session, world.staff[role], world.clock.now())


def test_a_thing_is_told_once_and_to_one_person(world: World) -> None:
    assert notice(world, "a", "First") is not None
    assert notice(world, "a", "Second") is None
    assert notice(world, "b", "Third") is not None
    assert [row.text for row in told(world)] == ["First", "Third"]
    assert told(world, "viewer") == []
    assert unread(world.session, world.staff["editor"]) == 2


def test_who_wants_no_notices_gets_only_the_digest_they_ordered(world: World) -> None:
    keep(world, Salesperson(staff_id=world.staff["editor"], proactive=False))
    assert notice(world, "a") is None
    assert notice(world, "d", kind=NoticeKind.DIGEST) is not None


def test_reading_keeps_the_first_time_and_is_ones_own(world: World) -> None:
    notice(world, "a")
    (row,) = told(world)
    mark_read(world.session, world.staff["editor"], row.id, world.clock)
    first = told(world)[0].read_at
    world.clock.shift(hours=1)
    mark_read(world.session, world.staff["editor"], row.id, world.clock)
    assert told(world)[0].read_at == first
    with pytest.raises(NotFound):
        mark_read(world.session, world.staff["viewer"], row.id, world.clock)


def test_what_came_after_the_page_was_drawn_stays_unread(world: World) -> None:
    notice(world, "a")
    notice(world, "v", role="viewer")
    until = world.clock.now()
    world.clock.shift(minutes=1)
    notice(world, "b")
    assert mark_all_read(world.session, world.staff["editor"], until, world.clock) == 1
    assert unread(world.session, world.staff["editor"]) == 1
    assert unread(world.session, world.staff["viewer"]) == 1


def test_a_lead_is_told_of_once_for_each_time_it_falls_silent(world: World) -> None:
    lead_id = make_lead(world, "Alsterhof", at_risk=True, probability=0.43)
    make_activity(world, lead_id, 34)
    make_lead(world, "Not mine", owner="viewer", at_risk=True)
    make_lead(world, "Nobody’s", owner=None, at_risk=True)
    make_lead(world, "Won", at_risk=True, stage=Stage.WON)
    make_lead(world, "Well")
    assert do(world, tell_at_risk) == 1
    assert do(world, tell_at_risk) == 0
    (row,) = told(world)
    assert row.text == "Alsterhof has been quiet for 34 days and may be lost. Its chance is put at 43 %."
    assert (row.kind, row.lead_id) == (NoticeKind.AT_RISK, lead_id)
    make_activity(world, lead_id, 0)
    world.clock.shift(days=40)
    assert do(world, tell_at_risk) == 1
    assert told(world)[-1].text.startswith("Alsterhof has been quiet for 40 days")


def test_a_flood_comes_in_portions_the_likeliest_first(world: World) -> None:
    for number in range(MOST_AT_ONCE + 2):
        make_lead(world, f"L{number}", at_risk=True, probability=number / 100)
    assert do(world, tell_at_risk) == MOST_AT_ONCE
    assert not any(row.text.startswith(("L0 ", "L1 ")) for row in told(world))
    assert do(world, tell_at_risk) == 2


def closed(world: World, won: int, count: int, days: float) -> None:
    for number in range(count):
        stage = Stage.WON if number < won else Stage.LOST
        make_lead(world, f"C{number}", stage=stage, closed_at=world.clock.now() - timedelta(days=days))


def test_a_rate_that_moved_by_more_than_chance_is_told_once_a_month(world: World) -> None:
    closed(world, 8, 12, 10)
    closed(world, 3, 20, 100)
    closed(world, 20, 20, 300)  # too long ago
    assert do(world, tell_conversion) is True
    assert do(world, tell_conversion) is False
    (row,) = told(world)
    assert "rose from 15 % to 67 %: 8 of 12" in row.text
    assert row.body == {"recent": [8, 12], "before": [3, 20]}


def test_a_rate_that_may_be_chance_is_not_told(world: World) -> None:
    closed(world, 5, 12, 10)
    closed(world, 6, 20, 100)
    assert do(world, tell_conversion) is False


def test_a_span_ends_where_the_next_begins(world: World) -> None:
    closed(world, 1, 2, 30)
    now = world.clock.now()
    early, late = now - timedelta(days=31), now - timedelta(days=29)
    world.actor()
    assert closed_between(world.session, world.staff["editor"], early, late).count == 2
    assert closed_between(world.session, world.staff["editor"], late, now).count == 0


def test_the_page_lists_filters_and_marks(world: World) -> None:
    notice(world, "a", "The model is better", at=world.clock.now() - timedelta(days=2))
    notice(world, "b", "A lead fell silent", kind=NoticeKind.AT_RISK)
    notice(world, "v", "Somebody else’s", role="viewer")
    browser = world.client()
    text = browser.get(PAGE).text
    assert text.index("A lead fell silent") < text.index("The model is better")
    assert "Somebody else" not in text
    assert '<span class="count">2<span class="hide"> waiting</span></span>' in text
    assert "The model is better" not in browser.get(f"{PAGE}?kind=at_risk").text
    row = next(one for one in told(world) if one.key == "b")
    answer = browser.send(f"{PAGE}/{row.id}/read", {"unread": "yes"})
    assert answer.headers["Location"].endswith("?unread=yes")
    assert "A lead fell silent" not in browser.get(f"{PAGE}?unread=yes").text
    assert browser.send(f"{PAGE}/read", {"until": world.clock.now().isoformat()}).status_code == 303
    assert "No such notice" in browser.get(f"{PAGE}?unread=yes").text
    assert 'class="count"' not in browser.get(PAGE).text
    assert browser.send(f"{PAGE}/read", {"until": "never"}).status_code == 303


def test_one_notice_is_shown_to_its_person_only(world: World) -> None:
    lead_id = make_lead(world, "Alsterhof")
    row_id = notice(world, "a", "It fell silent", kind=NoticeKind.AT_RISK, lead_id=lead_id).id
    assert f"/leads/{lead_id}" in world.client().get(f"{PAGE}/{row_id}").text
    assert world.client("admin").get(f"{PAGE}/{row_id}").status_code == 404
    assert world.client("admin").send(f"{PAGE}/{row_id}/read").status_code == 404
    assert "Nothing needs you" in world.client("admin").get(PAGE).text
