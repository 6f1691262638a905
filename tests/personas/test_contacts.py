"""Contacts: written by hand or read from an enrichment document; both editors’ texts kept."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.pages import CheckedClient
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import new_id, scope_to, unit
from webapp.personas.contacts import CONTACTS, values_of
from webapp.personas.facts import PersonFacts
from webapp.personas.models import Contact, Draft, Source

TEXTS = {
    "name": "Ines Marquardt",
    "email": "ines@hanse.example",
    "company": "Hanse Physio",
    "industry": "Health",
}
DOCUMENT: dict[str, Any] = {
    "person": {
        "name": "Søren Åkesson",
        "title": "Director of Operations",
        "email": "soren@fjord.example",
        "headline": "Moves things",
        "organization": {"name": "Fjordlogistik AS", "industry": "logistics", "estimated_num_employees": 240},
        "skills": ["routing", "negotiation"],
    }
}


def make(world: World, company_id: UUID | None = None, **texts: str) -> Contact:
    actor = world.actor(company_id=company_id)
    return CONTACTS.create(
        world.session, actor, {**TEXTS, **texts}, clock=world.clock, auditor=world.services.auditor
    )


def confined(world: World) -> Session:
    """The test's session in the first company, with nothing remembered of what browsers changed since."""
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return world.session


def contacts(world: World) -> list[Contact]:
    confined(world)
    return list(world.session.scalars(select(Contact).order_by(Contact.id)))


def edit(browser: CheckedClient, contact_id: UUID, version: str, **texts: str) -> TestResponse:
    return browser.send(f"/contacts/{contact_id}", {**TEXTS, "version": version, **texts})


def read_document(browser: CheckedClient, **data: Any) -> TestResponse:
    return browser.send("/contacts/from-document", data)


def test_a_new_contact_is_saved_shown_and_traced(world: World) -> None:
    answer = world.client().send("/contacts", TEXTS, follow_redirects=True)
    assert "Hanse Physio" in answer.get_data(as_text=True)
    (contact,) = contacts(world)
    trace = world.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == contact.id)).one()
    assert trace.action is AuditAction.CONTACT_CREATED
    assert "ines" not in str(trace.changes)


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@c.example", "x@" + "y" * 300 + ".example"])
def test_an_address_that_is_none_is_told_at_its_field(world: World, email: str) -> None:
    answer = world.client().send("/contacts", {**TEXTS, "email": email})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#email"' in page
    assert 'value="Ines Marquardt"' in page
    assert contacts(world) == []


def test_an_address_is_kept_in_its_normal_form_and_may_be_missing(world: World) -> None:
    assert make(world, email="Ines@HANSE.example").email == "Ines@hanse.example"
    assert make(world, email="").email == ""


def test_D1_the_second_of_two_editors_sees_both_texts(world: World) -> None:
    contact, mine, theirs = make(world), world.client("editor"), world.client("admin")
    edit(theirs, contact.id, "1", notes="their notes")
    answer = edit(mine, contact.id, "1", notes="my notes")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert re.search(r"<textarea[^>]*>\s*my notes</textarea>", page)
    assert '<p class="text">their notes</p>' in page
    assert "Save mine over theirs" in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)  # type: ignore[union-attr]
    assert edit(mine, contact.id, version, notes="my notes").status_code == 303
    assert contacts(world)[0].notes == "my notes"


def test_deleting_keeps_the_drafts_drawn_from_them(world: World) -> None:
    contact, now = make(world), world.clock.now()
    with unit(world.session) as session:
        session.add(
            Draft(
                id=new_id(),
                contact_id=contact.id,
                source=Source.CONTACT,
                fields={"title": "kept"},
                created_at=now,
                updated_at=now,
            )
        )
    world.client().send(f"/contacts/{contact.id}/delete")
    kept = confined(world).scalars(select(Draft)).one()
    assert (kept.contact_id, kept.fields) == (None, {"title": "kept"})
    assert contacts(world) == []


@pytest.mark.thorough
def test_the_list_is_searched_by_name_address_or_company_and_filtered_by_industry(world: World) -> None:
    make(world)
    make(world, name="Bert Öz", email="bert@x.example", company="Alpen Hotel", industry="Travel")
    browser = world.client()
    for query, found, hidden in (
        ("q=BERT", "Bert Öz", "Ines Marquardt"),
        ("q=hanse", "Ines Marquardt", "Bert Öz"),
        ("q=ines@", "Ines Marquardt", "Bert Öz"),
        ("industry=Travel", "Bert Öz", "Ines Marquardt"),
    ):
        page = browser.get(f"/contacts?{query}").get_data(as_text=True)
        assert found in page
        assert hidden not in page
    assert '<option value="Travel" selected>' in browser.get("/contacts?industry=Travel").get_data(
        as_text=True
    )
    assert "No contact matches" in browser.get("/contacts?industry=Space").get_data(as_text=True)


