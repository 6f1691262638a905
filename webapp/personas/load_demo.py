"""Loads the demo company's products, contacts and personas with their fits, and one draft that waits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.personas.answer import FIELDS
from webapp.personas.demo import CONTACTS, PERSONAS, PRODUCTS, DemoFit, DemoPersona
from webapp.personas.facts import PersonFacts
from webapp.personas.fits import COLUMNS
from webapp.personas.merge import Fields, clean
from webapp.personas.models import Contact, Draft, Persona, PersonaVersion, Product, ProductFit, Source
from webapp.personas.provenance import Origin, stored
from webapp.personas.rows import fields_of, put_fields

AUTHOR = "Ines Brandt"
CONTACT_FIELDS = tuple(PersonFacts.model_fields.keys() - {"headline", "facts"})


def load_personas_demo(session: Session, actor: Actor, clock: Clock) -> None:
    """Fill the session's company, in one unit. Rows are a day apart, so that lists have an order."""
    del actor  # the demo's own audit row says who loaded it
    now = clock.now()
    with unit(session):
        products: dict[str, Product] = {}
        for age, product in enumerate(reversed(PRODUCTS)):
            products[product.key] = _product(product.facts.model_dump(), now - timedelta(days=30 + age))
        session.add_all(products.values())
        for age, contact in enumerate(reversed(CONTACTS)):
            session.add(_contact(contact, now - timedelta(days=10 + age)))
        for age, persona in enumerate(PERSONAS):
            at = now - timedelta(days=1 + age)
            saved = _add_persona(session, persona, at)
            session.add_all(_fit(saved, products[fit.product], fit, at) for fit in persona.fits)
        session.flush()
        session.add(_draft(now - timedelta(hours=3)))


def _product(facts: dict[str, str | None], at: datetime) -> Product:
    texts: Any = {name: text or "" for name, text in facts.items()}
    return Product(**texts, created_at=at, updated_at=at)


def _contact(facts: PersonFacts, at: datetime) -> Contact:
    values: Any = {name: getattr(facts, name) or "" for name in CONTACT_FIELDS}
    return Contact(**values, created_at=at, updated_at=at)


def _add_persona(session: Session, demo: DemoPersona, at: datetime) -> Persona:
    texts = asdict(demo)
    fields: Fields = {
        spec.wire: clean(spec.wire, list(texts[spec.name]) if spec.many else texts[spec.name])
        for spec in FIELDS
    }
    origin = stored(Origin("own", edited_by=AUTHOR, edited_at=at))
    persona = Persona(person_name="", title="", created_at=at, updated_at=at)
    put_fields(persona, fields)
    persona.provenance = {wire: origin for wire, value in fields.items() if value}
    session.add(persona)
    session.flush()
    session.add(
        PersonaVersion(
            persona_id=persona.id,
            number=1,
            fields=dict(fields_of(persona)),
            provenance=persona.provenance,
            saved_at=at,
            saved_by=AUTHOR,
            reason="created",
        )
    )
    return persona


def _fit(persona: Persona, product: Product, demo: DemoFit, at: datetime) -> ProductFit:
    origin = stored(Origin("own", edited_by=AUTHOR, edited_at=at))
    return ProductFit(
        persona_id=persona.id,
        product_id=product.id,
        value_prop_to_them=demo.value_prop_to_them,
        alignment_reasoning=demo.alignment_reasoning,
        provenance=dict.fromkeys(COLUMNS, origin),
        created_at=at,
        updated_at=at,
    )


def _draft(at: datetime) -> Draft:
    text = "The ward sister who orders supplies for three wards and has no time to compare catalogues."
    return Draft(
        author=AUTHOR,
        source=Source.DESCRIPTION,
        description=text,
        fields={"personName": "The ward that never runs out"},
        provenance={"personName": stored(Origin("own", edited_by=AUTHOR, edited_at=at))},
        created_at=at,
        updated_at=at,
    )
