"""The cross-section: every cell leads to the list it counts; products without a persona are named."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.conftest import World
from tests.personas.fits import COURSE, PLANTED, confined, persona, product
from webapp.personas.crossing import matrix_of

ROW = re.compile(r'<td class="name">')


def test_an_empty_company_is_told_what_the_page_is_for(world: World) -> None:
    page = world.client().get("/personas/cross-section").get_data(as_text=True)
    assert "No personas yet" in page
    assert "No products found." in page


@pytest.mark.thorough
def test_every_count_leads_to_as_many_personas(world: World) -> None:
    for industry, size, count in (
        ("Health", "2–10", 2),
        ("Health", "", 1),
        ("", "201–1,000", 3),
        ("", "", 1),
    ):
        for number in range(count):
            persona(world, personName=f"P{number}", industry=industry, companySize=size)
    persona(world, world.other_id, industry="Theirs")
    matrix = matrix_of(confined(world))
    assert (matrix.total, matrix.without_fit, matrix.beyond) == (7, 7, 0)
    assert matrix.sizes == ("2–10", "201–1,000", "")
    assert [(row.industry, row.counts) for row in matrix.rows] == [("Health", (2, 0, 1)), ("", (0, 3, 1))]
    browser = world.client("viewer")
    page = browser.get("/personas/cross-section").get_data(as_text=True)
    assert "Theirs" not in page
    links = re.findall(r'href="(/personas\?[^"]+)"[^>]*>(?:[^<\d]*)(\d+)?', page)
    counted = [(unescape(href), int(count)) for href, count in links if count]
    assert len(counted) >= 7
    for href, count in counted:
        assert len(ROW.findall(browser.get(href).get_data(as_text=True))) == count, href


def test_products_that_no_persona_fits_are_named(world: World) -> None:
    here, shelf = persona(world), product(world)
    product(world, **COURSE)
    browser = world.client()
    browser.send(f"/personas/{here.id}/fits", {"product_id": str(shelf.id), "valuePropToThem": "x"})
    page = browser.get("/personas/cross-section").get_data(as_text=True)
    assert "No persona fits 1 product yet" in page
    assert page.index("Hands-On Campus") < page.index("ShelfSense")
    assert "each has a product" in page
    listed = browser.get(f"/personas?fit={shelf.id}").get_data(as_text=True)
    assert len(ROW.findall(listed)) == 1
    assert "ShelfSense" in listed
    assert "No persona matches" in browser.get("/personas?fit=none").get_data(as_text=True)
    assert "No persona matches" in browser.get("/personas?fit=nonsense").get_data(as_text=True)


def test_C2_payloads_come_out_as_text(world: World) -> None:
    persona(world, industry=PLANTED, companySize=PLANTED)
    product(world, name=PLANTED)
    page = world.client().get("/personas/cross-section").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<b hx-get" not in page
