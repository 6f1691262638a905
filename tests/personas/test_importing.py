"""Contacts and products from files: each row told of, nothing written unless asked, all or nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.pages import CheckedClient
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.csv_files import csv_parts
from webapp.core.db import scope_to, unit
from webapp.core.imports.models import Import, ImportState
from webapp.personas.contacts import CONTACTS
from webapp.personas.models import Contact, Product
from webapp.personas.products import PRODUCTS

Rows = list[dict[str, str]]


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def save(world: World, **texts: str) -> Contact:
    actor = world.actor()
    return CONTACTS.create(world.session, actor, texts, clock=world.clock, auditor=world.services.auditor)


def saved(world: World, model: Any = Contact) -> list[Any]:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return list(world.session.scalars(select(model).order_by(model.name)))


def upload(
    browser: CheckedClient, content: str | bytes, kind: str = "contacts", name: str = "f.csv"
) -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    return browser.send(f"/imports/new/{kind}", {"file": (io.BytesIO(raw), name)})


def checked(
    world: World, browser: CheckedClient, content: str | bytes, kind: str = "contacts", **changes: str
) -> str:
    """Upload, keep the guessed columns, have the dry run done; answers the import's address."""
    answer = upload(browser, content, kind)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    address = answer.location.removesuffix("/columns")
    page = browser.get(f"{address}/columns").get_data(as_text=True)
    mapping = {
        name: chosen
        for name, options in re.findall(r'<select[^>]*name="(to_\w+)"[^>]*>(.*?)</select>', page, re.DOTALL)
        for chosen in re.findall(r'<option selected value="([^"]*)"', options)
    }
    assert browser.send(f"{address}/columns", mapping | changes).status_code == 303
    world.work()
    return address


def found(world: World, address: str) -> Import:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return world.session.get_one(Import, UUID(address.rsplit("/", 1)[1]))


def counts(world: World, address: str) -> tuple[int, int, int, int]:
    one = found(world, address)
    return one.creates, one.updates, one.unchanged, one.bad


def report(browser: CheckedClient, address: str, show: str = "bad") -> Rows:
    text = browser.get(f"{address}/report.csv?show={show}").get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def write(world: World, browser: CheckedClient, address: str, **data: str) -> None:
    assert browser.send(f"{address}/write", data).status_code == 303
    world.work()


def test_a_dry_run_says_what_each_row_would_do_and_writes_nothing(
    world: World, browser: CheckedClient
) -> None:
    save(world, name="Ann", email="ann@x.example", title="CEO")
    save(world, name="Bo", company="Acme")
    content = (
        "Full name;E-mail;Job title;Company;Shoe size\n"
        "Ann;ANN@x.example;CTO;;41\nBo;;;Acme;42\nCy;cy@x.example;;;\n;d@x.example;;;\n"
    )
    address = checked(world, browser, content.encode("latin-1"))
    assert counts(world, address) == (1, 1, 1, 1)
    assert [(row["Row"], row["Column"]) for row in report(browser, address)] == [("5", "Name")]
    page = browser.get(address).get_data(as_text=True)
    assert "A contact needs a name." in page
    assert "Shoe size" in page
    assert [row.title for row in saved(world)] == ["CEO", ""]


def test_what_was_checked_is_written_once_with_its_traces(world: World, browser: CheckedClient) -> None:
    ann_id = save(world, name="Ann", email="ann@x.example", title="CEO", notes="kept").id
    address = checked(world, browser, "name,email,title\nAnn,ann@x.example,CTO\nZoë Müller,z@x.example,\n")
    write(world, browser, address)
    write(world, browser, address)
    first, second = saved(world)
    assert (first.id, first.title, first.notes, first.version) == (ann_id, "CTO", "kept", 2)
    assert (second.name, second.version) == ("Zoë Müller", 1)
    assert browser.get("/contacts?q=muller").get_data(as_text=True).count(">Zoë Müller</a>") == 1
    traces = {
        (trace.action, trace.subject_id, tuple(trace.changes))
        for trace in world.session.scalars(select(AuditEntry))
    }
    assert (AuditAction.CONTACT_CHANGED, ann_id, ("title",)) in traces
    assert (AuditAction.CONTACT_CREATED, second.id, ("name", "email")) in traces
    assert AuditAction.IMPORT_WRITTEN in {action for action, _, _ in traces}


