"""Products: written, found, changed by two people at once, deleted; nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.pages import CheckedClient
from webapp.core.access import Role
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import new_id, scope_to, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.personas.models import Draft, Product
from webapp.personas.products import PRODUCTS

TEXTS = {"name": "RehaFlow", "description": "Plans home exercises", "value_proposition": "Fewer no-shows"}
NEW = "/products/new"


def make(world: World, company_id: UUID | None = None, **texts: str) -> Product:
    actor = world.actor(company_id=company_id)
    return PRODUCTS.create(
        world.session, actor, {**TEXTS, **texts}, clock=world.clock, auditor=world.services.auditor
    )


def confined(world: World, company_id: UUID | None = None) -> Session:
    """The test's session in a company, with nothing remembered of what browsers have changed since."""
    scope_to(world.session, company_id or world.company_id)
    world.session.expire_all()
    return world.session


def saved(world: World, product_id: UUID) -> Product:
    return PRODUCTS.find(confined(world), product_id)


def products(world: World) -> list[Product]:
    confined(world)
    return list(world.session.scalars(select(Product).order_by(Product.id)))


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.get_data(as_text=True))
    assert found, name
    return unescape(found.group(1))


def edit(browser: CheckedClient, product_id: UUID, version: str, **texts: str) -> TestResponse:
    data = {**TEXTS, "version": version, **texts}
    return browser.send(f"/products/{product_id}", data)


def test_a_new_product_is_saved_shown_and_traced(world: World) -> None:
    browser = world.client()
    answer = browser.send("/products", {**TEXTS, "price_note": "40 EUR a seat"}, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "The product is saved." in page
    assert "40 EUR a seat" in page
    (product,) = products(world)
    trace = world.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == product.id)).one()
    assert (trace.action, trace.staff_id) == (AuditAction.PRODUCT_CREATED, world.staff["editor"])
    assert set(trace.changes) == {"name", "description", "value_proposition", "price_note"}
    assert "RehaFlow" not in str(trace.changes)


def test_one_form_sent_twice_makes_one_product(world: World) -> None:
    browser = world.client()
    once = hidden(browser.get(NEW), "once")
    first, second = (browser.send("/products", {**TEXTS, "once": once}) for _ in range(2))
    assert first.location == second.location
    assert len(products(world)) == 1
    browser.send("/products", {**TEXTS, "name": "Another", "once": once})
    assert [row.name for row in products(world)] == ["RehaFlow", "Another"]


def test_what_cannot_be_saved_comes_back_with_its_reasons(world: World) -> None:
    answer = world.client().send("/products", {"name": "", "description": "kept text", "price_note": "x\0y"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<title>Error: New product" in page
    assert '<a href="#name">Name the product.</a>' in page
    assert "kept text" in page
    answer = world.client().send("/products", {**TEXTS, "price_note": "x\0y"})
    assert answer.status_code == 422
    assert "NUL" in answer.get_data(as_text=True)
    long = world.client().send("/products", {**TEXTS, "name": "n" * 201})
    assert "Keep this under 200 characters." in long.get_data(as_text=True)
    assert products(world) == []


def test_new_lines_are_stored_in_one_way(world: World) -> None:
    world.client().send("/products", {**TEXTS, "description": " one\r\ntwo \r\n"})
    assert products(world)[0].description == "one\ntwo"


def test_a_product_asked_for_by_a_persona_goes_back_to_it(world: World) -> None:
    browser = world.client()
    back = f"/personas/builder/{uuid4()}?step=2&productId=old"
    page = browser.get(NEW, query_string={"return": back}).get_data(as_text=True)
    assert "Save and go back to the persona" in page
    action = unescape(re.search(r'action="(/products\?return=[^"]+)"', page).group(1))  # type: ignore[union-attr]
    failed = browser.send(action, {"name": ""})
    assert "Save and go back to the persona" in failed.get_data(as_text=True)
    answer = browser.send(action, TEXTS)
    (product,) = products(world)
    assert answer.location == back.replace("productId=old", f"productId={product.id}")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_A4_going_back_never_leaves_the_site(world: World, back: str) -> None:
    browser = world.client()
    page = browser.get(NEW, query_string={"return": back}).get_data(as_text=True)
    assert "evil" not in page.split("<main")[1]
    answer = browser.post(
        "/products", query_string={"return": back}, data={**TEXTS, "csrf_token": browser.form_token()}
    )
    assert answer.location == f"/products/{products(world)[0].id}"


def test_an_edit_makes_a_version_and_an_unchanged_one_does_not(world: World) -> None:
    product, browser = make(world), world.client()
    page = browser.get(f"/products/{product.id}/edit")
    assert "Plans home exercises" in page.get_data(as_text=True)
    answer = edit(browser, product.id, hidden(page, "version"), description="Better words")
    assert answer.location == f"/products/{product.id}"
    row = saved(world, product.id)
    assert (row.description, row.version) == ("Better words", 2)
    edit(browser, product.id, "2", description="Better words")
    assert saved(world, product.id).version == 2
    traces = world.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == product.id)).all()
    changed = [trace.changes for trace in traces if trace.action is AuditAction.PRODUCT_CHANGED]
    assert [list(changes) for changes in changed] == [["description"]]


def test_D1_the_second_of_two_editors_sees_both_texts(world: World) -> None:
    product, mine, theirs = make(world), world.client("editor"), world.client("admin")
    version = hidden(mine.get(f"/products/{product.id}/edit"), "version")
    edit(theirs, product.id, version, description="their description")
    answer = edit(mine, product.id, version, description="my description", price_note="my note")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert re.search(r"<textarea[^>]*>\s*my description</textarea>", page)
    assert "my note" in page
    assert '<p class="text">their description</p>' in page
    assert saved(world, product.id).description == "their description"
    again = edit(mine, product.id, hidden(answer, "version"), description="my description")
    assert again.status_code == 303
    assert saved(world, product.id).description == "my description"


