"""Walks a company's audit chain and names the first row at which it is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, column, select, table, type_coerce
from sqlalchemy.orm import Session

from webapp.core.audit import AuditEntry, AuditHead
from webapp.core.chain import FIELDS, FIRST, ChainKey
from webapp.core.db import every_company

AT_ONCE = 500
ENTRIES: Any = AuditEntry.__table__
HEADS: Any = AuditHead.__table__
COMPANIES = table("companies", column("id", ENTRIES.c.company_id.type))
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


@dataclass(frozen=True)
class Break:
    """Where a chain is broken: the entry's number, its id when it can be read, and what is wrong."""

    seq: int
    entry_id: str
    why: str


@dataclass(frozen=True)
class Verdict:
    """How many entries of a company's chain are sound, and the first break."""

    company_id: UUID
    sound: int
    broken: Break | None


def verify(session: Session, chain: ChainKey, company_id: UUID | None = None) -> list[Verdict]:
    """Walk the chain of one company, or of every company that has rows or is there; reads only."""
    with every_company(session):  # whoever holds the machine asks about the whole database
        wanted = [company_id] if company_id else _companies(session)
        return [_walk(session, chain, one) for one in wanted]


def _companies(session: Session) -> list[UUID]:
    found: set[UUID] = set()
    for statement in (
        select(COMPANIES.c.id),
        select(ENTRIES.c.company_id).distinct(),
        select(HEADS.c.company_id),
    ):
        found |= set(session.scalars(statement))
    return sorted(found)


def _walk(session: Session, chain: ChainKey, company_id: UUID) -> Verdict:
    # The end is read first: entries that are appended meanwhile stand after it.
    head = session.execute(select(HEADS).where(HEADS.c.company_id == company_id)).mappings().first()
    if head is None or head["seal"] != chain.seal(company_id, head["seq"], head["hash"]):
        why = "the chain has no end" if head is None else "the seal of the chain's end is not ours"
        return Verdict(company_id, 0, Break(head["seq"] if head else 0, "", why))
    last, seq = FIRST, 0
    for row in _rows(session, company_id, head["seq"]):
        wrong = _wrong(chain, row, seq + 1, last)
        if wrong:
            return Verdict(company_id, seq, wrong)
        last, seq = row["hash"], row["seq"]
    if (seq, last) != (head["seq"], head["hash"]):
        return Verdict(company_id, seq, Break(seq + 1, "", f"entries {seq + 1} to {head['seq']} are missing"))
    return Verdict(company_id, seq, _beyond(session, company_id))


def _wrong(chain: ChainKey, row: Mapping[str, Any], seq: int, last: str) -> Break | None:
    if "why" in row:
        return Break(seq, "", row["why"])
    if row["seq"] > seq:
        return Break(seq, "", "the entry is missing")
    if row["seq"] != seq or row["previous"] != last:
        return Break(row["seq"], str(row["id"]), "the entry does not follow the one before it")
    try:
        right = row["hash"] == chain.hash(row)
    except UNREADABLE:
        right = False
    return None if right else Break(seq, str(row["id"]), "the entry is not what was written")


def _beyond(session: Session, company_id: UUID) -> Break | None:
    """An entry after the end, in one statement: both are of the same moment."""
    statement = (
        select(ENTRIES.c.seq, type_coerce(ENTRIES.c.id, String))
        .outerjoin(HEADS, HEADS.c.company_id == ENTRIES.c.company_id)
        .where(ENTRIES.c.company_id == company_id, ENTRIES.c.seq > HEADS.c.seq)
        .order_by(ENTRIES.c.seq)
    )
    row = session.execute(statement).first()
    return Break(row[0], str(row[1]), "the entry stands after the chain's end") if row else None


def _rows(session: Session, company_id: UUID, end: int) -> Iterator[Mapping[str, Any]]:
    """The entries in order; one whose columns cannot be read comes as {"why": …}."""
    at = -(2**62)
    while True:
        statement = _after(company_id, at, end)
        try:
            found = session.execute(statement.limit(AT_ONCE)).mappings().all()
        except UNREADABLE:
            yield from _singly(session, statement)
            return
        yield from map(dict, found)
        if len(found) < AT_ONCE:
            return
        at = found[-1]["seq"]


def _singly(session: Session, statement: Select[Any]) -> Iterator[Mapping[str, Any]]:
    for place in range(AT_ONCE):
        try:
            row = session.execute(statement.limit(1).offset(place)).mappings().first()
        except UNREADABLE as error:
            yield {"why": f"the entry cannot be read: {error}"}
            return  # nothing after it can be judged
        if row is None:
            return
        yield dict(row)


def _after(company_id: UUID, seq: int, end: int) -> Select[Any]:
    columns = [ENTRIES.c[name] for name in FIELDS if name != "action"]
    return (
        select(*columns, type_coerce(ENTRIES.c.action, String).label("action"), ENTRIES.c.hash)
        .where(ENTRIES.c.company_id == company_id, ENTRIES.c.seq > seq, ENTRIES.c.seq <= end)
        .order_by(ENTRIES.c.seq)
    )
