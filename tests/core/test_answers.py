"""What every answer carries, and what people and programs read when something goes wrong."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from tests.conftest import World
from webapp.core.access import Permission, requires

PAGES = [
    "/",
    "/jobs",
    "/personas",
    "/admin/company",
    "/account/password",
    "/styleguide",
    "/search?q=a",
    "/docs",
    "/redoc",
]


@pytest.mark.parametrize("path", PAGES)
def test_C1_every_answer_has_the_strict_policy(world: World, path: str) -> None:
    headers = world.client("admin").get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]


@pytest.mark.thorough
def test_only_redoc_may_have_style_hashes(world: World) -> None:
    browser = world.client("admin")
    allowed = [path for path in PAGES if "sha256" in browser.get(path).headers["Content-Security-Policy"]]
    assert allowed == ["/redoc"]


def test_C6_an_unknown_address_is_told_with_a_request_id(world: World) -> None:
    answer = world.client("editor").get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.get_data(as_text=True)
    assert 'href="/personas"' in answer.get_data(as_text=True)  # the menu is still there
    assert 'href="/personas"' not in world.client(None).get("/nowhere").get_data(as_text=True)


def test_a_wrong_method_says_which_are_right(world: World) -> None:
    answer = world.client("editor").get("/jobs/00000000-0000-7000-8000-000000000000/cancel")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def broken(world: World, error: Exception, path: str) -> None:
    @requires(Permission.PUBLIC)
    def view() -> str:
        raise error

    world.app._got_first_request = False
    world.app.add_url_rule(path, path, view)


@pytest.mark.parametrize("path", ["/break", "/api/break"])
def test_C6_an_error_inside_shows_a_request_id_and_no_internals(world: World, path: str) -> None:
    broken(world, ZeroDivisionError("secret detail"), path)
    answer = world.client("editor").get(path)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret" not in text
    assert answer.headers["X-Request-ID"] in text


def test_a_part_that_fails_answers_a_part(world: World) -> None:
    broken(world, ZeroDivisionError("x"), "/break")
    text = world.client("editor").part("/break").get_data(as_text=True)
    assert "<html" not in text
    assert "Something went wrong inside Atelier." in text


def test_a_database_that_is_away_is_told_as_such(world: World) -> None:
    broken(world, OperationalError("SELECT secret", {}, Exception("disk full")), "/break")
    answer = world.client("editor").get("/break")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "secret" not in answer.get_data(as_text=True)


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    browser = world.client("editor")
    answer = browser.send("/account/theme", {"next": "x" * 5_000_000})
    assert answer.status_code == 413


def test_health_says_which_part_is_missing(world: World) -> None:
    browser = world.client(None)
    assert browser.get("/health").json == {"status": "alive"}
    ready = browser.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json == {"status": "not ready", "parts": {"database": True, "queue": True, "worker": False}}


def test_the_document_names_every_call_of_the_api(world: World) -> None:
    document = world.client(None).get("/openapi/openapi.json").json
    paths = {rule.rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert document["openapi"] == "3.1.0"
    assert len(document["paths"]) == len(paths)


def test_search_finds_by_beginnings_and_survives_signs(world: World) -> None:
    browser = world.client("editor")
    for query in ("a", "%", "_", "\x00", "ö" * 300, "<script>"):
        answer = browser.get("/search", query_string={"q": query})
        assert answer.status_code == 200
        assert "<script>" not in answer.get_data(as_text=True)


def test_the_navigation_shows_one_current_area(world: World) -> None:
    text = world.client("admin").get("/jobs").get_data(as_text=True)
    assert text.count('aria-current="page"') >= 1


def test_the_company_profile_is_saved_once_and_a_conflict_shows_both(world: World) -> None:
    one, two = world.client("admin"), world.client("admin")
    profile = {
        "name": "Acme GmbH",
        "language": "en",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "version": "1",
    }
    assert one.send("/admin/company", {**profile, "about": "First text"}).status_code == 303
    answer = two.send("/admin/company", {**profile, "about": "Second text"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "First text" in text
    assert "Second text" in text
    assert 'name="version" type="hidden" value="2"' in text or 'value="2"' in text


@pytest.mark.parametrize(
    ("name", "value"), [("timezone", "Mars/Olympus"), ("currency", "euro"), ("name", "")]
)
def test_a_bad_profile_names_its_field(world: World, name: str, value: str) -> None:
    profile = {"name": "Acme", "language": "en", "currency": "EUR", "timezone": "UTC", "version": "1"}
    answer = world.client("admin").send("/admin/company", {**profile, name: value})
    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.get_data(as_text=True)


def test_an_editor_sees_the_company_but_does_not_change_it(world: World) -> None:
    browser = world.client("editor")
    assert "Save profile" not in browser.get("/admin/company").get_data(as_text=True)
    assert browser.send("/admin/company", {"name": "x"}).status_code == 403


def test_calls_with_a_key_say_that_a_key_used_otherwise_is_refused(world: World) -> None:
    document = world.client(None).get("/openapi/openapi.json").json
    assert document
    keyed = {
        f"{method} {path}": call
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        if any(one["name"] == "Idempotency-Key" for one in call.get("parameters", ()))
    }
    assert len(keyed) > 10
    assert [name for name, call in keyed.items() if "422" not in call["responses"]] == []
