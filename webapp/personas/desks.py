"""What the lists of this area offer beside their pages: columns of their files, deeds on many rows."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.list_desk import ListDesk
from webapp.core.tables import Column, Filter, Listing
from webapp.personas.answer import FIELDS
from webapp.personas.contacts import CONTACTS
from webapp.personas.contacts import LISTING as CONTACT_LISTING
from webapp.personas.models import Persona
from webapp.personas.narrowing import narrowed_by
from webapp.personas.products import LISTING as PRODUCT_LISTING
from webapp.personas.products import PRODUCTS
from webapp.personas.rows import fields_of

PERSONA_LISTING = Listing(
    Persona,
    columns=(
        Column("name", Persona.person_name),
        Column("title", Persona.title),
        Column("industry", Persona.industry),
        Column("updated", Persona.updated_at),
    ),
    search=(Persona.person_name, Persona.title, Persona.company),
    filters=(
        Filter("industry", Persona.industry, "Industry"),
        Filter("company_size", Persona.company_size, "Company size"),
    ),
    narrow=narrowed_by,
    default_sort="name",
)


def _persona_texts(persona: Persona) -> dict[str, str]:
    fields = fields_of(persona).items()
    return {name: "\n".join(text) if isinstance(text, list) else text for name, text in fields}


PRODUCT_DESK = ListDesk(
    name="products",
    noun="product",
    listing=PRODUCT_LISTING,
    read=Permission.PERSONAS_READ,
    write=Permission.PERSONAS_WRITE,
    columns=PRODUCTS.fields,
    texts=PRODUCTS.texts,
    endpoint="products.index",
    deleted=AuditAction.PRODUCT_DELETED,
)
CONTACT_DESK = ListDesk(
    name="contacts",
    noun="contact",
    listing=CONTACT_LISTING,
    read=Permission.PERSONAS_READ,
    write=Permission.PERSONAS_WRITE,
    columns=CONTACTS.fields,
    texts=CONTACTS.texts,
    endpoint="contacts.index",
    deleted=AuditAction.CONTACT_DELETED,
)
PERSONA_DESK = ListDesk(
    name="personas",
    noun="persona",
    listing=PERSONA_LISTING,
    read=Permission.PERSONAS_READ,
    write=Permission.PERSONAS_WRITE,
    columns=tuple(spec.wire for spec in FIELDS),
    texts=_persona_texts,
    endpoint="personas.index",
    deleted=AuditAction.PERSONA_DELETED,
)
