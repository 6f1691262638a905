"""Content blocks: unknown variables refused; who is meant wins; the preview says what the call says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import World
from tests.customers.records import (
    BLOCK,
    a_block,
    a_person,
    all_of,
    an_item,
    clients,
    did,
    moment,
    switch_off,
)
from tests.pages import CheckedClient
from tests.personas.test_catalog_api import Api
from webapp.core.errors import DomainError
from webapp.customers.contents import considered, reach
from webapp.customers.facts import Slot
from webapp.customers.lists import BLOCKS
from webapp.customers.models import ContentBlock
from webapp.customers.records import around_of
from webapp.customers.service import service_of

HOME, SHOWN = "/customers/content", "/api/v1/personalize/content"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, "customers:read")


def told(api: Api, user_id: str, slot: str = "hero") -> dict[str, Any]:
    answer = api("GET", f"{SHOWN}/{user_id}?slot={slot}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


@pytest.mark.parametrize(
    ("field", "text", "named", "why"),
    [
        ("name", " ", "name", "Say what"),
        ("slot", "sidebar", "slot", "Write one of hero"),
        ("body", "", "body", "Say what"),
        ("body", "Hi {{nickname}} and {{ mood }}", "body", "Nothing fills {{nickname}}, {{mood}}."),
        ("body", "Hi {{First Name}}", "body", "Braces that hold no variable"),
        ("body", "x" * 20_001, "body", "under 20,000"),
        ("fallbacks", '{"name": "a\\u0000"}', "fallbacks.name", "NUL"),
        ("fallbacks", '{"mood": "fine"}', "fallbacks.mood", "no variable mood"),
        ("audience", "segment=rich", "audience.segment", "none of"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(
    world: World, field: str, text: str, named: str, why: str
) -> None:
    world.actor()
    with pytest.raises(DomainError) as refused:
        BLOCKS.clean({**BLOCK, field: text}, around_of(world.session))
    assert list(refused.value.details) == [named]
    assert why in refused.value.details[named]


@pytest.mark.thorough
def test_a_block_is_added_edited_and_deleted_on_its_pages(world: World, browser: CheckedClient) -> None:
    assert "No content yet" in browser.get(HOME).get_data(as_text=True)
    form = {**BLOCK, "fallbacks_first_name": "there", "audience_locale": "de", "priority": "", "version": "0"}
    wrong = browser.send(HOME, {**form, "body": "Hello {{nickname}}"})
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert 'id="body-error"' in text
    assert "Hello {{nickname}}" in text
    assert all_of(world, ContentBlock) == []
    assert browser.send(HOME, form).status_code == 303
    (block,) = all_of(world, ContentBlock)
    assert (block.fallbacks, block.audience) == ({"first_name": "there"}, {"locale": ["de"]})
    page = browser.get(f"{HOME}?slot=hero").get_data(as_text=True)
    assert "Welcome" in page
    assert "language de" in page
    here = f"{HOME}/{block.id}"
    assert "No customers yet" in browser.get(here).get_data(as_text=True)
    assert 'value="there"' in browser.get(f"{here}/edit").get_data(as_text=True)
    assert browser.send(here, {**form, "active": "", "version": "1"}).status_code == 303
    assert all_of(world, ContentBlock)[0].active is False
    assert browser.send(here, {**form, "name": "Late", "version": "1"}).status_code == 409
    viewer = world.client("viewer")
    assert viewer.get(here).status_code == 200
    assert viewer.send(here, form).status_code == viewer.get(f"{here}/edit").status_code == 403
    theirs = a_block(world, world.other_id)
    assert browser.get(f"{HOME}/{theirs.id}").status_code == 404
    assert browser.send(f"{here}/delete").status_code == 303


def test_the_running_block_of_the_highest_priority_wins_then_the_newest(world: World, api: Api) -> None:
    now = world.clock.now()
    a_person(world, name="Ann Lee", language="de")
    assert told(api, "ann") == {
        "user_id": "ann",
        "slot": "hero",
        "content_id": None,
        "content": None,
        "personalized": False,
    }
    a_block(world, body="old")
    a_block(world, body="new")
    a_block(world, body="off", priority="9", active="false")
    a_block(world, body="later", priority="9", starts_at=moment(now + timedelta(hours=1)))
    a_block(world, body="over", priority="9", ends_at=moment(now - timedelta(hours=1)))
    a_block(world, body="french", priority="9", audience="locale=fr")
    a_block(world, body="elsewhere", priority="9", slot="banner")
    a_block(world, world.other_id, body="theirs", priority="9")
    assert told(api, "ann")["content"] == "new"
    german = a_block(world, body="Hallo {{first_name}} in {{city}}", audience="locale=de", priority="1")
    assert told(api, "ann") == {
        "user_id": "ann",
        "slot": "hero",
        "content_id": str(german.id),
        "content": "Hallo Ann in ",
        "personalized": True,
    }
    assert told(api, "nobody") | {"content_id": None} == {
        "user_id": "nobody",
        "slot": "hero",
        "content_id": None,
        "content": "new",
        "personalized": False,
    }
    world.clock.shift(hours=2)
    assert told(api, "ann")["content"] == "later"
    assert api("GET", f"{SHOWN}/ann?slot=sidebar").status_code == 400
    assert api("GET", f"{SHOWN}/ann").status_code == 400


def test_without_personalization_nothing_known_of_anybody_is_said(world: World, api: Api) -> None:
    a_person(world, name="Ann Lee", language="de")
    a_block(world, body="Hi {{name}} of {{company}}", fallbacks={"name": "you"})
    a_block(world, body="Hallo", audience="locale=de", priority="1")
    switch_off(world, "personalization")
    answer = told(api, "ann")
    assert (answer["content"], answer["personalized"]) == ("Hi you of Acme GmbH", False)


def test_a_subject_stays_one_line(world: World, api: Api) -> None:
    a_person(world, name="Ann\r\nBcc: all@x.example")
    a_block(world, slot="email_subject", body="For\n{{name}}")
    assert told(api, "ann", "email_subject")["content"] == "For Ann Bcc: all@x.example"


def test_texts_are_escaped_on_the_page(world: World, browser: CheckedClient) -> None:
    a_person(world, name="<script>alert(1)</script>")
    block = a_block(world, body="Hi {{name}} <b>")
    page = browser.get(f"{HOME}/{block.id}?user_id=ann").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "Hi &lt;script&gt;" in page


@pytest.mark.thorough
def test_the_preview_says_what_the_call_says_and_why(world: World, api: Api, browser: CheckedClient) -> None:
    an_item(world)
    ann, bo = a_person(world, "ann", name="Ann Lee"), a_person(world, "bo", language="de")
    did(world, ann, ("product_view", "p-1", 1), properties={"city": "Graz"})
    did(world, bo, ("product_view", None, 200))
    blocks = [
        a_block(world, name="Plain", body="Plain {{first_name}}", fallbacks={"first_name": "friend"}),
        a_block(world, name="Shoes", body="{{product}} in {{city}}", audience="category=Shoes", priority="2"),
        a_block(
            world, name="Asleep", body="Come back", audience="lifecycle=dormant; locale=de", priority="5"
        ),
        a_block(world, name="Off", body="Off", priority="9", active="false"),
    ]
    for user_id, wins, text in (
        ("ann", "Shoes", "Trail shoe in Graz"),
        ("bo", "Asleep", "Come back"),
        ("cy", "Plain", "Plain friend"),
    ):
        assert told(api, user_id)["content"] == text
        for block in blocks:
            page = browser.get(f"{HOME}/{block.id}?user_id={user_id}").get_data(as_text=True)
            shown = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", page, re.DOTALL)
            assert shown == [text]
            assert ("gets this block" in page) is (block.name == wins)
    page = browser.get(f"{HOME}/{blocks[0].id}?user_id=cy").get_data(as_text=True)
    assert "this is what a stranger gets" in page
    assert "fallback" in page
    world.actor()
    service = service_of(world.session, world.services.settings)
    reasons = considered(world.session, service, ann, Slot.HERO, world.clock.now())
    assert [(one.block.name, one.wins) for one in reasons] == [
        ("Off", False),
        ("Asleep", False),
        ("Shoes", True),
        ("Plain", False),
    ]
    assert "switched off" in reasons[0].why
    assert "lifecycle is asked to be dormant; theirs: new" in reasons[1].why
    assert "“Shoes” comes first" in reasons[3].why


def test_a_lifecycle_is_called_by_its_name(world: World, browser: CheckedClient) -> None:
    block = a_block(world, audience='{"lifecycle": ["at_risk"]}')
    page = browser.get(f"{HOME}/{block.id}?user_id=cy").get_data(as_text=True)
    assert "lifecycle is asked to be at risk; theirs: nothing known" in page
    assert "at_risk" not in page


def test_who_would_get_it_is_what_each_of_them_would_get(world: World, api: Api) -> None:
    for number in range(9):
        person = a_person(world, f"u-{number}", language="de" if number % 3 else "fr")
        did(world, person, ("page_view", None, 200 if number % 2 else 1))
    a_person(world, "no-customer", language="de")
    german = a_block(world, body="Hallo", audience="locale=de")
    asleep = a_block(world, body="Come back", audience="lifecycle=dormant", priority="1")
    gone = a_block(world, body="Gone", audience="locale=de", active="false")
    got = [told(api, f"u-{number}")["content"] for number in range(9)]
    world.actor()
    service, now = service_of(world.session, world.services.settings), world.clock.now()
    for block in (german, asleep):
        found = reach(world.session, service, block, now)
        assert (found.of, found.bounded, found.gets) == (9, False, got.count(block.body))
        assert {f"{name}" for name, _ in found.some} == {
            f"u-{number}" for number in range(9) if got[number] == block.body
        }
    found = reach(world.session, service, gone, now)
    assert (found.gets, found.meant) == (0, 6)
    BLOCKS.delete(world.session, world.actor(), gone.id, auditor=clients(world)["auditor"])
