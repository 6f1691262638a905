"""Events from files: added once, none that must not be kept, the same file twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.customers.records import a_person, all_of, switch_off
from tests.pages import CheckedClient
from tests.personas.test_importing import checked, counts, report, write
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to, unit
from webapp.customers.models import Event, Preference
from webapp.people.erased import digest_of
from webapp.people.models import Person, Tombstone

HEAD = "user_id,event_type,timestamp,product_id,query,value,currency,session_id,event_id"


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def ago(world: World, days: float) -> str:
    return (world.clock.now() - timedelta(days=days)).isoformat().replace("+00:00", "Z")


def says(world: World, name: str, tracking: bool | None = True) -> None:
    """Have a person of this user id say whether they may be tracked."""
    person_id, now = a_person(world, name), world.clock.now()
    with unit(world.session) as session:
        session.add(
            Preference(person_id=person_id, tracking_enabled=tracking, created_at=now, updated_at=now)
        )


def file_of(world: World) -> str:
    rows = [
        f"ann,product_view,{ago(world, 3)},p-1,,,,s-1,e-1",
        f"ann,purchase,{ago(world, 2)},p-1,,19.90,EUR,s-1,e-2",
        f"bo,search,{ago(world, 1)},,trail shoe,,,,",
        f"bo,newsletter_read,{ago(world, 1)},,,,,,",
    ]
    return "\n".join([HEAD, *rows])


def bring(world: World, browser: CheckedClient, content: str, **data: str) -> tuple[int, int, int, int]:
    address = checked(world, browser, content, "events")
    write(world, browser, address, **data)
    return counts(world, address)


def kinds_of(world: World) -> list[str]:
    return sorted(row.kind for row in all_of(world, Event))


@pytest.fixture
def asked(world: World) -> World:
    """A world with two customers who consented."""
    says(world, "ann")
    says(world, "bo")
    return world


def test_rows_are_added_with_all_they_say(asked: World, browser: CheckedClient) -> None:
    assert bring(asked, browser, file_of(asked)) == (4, 0, 0, 0)
    bought = next(row for row in all_of(asked, Event) if row.kind == "purchase")
    assert (bought.identifier, bought.item, bought.value, bought.currency) == ("e-2", "p-1", 19.9, "EUR")
    searched = next(row for row in all_of(asked, Event) if row.kind == "search")
    assert (searched.query, searched.item, searched.identifier[0]) == ("trail shoe", None, "~")
    action = AuditEntry.action == AuditAction.EVENTS_IMPORTED
    assert len(asked.session.scalars(select(AuditEntry).where(action)).all()) == 1


@pytest.mark.thorough
def test_the_same_file_twice_adds_nothing(asked: World, browser: CheckedClient) -> None:
    content = file_of(asked)
    bring(asked, browser, content)
    assert bring(asked, browser, content) == (0, 0, 4, 0)
    assert len(all_of(asked, Event)) == 4


@pytest.mark.thorough
def test_an_id_counts_once_in_a_file_and_after_the_dry_run(asked: World, browser: CheckedClient) -> None:
    row = f"ann,product_view,{ago(asked, 3)},p-1,,,,,e-1"
    content = "\n".join([HEAD, row, row, row.replace("e-1", "e-2"), row.replace("p-1", "p-2")])
    first = checked(asked, browser, content, "events")
    assert counts(asked, first) == (2, 0, 2, 0)
    bring(asked, browser, f"{HEAD}\n{row}")
    write(asked, browser, first)
    assert counts(asked, first) == (1, 0, 3, 0)
    assert sorted(row.identifier for row in all_of(asked, Event)) == ["e-1", "e-2"]


def test_lines_of_json_come_in_as_well(asked: World, browser: CheckedClient) -> None:
    event = {"user_id": "ann", "event_type": "rating", "timestamp": ago(asked, 1), "product_id": "p-1"}
    lines = [json.dumps({**event, "value": stars, "event_id": f"r-{stars}"}) for stars in (4, 2.5)]
    assert bring(asked, browser, "\n".join(lines)) == (2, 0, 0, 0)
    assert sorted(row.value for row in all_of(asked, Event)) == [2.5, 4.0]


def test_rows_that_cannot_be_are_named_and_left_out(asked: World, browser: CheckedClient) -> None:
    day = ago(asked, 1)
    rows = [
        f"ann,Bought It!,{day},p-1,,,,,",
        f"ann,product_view,{day},,,,,,",
        f"ann,search,{day},,,,,,",
        f"ann,rating,{day},p-1,,,,,",
        f"ann,page_view,{ago(asked, -1)},,,,,,",
        f"ann,page_view,{ago(asked, 731)},,,,,,",
        "ann,page_view,yesterday,,,,,,",
        f"ann,purchase,{day},p-1,,a lot,EUR,,",
        f"ann,purchase,{day},p-1,,9,XXQ,,",
        f",page_view,{day},,,,,,",
        f"a/b,page_view,{day},,,,,,",
        f"ann,page_view,{day},,,,,,fine",
    ]
    address = checked(asked, browser, "\n".join([HEAD, *rows]), "events")
    assert counts(asked, address) == (1, 0, 0, 11)
    assert [row["Column"] for row in report(browser, address)] == [
        *("Event type", "Product id", "Query", "Value", "Timestamp", "Timestamp", "Timestamp"),
        *("Value", "Currency", "User id", "User id"),
    ]
    write(asked, browser, address, skip_bad="1")
    assert [row.identifier for row in all_of(asked, Event)] == ["fine"]


def test_who_did_not_consent_refused_or_was_erased_is_left_out(asked: World, browser: CheckedClient) -> None:
    says(asked, "cy", tracking=False)
    with unit(asked.session) as session:
        digest = digest_of(session, asked.services.settings.audit_secret(), "gone")
        session.add(Tombstone(digest=digest, at=asked.clock.now()))
    rows = [f"{name},page_view,{ago(asked, 1)},,,,,," for name in ("ann", "cy", "dee", "gone")]
    address = checked(asked, browser, "\n".join([HEAD, *rows]), "events")
    assert counts(asked, address) == (1, 0, 0, 3)
    told = " ".join(row["Problem"] for row in report(browser, address))
    assert "switched off for this customer" in told
    assert "has not consented" in told
    assert "erased" in told


def test_who_withdraws_after_the_dry_run_is_left_out(asked: World, browser: CheckedClient) -> None:
    address = checked(asked, browser, file_of(asked), "events")
    scope_to(asked.session, asked.company_id)
    with unit(asked.session) as session:
        bo = session.scalars(
            select(Preference)
            .join(Person, Person.id == Preference.person_id)
            .where(Person.identifier == "bo")
        ).one()
        bo.tracking_enabled = False
    write(asked, browser, address)
    assert not all_of(asked, Event)  # somebody asked for all rows
    again = checked(asked, browser, file_of(asked), "events")
    write(asked, browser, again, skip_bad="1")
    assert kinds_of(asked) == ["product_view", "purchase"]


def test_a_withdrawal_between_skips_those_rows_alone(asked: World, browser: CheckedClient) -> None:
    bad = f"{file_of(asked)}\nann,page_view,yesterday,,,,,,"
    address = checked(asked, browser, bad, "events")
    assert counts(asked, address) == (4, 0, 0, 1)
    switch_off(asked, "browsing_history")
    write(asked, browser, address, skip_bad="1")
    assert counts(asked, address) == (2, 0, 0, 3)
    assert kinds_of(asked) == ["newsletter_read", "purchase"]


@pytest.mark.thorough
def test_without_consent_first_unknown_persons_are_made(make_world: Callable[..., World]) -> None:
    world = make_world(gdpr_compliant=False)
    browser = world.client()
    assert bring(world, browser, file_of(world)) == (4, 0, 0, 0)
    assert {row.identifier for row in all_of(world, Person)} >= {"ann", "bo"}


def test_what_a_file_exports_can_be_imported(asked: World, browser: CheckedClient) -> None:
    bring(asked, browser, file_of(asked))
    text = browser.get("/customers/events/export").get_data(as_text=True)
    assert counts(asked, checked(asked, browser, text, "events")) == (0, 0, 4, 0)


def test_the_list_shows_who_did_what(asked: World, browser: CheckedClient) -> None:
    bring(asked, browser, file_of(asked))
    every = browser.get("/customers/events").get_data(as_text=True)
    assert every.count('<td class="name">') == 4
    for query, count in (
        ("kind=purchase", 1),
        ("user_id=bo", 2),
        ("user_id=bo&kind=search", 1),
        ("user_id=x", 0),
    ):
        page = browser.get(f"/customers/events?{query}").get_data(as_text=True)
        assert page.count('<td class="name">') == count, query


def test_with_tracking_off_nothing_comes_in(asked: World, browser: CheckedClient) -> None:
    switch_off(asked, "behavioral_tracking")
    address = checked(asked, browser, file_of(asked), "events")
    assert counts(asked, address) == (0, 0, 0, 4)
    assert "switched off for this company" in report(browser, address)[0]["Problem"]
