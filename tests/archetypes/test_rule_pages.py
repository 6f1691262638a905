"""The pages of rules: what is in force, drafts, errors at their fields, simulation, who may do what."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.archetypes.making import spender
from tests.conftest import World
from tests.pages import CheckedClient
from webapp.archetypes.load_demo import load_archetypes_demo
from webapp.archetypes.models import RuleSet, RulesInForce
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.parameters import texts_of
from webapp.archetypes.rules.ruleset import SHIPPED
from webapp.archetypes.touching import touch_members
from webapp.core.db import unit

HOME = "/archetypes/rules"
WRITTEN = {name: text for name, text in texts_of(SHIPPED).items() if name != "pricing__whole_units"}
WRITTEN |= {"pricing__whole_units": "y", "note": "Big spenders pay more", "version": "1"}
DEARER = {**WRITTEN, "pricing__big_spender": "1.3"}


def text(browser: CheckedClient, path: str) -> str:
    return unescape(browser.get(path).get_data(as_text=True))


def draft(browser: CheckedClient, once: str = "one") -> str:
    """The address of a new draft."""
    answer = browser.send(HOME, {"once": once})
    assert answer.status_code == 303
    return str(answer.location).removesuffix("/edit")


def read(world: World, where: str, prefix: str) -> dict[str, str]:
    """The hidden fields of a deed's form, as the page has them now."""
    world.actor()
    row = world.session.scalars(select(RulesInForce)).one()
    version = world.session.get_one(RuleSet, UUID(where.rsplit("/", 1)[1])).version
    return {f"{prefix}-version": str(version), f"{prefix}-in_force": str(row.version)}


def test_before_anything_is_drafted_the_shipped_rules_are_told_and_drawn(world: World) -> None:
    page = text(world.client("viewer"), HOME)
    assert "as shipped" in page
    assert "big spender 120 %, high flexibility 90 %" in page
    assert "2\u202f878\u00a0EUR" in page
    assert "Big spender, 4–6 days: buyout for 2,878 EUR" in page
    assert 'aria-current="page">Rules' in page
    assert "Draft a new version" not in page


def test_the_grid_is_reckoned_for_the_price_one_types(world: World) -> None:
    browser = world.client()
    assert "1\u202f523\u00a0EUR" in text(browser, f"{HOME}?base=1000")  # 1,500 and 1.5 % half up
    wrong = browser.get(f"{HOME}?base=much")
    assert wrong.status_code == 422
    page = unescape(wrong.get_data(as_text=True))
    assert "This is no amount" in page
    assert 'value="much"' in page


def test_a_draft_is_made_edited_shown_and_discarded(world: World) -> None:
    browser = world.client()
    here = draft(browser)
    assert draft(browser) == here  # a second press makes no second draft
    form = text(browser, f"{here}/edit")
    assert 'value="1.5 %"' in form
    assert form.count("<fieldset") > 10
    assert browser.send(here, DEARER).status_code == 303
    page = text(browser, here)
    assert "1 value differs from version 1, in force" in page
    assert "<del>1.2</del><ins>1.3</ins>" in page
    assert "Big spenders pay more" in page
    assert "was 1.2" in text(browser, f"{here}/edit")
    assert "Publish" not in page  # an editor drafts, an admin publishes
    assert browser.send(f"{here}/discard", {"version": "1"}).status_code == 409
    assert browser.send(f"{here}/discard", {"version": "2"}).status_code == 303
    assert browser.get(here).status_code == 404


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(world: World) -> None:
    browser = world.client()
    here = draft(browser)
    wrong = {**DEARER, "held_out": "a tenth", "urgency__high_to": "x", "pricing__crash_share": "31 %"}
    answer = browser.send(here, wrong)
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert '<a href="#held_out">Hold-out: write a number, such as 1.5 %.</a>' in page
    assert 'id="urgency__high_to-error"' in page
    for typed in ("a tenth", "31 %", "1.3", "Big spenders pay more"):
        assert f'value="{typed}"' in page
    unordered = browser.send(here, {**WRITTEN, "urgency__high_to": "2"})
    assert unordered.status_code == 422
    assert "each level must reach further" in unescape(unordered.get_data(as_text=True))
    long = browser.send(here, {**WRITTEN, "note": "x" * 501})
    assert long.status_code == 422
    assert browser.send(here, {**WRITTEN, "note": "a\0b"}).status_code == 422


def test_two_people_saving_at_once_see_both_versions(world: World) -> None:
    browser = world.client()
    here = draft(browser)
    assert browser.send(here, DEARER).status_code == 303
    late = browser.send(here, {**WRITTEN, "pricing__big_spender": "1.4"})
    page = unescape(late.get_data(as_text=True))
    assert late.status_code == 409
    assert 'value="1.4"' in page
    assert "What is saved now" in page
    assert "Big spender multiplier" in page
    assert browser.send(here, {**WRITTEN, "pricing__big_spender": "1.4", "version": "2"}).status_code == 303


