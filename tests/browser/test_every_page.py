"""Every page a signed-in admin can reach: no violation, no finding of axe, no sideways scrolling."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot
from tests.instance import Instance

pytestmark = pytest.mark.browser
ONE_OF_A_KIND = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
MORE = [
    "/styleguide",
    "/docs",
    "/redoc",
    "/account/password",
    "/account/sessions",
    "/account/confirm?next=/",
    "/jobs?show=attention",
    "/jobs/scheduled",
    "/nowhere",
    "/search?q=a",
    "/personas/cross-section",
    "/personas/import",
    "/imports",
    "/lessons/1/preview?person=21179358&course=hands-on",
    "/lessons/1/text?person=21179358&course=hands-on",
    "/learners",
    "/lessons/batches",
    "/lessons/coverage",
    "/archetypes/nights",
    "/archetypes/requests",
    "/archetypes/rules",
    "/archetypes",
    "/archetypes?override=yes",
    "/archetypes/overrides",
    "/archetypes/overrides/bulk",
    "/archetypes/analytics",
    "/archetypes/recalculation",
    "/leads/notices",
    "/leads/preferences",
    "/leads",
    "/leads?owner=nobody",
    "/leads/new",
    "/models",
    "/models/everyone",
    "/privacy",
    "/privacy/retention",
    "/privacy/looks",
    "/privacy/new?kind=erase&user_id=21179358",
    "/customers",
    "/customers/consents",
    "/customers/events",
    "/customers/settings",
    "/customers/catalog",
    "/customers/catalog/new",
    "/customers/offers",
    "/customers/offers/new",
    "/customers/content",
    "/customers/content/new",
    "/customers/recommender",
    "/customers/prices",
    "/customers/prices/draft",
    "/customers/prices/trial",
    "/customers/prices/quotes",
    "/experiments",
    "/experiments/new",
    "/experiments/new?treatment=homepage",
]
FILES = ("/static", "/openapi")
FOREIGN = ("/docs", "/redoc")  # the readers' own markup is not ours to mend


def crawl(page: Page) -> list[str]:
    """One address of each kind, by the links of the pages themselves.

    A list's addresses differ by sort, filter and place: one with any of them stands for all.
    """
    seen: dict[str, str] = {}
    waiting = ["/", *MORE]
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\?.+", "?", re.sub(r"/\d+(?=/)", "/*", ONE_OF_A_KIND.sub("*", path)))
        kind = path if path in MORE else kind
        if kind in seen:
            continue
        seen[kind] = path
        page.goto(path)
        links = page.eval_on_selector_all(
            "a[href^='/']:not([download])", "links => links.map(a => a.getAttribute('href'))"
        )
        waiting += [link.split("#")[0] for link in links if not link.startswith(FILES)]
    return list(seen.values())


def findings(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    results = Axe().run(page)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def draft_rules(page: Page) -> None:
    """A draft of the rules that was simulated, so that its pages are there to be looked at."""
    page.goto("/archetypes/rules")
    page.click("text=Draft a new version")
    page.fill("#pricing__big_spender", "1.3")
    page.click("text=Save draft")
    page.click(".head >> text=Simulate")
    page.click(".head >> text=Simulate")
    expect(page.locator(".verdict")).to_contain_text("would have brought", timeout=60_000)


@pytest.mark.timeout(900)
def test_C1_every_page_is_sound_in_both_looks_and_at_360_pixels(page: Page, instance: Instance) -> None:
    draft_rules(page)
    paths = crawl(page)
    assert len(paths) > 12
    problems: dict[str, list[str]] = {}
    for path in paths:
        name = re.sub(r"\W+", "-", ONE_OF_A_KIND.sub("id", path)).strip("-") or "home"
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)  # type: ignore[arg-type]  # two of its words
            page.set_viewport_size({"width": 1280, "height": 860})
            page.goto(path)
            if not path.startswith(FOREIGN):
                problems[f"{path} {look}"] = findings(page)
            shoot(page, f"{name}-{look}")
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if not path.startswith(FOREIGN):
            problems[f"{path} 360"] = [*findings(page), *([f"{wide} px wide"] if wide > 360 else [])]
        shoot(page, f"{name}-360")
    assert {where: found for where, found in problems.items() if found} == {}


def test_slash_brings_to_the_search(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_an_error_summary_is_focused_and_leads_to_its_field(page: Page) -> None:
    page.goto("/personas/builder")
    page.click("main >> text=Save persona >> nth=0")
    expect(page.locator("#errors")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.click("#errors a >> nth=0")
    expect(page.locator("#personName")).to_be_focused()


def test_the_look_is_chosen_and_kept(page: Page) -> None:
    page.click("summary:has-text('Ines')")
    page.click("button[value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/jobs")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.click("summary:has-text('Ines')")
    page.click("button[value=auto]")


def test_an_expired_session_in_the_middle_of_typing_loses_nothing(page: Page, instance: Instance) -> None:
    page.goto("/personas/builder")
    page.fill("#coreGoal", "Typed before the session ended")
    other = page.context.new_page()
    other.goto("/")
    other.click("summary:has-text('Ines')")
    other.click("text=Sign out")
    other.close()
    page.fill("#title", "Typed after it")  # the page saves itself and is told
    expect(page.locator("#toasts")).to_contain_text("You are signed out.")
    expect(page.locator("#coreGoal")).to_have_value("Typed before the session ended")
    page.click("main >> text=Save persona >> nth=0")
    page.fill("input[name=email]", instance.email)
    page.fill("input[name=password]", instance.password)
    page.click("main button")
    expect(page.locator("main")).to_contain_text("Typed before the session ended")
    page.click("text=Send again")
    expect(page.locator("#coreGoal")).to_have_value("Typed before the session ended")
