"""Two people of whom something stands in every column that may hold it, each word theirs alone.

Driven by what the areas declare: a new personal column gets a word of its own without anybody's doing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Date, Double, Enum, Float, Integer, String, Time, Uuid, insert
from sqlalchemy.orm import Session

from webapp.areas import AREAS
from webapp.core.db import company_of, db, new_id
from webapp.core.db.base import UtcDateTime
from webapp.core.folded import keys_of
from webapp.core.jobs.models import ItemState, Job, JobItem, JobState
from webapp.core.llm.ledger import LlmCall
from webapp.core.privacy import Fate, Holding
from webapp.privacy.finding import digests_of
from webapp.privacy.models import PrivacyRequest

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHORTEST = 6  # what a word of ours needs; shorter columns hold codes
HOLDINGS: list[Holding] = [one for area in AREAS for one in area.holdings]
ORDER = {table.name: place for place, table in enumerate(db.Model.metadata.sorted_tables)}


@dataclass
class Somebody:
    """One person, their rows by table, and every word that is theirs alone."""

    seed: str
    words: list[str] = field(default_factory=list)
    rows: dict[str, UUID] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # words that an export does not tell
    numbers: Iterator[int] = field(default_factory=lambda: count(100))

    @property
    def identifier(self) -> str:
        return f"{self.seed}-person"

    @property
    def email(self) -> str:
        return f"{self.seed}@mail.example"

    @property
    def name(self) -> str:
        return f"{self.seed.title()} {self.seed[::-1].title()}"

    def word(self) -> str:
        self.words.append(f"{self.seed}{next(self.numbers)}")
        return self.words[-1]


class Filler:
    """Writes rows; what several people share (a course, a product, a salesperson) is written once."""

    def __init__(self, session: Session, staff_id: UUID) -> None:
        self.session, self.company_id = session, company_of(session)
        self.shared: dict[str, UUID] = {"companies": self.company_id, "staff": staff_id}

    def fill(self, who: Somebody, other: Somebody | None = None) -> Somebody:
        """Everything of one person, with requests to and from the other."""
        told = sorted((one for one in HOLDINGS if one.by), key=lambda one: ORDER[one.table.name])
        for one in told:
            if one.table.name not in {"audit_entries", "member_requests", "audit_person_keys"}:
                self.row(one, who)
        self.session.flush()
        self._mentions(who)
        self._work(who)
        if other:
            self._between(who, other)
            self._between(other, who)
        return who

    def row(self, one: Holding, who: Somebody, **given: Any) -> UUID:
        """One row of a holding, a word of its own in each personal column."""
        values = self.values(one, who) | given
        row_id = self._insert(one.model, values)
        who.rows.setdefault(one.table.name, row_id)
        return row_id

    def values(self, one: Holding, who: Somebody) -> dict[str, Any]:
        known = {"identifier": who.identifier, "name": who.name, "email": who.email}
        values = dict[str, Any]()
        for name, column in one.table.c.items():
            if name in {"id", "company_id"} or "folds" in column.info:
                continue
            if column.foreign_keys:
                values[name] = self._reference(column, who)
            elif name == "digest" and one.model is PrivacyRequest:
                values[name] = min(digests_of(self.session, who.identifier, []))
            elif name in known and one.table.name in {"persons", "contacts", "leads"}:
                lead = one.table.name == "leads" and name == "identifier"
                values[name] = self._word(who, one, name) if lead else known[name]
            elif name == "known_as":
                values[name] = who.identifier
            elif name in one.personal:
                values[name] = self._personal(column, who, one)
            else:
                values[name] = neutral(column)
        return values

    def _personal(self, column: Any, who: Somebody, one: Holding) -> Any:
        length = getattr(column.type, "length", None)
        if length is not None and length < SHORTEST + 3:
            return neutral(column)
        word = self._word(who, one, column.name)
        return word if isinstance(column.type, String) else {"said": word, "list": [word]}

    @staticmethod
    def _word(who: Somebody, one: Holding, name: str) -> str:
        word = who.word()
        if name not in one.shown:
            who.hidden.add(word)
        return word

    def _reference(self, column: Any, who: Somebody) -> UUID | None:
        (key,) = column.foreign_keys
        table = key.column.table.name
        mine = who.rows.get(table)
        return mine or self.shared.get(table) or self._make_shared(table)

    def _make_shared(self, table: str) -> UUID:
        """A row that is nobody's, with what it needs itself."""
        one = next(one for one in HOLDINGS if one.table.name == table)
        values = dict[str, Any]()
        for name, column in one.table.c.items():
            if name in {"id", "company_id"} or "folds" in column.info:
                continue
            values[name] = neutral(column)
            if column.foreign_keys:
                (key,) = column.foreign_keys
                there = key.column.table.name
                values[name] = self.shared.get(there) or self._make_shared(there)
        self.shared[table] = self._insert(one.model, values)
        return self.shared[table]

    def _insert(self, model: Any, values: dict[str, Any]) -> UUID:
        row_id = new_id()
        columns = model.__table__.c
        stamped = {"company_id": self.company_id} if "company_id" in columns else {}
        row = {"id": row_id, **stamped, **values, **keys_of(model, values)}
        self.session.connection().execute(insert(model.__table__), [row])
        return row_id

    def _mentions(self, who: Somebody) -> None:
        """In words of others: the address, the user id, the full name."""
        for one in HOLDINGS:
            if one.fate is not Fate.KEPT or not one.mentions or one.model in {Job, JobItem, LlmCall}:
                continue
            values = self.values(one, Somebody("shared"))
            for name in one.mentions:
                column = one.table.c[name]
                text = f"Ask {who.email}, {who.name} or {who.identifier}"
                values[name] = text if isinstance(column.type, String) else {"said": [text]}
            if one.table.name == "notices":
                values["lead_id"] = None  # a digest tells of many
            if one.table.name in {"product_fits", "fit_proposals", "salespeople"}:
                continue  # one a pair; the persona's own words are looked at
            self._insert(one.model, values)

    def _work(self, who: Somebody) -> None:
        """A job for this person, its item and the answer of the AI."""
        job = Job(
            kind="lessons.write", title=f"Personalize: Lesson 1 for {who.name}", queue="llm", created_at=AT
        )
        job.total, job.state = 1, JobState.DONE
        self.session.add(job)
        self.session.flush()
        params = {"person_id": str(who.rows["persons"]), "brief": {"fact": who.word()}}
        item = JobItem(job_id=job.id, position=0, subject=f"Lesson 1 for {who.word()}", params=params)
        item.state, item.outcome = ItemState.DONE, {"text": who.word()}
        self.session.add(item)
        self.session.flush()
        call = LlmCall(at=AT, prompt="lesson", version="1", model="m", fingerprint="f", outcome="ok", ms=1)
        call.job_id, call.item_id, call.answer = job.id, item.id, who.word()
        self.session.add(call)
        self.session.flush()

    def _between(self, who: Somebody, other: Somebody) -> None:
        one = next(one for one in HOLDINGS if one.table.name == "member_requests")
        pair = {"requester_id": who.rows["persons"], "responder_id": other.rows["persons"]}
        self.row(one, who, **pair)


NUMBERS = count(1)


def neutral(column: Any) -> Any:
    """A value that says nothing of anybody."""
    if column.nullable and not column.foreign_keys:
        return None
    kind = column.type
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if isinstance(kind.enum_class, enum.EnumMeta) else "x"
    if isinstance(kind, String):
        if kind.length is not None and kind.length < SHORTEST:
            return "EUR"[: kind.length]
        return f"x{next(NUMBERS)}"
    simple: list[tuple[Any, Any]] = [
        (JSON, {}),
        (UtcDateTime, AT),
        (Boolean, False),
        (Integer, next(NUMBERS)),
        (Float, 0.5),
        (Double, 0.5),
        (Date, date(2026, 5, 1)),
        (Time, time(12)),
        (Uuid, new_id()),
    ]
    return next(value for known, value in simple if isinstance(kind, known))
