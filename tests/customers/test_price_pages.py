"""The pages of prices: drafted in a form, tried on the catalog, published, put in force again, quoted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import World
from tests.customers.records import a_person, all_of, an_item, did
from tests.customers.test_prices import publish, rule
from tests.pages import CheckedClient
from tests.personas.test_catalog_api import Api
from webapp.core.audit import AuditAction, AuditEntry
from webapp.customers.models import PriceRules

HOME = "/customers/prices"
DRAFT, TRIAL = f"{HOME}/draft", f"{HOME}/trial"
FORM: dict[str, Any] = {
    "rules-fact": ["demand", "lifecycle"],
    "rules-words": ["high", "At risk, dormant"],
    "rules-multiplier": ["1.05", "0.95"],
    "rules-reason": ["much asked for", "we miss you"],
    "floor": "80",
    "ceiling": "120",
    "daily_change": "10",
    "rounding": "0.01",
    "valid_hours": "24",
    "note": "spring",
    "version": "0",
}


def text(browser: CheckedClient, path: str = HOME) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def versions(world: World) -> list[PriceRules]:
    return all_of(world, PriceRules)


@pytest.fixture
def admin(world: World) -> CheckedClient:
    return world.client("admin")


def test_off_says_so_and_how_to_turn_it_on(looked_at: World, make_world: Callable[..., World]) -> None:
    assert "ENABLE_DYNAMIC_PRICING=true" in text(looked_at.client("viewer"))
    admin = make_world(enable_dynamic_pricing=True).client("admin")
    assert "answer 403" not in text(admin)
    admin.send("/customers/settings/switches/dynamic_pricing/off")
    page = text(admin)
    assert "switched off for this company" in page
    assert "/customers/settings#switches" in page


def test_rules_are_drafted_tried_published_and_put_in_force_again(world: World, admin: CheckedClient) -> None:
    assert "No rules are published" in text(admin)
    assert admin.send(DRAFT, FORM).headers["Location"] == TRIAL
    (draft,) = versions(world)
    assert draft.rules["rules"][1]["words"] == ["at_risk", "dormant"]
    assert draft.rules["ceiling"] == "1.2"
    edit = text(admin, DRAFT)
    assert 'value="at risk, dormant"' in edit
    assert 'value="120"' in edit
    assert "A draft waits: it will be version 1" in text(admin)
    assert admin.send(DRAFT, {**FORM, "floor": "90", "version": "1"}).status_code == 303
    admin.send(f"{DRAFT}/publish", {"read": "1"})
    assert "Nothing was published" in text(admin)
    assert admin.send(f"{DRAFT}/publish", {"read": "2"}).status_code == 303
    page = text(admin)
    assert "Version 1 is in force" in page
    assert "Never under 90 % nor over 120 %" in page
    assert admin.send(DRAFT, {**FORM, "floor": "70"}).status_code == 303
    admin.send(f"{DRAFT}/publish", {"read": "1"})
    assert admin.send(f"{HOME}/force", {"number": "1"}).status_code == 303
    assert [(one.number, one.in_force) for one in versions(world)] == [(1, True), (2, False)]
    assert admin.send(f"{HOME}/force", {"number": "9"}).status_code == 404
    assert admin.send(DRAFT, FORM).status_code == 303
    assert admin.send(f"{DRAFT}/discard", {"read": "1"}).status_code == 303
    assert [one.number for one in versions(world)] == [1, 2]
    actions = [one.action for one in all_of(world, AuditEntry)]
    assert actions.count(AuditAction.PRICES_SAVED) == 5
    assert actions.count(AuditAction.PRICES_PUBLISHED) == 3


@pytest.mark.parametrize(
    ("name", "given", "where", "why"),
    [
        ("rules-fact", ["age", "lifecycle"], "rules-0-fact", "Choose what"),
        ("rules-words", ["high", "sleepy"], "rules-1-words", "none of new, active"),
        ("rules-words", ["", "new"], "rules-0-words", "Say for which words"),
        ("rules-words", ["high", ", ".join(f"w{n}" for n in range(60))], "rules-1-words", "at most 50"),
        ("rules-multiplier", ["much", "1"], "rules-0-multiplier", "Write a number"),
        ("rules-multiplier", ["1", "50"], "rules-1-multiplier", "from 0.05 to 5"),
        ("rules-reason", ["", "x"], "rules-0-reason", "Say the reason"),
        ("floor", "101", "floor", "from 5 to 100"),
        ("ceiling", "99", "ceiling", "from 100 to 500"),
        ("daily_change", "NaN", "daily_change", "Write a number"),
        ("rounding", "0", "rounding", "from 0.0001"),
        ("valid_hours", "1.5", "valid_hours", "at most 0 decimals"),
        ("note", "x" * 501, "note", "under 500"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(
    looked_at: World, steering: CheckedClient, name: str, given: Any, where: str, why: str
) -> None:
    answer = steering.send(DRAFT, {**FORM, name: given})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{where}-error"' in page
    assert f'href="#{where}"' in page
    assert why in page
    assert 'value="we miss you"' in page or name == "rules-reason"
    for one in given if isinstance(given, list) else [given]:
        assert one in page
    assert versions(looked_at) == []


@pytest.fixture(scope="module")
def looked_at(module_world: Callable[..., World]) -> World:
    return module_world()


@pytest.fixture(scope="module")
def steering(looked_at: World) -> CheckedClient:
    return looked_at.client("admin")


def test_rows_are_added_and_removed_without_a_script(looked_at: World, steering: CheckedClient) -> None:
    more = steering.send(DRAFT, {**FORM, "move": "rules::add"}).get_data(as_text=True)
    assert more.count('name="rules-fact"') == 3
    less = steering.send(DRAFT, {**FORM, "move": "rules:0:remove"}).get_data(as_text=True)
    assert less.count('name="rules-fact"') == 1
    assert "we miss you" in less
    assert versions(looked_at) == []


def test_two_who_edit_the_draft_see_both_versions(world: World, admin: CheckedClient) -> None:
    assert admin.send(DRAFT, FORM).status_code == 303
    late = admin.send(DRAFT, {**FORM, "floor": "70"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "What is saved now" in page
    assert 'value="70"' in page
    assert admin.send(DRAFT, {**FORM, "floor": "70", "version": "1"}).status_code == 303
    admin.send(f"{DRAFT}/publish", {"read": "2"})
    gone = admin.send(DRAFT, {**FORM, "version": "2"})
    assert gone.status_code == 409
    assert "There is no draft any more" in gone.get_data(as_text=True)


def lines(page: str) -> dict[str, list[str]]:
    """Of each item: base, in force, tried, change."""
    table = page.partition("Prices by item</caption>")[2].partition("</table>")[0]
    rows = re.findall(r'<tr><td class="name"><b>([^<\s]+).*?</tr>', table, re.DOTALL)
    cells = [re.findall(r'class="num">([^<]*)<', row) for row in table.split("<tr>")[2:]]
    return dict(zip(rows, cells, strict=True))


def test_a_draft_is_tried_on_the_catalog_for_typical_and_certain_customers(
    world: World, admin: CheckedClient
) -> None:
    an_item(world, title="Cheap", price="10")
    an_item(world, title="Dear", product_id="p-2", price="200", category="Hats")
    an_item(world, title="Gone", product_id="p-3", available="false")
    ann = a_person(world)
    did(world, ann, ("product_view", "p-1", 200))
    publish(world, rule("category", ("Hats",), "1.1"))
    form = {
        **FORM,
        "rules-fact": ["lifecycle", "category"],
        "rules-words": ["dormant", "Hats"],
        "rules-multiplier": ["0.9", "2"],
    }
    admin.send(DRAFT, form)
    viewer = world.client("viewer")
    plain = text(viewer, TRIAL)
    assert lines(plain) == {
        "Cheap": ["10 EUR", "10 EUR", "10 EUR", "–"],
        "Dear": ["200 EUR", "220 EUR", "240 EUR", "+9.1 %"],
    }
    assert "1 price rises, 0 fall" in plain
    assert "0 prices are held by the floor, 1 by the ceiling" in plain
    assert "Publish version" not in plain
    for query in ("lifecycle=dormant", "user_id=ann"):
        page = text(viewer, f"{TRIAL}?{query}")
        assert lines(page)["Cheap"] == ["10 EUR", "10 EUR", "9 EUR", "\N{MINUS SIGN}10.0 %"]
    assert "a stranger is told the base price" in text(viewer, f"{TRIAL}?user_id=nobody")
    assert lines(text(viewer, f"{TRIAL}?lifecycle=odd&demand=high")) == lines(plain)
    assert "Version 1 on the catalog" in text(viewer, f"{TRIAL}?version=1")
    assert text(viewer, f"{TRIAL}?version=many")


def test_quotes_are_listed_with_their_reasons(make_world: Callable[..., World]) -> None:
    world = make_world(enable_dynamic_pricing=True)
    an_item(world, price="100")
    ann = a_person(world)
    publish(world, rule(by="1.1", why="asked <for> as usual"))
    assert Api(world, "customers")("GET", "/api/v1/personalize/price/ann/p-1").status_code == 200
    viewer = world.client("viewer")
    for path in (HOME, f"{HOME}/quotes", f"/customers/{ann}"):
        page = text(viewer, path)
        assert "asked &lt;for&gt; as usual" in page
        assert "110 EUR" in page


def test_only_admins_write_and_other_companies_see_nothing(world: World, admin: CheckedClient) -> None:
    publish(world, rule(why="ours alone"))
    assert "ours alone" in text(admin)
    for role in ("viewer", "editor"):
        browser = world.client(role)
        assert "Draft new rules" not in text(browser)
        assert browser.get(DRAFT).status_code == 403
        for path in (DRAFT, f"{DRAFT}/publish", f"{DRAFT}/discard", f"{HOME}/force"):
            assert browser.send(path, FORM).status_code == 403
    stranger = world.client(None)
    stranger.sign_in("stranger@test.example", "correct horse battery")
    assert "ours alone" not in text(stranger)
    assert stranger.send(f"{HOME}/force", {"number": "1"}).status_code == 404
    assert world.client(None).get(HOME).status_code == 303