def test_an_admin_rolls_out_publishes_and_rolls_back_with_reasons(world: World) -> None:
    admin = world.client("admin")
    here = draft(admin)
    admin.send(here, DEARER)
    missing = admin.send(f"{here}/publish", {**read(world, here, "publish"), "publish-reason": ""})
    assert missing.status_code == 422
    assert 'href="#publish-reason"' in missing.get_data(as_text=True)
    wide = {**read(world, here, "share"), "share-share": "96", "share-reason": "Try it"}
    answer = admin.send(f"{here}/roll-out", wide)
    assert answer.status_code == 422
    assert 'value="96"' in answer.get_data(as_text=True)
    assert 'id="share-share-error"' in answer.get_data(as_text=True)
    assert admin.send(f"{here}/roll-out", {**wide, "share-share": "10"}).status_code == 303
    page = text(admin, HOME)
    assert "rolled out to 10 %" in page
    assert "Try it" in page
    stale = admin.send(
        f"{here}/publish", {"publish-version": "2", "publish-in_force": "1", "publish-reason": "x"}
    )
    assert stale.status_code == 409
    assert 'value="x"' in stale.get_data(as_text=True)
    taken = {**read(world, here, "withdraw"), "withdraw-reason": "Complaints"}
    assert admin.send(f"{here}/withdraw", taken).status_code == 303
    back = {**read(world, here, "back"), "back-reason": "Now for all"}
    assert admin.send(f"{here}/roll-back", back).status_code == 303
    world.actor()
    assert state_of(world.session).number == 2
    assert "in force" in text(admin, here)
    assert admin.get(f"{here}/edit").status_code == 303  # published versions are not edited
    assert admin.send(HOME, {"once": "two", "source": here.rsplit("/", 1)[1]}).status_code == 303


@pytest.mark.thorough
def test_a_simulation_is_started_shown_exported_and_out_of_date_once_the_draft_changes(world: World) -> None:
    load_archetypes_demo(world.session, world.actor(), world.clock)
    browser = world.client()
    here = draft(browser)
    assert "Not simulated yet" in text(browser, f"{here}/simulation")
    assert browser.get(f"{here}/simulation/export").status_code == 404
    browser.send(here, DEARER)
    assert browser.send(f"{here}/simulation").status_code == 303
    assert "Waiting for a worker" in text(browser, f"{here}/simulation")
    world.work()
    page = text(browser, f"{here}/simulation")
    assert re.search(r"Version 2 would have brought [\d.]+ % more revenue than version 1", page)
    assert "95 % interval" in page
    assert "Who would change archetype" in page
    assert "Out of date" not in page
    file = browser.get(f"{here}/simulation/export")
    assert file.mimetype == "text/csv"
    assert "All members,revenue relative" in file.get_data(as_text=True)
    browser.send(here, {**DEARER, "version": "2", "held_out": "6 %"})
    assert "Out of date" in text(browser, f"{here}/simulation")
    assert "out of date" in text(browser, here)


def test_without_enough_data_that_is_what_the_page_says(world: World) -> None:
    person = spender(world)
    world.actor()
    with unit(world.session) as session:
        touch_members(session, [person])
    browser = world.client()
    here = draft(browser)
    browser.send(f"{here}/simulation")
    world.work()
    page = text(browser, f"{here}/simulation")
    assert "Not enough data to estimate revenue and acceptance" in page
    assert "12 of these requests were decided; it takes 50." in page


def test_a_company_without_requests_gets_an_empty_simulation(world: World) -> None:
    browser = world.client()
    here = draft(browser)
    browser.send(f"{here}/simulation")
    world.work()
    assert "No requests to simulate with" in text(browser, f"{here}/simulation")


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_B1_only_an_admin_publishes_and_a_viewer_changes_nothing(world: World, role: str) -> None:
    here = draft(world.client("admin"))
    browser = world.client(role)
    assert browser.get(here).status_code == browser.get(f"{here}/simulation").status_code == 200
    reason = {"publish-reason": "x", "back-reason": "x", "share-reason": "x", "withdraw-reason": "x"}
    for deed in ("publish", "roll-back", "roll-out", "withdraw"):
        assert browser.send(f"{here}/{deed}", reason).status_code == 403
    if role == "viewer":
        for path in (HOME, here, f"{here}/discard", f"{here}/simulation"):
            assert browser.send(path, DEARER).status_code == 403
        assert browser.get(f"{here}/edit").status_code == 403


def test_B3_another_companys_version_is_not_there(world: World) -> None:
    here = draft(world.client())
    stranger = CheckedClient(world.app, world.app.response_class)
    stranger.sign_in("stranger@test.example", "correct horse battery")
    for path in (here, f"{here}/edit", f"{here}/simulation"):
        assert stranger.get(path).status_code == 404
    for path in (here, f"{here}/publish", f"{here}/discard", f"{here}/simulation"):
        assert stranger.send(path, {**DEARER, "publish-reason": "x"}).status_code == 404
