"""The pages of members: list, filters, figures, one member, a recommendation made again; who may see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from tests.archetypes.making import add, ask, flexible, make_night, make_person, member, not_held_out, spender
from tests.conftest import World
from webapp.archetypes.distribution import distribution
from webapp.archetypes.facts import Archetype, Selected
from webapp.archetypes.member_list import LISTING, members_page
from webapp.archetypes.member_view import value_of
from webapp.archetypes.models import ArchetypeChange, ArchetypeCount, Member, Recommendation
from webapp.archetypes.recommending import Ask, NightAsked, Outcome, recommend, record_outcome
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.explain import Part
from webapp.archetypes.rules.ruleset import Signal
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.charts import Layer, Stack, stacks
from webapp.core.db import db, scope_to, unit


@contextmanager
def heard() -> Iterator[list[str]]:
    sent: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "COMMIT")) and "set_config" not in statement:
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield sent
    event.remove(db.engine, "before_cursor_execute", hear)


def detected(world: World, *persons: UUID) -> None:
    admin = world.client("admin")
    for person in persons:
        assert admin.send(f"/archetypes/members/{person}/recalculate").status_code == 303


def overridden(world: World, person: UUID, archetype: str = "big_spender", **more: str) -> None:
    form = {"do": "save", "archetype": archetype, "reason": "Told us on the phone", **more}
    answer = world.client("admin").send(f"/archetypes/members/{person}/override", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)


def names(text: str) -> list[str]:
    return re.findall(r'aria-label="Select ([^"]+)"', text)


@pytest.mark.thorough
def test_members_are_found_by_what_they_are(world: World) -> None:
    rich, bendy = spender(world, "rich"), flexible(world, "bendy")
    fresh = make_person(world, "new")
    make_person(world, "nobody")
    detected(world, rich, bendy)
    overridden(
        world, fresh, "high_flexibility", until=(world.clock.now() + timedelta(days=3)).date().isoformat()
    )
    browser = world.client("viewer")

    def found(query: str) -> list[str]:
        return names(browser.get(f"/archetypes?{query}").get_data(as_text=True))

    assert found("") == ["Bendy", "New", "Rich"]
    assert found("q=ri") == ["Rich"]
    assert found("q=no") == []
    assert found("archetype=big_spender") == ["Rich"]
    assert found("archetype=high_flexibility") == ["Bendy", "New"]
    assert found("archetype=high_flexibility&q=be") == ["Bendy"]
    assert found("confidence=low") == ["New"]
    assert found("confidence=high&override=no") == ["Bendy", "Rich"]
    assert found("override=yes") == found("override=soon") == found("fresh=stale") == ["New"]
    assert found("fresh=fresh") == ["Bendy", "Rich"]
    assert found("sort=-identifier") == ["Rich", "New", "Bendy"]
    world.clock.shift(days=2)
    browser = world.client("viewer")
    assert found("fresh=fresh") == []
    assert found("fresh=stale") == ["Bendy", "New", "Rich"]
    assert ">override</span>" in browser.get("/archetypes").get_data(as_text=True)
    assert "No member matches" in browser.get("/archetypes?q=zz").get_data(as_text=True)
    file = browser.get("/archetypes/export?override=yes").get_data(as_text=True).lstrip("\ufeff").splitlines()
    assert file[0].startswith("user_id,name,archetype,detected,confidence")
    assert file[1].startswith("new,New,high_flexibility,average_user,0.0000,0,")
    items = browser.get("/archetypes/export?fresh=stale&format=json").json["items"]
    assert {one["user_id"] for one in items} == {"bendy", "new", "rich"}


def test_a_person_without_a_row_is_no_member_yet_but_has_a_page(world: World) -> None:
    person = make_person(world, "nobody")
    browser = world.client("viewer")
    assert "No members yet" in browser.get("/archetypes").get_data(as_text=True)
    page = browser.get(f"/archetypes/members/{person}").get_data(as_text=True)
    assert "Nothing is known of Nobody as a member yet" in page
    assert "Recalculate" not in page
    world.actor()
    assert world.session.scalar(select(func.count()).select_from(Member)) == 0


def test_many_members_are_paged_along_the_order_and_few_gathered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [make_person(world, f"p{number:02}") for number in range(40)]
    world.actor()
    with unit(world.session) as session:
        for number, person in enumerate(people):
            kind = Archetype.BIG_SPENDER if number % 10 == 0 else Archetype.AVERAGE_USER
            session.add(Member(person_id=person, in_force=kind, archetype=kind))
    state = state_of(world.session)
    for most in (10_000, 2):
        monkeypatch.setattr("webapp.archetypes.member_list.MOST_COUNTED", most)
        page = members_page(world.session, {"archetype": "big_spender"}, state)
        assert [row.identifier for row in page.rows] == ["p00", "p10", "p20", "p30"]
        first = members_page(world.session, {}, state)
        rest = members_page(world.session, {"after": first.next or ""}, state)
        assert len(first.rows) == 25
        assert [row.identifier for row in rest.rows] == [f"p{number}" for number in range(25, 40)]
        assert first.capped is (most == 2)
        found = members_page(world.session, {"archetype": "big_spender", "q": "P1"}, state)
        assert [row.identifier for row in found.rows] == ["p10"]
        assert members_page(world.session, {"q": "nobody"}, state).count == 0


def test_the_page_takes_few_statements_however_many_rows(world: World) -> None:
    spender(world, "a")
    browser, counts = world.client("viewer"), list[int]()
    browser.get("/archetypes")
    for more in (0, 20):
        world.actor()
        for number in range(more):
            person = make_person(world, f"more{number}")
            with unit(world.session) as session:
                session.add(Member(person_id=person))
        with heard() as sent:
            browser.get("/archetypes?archetype=average_user&q=more")
        counts.append(len(sent))
    assert counts[1] <= counts[0] + 2
    world.actor()
    with heard() as sent:
        members_page(world.session, {"override": "no"}, state_of(world.session))
        distribution(world.session)
    assert len(sent) <= 12


def test_the_newest_count_of_a_day_stands_for_now_and_the_days_show_how_it_moved(world: World) -> None:
    person, today = make_person(world, "x"), world.clock.now().date()
    with unit(world.session) as session:
        session.add(Member(person_id=person))
        for back, spenders in ((9, 10), (0, 30)):
            for one, count in ((Archetype.BIG_SPENDER, spenders), (Archetype.AVERAGE_USER, 100 - spenders)):
                session.add(
                    ArchetypeCount(
                        day=today - timedelta(days=back), archetype=one, members=count, overridden=1
                    )
                )
    page = world.client("viewer").get("/archetypes").get_data(as_text=True)
    assert "70 % of the members are average users." in page
    assert "Big spenders grew from 10 to 30 %" in page or "Average users fell from 90 to 70 %" in page
    assert "<desc id=" in page
    file = world.client("viewer").get("/archetypes/distribution/export").get_data(as_text=True)
    assert f"{today.isoformat()},big_spender,30,1" in file


def test_columns_stand_on_each_other_and_are_named_beside_the_last() -> None:
    chart = stacks(
        [Stack("1 May", (0.25, 0.75)), Stack("2 May", (0.5, 0.5))],
        [Layer("Swaps", "k1"), Layer("Others", "k2")],
        percent=True,
    )
    first, second = chart.blocks[:2]
    assert (first.height, second.height) == (42.5, 127.5)
    assert second.y + second.height == first.y
    assert first.words == "1 May, Swaps: 25 %"
    assert [one.text for one in chart.parts] == ["Swaps", "Others"]
    assert chart.parts[0].y - chart.parts[1].y >= 14
    assert stacks([], []).blocks == ()
    with pytest.raises(ValueError, match="below zero"):
        stacks([Stack("x", (-1.0,))], [Layer("a", "k1")])


def test_the_page_of_a_member_says_what_they_are_and_why(world: World) -> None:
    person = spender(world, "rich")
    browser = world.client("viewer")
    stale = browser.get(f"/archetypes/members/{person}").get_data(as_text=True)
    assert "Never detected" in stale
    assert "Detected now it would be <b>big spender</b>" in stale
    world.actor()
    assert world.session.scalar(select(func.count()).select_from(Member)) == 0, "looking writes nothing"
    detected(world, person)
    page = browser.get(f"/archetypes/members/{person}").get_data(as_text=True)
    assert "Rich is found to be a big spender with a confidence of" in page
    assert "Pays 122 % of the base price" in page
    assert "Willingness to pay" in page
    assert page.count("made: buyout") == 12
    assert "Never detected" not in page
    add(world, [ask(world, 99, person)])
    world.actor()
    with unit(world.session) as session:
        session.scalars(select(Member)).one().stale = True
    assert "This detection is stale" in browser.get(f"/archetypes/members/{person}").get_data(as_text=True)


def test_the_options_for_a_night_are_told_without_logging_them(world: World) -> None:
    person, _ = not_held_out(world, flexible)
    detected(world, person)
    make_night(world, "n1", 189_000, days=5)
    browser = world.client("viewer")
    page = browser.get(f"/archetypes/members/{person}").get_data(as_text=True)
    assert 'value="n1"' in page, "the company's next night is proposed"
    soon = (world.clock.now() + timedelta(days=30)).date().isoformat()
    page = browser.get(f"/archetypes/members/{person}?price=500&currency=EUR&checkin={soon}").get_data(
        as_text=True
    )
    assert "Swap for 25" in page
    for wrong, told in (
        ("night=nowhere", "There is no night “nowhere”."),
        ("price=much&currency=EUR&checkin=2030-01-01", "This is no amount"),
        ("price=5&currency=EUR&checkin=2001-01-01", "is past"),
        ("price=5&checkin=2030-01-01", "Fill in currency too, or name a night"),
        ("price=NaN&currency=EUR&checkin=2030-01-01", "This is no amount"),
    ):
        answer = browser.get(f"/archetypes/members/{person}?{wrong}")
        assert answer.status_code == 422
        assert told in answer.get_data(as_text=True)
    world.actor()
    assert world.session.scalar(select(func.count()).select_from(Recommendation)) == 0


@pytest.mark.thorough
def test_a_recommendation_is_made_again_from_its_log_row(world: World) -> None:
    person = spender(world, "rich")
    actor = world.actor()
    assert actor
    night = NightAsked(None, 1890, "EUR", (world.clock.now() + timedelta(days=5)).date())  # type: ignore[arg-type]  # a plain number
    answered = recommend(world.session, Ask("rich", night), world.clock)
    log_id = UUID(answered.inputs.log_id)
    record_outcome(world.session, log_id, Outcome(Selected(answered.chosen.way.value), 12), world.clock)
    browser = world.client("viewer")
    page = browser.get(f"/archetypes/recommendations/{log_id}").get_data(as_text=True)
    assert "The same to the byte" in page
    assert "12 seconds" in page
    assert str(log_id) in browser.get(f"/archetypes/members/{person}").get_data(as_text=True)
    assert str(log_id) in browser.get(f"/people/{person}").get_data(as_text=True)
    world.actor()
    with unit(world.session) as session:
        session.get_one(Recommendation, log_id).digest = "0" * 64
    assert "Not the same" in browser.get(f"/archetypes/recommendations/{log_id}").get_data(as_text=True)
    assert browser.get(f"/archetypes/recommendations/{person}").status_code == 404


def test_recalculating_is_for_admins_and_audited(world: World) -> None:
    person = spender(world, "rich")
    for role in ("viewer", "editor"):
        assert world.client(role).send(f"/archetypes/members/{person}/recalculate").status_code == 403
    detected(world, person)
    assert member(world, person).archetype is Archetype.BIG_SPENDER
    row = world.session.scalars(
        select(AuditEntry).where(AuditEntry.action == AuditAction.ARCHETYPE_RECALCULATED)
    ).one()
    assert set(row.changes) == {"detected", "confidence"}
    add(world, [ask(world, 70, person, offered_minor=-5)])
    answer = world.client("admin").send(f"/archetypes/members/{person}/recalculate", follow_redirects=True)
    assert "amounts or answers below zero" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["", "/override"])
def test_members_of_another_company_are_not_there(world: World, path: str) -> None:
    person = spender(world, "rich")
    stranger = world.client(None)
    stranger.sign_in("stranger@test.example", "correct horse battery")
    assert stranger.get(f"/archetypes/members/{person}{path}").status_code == 404
    assert names(stranger.get("/archetypes").get_data(as_text=True)) == []
    form = {"do": "save", "archetype": "big_spender", "reason": "no"}
    for deed in ("override", "override/revert", "override/restore", "recalculate"):
        assert stranger.send(f"/archetypes/members/{person}/{deed}", form).status_code == 404
    scope_to(world.session, world.company_id)
    assert world.session.scalar(select(func.count()).select_from(ArchetypeChange)) == 0
    assert world.session.scalar(select(func.count()).select_from(Member)) == 0


def test_pages_of_members_are_for_the_roles_that_may(world: World) -> None:
    assert world.client("viewer").get("/archetypes/overrides").status_code == 200
    assert world.client("editor").get("/archetypes/overrides/bulk").status_code == 403
    assert LISTING.default_sort == "name"


def test_what_a_night_lacks_is_said_once_in_the_words_of_the_page(world: World) -> None:
    person = make_person(world, "p")
    page = world.client("viewer").get(f"/archetypes/members/{person}?price=1000").get_data(as_text=True)
    assert page.count("Fill in currency and check-in too, or name a night by its id.") == 2, "summary, field"
    assert "leaseNightId" not in page


def test_the_form_of_an_override_takes_the_night_of_its_address(world: World) -> None:
    person, admin = make_person(world, "p"), world.client("admin")
    path = f"/archetypes/members/{person}/override"
    page = admin.get(f"{path}?price=1234.5&currency=USD&checkin=2030-01-02").get_data(as_text=True)
    for value in ("1234.5", "USD", "2030-01-02"):
        assert f'value="{value}"' in page
    page = admin.get(f"{path}?night=n7&checkin=soon").get_data(as_text=True)
    assert 'value="n7"' in page


def test_the_sentences_of_a_member_group_digits_as_their_page_does() -> None:
    told = value_of(Part(Signal.AVERAGE_VALUE, 12_345.4, 1, 0.5, {}, {}), "EUR")
    assert told == "12\u202f345\u00a0EUR"
