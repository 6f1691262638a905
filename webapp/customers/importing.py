"""The catalog and offers from files: found by the company's own id, written set by set, whole rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.errors import Conflict, DomainError
from webapp.core.imports.bulk import check_versions, insert_rows, update_rows
from webapp.core.imports.kind import (
    FURTHER,
    Change,
    Existing,
    Further,
    ImportColumn,
    ImportKind,
    Values,
    Writing,
)
from webapp.core.reading import moment_text, read_text
from webapp.customers.lists import ITEMS, OFFERS
from webapp.customers.reading import (
    ITEM_COLUMNS,
    ITEM_READERS,
    LONGEST_BODY,
    LONGEST_VALUE,
    OFFER_COLUMNS,
    OFFER_READERS,
    read_attribute_name,
)
from webapp.customers.records import Records, around_of

CHANGED = "What these rows name was changed since the dry run. Nothing was written; run it again."
KEEPING = frozenset({"available", "priority"})  # an empty cell leaves what is saved
REQUIRED = frozenset({"product_id", "offer_id", "title"})
LABELS: dict[str, tuple[str, tuple[str, ...]]] = {  # by the wire's names, with further headers
    "product_id": ("Product", ("product id", "product", "item", "item_id", "sku", "id", "article")),
    "offer_id": ("Offer", ("offer id", "offer", "id", "code")),
    "title": ("Title", ("name", "product name", "item name", "product title", "offer title")),
    "category": ("Category", ("product category", "group", "department", "type")),
    "price": ("Price", ("amount", "list price", "unit price")),
    "currency": ("Currency", ("currency code", "ccy")),
    "available": ("Available", ("availability", "in stock", "active", "is_available")),
    "body": ("Text", ("text", "description", "details")),
    "audience": ("Audience", ("for", "target", "segment")),
    "starts_at": ("Starts at", ("starts", "start", "from", "begins", "valid from")),
    "ends_at": ("Ends at", ("ends", "end", "until", "to", "valid until")),
    "cap": ("Cap", ("limit", "most", "maximum")),
    "priority": ("Priority", ("rank", "weight")),
}
Texts = dict[str, str]
Read = tuple[dict[str, Any], Texts]  # a row's columns, and its texts as they would be saved


@dataclass(frozen=True)
class Files:
    """What imports need of a list of records."""

    records: Records[Any]

    def key_of(self, values: Values) -> tuple[str, ...]:
        """A row is known by the company's own id."""
        return (values[self.records.key],)

    def find(self, session: Session, rows: Sequence[Values]) -> list[list[Existing]]:
        """The saved rows of the same ids."""
        saved = self._saved(session, rows)
        found = (saved.get(row[self.records.key]) for row in rows)
        return [[Existing(one.id, one.version, self.records.texts(one))] if one else [] for one in found]

    def complete(self, session: Session, rows: Sequence[dict[str, Any]]) -> list[tuple[str, str] | None]:
        """Write rows as they would be saved; name what cannot be meant."""
        problems = list[tuple[str, str] | None]()
        for row, read in zip(rows, self._read(session, rows), strict=True):
            if isinstance(read, DomainError):
                problems.append(_problem(read))
                continue
            _, texts = read
            row |= {name: texts.get(name, "") for name in row if row[name] or not _keeps(name)}
            problems.append(None)
        return problems

    def write(self, session: Session, writing: Writing, changes: Sequence[Change]) -> None:
        """Write whole rows and trace them. Raises Conflict."""
        old = {one.id: one.version for one in changes if one.version}
        if old:
            check_versions(session, self.records.model, old)
        read = self._read(session, [one.values for one in changes])
        done = [(to, one) for to, one in zip(changes, read, strict=True) if not isinstance(one, DomainError)]
        if len(done) < len(changes):
            raise Conflict(CHANGED)
        fresh = [(to.id, {**self.records.fresh, **one[0]}) for to, one in done if not to.version]
        insert_rows(session, writing, self.records.model, fresh)
        update_rows(session, writing, self.records.model, [(to.id, one[0]) for to, one in done if to.version])
        self._trace(session, writing, done)

    def _trace(self, session: Session, writing: Writing, done: Sequence[tuple[Change, Read]]) -> None:
        subject = self.records.model.__name__.lower()
        for action, fresh in ((self.records.created, True), (self.records.changed, False)):
            some = [(to, texts) for to, (_, texts) in done if fresh is not bool(to.version)]
            traces = [(to.id, _told(to.before, texts)) for to, texts in some]
            if traces:
                writing.auditor.record_many(session, writing.actor, action, subject, traces)

    def _saved(self, session: Session, rows: Sequence[Values]) -> dict[str, Any]:
        model = self.records.model
        wanted = model.identifier.in_([row[self.records.key] for row in rows])
        return {one.identifier: one for one in session.scalars(select(model).where(wanted))}

    def _read(self, session: Session, rows: Sequence[Values]) -> list[Read | DomainError]:
        saved, around = self._saved(session, rows), around_of(session)
        found = list[Read | DomainError]()
        for row in rows:
            before = saved.get(row[self.records.key])
            said = {name: text for name, text in row.items() if text or not _keeps(name)}
            try:
                texts = {**(self.records.texts(before) if before else {}), **said}
                columns = self.records.clean(texts, around)
                found.append((columns, self.records.told(columns)))
            except DomainError as error:
                found.append(error)
        return found


