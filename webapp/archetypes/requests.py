"""Requests that members make of each other: created, changed, deleted, traced, their members marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.accounts.companies import zone_of
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.reading import LINKS, clean_request
from webapp.archetypes.touching import touch_members
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, lock_key, unit
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.reading import Texts, Values, amount_text, moment_text
from webapp.core.tables import Column, Filter, Listing
from webapp.people.models import Person

REQUEST_COLUMNS = (
    "request_id",
    "requester",
    "responder",
    "night_id",
    "kind",
    "created_at",
    "days_until_checkin",
    "base_price",
    "offered_price",
    "currency",
    "status",
    "decline_reason",
    "responded_at",
)
Names = Mapping[UUID | None, str]
Ids = Mapping[str, UUID]


def _of_person(args: Mapping[str, str]) -> Sequence[ColumnElement[bool]]:
    """`person=…` are the requests that the person of this user_id made or received."""
    if not (identifier := args.get("person", "").replace("\0", "").strip()):
        return ()
    who = select(Person.id).where(Person.identifier == identifier).scalar_subquery()
    return (or_(MemberRequest.requester_id == who, MemberRequest.responder_id == who),)


REQUESTS = Listing(
    model=MemberRequest,
    columns=(
        Column("asked", MemberRequest.asked_at),
        Column("identifier", MemberRequest.identifier),
        Column("updated", MemberRequest.updated_at),
    ),
    search=(MemberRequest.identifier,),
    filters=(Filter("kind", MemberRequest.kind, "Kind"), Filter("status", MemberRequest.status, "Status")),
    default_sort="-asked",
    narrow=_of_person,
)


def find_request(session: Session, request_id: UUID) -> MemberRequest:
    """The company's request of this id. Raises NotFound."""
    return _known(session.scalar(select(MemberRequest).where(MemberRequest.id == request_id)))


def request_named(session: Session, identifier: str) -> MemberRequest:
    """The company's request of this identifier (`request_id` on the wire). Raises NotFound."""
    known = "\0" not in identifier  # no column holds one, and PostgreSQL refuses to look for it
    wanted = select(MemberRequest).where(MemberRequest.identifier == identifier)
    return _known(session.scalar(wanted) if known else None)


def create_request(
    session: Session, actor: Actor, texts: Texts, *, clock: Clock, auditor: Auditor
) -> MemberRequest:
    """Save a new request and mark both members. Raises DomainError naming what cannot be stored."""
    given, now = clean_request(texts, zone_of(session)), clock.now()
    with unit(session):
        _free(session, given["identifier"], None)
        columns = linked(session, given)
        request = MemberRequest(**columns, created_at=now, updated_at=now)
        session.add(request)
        touch_members(session, members_of([columns]))
        told = {name: (None, text) for name, text in texts_of(columns, names_in(given)).items() if text}
        who = request.requester_id
        auditor.record(session, actor, AuditAction.REQUEST_CREATED, request, changes=told, person=who)
    return request


def change_request(
    session: Session,
    actor: Actor,
    request_id: UUID,
    texts: Texts,
    read_version: int,
    *,
    clock: Clock,
    auditor: Auditor,
) -> MemberRequest:
    """Save the request as read at a version and mark its members, those before and those after.

    An unchanged one makes no version. Raises Conflict when somebody saved in between, NotFound, or
    DomainError naming fields.
    """
    given = clean_request(texts, zone_of(session))
    with unit(session):
        request = _held(session, request_id)
        if request.version != read_version:
            message = "Somebody else saved this request while you were editing it."
            raise Conflict(message, details={"version": f"is {request.version} now"})
        _free(session, given["identifier"], request_id)
        columns, saved = linked(session, given), request_texts(session, request)
        wanted = texts_of(columns, names_in(given))
        changes = {name: (saved[name], text) for name, text in wanted.items() if saved[name] != text}
        if changes:
            concerned = members_of([columns_of(request), columns])
            for name, value in columns.items():
                setattr(request, name, value)
            request.version, request.updated_at = request.version + 1, clock.now()
            touch_members(session, concerned)
            who, action = request.requester_id, AuditAction.REQUEST_CHANGED
            auditor.record(session, actor, action, request, changes=changes, person=who)
    return request


def delete_request(session: Session, actor: Actor, request_id: UUID, *, auditor: Auditor) -> None:
    """Delete the request and mark its members. Raises NotFound."""
    with unit(session):
        request = _held(session, request_id)
        told = {name: (text, None) for name, text in request_texts(session, request).items() if text}
        who = request.requester_id
        auditor.record(session, actor, AuditAction.REQUEST_DELETED, request, changes=told, person=who)
        touch_members(session, members_of([columns_of(request)]))
        session.delete(request)


def linked(session: Session, given: Values) -> Values:
    """The columns with the records they name. Raises DomainError naming those that there are not."""
    (columns, problems), *_ = link_all(session, [given])
    if problems:
        raise DomainError(" ".join(problems.values()), code="invalid", details=problems)
    return columns


