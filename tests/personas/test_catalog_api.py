"""Products, contacts and enrichment documents for programs: every call, every refusal, one row a key."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import OPERATOR, PASSWORD, World
from webapp.accounts.staff import create_staff
from webapp.core.access import Role
from webapp.core.db import scope_to, unit
from webapp.core.idempotency import IdempotencyKey
from webapp.personas.contacts import CONTACTS
from webapp.personas.models import Contact, Product
from webapp.personas.parking import fetch
from webapp.personas.products import PRODUCTS

PRODUCT = {"name": "RehaFlow", "description": "Plans home exercises", "valueProposition": "Fewer no-shows"}
CONTACT = {"name": "Ines Marquardt", "email": "ines@hanse.example", "company": "Hanse Physio"}
DOCUMENT = {"person": {"name": "Søren", "title": "Director", "organization": {"name": "Fjord"}}}
BODIES: dict[str, dict[str, Any]] = {"/api/products": PRODUCT, "/api/contacts": CONTACT}
both = pytest.mark.parametrize("path", BODIES)


class Api:
    """A program with a token."""

    def __init__(self, world: World, *scopes: str, token: str = "") -> None:
        self.world = world
        self.client: FlaskClient = world.client(None)
        self.token = token or world.token(*scopes)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}"} | sent
        return self.client.open(path, method=method, json=body, headers=sent)

    def made(self, path: str, **changes: Any) -> dict[str, Any]:
        answer = self("POST", path, {**BODIES[path], **changes})
        assert answer.status_code == 201, answer.json
        return dict(answer.json)


@pytest.fixture
def api(world: World) -> Api:
    return Api(world)


def told(answer: TestResponse) -> tuple[int, str]:
    """The status and the code of a refusal; its body must have the shape of all refusals."""
    assert set(answer.json) == {"success", "error", "code", "details", "requestId", "retryable"}
    return answer.status_code, answer.json["code"]


def rows(world: World, model: type = Product) -> int:
    scope_to(world.session, world.company_id)
    return world.session.scalar(select(func.count()).select_from(select(model.id).subquery())) or 0


@both
def test_a_row_is_created_read_changed_listed_and_deleted(api: Api, path: str) -> None:
    made = api.made(path)
    assert made == made | BODIES[path]
    assert made["companyHQId"] == str(api.world.company_id)
    assert (made["version"], datetime.fromisoformat(made["createdAt"]).tzinfo is not None) == (1, True)
    here = f"{path}/{made['id']}"
    assert api("GET", here).json == made
    changed = api("PUT", here, {**BODIES[path], "name": "New name", "version": 1}).json
    assert (changed["name"], changed["version"]) == ("New name", 2)
    assert api("GET", path).json == {"items": [changed], "next": None}
    gone = api("DELETE", here)
    assert (gone.status_code, gone.data) == (204, b"")
    assert told(api("GET", here)) == (404, "not_found")
    assert told(api("DELETE", here)) == (404, "not_found")


@both
def test_a_put_replaces_every_text(api: Api, path: str) -> None:
    made = api.made(path)
    least = {"name": "n", "description": "d"} if "product" in path else {"name": "n"}
    changed = api("PUT", f"{path}/{made['id']}", {**least, "version": 1}).json
    assert {changed[name] for name in BODIES[path] if name not in least} == {""}


@both
def test_D1_a_change_of_an_old_version_is_refused(api: Api, path: str) -> None:
    here = f"{path}/{api.made(path)['id']}"
    api("PUT", here, {**BODIES[path], "name": "theirs", "version": 1})
    assert told(api("PUT", here, {**BODIES[path], "name": "mine", "version": 1})) == (409, "conflict")
    assert api("GET", here).json["name"] == "theirs"


@both
@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "  "},
        {"name": None},
        {"name": "a\0b"},
        {"name": "n" * 201},
        {"unknown": 1},
        {"id": "x"},
    ],
)
def test_what_cannot_be_read_is_400_and_names_its_field(api: Api, path: str, change: dict[str, Any]) -> None:
    answer = api("POST", path, BODIES[path] | change)
    assert told(answer) == (400, "invalid")
    assert list(answer.json["details"]) == list(change)


@both
@pytest.mark.parametrize("body", [None, [], "text", 3, {}])
def test_a_body_that_is_none_is_400(api: Api, path: str, body: Any) -> None:
    assert told(api("POST", path, body)) == (400, "invalid")


def test_broken_signs_are_400_not_a_failure(api: Api) -> None:
    raw = b'{"name": "\\ud800", "description": "d"}'
    answer = api.client.post(
        "/api/products",
        data=raw,
        headers={"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"},
    )
    assert told(answer) == (400, "invalid")


def test_an_address_that_is_none_is_422_at_its_field(api: Api) -> None:
    answer = api("POST", "/api/contacts", {**CONTACT, "email": "nobody"})
    assert told(answer) == (422, "invalid")
    assert list(answer.json["details"]) == ["email"]


def test_a_change_without_its_version_is_400(api: Api) -> None:
    here = f"/api/products/{api.made('/api/products')['id']}"
    assert told(api("PUT", here, PRODUCT)) == (400, "invalid")
    assert told(api("PUT", here, {**PRODUCT, "version": 0})) == (400, "invalid")


@both
def test_a_list_is_paged_to_its_end_the_oldest_first(api: Api, path: str) -> None:
    ids = [api.made(path, name=f"n{number}")["id"] for number in range(5)]
    found, cursor = [], None
    for _ in range(3):
        page = api("GET", f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (ids, None)


@both
@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=nonsense", "sort=name"])
def test_a_list_asked_for_wrongly_is_400(api: Api, path: str, query: str) -> None:
    assert told(api("GET", f"{path}?{query}"))[0] == 400


@both
def test_the_company_is_named_by_id_or_key_or_left_out(api: Api, path: str) -> None:
    for word in ("acme", str(api.world.company_id), None):
        api.made(path, companyHQId=word)
        assert api("GET", path, query_string=None).status_code == 200
    assert len(api("GET", f"{path}?companyHQId=acme").json["items"]) == 3


@both
@pytest.mark.parametrize("word", ["other", "unknown", "00000000-0000-7000-8000-000000000000", "a\0b"])
def test_a_foreign_company_is_404(api: Api, path: str, word: str) -> None:
    here = f"{path}/{api.made(path)['id']}"
    assert told(api("POST", path, {**BODIES[path], "companyHQId": word})) == (404, "not_found")
    for method, where in (("GET", path), ("GET", here), ("DELETE", here)):
        answer = api.client.open(
            where,
            method=method,
            query_string={"companyHQId": word},
            headers={"Authorization": f"Bearer {api.token}"},
        )
        assert told(answer) == (404, "not_found")


@both
def test_B3_another_companys_rows_are_not_there(world: World, path: str) -> None:
    theirs = Api(world, token=world.token(company_id=world.other_id))
    ours = Api(world, token=world.token())
    here = f"{path}/{theirs.made(path)['id']}"
    assert told(ours("GET", here)) == (404, "not_found")
    assert told(ours("PUT", here, {**BODIES[path], "version": 1})) == (404, "not_found")
    assert told(ours("DELETE", here)) == (404, "not_found")
    assert ours("GET", path).json["items"] == []
    assert theirs("GET", here).status_code == 200


def test_nobody_is_401_and_a_reader_changes_nothing(world: World) -> None:
    assert told(world.client(None).get("/api/products")) == (401, "sign_in_needed")
    reader = Api(world, "personas:read")
    assert reader("GET", "/api/products").status_code == 200
    for method, path, body in (
        ("POST", "/api/products", PRODUCT),
        ("PUT", f"/api/contacts/{uuid4()}", {**CONTACT, "version": 1}),
        ("DELETE", f"/api/products/{uuid4()}", None),
        ("POST", "/api/enrichments", {"document": DOCUMENT}),
    ):
        assert told(reader(method, path, body)) == (403, "forbidden")


def member_of_both(world: World, role_there: Role) -> FlaskClient:
    """A browser of a person who edits in the first company and has a role in the other."""
    common: dict[str, Any] = {
        "passwords": world.app.extensions["atelier.gate"].passwords,
        "clock": world.clock,
        "auditor": world.services.auditor,
    }
    for company_id, role in ((world.company_id, Role.EDITOR), (world.other_id, role_there)):
        scope_to(world.session, company_id)
        create_staff(world.session, OPERATOR, "both@test.example", role, PASSWORD, **common)
    browser = world.client(None)
    browser.sign_in("both@test.example", PASSWORD)
    return browser


def by_session(browser: Any, company: str) -> TestResponse:
    token = browser.form_token()
    answer: TestResponse = browser.post(
        "/api/products", json={**PRODUCT, "companyHQId": company}, headers={"X-CSRFToken": token}
    )
    return answer


def test_a_person_may_name_any_company_of_theirs_with_the_role_they_have_there(world: World) -> None:
    browser = member_of_both(world, Role.VIEWER)
    assert by_session(browser, "acme").json["companyHQId"] == str(world.company_id)
    assert told(by_session(browser, "other")) == (403, "forbidden")


def test_a_row_lands_in_the_company_that_was_named(world: World) -> None:
    browser = member_of_both(world, Role.EDITOR)
    assert by_session(browser, "other").json["companyHQId"] == str(world.other_id)
    assert rows(world) == 0


def test_a_person_without_a_company_is_told_so(world: World) -> None:
    from sqlalchemy import delete  # noqa: PLC0415  # only here

    from webapp.accounts.models import Membership  # noqa: PLC0415  # only here

    browser = world.client("editor")
    scope_to(world.session, world.company_id)
    with unit(world.session) as session:
        session.execute(delete(Membership).where(Membership.staff_id == world.staff["editor"]))
    answer = browser.get("/api/products")
    assert told(answer) == (400, "company_required")
    assert answer.json["error"] == "Company context required"


@both
def test_one_key_makes_one_row_and_the_same_answer(api: Api, path: str) -> None:
    first = api("POST", path, BODIES[path], Idempotency_Key="k-1")
    again = api("POST", path, BODIES[path], Idempotency_Key="k-1")
    other = api("POST", path, BODIES[path], Idempotency_Key="k-2")
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert other.json["id"] != first.json["id"]
    assert len(api("GET", path).json["items"]) == 2


def test_a_key_of_another_call_is_refused(api: Api) -> None:
    api("POST", "/api/products", PRODUCT, Idempotency_Key="k")
    for path, body in (("/api/contacts", CONTACT), ("/api/products", {**PRODUCT, "name": "Other"})):
        assert told(api("POST", path, body, Idempotency_Key="k")) == (422, "idempotency_key_reused")
    assert (rows(api.world), rows(api.world, Contact)) == (1, 0)


@pytest.mark.parametrize("key", ["", "k" * 201, "ключ", "two words"])
def test_a_key_that_cannot_be_kept_is_400(api: Api, key: str) -> None:
    answer = api("POST", "/api/products", PRODUCT, Idempotency_Key=key.encode().decode("latin-1"))
    assert told(answer)[0] == 400


def test_a_refused_call_leaves_its_key_free(api: Api) -> None:
    assert api("POST", "/api/contacts", {**CONTACT, "email": "x"}, Idempotency_Key="k").status_code == 422
    assert api("POST", "/api/contacts", CONTACT, Idempotency_Key="k").status_code == 201


def test_each_company_has_its_own_keys(world: World) -> None:
    for company_id in (world.company_id, world.other_id):
        api = Api(world, token=world.token(company_id=company_id))
        made = api("POST", "/api/products", PRODUCT, Idempotency_Key="k")
        assert made.json["companyHQId"] == str(company_id)


def test_a_key_and_the_copy_of_its_answer_are_forgotten_after_a_day(api: Api) -> None:
    first = api("POST", "/api/contacts", CONTACT, Idempotency_Key="k").json
    api("POST", "/api/contacts", CONTACT, Idempotency_Key="old")
    api.world.clock.shift(hours=24)
    assert api("POST", "/api/contacts", CONTACT, Idempotency_Key="k").json["id"] != first["id"]
    scope_to(api.world.session, api.world.company_id)
    assert list(api.world.session.scalars(select(IdempotencyKey.key))) == ["k"]


def at_once(api: Api, count: int, send: Callable[[Api], TestResponse]) -> list[TestResponse]:
    """The same call from so many programs at the same moment."""
    together = Barrier(count)

    def one(_number: int) -> TestResponse:
        together.wait()
        return contextvars.Context().run(send, Api(api.world, token=api.token))

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


@both
def test_J5_twenty_posts_at_once_make_one_row(api: Api, path: str) -> None:
    answers = at_once(api, 20, lambda caller: caller("POST", path, BODIES[path], Idempotency_Key="k"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(api("GET", path).json["items"]) == 1


def test_D1_of_twenty_changes_at_once_one_wins(api: Api) -> None:
    here = f"/api/products/{api.made('/api/products')['id']}"
    answers = at_once(api, 20, lambda caller: caller("PUT", here, {**PRODUCT, "name": "x", "version": 1}))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]


def test_a_document_is_parked_for_a_day(api: Api) -> None:
    answer = api("POST", "/api/enrichments", {"document": DOCUMENT})
    assert answer.status_code == 201
    expires = datetime.fromisoformat(answer.json["expiresAt"])
    assert timedelta(hours=23) < expires - api.world.clock.now() <= timedelta(hours=24)
    key = answer.json["redisKey"]
    assert fetch(api.world.services.store, api.world.company_id, key) == DOCUMENT


def test_a_document_sent_twice_under_one_key_is_parked_once(api: Api) -> None:
    answers = at_once(
        api, 5, lambda caller: caller("POST", "/api/enrichments", {"document": DOCUMENT}, Idempotency_Key="k")
    )
    assert len({(answer.status_code, answer.json["redisKey"]) for answer in answers}) == 1
    assert len(api.world.services.store.redis.keys("enrichment:*")) == 1  # type: ignore[arg-type]  # synchronous


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "invalid")),
        ({"document": []}, (400, "invalid")),
        ({"document": DOCUMENT, "more": 1}, (400, "invalid")),
        ({"document": {"error": "nobody"}}, (422, "unreadable_document")),
        ({"document": {**DOCUMENT, "more": "x" * 1_100_000}}, (413, "too_large")),
        ({"document": DOCUMENT, "companyHQId": "other"}, (404, "not_found")),
    ],
)
def test_a_document_that_cannot_be_parked_is_refused(api: Api, body: Any, refusal: tuple[int, str]) -> None:
    assert told(api("POST", "/api/enrichments", body)) == refusal


def test_the_document_of_the_api_tells_every_status(world: World) -> None:
    paths = world.client(None).get("/openapi/openapi.json").json["paths"]
    for path in ("/api/products", "/api/contacts", "/api/enrichments"):
        call = paths[path]["post"]
        assert {"201", "400", "401", "403", "404", "422"} <= set(call["responses"])
        assert "Idempotency-Key" in {parameter["name"] for parameter in call["parameters"]}
    for path in ("/api/products/{product_id}", "/api/contacts/{contact_id}"):
        assert {"200", "404", "409", "422"} <= set(paths[path]["put"]["responses"])
        assert "204" in paths[path]["delete"]["responses"]


def test_pages_and_programs_share_the_rows(api: Api) -> None:
    api.made("/api/products")
    api.made("/api/contacts")
    world = api.world
    scope_to(world.session, world.company_id)
    product = world.session.scalars(select(Product)).one()
    contact = world.session.scalars(select(Contact)).one()
    assert PRODUCTS.texts(product)["value_proposition"] == "Fewer no-shows"
    assert CONTACTS.texts(contact)["company"] == "Hanse Physio"
