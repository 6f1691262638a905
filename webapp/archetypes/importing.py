"""Nights and requests from files: found by the company's identifier, written set by set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.companies import zone_of
from webapp.archetypes import nights, requests
from webapp.archetypes.facts import RequestStatus
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.reading import (
    NIGHT_READERS,
    REQUEST_READERS,
    clean_night,
    clean_request,
    demand_text,
)
from webapp.archetypes.touching import touch_members
from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.errors import Conflict, DomainError
from webapp.core.imports.bulk import check_versions, insert_rows, update_rows
from webapp.core.imports.kind import Change, Existing, ImportColumn, ImportKind, Values, Writing
from webapp.core.reading import moment_text

CHANGED = "What these rows name was changed since the dry run. Nothing was written; run it again."
Rows = Sequence[Values]
Texts = dict[str, str]
Columns = dict[str, Any]
Saved = Mapping[str, tuple[Any, Texts]]  # by identifier, a row with its texts


@dataclass(frozen=True)
class Read:
    """A row of the file as it would be saved, or what is wrong with it."""

    columns: Columns = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    problem: tuple[str, str] | None = None


@dataclass(frozen=True)
class Records:
    """What the two kinds have in common. `read` reads whole rows, `saved` finds those of the same id.

    `width` is the number of columns: a row of fewer leaves the others as they are saved.
    `whose` is the person whose values a row's columns are; `follow` hears of all columns before and after.
    """

    model: type[Any]
    key: str
    width: int
    created: AuditAction
    changed: AuditAction
    saved: Callable[[Session, Rows], Saved]
    read: Callable[[Session, Sequence[Texts]], list[Read]]
    whose: Callable[[Columns], UUID] | None = None
    follow: Callable[[Session, Sequence[Columns]], None] | None = None

    def key_of(self, values: Values) -> tuple[str, ...]:
        """A row is known by the company's identifier."""
        return (values[self.key],)

    def find(self, session: Session, rows: Rows) -> list[list[Existing]]:
        """The saved rows of the same identifiers."""
        saved = self.saved(session, rows)
        found = (saved.get(row[self.key]) for row in rows)
        return [[Existing(one[0].id, one[0].version, one[1])] if one else [] for one in found]

    def complete(self, session: Session, rows: Sequence[dict[str, Any]]) -> list[tuple[str, str] | None]:
        """Write rows as they would be saved: amounts in their currency's decimals, times in UTC."""
        lacking = [row for row in rows if len(row) < self.width]
        saved = self.saved(session, lacking) if lacking else {}
        before = [self._texts(saved, row) for row in rows]
        read = self.read(session, [_meant(row, texts) for row, texts in zip(rows, before, strict=True)])
        for row, texts, one in zip(rows, before, read, strict=True):
            follows = {name: text for name, text in one.texts.items() if texts.get(name, text) != text}
            row.update(follows, **{name: text for name, text in one.texts.items() if name in row})
        return [one.problem for one in read]

    def write(self, session: Session, writing: Writing, changes: Sequence[Change]) -> None:
        """Write whole rows, trace them, and let the rest follow. Raises Conflict."""
        old = {one.id: one.version for one in changes if one.version}
        if old:
            check_versions(session, self.model, old)
        saved = self.saved(session, [one.values for one in changes])
        before = [self._texts(saved, one.values) for one in changes]
        read = self.read(
            session, [_meant(one.values, texts) for one, texts in zip(changes, before, strict=True)]
        )
        if any(one.problem for one in read):
            raise Conflict(CHANGED)
        if self.follow:
            former = [{name: getattr(row, name) for name in read[0].columns} for row, _ in saved.values()]
            self.follow(session, [*former, *(one.columns for one in read)])
        pairs = list(zip(changes, read, strict=True))
        insert_rows(
            session, writing, self.model, [(to.id, one.columns) for to, one in pairs if not to.version]
        )
        update_rows(session, writing, self.model, [(to.id, one.columns) for to, one in pairs if to.version])
        self._trace(session, writing, list(zip(changes, before, read, strict=True)))

    def _texts(self, saved: Saved, row: Values) -> Texts:
        found = saved.get(row[self.key])
        return found[1] if found else {}

    def _trace(self, session: Session, writing: Writing, rows: Sequence[tuple[Change, Texts, Read]]) -> None:
        persons = {to.id: self.whose(one.columns) for to, _, one in rows} if self.whose else None
        for action, fresh in ((self.created, True), (self.changed, False)):
            traces = [
                (to.id, _told(texts, one.texts)) for to, texts, one in rows if fresh is not bool(to.version)
            ]
            if traces:
                subject = self.model.__name__.lower()
                writing.auditor.record_many(session, writing.actor, action, subject, traces, persons=persons)


def _told(before: Texts, after: Texts) -> dict[str, tuple[object, object]]:
    return {name: (before.get(name), text) for name, text in after.items() if text != before.get(name, "")}


def _meant(row: Values, saved: Texts) -> Texts:
    """All of a row: what it does not say stays as saved, a reason only while the request is declined."""
    texts = {**saved, **row}
    if "decline_reason" not in row and texts.get("status") != RequestStatus.DECLINED.value:
        texts["decline_reason"] = ""
    return texts


def _read_nights(session: Session, rows: Sequence[Texts]) -> list[Read]:
    del session
    return [_read_night(row) for row in rows]


def _read_night(row: Texts) -> Read:
    try:
        columns = clean_night(row)
    except DomainError as error:
        return Read(problem=_problem(error.details))
    return Read(columns, nights.texts_of(columns))


