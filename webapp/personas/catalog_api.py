"""Products, contacts and enrichment documents for programs."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.catalog import Catalog, M
from webapp.core.db import Row, db
from webapp.core.docs import RESPONSES, errors
from webapp.core.idempotency import IdempotencyHeader, answer_keyed, once
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.wire import CompanyQuery, ListQuery, Wire
from webapp.personas.catalog_schemas import (
    ContactChange,
    ContactIn,
    ContactOut,
    ContactPath,
    ContactsOut,
    DocumentIn,
    ParkedOut,
    ProductChange,
    ProductIn,
    ProductOut,
    ProductPath,
    ProductsOut,
)
from webapp.personas.contacts import CONTACTS
from webapp.personas.models import Contact, Product
from webapp.personas.parking import forget, park
from webapp.personas.products import PRODUCTS

SECURITY: list[dict[str, list[str]]] = [{"token": []}]
REFUSED = errors(422)
STALE = errors(409, 422)
Out = dict[str, Any]

products_api = APIBlueprint(
    "products_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/products",
    abp_tags=[Tag(name="products", description="What the company sells")],
    abp_security=SECURITY,
)
contacts_api = APIBlueprint(
    "contacts_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/contacts",
    abp_tags=[Tag(name="contacts", description="Real people at prospects’ companies")],
    abp_security=SECURITY,
)
enrichments_api = APIBlueprint(
    "enrichments_api",
    __name__,
    abp_responses=RESPONSES,
    url_prefix="/api/enrichments",
    abp_tags=[Tag(name="enrichments", description="Documents about people, parked for a day")],
    abp_security=SECURITY,
)
PRODUCTS_BY_ID = Listing(Product, (Column("id", Product.id),), default_sort="id")
CONTACTS_BY_ID = Listing(Contact, (Column("id", Contact.id),), default_sort="id")


@products_api.get("", responses={200: ProductsOut}, summary="List products")
@requires(Permission.PERSONAS_READ)
def list_products(query: ListQuery) -> Out:
    """Answer a page of products, the oldest first."""
    return _items(PRODUCTS_BY_ID, ProductOut, query)


@products_api.post("", responses={201: ProductOut, **REFUSED}, summary="Create a product")
@requires(Permission.PERSONAS_WRITE)
@once
def create_product(body: ProductIn) -> tuple[Out, int]:
    """Save a product; answers it with its id and version."""
    return _create(PRODUCTS, ProductOut, body), 201


@products_api.get("/<uuid:product_id>", responses={200: ProductOut}, summary="Read a product")
@requires(Permission.PERSONAS_READ)
def read_product(path: ProductPath, query: CompanyQuery) -> Out:
    """Answer one product."""
    in_company(query.company_hq_id)
    return _out(ProductOut, PRODUCTS.find(db.session(), path.product_id))


@products_api.put("/<uuid:product_id>", responses={200: ProductOut, **STALE}, summary="Change a product")
@requires(Permission.PERSONAS_WRITE)
def change_product(path: ProductPath, body: ProductChange) -> Out:
    """Save all its texts as read at a version; 409 when somebody saved in between."""
    return _change(PRODUCTS, ProductOut, path.product_id, body)


@products_api.delete("/<uuid:product_id>", responses={204: None}, summary="Delete a product")
@requires(Permission.PERSONAS_WRITE)
def delete_product(path: ProductPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the product; drafts and personas made with it stay."""
    return _delete(PRODUCTS, path.product_id, query)


@contacts_api.get("", responses={200: ContactsOut}, summary="List contacts")
@requires(Permission.PERSONAS_READ)
def list_contacts(query: ListQuery) -> Out:
    """Answer a page of contacts, the oldest first."""
    return _items(CONTACTS_BY_ID, ContactOut, query)


@contacts_api.post("", responses={201: ContactOut, **REFUSED}, summary="Create a contact")
@requires(Permission.PERSONAS_WRITE)
@once
def create_contact(body: ContactIn) -> tuple[Out, int]:
    """Save a contact; answers it with its id and version."""
    return _create(CONTACTS, ContactOut, body), 201


@contacts_api.get("/<uuid:contact_id>", responses={200: ContactOut}, summary="Read a contact")
@requires(Permission.PERSONAS_READ)
def read_contact(path: ContactPath, query: CompanyQuery) -> Out:
    """Answer one contact."""
    in_company(query.company_hq_id)
    return _out(ContactOut, CONTACTS.find(db.session(), path.contact_id))


@contacts_api.put("/<uuid:contact_id>", responses={200: ContactOut, **STALE}, summary="Change a contact")
@requires(Permission.PERSONAS_WRITE)
def change_contact(path: ContactPath, body: ContactChange) -> Out:
    """Save all its texts as read at a version; 409 when somebody saved in between."""
    return _change(CONTACTS, ContactOut, path.contact_id, body)


@contacts_api.delete("/<uuid:contact_id>", responses={204: None}, summary="Delete a contact")
@requires(Permission.PERSONAS_WRITE)
def delete_contact(path: ContactPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the contact; drafts and personas made with it stay."""
    return _delete(CONTACTS, path.contact_id, query)


@enrichments_api.post("", responses={201: ParkedOut, **REFUSED}, summary="Park an enrichment document")
@requires(Permission.PERSONAS_WRITE)
def park_document(header: IdempotencyHeader, body: DocumentIn) -> tuple[Out, int]:
    """Keep the document for 24 hours; answers the key that a generation takes."""
    who, store = in_company(body.company_hq_id), services().store
    assert who.company_id is not None
    # Parked before the key's unit begins: while Redis is away no unit may wait for it.
    key, expires = park(store, services().clock, who.company_id, body.document)
    out = ParkedOut(redis_key=key, expires_at=expires).model_dump(mode="json", by_alias=True)
    status, answer = answer_keyed(header, lambda: (201, out))
    if answer["redisKey"] != key:
        forget(store, who.company_id, key)
    return answer, status


def _items(listing: Listing[M], shown: type[Wire], query: ListQuery) -> Out:
    in_company(query.company_hq_id)
    rows, following = listing.items(db.session(), query.limit, query.cursor)
    return {"items": [_out(shown, row) for row in rows], "next": following}


def _create(catalog: Catalog[M], shown: type[Wire], body: ProductIn | ContactIn) -> Out:
    who, made = in_company(body.company_hq_id), services()
    values = body.model_dump(include=set(catalog.fields))
    row = catalog.create(db.session(), who, values, clock=made.clock, auditor=made.auditor)
    return _out(shown, row)


def _change(catalog: Catalog[M], shown: type[Wire], row_id: Any, body: ProductChange | ContactChange) -> Out:
    who, made = in_company(body.company_hq_id), services()
    values = body.model_dump(include=set(catalog.fields))
    row = catalog.change(
        db.session(), who, row_id, values, body.version, clock=made.clock, auditor=made.auditor
    )
    return _out(shown, row)


def _delete(catalog: Catalog[M], row_id: Any, query: CompanyQuery) -> tuple[str, int]:
    catalog.delete(db.session(), in_company(query.company_hq_id), row_id, auditor=services().auditor)
    return "", 204


def _out(shown: type[Wire], row: Row) -> Out:
    return shown.model_validate(row).model_dump(mode="json", by_alias=True)
