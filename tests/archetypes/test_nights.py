"""Nights: kept exactly in any currency, saved as read, listed, changed and deleted on their pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.archetypes.records import NIGHT, a_night, a_request, all_of, clients, persons
from tests.conftest import World
from tests.pages import CheckedClient
from webapp.archetypes.models import MemberRequest, Night
from webapp.archetypes.nights import change_night, delete_night, night_named, night_texts
from webapp.archetypes.reading import clean_night
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.errors import Conflict, DomainError, NotFound

HOME = "/archetypes/nights"


@pytest.mark.parametrize(
    ("currency", "price", "minor", "text"),
    [
        ("EUR", "1890", 189_000, "1890.00"),
        ("EUR", "1890.5", 189_050, "1890.50"),
        ("JPY", "250000", 250_000, "250000"),
        ("KWD", "420.125", 420_125, "420.125"),
        ("kwd", " 0.001 ", 1, "0.001"),
    ],
)
def test_money_is_kept_in_minor_units_and_comes_back_with_its_decimals(
    currency: str, price: str, minor: int, text: str
) -> None:
    read = clean_night({**NIGHT, "base_price": price, "currency": currency})
    assert read["base_minor"] == minor
    assert night_texts(Night(**read, created_at=None, updated_at=None))["base_price"] == text  # type: ignore[arg-type]  # not saved


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("night_id", " ", "needs an id"),
        ("night_id", "a/b", "slash"),
        ("night_id", "a\0", "NUL"),
        ("night_id", "x" * 201, "under 200"),
        ("date", "24.12.2026", "such as 2026-12-24"),
        ("date", "2026-02-30", "such as 2026-12-24"),
        ("date", "0001-01-01", "such as 2026-12-24"),
        ("base_price", "much", "no amount"),
        ("base_price", "-1", "negative"),
        ("base_price", "0", "more than nothing"),
        ("base_price", "0.001", "EUR has 2 decimals"),
        ("base_price", "0.00001", "EUR has 2 decimals"),
        ("base_price", "1e13", "million millions"),
        ("base_price", "NaN", "no amount"),
        ("base_price", "1.000000000000000000000000000001", "more digits"),
        ("currency", "Euro", "three letters"),
        ("market_demand", "0", "above 0"),
        ("market_demand", "10.5", "above 0"),
        ("market_demand", "much", "factor"),
        ("market_demand", "1.0000001", "six decimals"),
        ("market_demand", "1.000000000000000000000000000001", "six decimals"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(field: str, text: str, why: str) -> None:
    with pytest.raises(DomainError) as refused:
        clean_night({**NIGHT, field: text})
    assert list(refused.value.details) == [field]
    assert why in refused.value.details[field]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(DomainError) as refused:
        clean_night({})
    assert set(refused.value.details) == {"night_id", "date", "base_price", "currency"}


def test_a_night_is_changed_as_read_and_traced(world: World) -> None:
    night = a_night(world)
    assert (night.demand_ppm, night.base_minor) == (1_080_000, 189_000)
    common = clients(world)
    same = change_night(world.session, world.actor(), night.id, NIGHT, 1, **common)
    assert same.version == 1
    dearer = {**NIGHT, "base_price": "1900", "market_demand": ""}
    changed = change_night(world.session, world.actor(), night.id, dearer, 1, **common)
    assert (changed.version, changed.base_minor, changed.demand_ppm) == (2, 190_000, None)
    with pytest.raises(Conflict):
        change_night(world.session, world.actor(), night.id, NIGHT, 1, **common)
    traced = world.session.scalars(
        select(AuditEntry.changes).where(AuditEntry.action == AuditAction.NIGHT_CHANGED)
    ).all()
    assert [set(one) for one in traced] == [{"base_price", "market_demand"}]


def test_an_id_stands_once_in_a_company_and_no_other_company_sees_it(world: World) -> None:
    a_night(world)
    theirs = a_night(world, world.other_id)
    with pytest.raises(DomainError, match="Another night"):
        a_night(world)
    world.actor()
    assert night_named(world.session, "n-1").id != theirs.id
    for missing in ("n-2", "a\0"):
        with pytest.raises(NotFound):
            night_named(world.session, missing)
    with pytest.raises(NotFound):
        delete_night(world.session, world.actor(), theirs.id, auditor=world.services.auditor)


def test_requests_outlive_their_night(world: World) -> None:
    persons(world, "ann", "bo")
    night = a_night(world)
    a_request(world, night_id="n-1")
    delete_night(world.session, world.actor(), night.id, auditor=world.services.auditor)
    assert [one.night_id for one in all_of(world, MemberRequest)] == [None]


def test_a_night_is_added_listed_edited_and_deleted_on_its_pages(world: World) -> None:
    browser = world.client()
    assert "No nights yet" in browser.get(HOME).get_data(as_text=True)
    new = browser.get(f"{HOME}/new").get_data(as_text=True)
    assert 'value="EUR"' in new
    assert 'type="date"' in new
    once = re.findall(r'name="once"[^>]*value="(\w+)"', new)[0]
    for _ in range(2):  # a second press makes no second night
        assert browser.send(HOME, {**NIGHT, "once": once}).status_code == 303
    (night,) = all_of(world, Night)
    page = browser.get(f"{HOME}?currency=EUR&q=n").get_data(as_text=True)
    assert all(text in page for text in ("n-1", "2026-12-24", "×1.08", "1\u202f890"))
    assert "No night matches" in browser.get(f"{HOME}?currency=JPY").get_data(as_text=True)
    here = f"{HOME}/{night.id}"
    assert 'value="1890.00"' in browser.get(f"{here}/edit").get_data(as_text=True)
    wrong = browser.send(here, {**NIGHT, "base_price": "1.234", "version": "1"})
    assert wrong.status_code == 422
    assert "EUR has 2 decimals" in wrong.get_data(as_text=True)
    assert browser.send(here, {**NIGHT, "base_price": "2000", "version": "1"}).status_code == 303
    assert browser.send(f"{here}/delete").status_code == 303
    assert all_of(world, Night) == []
    assert browser.send(here, {**NIGHT, "version": "2"}).status_code == 404


def test_two_people_saving_at_once_see_both_versions(world: World) -> None:
    browser, night = world.client(), a_night(world)
    here = f"{HOME}/{night.id}"
    assert browser.send(here, {**NIGHT, "base_price": "2000", "version": "1"}).status_code == 303
    late = browser.send(here, {**NIGHT, "base_price": "1500", "version": "1"})
    text = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "2000.00" in text
    assert 'value="1500"' in text
    assert browser.send(here, {**NIGHT, "base_price": "1500", "version": "2"}).status_code == 303


def test_B1_a_viewer_reads_and_changes_nothing(world: World) -> None:
    night = a_night(world)
    viewer = world.client("viewer")
    page = viewer.get(HOME).get_data(as_text=True)
    assert "n-1" in page
    assert "New night" not in page
    for path in (HOME, f"{HOME}/{night.id}", f"{HOME}/{night.id}/delete", f"{HOME}/selected"):
        assert viewer.send(path, NIGHT).status_code == 403
    for path in (f"{HOME}/new", f"{HOME}/{night.id}/edit"):
        assert viewer.get(path).status_code == 403


def test_B3_another_companys_night_is_not_there(world: World) -> None:
    browser: CheckedClient = world.client()
    theirs = a_night(world, world.other_id)
    assert browser.get(f"{HOME}/{theirs.id}/edit").status_code == 404
    assert browser.send(f"{HOME}/{theirs.id}", {**NIGHT, "version": "1"}).status_code == 404
    assert browser.send(f"{HOME}/{theirs.id}/delete").status_code == 404
    assert "n-1" not in browser.get(HOME).get_data(as_text=True)
