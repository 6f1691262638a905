"""Requests: what follows from them is exact, members whose history changed are marked, pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select

from tests.archetypes.records import (
    REQUEST,
    a_night,
    a_request,
    all_of,
    clients,
    detected,
    persons,
    stale,
)
from tests.conftest import World
from webapp.archetypes.models import Member, MemberRequest
from webapp.archetypes.reading import clean_request
from webapp.archetypes.requests import change_request, delete_request, request_named, request_texts
from webapp.archetypes.touching import touch_members
from webapp.core.audit import AuditAction, AuditEntry, PersonKey
from webapp.core.db import db, scope_to, unit
from webapp.core.errors import Conflict, DomainError, NotFound

HOME = "/archetypes/requests"


@pytest.mark.parametrize(
    ("currency", "base", "offered", "ppm"),
    [
        ("EUR", "1890", "2268", 1_200_000),
        ("EUR", "3", "1", 333_333),
        ("EUR", "3", "2", 666_667),
        ("EUR", "20000", "0.01", 1),
        ("JPY", "250000", "125000", 500_000),
        ("KWD", "0.300", "0.001", 3_333),
        ("EUR", "1890", "0", 0),
    ],
)
def test_what_was_paid_of_the_base_is_exact_in_millionths(
    currency: str, base: str, offered: str, ppm: int
) -> None:
    texts = {**REQUEST, "currency": currency, "base_price": base, "offered_price": offered}
    assert clean_request(texts, UTC)["paid_ppm"] == ppm


@pytest.mark.parametrize(
    ("status", "responded", "seconds"),
    [
        ("accepted", "2026-11-01T10:30:00Z", 1_800),
        ("declined", "2026-11-01T10:00:00Z", 0),
        ("declined", "2026-11-01T11:00:00+01:00", 0),
        ("accepted", "", None),
        ("expired", "2026-11-01T10:30:00Z", None),
        ("pending", "", None),
    ],
)
def test_how_long_an_answer_took_is_known_of_those_who_answered(
    status: str, responded: str, seconds: int | None
) -> None:
    texts = {**REQUEST, "status": status, "responded_at": responded}
    assert clean_request(texts, UTC)["answer_seconds"] == seconds


def test_a_time_without_a_zone_is_the_companys() -> None:
    texts = {**REQUEST, "created_at": "2026-07-01 10:00", "responded_at": ""}
    assert clean_request(texts, ZoneInfo("Europe/Berlin"))["asked_at"] == datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"request_id": ""}, "request_id", "needs an id"),
        ({"requester": " "}, "requester", "Say who asks"),
        ({"responder": "ann"}, "responder", "Nobody asks themselves"),
        ({"kind": "gift"}, "kind", "buyout, crash, swap"),
        ({"created_at": "yesterday"}, "created_at", "Write the time"),
        ({"created_at": "0001-01-01T00:00:00+10:00"}, "created_at", "Write the time"),
        ({"responded_at": "2026-11-01T09:59:59Z"}, "responded_at", "before the request"),
        ({"days_until_checkin": "-1"}, "days_until_checkin", "0 to 3,650"),
        ({"days_until_checkin": "3651"}, "days_until_checkin", "0 to 3,650"),
        ({"days_until_checkin": "1.5"}, "days_until_checkin", "0 to 3,650"),
        ({"base_price": "0"}, "base_price", "more than nothing"),
        ({"offered_price": "-1"}, "offered_price", "negative"),
        ({"base_price": "0.01", "offered_price": "1000000"}, "offered_price", "a million times"),
        ({"currency": "€"}, "currency", "three letters"),
        ({"status": "done"}, "status", "pending, accepted"),
        ({"decline_reason": "price"}, "decline_reason", "Only a declined"),
        ({"status": "declined", "decline_reason": "mood"}, "decline_reason", "price, timing, other"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(changes: dict[str, str], field: str, why: str) -> None:
    with pytest.raises(DomainError) as refused:
        clean_request({**REQUEST, **changes}, UTC)
    assert list(refused.value.details) == [field]
    assert why in refused.value.details[field]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(DomainError) as refused:
        clean_request({}, UTC)
    needed = {"request_id", "requester", "kind", "created_at", "days_until_checkin", "currency", "status"}
    assert set(refused.value.details) == needed | {"base_price", "offered_price"}


def test_whoever_and_whatever_it_names_must_be_there(world: World) -> None:
    persons(world, "ann")
    persons(world, "bo", company_id=world.other_id)
    a_night(world, world.other_id)
    with pytest.raises(DomainError) as refused:
        a_request(world, night_id="n-1")
    assert set(refused.value.details) == {"responder", "night_id"}
    assert "no person with the id bo" in refused.value.details["responder"]
    assert stale(world) == {}


def test_a_new_request_makes_members_and_marks_them(world: World) -> None:
    persons(world, "ann", "bo", "cy")
    a_request(world)
    assert stale(world) == {"ann": True, "bo": True}
    detected(world)
    a_request(world, request_id="r-2", requester="cy", responder="")
    assert stale(world) == {"ann": False, "bo": False, "cy": True}


def test_a_changed_request_marks_those_before_and_those_after(world: World) -> None:
    persons(world, "ann", "bo", "cy")
    request = a_request(world)
    detected(world)
    common = clients(world)
    same = change_request(world.session, world.actor(), request.id, REQUEST, 1, **common)
    assert (same.version, stale(world)) == (1, {"ann": False, "bo": False})
    changed = {**REQUEST, "responder": "cy", "offered_price": "1000"}
    saved = change_request(world.session, world.actor(), request.id, changed, 1, **common)
    assert (saved.version, saved.paid_ppm) == (2, 529_101)
    assert stale(world) == {"ann": True, "bo": True, "cy": True}
    with pytest.raises(Conflict):
        change_request(world.session, world.actor(), request.id, REQUEST, 1, **common)


def test_a_deleted_request_marks_its_members_and_is_traced_under_the_requesters_key(world: World) -> None:
    ann = persons(world, "ann", "bo")["ann"]
    request = a_request(world)
    detected(world)
    delete_request(world.session, world.actor(), request.id, auditor=world.services.auditor)
    assert stale(world) == {"ann": True, "bo": True}
    world.actor()
    keys = set(world.session.scalars(select(PersonKey.person_id)))
    assert ann.id in keys
    deeds = world.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert deeds[-2:] == [AuditAction.REQUEST_CREATED, AuditAction.REQUEST_DELETED]


def test_many_members_are_marked_by_few_statements(world: World) -> None:
    made = [one.id for one in persons(world, *(f"m{n}" for n in range(40))).values()]
    statements: list[str] = []
    world.actor()
    with unit(world.session) as session:
        engine = db.engine

        def heard(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", heard)
        touch_members(session, made)
        touch_members(session, [None, *made])
        event.remove(engine, "before_cursor_execute", heard)
    assert len(statements) <= 4
    assert len(stale(world)) == 40
    (member,) = world.session.scalars(select(Member).limit(1))
    assert (member.beliefs, member.transactions, member.in_force.value) == ([], 0, "average_user")


def test_a_request_is_found_by_its_id_in_its_company_alone(world: World) -> None:
    persons(world, "ann", "bo", company_id=world.other_id)
    a_request(world, world.other_id)
    world.actor()
    for missing in ("r-1", "a\0"):
        with pytest.raises(NotFound):
            request_named(world.session, missing)


def test_a_request_tells_itself_as_files_write_it(world: World) -> None:
    persons(world, "ann", "bo")
    a_night(world)
    request = a_request(world, night_id="n-1")
    told = request_texts(world.session, request)
    assert told == {**REQUEST, "night_id": "n-1", "base_price": "1890.00", "offered_price": "2268.00"}


def test_requests_are_listed_filtered_and_shown(world: World) -> None:
    persons(world, "ann", "bo", "cy")
    a_night(world)
    a_request(world, night_id="n-1")
    a_request(
        world, request_id="r-2", responder="cy", kind="swap", status="declined", decline_reason="timing"
    )
    browser = world.client("viewer")
    assert all(text in browser.get(HOME).get_data(as_text=True) for text in ("r-1", "r-2", "2\u202f268"))
    for query, there, gone in (
        ("kind=swap", "r-2", "r-1"),
        ("status=accepted", "r-1", "r-2"),
        ("person=cy", "r-2", "r-1"),
        ("q=r-1", "r-1", "r-2"),
    ):
        page = browser.part(f"{HOME}?{query}").get_data(as_text=True)
        assert (f">{there}<" in page, f">{gone}<" in page) == (True, False), query
    shown = [browser.get(f"{HOME}/{one.id}").get_data(as_text=True) for one in all_of(world, MemberRequest)]
    assert all(text in shown[0] for text in ("120.0 % of base", "30 minutes", "n-1", "Ann", "accepted"))
    assert "timing" in shown[1]
    assert "Import" not in browser.get(HOME).get_data(as_text=True)


def test_B3_another_companys_request_is_not_there(world: World) -> None:
    persons(world, "ann", "bo", company_id=world.other_id)
    theirs = a_request(world, world.other_id)
    browser = world.client()
    assert browser.get(f"{HOME}/{theirs.id}").status_code == 404
    assert "r-1" not in browser.get(HOME).get_data(as_text=True)


def test_deleting_many_marks_their_members(world: World) -> None:
    persons(world, "ann", "bo", "cy")
    a_request(world)
    a_request(world, request_id="r-2", responder="cy")
    detected(world)
    browser = world.client()
    (first, _) = all_of(world, MemberRequest)
    marked = {"row": str(first.id), "deed": "delete", "sure": "1", "query": ""}
    assert world.client("viewer").send(f"{HOME}/selected", marked).status_code == 403
    assert browser.send(f"{HOME}/selected", marked).status_code == 303
    assert [one.identifier for one in all_of(world, MemberRequest)] == ["r-2"]
    assert stale(world) == {"ann": True, "bo": True, "cy": False}
    scope_to(world.session, world.company_id)
    deleted = select(AuditEntry.subject).where(AuditEntry.action == AuditAction.REQUEST_DELETED)
    assert world.session.scalars(deleted).all() == ["memberrequest"]
