"""Overrides change the next recommendation, end in time, revert, are audited; the effect is shown first."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.archetypes.making import flexible, make_night, make_person, member, not_held_out, spender
from tests.conftest import World
from webapp.accounts.models import Company
from webapp.archetypes.facts import Archetype, Cause, Selected, Way
from webapp.archetypes.models import ArchetypeChange, Member, Recommendation
from webapp.archetypes.override_list import wanting
from webapp.archetypes.override_record import Record, record_of
from webapp.archetypes.overriding import Override, Overriding, Overtaken, mark_of
from webapp.core.access import Role
from webapp.core.audit import AuditAction, AuditEntry, reasons_of
from webapp.core.db import unit
from webapp.core.jobs.models import Job, JobState

CALL = "/api/transaction-recommendations"


def recommended(world: World, user_id: str) -> Any:
    """What the API recommends for the night n1."""
    token = {"Authorization": f"Bearer {world.token('archetypes')}"}
    body = {"userId": user_id, "leaseNightId": "n1"}
    return world.client(None).post(CALL, json=body, headers=token).json


def form(archetype: str = "big_spender", **more: str) -> dict[str, str]:
    return {"do": "save", "archetype": archetype, "reason": "Told us on the phone", **more}


def entries(world: World, action: AuditAction) -> list[AuditEntry]:
    world.actor()
    return list(world.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def count(world: World, model: type[Any]) -> int:
    world.actor()
    return world.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_override_changes_the_very_next_recommendation_and_reverts_in_one_click(world: World) -> None:
    person, user = not_held_out(world, flexible)
    make_night(world, "n1", 189_000, days=5)
    assert recommended(world, user)["primaryRecommendation"] == "swap"
    admin = world.client("admin")
    page = f"/archetypes/members/{person}"
    assert admin.send(f"{page}/override", form()).status_code == 303
    answer = recommended(world, user)
    assert answer["primaryRecommendation"] == "buyout"
    assert answer["options"][0]["totalCost"] == 2878
    assert answer["userArchetype"]["isManualOverride"] is True
    told = admin.get(page).get_data(as_text=True)
    assert f"{user.title()} counts as a big spender, set by" in told
    assert "the model finds them highly flexible with a confidence of" in told
    assert admin.send(f"{page}/override/revert").status_code == 303
    assert recommended(world, user)["primaryRecommendation"] == "swap"
    undo = re.search(r'action="([^"]+restore[^"]*)"', admin.get(page).get_data(as_text=True))
    assert undo
    assert admin.send(undo[1].replace("&amp;", "&")).status_code == 303
    assert recommended(world, user)["primaryRecommendation"] == "buyout"
    assert admin.send(f"{page}/override/restore").status_code == 409
    (first, *_), (back,) = (
        entries(world, AuditAction.ARCHETYPE_OVERRIDDEN),
        entries(world, AuditAction.ARCHETYPE_REVERTED),
    )
    assert reasons_of(world.session, [first])[first.id] == "Told us on the phone"
    assert first.address
    assert first.staff_id
    for row in (first, back):
        assert set(row.changes) >= {"archetype", "override"}
        before, after = row.changes["archetype"]
        assert None not in {before, after}
        assert before != after
    assert first.changes["archetype"] == list(reversed(back.changes["archetype"]))


def test_an_override_ends_on_time_and_the_hourly_job_reverts_it_audited(world: World) -> None:
    person, user = not_held_out(world, flexible)
    make_night(world, "n1", 189_000, days=30)
    until = (world.clock.now() + timedelta(days=3)).date()
    world.client("admin").send(f"/archetypes/members/{person}/override", form(until=until.isoformat()))
    ends = member(world, person).override_expires_at
    assert ends is not None
    assert ends.isoformat() == f"{until + timedelta(days=1)}T00:00:00+00:00"
    scheduler = world.services.scheduler
    scheduler.tick(world.session)
    assert recommended(world, user)["primaryRecommendation"] == "buyout"
    world.clock.offset += ends - world.clock.now() + timedelta(seconds=1)
    assert recommended(world, user)["primaryRecommendation"] == "swap", "before any job ran"
    assert member(world, person).override is Archetype.BIG_SPENDER
    world.clock.shift(hours=1)
    scheduler.tick(world.session)
    world.work()
    gone = member(world, person)
    assert (gone.override, gone.in_force) == (None, Archetype.HIGH_FLEXIBILITY)
    (row,) = entries(world, AuditAction.ARCHETYPE_EXPIRED)
    assert row.staff_id is None
    job = world.session.scalars(select(Job).where(Job.kind == "archetypes.expire")).first()
    assert job is not None
    assert job.state is JobState.DONE
    last = world.session.scalars(select(ArchetypeChange).order_by(ArchetypeChange.at.desc())).first()
    assert last is not None
    assert (last.cause, last.by) == (Cause.EXPIRED, "schedule")


def test_the_effect_is_shown_side_by_side_and_nothing_is_saved(world: World) -> None:
    person, _ = not_held_out(world, flexible)
    make_night(world, "n1", 189_000, days=5)
    admin = world.client("admin")
    path = f"/archetypes/members/{person}/override"
    proposal = admin.get(path).get_data(as_text=True)
    assert 'value="n1"' in proposal
    assert f'value="{(world.clock.now() + timedelta(days=90)).date()}"' in proposal
    answer = admin.send(path, {"do": "effect", "archetype": "big_spender", "reason": "", "night": "n1"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Nothing is saved yet" in page
    assert "<b>buyout for 2\u202f878\u00a0EUR</b> would be recommended instead of swap" in page
    again = admin.send(
        path,
        {
            "do": "effect",
            "archetype": "high_flexibility",
            "price": "1000",
            "currency": "EUR",
            "checkin": "2030-01-01",
        },
    )
    assert "nothing changes" in again.get_data(as_text=True)
    for model in (Member, Recommendation, ArchetypeChange):
        assert count(world, model) == 0
    wrong = admin.send(
        path, {"do": "effect", "archetype": "big_spender", "reason": "Mine", "night": "nowhere"}
    )
    assert wrong.status_code == 404
    assert "There is no night" in wrong.get_data(as_text=True)
    assert ">\r\nMine</textarea>" in wrong.get_data(as_text=True) or "Mine</textarea>" in wrong.get_data(
        as_text=True
    )


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(world: World) -> None:
    person = make_person(world, "p")
    admin, path = world.client("admin"), f"/archetypes/members/{person}/override"
    answer = admin.send(path, {"do": "save", "archetype": "swapper", "reason": " ", "until": "soon"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert "Say why" in page
    past = admin.send(path, form(until="2001-01-01", reason="Kept text"))
    assert past.status_code == 422
    assert "This time is past" in past.get_data(as_text=True)
    assert "Kept text" in past.get_data(as_text=True)
    assert count(world, Member) == 0


def test_a_second_press_saves_nothing_twice_and_a_stale_form_overwrites_nobody(world: World) -> None:
    person = make_person(world, "p")
    admin, path = world.client("admin"), f"/archetypes/members/{person}/override"
    for _ in range(2):
        assert admin.send(path, form(once="a", seen="")).status_code == 303
    assert count(world, ArchetypeChange) == 1
    late = admin.send(path, form("average_user", once="b", seen="", reason="Mine"))
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "overrode this member while you were writing" in page
    assert "Mine" in page
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert seen
    assert admin.send(path, form("average_user", once="b", seen=seen[1], reason="Mine")).status_code == 303
    assert member(world, person).override is Archetype.AVERAGE_USER
    admin.send(f"{path}/revert", query_string={"seen": "2026-01-01T00:00:00+00:00"})
    assert member(world, person).override is Archetype.AVERAGE_USER, "only what was looked at is reverted"
    for _ in range(2):
        assert admin.send(f"{path}/revert").status_code == 303
    assert len(entries(world, AuditAction.ARCHETYPE_REVERTED)) == 1


def test_undo_keeps_the_end_and_no_address_makes_up_another(world: World) -> None:
    person, other = make_person(world, "p"), make_person(world, "q")
    admin, path = world.client("admin"), f"/archetypes/members/{person}/override"
    admin.send(path, form(until="2030-05-01"))
    ends = member(world, person).override_expires_at
    admin.send(f"{path}/revert")
    page = admin.get(f"/archetypes/members/{person}").get_data(as_text=True)
    undo = re.search(r'action="([^"]+restore[^"]*)"', page)
    assert undo
    for address in (
        f"{path}/restore?until=2100-01-01",
        f"{undo[1]}x",
        undo[1].replace(str(person), str(other)),
    ):
        assert admin.send(address).status_code == 409
    assert admin.send(undo[1]).status_code == 303
    assert member(world, person).override_expires_at == ends
    assert ends is not None
    assert admin.send(undo[1]).status_code == 409, "it is in force already"
    admin.send(f"{path}/revert")
    assert admin.send(undo[1]).status_code == 409, "an older reversion's undo"


def test_what_was_looked_at_is_compared_while_the_row_is_held(world: World) -> None:
    person, who = make_person(world, "p"), world.actor(Role.ADMIN)
    deeds = Overriding(world.services.clock, world.services.auditor)
    asked = Override(Archetype.BIG_SPENDER, "Mine")
    set_at = deeds.set_one(world.session, who, person, asked, seen="").override_at
    for late in ("", "2026-01-01T00:00:00+00:00"):
        with pytest.raises(Overtaken):
            deeds.set_one(world.session, who, person, asked, seen=late)
        with pytest.raises(Overtaken):
            deeds.revert(world.session, who, person, seen=late)
    assert count(world, ArchetypeChange) == 1
    deeds.revert(world.session, who, person, seen=mark_of(set_at))
    assert member(world, person).override is None


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_viewers_and_editors_override_nothing(world: World, role: str) -> None:
    person = make_person(world, "p")
    browser, base = world.client(role), f"/archetypes/members/{person}/override"
    assert browser.get(base).status_code == 403
    for path in (
        base,
        f"{base}/revert",
        f"{base}/restore",
        "/archetypes/overrides/bulk",
        "/archetypes/overrides/bulk/members",
    ):
        assert browser.send(path, form(ids="p")).status_code == 403
    assert (
        "Override"
        not in browser.get(f"/archetypes/members/{person}").get_data(as_text=True).split("<aside")[0]
    )
    token = {"Authorization": f"Bearer {world.token('archetypes', staff=role)}"}
    api = world.client(None)
    body = {"archetype": "big_spender", "reason": "no"}
    for method, given in (("PUT", body), ("DELETE", None), ("POST", None)):
        answer = api.open("/api/user-archetype/p", method=method, json=given, headers=token)
        assert answer.status_code == 403
    assert count(world, Member) == 0


def test_the_list_says_who_why_and_until_when(world: World) -> None:
    bendy, rich = flexible(world, "bendy"), spender(world, "rich")
    admin = world.client("admin")
    assert "No overrides" in admin.get("/archetypes/overrides").get_data(as_text=True)
    soon = (world.clock.now() + timedelta(days=2)).date().isoformat()
    admin.send(f"/archetypes/members/{bendy}/override", form(until=soon, reason="Two days"))
    admin.send(f"/archetypes/members/{rich}/override", form("average_user", reason="For good"))
    world.clock.shift(hours=2)
    page = world.client("viewer").get("/archetypes/overrides").get_data(as_text=True)
    assert page.index("For good") < page.index("Two days")
    assert ">soon</span>" in page
    assert "not by itself" in page
    assert "2 hours" in page
    assert "Not enough data: 0 outcomes of 0 members" in page
    assert "Revert" not in page
    sorted_page = admin.get("/archetypes/overrides?sort=until").get_data(as_text=True)
    assert sorted_page.index("Two days") < sorted_page.index("For good")
    home = admin.get("/").get_data(as_text=True)
    assert "1 override expires within 7 days" in home
    assert [line.href for line in wanting(world.session, world.actor(Role.VIEWER))] == [
        "/archetypes?override=soon"
    ]
    world.clock.shift(days=3)
    later = world.client("viewer").get("/archetypes/overrides").get_data(as_text=True)
    assert "For good" in later
    assert "Two days" not in later
    assert wanting(world.session, world.actor()) == []


def test_how_overrides_are_followed_is_counted_where_they_changed_the_default(world: World) -> None:
    people = [make_person(world, f"p{number}") for number in range(5)]
    now = world.clock.now()

    def row(number: int, selected: Selected | None, **more: Any) -> Recommendation:
        values: dict[str, Any] = {
            "recommended": Way.BUYOUT,
            "unoverridden": Way.SWAP,
            "overridden": True,
            **more,
        }
        return Recommendation(
            person_id=people[number % more.pop("among", 5)],
            at=now,
            rule_set=1,
            inputs={},
            digest=str(number),
            archetype=Archetype.BIG_SPENDER,
            held_out=False,
            new_member=False,
            urgency="low",
            rule=1,
            currency="EUR",
            selected=selected,
            decided_at=now - timedelta(days=more.pop("ago", 1)) if selected else None,
            **{name: value for name, value in values.items() if name not in {"ago", "among"}},
        )

    with unit(world.session) as session:
        session.add_all(row(one, Selected.BUYOUT) for one in range(18))
        session.add_all(row(one, Selected.SWAP) for one in range(4))
        session.add_all(row(one, Selected.NONE) for one in range(2))
        session.add(row(1, Selected.BUYOUT, unoverridden=Way.BUYOUT))
        session.add(row(2, Selected.BUYOUT, overridden=False, unoverridden=None))
        session.add(row(3, Selected.BUYOUT, ago=91))
        session.add(row(4, None))
    record = record_of(world.session, now)
    assert record == Record(18, 4, 2, 5)
    assert record.outcomes[0].share == 0.75
    assert (round(record.outcomes[0].low, 3), round(record.outcomes[0].high, 3)) == (0.551, 0.88)
    told = "Members followed the override in 75 of 100 cases, more often than they took the default"
    assert record.verdict.startswith(told)
    assert record.verdict.endswith(": 24 outcomes of 5 members.")
    assert "less often" in Record(4, 18, 2, 5).verdict
    assert "about as often" in Record(12, 11, 1, 5).verdict
    assert Record(18, 4, 2, 4).verdict.startswith("Not enough data: 24 outcomes of 4 members.")
    assert Record(10, 4, 5, 19).verdict.startswith("Not enough data")
    page = world.client("viewer").get("/archetypes/overrides").get_data(as_text=True)
    assert "18 of 24" in page
    assert "55 to 88 %" in page


def test_the_person_page_tells_the_archetype_and_its_override(world: World) -> None:
    person = spender(world, "rich")
    viewer = world.client("viewer")
    assert "Why, and what they would be offered" not in viewer.get(f"/people/{person}").get_data(as_text=True)
    world.client("admin").send(f"/archetypes/members/{person}/override", form("average_user"))
    page = viewer.get(f"/people/{person}").get_data(as_text=True)
    assert ">override</span>" in page
    assert "Told us on the phone" in page
    assert f"/archetypes/members/{person}" in page


def test_an_end_is_the_end_of_its_day_where_the_company_is(world: World) -> None:
    person = make_person(world, "p")
    world.actor()
    with unit(world.session) as session:
        session.get_one(Company, world.company_id).timezone = "Asia/Tokyo"
    world.client("admin").send(f"/archetypes/members/{person}/override", form(until="2030-05-01"))
    assert member(world, person).override_expires_at == datetime.fromisoformat("2030-05-01T15:00:00+00:00")
    page = world.client("admin").get(f"/archetypes/members/{person}/override").get_data(as_text=True)
    assert 'value="2030-05-01"' in page