BAD = [
    ("", "no@name.example", "Name"),
    ("n" * 201, "long@name.example", "Name"),
    ("Bad Address", "nobody", "E-mail"),
    ("Nul\0", "nul@x.example", "Name"),
    ("Twice", "good0@x.example", ""),
]


def mixed(good: int = 20) -> bytes:
    lines = ["name,email", *(f"Good {number},good{number}@x.example" for number in range(good))]
    lines += [f"{name},{email}" for name, email, _ in BAD]
    lines += ["one cell", "three,cells@x.example,here", f'"{"x" * 200_001}",y']
    return "\n".join(lines).encode("utf-8-sig")


def test_C4_every_bad_row_is_named_and_nothing_is_written_unasked(
    world: World, browser: CheckedClient
) -> None:
    address = checked(world, browser, mixed())
    assert counts(world, address) == (20, 0, 0, 8)
    rows = report(browser, address)
    assert [int(row["Row"]) for row in rows] == list(range(22, 30))
    assert [row["Column"] for row in rows[:5]] == [place for _, _, place in BAD]
    assert all(row["Problem"] for row in rows)
    write(world, browser, address)
    assert saved(world) == []
    assert found(world, address).state is ImportState.CHECKED


def test_C4_bad_rows_are_left_out_when_that_was_chosen(world: World, browser: CheckedClient) -> None:
    address = checked(world, browser, mixed())
    write(world, browser, address, skip_bad="1")
    assert len(saved(world)) == 20
    assert found(world, address).state is ImportState.DONE


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"PK\x03\x04", b"name,name\nx,y\n"])
def test_C4_an_unreadable_file_is_refused_and_kept_nowhere(
    world: World, browser: CheckedClient, content: bytes
) -> None:
    assert upload(browser, content).status_code == 422
    assert list(world.services.settings.imports.glob("*/*")) == []


def test_C4_json_that_breaks_off_fails_as_a_whole(world: World, browser: CheckedClient) -> None:
    objects = ", ".join(json.dumps({"name": f"N{number}"}) for number in range(300))
    address = checked(world, browser, f'[{objects}, {{"na')
    assert "breaks off" in browser.get(address).get_data(as_text=True)
    assert found(world, address).staged == ""
    write(world, browser, address)
    assert saved(world) == []


HARD = ["=1+1", "+49 30 1", "-", "@x", "'=quoted", "'tis", 'a "b", c;d', "two\nlines", "Zoë Øß", "\u202e🙂"]


def test_C3_an_export_comes_back_without_a_difference(world: World, browser: CheckedClient) -> None:
    for number, text in enumerate(HARD):
        save(world, name=text, title=text, notes=text, email=f"p{number}@x.example" if number % 2 else "")
    save(world, name="Same", company="Acme", notes="one")
    save(world, name="Same", company="Acme", notes="two")
    rows = [tuple(CONTACTS.texts(row).values()) for row in saved(world)]
    address = checked(world, browser, b"".join(csv_parts(CONTACTS.fields, rows)))
    assert counts(world, address) == (0, 0, len(rows), 0)


def test_products_are_known_by_their_names(world: World, browser: CheckedClient) -> None:
    actor = world.actor()
    values = {"name": "BookWell", "description": "old", "price_note": "5"}
    PRODUCTS.create(world.session, actor, values, clock=world.clock, auditor=world.services.auditor)
    items = [{"name": "BookWell", "description": "new"}, {"name": "bookwell", "description": "other"}]
    address = checked(world, browser, json.dumps({"items": items}), kind="products")
    write(world, browser, address)
    assert [(row.name, row.description, row.price_note) for row in saved(world, Product)] == [
        ("BookWell", "new", "5"),
        ("bookwell", "other", ""),
    ]


def test_rows_that_could_mean_several_are_wrong_not_guessed(world: World, browser: CheckedClient) -> None:
    for title in ("one", "two"):
        save(world, name="Ann", email="ann@x.example", title=title)
    address = checked(world, browser, "name,email,title\nAnn,ann@x.example,three\nAnn,ann@x.example,two\n")
    assert counts(world, address) == (0, 0, 1, 1)
    assert "2 saved contacts could be meant" in report(browser, address)[0]["Problem"]


