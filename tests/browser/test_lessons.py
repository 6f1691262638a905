"""The walk of somebody who reviews lessons, in a real browser, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched, open_page, shoot, sign_in
from tests.instance import Instance

pytestmark = pytest.mark.browser
MARTA = "person=21179358&course=hands-on"
FOR_MARTA = "h2:has-text('For Marta')"


def test_write_try_approve_edit_restore_and_go_on_by_keyboard(page: Page) -> None:
    page.goto(f"/lessons/2/preview?{MARTA}")
    page.click("text=Write it")
    expect(page.locator(FOR_MARTA)).to_be_visible(timeout=20_000)
    expect(page.locator(".pair ins")).not_to_have_count(0)
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    page.click("text=Try…")
    page.check("#try input[value=basic]")
    page.fill("#try #voice", "Short sentences.")
    page.click("#try button.primary")
    expect(page.locator("text=A trial: nothing is saved")).to_be_visible()
    expect(page.locator(FOR_MARTA)).to_be_visible(timeout=20_000)
    shoot(page, "lesson-1-trial")
    page.click("text=Discard the trial")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".lead .mark.own")).to_have_text("approved")
    page.click("a:has-text('Edit') >> nth=0")
    page.fill("#homework", page.input_value("#homework") + " And call me.")
    page.click("main button.primary")
    expect(page.locator(".lead .mark.own")).to_have_text("edited")
    page.click("text=Compare >> nth=0")
    expect(page.locator("#compared del, #compared ins")).not_to_have_count(0)
    shoot(page, "lesson-2-compared")
    page.click("button[aria-label='Restore version 1']")
    expect(page.locator("text=restored version 1")).to_be_visible()
    here = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != here and "preview" in url)
    page.keyboard.press("k")
    page.wait_for_url(re.compile("person=21179358"))


@pytest.fixture
def plain(browser: Browser, instance: Instance) -> Iterator[Page]:
    """A page without JavaScript."""
    context, page = open_page(browser, instance, Watched(), java_script_enabled=False)
    sign_in(page, instance)
    yield page
    context.close()


def test_without_javascript_a_lesson_is_written_tried_and_approved(plain: Page) -> None:
    plain.goto(f"/lessons/4/preview?{MARTA}")
    plain.click("text=Write it")
    for _ in range(40):
        if plain.locator(FOR_MARTA).count():
            break
        plain.wait_for_timeout(250)
        plain.goto(f"/lessons/4/preview?{MARTA}")
    plain.get_by_role("button", name="Approve").click()
    assert plain.locator(".lead .mark.own").inner_text() == "approved"


def test_names_and_answers_in_other_scripts_stand_as_they_are(page: Page) -> None:
    page.goto("/learners?q=%D7%99")
    name = page.locator("#list tbody a").first
    expect(name).to_be_visible()
    name.click()
    expect(page.locator("h1")).to_contain_text(re.compile("[\u0590-\u05ff]"))
    shoot(page, "lesson-3-right-to-left")
