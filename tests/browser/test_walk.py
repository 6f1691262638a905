"""The walk of a marketer, in a real browser: new persona, generate, edit, save, look at it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched, open_page, shoot, sign_in
from tests.instance import Instance
from webapp.core.llm.stand_in import StandIn

pytestmark = pytest.mark.browser
DRAFTED = re.compile(r"\w")


def choose_ingredients(page: Page) -> None:
    """Open the builder and choose the first product and the first contact."""
    page.goto("/personas")
    page.click("text=New persona")
    page.select_option("#product_id", index=1)
    page.check("input[name=source][value=contact]")
    page.check("input[name=contact_id] >> nth=0")


def test_new_persona_generate_edit_save(page: Page) -> None:
    choose_ingredients(page)
    shoot(page, "walk-1-ingredients")
    page.click("button[value=generate]")
    expect(page.locator("#builder-job .job, #coreGoal")).not_to_have_count(0)
    expect(page.locator("#coreGoal")).to_have_value(DRAFTED, timeout=20_000)
    shoot(page, "walk-2-drafted")
    title = f"{page.input_value('#title')} and Owner"
    page.fill("#title", title)
    page.click("text=Save persona >> nth=0")
    page.wait_for_url(re.compile(r"/personas/[0-9a-f-]{36}$"))
    expect(page.locator("main")).to_contain_text(title)
    expect(page.get_by_text("drafted, then edited", exact=True)).to_have_count(1)
    expect(page.get_by_text("drafted", exact=True)).not_to_have_count(0)
    shoot(page, "walk-3-persona")


def test_a_field_is_redrafted_taken_and_undone(page: Page) -> None:
    choose_ingredients(page)
    page.click("button[value=generate]")
    expect(page.locator("#coreGoal")).to_have_value(DRAFTED, timeout=20_000)
    before = page.input_value("#coreGoal")
    page.click("#slot-coreGoal summary:has-text('Redraft')")
    page.fill("#instruction-coreGoal", "shorter")
    page.click("button[value='redraft:coreGoal']")
    expect(page.locator("#offer-coreGoal ins, #offer-coreGoal del")).not_to_have_count(0, timeout=20_000)
    shoot(page, "walk-4-offer")
    page.click("button[value='take:coreGoal']")
    expect(page.locator("#coreGoal")).not_to_have_value(before)
    page.click("button[value='undo:coreGoal']")
    expect(page.locator("#coreGoal")).to_have_value(before)


def test_a_draft_survives_a_reload_and_a_closed_tab(page: Page) -> None:
    choose_ingredients(page)
    with page.expect_response(re.compile("/autosave$")):
        page.fill("#coreGoal", "Typed and never saved")
    page.goto("/personas")
    page.click("section:has-text('Unfinished drafts') a >> nth=0")
    expect(page.locator("#coreGoal")).to_have_value("Typed and never saved")


def test_text_typed_while_the_draft_is_written_stays(
    browser: Browser, modelled: Instance, stand_in: StandIn
) -> None:
    stand_in.mode = "slow"
    watched = Watched()
    context, page = open_page(browser, modelled, watched)
    sign_in(page, modelled)
    choose_ingredients(page)
    page.click("button[value=generate]")
    expect(page.locator("#builder-job progress")).to_be_visible()
    page.fill("#title", "Typed meanwhile")
    expect(page.locator("#coreGoal")).to_have_value(DRAFTED, timeout=20_000)
    expect(page.locator("#title")).to_have_value("Typed meanwhile")
    context.close()
    assert watched.errors == []


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("429", "The AI service is busy."),
        ("500", "had an error of its own"),
        ("hang", "did not answer in time"),
        ("malformed", "could not be read"),
        ("truncated", "broke off"),
        ("refusal", "declined"),
    ],
)
def test_each_failure_of_the_model_is_told_and_the_form_is_kept(
    browser: Browser, modelled: Instance, stand_in: StandIn, mode: str, words: str
) -> None:
    stand_in.mode = mode
    watched = Watched()
    context, page = open_page(browser, modelled, watched)
    sign_in(page, modelled)
    choose_ingredients(page)
    page.fill("#personName", "Kept through the failure")
    page.click("button[value=generate]")
    expect(page.locator("#builder-job")).to_contain_text(words, timeout=20_000)
    expect(page.locator("#personName")).to_have_value("Kept through the failure")
    expect(page.locator("#builder-job")).to_contain_text("Try again")
    shoot(page, f"failure-{mode}")
    stand_in.mode = "ok"
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#coreGoal")).to_have_value(DRAFTED, timeout=20_000)
    expect(page.locator("#personName")).to_have_value("Kept through the failure")
    context.close()
    assert watched.errors == []


def test_stop_ends_a_generation_that_hangs(browser: Browser, modelled: Instance, stand_in: StandIn) -> None:
    stand_in.mode = "hang"
    context, page = open_page(browser, modelled, Watched())
    sign_in(page, modelled)
    choose_ingredients(page)
    page.click("button[value=generate]")
    page.click("#builder-job >> text=Stop")
    expect(page.locator("#builder-job")).to_contain_text("Stopped by", timeout=10_000)
    context.close()
    stand_in.mode = "ok"


def test_the_same_walk_without_javascript(browser: Browser, instance: Instance) -> None:
    context, page = open_page(browser, instance, Watched(), java_script_enabled=False)
    sign_in(page, instance)
    choose_ingredients(page)
    page.click("button[value=generate]")
    for _ in range(60):
        if page.input_value("#coreGoal"):
            break
        page.click("text=Look again") if page.is_visible("text=Look again") else page.reload()
    page.fill("#title", "Saved without a script")
    page.click("main >> text=Save persona >> nth=0")
    expect(page.locator("main")).to_contain_text("Saved without a script")
    context.close()


def test_a_redraft_leaves_what_stands_beside_the_form(page: Page) -> None:
    choose_ingredients(page)
    page.click("button[value=generate]")
    expect(page.locator("#coreGoal")).to_have_value(DRAFTED, timeout=20_000)
    with page.expect_response(re.compile("/autosave$")):
        page.fill("#industry", "Harbours")
    page.click("#slot-coreGoal summary:has-text('Redraft')")
    page.fill("#instruction-coreGoal", "shorter")
    page.click("button[value='redraft:coreGoal']")
    expect(page.locator("#offer-coreGoal")).to_be_visible(timeout=20_000)
    expect(page.locator("#industry")).to_have_value("Harbours")
    expect(page.locator("#companySize")).to_have_value(DRAFTED)
    page.reload()
    expect(page.locator("#industry")).to_have_value("Harbours")
