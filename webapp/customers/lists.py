"""The three lists that staff keep: catalog, offers, content blocks; how each is searched and sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement

from webapp.core.audit import AuditAction
from webapp.core.tables import Column, Filter, Listing
from webapp.customers.models import CatalogItem, ContentBlock, Offer
from webapp.customers.reading import (
    block_texts,
    clean_block,
    clean_item,
    clean_offer,
    item_texts,
    offer_texts,
)
from webapp.customers.records import Records

PLANNED = ("audience", "starts_at", "ends_at", "priority")
ITEMS = Records(
    model=CatalogItem,
    noun="item",
    key="product_id",
    names=("identifier", "title", "category", "price_minor", "currency", "available", "attributes"),
    clean=clean_item,
    told=item_texts,
    created=AuditAction.ITEM_CREATED,
    changed=AuditAction.ITEM_CHANGED,
    deleted=AuditAction.ITEM_DELETED,
)
OFFERS = Records(
    model=Offer,
    noun="offer",
    key="offer_id",
    names=("identifier", "title", "body", "cap", *PLANNED),
    clean=clean_offer,
    told=offer_texts,
    created=AuditAction.OFFER_CREATED,
    changed=AuditAction.OFFER_CHANGED,
    deleted=AuditAction.OFFER_DELETED,
    fresh={"given": 0},
)
BLOCKS = Records(
    model=ContentBlock,
    noun="block",
    key="",
    names=("name", "slot", "body", "fallbacks", "active", *PLANNED),
    clean=clean_block,
    told=block_texts,
    created=AuditAction.BLOCK_CREATED,
    changed=AuditAction.BLOCK_CHANGED,
    deleted=AuditAction.BLOCK_DELETED,
)


def _available(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """`available=yes` or `no`."""
    wanted = {"yes": True, "no": False}.get(args.get("available", ""))
    return () if wanted is None else (CatalogItem.available.is_(wanted),)


ITEM_LIST = Listing(
    model=CatalogItem,
    columns=(
        Column("title", CatalogItem.title),
        Column("identifier", CatalogItem.identifier),
        Column("price", CatalogItem.price_minor),
        Column("updated", CatalogItem.updated_at),
    ),
    search=(CatalogItem.title, CatalogItem.identifier),
    filters=(Filter("category", CatalogItem.category, "Category"),),
    default_sort="title",
    narrow=_available,
)
OFFER_LIST = Listing(
    model=Offer,
    columns=(
        Column("title", Offer.title),
        Column("identifier", Offer.identifier),
        Column("starts", Offer.starts_at),
        Column("updated", Offer.updated_at),
    ),
    search=(Offer.title, Offer.identifier),
    default_sort="-updated",
)
BLOCK_LIST = Listing(
    model=ContentBlock,
    columns=(Column("name", ContentBlock.name), Column("updated", ContentBlock.updated_at)),
    search=(ContentBlock.name,),
    filters=(Filter("slot", ContentBlock.slot, "Slot"),),
    default_sort="-updated",
)


def state_of(row: Offer | ContentBlock, now: datetime) -> str:
    """How the row stands in its schedule: off, planned, ended or running."""
    if isinstance(row, ContentBlock) and not row.active:
        return "off"
    if row.starts_at and row.starts_at > now:
        return "planned"
    return "ended" if row.ends_at and row.ends_at <= now else "running"
