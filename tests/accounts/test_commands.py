"""Companies, staff and tokens from the command line: exit status, sentences, one JSON document."""

from __future__ import annotations

import json

import pytest
from click.testing import Result

from tests.conftest import World
from webapp.core.access import Permission
from webapp.core.db import scope_to


def run(world: World, *words: str, stdin: str = "") -> Result:
    return world.app.test_cli_runner().invoke(args=list(words), input=stdin)


def test_a_company_its_staff_and_a_token_are_made(world: World) -> None:
    assert run(world, "company", "create", "new-co", "--name", "New Co").exit_code == 0
    words = (
        "staff",
        "create",
        "ann@new.example",
        "--company",
        "new-co",
        "--role",
        "admin",
        "--password-stdin",
    )
    assert run(world, *words, stdin="a long password\n").exit_code == 0
    browser = world.client(None)
    browser.sign_in("ann@new.example", "a long password")
    made = run(world, "tokens", "create", "--company", "new-co", "--scope", "personas:read", "--json")
    token = json.loads(made.output)["token"]
    answer = world.client(None).get("/api/personas", headers={"Authorization": f"Bearer {token}"})
    assert answer.json == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("company", "create", "acme", "--name", "Again"), "already"),
        (("company", "create", "Bad Key", "--name", "X"), "lower-case"),
        (
            ("staff", "create", "no-address", "--company", "acme", "--role", "viewer", "--password-stdin"),
            "e-mail",
        ),
        (
            ("staff", "create", "a@b.example", "--company", "none", "--role", "viewer", "--password-stdin"),
            "no company",
        ),
        (("staff", "password", "nobody@b.example", "--password-stdin"), "no account"),
        (("tokens", "create", "--company", "acme", "--scope", "everything"), "no scope"),
        (
            ("tokens", "create", "--company", "acme", "--scope", "all", "--staff", "stranger@test.example"),
            "belong",
        ),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence_and_status_1(
    world: World, words: tuple[str, ...], why: str
) -> None:
    result = run(world, *words, stdin="a long password\n")
    assert result.exit_code == 1
    assert why in result.output
    assert "Traceback" not in result.output


def test_a_short_password_is_refused(world: World) -> None:
    words = ("staff", "create", "ann@b.example", "--company", "acme", "--role", "viewer", "--password-stdin")
    assert run(world, *words, stdin="short\n").exit_code == 1


def test_failures_are_json_too_when_asked(world: World) -> None:
    result = run(world, "company", "create", "acme", "--name", "Again", "--json")
    assert json.loads(result.output.splitlines()[0])["success"] is False


@pytest.mark.thorough
def test_the_demo_company_is_loaded_and_cleared(world: World) -> None:
    assert run(world, "demo", "load").exit_code == 0
    assert run(world, "demo", "load").exit_code == 1
    assert run(world, "demo", "clear").exit_code == 0
    assert run(world, "demo", "clear").exit_code == 1


def test_every_group_has_help(world: World) -> None:
    for name in ("company", "staff", "tokens", "demo", "llm"):
        result = run(world, name, "--help")
        assert result.exit_code == 0
        assert "Commands:" in result.output


def test_the_operator_holds_every_permission(world: World) -> None:
    scope_to(world.session, world.company_id)
    assert world.actor().permissions < frozenset(Permission)