def test_an_edit_of_what_was_deleted_meanwhile_keeps_the_text(world: World) -> None:
    product, browser = make(world), world.client()
    assert browser.send(f"/products/{product.id}/delete").location == "/products"
    answer = edit(browser, product.id, "1", description="long typed text")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "long typed text" in page
    assert 'action="/products"' in page


def test_a_broken_version_is_a_conflict_or_a_mended_form_never_a_save(world: World) -> None:
    product, browser = make(world), world.client()
    for version, status in (("x", 422), ("", 409), ("99999999999999999999", 409), ("-1", 409)):
        assert edit(browser, product.id, version, description="other").status_code == status
    assert saved(world, product.id).version == 1


def test_deleting_keeps_the_drafts_made_with_it(world: World) -> None:
    product_id = make(world).id
    now = world.clock.now()
    with unit(world.session) as session:
        draft = Draft(
            id=new_id(), product_id=product_id, fields={"title": "kept"}, created_at=now, updated_at=now
        )
        session.add(draft)
    page = world.client().send(f"/products/{product_id}/delete", follow_redirects=True)
    assert "The product is deleted." in page.get_data(as_text=True)
    kept = confined(world).scalars(select(Draft)).one()
    assert (kept.product_id, kept.fields) == (None, {"title": "kept"})
    actions = world.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == product_id))
    assert AuditAction.PRODUCT_DELETED in set(actions)


def test_the_list_is_searched_sorted_and_paged_in_its_address(world: World) -> None:
    for number in range(30):
        make(world, name=f"Product {number:02}")
    browser = world.client()
    page = browser.get("/products?sort=-name").get_data(as_text=True)
    assert page.index("Product 29") < page.index("Product 05")
    assert "Product 04" not in page
    assert "25 of 30 products" in page
    following = unescape(re.search(r'rel="next" href="([^"]+)"', page).group(1))  # type: ignore[union-attr]
    rest = browser.part(following).get_data(as_text=True)
    assert "<html" not in rest
    assert "Product 04" in rest
    found = browser.get("/products?q=product+1&size=50").get_data(as_text=True)
    assert "10 of 10 products" in found
    assert "Clear" in found
    assert "No product matches" in browser.get("/products?q=zebra").get_data(as_text=True)
    assert browser.get("/products", query_string={"q": "a\0"}).status_code == 400


def test_an_empty_list_says_what_to_do(world: World) -> None:
    assert "No products yet" in world.client().get("/products").get_data(as_text=True)
    viewer = world.client("viewer").get("/products").get_data(as_text=True)
    assert "No products yet" in viewer
    assert NEW not in viewer


def test_a_product_leads_to_a_persona_for_it(world: World) -> None:
    product, browser = make(world), world.client()
    page = browser.get(f"/products/{product.id}").get_data(as_text=True)
    assert f'href="/personas/builder?productId={product.id}"' in page
    assert "Delete this product?" in page


def test_what_people_write_stays_text(world: World) -> None:
    payload = "<script>alert(1)</script>"
    product = make(world, name=payload, description=payload)
    for path in ("/products", f"/products/{product.id}", f"/products/{product.id}/edit"):
        assert payload not in world.client().get(path).get_data(as_text=True)


def test_B3_another_companys_product_is_not_there(world: World) -> None:
    theirs, browser = make(world, world.other_id), world.client("admin")
    for path in (f"/products/{theirs.id}", f"/products/{theirs.id}/edit"):
        assert browser.get(path).status_code == 404
    assert edit(browser, theirs.id, "1", description="mine").status_code == 404
    assert browser.send(f"/products/{theirs.id}/delete").status_code == 404
    assert "RehaFlow" not in browser.get("/products").get_data(as_text=True)
    assert PRODUCTS.find(confined(world, world.other_id), theirs.id).description == TEXTS["description"]


def test_a_viewer_reads_and_changes_nothing(world: World) -> None:
    product, browser = make(world), world.client("viewer")
    page = browser.get(f"/products/{product.id}").get_data(as_text=True)
    assert "Delete" not in page
    for path in (NEW, f"/products/{product.id}/edit"):
        assert browser.get(path).status_code == 403
    for path in ("/products", f"/products/{product.id}", f"/products/{product.id}/delete"):
        assert browser.send(path, {**TEXTS, "version": "1"}).status_code == 403
    assert saved(world, product.id).version == 1


def test_B4_fields_the_form_does_not_name_change_nothing(world: World) -> None:
    extra = {"id": str(uuid4()), "company_id": str(world.other_id), "created_at": "2001-01-01"}
    world.client().send("/products", {**TEXTS, **extra})
    (product,) = products(world)
    assert (str(product.id) != extra["id"], product.company_id) == (True, world.company_id)


def test_the_deeds_refuse_what_no_form_would_send(world: World) -> None:
    product, actor = make(world), world.actor(Role.EDITOR)
    clients = {"clock": world.clock, "auditor": world.services.auditor}
    with pytest.raises(Conflict):
        PRODUCTS.change(world.session, actor, product.id, {**TEXTS, "name": "x"}, 7, **clients)
    with pytest.raises(NotFound):
        PRODUCTS.change(world.session, actor, uuid4(), TEXTS, 1, **clients)
    with pytest.raises(NotFound):
        PRODUCTS.delete(world.session, actor, uuid4(), auditor=world.services.auditor)
    with pytest.raises(DomainError) as refused:
        PRODUCTS.create(world.session, actor, {"name": " ", "description": "d" * 20_001}, **clients)
    assert set(refused.value.details) == {"name", "description"}
