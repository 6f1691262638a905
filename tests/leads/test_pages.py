"""The pages of leads: list, filters, stage in place, forms that lose nothing, timeline, many at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from tests.conftest import World
from tests.leads.records import a_lead, activities, all_of, changed, clients, scored, steps
from tests.pages import CheckedClient
from webapp.core.access import Role
from webapp.core.db import db
from webapp.leads.activities import record_activities
from webapp.leads.models import Lead

HOME = "/leads"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def text_of(browser: CheckedClient, path: str) -> str:
    return browser.get(path).get_data(as_text=True)


def statements(browser: CheckedClient, path: str) -> int:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return len(heard)


def test_leads_are_listed_filtered_and_found(world: World, browser: CheckedClient) -> None:
    assert "No leads yet" in text_of(browser, HOME)
    a_lead(world)
    a_lead(
        world,
        lead_id="l-2",
        name="Bruno Maas",
        owner="",
        source="portal",
        stage="PROPOSAL",
        value="",
        email="",
    )
    scored(world)
    page = text_of(browser, HOME)
    assert all(word in page for word in ("Amrei Vogt", "Bruno Maas", "250\u202f000\u00a0EUR", "37 %", "42"))
    owner = world.staff["editor"]
    for query, there, gone in (
        ("stage=PROPOSAL", "Bruno Maas", "Amrei Vogt"),
        ("owner=nobody", "Bruno Maas", "Amrei Vogt"),
        (f"owner={owner}", "Amrei Vogt", "Bruno Maas"),
        ("source=portal", "Bruno Maas", "Amrei Vogt"),
        ("q=amrei@", "Amrei Vogt", "Bruno Maas"),
        ("q=l-2", "Bruno Maas", "Amrei Vogt"),
    ):
        part = browser.part(f"{HOME}?{query}").get_data(as_text=True)
        assert (f">{there}<" in part, f">{gone}<" in part) == (True, False), query
    assert "No lead matches" in browser.part(f"{HOME}?risk=yes").get_data(as_text=True)
    assert browser.get(f"{HOME}?owner=me&stage=NEW").location == f"{HOME}?owner={owner}&stage=NEW"
    assert "Amrei Vogt" in text_of(browser, "/search?q=amrei")


@pytest.mark.parametrize("query", ["stage=LOUD", "priority=soon", "owner=whoever", "risk=maybe"])
def test_a_filter_that_says_nothing_known_is_named(world: World, browser: CheckedClient, query: str) -> None:
    a_lead(world)
    name, _, word = query.partition("=")
    part = browser.part(f"{HOME}?{query}").get_data(as_text=True)
    assert f"No {name} is called “{word}”: this filter is left out." in part
    assert ">Amrei Vogt<" in part
    for known in ("stage=NEW", "priority=high", "owner=nobody", "risk=yes", f"owner={world.staff['editor']}"):
        assert "left out" not in browser.part(f"{HOME}?{known}").get_data(as_text=True)


def test_no_page_asks_more_with_more_rows(world: World, browser: CheckedClient) -> None:
    lead = a_lead(world)
    browser.get(HOME)
    browser.get(f"{HOME}/{lead.id}")  # the first look is logged
    few = [statements(browser, path) for path in (HOME, f"{HOME}/{lead.id}")]
    for number in range(8):
        a_lead(world, lead_id=f"m-{number}", owner="" if number % 2 else "admin@test.example")
    record_activities(world.session, world.actor(), lead.id, [{"kind": "call"}] * 9, **clients(world))
    many = [statements(browser, path) for path in (HOME, f"{HOME}/{lead.id}")]
    assert many == few
    frame = statements(browser, "/account/password")
    assert many[0] - frame <= 7
    assert many[1] - frame <= 20  # a dozen of them for what the looker's model says


def test_a_stage_is_changed_in_place_and_taken_back(world: World, browser: CheckedClient) -> None:
    lead = a_lead(world)
    token = browser.form_token()
    moved = browser.post(
        f"{HOME}/{lead.id}/stage",
        data={"stage": "WON", "to": "list", "csrf_token": token},
        headers={"HX-Request": "true"},
    ).get_data(as_text=True)
    assert moved.lstrip().startswith(f'<tr id="lead-{lead.id}"')
    assert "Amrei Vogt: won." in moved
    undo = re.search(r'action="(/leads/[^"]+stage=NEW[^"]*)"', moved)
    assert undo is not None
    assert browser.send(undo.group(1).replace("&amp;", "&")).location == HOME
    (found,) = all_of(world, Lead)
    assert (found.stage.value, found.closed_at) == ("NEW", None)
    assert [stage for stage, _ in steps(world, lead.id)] == ["NEW", "WON", "NEW"]
    assert browser.send(f"{HOME}/{lead.id}/stage", {"stage": "PROPOSAL"}).location == f"{HOME}/{lead.id}"
    assert browser.send(f"{HOME}/{lead.id}/stage", {"stage": "NOWHERE"}).status_code == 422


FORM = {"version": "0", "name": "Cem Aydin", "stage": "NEW", "owner": "editor@test.example"}


def test_a_lead_is_made_once_by_a_form_that_loses_nothing(world: World, browser: CheckedClient) -> None:
    rows = {"attributes-name": ["Rooms", "region"], "attributes-value": ["3", "North"]}
    wrong = browser.send(HOME, {**FORM, **rows, "name": "", "value": "lots"})
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert all(word in page for word in ("Error:", "lots", 'value="North"', "Say what the lead is called."))
    added = browser.send(HOME, {**FORM, **rows, "move": "attributes::add"})
    assert added.get_data(as_text=True).count('name="attributes-name"') == 3
    refused = browser.send(HOME, {**FORM, "attributes-name": "owner", "attributes-value": "x"})
    assert "column of every lead" in refused.get_data(as_text=True)
    sent = {**FORM, **rows, "once": "abc", "value": "250000", "currency": "EUR"}
    first, again = (browser.send(HOME, sent) for _ in range(2))
    assert first.status_code == 303
    assert first.location == again.location
    (lead,) = all_of(world, Lead)
    assert (lead.attributes, lead.value_minor) == ({"Rooms": 3, "region": "North"}, 25_000_000)
    amiss = browser.send(HOME, {**FORM, "value": "1.999", "currency": "EUR", "closed_at": "2026-01-01 10:00"})
    assert amiss.status_code == 422
    assert "has more" in amiss.get_data(as_text=True)


def test_an_edit_forgets_attributes_and_shows_a_conflict(world: World, browser: CheckedClient) -> None:
    lead = a_lead(world, attributes={"rooms": 3, "garden": True})
    page = text_of(browser, f"{HOME}/{lead.id}/edit")
    assert all(
        word in page for word in ('value="rooms"', 'value="250000.00"', 'value="2026-11-01T10:00:00Z"')
    )
    sent = {**FORM, "lead_id": "l-1", "version": "1", "attributes-name": "rooms", "attributes-value": "4"}
    assert browser.send(f"{HOME}/{lead.id}", sent).status_code == 303
    (lead,) = all_of(world, Lead)
    assert (lead.attributes, lead.name, lead.value_minor) == ({"rooms": 4}, "Cem Aydin", None)
    conflict = browser.send(f"{HOME}/{lead.id}", {**sent, "name": "Dana"})
    assert conflict.status_code == 409
    text = conflict.get_data(as_text=True)
    assert all(word in text for word in ("Save mine over theirs", "Cem Aydin", 'value="Dana"'))
    assert browser.send(f"{HOME}/{lead.id}", {**sent, "name": "Dana", "version": "2"}).status_code == 303


def test_a_lead_that_was_deleted_meanwhile_keeps_what_was_typed(world: World, browser: CheckedClient) -> None:
    lead = a_lead(world)
    assert browser.get(f"{HOME}/{lead.id}/edit").status_code == 200
    browser.send(f"{HOME}/{lead.id}/delete")
    answer = browser.send(f"{HOME}/{lead.id}", {"name": "Amrei Neu", "stage": "NEW", "version": "1"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "This lead was deleted meanwhile." in page
    assert 'value="Amrei Neu"' in page
    assert "Save as a new lead" in page


def test_a_leads_page_tells_what_happened_the_newest_first(world: World, browser: CheckedClient) -> None:
    lead = a_lead(world, attributes={"rooms": 3})
    changed(world, lead, {"rooms": 4}, stage="CONTACTED", value="300000")
    sent = {"kind": "call", "note": "Wants to see it", "once": "x"}
    for _ in range(2):
        assert browser.send(f"{HOME}/{lead.id}/activities", sent).status_code == 303
    page = text_of(browser, f"{HOME}/{lead.id}")
    places = [page.index(word) for word in ("Wants to see it", "Contacted</b>", "New</b>")]
    assert places == sorted(places)
    assert all(word in page for word in ("Rooms: 3 → 4", "250000.00 EUR → 300000.00 EUR", "by Editor"))
    odd = browser.send(f"{HOME}/{lead.id}/activities", {"kind": "other", "other": "??", "at": "soon"})
    assert odd.status_code == 422
    assert all(word in odd.get_data(as_text=True) for word in ("letters, digits", "Write the time", "??"))
    assert (
        browser.send(f"{HOME}/{lead.id}/activities", {"kind": "other", "other": "Open house"}).status_code
        == 303
    )
    assert [kind for _, kind in activities(world, lead.id)] == ["call", "open_house"]
    record_activities(world.session, world.actor(), lead.id, [{"kind": "note"}] * 50, **clients(world))
    assert "Show the whole timeline" in text_of(browser, f"{HOME}/{lead.id}")
    assert "Contacted</b>" in text_of(browser, f"{HOME}/{lead.id}?shown=all")


def test_many_are_changed_after_a_look(world: World, browser: CheckedClient) -> None:
    first, second = a_lead(world), a_lead(world, lead_id="l-2", stage="PROPOSAL")
    marked = {"row": [str(first.id), str(second.id)], "query": "stage=NEW"}
    page = browser.send(f"{HOME}/many", marked).get_data(as_text=True)
    assert all(word in page for word in ("Change 2 leads", "Proposal", "Editor"))
    nothing = browser.send(f"{HOME}/many", {**marked, "do": "save", "owner": "-", "stage": "-"})
    assert (nothing.status_code, "Nothing would change" in nothing.get_data(as_text=True)) == (422, True)
    who = browser.send(f"{HOME}/many", {**marked, "do": "save", "owner": "who@x.example", "stage": "-"})
    assert who.status_code == 422
    everything = {"all": "1", "query": "stage=PROPOSAL", "do": "save", "owner": "", "stage": "LOST"}
    assert browser.send(f"{HOME}/many", everything).location == f"{HOME}?stage=PROPOSAL"
    found = [(lead.stage.value, lead.owner_id is None) for lead in all_of(world, Lead)]
    assert found == [("NEW", False), ("LOST", True)]
    assert browser.send(f"{HOME}/many", {"query": ""}).location == HOME
    gone = {"row": str(first.id), "deed": "delete", "sure": "1", "query": ""}
    assert browser.send(f"{HOME}/selected", gone).status_code == 303
    assert [lead.identifier for lead in all_of(world, Lead)] == ["l-2"]
    assert browser.send(f"{HOME}/{second.id}/delete").location == HOME


def test_B1_a_viewer_looks_and_changes_nothing(world: World) -> None:
    lead, viewer = a_lead(world), world.client(Role.VIEWER.value)
    page = text_of(viewer, f"{HOME}/{lead.id}")
    assert "Amrei Vogt" in page
    assert not any(word in page for word in ("Record what happened", "Delete…", ">Edit<"))
    assert "Import" not in text_of(viewer, HOME)
    for path in (f"{HOME}/new", f"{HOME}/{lead.id}/edit"):
        assert viewer.get(path).status_code == 403
    for path in (f"{HOME}/{lead.id}/stage", f"{HOME}/many", f"{HOME}/{lead.id}/activities"):
        assert viewer.send(path, {"stage": "WON"}).status_code == 403


def test_B3_another_companys_lead_is_not_there(world: World, browser: CheckedClient) -> None:
    theirs = a_lead(world, world.other_id)
    assert browser.get(f"{HOME}/{theirs.id}").status_code == 404
    assert browser.send(f"{HOME}/{theirs.id}/stage", {"stage": "WON"}).status_code == 404
    assert "Amrei" not in text_of(browser, HOME)
