"""Preferences: the defaults, the page, the call, whose they are, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from webapp.core.access import Role
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to
from webapp.leads.facts import Frequency, Tone
from webapp.leads.models import Salesperson
from webapp.leads.preferences import Preferences, change_preferences, preferences_of

PAGE = "/leads/preferences"
READ = ("leads:read",)
CALL = "/api/intelligence/preferences"
DEFAULTS = {
    "chatbotTone": "professional",
    "autoSuggestActions": True,
    "enableProactive": True,
    "preferredContactTime": "",
    "aiInsightsFrequency": "daily",
    "customInstructions": "",
}
FORM = {"tone": "friendly", "suggests_actions": "y", "digest": "weekly", "contact_time": "09:00 – 11:30"}


@pytest.fixture
def call(world: World) -> Any:
    """Call the API with a token of the editor's, or as told."""
    browser = world.client(None)

    def one(
        method: str,
        body: object = None,
        scopes: tuple[str, ...] = (),
        staff: str | None = "editor",
    ) -> Any:
        scopes = scopes or (("leads:read",) if method == "GET" else ("leads:write",))
        token = {"Authorization": f"Bearer {world.token(*scopes, staff=staff)}"}
        return browser.open(CALL, method=method, json=body, headers=token)

    return one


def kept(world: World, role: str = "editor") -> Preferences:
    world.actor()
    return preferences_of(world.session, world.staff[role])


def test_before_anything_is_said_the_defaults_hold_and_nothing_is_kept(world: World, call: Any) -> None:
    assert call("GET").json == {"success": True, "data": DEFAULTS}
    assert world.client().get(PAGE).status_code == 200
    world.actor()
    assert world.session.scalar(select(func.count(Salesperson.id))) == 0


def test_a_call_changes_what_it_names_and_answers_all(world: World, call: Any) -> None:
    answer = call("PUT", {"chatbotTone": "concise", "preferredContactTime": "09:00 - 11:30"})
    assert answer.json["data"] == {
        **DEFAULTS,
        "chatbotTone": "concise",
        "preferredContactTime": "09:00-11:30",
    }
    answer = call(
        "PUT", {"enableProactive": False, "customInstructions": " Say “visit”. ", "chatbotTone": None}
    )
    assert answer.json["data"]["customInstructions"] == "Say “visit”."
    assert kept(world) == Preferences(
        tone=Tone.CONCISE, proactive=False, contact_time="09:00-11:30", instructions="Say “visit”."
    )
    assert call("PUT", {}).json["data"]["chatbotTone"] == "concise"
    assert kept(world, "viewer") == Preferences()
    scope_to(world.session, world.other_id)
    assert preferences_of(world.session, world.staff["editor"]) == Preferences()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"chatbotTone": "rude"}, "chatbotTone"),
        ({"aiInsightsFrequency": "hourly"}, "aiInsightsFrequency"),
        ({"autoSuggestActions": "yes"}, "autoSuggestActions"),
        ({"preferredContactTime": "9 o’clock"}, "preferredContactTime"),
        ({"preferredContactTime": "11:00-09:00"}, "preferredContactTime"),
        ({"customInstructions": "x" * 2001}, "customInstructions"),
        ({"customInstructions": "a\0b"}, "customInstructions"),
        ({"tone": "friendly"}, "tone"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(call: Any, body: dict[str, Any], field: str) -> None:
    answer = call("PUT", body)
    assert answer.status_code == 400
    assert list(answer.json["details"]) == [field]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_token_that_is_nobodys_is_told_so(call: Any, method: str) -> None:
    answer = call(method, {} if method == "PUT" else None, staff=None)
    assert (answer.status_code, answer.json["code"]) == (403, "staff_needed")


def test_a_token_of_another_area_is_refused(call: Any) -> None:
    assert call("GET", scopes=("lessons",)).json["code"] == "forbidden"


def test_the_trail_says_that_they_changed_and_not_what_to(world: World, call: Any) -> None:
    call("PUT", {"chatbotTone": "concise"})
    call("PUT", {"chatbotTone": "concise"})
    world.actor()
    told = AuditEntry.action == AuditAction.PREFERENCES_CHANGED
    (entry,) = world.session.scalars(select(AuditEntry).where(told))
    assert list(entry.changes) == ["tone"]
    assert "concise" not in str(entry.changes)


def test_the_page_saves_and_shows_what_it_saved(world: World) -> None:
    browser = world.client("viewer")
    assert browser.send(PAGE, {**FORM, "version": "1"}).status_code == 303
    assert kept(world, "viewer") == Preferences(
        tone=Tone.FRIENDLY, proactive=False, contact_time="09:00-11:30", digest=Frequency.WEEKLY
    )
    text = browser.get(PAGE).text
    assert 'value="09:00-11:30"' in text
    assert "Your preferences are saved." in text


def test_a_wrong_time_is_named_at_its_field_and_nothing_typed_is_lost(world: World) -> None:
    sent = {**FORM, "contact_time": "nine", "instructions": "Say visit.", "version": "1"}
    answer = world.client().send(PAGE, sent)
    assert answer.status_code == 422
    assert 'id="contact_time-error"' in answer.text
    assert "Say visit." in answer.text
    assert 'value="nine"' in answer.text


def test_two_windows_do_not_overwrite_each_other_unseen(world: World, call: Any) -> None:
    call("PUT", {"customInstructions": "From elsewhere."})
    browser = world.client()
    answer = browser.send(PAGE, {**FORM, "instructions": "Mine.", "version": "1"})
    assert answer.status_code == 409
    assert "From elsewhere." in answer.text
    assert "Mine." in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text
    assert browser.send(PAGE, {**FORM, "instructions": "Mine.", "version": "2"}).status_code == 303
    assert kept(world).instructions == "Mine."


def test_the_service_names_the_field_too(world: World) -> None:
    who = world.actor(Role.EDITOR)
    with pytest.raises(Exception, match="09:30") as caught:
        change_preferences(
            world.session,
            who,
            world.staff["editor"],
            {"contact_time": "noon"},
            auditor=world.services.auditor,
        )
    assert caught.value.details == {"preferredContactTime": str(caught.value.message)}  # type: ignore[attr-defined]  # a DomainError


def test_a_token_that_only_reads_changes_nothing(world: World, call: Any) -> None:
    answer = call("PUT", {"chatbotTone": "concise"}, scopes=READ)
    assert answer.status_code == 403
    assert kept(world).tone is Tone.PROFESSIONAL
