"""A whole instance and a real Chromium; a page that violates the content policy fails its test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.instance import Instance
from webapp.core.llm.stand_in import StandIn

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SHOTS = Path(__file__).parents[2] / "shots"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for all tests."""
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance whose drafts are written by rules."""
    with Instance(tmp_path_factory.mktemp("browser") / "instance", API_CALLS_PER_MINUTE="100000") as running:
        yield running


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """A scripted model over HTTP."""
    with StandIn(delay=1.5) as running:
        yield running


@pytest.fixture(scope="session")
def modelled(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[Instance]:
    """An instance whose drafts come from the scripted model."""
    folder = tmp_path_factory.mktemp("modelled") / "instance"
    limits = {"LLM_TIMEOUT": "2", "LLM_BUDGET": "6", "LLM_ATTEMPTS": "2"}
    with Instance(folder, OPENAI_BASE_URL=stand_in.base_url, LLM_REUSE="0", **limits) as running:
        yield running


class Watched:
    """What the console said while a page was used."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(f"{message.location.get('url', '')}: {message.text}")


def open_page(
    browser: Browser, instance: Instance, watched: Watched, **options: Any
) -> tuple[BrowserContext, Page]:
    """A page of the instance, with its console watched."""
    context = browser.new_context(base_url=instance.base, **options)
    page = context.new_page()
    page.on("console", watched.hear)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    return context, page


def sign_in(page: Page, instance: Instance) -> None:
    """Sign in as the first admin."""
    page.goto("/sign-in")
    page.fill("#email", instance.email)
    page.fill("#password", instance.password)
    page.click("main button")
    page.wait_for_url(f"{instance.base}/")


@pytest.fixture
def page(browser: Browser, instance: Instance) -> Iterator[Page]:
    """A page signed in as the first admin, whose console stays clean."""
    watched = Watched()
    context, page = open_page(browser, instance, watched, viewport={"width": 1280, "height": 860})
    sign_in(page, instance)
    yield page
    context.close()
    assert watched.errors == []


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page for a person to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", caret="initial")  # hiding it leaves empty style attributes