def test_an_empty_list_says_what_to_do(world: World) -> None:
    assert "No contacts yet" in world.client().get("/contacts").get_data(as_text=True)


def test_a_contact_leads_to_a_persona_and_comes_back_to_one(world: World) -> None:
    contact, browser = make(world), world.client()
    page = browser.get(f"/contacts/{contact.id}").get_data(as_text=True)
    assert f'href="/personas/builder?contactId={contact.id}"' in page
    back = f"/personas/builder/{uuid4()}"
    answer = browser.send(f"/contacts?return={back}", {**TEXTS, "name": "New"})
    assert answer.location == f"{back}?contactId={contacts(world)[-1].id}"


def test_a_document_fills_the_form_and_saves_nothing(world: World) -> None:
    browser = world.client()
    answer = read_document(browser, document=json.dumps(DOCUMENT))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Nothing is saved yet" in page
    for value in ("Søren Åkesson", "Director of Operations", "Fjordlogistik AS", "logistics", "240"):
        assert f'value="{value}"' in page
    assert "Moves things\nskills: routing, negotiation" in unescape(page).replace("\r\n", "\n")
    assert contacts(world) == []


def test_a_document_says_what_it_lacks_and_keeps_the_way_back(world: World) -> None:
    browser = world.client()
    answer = browser.send("/contacts/from-document?return=/personas", {"document": '{"name": "Ada"}'})
    page = answer.get_data(as_text=True)
    assert "The document has no industry." in page
    assert "Save and go back to the persona" in page


def test_a_document_may_come_as_a_file(world: World) -> None:
    raw = ("\ufeff" + json.dumps(DOCUMENT)).encode()
    page = read_document(world.client(), file=(io.BytesIO(raw), "person.json"))
    assert 'value="Søren Åkesson"' in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "Paste the document or choose a file."),
        ("not json", "This is not JSON."),
        ("[" * 50_000, "This is not JSON."),
        ('{"error": "nobody"}', "found nobody"),
        ("3", "something else"),
        ('{"person": {"name": "' + "x" * 1_048_576 + '"}}', "larger than 1 MB"),
    ],
)
def test_a_document_that_cannot_be_read_says_why_and_stays(world: World, document: str, reason: str) -> None:
    answer = read_document(world.client(), document=document)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert reason in page
    assert "<title>Error: New contact" in page
    assert document[:40] in unescape(page)


def test_a_file_that_is_no_text_says_why(world: World) -> None:
    answer = read_document(world.client(), file=(io.BytesIO(b"\xff\xfe\x00{"), "x.json"))
    assert answer.status_code == 422


def test_what_is_too_long_for_a_contact_is_cut_and_told() -> None:
    values, cuts = values_of(PersonFacts(name="n" * 250, seniority="s" * 120, notes="short"))
    assert (len(values["name"]), len(values["seniority"]), values["notes"]) == (200, 100, "short")
    assert [cut.split(" was")[0] for cut in cuts] == ["The name", "The seniority"]


def test_B3_another_companys_contact_is_not_there(world: World) -> None:
    theirs, browser = make(world, world.other_id), world.client("admin")
    for path in (f"/contacts/{theirs.id}", f"/contacts/{theirs.id}/edit"):
        assert browser.get(path).status_code == 404
    assert edit(browser, theirs.id, "1", notes="mine").status_code == 404
    assert browser.send(f"/contacts/{theirs.id}/delete").status_code == 404
    page = browser.get("/contacts").get_data(as_text=True)
    assert "Ines Marquardt" not in page
    assert "Health" not in page


def test_a_viewer_reads_and_changes_nothing(world: World) -> None:
    contact, browser = make(world), world.client("viewer")
    assert "Edit" not in browser.get(f"/contacts/{contact.id}").get_data(as_text=True).split("<main")[1]
    for path in ("/contacts/new", f"/contacts/{contact.id}/edit"):
        assert browser.get(path).status_code == 403
    for path in (
        "/contacts",
        "/contacts/from-document",
        f"/contacts/{contact.id}",
        f"/contacts/{contact.id}/delete",
    ):
        assert browser.send(path, TEXTS).status_code == 403
    assert len(contacts(world)) == 1
