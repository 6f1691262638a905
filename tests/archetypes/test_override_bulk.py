"""Overriding by list: a preview first, then all in one transaction, or none."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.archetypes.making import flexible, make_person
from tests.conftest import World
from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import ArchetypeChange, Member
from webapp.archetypes.overriding import Override, Overriding
from webapp.core.access import Role
from webapp.core.audit import AuditAction, AuditEntry, reasons_of
from webapp.core.db import scope_to, unit
from webapp.core.errors import BadRequest
from webapp.core.id_lists import numbered_in
from webapp.people.models import Person

PATH = "/archetypes/overrides/bulk"


def form(**more: Any) -> dict[str, Any]:
    return {"do": "preview", "archetype": "big_spender", "reason": "From the campaign list", **more}


def file(text: str, name: str = "ids.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), name


def many(world: World, how_many: int) -> list[str]:
    """So many persons, written at once."""
    now, ids = world.clock.now(), [f"u{number:04}" for number in range(how_many)]
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.add_all(Person(identifier=one, name=one, created_at=now, updated_at=now) for one in ids)
    return ids


def overridden(world: World) -> int:
    world.actor()
    return world.session.scalar(select(func.count()).where(Member.override.is_not(None))) or 0


def test_five_hundred_of_a_file_are_overridden_at_once_each_audited(world: World) -> None:
    ids = many(world, 500)
    admin = world.client("admin")
    text = "name,user_id\n" + "\n".join(f"Somebody,{one}" for one in ids)
    page = admin.send(PATH, form(file=file(text)), content_type="multipart/form-data").get_data(as_text=True)
    assert "500 members, 500 would change" in page
    assert "Nothing is saved yet" in page
    assert "u0499" in page, "the file's ids are in the form now"
    assert overridden(world) == 0
    answer = admin.send(PATH, form(do="save", ids="\n".join(ids), once="1"))
    assert answer.status_code == 303
    assert overridden(world) == 500
    found = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action == AuditAction.ARCHETYPE_OVERRIDDEN)
    )
    assert world.session.scalar(found) == 500
    assert admin.send(PATH, form(do="save", ids="\n".join(ids), once="1")).status_code == 303
    assert world.session.scalar(select(func.count()).select_from(ArchetypeChange)) == 500


def test_many_leave_the_same_traces_as_one(world: World) -> None:
    one, two, three = (make_person(world, name) for name in ("one", "two", "three"))
    deeds, who = Overriding(world.services.clock, world.services.auditor), world.actor(Role.ADMIN)
    asked = Override(Archetype.BIG_SPENDER, "Same")
    deeds.set_one(world.session, who, one, Override(Archetype.HIGH_FLEXIBILITY, "Before"))
    deeds.set_one(world.session, who, three, asked)
    deeds.set_many(world.session, who, ["two", "one"], asked)
    rows = {row.person_id: row for row in world.session.scalars(select(Member))}
    for row in rows.values():
        assert (row.override, row.in_force, row.override_reason) == (*[Archetype.BIG_SPENDER] * 2, "Same")
        assert (row.override_by, row.stale, row.version) == (who.name, True, 0)
    changes = select(ArchetypeChange).order_by(ArchetypeChange.at, ArchetypeChange.person_id)
    told = [(row.person_id, row.before, row.reason, row.by) for row in world.session.scalars(changes)]
    assert (one, Archetype.HIGH_FLEXIBILITY, "Same", who.name) in told
    assert (two, Archetype.AVERAGE_USER, "Same", who.name) in told
    trail = list(world.session.scalars(select(AuditEntry)))
    reasons = reasons_of(world.session, trail)
    entries = [row for row in trail if reasons[row.id] == "Same"]
    assert {row.subject_id for row in entries} == {row.id for row in rows.values()}
    assert {row.subject for row in entries} == {"member"}
    changed = {row.subject_id: set(row.changes) for row in entries}
    assert changed[rows[two].id] == changed[rows[three].id] == {"archetype", "override"}


def test_unknown_ids_are_named_by_line_and_can_be_left_out(world: World) -> None:
    flexible(world, "bendy")
    make_person(world, "plain")
    admin = world.client("admin")
    admin.send(
        f"/archetypes/members/{make_person(world, 'held')}/override",
        {**form(do="save"), "archetype": "high_flexibility"},
    )
    listed = "bendy\nghost\n\nplain\nheld\nplain\nghoul"
    page = admin.send(PATH, form(ids=listed)).get_data(as_text=True)
    assert "3 members, 3 would change" in page
    assert "Line 2: ghost" in page
    assert "Line 7: ghoul" in page
    assert "1 of them has an override already" in page
    assert "1 id stood there more than once" in page
    refused = admin.send(PATH, form(do="save", ids=listed))
    assert refused.status_code == 422
    assert "2 user ids nobody has" in refused.get_data(as_text=True)
    assert "ghost" in refused.get_data(as_text=True)
    assert overridden(world) == 1
    assert "tick “Leave out" in page
    ticked = admin.send(PATH, form(ids=listed, skip="y")).get_data(as_text=True)
    assert "They are left out." in ticked
    assert "tick “Leave out" not in ticked
    assert admin.send(PATH, form(do="save", ids=listed, skip="y")).status_code == 303
    assert overridden(world) == 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"ids": ""}, "Write the user ids"),
        ({"ids": "a", "reason": ""}, "Say why"),
        ({"ids": "[1, true]"}, "something that is no id"),
        ({"ids": "plain", "do": "save", "until": "2001-01-01"}, "This time is past"),
        ({"ids": "ghost", "do": "save", "skip": "y"}, "Name one member at least"),
        ({"ids": ",".join(f"x{number}" for number in range(5_001))}, "At most 5\u202f000 at a time"),
        ({"ids": "a\nkept\0"}, "holds on line 2 an id with signs"),
        ({"ids": "kept\0", "archetype": "big_spender"}, "cannot be stored"),
    ],
)
def test_what_is_amiss_stands_at_its_field(world: World, given: dict[str, str], told: str) -> None:
    make_person(world, "plain")
    answer = world.client("admin").send(PATH, form(**given))
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert overridden(world) == 0


def test_a_file_that_is_no_text_is_refused_and_the_rest_stays(world: World) -> None:
    answer = world.client("admin").send(
        PATH,
        form(ids="typed", file=(io.BytesIO(b"\xff\xfe\x00"), "x.csv")),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "no text in UTF-8" in page
    assert "typed</textarea>" in page
    assert "From the campaign list" in page


def test_marked_members_and_all_that_match_come_into_the_form(world: World) -> None:
    people = {name: make_person(world, name) for name in ("ada", "ben", "cem")}
    admin = world.client("admin")
    for person in people.values():
        admin.send(f"/archetypes/members/{person}/override", form(do="save"))
    page = admin.send(f"{PATH}/members", {"row": [str(people["ada"]), str(people["cem"])]}).get_data(
        as_text=True
    )
    assert "ada\ncem</textarea>" in page
    page = admin.send(f"{PATH}/members", {"all": "1", "query": "q=b"}).get_data(as_text=True)
    assert "ben</textarea>" in page
    for nothing in ({}, {"row": "x"}, {"all": "1", "query": "q=zz"}):
        assert admin.send(f"{PATH}/members", nothing).status_code == 303


def test_members_of_another_company_are_unknown_to_a_list(world: World) -> None:
    make_person(world, "ours")
    stranger = world.client(None)
    stranger.sign_in("stranger@test.example", "correct horse battery")
    page = stranger.send(PATH, form(ids="ours")).get_data(as_text=True)
    assert "0 members" in page
    assert "Line 1: ours" in page


def test_ids_know_their_lines() -> None:
    assert numbered_in("a\n\nb", "it") == [(1, "a"), (3, "b")]
    assert numbered_in("name;user_id\nAda;17\nBen; \nCem;19", "it") == [(2, "17"), (4, "19")]
    assert numbered_in('["x", {"user_id": 3}]', "it") == [(1, "x"), (2, "3")]
    with pytest.raises(BadRequest):
        numbered_in("\ud800", "it")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b;c\nd", [(1, "a"), (1, "b;c"), (2, "d")]),
        ("a, b2\n\nc;d\te\nf\tg", [(1, "a"), (1, "b2"), (3, "c"), (3, "d\te"), (4, "f"), (4, "g")]),
        ("\nid,user_id\n1,a\n\n2,b", [(3, "a"), (5, "b")]),
        ('name,user_id\n"Ada, B.",17', [(2, "17")]),
        ("a1,b2\nc3,d4", [(1, "a1"), (1, "b2"), (2, "c3"), (2, "d4")]),
    ],
)
def test_every_id_of_a_line_is_taken(text: str, found: list[tuple[int, str]]) -> None:
    assert numbered_in(text, "it") == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("user_id,user_id\na,b", "it has 2 columns user_id"),
        ("name,email\nAda,a@b.example", "names no column user_id"),
        ("name,user_id\nAda,17\nBen", "it lacks the column user_id on line 3"),
        ("a\nb\0", "it holds on line 2 an id with signs"),
        ('["a", "b\\u0000"]', "it holds in place 2 an id with signs"),
        ('["a",\n"b"', "it cannot be read from line 2, sign 4 on"),
        ("[" + "1" * 5_000 + "]", "cannot be read as one"),
        ("x" * (csv.field_size_limit() + 1), "too long for ids"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(BadRequest, match=told) as refused:
        numbered_in(text, "it")
    assert "Expecting" not in refused.value.message
