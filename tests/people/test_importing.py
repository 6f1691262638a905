"""Persons and learners from files: further columns kept, empty cells leave what is saved, all or nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.pages import CheckedClient
from tests.people.records import answer, make, said
from tests.personas.test_importing import checked, counts, report, write
from webapp.core.audit import AuditAction, AuditEntry, PersonKey
from webapp.core.db import scope_to
from webapp.people.models import Person, Survey
from webapp.people.questions import survey_hash


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def persons(world: World) -> dict[str, Person]:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return {person.identifier: person for person in world.session.scalars(select(Person))}


def test_learners_come_with_their_surveys_and_further_columns(world: World, browser: CheckedClient) -> None:
    content = (
        "User ID;Name;E-mail;Motivation;Fears;Shoe size;Notes\n"
        "u-1;Marta;marta@x.example;To help;;41;\nu-2;Åsa;;;;;\n"
    )
    address = checked(world, browser, content, "learners", keep="Shoe size")
    assert counts(world, address) == (2, 0, 0, 0)
    assert persons(world) == {}
    write(world, browser, address)
    found = persons(world)
    assert {one: person.name for one, person in found.items()} == {"u-1": "Marta", "u-2": "Åsa"}
    survey = said(world, found["u-1"].id)
    assert survey is not None
    assert survey.answers == {"motivation": "To help", "Shoe size": "41"}
    assert survey.hash == survey_hash(survey.answers)
    assert said(world, found["u-2"].id) is None
    page = browser.get("/learners?q=asa").get_data(as_text=True)
    assert "1 of 1 learner" in page


def test_further_columns_are_kept_unless_somebody_says_otherwise(
    world: World, browser: CheckedClient
) -> None:
    from tests.personas.test_importing import upload  # noqa: PLC0415  # one step alone

    content = "user_id,name,Shoe size,Notes\nu-1,Marta,41,x\n"
    page = browser.get(upload(browser, content, "learners").location).get_data(as_text=True)
    assert page.count('name="keep"') == 2 + 2  # the file's further columns, and the two of ours
    assert page.count("<input checked") == 2
    checked(world, browser, content, "learners", keep="Shoe size")
    page = browser.get(upload(browser, content, "learners").location).get_data(as_text=True)
    assert page.count("<input checked") == 1


def test_an_empty_cell_leaves_what_is_saved(world: World, browser: CheckedClient) -> None:
    person = make(world, "u-1", name="Marta", email="m@x.example")
    person_id = person.id
    answer(world, person, {"fears": "old fear", "motivation": "kept", "Shoe size": "41"})
    content = "user_id,name,email,motivation,fears,Shoe size\nu-1,Marta,,,new fear,\n"
    address = checked(world, browser, content, "learners", keep="Shoe size")
    assert counts(world, address) == (0, 1, 0, 0)
    write(world, browser, address)
    survey = said(world, person_id)
    assert survey is not None
    assert survey.answers == {"fears": "new fear", "motivation": "kept", "Shoe size": "41"}
    assert (survey.version, persons(world)["u-1"].version) == (2, 1)
    assert persons(world)["u-1"].email == "m@x.example"
    again = checked(world, browser, content, "learners", keep="Shoe size")
    assert counts(world, again) == (0, 0, 1, 0)


def test_persons_are_created_and_changed(world: World, browser: CheckedClient) -> None:
    make(world, "u-1", name="Old")
    content = "user_id,name,email,language,timezone\nu-1,New,,de,Europe/Berlin\nu-2,,,,\n"
    address = checked(world, browser, content, "persons")
    assert counts(world, address) == (1, 1, 0, 0)
    write(world, browser, address)
    found = persons(world)
    assert (found["u-1"].name, found["u-1"].language, found["u-1"].email) == ("New", "de", "marta@x.example")
    assert found["u-2"].version == 1


def test_C4_bad_rows_are_named_and_nothing_is_written_unasked(world: World, browser: CheckedClient) -> None:
    rows = ["user_id,name,email,timezone", "u-1,Good,,", ",Nobody,,", "u-2,,x,", "u-1,Twice,,"]
    rows += ["u-3,Bad zone,,Nowhere/Land", "u-4,Nul\0,,"]
    address = checked(world, browser, "\n".join(rows), "persons")
    assert counts(world, address) == (1, 0, 0, 5)
    assert [(row["Row"], row["Column"]) for row in report(browser, address)] == [
        ("3", "User id"),
        ("4", "E-mail"),
        ("5", ""),
        ("6", "Time zone"),
        ("7", "Name"),
    ]
    write(world, browser, address)
    assert persons(world) == {}
    write(world, browser, address, skip_bad="1")
    assert list(persons(world)) == ["u-1"]


def test_a_row_that_says_more_than_a_survey_holds_is_named(world: World, browser: CheckedClient) -> None:
    names = [f"q{number}" for number in range(61)]
    content = ",".join(["user_id", "name", *names]) + "\nu-1,Marta" + ",x" * 61 + "\n"
    address = checked(world, browser, content, "learners", keep=names)  # type: ignore[arg-type]  # many ticks
    assert counts(world, address) == (0, 0, 0, 1)
    assert "60 answers at most" in report(browser, address)[0]["Problem"]


def test_a_survey_saved_after_the_dry_run_is_not_overwritten(world: World, browser: CheckedClient) -> None:
    person_id = make(world, "u-1").id
    address = checked(world, browser, "user_id,name,fears\nu-1,Marta Lindqvist,from the file\n", "learners")
    answer(world, persons(world)["u-1"], {"motivation": "saved meanwhile"})
    write(world, browser, address)
    survey = said(world, person_id)
    assert survey is not None
    assert survey.answers == {"motivation": "saved meanwhile", "fears": "from the file"}


@pytest.mark.thorough
def test_thousands_of_learners_come_in_one_transaction_traced_under_their_keys(
    world: World, browser: CheckedClient
) -> None:
    lines = ["user_id,name,email,motivation,fears,Shoe size"]
    lines += [f"u-{n},Learner {n},,To help {n},Fear {n},{n}" for n in range(2_000)]
    address = checked(world, browser, "\n".join(lines), "learners", keep="Shoe size")
    write(world, browser, address)
    scope_to(world.session, world.company_id)
    count = select(func.count())
    assert world.session.scalar(count.select_from(select(Survey.id).subquery())) == 2_000
    assert world.session.scalar(count.select_from(select(PersonKey.id).subquery())) == 2_000
    traced = select(func.count(AuditEntry.id)).where(AuditEntry.action == AuditAction.SURVEY_CHANGED)
    assert world.session.scalar(traced) == 2_000
