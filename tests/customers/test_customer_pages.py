"""The pages of customers: listed, looked at, their preferences edited as read, their consents shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.customers.serving import Caller, consents_of, row_of
from tests.pages import CheckedClient
from tests.people.records import make
from webapp.core.db import unit
from webapp.customers.models import Event

HOME = "/customers"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def read(browser: CheckedClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def page_of(world: World, user_id: str) -> str:
    row = row_of(world, user_id)
    assert row is not None
    return f"{HOME}/{row.person_id}"


@pytest.mark.thorough
def test_customers_are_listed_searched_and_filtered(world: World, browser: CheckedClient) -> None:
    assert "No customers yet" in read(browser, HOME)
    make(world, "learner", name="Only Learns")
    looker = make(world, "looker", name="Just Looks")
    with unit(world.session) as session:
        session.add(
            Event(
                identifier="e",
                person_id=looker.id,
                kind="page_view",
                at=world.clock.now(),
                received_at=world.clock.now(),
            )
        )
    caller = Caller(world)
    caller.put("ann", {"language": "de", "privacy": {"tracking_enabled": True}})
    caller.put("bo", {"privacy": {"tracking_enabled": False}})
    page = read(browser, HOME)
    assert "3 of 3 customers" in page
    assert "Only Learns" not in page
    for query, found in {
        "tracking=granted": {"ann"},
        "tracking=refused": {"bo"},
        "tracking=unsaid": {"looker"},
        "by=did": {"looker"},
        "by=said": {"ann", "bo"},
        "q=an": {"ann"},
    }.items():
        text = read(browser, f"{HOME}?{query}")
        assert {one for one in ("ann", "bo", "looker") if f'<td class="clip">{one}<' in text} == found
    assert "No customer matches" in read(browser, f"{HOME}?q=nobody")
    assert browser.part(f"{HOME}?q=an").get_data(as_text=True).lstrip().startswith("<div")


def test_the_list_comes_as_a_file_with_the_same_filter(world: World, browser: CheckedClient) -> None:
    caller = Caller(world)
    caller.put("ann", {"language": "de", "privacy": {"tracking_enabled": True}})
    caller.put("bo", {"theme": "dark"})
    answer = browser.get(f"{HOME}/export?tracking=granted")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [(row["user_id"], row["language"], row["privacy.tracking_enabled"]) for row in rows] == [
        ("ann", "de", "true")
    ]


def test_a_customers_page_tells_what_counts_and_why(world: World, browser: CheckedClient) -> None:
    Caller(world).put("ann", {"language": "de", "privacy": {"tracking_enabled": True}})
    page = read(browser, page_of(world, "ann"))
    assert re.search(r"<td>Language</td><td>de</td><td>.*?said", page)
    assert "Tracking: " in page
    assert "not asked yet" in page
    person = read(browser, f"/people/{page_of(world, 'ann').rsplit('/', 1)[1]}")
    assert "Preferences and consents" in person
    stranger = make(world, "nobody-yet")
    assert "They said nothing yet" in read(browser, f"{HOME}/{stranger.id}")


def test_staff_edit_what_a_customer_said(world: World, browser: CheckedClient) -> None:
    Caller(world).put("ann", {"language": "de", "notifications": {"sms": True}})
    here = page_of(world, "ann")
    form = read(browser, f"{here}/preferences")
    assert 'value="de"' in form
    assert "Not said: off" in form
    saved = {"language": "de", "sms": "", "theme": "dark", "tracking_enabled": "yes", "version": "1"}
    assert browser.send(f"{here}/preferences", saved).status_code == 303
    row = row_of(world, "ann")
    assert row is not None
    assert (row.language, row.sms, row.tracking_enabled, row.version) == ("de", None, True, 2)
    assert ("tracking", True, "Editor Test", "1") in [
        (purpose, granted, "Editor Test" if by else "", wording)
        for purpose, granted, by, wording in consents_of(world, "ann")
    ]
    assert browser.send(f"{here}/reset").status_code == 303
    assert "Back to defaults" in read(browser, here)
    row = row_of(world, "ann")
    assert row is not None
    assert (row.language, row.version) == (None, 3)


def test_nothing_typed_is_lost_when_it_cannot_be(world: World, browser: CheckedClient) -> None:
    Caller(world).put("ann", {"language": "de"})
    here = f"{page_of(world, 'ann')}/preferences"
    wrong = browser.send(here, {"language": "klingon", "currency": "CHF", "version": "1"})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert 'id="language-error"' in page
    assert 'value="klingon"' in page
    assert 'value="CHF"' in page
    assert browser.send(here, {"language": "en", "quiet_from": "9", "version": "1"}).status_code == 422
    assert browser.send(here, {"language": "fr", "version": "1"}).status_code == 303
    late = browser.send(here, {"language": "it", "version": "1"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert 'value="it"' in page
    assert "What is saved now" in page
    assert browser.send(here, {"language": "it", "version": "2"}).status_code == 303


def test_with_the_centre_off_the_page_says_so(make_world: Callable[..., World]) -> None:
    world = make_world(enable_preference_center=False)
    person = make(world, "ann")
    browser = world.client()
    page = read(browser, f"{HOME}/{person.id}")
    assert "ENABLE_PREFERENCE_CENTER is false" in page
    assert "Edit preferences" not in page
    late = browser.send(f"{HOME}/{person.id}/preferences", {"language": "it", "version": "0"})
    assert late.status_code == 403
    assert 'value="it"' in late.get_data(as_text=True)
    assert browser.send(f"{HOME}/{person.id}/reset").status_code == 303
    assert row_of(world, "ann") is None


def test_all_consents_are_listed_and_come_as_a_file(world: World, browser: CheckedClient) -> None:
    assert "No consents yet" in read(browser, f"{HOME}/consents")
    caller = Caller(world)
    caller.put("ann", {"privacy": {"tracking_enabled": True}, "notifications": {"sms": False}})
    assert "2 of 2 consents" in read(browser, f"{HOME}/consents")
    assert "1 of 1 consent" in read(browser, f"{HOME}/consents?purpose=sms&granted=no")
    assert "No consent matches" in read(browser, f"{HOME}/consents?granted=no&purpose=tracking")
    text = browser.get(f"{HOME}/consents/export?purpose=sms").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["user_id"], row["purpose"], row["granted"], row["wording"]) for row in rows] == [
        ("ann", "sms", "no", "1")
    ]


def test_B1_a_viewer_reads_and_changes_nothing(world: World) -> None:
    Caller(world).put("ann", {"language": "de"})
    here, viewer = page_of(world, "ann"), world.client("viewer")
    for path in (HOME, here, f"{HOME}/consents"):
        page = read(viewer, path)
        assert "Edit preferences" not in page
        assert "Import" not in page
    assert viewer.get(f"{here}/preferences").status_code == 403
    for path in (f"{here}/preferences", f"{here}/reset"):
        assert viewer.send(path, {"language": "it"}).status_code == 403


def test_B3_another_companys_customer_is_not_there(world: World, browser: CheckedClient) -> None:
    theirs = make(world, "theirs", world.other_id)
    person_id = theirs.id
    for path in (f"{HOME}/{person_id}", f"{HOME}/{person_id}/preferences"):
        assert browser.get(path).status_code == 404
    for deed in ("preferences", "reset"):
        assert browser.send(f"{HOME}/{person_id}/{deed}", {"language": "it"}).status_code == 404
