"""Requests on pages, by programs and by commands: asked, confirmed twice, done, downloaded, rejected."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import PASSWORD, World
from tests.people.records import make
from tests.personas.test_catalog_api import Api, told
from tests.privacy.asking import done
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.people.models import Person, Tombstone
from webapp.privacy.models import PrivacyRequest, RequestKind, RequestState
from webapp.privacy.work import folder

CALL = "/api/v1/privacy"


def requests(world: World) -> list[PrivacyRequest]:
    world.actor(Role.ADMIN)
    return list(world.session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id)))


def persons(world: World) -> list[str]:
    world.actor()
    return list(world.session.scalars(select(Person.identifier)))


def test_staff_export_a_person_after_their_password(world: World) -> None:
    make(world, "ann")
    admin = world.client("admin")
    sent = {"user_id": "ann", "kind": "export", "note": "by letter"}
    asking = admin.send("/privacy", sent)
    assert "Your password" in asking.get_data(as_text=True)
    assert requests(world) == []  # A9
    answer = admin.send("/privacy", {**sent, "confirm_password": PASSWORD})
    assert answer.status_code == 303
    world.work()
    (row,) = requests(world)
    assert (row.state, row.due_at - row.asked_at, row.note) == (
        RequestState.DONE,
        timedelta(days=30),
        "by letter",
    )
    page = admin.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Download" in page
    here = f"/privacy/{row.id}/download"
    with admin.get(here) as file:
        assert file.headers["Content-Type"] == "application/zip"
        assert file.headers["Cache-Control"] == "no-store"
        assert "index.html" in zipfile.ZipFile(io.BytesIO(file.data)).namelist()
    world.clock.shift(days=8)
    fresh = world.client("admin")
    fresh.send("/privacy", {"user_id": "ann", "kind": "export", "confirm_password": PASSWORD})
    assert fresh.get(here).status_code == 404


def test_an_erasure_takes_two_steps_and_the_name_typed_once_more(world: World) -> None:
    make(world, "ann")
    admin = world.client("admin")
    first = admin.send("/privacy", {"user_id": "ann", "kind": "erase", "confirm_password": PASSWORD})
    here = first.headers["Location"]
    assert here.endswith("/erasure")
    assert "Person" in admin.get(here).get_data(as_text=True)
    wrong = admin.send(here, {"confirm": "anne"})
    assert (wrong.status_code, "Type exactly" in wrong.get_data(as_text=True)) == (422, True)
    assert persons(world) == ["ann"]
    assert "privacy" in admin.get("/").get_data(as_text=True)  # on the home page until it is done
    assert admin.send(here, {"confirm": "ann"}).status_code == 303
    world.work()
    assert persons(world) == []
    (row,) = requests(world)
    assert (row.state, row.known_as) == (RequestState.DONE, "")
    page = admin.get(here.removesuffix("/erasure")).get_data(as_text=True)
    assert "What was erased" in page
    assert "somebody erased" in admin.get("/privacy").get_data(as_text=True)


def test_a_request_is_rejected_with_a_reason_and_is_over(world: World) -> None:
    make(world, "ann")
    admin = world.client("admin")
    admin.send("/privacy", {"user_id": "ann", "kind": "erase", "confirm_password": PASSWORD})
    here = f"/privacy/{requests(world)[0].id}"
    assert admin.send(f"{here}/reject", {"why": ""}).status_code == 422
    assert admin.send(f"{here}/reject", {"why": "A duty to keep"}).status_code == 303
    assert requests(world)[0].state is RequestState.REJECTED
    again = admin.send(f"{here}/erasure", {"confirm": "ann"})
    assert "over" in again.get_data(as_text=True) or again.status_code == 303
    assert persons(world) == ["ann"]


def test_nobody_and_an_address_of_several_are_refused_at_the_field(world: World) -> None:
    make(world, "ann", email="both@x.example")
    make(world, "bob", email="both@x.example")
    admin = world.client("admin")
    for who, status in (("nobody", 404), ("both@x.example", 409), ("", 422)):
        sent = {"user_id": who, "kind": "export", "confirm_password": PASSWORD}
        assert admin.send("/privacy", sent).status_code == status, who
    assert requests(world) == []


def test_a_program_exports_reads_downloads_and_erases(world: World) -> None:
    make(world, "ann")
    api = Api(world, "privacy:write")
    made = api("POST", f"{CALL}/ann/export")
    assert (made.status_code, made.json["state"], made.json["download"]) == (202, "running", None)
    assert api("POST", f"{CALL}/ann/export").json["id"] == made.json["id"]
    here = f"{CALL}/requests/{made.json['id']}"
    assert told(api("GET", f"{here}/download")) == (404, "no_file")
    world.work()
    ready = api("GET", here).json
    assert (ready["state"], ready["user_id"], ready["report"]["Person"]) == ("done", "ann", 1)
    with api("GET", ready["download"]) as file:
        told_of = json.loads(zipfile.ZipFile(io.BytesIO(file.data)).read("person.json"))
    assert told_of[0]["identifier"] == "ann"
    gone = api("POST", f"{CALL}/ann/erase").json
    world.work()
    assert api("GET", f"{CALL}/requests/{gone['id']}").json["user_id"] is None
    assert api("GET", here).json["download"] is None
    assert told(api("POST", f"{CALL}/ann/erase")) == (404, "not_found")
    for odd in ("a%00b", "\ud800".encode("utf-16", "surrogatepass").hex(), "x" * 300, "%ED%A0%80"):
        assert api("POST", f"{CALL}/{odd}/erase").status_code in {400, 404}, odd


def test_a_token_needs_the_scope_a_session_its_password_and_the_company_is_its_own(world: World) -> None:
    make(world, "ann")
    reader = Api(world, "privacy:read")
    assert told(reader("POST", f"{CALL}/ann/export")) == (403, "forbidden")
    assert told(Api(world, "customers:write")("POST", f"{CALL}/ann/erase")) == (403, "forbidden")
    admin = world.client("admin")
    headers = {"X-CSRFToken": admin.form_token()}
    assert told(admin.post(f"{CALL}/ann/erase", headers=headers)) == (401, "password_needed")
    asked = done(world, RequestKind.EXPORT, "ann").id
    stranger = Api(world, token=world.token("all", company_id=world.other_id))
    for path in (f"{CALL}/requests/{asked}", f"{CALL}/requests/{asked}/download"):
        assert told(stranger("GET", path)) == (404, "not_found")
    assert told(stranger("POST", f"{CALL}/ann/erase")) == (404, "not_found")
    assert persons(world) == ["ann"]


def test_without_gdpr_the_policy_stands_in_its_place(make_world: Callable[..., World]) -> None:
    world = make_world(gdpr_compliant=False)
    make(world, "ann")
    assert told(Api(world)("POST", f"{CALL}/ann/export")) == (403, "privacy_off")
    admin = world.client("admin")
    for path in ("/privacy", "/privacy/new"):
        assert "own policy" in admin.get(path).get_data(as_text=True)
    sent = {"user_id": "ann", "kind": "export", "confirm_password": PASSWORD}
    assert admin.send("/privacy", sent).status_code == 403


def test_commands_export_erase_and_replay(world: World, tmp_path: Path) -> None:
    make(world, "ann")
    run = world.app.test_cli_runner().invoke
    target = tmp_path / "ann.zip"
    common = ["--company", "acme", "--json"]
    exported = run(args=["privacy", "export", "ann", "--to", str(target), *common])
    assert exported.exit_code == 0, exported.output
    assert json.loads(exported.output)["report"]["Person"] == 1
    assert target.stat().st_mode & 0o077 == 0
    assert zipfile.is_zipfile(target)
    refused = run(args=["privacy", "erase", "ann", "--company", "acme"], input="anne\n")
    assert (refused.exit_code, persons(world)) == (1, ["ann"])
    assert run(args=["privacy", "erase", "nobody", "--yes", *common]).exit_code == 1
    erased = run(args=["privacy", "erase", "ann", "--yes", *common])
    assert (erased.exit_code, persons(world)) == (0, []), erased.output


def test_P4_an_older_database_loses_who_was_erased_since(world: World) -> None:
    make(world, "ann")
    done(world, RequestKind.ERASE, "ann")
    world.actor()
    with unit(world.session) as session:  # as a copy of before stands: with the person, without the tombstone
        for row in session.scalars(select(Tombstone)):
            session.delete(row)
    make(world, "ann")
    make(world, "bob", email="bob@x.example")
    replayed = world.app.test_cli_runner().invoke(args=["privacy", "replay", "--json"])
    assert json.loads(replayed.output)["companies"] == {"acme": 1, "other": 0}
    assert persons(world) == ["bob"]


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_admins_see_requests(world: World, role: str) -> None:
    asked, here = world.client(role), f"/people/{make(world, 'ann').id}"
    assert asked.get("/privacy").status_code == 403
    assert "Erase…" not in asked.get(here).get_data(as_text=True)
    assert "Erase…" in world.client("admin").get(here).get_data(as_text=True)


def test_exports_past_their_days_are_removed_at_night(world: World) -> None:
    make(world, "ann")
    row = done(world, RequestKind.EXPORT, "ann")
    path = folder(world.session).path(row.file)
    assert path.exists()
    world.clock.shift(days=8)
    who = world.actor(Role.ADMIN)
    schedule = next(one for one in world.services.scheduler.schedules if one.name == "privacy.tidy")
    world.services.scheduler.run_now(world.session, who, schedule)
    world.work()
    assert not path.exists()
    assert requests(world)[0].file == ""
