"""Staff, invitations, sign-ins, tokens and the audit page; the password again (claims A3, A8, A9)."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from tests.conftest import PASSWORD, World
from tests.pages import CheckedClient
from webapp.accounts.devices import device_words
from webapp.accounts.models import Membership, StaffSession
from webapp.core.access import Role
from webapp.core.db import every_company, scope_to
from webapp.settings import load_settings

SECURE = "https://atelier.example"


def confirmed_admin(world: World) -> CheckedClient:
    browser = world.client("admin")
    assert browser.send("/account/confirm", {"confirm_password": PASSWORD}).status_code == 303
    return browser


def role_of(world: World, who: str) -> Role | None:
    scope_to(world.session, world.company_id)
    return world.session.scalar(select(Membership.role).where(Membership.staff_id == world.staff[who]))


def test_A9_a_role_change_asks_for_the_password_and_goes_on_with_what_was_chosen(world: World) -> None:
    browser, path = world.client("admin"), f"/admin/staff/{world.staff['viewer']}/role"
    asked = browser.send(path, {"role": "editor"})
    text = asked.get_data(as_text=True)
    assert asked.status_code == 401
    assert 'name="role" value="editor"' in text
    assert f'action="{path}"' in text
    wrong = browser.send(path, {"role": "editor", "confirm_password": "wrong wrong"})
    assert wrong.status_code == 422
    assert 'name="role" value="editor"' in wrong.get_data(as_text=True)
    assert role_of(world, "viewer") is Role.VIEWER
    assert browser.send(path, {"role": "editor", "confirm_password": PASSWORD}).status_code == 303
    assert role_of(world, "viewer") is Role.EDITOR


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/admin/tokens", {"name": "x", "scope_leads": "read"}),
        ("/admin/staff/invite", {"email": "new@x.example", "role": "admin"}),
        ("/admin/staff/{viewer}/disable", {}),
        ("/admin/staff/{viewer}/remove", {}),
    ],
)
def test_A9_what_changes_rights_asks_again_and_not_twice(
    world: World, path: str, data: dict[str, str]
) -> None:
    browser, where = world.client("admin"), path.format(**world.staff)
    assert browser.send(where, data).status_code == 401
    assert browser.send(where, {**data, "confirm_password": PASSWORD}).status_code in {200, 303}
    assert browser.send("/admin/tokens", {"name": "y", "scope_leads": "read"}).status_code == 200
    world.clock.shift(minutes=6)
    assert browser.send("/admin/tokens", {"name": "z", "scope_leads": "read"}).status_code == 401


def test_A9_the_export_asks_again_and_comes_back(world: World) -> None:
    browser = world.client("admin")
    away = browser.get("/admin/audit.csv?subject=staff")
    assert (away.status_code, away.location) == (
        303,
        "/account/confirm?next=/admin/audit.csv?subject%3Dstaff",
    )
    data = {"confirm_password": PASSWORD, "next": "/admin/audit.csv?subject=staff"}
    assert browser.send("/account/confirm", data).location == data["next"]
    text = browser.get(data["next"], buffered=True).get_data(as_text=True)
    assert text.startswith("number,at,who,address,action")
    assert len(text.splitlines()) == 4


def test_A9_wrong_passwords_are_counted_with_signing_in(world: World) -> None:
    browser = world.client("admin")
    token = browser.form_token()
    answers = [
        browser.post("/account/confirm", data={"confirm_password": "wrong wrong", "csrf_token": token})
        for _ in range(6)
    ]
    assert [one.status_code for one in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_A5_an_address_that_guesses_at_many_accounts_has_to_wait(world: World) -> None:
    browser = world.client(None)
    token = browser.form_token("/sign-in")

    def guess(number: int) -> int:
        data = {"email": f"person{number}@test.example", "password": "wrong wrong", "csrf_token": token}
        return browser.post("/sign-in", data=data).status_code

    assert [guess(number) for number in range(31)] == [422] * 30 + [429]


def test_A9_a_token_cannot_confirm(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token('all', staff='admin')}"}
    answer = world.client(None).post("/admin/tokens", data={"name": "x"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("deed", ["role", "disable", "remove"])
def test_A3_a_changed_role_disabling_and_removal_end_the_sessions(world: World, deed: str) -> None:
    theirs, browser = world.client("editor"), confirmed_admin(world)
    answer = browser.send(f"/admin/staff/{world.staff['editor']}/{deed}", {"role": "viewer"})
    assert answer.status_code == 303
    assert theirs.get("/").location == "/sign-in"
    again = world.client(None)
    data = {"email": "editor@test.example", "password": PASSWORD}
    assert again.send("/sign-in", data).status_code == (422 if deed == "disable" else 303)


def test_a_disabled_person_is_let_in_again(world: World) -> None:
    browser = confirmed_admin(world)
    for deed in ("disable", "enable"):
        browser.send(f"/admin/staff/{world.staff['editor']}/{deed}")
    assert world.client("editor").get("/").status_code == 200


@pytest.mark.parametrize("deed", ["role", "disable", "remove"])
def test_the_last_admin_stays(world: World, deed: str) -> None:
    answer = confirmed_admin(world).send(f"/admin/staff/{world.staff['admin']}/{deed}", {"role": "viewer"})
    assert answer.status_code == 409
    assert "last admin" in answer.get_data(as_text=True)
    assert role_of(world, "admin") is Role.ADMIN


def invited(world: World, email: str, role: str = "editor") -> str:
    answer = confirmed_admin(world).send("/admin/staff/invite", {"email": email, "role": role})
    found = re.search(r'value="http://[^/]+(/invitations/[^"]+)"', answer.get_data(as_text=True))
    assert found
    return found.group(1)


NEW = {"name": "Ann New", "password": "a new long password", "password_again": "a new long password"}


def test_an_invited_person_makes_an_account_once(world: World) -> None:
    path, guest = invited(world, "ann@new.example"), world.client(None)
    short = guest.send(path, {**NEW, "password": "short", "password_again": "short"}, at=path)
    assert short.status_code == 422
    assert 'value="Ann New"' in short.get_data(as_text=True)
    assert guest.send(path, NEW, at=path).location == "/"
    assert "Ann New" in guest.get("/").get_data(as_text=True)
    assert world.client(None).get(path).status_code == 404


def test_an_account_joins_after_signing_in_and_nobody_else_does(world: World) -> None:
    path = invited(world, "stranger@test.example")
    assert world.client("viewer").send(path).status_code == 409
    guest = world.client(None)
    assert guest.send(path, NEW, at="/sign-in").status_code == 409
    guest.sign_in("stranger@test.example", PASSWORD)
    assert guest.send(path, at=path).location == "/"
    assert "Acme GmbH" in guest.get("/").get_data(as_text=True)


def test_an_invitation_ends_by_age_and_by_revoking(world: World) -> None:
    old = invited(world, "old@new.example")
    world.clock.shift(days=8)
    assert world.client(None).get(old).status_code == 404
    path, browser = invited(world, "ann@new.example"), world.client("admin")
    found = re.search(r'action="(/admin/invitations/[^"]+/revoke)"', browser.get("/admin/staff").text)
    assert found
    assert browser.send(found.group(1)).status_code == 303
    assert world.client(None).get(path).status_code == 404


def test_one_sees_and_ends_ones_other_sign_ins(world: World) -> None:
    here, there = world.client("editor"), world.client("editor")
    page = here.get("/account/sessions").text
    assert page.count("this one") == 1
    others = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
    assert len(others) == 1
    assert world.client("viewer").send(others[0]).status_code == 404
    assert here.send(others[0]).status_code == 303
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 200


def test_an_admin_ends_a_sign_in_of_the_companys_staff_only(world: World) -> None:
    theirs, browser = world.client("editor"), world.client("admin")
    page = browser.get(f"/admin/staff/{world.staff['editor']}").text
    found = re.search(r'action="(/admin/staff/[^"]+/sessions/[^"]+/end)"', page)
    assert found
    foreign = world.client(None)
    foreign.sign_in("stranger@test.example", PASSWORD)
    assert foreign.get(f"/admin/staff/{world.staff['editor']}").status_code == 404
    assert foreign.send(found.group(1)).status_code == 404
    assert browser.send(found.group(1)).status_code == 303
    assert theirs.get("/").status_code == 303


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Version/19 Safari/604", "Safari on iOS"),
        ("curl/8.5", "curl"),
        ("", "Another program"),
    ],
)
def test_a_device_is_told_in_words(agent: str, words: str) -> None:
    assert device_words(agent) == words


def made_token(browser: CheckedClient, **data: str) -> str:
    answer = browser.send("/admin/tokens", {"name": "For tests", **data})
    found = re.search(r"atl_[\w-]+", answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)
    return found.group()


def called(world: World, token: str) -> int:
    return world.client(None).get("/api/personas", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_shown_once_used_and_revoked(world: World) -> None:
    browser = confirmed_admin(world)
    token = made_token(browser, scope_personas="read")
    assert called(world, token) == 200
    page = browser.get("/admin/tokens").text
    assert token not in page
    assert "personas read" in page
    found = re.search(r'action="(/admin/tokens/[^"]+/revoke)"', page)
    assert found
    assert browser.send(found.group(1)).status_code == 303
    assert called(world, token) == 401


def test_a_token_ends_with_its_last_day_and_a_publishable_one_reads_nothing(world: World) -> None:
    browser = confirmed_admin(world)
    day = (world.clock.now()).date().isoformat()
    token = made_token(browser, scope_personas="write", expires=day)
    open_one = made_token(browser, scope_personas="write", publishable="y", origins="https://shop.example")
    assert called(world, token) == 200
    assert called(world, open_one) == 403
    world.clock.shift(days=2)
    assert called(world, token) == 401


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "at least one area"),
        ({"scope_leads": "read", "expires": "2020-01-01"}, "over"),
        ({"publishable": "y"}, "Name the sites"),
        ({"publishable": "y", "origins": "shop.example"}, "Write sites such as"),
    ],
)
def test_a_bad_token_form_says_why_and_keeps_what_was_typed(
    world: World, data: dict[str, str], words: str
) -> None:
    answer = confirmed_admin(world).send("/admin/tokens", {"name": "Kept name", **data})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert 'value="Kept name"' in answer.get_data(as_text=True)


def test_the_audit_page_filters_by_who_what_and_when(world: World) -> None:
    browser = world.client("admin")
    browser.send("/sign-out")
    browser.sign_in("admin@test.example", PASSWORD)
    page = browser.get("/admin/audit").text
    assert "Admin" in page
    assert "staff signed out" in page
    assert "no. 1<" in page
    who = browser.get(f"/admin/audit?who={world.staff['admin']}&action=staff.signed_in").text
    assert "2 of 2" in who.replace("\u202f", " ")
    assert "No entry matches" in browser.get("/admin/audit?to=2020-01-01").text
    assert "No entry matches" in browser.get("/admin/audit?from=2999-01-01").text
    assert browser.get("/admin/audit?from=nonsense&who=nonsense&to=9999-12-31").status_code == 200
    assert world.client("editor").get("/admin/audit").status_code == 403


def test_the_settings_page_shows_no_secret(world: World) -> None:
    page = world.client("admin").get("/admin/settings").text
    assert world.services.settings.secret_key not in page
    assert "SESSION_IDLE" in page
    assert "the newest" in page


def test_A1_cookies_are_secure_where_the_address_is(make_world: object) -> None:
    world = make_world(public_url=SECURE)  # type: ignore[operator]  # a callable fixture
    cookie = world.client(None).get("/sign-in").headers["Set-Cookie"]
    assert "Secure" in cookie


def test_check_deploy_names_what_is_unfit(world: World) -> None:
    result = world.app.test_cli_runner().invoke(args=["check", "--deploy", "--json"])
    problems = " ".join(json.loads(result.output)["problems"])
    assert result.exit_code == 1
    assert "ATELIER_ENV" in problems
    assert "https" in problems


def test_O6_production_does_not_start_with_a_short_secret() -> None:
    with pytest.raises(Exception, match="SECRET_KEY"):
        load_settings(atelier_env="production", secret_key="short")


def test_no_session_of_a_removed_person_stays(world: World) -> None:
    world.client("viewer")
    confirmed_admin(world).send(f"/admin/staff/{world.staff['viewer']}/remove")
    with every_company(world.session):
        rows = world.session.scalars(
            select(StaffSession).where(StaffSession.staff_id == world.staff["viewer"])
        ).all()
    assert rows
    assert all(row.ended_at for row in rows)
