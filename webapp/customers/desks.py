"""What the lists of items, offers and blocks give beside their pages: files, and deeds on many rows."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.imports.kind import FURTHER
from webapp.core.list_desk import ListDesk
from webapp.customers.lists import BLOCK_LIST, BLOCKS, ITEM_LIST, ITEMS, OFFER_LIST, OFFERS
from webapp.customers.models import CatalogItem
from webapp.customers.reading import BLOCK_COLUMNS, ITEM_COLUMNS, OFFER_COLUMNS

MOST_COLUMNS = 400


def attribute_names(session: Session) -> tuple[str, ...]:
    """The attributes that any item of the company has, in the order of the alphabet."""
    found = set[str]()
    for attributes in session.scalars(select(CatalogItem.attributes).execution_options(yield_per=500)):
        found.update(attributes)
    return tuple(sorted(found)[:MOST_COLUMNS])


def _item(item: CatalogItem) -> dict[str, str]:
    return {name.removeprefix(FURTHER): text for name, text in ITEMS.texts(item).items()}


CATALOG_DESK = ListDesk(
    name="items",
    noun="item",
    listing=ITEM_LIST,
    read=Permission.CUSTOMERS_READ,
    write=Permission.CUSTOMERS_WRITE,
    columns=ITEM_COLUMNS,
    texts=_item,
    endpoint="catalog.index",
    deleted=ITEMS.deleted,
    further=attribute_names,
)
OFFER_DESK = ListDesk(
    name="offers",
    noun="offer",
    listing=OFFER_LIST,
    read=Permission.CUSTOMERS_READ,
    write=Permission.CUSTOMERS_WRITE,
    columns=OFFER_COLUMNS,
    texts=OFFERS.texts,
    endpoint="offers.index",
    deleted=OFFERS.deleted,
)
BLOCK_DESK = ListDesk(
    name="blocks",
    noun="block",
    listing=BLOCK_LIST,
    read=Permission.CUSTOMERS_READ,
    write=Permission.CUSTOMERS_WRITE,
    columns=BLOCK_COLUMNS,
    texts=BLOCKS.texts,
    endpoint="contents.index",
    deleted=BLOCKS.deleted,
)
