"""Leads, stages and activities from files: rows told of by column, none counted twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.leads.records import a_lead, activities, all_of, clients, facts, scored, stale, steps
from tests.pages import CheckedClient
from tests.personas.test_importing import checked, counts, report, write
from webapp.accounts.models import Company
from webapp.core.db import scope_to, unit
from webapp.leads.activities import record_activities
from webapp.leads.models import Activity, Lead, StageChange

HEADER = (
    "lead_id,name,email,source,value,currency,stage,owner,created_at,stage_changed_at,closed_at,rooms,garden"
)
KEPT = ["rooms", "garden"]
ROW = "l-1,Amrei,a@x.example,website,250000,EUR,NEW,editor@test.example,2026-11-01T10:00:00Z,,,3,true"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def told(world: World, browser: CheckedClient, content: str | bytes, keep: Any = KEPT) -> str:
    """The dry run of a file of leads, its further columns kept."""
    return checked(world, browser, content, "leads", keep=keep)


def imported(world: World, browser: CheckedClient, content: str | bytes, kind: str = "leads") -> str:
    address = told(world, browser, content) if kind == "leads" else checked(world, browser, content, kind)
    write(world, browser, address)
    return address


def test_leads_come_with_their_attributes_and_are_found_again(world: World, browser: CheckedClient) -> None:
    won = ROW.replace("l-1", "l-2").replace(",NEW,", ",won,").replace("Z,,,3", "Z,,2026-11-09 08:00,")
    content = f"{HEADER}\n{ROW}\n{won}\n"
    address = told(world, browser, content)
    assert counts(world, address) == (2, 0, 0, 0)
    assert all_of(world, Lead) == []
    write(world, browser, address)
    one, two = all_of(world, Lead)
    assert (one.attributes, one.value_minor) == ({"garden": True, "rooms": 3}, 25_000_000)
    assert one.owner_id == world.staff["editor"]
    assert (two.attributes, f"{two.closed_at:%d %H}") == ({"garden": True}, "09 08")
    assert steps(world, two.id) == [("NEW", "11-01 10:00"), ("WON", "11-09 08:00")]
    assert facts(world, one.id) == []
    assert counts(world, told(world, browser, content)) == (0, 0, 2, 0)


def test_a_plain_date_is_midnight_where_the_company_is(world: World, browser: CheckedClient) -> None:
    with unit(world.session) as session:
        session.get_one(Company, world.company_id).timezone = "Europe/Berlin"
    imported(world, browser, f"{HEADER}\n{ROW.replace('T10:00:00Z', '')}\n")
    (found,) = all_of(world, Lead)
    lead_id, opened = found.id, found.opened_at
    assert f"{opened:%m-%d %H:%M}" == "10-31 23:00"
    imported(world, browser, "lead_id,stage,at\nl-1,CONTACTED,2026-11-03\n", "stage_changes")
    imported(world, browser, "lead_id,kind,at\nl-1,call,2026-11-03\n", "activities")
    assert steps(world, lead_id) == [("NEW", "10-31 23:00"), ("CONTACTED", "11-02 23:00")]
    assert [f"{one.at:%m-%d %H:%M}" for one in all_of(world, Activity)] == ["11-02 23:00"]


def test_a_change_keeps_what_was_and_leaves_what_is_not_said(world: World, browser: CheckedClient) -> None:
    lead_id = a_lead(world, attributes={"rooms": 3, "garden": True}).id
    scored(world)
    content = (
        "lead_id,name,stage,created_at,source,rooms\nl-1,Amrei Vogt,LOST,2026-11-01T10:00:00Z,portal,4\n"
    )
    assert counts(world, imported(world, browser, content)) == (0, 1, 0, 0)
    (found,) = all_of(world, Lead)
    assert (found.attributes, found.value_minor, found.version) == (
        {"garden": True, "rooms": 4},
        25_000_000,
        2,
    )
    assert (found.stage.value, found.stale, found.closed_at is not None) == ("LOST", True, True)
    assert [name for name, _, _ in facts(world, lead_id)] == ["attributes.rooms", "source"]
    assert [stage for stage, _ in steps(world, lead_id)] == ["NEW", "LOST"]
    assert counts(world, told(world, browser, content)) == (0, 0, 1, 0)


def test_bad_leads_are_named_by_their_columns(world: World, browser: CheckedClient) -> None:
    changes = [
        ("l-1", "", "Lead"),
        ("l-1", "a/b", "Lead"),
        ("l-1", "a\tb", "Lead"),
        ("2026-11-01T10:00:00Z", "2026-13-01", "Created at"),
        ("Amrei", "", "Name"),
        ("250000", "1.234", "Value"),
        ("EUR", "Euro", "Currency"),
        (",NEW,", ",WAITING,", "Stage"),
        (",NEW,", ",,", "Stage"),
        ("editor@", "stranger@", "Owner"),
        ("2026-11-01T10:00:00Z,,", ",,", "Created at"),
        ("Z,,,", "Z,2026-10-01 10:00,,", "Stage changed at"),
        ("Z,,,", "Z,,2026-11-02 10:00,", "Closed at"),
        (",3,", f",{'x' * 501},", "rooms"),
    ]
    rows = [
        ROW.replace(old, new, 1) if name == "Lead" else ROW.replace("l-1", f"l-{n}").replace(old, new, 1)
        for n, (old, new, name) in enumerate(changes)
    ]
    address = told(world, browser, "\n".join([HEADER, *rows, ROW.replace("l-1", "good")]))
    assert counts(world, address) == (1, 0, 0, len(changes))
    assert [row["Column"] for row in report(browser, address)] == [name for _, _, name in changes]
    write(world, browser, address, skip_bad="1")
    assert [one.identifier for one in all_of(world, Lead)] == ["good"]


def test_C3_what_was_exported_comes_back_unchanged(world: World, browser: CheckedClient) -> None:
    a_lead(world, attributes={"rooms": 3, "size": 81.25, "region": "Lake", "garden": False, "zip": "01067"})
    a_lead(world, lead_id="=l-2", stage="WON", currency="JPY", owner="", closed_at="2026-11-05T08:00:00Z")
    a_lead(world, lead_id="l-3", value="", source="", email="", stage="QUALIFIED", name="-x")
    scored(world)
    keep = ["rooms", "size", "region", "garden", "zip"]
    for form in ("csv", "json"):
        file = browser.get(f"/leads/export?format={form}").get_data()
        assert counts(world, told(world, browser, file, keep)) == (0, 0, 3, 0), form
    items = json.loads(browser.get("/leads/export?format=json&stage=NEW").get_data())["items"]
    assert [(one["lead_id"], one["owner"], one["rooms"]) for one in items] == [
        ("l-1", "editor@test.example", "3")
    ]
    assert (items[0]["score"], items[0]["probability"]) == ("42", "37.0")


def test_C3_histories_come_back_unchanged(world: World, browser: CheckedClient) -> None:
    lead = a_lead(world, stage="WON", closed_at="2026-11-05T08:00:00Z")
    a_lead(world, lead_id="l-2")
    said = [{"kind": "call", "note": "=1+1"}, {"kind": "note", "at": "2026-11-02T08:00:00.25Z"}]
    record_activities(world.session, world.actor(), lead.id, said, **clients(world))
    for what, rows in (("activities", 2), ("stage_changes", 3)):
        file = browser.get(f"/leads/{what.replace('_', '-')}/export").get_data()
        assert counts(world, checked(world, browser, file, what)) == (0, 0, rows, 0)
    narrowed = browser.get("/leads/stage-changes/export?stage=NEW").get_data(as_text=True)
    assert narrowed.splitlines()[1:] == ["l-2,NEW,2026-11-01T10:00:00Z"]


STAGES = """lead_id,stage,at
l-1,NEW,2026-11-01T10:00:00Z
l-1,contacted,2026-11-02 09:00
l-1,WON,2026-11-05T09:00:00Z
"""


def test_a_file_of_stages_says_where_a_lead_stands(world: World, browser: CheckedClient) -> None:
    lead_id = a_lead(world, stage="WON").id  # when it was won is not known yet
    scored(world)
    assert counts(world, imported(world, browser, STAGES, "stage_changes")) == (2, 0, 1, 0)
    (found,) = all_of(world, Lead)
    assert (f"{found.closed_at:%m-%d %H}", found.stage.value, found.stale) == ("11-05 09", "WON", True)
    known = [("NEW", "11-01 10:00"), ("CONTACTED", "11-02 09:00"), ("WON", "11-05 09:00")]
    assert steps(world, lead_id) == known
    assert counts(world, checked(world, browser, STAGES, "stage_changes")) == (0, 0, 3, 0)
    rows = ["l-9,NEW,2026-11-02 09:00", "l-1,HM,2026-11-02 09:00", "l-1,LOST,", "l-1,LOST,2026-10-01 10:00"]
    bad = "\n".join(["lead_id,stage,at", *rows])
    address = checked(world, browser, bad, "stage_changes")
    assert [row["Column"] for row in report(browser, address)] == ["Lead", "Stage", "At", "At"]


@pytest.mark.thorough
def test_activities_are_counted_once(world: World, browser: CheckedClient) -> None:
    lead_id = a_lead(world).id
    a_lead(world, lead_id="l-2")
    scored(world)
    rows = ["a-1,l-1,call,2026-11-02T09:00:00Z", "a-2,l-1,Email Open,2026-11-02 09:30"]
    content = "\n".join(["activity_id,lead_id,kind,at", *rows, *[",l-1,page_view,2026-11-03 09:00"] * 2])
    assert counts(world, imported(world, browser, content, "activities")) == (4, 0, 0, 0)
    assert stale(world) == {"l-1": True, "l-2": False}
    assert [kind for _, kind in activities(world, lead_id)] == [
        "call",
        "email_open",
        "page_view",
        "page_view",
    ]
    assert activities(world, lead_id)[0][0] == "a-1"
    wrong = ["a-1,l-1,meeting,2026-11-02T09:00:00Z", "a-2,l-2,email_open,2026-11-02 09:30"]
    wrong += ["a-3,l-9,call,2026-11-02 09:30", "a-4,l-1,,2026-11-02 09:30", "a-5,l-1,call,soon"]
    bad = "\n".join(["activity_id,lead_id,kind,at", rows[0], *wrong])
    address = checked(world, browser, bad, "activities")
    assert counts(world, address) == (0, 0, 1, 5)
    assert [row["Column"] for row in report(browser, address)] == [
        "Activity",
        "Activity",
        "Lead",
        "Kind",
        "At",
    ]


@pytest.mark.thorough
def test_thousands_come_in_one_transaction(world: World, browser: CheckedClient) -> None:
    leads = [ROW.replace("l-1", f"l-{number}") for number in range(1_100)]
    imported(world, browser, "\n".join([HEADER, *leads]))
    rows = [f"a-{number},l-{number % 1_100},call,2026-11-02T09:00:00Z" for number in range(1_600)]
    imported(world, browser, "\n".join(["activity_id,lead_id,kind,at", *rows]), "activities")
    moved = [f"l-{number},CONTACTED,2026-11-02T09:00:00Z" for number in range(1_100)]
    imported(world, browser, "\n".join(["lead_id,stage,at", *moved]), "stage_changes")
    scope_to(world.session, world.company_id)
    found = [world.session.scalar(select(func.count(model.id))) for model in (Lead, Activity, StageChange)]
    assert found == [1_100, 1_600, 2_200]


def test_B1_a_viewer_imports_nothing(world: World) -> None:
    assert world.client("viewer").get("/imports/new/leads").status_code == 403
