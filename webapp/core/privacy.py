"""What is held of a person: declared by whoever keeps it, so that export and erasure find all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus
from uuid import UUID

from sqlalchemy import JSON, Boolean, String, Table, Uuid
from sqlalchemy import Enum as WordEnum
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.core.folded import fold, last_name_first

if TYPE_CHECKING:
    from webapp.core.access import Actor

GONE = "[erased]"
SHORT = 5  # shorter words stand for a person only where they are all that is said
# Ids of what is no person; said once here instead of at every table.
NOBODYS = frozenset({"id", "company_id", "staff_id", "token_id", "job_id"})
Attribute = InstrumentedAttribute[Any]


class Fate(Enum):
    """What an erasure does with a person's rows."""

    DELETED = "deleted"
    EMPTIED = "anonymised"
    KEPT = "kept"


@dataclass(frozen=True)
class Holding:
    """What one table holds of persons. A table may have several; together they name each of its columns.

    `by` are the columns that say whose a row is: of a person, of a parent's row, an e-mail address, a
    digest; any other id is of whoever is a person, a contact or a lead.
    `personal` hold texts and documents of that person, `mentions` words of others in which a person may
    stand, `plain` neither. Numbers, times and words of a fixed list belong to the row. `empty` is what
    an erasure writes over the columns of a row that stays; `why` says why a row does. `hides` are left
    out of the export: they are of somebody else, or say nothing to a person.
    """

    model: type[Any]
    by: tuple[Attribute, ...] = ()
    title: str = ""
    fate: Fate = Fate.DELETED
    personal: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    empty: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""

    @property
    def table(self) -> Table:
        """The table it speaks of."""
        found: Table = self.model.__table__
        return found

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that an export tells, in the table's order."""
        keys = {name for name, column in self.table.c.items() if "folds" in column.info}
        hidden = {*NOBODYS, *keys, *self.hides, "version"} | (set(self.mentions) - set(self.personal))
        ids = {name for name, column in self.table.c.items() if isinstance(column.type, Uuid)}
        return tuple(name for name in self.table.c.keys() if name not in hidden | ids)  # noqa: SIM118  # no dict


def nothing_personal(model: type[Any], *plain: str, mentions: tuple[str, ...] = (), why: str = "") -> Holding:
    """A table that holds no person's data; words in it may still mention one."""
    return Holding(model, fate=Fate.KEPT, plain=plain, mentions=mentions, why=why or "It is about nobody.")


@dataclass(frozen=True)
class Word:
    """A text that a person is known by. `alone`: only where it is all that is said."""

    text: str
    alone: bool = False

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The word as texts, addresses and JSON write it."""
        told = json.dumps(self.text)[1:-1]
        return tuple(dict.fromkeys((self.text, quote(self.text), quote_plus(self.text), told)))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds the word, however it is written, where it is no part of a longer one."""
        words = "|".join(re.escape(one) for one in self.spellings)
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """Whose data: the person's row, and the texts they are known by. An address alone may be all."""

    company_id: UUID
    identifier: str = ""
    person_ids: frozenset[UUID] = frozenset()
    addresses: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    words: tuple[Word, ...] = ()

    @cached_property
    def folded(self) -> frozenset[str]:
        """The addresses as lists compare them."""
        return frozenset(fold(one) for one in self.addresses)

    @cached_property
    def _alone(self) -> frozenset[str]:
        return frozenset(one.text.casefold() for one in self.words)

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Bytes to look for in files, as keys of lists and in capitals too; short words are left out."""
        long = [one for one in self.words if len(one.text) >= SHORT]
        told = {
            spelling
            for one in long
            for spelling in (*one.spellings, fold(one.text), last_name_first(one.text))
        }
        return tuple({form.encode() for one in told for form in (one, one.lower(), one.upper())})

    @property
    def forgotten(self) -> bool:
        """Whether nothing is known of them any more: a crash came between their erasure and its end."""
        return not self.words

    def without(self, value: Any) -> Any:
        """The text or document without the person; the same object where it does not mention them."""
        if isinstance(value, str):
            return self._cleaned(value)
        if isinstance(value, list):
            cleaned = [self.without(one) for one in value]
            return cleaned if any(a is not b for a, b in zip(cleaned, value, strict=True)) else value
        if isinstance(value, dict):
            told = {self._cleaned(name): self.without(one) for name, one in value.items()}
            same = told.keys() == value.keys() and all(told[name] is value[name] for name in value)
            return value if same else told
        return value

    def mentioned(self, value: Any) -> bool:
        """Whether a text or a document mentions the person."""
        return self.without(value) is not value

    def _cleaned(self, text: str) -> str:
        if text.strip().casefold() in self._alone:
            return GONE
        cleaned = text
        for word in self.words:
            if not word.alone:
                cleaned = word.pattern.sub(GONE, cleaned)
        return text if cleaned == text else cleaned


@dataclass
class Ids:
    """The rows found of a person, by table: what belongs to them is found through these."""

    rows: dict[str, set[UUID]] = field(default_factory=dict)

    def of(self, table: str) -> set[UUID]:
        """The ids of that table's rows."""
        return self.rows.get(table, set())

    def add(self, table: str, ids: Iterable[UUID]) -> None:
        """Note rows of a table."""
        self.rows.setdefault(table, set()).update(ids)

    @property
    def of_people(self) -> set[UUID]:
        """The rows that are somebody: persons, contacts and leads."""
        return self.of("persons") | self.of("contacts") | self.of("leads")


