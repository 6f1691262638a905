"""The pages of the AI service: usage that adds up, a limit that holds, wordings drafted, tried, published."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from tests.conftest import World
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to
from webapp.core.llm.ledger import LlmCall, LlmLimit
from webapp.core.llm.provider import OpenAiProvider
from webapp.core.llm.stand_in import StandIn
from webapp.core.llm.wording import Wording

PROMPT = "/admin/ai/prompts/persona"


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A scripted server over HTTP."""
    with StandIn(delay=0.05) as running:
        yield running


@pytest.fixture
def world(make_world: Callable[..., World], server: StandIn) -> World:
    """A world whose drafts a model writes."""
    return make_world(OpenAiProvider("key", server.base_url, "gpt-4o-mini"))


def text_of(world: World, path: str, role: str = "admin") -> str:
    answer = world.client(role).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def draft(world: World, system: str, user: str = "Draft it:\n{{brief}}", **more: str) -> int:
    data = {"version": "0", "system": system, "user": user, "do": "keep", **more}
    return world.client("admin").send(f"{PROMPT}/wording", data).status_code


def test_a_wording_is_drafted_tried_published_and_rolled_back(world: World, server: StandIn) -> None:
    admin = world.client("admin")
    assert draft(world, "You draft personas in rhymes.", do="try") == 303
    world.work()
    assert "in rhymes" in str(server.calls[-1].messages)
    page = text_of(world, PROMPT)
    assert "not in force" in page
    assert "<ins>" in page
    assert "Tried on sample data" in page
    assert admin.send(f"{PROMPT}/publish", {"reason": "Spring campaign", "version": "1"}).status_code == 303
    assert "your wording 1.1" in text_of(world, "/admin/ai/prompts")
    token = world.token("all")
    body = {"companyHQId": "acme", "productDescription": "Couches", "mode": "hydrate"}
    call = {"json": body, "headers": {"Authorization": f"Bearer {token}", "Prefer": "respond-async"}}
    assert world.client(None).post("/api/personas/generate", **call).status_code == 202
    world.work()
    assert "in rhymes" in str(server.calls[-1].messages)
    assert admin.send(f"{PROMPT}/back", {"number": "0"}).status_code == 303
    assert world.client(None).post("/api/personas/generate", **call).status_code == 202
    world.work()
    assert "in rhymes" not in str(server.calls[-1].messages)
    scope_to(world.session, world.company_id)
    versions = list(world.session.scalars(select(LlmCall.version).order_by(LlmCall.id)))
    assert versions == ["1", "1.1", "1"]
    deeds = set(world.session.scalars(select(AuditEntry.action)))
    assert {AuditAction.PROMPT_DRAFTED, AuditAction.PROMPT_PUBLISHED, AuditAction.PROMPT_ROLLED_BACK} <= deeds


@pytest.mark.parametrize(
    ("system", "user", "told"),
    [
        ("", "{{brief}}", "cannot be empty"),
        ("Be brief.", "Nothing given", "must use {{brief}}"),
        ("Be brief.", "{{brief}} {{secret}}", "no {{secret}}"),
    ],
)
def test_a_wording_that_cannot_serve_is_named_and_kept_in_the_form(
    world: World, system: str, user: str, told: str
) -> None:
    answer = world.client("admin").send(f"{PROMPT}/wording", {"version": "0", "system": system, "user": user})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert told in page
    assert user in page
    scope_to(world.session, world.company_id)
    assert world.session.scalar(select(Wording)) is None


def test_two_who_write_the_same_draft_lose_nothing(world: World) -> None:
    assert draft(world, "One.") == 303
    answer = world.client("admin").send(
        f"{PROMPT}/wording", {"version": "0", "system": "Two.", "user": "{{brief}}"}
    )
    assert answer.status_code == 409
    assert "Two." in answer.get_data(as_text=True)
    assert "One." in text_of(world, f"{PROMPT}/wording")


def test_a_draft_is_published_or_dropped_only_as_it_was_read(world: World) -> None:
    admin = world.client("admin")
    draft(world, "One.")
    admin.send(f"{PROMPT}/wording", {"version": "1", "system": "Two.", "user": "{{brief}}"})
    assert admin.send(f"{PROMPT}/publish", {"reason": "x", "version": "1"}).status_code == 409
    assert admin.send(f"{PROMPT}/drop", {"version": "1"}).status_code == 409
    assert "Two." in text_of(world, f"{PROMPT}/wording")
    assert admin.send(f"{PROMPT}/publish", {"reason": "x", "version": "2"}).status_code == 303


def test_another_company_has_its_own_wording(world: World) -> None:
    draft(world, "In rhymes.")
    world.client("admin").send(f"{PROMPT}/publish", {"reason": "x", "version": "1"})
    scope_to(world.session, world.other_id)
    assert world.session.scalar(select(Wording)) is None


def test_usage_adds_up_and_the_limit_is_saved(world: World, server: StandIn) -> None:
    draft(world, "Short.", do="try")
    world.work()
    page = text_of(world, "/admin/ai")
    assert "1 calls in 30 days" in page
    admin = world.client("admin")
    assert admin.send("/admin/ai/limit", {"daily": "0"}).status_code == 303
    scope_to(world.session, world.company_id)
    assert world.session.scalars(select(LlmLimit.daily)).all() == [0]
    admin.send(f"{PROMPT}/try", {"wording": "draft"})
    world.work()
    assert len(server.calls) == 1
    assert "spending limit" in text_of(world, PROMPT)
    assert admin.send("/admin/ai/limit", {"daily": "much"}).status_code == 422


@pytest.mark.parametrize("query", ["", "?by=model&days=7", "?by=outcome&days=90", "?by=x&days=y"])
def test_usage_is_shown_by_what_calls_share(world: World, query: str) -> None:
    draft(world, "Short.", do="try")
    world.work()
    page = text_of(world, f"/admin/ai{query}", "editor")
    assert re.search(r'<td class="num">1</td>', page)
    assert "persona" in text_of(world, "/admin/ai/calls", "editor")


def test_an_editor_sees_prompts_and_changes_none(world: World) -> None:
    assert "Adjust the wording" not in text_of(world, PROMPT, "editor")
    assert world.client("editor").get(f"{PROMPT}/wording").status_code == 403
    assert world.client("viewer").get("/admin/ai/prompts").status_code == 403
    assert world.client("admin").get("/admin/ai/prompts/none").status_code == 404