def _keeps(name: str) -> bool:
    return name in KEEPING or name.startswith(FURTHER)


def _told(before: Values, after: Texts) -> dict[str, tuple[object, object]]:
    return {name: (before.get(name), text) for name, text in after.items() if text != before.get(name, "")}


def _problem(error: DomainError) -> tuple[str, str]:
    name, why = next(iter(error.details.items()))
    column = name.partition(".")[0]
    return (LABELS[column][0] if column in LABELS else name.removeprefix("attributes.")), why


def _cell(name: str, read: Callable[[str], Any]) -> Callable[[str], str]:
    """Read one cell and write it as it is kept beside the database; what other cells decide comes later."""

    def written(given: str) -> str:
        if name in REQUIRED and not given.strip():
            raise ValueError(f"Every row needs a {LABELS[name][0].lower()}.")
        if not given.strip():
            return ""
        value = read(given)
        if isinstance(value, bool):
            return "true" if value else "false"
        if hasattr(value, "isoformat"):
            return moment_text(value) if value.tzinfo else str(value.isoformat())
        return "" if value is None else str(value)

    return written


def _columns(names: Sequence[str], readers: Mapping[str, Callable[[str], Any]]) -> tuple[ImportColumn, ...]:
    return tuple(
        ImportColumn(
            name,
            LABELS[name][0],
            _cell(name, readers.get(name, lambda given: read_text(given, LONGEST_BODY))),
            name in REQUIRED,
            LABELS[name][1],
            name in KEEPING,
        )
        for name in names
    )


CATALOG_FILES = Files(ITEMS)
OFFER_FILES = Files(OFFERS)
CATALOG_IMPORT = ImportKind(
    name="catalog",
    noun="item",
    permission=Permission.CUSTOMERS_WRITE,
    columns=_columns(ITEM_COLUMNS, ITEM_READERS),
    key=CATALOG_FILES.key_of,
    find=CATALOG_FILES.find,
    write=CATALOG_FILES.write,
    endpoint="catalog.index",
    further=Further("Keep as attributes", read_attribute_name, lambda given: read_text(given, LONGEST_VALUE)),
    complete=CATALOG_FILES.complete,
)
OFFER_IMPORT = ImportKind(
    name="offers",
    noun="offer",
    permission=Permission.CUSTOMERS_WRITE,
    columns=_columns(OFFER_COLUMNS, OFFER_READERS),
    key=OFFER_FILES.key_of,
    find=OFFER_FILES.find,
    write=OFFER_FILES.write,
    endpoint="offers.index",
    complete=OFFER_FILES.complete,
)
