"""Personas for programs: every call, and every answer of the table of bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from tests.conftest import World
from webapp.accounts.models import Membership
from webapp.core.db import scope_to, unit
from webapp.core.jobs.models import Job
from webapp.core.llm.ledger import LlmCall
from webapp.core.llm.provider import OpenAiProvider
from webapp.core.llm.stand_in import StandIn
from webapp.personas.models import Contact, Persona, Product
from webapp.personas.parking import park

DESCRIBED = {
    "productDescription": "Software that plans shifts for hospital wards in minutes.",
    "mode": "hydrate",
}
PERSONA = {
    "personName": "The chain-practice owner",
    "title": "Managing partner",
    "coreGoal": "Keep four practices full",
    "needForOurProduct": "Patients who finish their plan",
    "painPoints": ["No-shows", "Three calendars"],
}


class Api:
    """A program with a token."""

    def __init__(self, world: World, *scopes: str) -> None:
        self.world = world
        self.client: FlaskClient = world.client(None)
        self.token = world.token(*scopes)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}"} | sent
        return self.client.open(path, method=method, json=body, headers=sent)

    def generate(self, **body: Any) -> TestResponse:
        return self("POST", "/api/personas/generate", {**DESCRIBED, **body})


@pytest.fixture
def live(make_world: Callable[..., World]) -> Api:
    """A program, in a world with a worker that drafts by rules."""
    return Api(make_world(worker=True))


@pytest.fixture
def api(world: World) -> Api:
    """A program, in a world whose worker never comes."""
    return Api(world)


def count(world: World) -> int:
    scope_to(world.session, world.company_id)
    return world.session.scalar(select(func.count(Persona.id))) or 0


def test_hydrate_answers_a_persona_and_saves_nothing(live: Api) -> None:
    answer = live.generate(description="The head nurse of a rehab clinic who is drowning in paperwork")
    assert answer.status_code == 200, answer.json
    assert answer.json["success"] is True
    assert answer.json["persona"]["needForOurProduct"]
    assert answer.json["model"] == "rules"
    assert count(live.world) == 0


def test_save_persists_it_unreviewed_and_answers_its_id(live: Api) -> None:
    persona = live.generate(description="The head nurse of a rehab clinic", mode="save").json["persona"]
    kept = live("GET", f"/api/personas/{persona['id']}").json
    assert kept == persona
    assert (kept["unreviewed"], kept["version"]) == (True, 1)


def test_respond_async_answers_the_jobs_address_at_once(api: Api) -> None:
    answer = api("POST", "/api/personas/generate", DESCRIBED, Prefer="respond-async")
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json["href"]
    assert api("GET", answer.json["href"]).status_code == 202
    api.world.work()
    done = api("GET", answer.json["href"])
    assert (done.status_code, done.json["success"]) == (200, True)


def test_a_generation_longer_than_the_wait_answers_202(make_world: Callable[..., World]) -> None:
    answer = Api(make_world(generation_wait=0.05)).generate()
    assert (answer.status_code, answer.json["state"]) == (202, "queued")


def test_one_idempotency_key_is_one_generation(live: Api) -> None:
    body = {**DESCRIBED, "mode": "save"}
    first, second = (live("POST", "/api/personas/generate", body, Idempotency_Key="k1") for _ in range(2))
    assert first.json == second.json
    assert count(live.world) == 1


def failure(answer: TestResponse) -> tuple[int, str, str]:
    body = answer.json
    assert body is not None
    assert set(body) == {"success", "error", "code", "details", "requestId", "retryable"}
    assert body["success"] is False
    return answer.status_code, body["code"], body["error"]


def test_without_a_company_its_context_is_required(world: World) -> None:
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.execute(delete(Membership).where(Membership.staff_id == world.staff["editor"]))
    browser = world.client("editor")
    headers = {"X-CSRFToken": browser.form_token()}
    answer = browser.post("/api/personas/generate", json=DESCRIBED, headers=headers)
    assert (answer.status_code, answer.json["error"]) == (400, "Company context required")
    page = browser.get("/personas")
    assert "You belong to no company yet" in page.get_data(as_text=True)


def test_a_session_cookie_needs_the_form_token_too(world: World) -> None:
    answer = world.client("editor").post("/api/personas/generate", json=DESCRIBED)
    assert (answer.status_code, answer.json["code"]) == (403, "csrf")


def test_one_key_for_another_body_is_refused(live: Api) -> None:
    live("POST", "/api/personas/generate", DESCRIBED, Idempotency_Key="k1")
    answer = live("POST", "/api/personas/generate", {**DESCRIBED, "mode": "save"}, Idempotency_Key="k1")
    assert failure(answer)[:2] == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body", [{"productDescription": "   "}, {"productDescription": "x", "description": "a\x00b"}]
)
def test_blank_and_broken_texts_are_refused(api: Api, body: Any) -> None:
    assert api("POST", "/api/personas/generate", {**body, "mode": "hydrate"}).status_code in {400, 422}


def test_jobs_are_seen_by_tokens_of_their_area_only(world: World) -> None:
    api = Api(world)
    answer = api("POST", "/api/personas/generate", DESCRIBED, Prefer="respond-async")
    address = f"/api/jobs/{answer.json['jobId']}"
    assert api("GET", address).status_code == 200
    assert Api(world, "leads")("GET", address).status_code == 404


@pytest.mark.parametrize("word", ["other", "nowhere", "0191a8a0-0000-7000-8000-000000000000"])
def test_a_foreign_or_unknown_company_is_not_there(api: Api, word: str) -> None:
    assert api.generate(companyHQId=word).status_code == 404


def test_the_company_is_named_by_id_or_key(live: Api) -> None:
    for word in ("acme", str(live.world.company_id)):
        assert live.generate(companyHQId=word).status_code == 200


def test_neither_product_nor_description_is_refused(api: Api) -> None:
    answer = api("POST", "/api/personas/generate", {"mode": "hydrate"})
    assert failure(answer) == (422, "product_required", "Product required. Create a product or describe it.")


@pytest.mark.parametrize("name", ["contactId", "productId"])
def test_an_unknown_contact_or_product_is_named(api: Api, name: str) -> None:
    answer = api.generate(**{name: str(uuid4())})
    assert answer.status_code == 404
    assert name in answer.json["details"]


def test_another_companys_contact_is_unknown(world: World, api: Api) -> None:
    scope_to(world.session, world.other_id)
    now = world.clock.now()
    with unit(world.session) as session:
        theirs = Contact(name="Theirs", created_at=now, updated_at=now)
        session.add(theirs)
    assert api.generate(contactId=str(theirs.id)).status_code == 404


def test_an_expired_redis_key_is_named(api: Api) -> None:
    answer = api.generate(redisKey="gone")
    assert answer.status_code == 404
    assert "redisKey" in answer.json["details"]


def test_a_parked_document_is_used_once_accepted_even_when_it_expires(api: Api) -> None:
    world = api.world
    document = {
        "person": {
            "name": "Ada Lovelace",
            "title": "CTO",
            "organization": {"name": "Engines", "industry": "software"},
        }
    }
    key, _ = park(world.services.store, world.clock, world.company_id, document)
    answer = api("POST", "/api/personas/generate", {**DESCRIBED, "redisKey": key}, Prefer="respond-async")
    world.services.store.redis.flushall()
    world.work()
    done = api("GET", answer.json["href"])
    assert done.status_code == 200
    assert "Lovelace" not in done.get_data(as_text=True)


def test_more_than_one_source_is_refused_naming_them(api: Api) -> None:
    answer = api.generate(contactId=str(uuid4()), description="x")
    status, code, sentence = failure(answer)
    assert (status, code) == (422, "many_sources")
    assert "contactId" in sentence
    assert "description" in sentence


@pytest.mark.parametrize(
    "body",
    [{}, {"mode": "other"}, {**DESCRIBED, "surprise": 1}, {**DESCRIBED, "productId": "no uuid"}, [1], "text"],
)
def test_B4_what_cannot_be_read_is_400_with_its_fields(api: Api, body: Any) -> None:
    assert failure(api("POST", "/api/personas/generate", body))[0] == 400


def test_broken_json_is_400(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    answer = api.client.post("/api/personas/generate", data=b"{broken", headers=headers)
    assert answer.status_code == 400


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("429", 503, "llm_busy"),
        ("quota", 503, "llm_over_quota"),
        ("500", 502, "llm_broken"),
        ("hang", 504, "llm_timed_out"),
        ("reset", 503, "llm_unreachable"),
        ("refusal", 502, "llm_refused"),
        ("malformed", 502, "llm_unreadable"),
        ("truncated", 502, "llm_truncated"),
        ("wrong", 502, "llm_misfit"),
    ],
)
def test_a_failing_model_is_told_and_nothing_is_saved(
    make_world: Callable[..., World], mode: str, status: int, code: str
) -> None:
    with StandIn(mode=mode) as server:
        provider = OpenAiProvider("key", server.base_url, "gpt-4o-mini")
        seconds = 0.5 if mode == "hang" else 5.0
        world = make_world(provider, worker=True, llm_timeout=seconds, llm_budget=12.0, llm_attempts=2)
        answer = Api(world).generate(mode="save")
    assert failure(answer)[:2] == (status, code)
    assert answer.json["retryable"] is True
    assert bool(answer.json["details"]) == (mode == "wrong")
    assert count(world) == 0


@pytest.mark.thorough
def test_L4_the_ledger_equals_what_the_provider_counted(make_world: Callable[..., World]) -> None:
    with StandIn() as server:
        server.script(["500", "wrong", "ok"])
        provider = OpenAiProvider("key", server.base_url, "gpt-4o-mini")
        world = make_world(provider, worker=True)
        assert Api(world).generate().status_code == 200
        scope_to(world.session, world.company_id)
        rows = world.session.scalars(select(LlmCall).order_by(LlmCall.id)).all()
        told = [(call.prompt_tokens, call.completion_tokens) for call in server.calls]
    assert [(row.prompt_tokens, row.completion_tokens) for row in rows] == told
    assert all(row.job_id and row.request_id for row in rows)


def test_L5_no_name_or_address_of_a_contact_leaves_for_the_model(make_world: Callable[..., World]) -> None:
    with StandIn() as server:
        world = make_world(OpenAiProvider("key", server.base_url, "gpt-4o-mini"), worker=True)
        now = world.clock.now()
        world.actor()
        with unit(world.session) as session:
            contact = Contact(
                name="Clara Canary",
                email="canary@voss.example",
                title="Partner",
                created_at=now,
                updated_at=now,
            )
            session.add(contact)
        assert Api(world).generate(contactId=str(contact.id)).status_code == 200
        sent = str([call.messages for call in server.calls])
    assert "Partner" in sent
    assert "Canary" not in sent
    assert "canary@voss.example" not in sent


def test_a_persona_is_saved_read_changed_listed_and_deleted(api: Api) -> None:
    saved = api("POST", "/api/personas/save", {"persona": PERSONA})
    assert saved.status_code == 201
    assert (saved.json["version"], saved.json["unreviewed"]) == (1, False)
    address = f"/api/personas/{saved.json['id']}"
    changed = api("PUT", address, {**PERSONA, "title": "Owner", "version": 1})
    assert (changed.status_code, changed.json["version"], changed.json["title"]) == (200, 2, "Owner")
    assert [row["id"] for row in api("GET", "/api/personas").json["items"]] == [saved.json["id"]]
    assert api("DELETE", address).status_code == 204
    assert api("GET", address).status_code == 404


def test_a_change_of_an_old_version_is_refused(api: Api) -> None:
    saved = api("POST", "/api/personas/save", {"persona": PERSONA}).json
    address = f"/api/personas/{saved['id']}"
    api("PUT", address, {**PERSONA, "version": 1})
    assert failure(api("PUT", address, {**PERSONA, "version": 1}))[:2] == (409, "persona_changed")


def test_an_incomplete_persona_names_its_fields(api: Api) -> None:
    answer = api("POST", "/api/personas/save", {"persona": {"personName": "Only a name"}})
    assert failure(answer)[:2] == (422, "persona_incomplete")
    assert set(answer.json["details"]) == {"title", "coreGoal", "needForOurProduct"}


def test_one_idempotency_key_saves_one_persona(api: Api) -> None:
    first, second = (
        api("POST", "/api/personas/save", {"persona": PERSONA}, Idempotency_Key="k") for _ in range(2)
    )
    assert first.json == second.json
    assert count(api.world) == 1


def test_the_list_is_paged_to_its_end(api: Api) -> None:
    ids = [api("POST", "/api/personas/save", {"persona": PERSONA}).json["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = api("GET", f"/api/personas?limit=2{cursor}").json
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ids


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=%00", "cursor=abc", "surprise=1"])
def test_a_bad_page_is_400(api: Api, query: str) -> None:
    assert api("GET", f"/api/personas?{query}").status_code == 400


def test_B3_another_companys_persona_is_not_there(world: World, api: Api) -> None:
    saved = api("POST", "/api/personas/save", {"persona": PERSONA}).json
    stranger = Api(world)
    stranger.token = world.token("all", company_id=world.other_id)
    for method, body in (("GET", None), ("PUT", {**PERSONA, "version": 1}), ("DELETE", None)):
        assert stranger(method, f"/api/personas/{saved['id']}", body).status_code == 404
    assert stranger("GET", "/api/personas").json["items"] == []


def test_a_token_may_do_what_its_scopes_say(world: World) -> None:
    reader = Api(world, "personas:read")
    assert reader("GET", "/api/personas").status_code == 200
    assert failure(reader("POST", "/api/personas/save", {"persona": PERSONA}))[:2] == (403, "forbidden")
    assert Api(world, "leads")("GET", "/api/personas").status_code == 403


def test_a_token_bound_to_a_person_may_never_do_more_than_they(world: World) -> None:
    api = Api(world)
    api.token = world.token("all", staff="viewer")
    assert api("GET", "/api/personas").status_code == 200
    assert api("POST", "/api/personas/save", {"persona": PERSONA}).status_code == 403


def test_an_unknown_token_is_401(api: Api) -> None:
    answer = api("GET", "/api/personas", Authorization="Bearer atl_wrong")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_tokens_calls_are_limited(make_world: Callable[..., World]) -> None:
    api = Api(make_world(api_calls_per_minute=2))
    codes = [api("GET", "/api/personas").status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_waiting_calls_leave_places_for_others(make_world: Callable[..., World]) -> None:
    api = Api(make_world(web_threads=2, generation_wait=0.2))  # one place to wait
    waiting = api.world.services.waiting
    assert waiting.places == 1
    assert waiting._free.acquire(blocking=False)
    answer = api.generate()
    assert answer.status_code == 202


def test_a_product_named_by_id_is_drafted_for(live: Api) -> None:
    world, now = live.world, live.world.clock.now()
    world.actor()
    with unit(world.session) as session:
        product = Product(name="RehaFlow", description="Guides patients.", created_at=now, updated_at=now)
        session.add(product)
    answer = live("POST", "/api/personas/generate", {"productId": str(product.id), "mode": "hydrate"})
    assert "RehaFlow" in answer.json["persona"]["needForOurProduct"]
    world.actor()
    assert len(world.session.scalars(select(Job)).all()) == 1
