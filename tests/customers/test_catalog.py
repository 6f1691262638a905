"""The catalog: prices exact in any currency, rows listed, edited, imported, exported, called for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.customers.records import ITEM, all_of, an_item, clients
from tests.pages import CheckedClient
from tests.personas.test_catalog_api import Api, told
from tests.personas.test_importing import checked, counts, report, write
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.customers.lists import ITEMS
from webapp.customers.models import CatalogItem
from webapp.customers.records import around_of

HOME, CALLS = "/customers/catalog", "/api/v1/catalog"
WIRE: dict[str, Any] = {
    **ITEM,
    "price": "89.9",
    "available": True,
    "attributes": {"brand": "Ruk", "size": 42},
}


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, "customers")


@pytest.mark.parametrize(
    ("currency", "price", "minor", "text"),
    [
        ("EUR", "89.9", 8_990, "89.90"),
        ("JPY", "9000", 9_000, "9000"),
        ("kwd", " 0.001 ", 1, "0.001"),
        ("", "5", 500, "5.00"),
        ("EUR", "0", 0, "0.00"),
        ("EUR", "", None, ""),
    ],
)
def test_prices_are_kept_in_minor_units(
    world: World, currency: str, price: str, minor: int | None, text: str
) -> None:
    item = an_item(world, currency=currency, price=price)
    assert item.price_minor == minor
    assert ITEMS.texts(item)["price"] == text


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("product_id", "a/b", "slash"),
        ("product_id", "x" * 201, "under 200"),
        ("title", " ", "Say what"),
        ("title", "x" * 301, "under 300"),
        ("category", "x" * 101, "under 100"),
        ("price", "much", "no amount"),
        ("price", "-1", "negative"),
        ("price", "0.001", "EUR has 2 decimals"),
        ("currency", "Euro", "three letters"),
        ("available", "perhaps", "yes or no"),
        ("+price", "1", "is a column"),
        ("+brand", "x" * 501, "under 500"),
        ("+brand", "a\0", "NUL"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(world: World, field: str, text: str, why: str) -> None:
    world.actor()
    with pytest.raises(DomainError) as refused:
        ITEMS.clean({**ITEM, field: text}, around_of(world.session))
    name = field.replace("+", "attributes.")
    assert list(refused.value.details) == [name]
    assert why in refused.value.details[name]


def test_an_item_is_changed_as_read_and_traced(world: World) -> None:
    item, common = an_item(world, **{"+brand": "Ruk"}), clients(world)
    texts = ITEMS.texts(item)
    same = ITEMS.change(world.session, world.actor(), item.id, texts, 1, **common)
    assert same.version == 1
    gone = {name: text for name, text in texts.items() if name != "+brand"}
    changed = ITEMS.change(world.session, world.actor(), item.id, {**gone, "price": "80"}, 1, **common)
    assert (changed.version, changed.price_minor, changed.attributes) == (2, 8_000, {})
    with pytest.raises(Conflict):
        ITEMS.change(world.session, world.actor(), item.id, texts, 1, **common)
    traced = select(AuditEntry.changes).where(AuditEntry.action == AuditAction.ITEM_CHANGED)
    assert [set(one) for one in world.session.scalars(traced)] == [{"price", "+brand"}]


def test_an_id_stands_once_in_a_company_and_no_other_company_sees_it(world: World) -> None:
    an_item(world)
    theirs = an_item(world, world.other_id)
    with pytest.raises(DomainError, match="Another item"):
        an_item(world)
    world.actor()
    assert ITEMS.named(world.session, "p-1").id != theirs.id
    with pytest.raises(NotFound):
        ITEMS.delete(world.session, world.actor(), theirs.id, auditor=world.services.auditor)


def test_an_item_is_added_listed_edited_and_deleted_on_its_pages(
    world: World, browser: CheckedClient
) -> None:
    assert "Nothing in the catalog yet" in browser.get(HOME).get_data(as_text=True)
    new = browser.get(f"{HOME}/new").get_data(as_text=True)
    once = re.findall(r'name="once"[^>]*value="(\w+)"', new)[0]
    form = {**ITEM, "product_id": "", "once": once, "version": "0"}
    pairs = {"attributes-name": "brand", "attributes-value": "Ruk"}
    for _ in range(2):  # a second press makes no second item
        assert browser.send(HOME, {**form, **pairs}).status_code == 303
    (item,) = all_of(world, CatalogItem)
    assert (item.identifier[:2], item.attributes) == ("P-", {"brand": "Ruk"})
    an_item(world, title="Ärmelweste", product_id="p-2", category="Vests", available="false")
    page = browser.get(f"{HOME}?category=Vests").get_data(as_text=True)
    assert "Ärmelweste" in page
    assert "Trail shoe" not in page
    for query, there in (
        ("available=yes", "Trail shoe"),
        ("available=no", "Ärmelweste"),
        ("q=arm", "Ärmelweste"),
    ):
        page = browser.get(f"{HOME}?{query}&sort=-price").get_data(as_text=True)
        assert [name for name in ("Trail shoe", "Ärmelweste") if name in page] == [there]
    assert "No item matches" in browser.get(f"{HOME}?q=zzz").get_data(as_text=True)
    here = f"{HOME}/{item.id}"
    assert 'value="89.90"' in browser.get(f"{here}/edit").get_data(as_text=True)
    more = browser.send(here, {**form, **pairs, "version": "1", "move": "attributes::add"})
    assert more.status_code == 200
    assert 'aria-label="Name of attribute 2"' in more.get_data(as_text=True)
    wrong = browser.send(here, {**form, "product_id": "p-9", "price": "1.234", "version": "1"})
    assert wrong.status_code == 422
    assert "EUR has 2 decimals" in wrong.get_data(as_text=True)
    assert browser.send(here, {**form, "product_id": "p-2", "version": "1"}).status_code == 422
    assert browser.send(here, {**form, "product_id": "p-9", "version": "1"}).status_code == 303
    late = browser.send(here, {**form, "product_id": "p-8", "version": "1"})
    assert late.status_code == 409
    assert "p-9" in late.get_data(as_text=True)
    assert browser.send(f"{here}/delete").status_code == 303
    assert browser.send(here, {**form, "product_id": "p-9", "version": "2"}).status_code == 404
    assert [one.identifier for one in all_of(world, CatalogItem)] == ["p-2"]


def test_B1_a_viewer_reads_and_changes_nothing(world: World) -> None:
    item = an_item(world)
    viewer = world.client("viewer")
    page = viewer.get(HOME).get_data(as_text=True)
    assert "Trail shoe" in page
    assert "New item" not in page
    for path in (HOME, f"{HOME}/{item.id}", f"{HOME}/{item.id}/delete", f"{HOME}/selected"):
        assert viewer.send(path, ITEM).status_code == 403
    for path in (f"{HOME}/new", f"{HOME}/{item.id}/edit"):
        assert viewer.get(path).status_code == 403


def test_B3_another_companys_item_is_not_there(world: World, browser: CheckedClient, api: Api) -> None:
    theirs = an_item(world, world.other_id)
    assert browser.get(f"{HOME}/{theirs.id}/edit").status_code == 404
    assert browser.send(f"{HOME}/{theirs.id}", {**ITEM, "version": "1"}).status_code == 404
    assert browser.send(f"{HOME}/{theirs.id}/delete").status_code == 404
    assert "Trail shoe" not in browser.get(HOME).get_data(as_text=True)
    assert told(api("GET", f"{CALLS}/p-1")) == told(api("DELETE", f"{CALLS}/p-1")) == (404, "not_found")


def test_an_item_is_created_read_changed_listed_and_deleted_by_calls(api: Api) -> None:
    made = api("POST", CALLS, WIRE)
    assert made.status_code == 201
    attributes = {"brand": "Ruk", "size": "42"}
    assert made.json == made.json | {"id": "p-1", "price": "89.90", "version": 1, "attributes": attributes}
    here = f"{CALLS}/p-1"
    assert api("GET", here).json == made.json
    changed = api("PUT", here, {"title": "Shoe", "version": 1}).json
    assert (changed["price"], changed["currency"], changed["attributes"]) == (None, None, {})
    assert told(api("PUT", here, {"title": "Shoe 2", "version": 1})) == (409, "conflict")
    assert api("GET", CALLS).json == {"items": [changed], "next": None}
    read = {name: one for name, one in changed.items() if name not in {"created_at", "updated_at"}}
    again = api("PUT", here, {**read, "price": "5", "currency": "EUR"}).json
    assert (again["product_id"], again["price"], again["version"]) == ("p-1", "5.00", 3)
    for field in ("id", "product_id"):
        refused = api("PUT", here, {**read, "version": 3, field: "p-2"})
        assert (told(refused), list(refused.json["details"])) == ((422, "invalid"), [field])
    assert api("POST", CALLS, {"title": "No id"}).json["product_id"].startswith("P-")
    assert api("DELETE", here).status_code == 204
    assert told(api("GET", here)) == told(api("GET", f"{CALLS}/a%00b")) == (404, "not_found")


REFUSED: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"product_id": ""}, (400, "invalid")),
    ({"product_id": "a/b"}, (422, "invalid")),
    ({"product_id": "taken"}, (422, "taken")),
    ({"title": " "}, (400, "invalid")),
    ({"price": "much"}, (400, "invalid")),
    ({"price": -1}, (400, "invalid")),
    ({"price": True}, (400, "invalid")),
    ({"price": "1.234"}, (422, "invalid")),
    ({"currency": "Euro"}, (400, "invalid")),
    ({"available": "yes"}, (400, "invalid")),
    ({"unknown": 1}, (400, "invalid")),
]


def test_an_item_that_cannot_be_saved_is_refused_by_its_field(api: Api) -> None:
    an_item(api.world, product_id="taken")
    for change, refusal in REFUSED:
        refused = api("POST", CALLS, WIRE | change)
        assert told(refused) == refusal, change
        assert set(refused.json["details"]) == set(change)


def test_a_token_that_only_reads_changes_nothing(world: World) -> None:
    reader = Api(world, "customers:read")
    an_item(world)
    assert reader("GET", CALLS).status_code == 200
    assert told(reader("POST", CALLS, WIRE))[0] == told(reader("DELETE", f"{CALLS}/p-1"))[0] == 403


HEADER = "Product ID;Name;Category;Price;Currency;In stock;brand"


def imported(world: World, browser: CheckedClient, content: str | bytes, *keep: str) -> str:
    boxes: Any = list(keep)
    return checked(world, browser, content, "catalog", keep=boxes)


def test_items_are_imported_and_found_again(world: World, browser: CheckedClient) -> None:
    an_item(world, product_id="p-1", **{"+brand": "Ruk", "+colour": "red"})
    an_item(world, product_id="p-2", available="false")
    rows = ["p-1;Trail shoe;Shoes;79;EUR;;", "p-2;Trail shoe;Shoes;89.90;eur;;", "p-3;Vest;;9000;JPY;no;Ruk"]
    content = "\n".join([HEADER, *rows])
    address = imported(world, browser, content, "brand")
    assert counts(world, address) == (1, 1, 1, 0)
    write(world, browser, address)
    one, two, three = all_of(world, CatalogItem)
    assert (one.price_minor, one.version, one.attributes) == (7_900, 2, {"brand": "Ruk", "colour": "red"})
    assert (two.available, two.version) == (False, 1)  # an empty cell leaves what is saved
    assert (three.price_minor, three.available, three.attributes) == (9_000, False, {"brand": "Ruk"})
    assert counts(world, imported(world, browser, content, "brand")) == (0, 0, 3, 0)


def test_bad_rows_are_named_by_their_columns(world: World, browser: CheckedClient) -> None:
    rows = [HEADER, ";a;;1;EUR;;", "a;;;1;EUR;;", "b;b;;1.5;JPY;;", "c;c;;x;EUR;;"]
    rows += ["d;d;;1;Euros;;", "e;e;;1;EUR;?;"]
    address = imported(world, browser, "\n".join(rows))
    names = [row["Column"] for row in report(browser, address)]
    assert names == ["Product", "Title", "Price", "Price", "Currency", "Available"]


def test_C3_what_was_exported_comes_back_unchanged(world: World, browser: CheckedClient) -> None:
    an_item(world, product_id="=p-1", title="-Shoe", **{"+brand": "Ruk; Söhne", "+zip": "01067"})
    an_item(world, product_id="p-2", price="", currency="", category="")
    an_item(world, product_id="p-3", price="250000", currency="JPY", available="no")
    for form in ("csv", "json"):
        file = browser.get(f"{HOME}/export?format={form}").get_data()
        assert counts(world, imported(world, browser, file, "brand", "zip")) == (0, 0, 3, 0), form
    items = json.loads(browser.get(f"{HOME}/export?format=json&available=no").get_data())["items"]
    assert [(one["product_id"], one["price"]) for one in items] == [("p-3", "250000")]
