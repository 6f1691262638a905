"""The pages of products and of contacts, and reading an enrichment document into a contact's form."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.errors import DomainError
from webapp.core.forms import put_error
from webapp.core.list_pages import add_list_routes
from webapp.personas import contacts as people
from webapp.personas import products as offers
from webapp.personas.catalog_forms import ContactForm, DocumentForm, ProductForm
from webapp.personas.catalog_screens import Screens
from webapp.personas.desks import CONTACT_DESK, PRODUCT_DESK
from webapp.personas.enrichment import EnrichmentUnreadable, read_enrichment

products = Blueprint("products", __name__, url_prefix="/products")
contacts = Blueprint("contacts", __name__, url_prefix="/contacts")
PRODUCTS = Screens(
    offers.PRODUCTS, offers.LISTING, ProductForm, "products", "product_id", "productId", PRODUCT_DESK
)
CONTACTS = Screens(
    people.CONTACTS, people.LISTING, ContactForm, "contacts", "contact_id", "contactId", CONTACT_DESK
)
LARGEST_DOCUMENT = 1024 * 1024
add_list_routes(products, PRODUCT_DESK)
add_list_routes(contacts, CONTACT_DESK)


@products.get("", endpoint="index")
@requires(Permission.PERSONAS_READ)
def list_products() -> Response:
    return PRODUCTS.index()


@products.get("/new", endpoint="new")
@requires(Permission.PERSONAS_WRITE)
def new_product() -> Response:
    return PRODUCTS.new()


@products.post("", endpoint="create")
@requires(Permission.PERSONAS_WRITE)
def create_product() -> Response:
    return PRODUCTS.create()


@products.get("/<uuid:product_id>", endpoint="show")
@requires(Permission.PERSONAS_READ)
def show_product(product_id: UUID) -> Response:
    return PRODUCTS.show(product_id)


@products.get("/<uuid:product_id>/edit", endpoint="edit")
@requires(Permission.PERSONAS_WRITE)
def edit_product(product_id: UUID) -> Response:
    return PRODUCTS.edit(product_id)


@products.post("/<uuid:product_id>", endpoint="save")
@requires(Permission.PERSONAS_WRITE)
def save_product(product_id: UUID) -> Response:
    return PRODUCTS.save(product_id)


@products.post("/<uuid:product_id>/delete", endpoint="delete")
@requires(Permission.PERSONAS_WRITE)
def delete_product(product_id: UUID) -> Response:
    return PRODUCTS.delete(product_id)


@contacts.get("", endpoint="index")
@requires(Permission.PERSONAS_READ)
def list_contacts() -> Response:
    return CONTACTS.index()


@contacts.get("/new", endpoint="new")
@requires(Permission.PERSONAS_WRITE)
def new_contact() -> Response:
    return CONTACTS.new(document=DocumentForm(formdata=None))


@contacts.post("/from-document", endpoint="read")
@requires(Permission.PERSONAS_WRITE)
def read_document() -> Response:
    form = DocumentForm()
    try:
        person, warnings = read_enrichment(_document(form))
    except (DomainError, EnrichmentUnreadable) as error:
        put_error(form, "document", str(error))
        return CONTACTS.new(document=form, status=422)
    values, cuts = people.values_of(person)
    return CONTACTS.new(values, warnings=(*warnings, *cuts), read=True)


@contacts.post("", endpoint="create")
@requires(Permission.PERSONAS_WRITE)
def create_contact() -> Response:
    return CONTACTS.create()


@contacts.get("/<uuid:contact_id>", endpoint="show")
@requires(Permission.PERSONAS_READ)
def show_contact(contact_id: UUID) -> Response:
    return CONTACTS.show(contact_id)


@contacts.get("/<uuid:contact_id>/edit", endpoint="edit")
@requires(Permission.PERSONAS_WRITE)
def edit_contact(contact_id: UUID) -> Response:
    return CONTACTS.edit(contact_id)


@contacts.post("/<uuid:contact_id>", endpoint="save")
@requires(Permission.PERSONAS_WRITE)
def save_contact(contact_id: UUID) -> Response:
    return CONTACTS.save(contact_id)


@contacts.post("/<uuid:contact_id>/delete", endpoint="delete")
@requires(Permission.PERSONAS_WRITE)
def delete_contact(contact_id: UUID) -> Response:
    return CONTACTS.delete(contact_id)


def _document(form: DocumentForm) -> dict[str, Any]:
    """The document that was pasted or sent as a file. Raises DomainError in words for people."""
    text, file = form.document.data or "", form.file.data
    raw = text.encode() if text or not file else file.read(LARGEST_DOCUMENT + 1)
    if not raw:
        raise DomainError("Paste the document or choose a file.")
    if len(raw) > LARGEST_DOCUMENT:
        raise DomainError("The document is larger than 1 MB.")
    try:
        found: dict[str, Any] = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise DomainError("This is not JSON. Paste the whole document, from { to }.") from None
    return found
