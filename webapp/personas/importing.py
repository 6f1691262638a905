"""Products and contacts from files: how a saved one is found again, and how many are written at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.catalog import Catalog
from webapp.core.folded import fold
from webapp.core.imports.bulk import check_versions, insert_rows, update_rows
from webapp.core.imports.kind import Change, Existing, ImportColumn, ImportKind, Problem, Values, Writing
from webapp.people.erased import GONE_ADDRESS, gone_addresses
from webapp.personas.contacts import CONTACTS
from webapp.personas.models import Contact, Product
from webapp.personas.products import PRODUCTS

LABELS = {"email": "E-mail", "title": "Job title", "headcount": "Company size", "price_note": "Price"}
AnyCatalog = Catalog[Product] | Catalog[Contact]


def _columns(
    catalog: AnyCatalog, also: Mapping[str, tuple[str, ...]], keeps: str = ""
) -> tuple[ImportColumn, ...]:
    return tuple(
        ImportColumn(
            name=name,
            label=LABELS.get(name, name.replace("_", " ").capitalize()),
            read=partial(catalog.read, name),
            required=name in catalog.required,
            also=also.get(name, ()),
            keeps=name == keeps,
        )
        for name in catalog.fields
    )


def product_key(values: Values) -> tuple[str, ...]:
    """A product is known by its name."""
    return (values["name"],)


def contact_key(values: Values) -> tuple[str, ...]:
    """A contact is known by the e-mail address when it has one, else by name and company."""
    email = values.get("email", "").lower()
    return ("email", email) if email else ("name", values["name"], values.get("company", ""))


def _find_products(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    names = {fold(row["name"]) for row in rows}
    saved = session.scalars(select(Product).where(Product.name_key.in_(names)).order_by(Product.id))
    return _grouped(PRODUCTS, list(saved), rows, lambda row: [product_key(row)])


def _find_contacts(session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
    keys = [contact_key(row) for row in rows]
    emails = {fold(key[1]) for key in keys if key[0] == "email"}
    names = {fold(key[1]) for key in keys if key[0] == "name"}
    # Two statements, each with its index: no planner is trusted with an OR of long lists.
    wanted = (Contact.email_key.in_(emails), Contact.name_key.in_(names))
    found = {row.id: row for one in wanted for row in session.scalars(select(Contact).where(one))}
    saved = [found[row_id] for row_id in sorted(found)]
    return _grouped(
        CONTACTS,
        saved,
        rows,
        lambda row: [("email", row["email"].lower()), ("name", row["name"], row["company"])],
        key=contact_key,
    )


def _gone_contacts(session: Session, rows: Sequence[dict[str, Any]]) -> list[Problem | None]:
    """Refuse who was erased, unless somebody has entered them anew since."""
    gone = gone_addresses(session, {row.get("email", "") for row in rows})
    keys = {fold(one) for one in gone}
    back = (
        set(session.scalars(select(Contact.email_key).where(Contact.email_key.in_(keys)))) if keys else set()
    )
    late = {one for one in gone if fold(one) not in back}
    return [(LABELS["email"], GONE_ADDRESS) if row.get("email", "") in late else None for row in rows]


def _grouped(
    catalog: Any,
    saved: Sequence[Any],
    rows: Sequence[Values],
    keys: Callable[[Values], list[tuple[str, ...]]],
    key: Callable[[Values], tuple[str, ...]] = product_key,
) -> list[list[Existing]]:
    """For each row the saved ones that stand under its key."""
    found: dict[tuple[str, ...], list[Existing]] = {}
    for one in saved:
        texts = catalog.texts(one)
        for under in keys(texts):
            found.setdefault(under, []).append(Existing(one.id, one.version, texts))
    return [found.get(key(row), []) for row in rows]


def _write(catalog: AnyCatalog, session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    new = [change for change in changes if not change.version]
    old = [change for change in changes if change.version]
    empty = dict.fromkeys(catalog.fields, "")
    insert_rows(session, writing, catalog.model, [(one.id, {**empty, **one.values}) for one in new])
    if old:
        check_versions(session, catalog.model, {one.id: one.version for one in old})
    differing = [(one.id, {name: one.values[name] for name in one.before}) for one in old]
    update_rows(session, writing, catalog.model, differing)
    record = writing.auditor.record_many
    subject = catalog.model.__name__.lower()
    made = ((one.id, {name: (None, value) for name, value in one.values.items() if value}) for one in new)
    record(session, writing.actor, catalog.created, subject, made)
    changed = ((one.id, {name: (was, one.values[name]) for name, was in one.before.items()}) for one in old)
    record(session, writing.actor, catalog.changed, subject, changed)


PRODUCT_IMPORT = ImportKind(
    name="products",
    noun="product",
    permission=Permission.PERSONAS_WRITE,
    columns=_columns(PRODUCTS, {"name": ("product", "product name"), "price_note": ("price",)}),
    key=product_key,
    find=_find_products,
    write=partial(_write, PRODUCTS),
    endpoint="products.index",
)
CONTACT_IMPORT = ImportKind(
    name="contacts",
    noun="contact",
    permission=Permission.PERSONAS_WRITE,
    columns=_columns(
        CONTACTS,
        {
            "name": ("full name", "contact", "contact name"),
            "email": ("e-mail", "mail", "e-mail address", "email address"),
            "title": ("job title", "position"),
            "company": ("company name", "organization", "organisation", "account"),
            "headcount": ("company size", "employees"),
            "location": ("city", "place"),
            "notes": ("note", "comment", "comments"),
        },
        keeps="email",
    ),
    key=contact_key,
    find=_find_contacts,
    complete=_gone_contacts,
    write=partial(_write, CONTACTS),
    endpoint="contacts.index",
)