Counts = dict[str, int]


@dataclass(frozen=True)
class Keeper:
    """What an area does about a person beyond its tables' rows.

    `inside` runs in the erasure's transaction, before rows go, and answers counts by words. `outside`
    clears what is not in the database (files, Redis); it runs before the transaction and after, and
    may find nothing. Of somebody `forgotten` it clears all that may speak of them. `tells` adds parts
    to an export: title and rows.
    """

    inside: Callable[[Session, Actor, Subject, Ids], Counts] | None = None
    outside: Callable[[Subject], Counts] | None = None
    tells: Callable[[Session, Subject, Ids], Mapping[str, list[dict[str, Any]]]] | None = None


def undeclared(tables: Iterable[Table], holdings: Iterable[Holding]) -> list[str]:
    """What no holding speaks of, as sentences: tables, and columns that may hold somebody's data."""
    by_table: dict[str, list[Holding]] = {}
    for one in holdings:
        by_table.setdefault(one.table.name, []).append(one)
    problems = list[str]()
    for table in tables:
        mine = by_table.get(table.name)
        if not mine:
            problems.append(f"{table.name}: no area says what it holds of a person")
            continue
        said = [(name, kind) for one in mine for kind in KINDS for name in getattr(one, kind)]
        named = {name for name, _ in said} | {attribute.key for one in mine for attribute in one.by}
        problems += [
            f"{table.name}.{name}: is it a person's, does it mention one, or neither?"
            for name, column in table.c.items()
            if name not in named and asks(column)
        ]
        problems += _contradictions(table, said, mine)
    return problems


LIKE_A_PERSON = re.compile(r"(^|_)(person|user|email|member|contact|lead)(_|$)")
KINDS = ("personal", "mentions", "plain")


def asks(column: Any) -> bool:
    """Whether a column has to be spoken of: texts, documents, ids; anything named like a person."""
    if column.name in NOBODYS or "folds" in column.info:
        return False
    if any(key.column.table.name in PEOPLE for key in column.foreign_keys):
        return True
    if LIKE_A_PERSON.search(column.name):
        return not isinstance(column.type, WordEnum | Boolean)
    if isinstance(column.type, WordEnum):
        return False
    if isinstance(column.type, Uuid):
        return not column.foreign_keys
    return isinstance(column.type, String | JSON)


PEOPLE = frozenset({"persons", "contacts", "leads"})


def _contradictions(table: Table, said: list[tuple[str, str]], holdings: list[Holding]) -> Iterable[str]:
    for name, kind in said:
        if name not in table.c:
            yield f"{table.name}.{name}: there is no such column"
        elif kind == "plain" and {other for one, other in said if one == name} != {"plain"}:
            yield f"{table.name}.{name}: declared as plain and as something else"
    reaches = {attribute.key for one in holdings for attribute in one.by}
    for name, column in table.c.items():
        if name not in reaches and any(key.column.table.name in PEOPLE for key in column.foreign_keys):
            yield f"{table.name}.{name}: refers to a person, and no holding finds rows by it"
    for one in holdings:
        if one.by and one.fate is not Fate.KEPT and not one.title:
            yield f"{table.name}: an export needs a title for it"
        if not one.by and one.fate is not Fate.KEPT:
            yield f"{table.name}: nothing says whose its rows are"
        if one.fate is Fate.KEPT and not one.why:
            yield f"{table.name}: say why an erasure keeps it"
