"""Serving calls from browsers: listed sites only, learners the course site vouches for, so many a day."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from werkzeug.test import TestResponse

from tests.conftest import OPERATOR, PASSWORD, World
from tests.lessons.making import clients, confined, course, learner, set_template
from tests.lessons.test_work import HOMEWORK
from webapp.accounts.tokens import MadeToken, create_token, revoke_token, signing_key

MARTA = "21179358"
SITE = "https://course.example"
CALL = "/api/persona/personalize-template"
Make = Callable[..., World]


@pytest.fixture
def world(make_world: Make) -> World:
    """A world with two learners and a worker."""
    made = make_world(worker=True, publishable_generations_per_day=2)
    course(made, lessons=3)
    learner(made)
    learner(made, "other", name="Ute Kern", answers={"fears": "Sore thumbs"})
    return made


def publishable(world: World, *origins: str, **values: Any) -> MadeToken:
    made = create_token(
        confined(world),
        OPERATOR,
        "site",
        (),
        publishable=True,
        origins=origins or (SITE,),
        **clients(world),
        **values,
    )
    world.session.commit()
    return made


def key_of(world: World, token: MadeToken) -> str:
    return signing_key(world.app.config["SECRET_KEY"], token.id)


def proof(world: World, token: MadeToken, key: str | None = None, **claims: Any) -> str:
    told = {"sub": MARTA, "exp": int(world.clock.now().timestamp()) + 600, **claims}
    told = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(told, key or key_of(world, token), algorithm="HS256")


def call(
    world: World, token: MadeToken, proven: str | None = "", origin: str | None = SITE, **body: Any
) -> TestResponse:
    headers = {"Authorization": f"Bearer {token.secret}"}
    headers |= {"Origin": origin} if origin else {}
    if proven is not None:
        headers["X-Person-Token"] = proven or proof(world, token)
    told = {"user_id": MARTA, "lesson_number": 1, **body}
    return world.app.test_client().post(CALL, json=told, headers=headers)


def refusal(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def test_a_page_of_a_listed_site_gets_the_lesson_it_may_read(world: World) -> None:
    answer = call(world, publishable(world))
    assert answer.status_code == 200, answer.json
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.headers["Vary"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_another_site_is_refused_and_cannot_read_the_answer(world: World) -> None:
    token = publishable(world)
    for origin in (None, "https://evil.example", "null", SITE + ":8443", "http://course.example"):
        answer = call(world, token, origin=origin)
        assert refusal(answer) == (403, "origin_not_allowed")
        assert "Access-Control-Allow-Origin" not in answer.headers, origin


def test_errors_can_be_read_by_the_page_too(world: World) -> None:
    token = publishable(world)
    for answer, status in (
        (call(world, token, proven="nonsense"), 401),
        (call(world, token, lesson_number=99), 404),
        (call(world, token, lesson_number="x"), 400),
        (call(world, MadeToken("atl_unknown", UUID(int=1)), proven="x"), 401),
    ):
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_browser_may_ask_first_without_a_token(world: World) -> None:
    token = publishable(world)
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    browser = world.app.test_client()
    answer = browser.options(CALL, headers={"Origin": SITE, **asked})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert "X-Person-Token" in answer.headers["Access-Control-Allow-Headers"]
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Origin" in answer.headers["Vary"]
    refused = browser.options(CALL, headers={"Origin": "https://evil.example", **asked})
    assert (refused.status_code, "Access-Control-Allow-Origin" in refused.headers) == (403, False)
    session = confined(world)
    revoke_token(session, OPERATOR, token.id, **clients(world))
    assert browser.options(CALL, headers={"Origin": SITE, **asked}).status_code == 403


def test_a_publishable_token_opens_nothing_else(world: World) -> None:
    headers = {"Authorization": f"Bearer {publishable(world).secret}", "Origin": SITE}
    browser = world.app.test_client()
    for path in (f"/api/persona/personalizations/{MARTA}", "/api/lessons", "/api/persons", "/api/courses"):
        assert browser.get(path, headers=headers).status_code == 403, path
    assert browser.delete(f"/api/persona/personalizations/{MARTA}/1", headers=headers).status_code == 403
    assert browser.get("/jobs", headers=headers).status_code == 403


def test_it_may_not_flush(world: World) -> None:
    answer = call(world, publishable(world), flush=True)
    assert answer.json is not None
    assert (answer.status_code, list(answer.json["details"])) == (403, ["flush"])


def unsigned(world: World, token: MadeToken) -> str:
    return jwt.encode({"sub": MARTA, "exp": world.clock.now().timestamp() + 60}, "", algorithm="none")


def other_way(world: World, token: MadeToken) -> str:
    told = {"sub": MARTA, "exp": world.clock.now().timestamp() + 60}
    return jwt.encode(told, key_of(world, token), algorithm="HS512")


FORGED: list[Callable[[World, MadeToken], str | None]] = [
    lambda _w, _t: None,
    lambda _w, _t: "nonsense",
    lambda _w, _t: "a.b.c",
    unsigned,
    other_way,
    lambda w, t: proof(w, t, key="another key, which is long enough to sign"),
    lambda w, t: proof(w, t, key=key_of(w, publishable(w))),
    lambda w, t: proof(w, t, sub="other"),
    lambda w, t: proof(w, t, sub=None),
    lambda w, t: proof(w, t, exp=None),
    lambda w, t: proof(w, t, exp=True),
    lambda w, t: proof(w, t, exp=int(w.clock.now().timestamp()) - 1),
    lambda w, t: proof(w, t, exp=int(w.clock.now().timestamp()) + 2 * 3600),
    lambda w, t: proof(w, t, exp=10**30),
]


def test_a_learner_nobody_vouches_for_is_refused(world: World) -> None:
    token = publishable(world)
    for number, forged in enumerate(FORGED):
        answer = call(world, token, proven=forged(world, token))
        assert refusal(answer) == (401, "person_not_proven"), number


def test_a_proof_ends(world: World) -> None:
    token = publishable(world)
    proven = proof(world, token)
    assert call(world, token, proven=proven).status_code == 200
    world.clock.shift(minutes=11)
    assert refusal(call(world, token, proven=proven)) == (401, "person_not_proven")


@pytest.mark.thorough
def test_so_many_lessons_are_written_a_day_and_stored_ones_are_served_on(world: World) -> None:
    token = publishable(world)
    assert [call(world, token, lesson_number=number).status_code for number in (1, 2)] == [200, 200]
    full = call(world, token, lesson_number=3)
    assert refusal(full) == (429, "too_many")
    assert int(full.headers["Retry-After"]) > 3600
    assert full.headers["Access-Control-Allow-Origin"] == SITE
    stored = call(world, token)
    assert stored.json is not None
    assert (stored.status_code, stored.json["cached"], stored.json["stale"]) == (200, True, False)
    set_template(world, homework=HOMEWORK)
    older = call(world, token)
    assert older.json is not None
    assert (older.status_code, older.json["cached"], older.json["stale"]) == (200, True, True)
    assert "too_many" in older.headers["Warning"]
    assert call(world, publishable(world), lesson_number=3).status_code == 200, "each token has its own"


def test_the_command_makes_one_with_its_signing_key(world: World) -> None:
    run = world.app.test_cli_runner().invoke
    words = ["tokens", "create", "--company", "acme", "--publishable", "--origin", SITE, "--json"]
    result = run(args=words)
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert set(told) == {"token", "signing_key"}
    signed = jwt.encode(
        {"sub": MARTA, "exp": world.clock.now().timestamp() + 60}, told["signing_key"], algorithm="HS256"
    )
    made = MadeToken(told["token"], UUID(int=0))
    assert call(world, made, proven=signed).status_code == 200
    for wrong in (
        ["--publishable"],
        ["--publishable", "--origin", "course.example"],
        ["--publishable", "--origin", SITE, "--scope", "all"],
        ["--origin", SITE, "--scope", "all"],
        [],
    ):
        assert run(args=["tokens", "create", "--company", "acme", *wrong]).exit_code == 1, wrong


def test_the_page_shows_the_key_once(world: World) -> None:
    browser = world.client("admin")
    assert browser.send("/account/confirm", {"confirm_password": PASSWORD}).status_code == 303
    values = {"name": "Site", "publishable": "y", "origins": SITE}
    page = browser.send("/admin/tokens", values).get_data(as_text=True)
    found = re.search(r'id="signing-key" readonly value="([0-9a-f]{64})"', page)
    assert found
    assert found.group(1) not in browser.get("/admin/tokens").text
    plain = browser.send("/admin/tokens", {"name": "Plain", "scope_lessons": "read"})
    assert "signing-key" not in plain.get_data(as_text=True)


def test_the_key_is_what_the_guide_says() -> None:
    token_id = UUID(int=7)
    wanted = hmac.new(b"secret", f"person-proof:{token_id}".encode(), hashlib.sha256).hexdigest()
    assert signing_key("secret", token_id) == wanted