def link_all(session: Session, rows: Sequence[Values]) -> list[tuple[Values, dict[str, str]]]:
    """The columns of many rows with the records they name, and a sentence for each name that is unknown."""
    asked = {name: {row[name] for row in rows if row[name]} for name in LINKS}
    persons = _ids(session, Person.identifier, Person.id, asked["requester"] | asked["responder"])
    nights = _ids(session, Night.identifier, Night.id, asked["night_id"])
    return [_link(row, persons, nights) for row in rows]


def _link(
    row: Values, persons: Mapping[str, UUID], nights: Mapping[str, UUID]
) -> tuple[Values, dict[str, str]]:
    problems = {
        name: f"There is no {what} with the id {row[name][:80]}."
        for name, known, what in (
            ("requester", persons, "person"),
            ("responder", persons, "person"),
            ("night_id", nights, "night"),
        )
        if row[name] and row[name] not in known
    }
    columns = {name: value for name, value in row.items() if name not in LINKS}
    columns["requester_id"], columns["responder_id"] = (
        persons.get(row[name]) for name in ("requester", "responder")
    )
    columns["night_id"] = nights.get(row["night_id"])
    return columns, problems


def _ids(
    session: Session,
    name: InstrumentedAttribute[str],
    row_id: InstrumentedAttribute[UUID],
    asked: Iterable[str],
) -> dict[str, UUID]:
    wanted = sorted(asked)
    if not wanted:
        return {}
    return {row[0]: row[1] for row in session.execute(select(name, row_id).where(name.in_(wanted)))}


def members_of(rows: Iterable[Mapping[str, Any]]) -> set[UUID | None]:
    """The persons whose histories these requests belong to."""
    return {row[name] for row in rows for name in ("requester_id", "responder_id")}


def names_in(given: Mapping[str, str]) -> dict[str, str]:
    """What requester, responder and night are called, of cleaned texts."""
    return {name: given[name] for name in LINKS}


def names_of(session: Session, requests: Sequence[MemberRequest]) -> dict[UUID, dict[str, str]]:
    """What requester, responder and night of many requests are called, by request."""
    persons = _names(
        session, Person, [one for row in requests for one in (row.requester_id, row.responder_id)]
    )
    nights = _names(session, Night, [row.night_id for row in requests])
    return {
        row.id: {
            "requester": persons.get(row.requester_id, ""),
            "responder": persons.get(row.responder_id, ""),
            "night_id": nights.get(row.night_id, ""),
        }
        for row in requests
    }


def _names(session: Session, model: type[Any], ids: Iterable[UUID | None]) -> Names:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    found = session.execute(select(model.id, model.identifier).where(model.id.in_(wanted)))
    return {row.id: row.identifier for row in found}


OWN = (
    "identifier",
    "kind",
    "asked_at",
    "days_until_checkin",
    "base_minor",
    "offered_minor",
    "currency",
    "status",
    "decline_reason",
    "answered_at",
)


def columns_of(request: MemberRequest) -> Values:
    """What people decide of a request, by column."""
    return {name: getattr(request, name) for name in (*OWN, "requester_id", "responder_id", "night_id")}


def request_texts(session: Session, request: MemberRequest) -> dict[str, str]:
    """The request as files and programs write it, by the wire's names."""
    return texts_of(columns_of(request), names_of(session, [request])[request.id])


def texts_of(columns: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """The texts of a request's columns, by the wire's names; `names` says what it links to."""
    reason = columns["decline_reason"]
    return {
        "request_id": columns["identifier"],
        **names,
        "kind": columns["kind"].value,
        "created_at": moment_text(columns["asked_at"]),
        "days_until_checkin": str(columns["days_until_checkin"]),
        "base_price": amount_text(columns["base_minor"], columns["currency"]),
        "offered_price": amount_text(columns["offered_minor"], columns["currency"]),
        "currency": columns["currency"],
        "status": columns["status"].value,
        "decline_reason": reason.value if reason else "",
        "responded_at": moment_text(columns["answered_at"]),
    }


def _free(session: Session, identifier: str, request_id: UUID | None) -> None:
    lock_key(session, "requests", company_of(session), identifier)
    taken = session.scalar(select(MemberRequest.id).where(MemberRequest.identifier == identifier))
    if taken and taken != request_id:
        why = "Another request has this id."
        raise DomainError(why, code="taken", details={"request_id": why})


def _held(session: Session, request_id: UUID) -> MemberRequest:
    found = select(MemberRequest).where(MemberRequest.id == request_id).with_for_update()
    return _known(session.scalar(found))


def _known(request: MemberRequest | None) -> MemberRequest:
    if request is None:
        raise NotFound("There is no such request.", details={"request_id": "unknown"})
    return request
