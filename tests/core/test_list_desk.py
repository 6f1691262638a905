"""Lists beyond their page: files with the same filter, deeds on many rows, views under a name."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.pages import CheckedClient
from webapp.core import list_desk, list_pages
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.csv_files import plain_cell
from webapp.core.db import scope_to, unit
from webapp.core.jobs.models import Job, JobState
from webapp.personas.models import Contact, Persona, Product


@pytest.fixture
def browser(world: World) -> CheckedClient:
    fill(world)
    return world.client()


def fill(world: World) -> None:
    scope_to(world.session, world.company_id)
    now = world.clock.now()
    common: dict[str, Any] = {"created_at": now, "updated_at": now}
    with unit(world.session) as session:
        for number in range(7):
            industry = "Health" if number % 2 else "Travel"
            session.add(Contact(name=f"Name {number}", industry=industry, notes="=1+1", **common))
            session.add(Product(name=f"Product {number}", description="what", **common))
            session.add(Persona(person_name=f"Persona {number}", title="t", pain_points=["a", "b"], **common))


def names(world: World, model: Any = Contact) -> list[str]:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    column = model.person_name if model is Persona else model.name
    return sorted(world.session.scalars(select(column)))


def ids(world: World, *wanted: str) -> list[str]:
    scope_to(world.session, world.company_id)
    found = world.session.scalars(select(Contact.id).where(Contact.name.in_(wanted)).order_by(Contact.name))
    return [str(row_id) for row_id in found]


def test_C3_a_list_comes_as_csv_with_its_filter_and_order(world: World, browser: CheckedClient) -> None:
    answer = browser.get("/contacts/export?industry=Health&sort=-name")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Name 5", "Name 3", "Name 1"]
    assert rows[0]["notes"] == "'=1+1"
    assert plain_cell(rows[0]["notes"]) == "=1+1"
    traces = world.session.scalars(select(AuditEntry.action)).all()
    assert AuditAction.LIST_EXPORTED in traces


@pytest.mark.parametrize(
    ("path", "count"), [("/contacts", 7), ("/products", 7), ("/personas", 7), ("/contacts?q=none", 0)]
)
def test_a_list_comes_as_json(browser: CheckedClient, path: str, count: int) -> None:
    address, _, query = path.partition("?")
    answer = browser.get(f"{address}/export?{query}&format=json")
    assert answer.mimetype == "application/json"
    assert len(json.loads(answer.get_data())["items"]) == count


def test_marked_rows_come_as_csv(world: World, browser: CheckedClient) -> None:
    answer = browser.send("/contacts/selected", {"row": ids(world, "Name 1", "Name 4"), "deed": "export"})
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Name 1", "Name 4"]


def test_marked_rows_are_deleted_when_one_is_sure(world: World, browser: CheckedClient) -> None:
    data = {"row": ids(world, "Name 1", "Name 4"), "deed": "delete"}
    asked = browser.send("/contacts/selected", data)
    assert "Delete 2 contacts" in asked.get_data(as_text=True)
    assert len(names(world)) == 7
    assert browser.send("/contacts/selected", {**data, "sure": "1"}).status_code == 303
    assert names(world) == [f"Name {number}" for number in (0, 2, 3, 5, 6)]
    deeds = world.session.scalars(select(AuditEntry.action)).all()
    assert deeds.count(AuditAction.CONTACT_DELETED) == 2


def test_all_that_match_are_deleted_and_nothing_else(world: World, browser: CheckedClient) -> None:
    data = {"all": "1", "query": "industry=Health", "deed": "delete", "sure": "1"}
    assert "Delete 3 contacts" in browser.send("/contacts/selected", {**data, "sure": ""}).get_data(
        as_text=True
    )
    browser.send("/contacts/selected", data)
    assert names(world) == ["Name 0", "Name 2", "Name 4", "Name 6"]


@pytest.mark.parametrize(("path", "model"), [("/products", Product), ("/personas", Persona)])
def test_many_are_deleted_by_a_job_but_none_made_later(
    world: World, browser: CheckedClient, monkeypatch: pytest.MonkeyPatch, path: str, model: Any
) -> None:
    monkeypatch.setattr(list_pages, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(list_desk, "SET", 2)
    answer = browser.send(f"{path}/selected", {"all": "1", "deed": "delete", "sure": "1"})
    assert "/jobs/" in answer.location
    fill(world)
    world.work()
    assert len(names(world, model)) == 7
    job = world.session.scalars(select(Job)).one()
    assert job.state is JobState.DONE


def test_nothing_marked_changes_nothing(world: World, browser: CheckedClient) -> None:
    assert browser.send("/contacts/selected", {"deed": "delete", "sure": "1"}).status_code == 303
    assert browser.send("/contacts/selected", {"deed": "other", "all": "1"}).status_code == 404
    assert len(names(world)) == 7


def test_B3_rows_of_another_company_are_not_touched(world: World, browser: CheckedClient) -> None:
    marked = ids(world, "Name 1")
    stranger = world.client(None)
    stranger.sign_in("stranger@test.example", "correct horse battery")
    stranger.send("/contacts/selected", {"row": marked, "deed": "delete", "sure": "1"})
    stranger.send("/contacts/selected", {"all": "1", "deed": "delete", "sure": "1"})
    assert len(names(world)) == 7
    assert b"Name" not in stranger.get("/contacts/export").get_data()
    assert (
        world.client("viewer").send("/contacts/selected", {"all": "1", "deed": "delete"}).status_code == 403
    )


def test_a_view_is_kept_opened_renamed_and_forgotten(world: World, browser: CheckedClient) -> None:
    data = {"name": "  Only <b>health</b>  ", "query": "industry=Health&after=x&sort=-name"}
    assert browser.send("/contacts/views", data).status_code == 303
    page = browser.get("/contacts").get_data(as_text=True)
    assert "Only &lt;b&gt;health&lt;/b&gt;" in page
    assert "?industry=Health&amp;sort=-name" in page
    assert (
        "health"
        not in world.client("admin")
        .get("/contacts")
        .get_data(as_text=True)
        .lower()
        .split("<table")[0]
        .split("views")[1]
    )
    view = page.split("/contacts/views/")[1].split('"')[0]
    browser.send(f"/contacts/views/{view}", {"name": "Mine", "deed": "rename"})
    assert ">Mine</a>" in browser.get("/contacts").get_data(as_text=True)
    assert world.client("admin").send(f"/contacts/views/{view}", {"deed": "delete"}).status_code == 404
    browser.send("/contacts/views", {"name": "Other", "query": ""})
    browser.send(f"/contacts/views/{view}", {"name": "Other", "deed": "rename"})
    assert "You keep another view called Other." in browser.get("/contacts").get_data(as_text=True)
    browser.send(f"/contacts/views/{view}", {"deed": "delete"})
    assert ">Mine</a>" not in browser.get("/contacts").get_data(as_text=True)
    browser.send("/contacts/views", {"name": " ", "query": ""})
    assert "Give the view a name." in browser.get("/contacts").get_data(as_text=True)
