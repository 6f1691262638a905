"""The demo data: complete, consistent, and fit to show what the drafter does with it."""

import re

import pytest

from webapp.personas.answer import FIELDS
from webapp.personas.demo import COMPANY, CONTACTS, ENRICHMENTS, PERSONAS, PRODUCTS
from webapp.personas.enrichment import read_enrichment
from webapp.personas.facts import Brief
from webapp.personas.rules import draft_persona
from webapp.personas.rules.draft import write
from webapp.personas.rules.reading import read

ACCIDENTS = re.compile(
    r"\b(\w{3,}) \1\b|\ba [aeio]\w|\ban [bcdfgjklmnpqrstvwxz][a-z]|\bthey (?:needs|wants|is|has)\b"
    r"|\s[.,;?]|  |[{}]|\.\.|,,|\bto to\b",
    re.IGNORECASE,
)


def test_there_is_enough_to_look_around_in():
    assert (len(PRODUCTS), len(CONTACTS), len(PERSONAS), len(ENRICHMENTS)) == (4, 12, 4, 2)
    assert any("\u0600" <= letter <= "\u06ff" for one in CONTACTS for letter in one.name)
    assert any(one.title is None for one in CONTACTS)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda one: one.person_name)
def test_finished_personas_have_all_eleven_fields_and_fit_products_that_exist(persona):
    assert all(getattr(persona, field.name) for field in FIELDS)
    assert {fit.product for fit in persona.fits} <= {product.key for product in PRODUCTS}
    assert all(len(getattr(persona, field.name)) <= field.longest for field in FIELDS if not field.many)


def test_one_persona_fits_no_product_yet_so_that_the_notice_can_be_seen():
    assert [persona.person_name for persona in PERSONAS if not persona.fits] == [
        "The one-room physiotherapist"
    ]


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda one: one.key)
def test_every_contact_and_document_can_be_drafted_for_every_product(product):
    people = [*CONTACTS, *(read_enrichment(document)[0] for document in ENRICHMENTS)]
    for person in people:
        draft = draft_persona(Brief(company=COMPANY, product=product.facts, person=person))
        assert draft.need_for_our_product
        assert person.name not in draft.model_dump_json()


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda one: one.key)
def test_no_variant_of_any_draft_has_an_accident_of_grammar(product):
    for person in CONTACTS:
        reading = read(Brief(company=COMPANY, product=product.facts, person=person))
        for shift in range(5):
            for field in write(reading, shift).values():
                for text in (field.value,) if isinstance(field.value, str) else field.value:
                    assert not ACCIDENTS.search(text), text
