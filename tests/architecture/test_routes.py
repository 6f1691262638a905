"""Every route declares what it asks for, in typed kebab-case addresses; the documented table is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import World
from webapp.core.access import Permission, Role, permissions_of, requires, scopes_of
from webapp.core.guard import UndeclaredRoute, check_declared
from webapp.core.wire import Wire

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"/|(/([a-z0-9-]+(\.[a-z]+)?|<(uuid|int|path|string):[a-z_]+>))+")


def routes(world: World) -> list[tuple[str, str, Permission]]:
    """Every (rule, method, permission) but the files'."""
    views = world.app.view_functions
    return [
        (rule.rule, method, getattr(views[rule.endpoint], "permission"))  # noqa: B009  # set on functions
        for rule in world.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if not rule.endpoint.endswith("static")
    ]


def test_B1_every_route_declares_its_permission(world: World) -> None:
    assert all(isinstance(permission, Permission) for _, _, permission in routes(world))


def test_B1_an_application_with_an_undeclared_route_does_not_start() -> None:
    app = Flask("silent")
    app.add_url_rule("/silent", view_func=lambda: "")
    with pytest.raises(UndeclaredRoute, match="lambda"):
        check_declared(app)


def test_addresses_are_kebab_case_with_typed_parameters(world: World) -> None:
    assert [rule for rule, _, _ in routes(world) if not ADDRESS.fullmatch(rule)] == []


def test_unsafe_routes_are_not_for_readers_only(world: World) -> None:
    allowed = {"/sign-in", "/sign-out", "/account/password", "/account/theme", "/account/company"}
    allowed |= {"/invitations/<string:secret>", "/account/confirm", "/account/sessions/<uuid:session_id>/end"}
    allowed |= {"/api/intelligence/preferences", "/leads/preferences", "/leads/notices/read"}  # one's own
    allowed |= {"/leads/notices/<uuid:notice_id>/read", "/api/intelligence/analyze-batch"}  # a question
    shown = "/api/v1/personalize"
    allowed |= {f"{shown}/{what}/<string:user_id>" for what in ("recommendations", "search")}  # questions
    reading = [
        rule
        for rule, method, permission in routes(world)
        if method != "GET"
        and permission in Role.VIEWER.permissions
        and rule not in allowed
        and not re.fullmatch(r"(/[a-z]+){1,2}/(views(/<uuid:view_id>)?|cards)", rule)  # their own, or a file
    ]
    assert reading == []


def filled(rule: str) -> str:
    """The rule with made-up parameters."""
    nothing = "00000000-0000-7000-8000-000000000000"
    return re.sub(r"<(uuid|string|path):[a-z_]+>", nothing, re.sub(r"<int:[a-z_]+>", "1", rule))


def test_nobody_gets_past_a_route_that_is_not_public(world: World) -> None:
    browser = world.client(None)
    for rule, method, permission in routes(world):
        if permission is Permission.PUBLIC:
            continue
        answer = browser.open(filled(rule), method=method)
        wanted = {401, 403} if rule.startswith("/api/") or method != "GET" else {303}
        assert answer.status_code in wanted, (rule, method, answer.status_code)


@pytest.mark.thorough
def test_A8_every_unsafe_route_refuses_a_session_without_its_form_token(world: World) -> None:
    browser = world.client("admin")
    for rule, method, _ in routes(world):
        if method != "GET":
            assert browser.open(filled(rule), method=method).status_code == 403, (rule, method)


@pytest.mark.thorough
@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_admitted_exactly_where_its_permissions_say(
    make_world: Callable[..., World], role: Role
) -> None:
    world = make_world(enable_dynamic_pricing=True)  # what is off refuses everybody
    browser = world.client(role.value)
    token = browser.form_token()
    for rule, method, permission in routes(world):
        if rule in {"/sign-out", "/account/password"} or permission is Permission.PUBLIC:
            continue
        headers = {"X-CSRFToken": token}
        status = browser.open(filled(rule), method=method, headers=headers).status_code
        refused = permission not in role.permissions
        assert (status == 403) == refused, (rule, method, status)


def test_B2_the_table_of_the_documentation_is_the_truth(world: World) -> None:
    text = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(GET|POST|PUT|DELETE) (\S+)` \| ([^|]+) \| ([^|]*) \|$", text, re.MULTILINE))
    real = {
        (
            method,
            rule,
            permission.label,
            ", ".join(role.value for role in Role if permission in role.permissions),
        )
        for rule, method, permission in routes(world)
        if permission is not Permission.PUBLIC
    }
    real |= {(method, rule, "anyone", "") for rule, method, p in routes(world) if p is Permission.PUBLIC}
    assert {(m, r, p.strip(), who.strip()) for m, r, p, who in told} == real


def test_a_view_keeps_the_permission_it_declares() -> None:
    assert requires(Permission.JOBS_READ)(lambda: "").permission is Permission.JOBS_READ  # type: ignore[attr-defined]  # set on functions


def test_a_tokens_scopes_say_what_it_may() -> None:
    assert Permission.PERSONAS_READ in permissions_of(scopes_of("personas:read"))
    assert Permission.PERSONAS_WRITE not in permissions_of(scopes_of("personas:read"))
    assert Permission.PERSONAS_WRITE in permissions_of(scopes_of("personas"))
    assert Permission.COMPANY_MANAGE in permissions_of(scopes_of("all"))
    assert Permission.SIGNED_IN not in permissions_of(scopes_of("all"))
    with pytest.raises(ValueError, match="no scope"):
        scopes_of("everything")


def test_no_two_models_of_calls_share_a_name(world: World) -> None:
    """The document knows a body or an answer by its model's name alone; one would hide the other."""
    assert world.app.url_map
    found = [one for one in _below(Wire) if one.__name__.endswith(("In", "Out"))]
    names = [one.__name__ for one in found if one.__module__.startswith("webapp.")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def _below(model: type) -> set[type]:
    return {one for child in model.__subclasses__() for one in (child, *_below(child))}
