"""Signing in, staying in and getting out (claims A1-A8)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.conftest import PASSWORD, World
from webapp.accounts.models import StaffSession
from webapp.accounts.staff import set_password
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import every_company


def test_the_right_password_opens_home(world: World) -> None:
    page = world.client("editor").get("/")
    assert page.status_code == 200
    assert "Editor" in page.get_data(as_text=True)


def test_a_page_sends_nobody_to_sign_in_and_back(world: World) -> None:
    browser = world.client(None)
    away = browser.get("/jobs?show=running")
    assert (away.status_code, away.location) == (303, "/sign-in?next=%2Fjobs%3Fshow%3Drunning")
    back = browser.send(
        "/sign-in",
        {"email": "editor@test.example", "password": PASSWORD, "next": "/jobs?show=running"},
        at="/sign-in",
    )
    assert back.location == "/jobs?show=running"


def test_A1_the_cookie_is_for_this_site_and_no_script(world: World) -> None:
    cookie = world.client(None).get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_A2_an_old_cookie_is_worth_nothing_after_signing_out(world: World) -> None:
    browser = world.client("editor")
    kept = browser.get_cookie("atelier")
    assert kept is not None
    browser.send("/sign-out")
    thief = world.client(None)
    thief.set_cookie("atelier", kept.value)
    assert thief.get("/").status_code == 303


def test_A3_a_new_password_ends_the_other_sessions(world: World) -> None:
    here, there = world.client("editor"), world.client("editor")
    data = {
        "current_password": PASSWORD,
        "password": "another long password",
        "password_again": "another long password",
    }
    assert here.send("/account/password", data).status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303


def test_A3_a_password_set_by_command_ends_every_session(world: World) -> None:
    browser = world.client("editor")
    gate = world.app.extensions["atelier.gate"]
    set_password(
        world.session,
        world.staff["editor"],
        "another long password",
        passwords=gate.passwords,
        clock=world.clock,
    )
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\\..\\b",
        "\t//evil",
    ],
)
def test_A4_next_never_leaves_the_site(world: World, target: str) -> None:
    browser = world.client(None)
    data = {"email": "editor@test.example", "password": PASSWORD, "next": target}
    assert browser.send("/sign-in", data, at="/sign-in").location == "/"


def test_A5_the_sixth_wrong_password_in_a_minute_is_told_to_wait(world: World) -> None:
    browser = world.client(None)
    token = browser.form_token()

    def attempt(email: str, password: str) -> tuple[int, str | None]:
        data = {"email": email, "password": password, "csrf_token": token}
        answer = browser.post("/sign-in", data=data)
        return answer.status_code, answer.headers.get("Retry-After")

    for _ in range(5):
        assert attempt("editor@test.example", "wrong wrong wrong") == (422, None)
    status, wait = attempt("editor@test.example", "wrong wrong wrong")
    assert status == 429
    assert 1 <= int(wait or 0) <= 60
    assert attempt("viewer@test.example", PASSWORD)[0] == 303


def test_A6_an_unknown_account_reads_like_a_wrong_password(world: World) -> None:
    browser = world.client(None)

    def words(email: str) -> str:
        data = {"email": email, "password": "wrong wrong wrong"}
        text = browser.send("/sign-in", data, at="/sign-in").get_data(as_text=True).replace(email, "")
        return re.sub(
            r'(csrf_token" type="hidden" value|X-CSRFToken"): ?"?[^"]+"',
            "",
            re.sub(r'value="[^"]+"', "", text),
        )

    assert words("editor@test.example") == words("nobody@test.example")


def test_A6_an_unknown_account_costs_a_hash_too(world: World) -> None:
    passwords = world.app.extensions["atelier.gate"].passwords
    assert passwords.match(None, "anything") is False


def test_A7_an_idle_session_ends(world: World) -> None:
    browser = world.client("editor")
    world.clock.shift(hours=7)
    assert browser.get("/").status_code == 200
    world.clock.shift(hours=7)
    assert browser.get("/").status_code == 200
    world.clock.shift(hours=9)
    assert browser.get("/").status_code == 303


def test_A7_a_session_ends_after_its_absolute_age(world: World) -> None:
    browser = world.client("editor")
    for _ in range(28):
        world.clock.shift(hours=6)
        last = browser.get("/").status_code
    assert last == 303


def test_A8_a_form_without_its_token_keeps_the_text(world: World) -> None:
    browser = world.client("admin")
    answer = browser.post("/admin/company", data={"name": "Kept Name", "about": "long typed text"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 403
    assert "Kept Name" in text
    assert "long typed text" in text
    assert 'action="/admin/company"' in text


def test_an_ended_session_keeps_the_text_through_signing_in(world: World) -> None:
    browser = world.client("admin")
    token = browser.form_token()
    world.clock.shift(hours=9)
    away = browser.post("/admin/company", data={"name": "Kept Name", "csrf_token": token})
    assert away.status_code == 401
    assert 'name="kept:name" value="Kept Name"' in away.get_data(as_text=True)
    data = {
        "email": "admin@test.example",
        "password": PASSWORD,
        "kept_action": "/admin/company",
        "kept:name": "Kept Name",
    }
    offered = browser.send("/sign-in", data, at="/sign-in").get_data(as_text=True)
    assert 'name="name" value="Kept Name"' in offered
    assert 'action="/admin/company"' in offered
    fresh = re.findall(r'name="csrf_token" value="([^"]+)"', offered)[-1]
    again = browser.post("/admin/company", data={"name": "Kept Name", "csrf_token": fresh})
    assert again.status_code == 422
    assert 'value="Kept Name"' in again.get_data(as_text=True)


def test_a_form_from_another_site_is_refused_and_not_offered(world: World) -> None:
    browser = world.client("admin")
    answer = browser.post("/admin/company", data={"name": "Evil"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Evil" not in answer.get_data(as_text=True)


def test_an_ended_session_never_puts_the_sign_in_page_into_a_part(world: World) -> None:
    browser = world.client("editor")
    world.clock.shift(hours=9)
    answer = browser.part("/jobs")
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


def test_sessions_keep_only_a_hash_and_leave_a_trace(world: World) -> None:
    browser = world.client("editor")
    browser.send("/sign-out")
    with every_company(world.session):
        row = world.session.scalars(select(StaffSession)).one()
        actions = set(world.session.scalars(select(AuditEntry.action)))
    assert len(row.token_hash) == 64
    assert row.ended_at is not None
    assert {AuditAction.SIGNED_IN, AuditAction.SIGNED_OUT} <= actions
