"""The catalog and offers for programs."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.idempotency import once
from webapp.core.reading import refuse
from webapp.core.record_forms import clients
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.core.wire import CompanyQuery, ListQuery
from webapp.customers.apis import catalog_api, offers_api
from webapp.customers.lists import ITEMS, OFFERS
from webapp.customers.models import CatalogItem, Offer
from webapp.customers.record_schemas import (
    ItemChange,
    ItemIn,
    ItemOut,
    ItemPath,
    ItemsOut,
    OfferChange,
    OfferIn,
    OfferOut,
    OfferPath,
    OffersOut,
)

REFUSED = errors(422)
STALE = errors(409, 422)
Out = dict[str, Any]
ITEMS_BY_ID = Listing(CatalogItem, (Column("id", CatalogItem.id),), default_sort="id")
OFFERS_BY_ID = Listing(Offer, (Column("id", Offer.id),), default_sort="id")


@catalog_api.get("", responses={200: ItemsOut}, summary="List the catalog")
@requires(Permission.CUSTOMERS_READ)
def list_items(query: ListQuery) -> Out:
    """Answer a page of items, the oldest row first."""
    in_company(query.company_hq_id)
    rows, following = ITEMS_BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": [_item(row) for row in rows], "next": following}


@catalog_api.post("", responses={201: ItemOut, **REFUSED}, summary="Create an item")
@requires(Permission.CUSTOMERS_WRITE)
@once
def create_item(body: ItemIn) -> tuple[Out, int]:
    """Save an item; 422 when another one has this `product_id`."""
    who = in_company(body.company_hq_id)
    return _item(ITEMS.create(db.session(), who, body.texts(), **clients())), 201


@catalog_api.get("/<string:product_id>", responses={200: ItemOut}, summary="Read an item")
@requires(Permission.CUSTOMERS_READ)
def read_item(path: ItemPath, query: CompanyQuery) -> Out:
    """Answer one item."""
    in_company(query.company_hq_id)
    return _item(ITEMS.named(db.session(), path.product_id))


@catalog_api.put("/<string:product_id>", responses={200: ItemOut, **STALE}, summary="Change an item")
@requires(Permission.CUSTOMERS_WRITE)
def change_item(path: ItemPath, body: ItemChange) -> Out:
    """Save all of it as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found = ITEMS.named(db.session(), path.product_id)
    _same(found.identifier, id=body.id, product_id=body.product_id)
    texts = {**body.texts(), "product_id": found.identifier}
    return _item(ITEMS.change(db.session(), who, found.id, texts, body.version, **clients()))


@catalog_api.delete("/<string:product_id>", responses={204: None}, summary="Delete an item")
@requires(Permission.CUSTOMERS_WRITE)
def delete_item(path: ItemPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the item; what customers did with it stays."""
    who = in_company(query.company_hq_id)
    found = ITEMS.named(db.session(), path.product_id).id
    ITEMS.delete(db.session(), who, found, auditor=services().auditor)
    return "", 204


@offers_api.get("", responses={200: OffersOut}, summary="List offers")
@requires(Permission.CUSTOMERS_READ)
def list_offers(query: ListQuery) -> Out:
    """Answer a page of offers, the oldest row first."""
    in_company(query.company_hq_id)
    rows, following = OFFERS_BY_ID.items(db.session(), query.limit, query.cursor)
    return {"items": [_offer(row) for row in rows], "next": following}


@offers_api.post("", responses={201: OfferOut, **REFUSED}, summary="Create an offer")
@requires(Permission.CUSTOMERS_WRITE)
@once
def create_offer(body: OfferIn) -> tuple[Out, int]:
    """Save an offer; 422 when another one has this `offer_id`."""
    who = in_company(body.company_hq_id)
    return _offer(OFFERS.create(db.session(), who, body.texts(), **clients())), 201


@offers_api.get("/<string:offer_id>", responses={200: OfferOut}, summary="Read an offer")
@requires(Permission.CUSTOMERS_READ)
def read_offer(path: OfferPath, query: CompanyQuery) -> Out:
    """Answer one offer."""
    in_company(query.company_hq_id)
    return _offer(OFFERS.named(db.session(), path.offer_id))


@offers_api.put("/<string:offer_id>", responses={200: OfferOut, **STALE}, summary="Change an offer")
@requires(Permission.CUSTOMERS_WRITE)
def change_offer(path: OfferPath, body: OfferChange) -> Out:
    """Save all of it as read at a version; 409 when somebody saved in between."""
    who = in_company(body.company_hq_id)
    found = OFFERS.named(db.session(), path.offer_id)
    _same(found.identifier, id=body.id, offer_id=body.offer_id)
    texts = {**body.texts(), "offer_id": found.identifier}
    return _offer(OFFERS.change(db.session(), who, found.id, texts, body.version, **clients()))


@offers_api.delete("/<string:offer_id>", responses={204: None}, summary="Delete an offer")
@requires(Permission.CUSTOMERS_WRITE)
def delete_offer(path: OfferPath, query: CompanyQuery) -> tuple[str, int]:
    """Delete the offer, and who got it with it."""
    who = in_company(query.company_hq_id)
    found = OFFERS.named(db.session(), path.offer_id).id
    OFFERS.delete(db.session(), who, found, auditor=services().auditor)
    return "", 204


def _same(identifier: str, **given: str | None) -> None:
    """Raise DomainError naming each id of the body that is another than the address’s."""
    why = "An id stays: leave this out, or write the one in the address."
    refuse({name: why for name, said in given.items() if said not in {None, identifier}})


def _item(item: CatalogItem) -> Out:
    return ItemOut.of(item).model_dump(mode="json", by_alias=True)


def _offer(offer: Offer) -> Out:
    return OfferOut.of(offer).model_dump(mode="json", by_alias=True)