def _read_requests(session: Session, rows: Sequence[Texts]) -> list[Read]:
    zone = zone_of(session)
    read: list[Columns | DomainError] = []
    for row in rows:
        try:
            read.append(clean_request(row, zone))
        except DomainError as error:
            read.append(error)
    linked = iter(requests.link_all(session, [one for one in read if not isinstance(one, DomainError)]))
    return [
        Read(problem=_problem(one.details)) if isinstance(one, DomainError) else _linked(one, *next(linked))
        for one in read
    ]


def _linked(given: Columns, columns: Columns, unknown: Texts) -> Read:
    if unknown:
        return Read(problem=_problem(unknown))
    return Read(columns, requests.texts_of(columns, requests.names_in(given)))


def _problem(details: Mapping[str, str]) -> tuple[str, str]:
    name, why = next(iter(details.items()))
    return LABELS[name][0], why


def _saved_nights(session: Session, rows: Rows) -> Saved:
    found = session.scalars(select(Night).where(Night.identifier.in_([row["night_id"] for row in rows])))
    return {night.identifier: (night, nights.night_texts(night)) for night in found}


def _saved_requests(session: Session, rows: Rows) -> Saved:
    wanted = MemberRequest.identifier.in_([row["request_id"] for row in rows])
    found = session.scalars(select(MemberRequest).where(wanted)).all()
    names = requests.names_of(session, found)
    return {
        one.identifier: (one, requests.texts_of(requests.columns_of(one), names[one.id])) for one in found
    }


def _touch(session: Session, rows: Sequence[Columns]) -> None:
    touch_members(session, requests.members_of(rows))


NIGHT_RECORDS = Records(
    model=Night,
    key="night_id",
    width=len(NIGHT_READERS),
    created=AuditAction.NIGHT_CREATED,
    changed=AuditAction.NIGHT_CHANGED,
    saved=_saved_nights,
    read=_read_nights,
)
REQUEST_RECORDS = Records(
    model=MemberRequest,
    key="request_id",
    width=len(REQUEST_READERS),
    created=AuditAction.REQUEST_CREATED,
    changed=AuditAction.REQUEST_CHANGED,
    saved=_saved_requests,
    read=_read_requests,
    whose=lambda columns: columns["requester_id"],
    follow=_touch,
)
LABELS: dict[str, tuple[str, tuple[str, ...]]] = {  # by the wire's names, with further headers
    "night_id": ("Night", ("night id", "night", "lease night", "lease_night_id", "id")),
    "date": ("Date", ("day", "night date", "checkin", "check-in", "check-in date", "checkin_date")),
    "base_price": ("Base price", ("base", "price", "baseprice", "list price")),
    "currency": ("Currency", ("currency code", "ccy")),
    "market_demand": ("Market demand", ("demand", "demand factor", "market demand factor")),
    "request_id": ("Request", ("request id", "request", "id")),
    "requester": ("Requester", ("requester id", "requester_user_id", "from", "from user", "user_id")),
    "responder": ("Responder", ("responder id", "responder_user_id", "to", "to user", "counterpart")),
    "kind": ("Kind", ("type", "request type", "way")),
    "created_at": ("Created at", ("created", "requested at", "asked at", "time", "timestamp")),
    "days_until_checkin": ("Days until check-in", ("days until checkin", "days", "lead time", "days before")),
    "offered_price": ("Offered price", ("offered", "offer", "price offered", "amount")),
    "status": ("Status", ("state", "outcome")),
    "decline_reason": ("Decline reason", ("reason", "declined because")),
    "responded_at": ("Responded at", ("responded", "answered at", "response time", "answered")),
}
OPTIONAL = {"market_demand", "responder", "decline_reason", "responded_at"}


def _column(name: str, read: Callable[[str], Any], *, required: bool) -> ImportColumn:
    label, also = LABELS[name]
    return ImportColumn(name, label, _written(name, read, required=required), required, also)


def _written(name: str, read: Callable[[str], Any], *, required: bool) -> Callable[[str], str]:
    """Read one cell and write it as it is kept beside the database; what other cells decide comes later."""

    def written(given: str) -> str:
        if required and not given.strip():
            raise ValueError(f"Every row needs a {LABELS[name][0].lower()}.")
        value = read(given)
        if name == "market_demand":
            return demand_text(value)
        if value is None or isinstance(value, str):
            return value or ""
        if name in {"created_at", "responded_at"}:
            return moment_text(value) if value.tzinfo else str(value.isoformat())
        return str(getattr(value, "value", value))

    return written


NIGHT_IMPORT = ImportKind(
    name="nights",
    noun="night",
    permission=Permission.ARCHETYPES_WRITE,
    columns=tuple(_column(name, read, required=name not in OPTIONAL) for name, read in NIGHT_READERS.items()),
    key=NIGHT_RECORDS.key_of,
    find=NIGHT_RECORDS.find,
    write=NIGHT_RECORDS.write,
    endpoint="nights.index",
    complete=NIGHT_RECORDS.complete,
)
REQUEST_IMPORT = ImportKind(
    name="requests",
    noun="request",
    permission=Permission.ARCHETYPES_WRITE,
    columns=tuple(
        _column(name, read, required=name not in OPTIONAL | {"night_id"})
        for name, read in REQUEST_READERS.items()
    ),
    key=REQUEST_RECORDS.key_of,
    find=REQUEST_RECORDS.find,
    write=REQUEST_RECORDS.write,
    endpoint="requests.index",
    complete=REQUEST_RECORDS.complete,
)