def test_an_empty_address_never_empties_one(world: World, browser: CheckedClient) -> None:
    save(world, name="Ann", company="Acme", email="ann@x.example", notes="old")
    write(world, browser, checked(world, browser, "name,company,email,notes\nAnn,Acme,,new\n"))
    (ann,) = saved(world)
    assert (ann.email, ann.notes) == ("ann@x.example", "new")


def test_a_needed_column_has_to_be_named(world: World, browser: CheckedClient) -> None:
    address = upload(browser, "who,mail\nAnn,ann@x.example\n").location.removesuffix("/columns")
    answer = browser.send(f"{address}/columns", {"to_email": "mail"})
    assert answer.status_code == 422
    assert 'href="#to_name"' in answer.get_data(as_text=True)
    assert browser.send(f"{address}/columns", {"to_name": "who", "to_email": "mail"}).status_code == 303
    world.work()
    assert counts(world, address) == (1, 0, 0, 0)
    page = upload(browser, "who,mail\nBo,bo@x.example\n", name="again.csv").location
    assert '<option selected value="who">' in browser.get(page).get_data(as_text=True)


def test_what_changed_since_the_dry_run_is_seen(world: World, browser: CheckedClient) -> None:
    address = checked(world, browser, "name,email\nAnn,ann@x.example\n")
    for title in ("one", "two"):
        save(world, name="Ann", email="ann@x.example", title=title)
    with unit(world.session) as session:
        session.execute(delete(Contact).where(Contact.title == "two"))
    write(world, browser, address)
    assert counts(world, address) == (0, 0, 1, 0)
    assert len(saved(world)) == 1


def test_rows_that_became_wrong_since_stop_the_write(world: World, browser: CheckedClient) -> None:
    address = checked(world, browser, "name,email\nNew,new@x.example\nAnn B,ann@x.example\n")
    for title in ("one", "two"):
        save(world, name="Ann", email="ann@x.example", title=title)
    write(world, browser, address)
    assert len(saved(world)) == 2
    assert "now rows are wrong" in browser.get(address).get_data(as_text=True)


def test_B3_another_companys_import_is_not_there(world: World, browser: CheckedClient) -> None:
    address = checked(world, browser, "name\nAnn\n")
    stranger = world.client(None)
    stranger.sign_in("stranger@test.example", "correct horse battery")
    for path in ("", "/columns", "/report.csv"):
        assert stranger.get(f"{address}{path}").status_code == 404
    assert stranger.send(f"{address}/write").status_code == 404
    assert "f.csv" not in stranger.get("/imports").get_data(as_text=True)


def test_a_viewer_imports_nothing(world: World) -> None:
    browser = world.client("viewer")
    assert browser.get("/imports").status_code == 403
    assert upload(browser, "name\nAnn\n").status_code == 403
    assert 'href="/imports/new' not in browser.get("/contacts").get_data(as_text=True)


def test_files_go_after_their_time_and_the_history_stays(world: World, browser: CheckedClient) -> None:
    address = checked(world, browser, "name\nAnn\n")
    for path in world.services.settings.imports.glob("*/*"):
        path.unlink()
    assert browser.get(address).status_code == 200
    assert browser.get(f"{address}/columns").status_code == 200
    assert browser.get(f"{address}/report.csv").status_code == 404
    browser.send(f"{address}/write")
    assert "removed after its time" in browser.get("/imports").get_data(as_text=True)


@pytest.fixture
def runner(world: World) -> Any:
    return world.app.test_cli_runner()


def test_a_command_imports_and_its_status_says_how_it_went(world: World, runner: Any, tmp_path: Any) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,email\nAnn,ann@x.example\nBo,nobody\n", encoding="utf-8")
    words = ["import", "contacts", str(file), "--company", "acme"]
    dry = runner.invoke(args=[*words, "--dry-run", "--json"])
    assert (dry.exit_code, json.loads(dry.output)["bad"]) == (1, 1)
    assert runner.invoke(args=words).exit_code == 1
    assert saved(world) == []
    done = runner.invoke(args=[*words, "--skip-bad-rows", "--json"])
    assert (done.exit_code, json.loads(done.output)["written"]) == (0, True)
    assert [row.name for row in saved(world)] == ["Ann"]
    assert runner.invoke(args=["import", "nothing", str(file), "--company", "acme"]).exit_code == 1
    assert runner.invoke(args=["import", "contacts", str(file), "--company", "nobody"]).exit_code == 1
    assert world.session.scalar(select(func.count(Import.id)))
