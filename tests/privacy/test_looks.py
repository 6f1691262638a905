"""Who opened whose page stands written down: once an hour, for everyone’s pages, and only for staff."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from tests.conftest import World
from tests.customers.records import a_person
from tests.leads.records import a_lead
from tests.personas.test_contacts import make as a_contact
from webapp.core.db import scope_to, unit
from webapp.people.models import Person
from webapp.privacy.keeping_models import Look


def looks(world: World) -> list[tuple[str, UUID]]:
    scope_to(world.session, world.company_id)
    rows = world.session.execute(select(Look.page, Look.subject_id).order_by(Look.page, Look.at))
    return [(row.page, row.subject_id) for row in rows]


def test_a_page_of_a_person_leaves_one_line_an_hour(world: World) -> None:
    ann, editor = a_person(world), world.client()
    for _ in range(3):
        assert editor.get(f"/people/{ann}").status_code == 200
    assert looks(world) == [("people.show", ann)]
    world.client("viewer").get(f"/people/{ann}")
    world.clock.shift(hours=1)
    editor.get(f"/people/{ann}")
    assert len(looks(world)) == 3


def test_every_page_whose_address_names_a_person_is_noted(world: World) -> None:
    ann, admin = a_person(world), world.client("admin")
    pages = [
        rule
        for rule in world.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.arguments == {"person_id"}
    ]
    assert len(pages) >= 8
    for rule in pages:
        assert admin.get(rule.rule.replace("<uuid:person_id>", str(ann))).status_code < 400, rule.rule
    assert {page for page, _ in looks(world)} == {rule.endpoint for rule in pages}


def test_contacts_and_leads_are_people_too(world: World) -> None:
    contact, lead, editor = a_contact(world), a_lead(world), world.client()
    editor.get(f"/contacts/{contact.id}")
    editor.get(f"/leads/{lead.id}")
    assert looks(world) == [("contacts.show", contact.id), ("leads.show", lead.id)]
    page = world.client("admin").get("/privacy/looks").text
    assert all(word in page for word in ("a contact", "a lead"))


def test_nobody_is_noted_for_what_they_were_refused_or_did_not_find(world: World) -> None:
    stranger = a_person(world, "else", world.other_id)
    assert world.client().get(f"/people/{stranger}").status_code == 404
    assert world.client(None).get(f"/people/{stranger}").status_code in {302, 303}
    assert looks(world) == []


def test_a_program_is_not_noted(world: World) -> None:
    a_person(world)
    token = {"Authorization": f"Bearer {world.token('customers:read')}"}
    assert world.client(None).get("/api/v1/preferences/ann", headers=token).status_code == 200
    assert looks(world) == []


def test_the_list_names_who_and_whom_and_goes_with_the_person(world: World) -> None:
    ann, bo = a_person(world, name="Ann Aster"), a_person(world, "bo", name="Bo Birch")
    world.client().get(f"/people/{ann}")
    world.client("viewer").get(f"/people/{bo}")
    admin = world.client("admin")
    page = admin.get("/privacy/looks").text
    assert all(word in page for word in ("Ann Aster", "Bo Birch", "Editor", "people · show"))
    only = admin.get("/privacy/looks?user_id=bo").text
    assert "Bo Birch" in only
    assert "Ann Aster" not in only
    lines = admin.get("/privacy/looks/export").text.splitlines()
    assert lines[0].lstrip("\ufeff") == "at,by,page,user_id"
    assert sorted(line.split(",")[-1] for line in lines[1:]) == ["ann", "bo"]

    with unit(world.session) as session:
        scope_to(session, world.company_id)
        session.execute(delete(Person).where(Person.id == ann))
    assert looks(world) == [("people.show", bo)]
    assert world.client().get("/privacy/looks").status_code == 403
