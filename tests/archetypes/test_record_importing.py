"""Nights and requests from files: rows told of by column, compared whole, unchanged when exported."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from tests.archetypes.records import a_night, a_request, all_of, detected, persons, stale
from tests.conftest import World
from tests.pages import CheckedClient
from tests.personas.test_importing import checked, counts, report, write
from webapp.accounts.companies import change_profile
from webapp.archetypes.models import Member, MemberRequest, Night
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to

HEADER = (
    "request_id,requester,responder,night_id,kind,created_at,days_until_checkin,base_price,offered_price,"
    "currency,status,decline_reason,responded_at"
)
ROW = "r-1,ann,bo,,buyout,2026-11-01T10:00:00Z,5,1890,2268,EUR,accepted,,2026-11-01T10:30:00Z"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def bad(browser: CheckedClient, address: str) -> list[tuple[str, str]]:
    return [(row["Row"], row["Column"]) for row in report(browser, address)]


def test_nights_are_created_changed_and_left(world: World, browser: CheckedClient) -> None:
    a_night(world, night_id="n-1")
    a_night(world, night_id="n-2")
    content = (
        "Night ID;Day;Price;Ccy;Demand\n"
        "n-1;2026-12-24;1890.0;eur;1.080\nn-2;2026-12-24;1900;EUR;1.08\nn-3;2026-12-31;250000;JPY;\n"
    )
    address = checked(world, browser, content, "nights")
    assert counts(world, address) == (1, 1, 1, 0)
    write(world, browser, address)
    found = all_of(world, Night)
    assert [(one.base_minor, one.currency, one.demand_ppm, one.version) for one in found] == [
        (189_000, "EUR", 1_080_000, 1),
        (190_000, "EUR", 1_080_000, 2),
        (250_000, "JPY", None, 1),
    ]
    assert counts(world, checked(world, browser, content, "nights")) == (0, 0, 3, 0)


def test_bad_nights_are_named_by_their_columns(world: World, browser: CheckedClient) -> None:
    rows = ["night_id,date,base_price,currency,market_demand", ",2026-12-24,1,EUR,", "a,24.12.,1,EUR,"]
    rows += ["b,2026-12-24,1.5,JPY,", "c,2026-12-24,x,EUR,", "d,2026-12-24,1,Euros,", "e,2026-12-24,1,EUR,11"]
    address = checked(world, browser, "\n".join(rows), "nights")
    assert bad(browser, address) == [
        ("2", "Night"),
        ("3", "Date"),
        ("4", "Base price"),
        ("5", "Base price"),
        ("6", "Currency"),
        ("7", "Market demand"),
    ]


def test_a_night_without_a_demand_column_keeps_what_is_saved(world: World, browser: CheckedClient) -> None:
    a_night(world)
    content = "night_id,date,base_price,currency\nn-1,2026-12-25,1890,EUR\n"
    write(world, browser, checked(world, browser, content, "nights"))
    (night,) = all_of(world, Night)
    assert (str(night.date), night.demand_ppm) == ("2026-12-25", 1_080_000)


def test_requests_come_with_what_follows_from_them_and_mark_their_members(
    world: World, browser: CheckedClient
) -> None:
    people = persons(world, "ann", "bo", "cy")
    night_id, ann_id = a_night(world).id, people["ann"].id
    rows = [
        HEADER,
        ROW,
        "r-2,cy,,n-1,Swap,2026-11-02 08:00:00,12,420.125,0.125,KWD,declined,price,2026-11-02 09:00:00",
    ]
    address = checked(world, browser, "\n".join(rows), "requests")
    assert counts(world, address) == (2, 0, 0, 0)
    assert stale(world) == {}
    write(world, browser, address)
    one, two = all_of(world, MemberRequest)
    assert (one.requester_id, one.paid_ppm, one.answer_seconds) == (ann_id, 1_200_000, 1_800)
    assert (two.night_id, two.base_minor, two.paid_ppm) == (night_id, 420_125, 298)
    assert (two.answer_seconds, two.responder_id) == (3_600, None)
    assert stale(world) == {"ann": True, "bo": True, "cy": True}


def test_an_update_marks_members_before_and_after_and_is_traced(world: World, browser: CheckedClient) -> None:
    persons(world, "ann", "bo", "cy", "dee")
    a_request(world)
    a_request(world, request_id="r-2", requester="dee", responder="")
    detected(world)
    row = ROW.replace(",bo,", ",cy,")
    dee = "r-2,dee,,,buyout,2026-11-01T10:00:00Z,5,1890,2268,EUR,accepted,,2026-11-01T10:30:00Z"
    address = checked(world, browser, f"{HEADER}\n{row}\n{dee}", "requests")
    assert counts(world, address) == (0, 1, 1, 0)
    write(world, browser, address)
    assert stale(world) == {"ann": True, "bo": True, "cy": True, "dee": False}
    scope_to(world.session, world.company_id)
    told = select(AuditEntry.changes).where(AuditEntry.action == AuditAction.REQUEST_CHANGED)
    assert [set(one) for one in world.session.scalars(told)] == [{"responder"}]


def test_a_request_no_longer_declined_loses_its_reason(world: World, browser: CheckedClient) -> None:
    persons(world, "ann", "bo")
    a_request(world, status="declined", decline_reason="price")
    names = [name for name in HEADER.split(",") if name != "decline_reason"]
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
    content = f"{','.join(names)}\n{','.join(cells[name] for name in names)}\n"
    write(world, browser, checked(world, browser, content, "requests"))
    (request,) = all_of(world, MemberRequest)
    assert (request.status.value, request.decline_reason, request.version) == ("accepted", None, 2)


def test_bad_requests_are_named_by_their_columns(world: World, browser: CheckedClient) -> None:
    persons(world, "ann", "bo")
    changes = [
        (",ann,", ",nobody,", "Requester"),
        (",ann,", ",,", "Requester"),
        (",bo,", ",nobody,", "Responder"),
        (",bo,", ",ann,", "Responder"),
        (",,buyout", ",n-9,buyout", "Night"),
        ("buyout", "gift", "Kind"),
        ("2026-11-01T10:00", "yesterday", "Created at"),
        (",5,", ",3651,", "Days until check-in"),
        (",1890,", ",0,", "Base price"),
        (",2268,", ",1.234,", "Offered price"),
        ("EUR", "", "Currency"),
        ("accepted,", "done,", "Status"),
        ("accepted,,", "accepted,price,", "Decline reason"),
        ("T10:30:00Z", "T09:30:00Z", "Responded at"),
    ]
    rows = [ROW.replace("r-1", f"r-{n}").replace(old, new, 1) for n, (old, new, _) in enumerate(changes)]
    address = checked(world, browser, "\n".join([HEADER, *rows, ROW.replace("r-1", "good")]), "requests")
    assert counts(world, address) == (1, 0, 0, len(changes))
    assert [column for _, column in bad(browser, address)] == [column for _, _, column in changes]
    write(world, browser, address, skip_bad="1")
    assert [one.identifier for one in all_of(world, MemberRequest)] == ["good"]


@pytest.mark.thorough
def test_C3_what_was_exported_comes_back_unchanged(world: World, browser: CheckedClient) -> None:
    persons(world, "ann", "bo")
    a_night(world)
    a_night(world, night_id="=n-2", currency="JPY", base_price="250000", market_demand="")
    a_night(world, night_id="n-3", currency="KWD", base_price="420.125")
    a_request(world, night_id="n-1")
    a_request(world, request_id="r-2", responder="", status="pending", responded_at="", currency="JPY")
    a_request(
        world,
        request_id="r-3",
        status="declined",
        decline_reason="timing",
        currency="KWD",
        offered_price="0.001",
    )
    company = world.services.zone(world.session)
    assert str(company) == "UTC"
    berlin = {"timezone": "Europe/Berlin"}
    change_profile(world.session, world.actor(), berlin, 1, world.services.auditor)
    for kind, count in (("nights", 3), ("requests", 3)):
        for form in ("csv", "json"):
            file = browser.get(f"/archetypes/{kind}/export?format={form}").get_data()
            assert counts(world, checked(world, browser, file, kind)) == (0, 0, count, 0), (kind, form)
    items = json.loads(browser.get("/archetypes/requests/export?format=json&status=declined").get_data())[
        "items"
    ]
    assert [(one["request_id"], one["offered_price"]) for one in items] == [("r-3", "0.001")]


def test_B3_another_companys_persons_and_nights_are_not_meant(world: World, browser: CheckedClient) -> None:
    persons(world, "ann", "bo", company_id=world.other_id)
    a_request(world, world.other_id)
    persons(world, "ann")
    address = checked(world, browser, f"{HEADER}\n{ROW}\n", "requests")
    assert bad(browser, address) == [("2", "Responder")]


@pytest.mark.thorough
def test_thousands_of_requests_come_in_one_transaction(world: World, browser: CheckedClient) -> None:
    persons(world, *(f"m{n}" for n in range(20)))
    rows = [
        ROW.replace("r-1", f"r-{n}").replace(",ann,bo,", f",m{n % 20},m{(n + 1 + n // 20 % 18) % 20},")
        for n in range(2_500)
    ]
    address = checked(world, browser, "\n".join([HEADER, *rows]), "requests")
    assert counts(world, address) == (2_500, 0, 0, 0)
    write(world, browser, address)
    scope_to(world.session, world.company_id)
    assert world.session.scalar(select(func.count(MemberRequest.id))) == 2_500
    assert world.session.scalar(select(func.count(Member.id))) == 20


def test_B1_a_viewer_imports_nothing(world: World) -> None:
    assert world.client("viewer").get("/imports/new/requests").status_code == 403
