"""Learners: listed, found, written, their surveys edited by two at once; nothing typed is lost."""

from __future__ import annotations

import io
import json
import re
from html import unescape

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.people.records import ANSWERS, answer, clients, make, said
from webapp.core.audit import AuditAction, AuditEntry, PersonKey
from webapp.core.db import scope_to
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.people.models import Person, Survey
from webapp.people.persons import find_person
from webapp.people.questions import survey_hash
from webapp.people.surveys import save_survey

PAYLOAD = "<script>alert(1)</script>{{7*7}}"


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.get_data(as_text=True))
    assert found, name
    return unescape(found.group(1))


def persons(world: World) -> list[Person]:
    scope_to(world.session, world.company_id)
    world.session.expire_all()
    return list(world.session.scalars(select(Person).order_by(Person.id)))


def test_a_new_learner_is_saved_shown_and_traced_under_their_own_key(world: World) -> None:
    browser = world.client()
    page = browser.send("/people", {"identifier": "u-7", "name": "Marta"}, follow_redirects=True)
    assert "The person is saved." in page.get_data(as_text=True)
    (person,) = persons(world)
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == person.id)).one()
    assert (entry.action, set(entry.changes)) == (AuditAction.PERSON_CREATED, {"identifier", "name"})
    assert world.session.scalars(select(PersonKey.person_id)).one() == person.id


def test_one_form_sent_twice_makes_one_learner(world: World) -> None:
    browser = world.client()
    once = hidden(browser.get("/people/new"), "once")
    first, second = (browser.send("/people", {"identifier": "u", "once": once}) for _ in range(2))
    assert first.location == second.location
    assert len(persons(world)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"identifier": ""}, "identifier"),
        ({"identifier": "u-1"}, "identifier"),
        ({"email": "nobody"}, "email"),
        ({"language": "the local one"}, "language"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"name": "a\0b"}, "name"),
        ({"name": "n" * 201}, "name"),
    ],
)
def test_what_cannot_be_saved_comes_back_at_its_field(
    world: World, change: dict[str, str], field: str
) -> None:
    make(world)
    answer_ = world.client().send("/people", {"identifier": "u-2", "name": "typed name", **change})
    page = answer_.get_data(as_text=True)
    assert answer_.status_code == 422
    assert f'<a href="#{field}">' in page
    assert "typed name" in page or "name" in change


def test_D1_the_second_of_two_editors_sees_both_texts(world: World) -> None:
    person, mine, theirs = make(world), world.client("editor"), world.client("admin")
    version = hidden(mine.get(f"/people/{person.id}/edit"), "version")
    data = {"identifier": "u-1", "version": version}
    theirs.send(f"/people/{person.id}", {**data, "name": "Their name"})
    refused = mine.send(f"/people/{person.id}", {**data, "name": "My name"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert 'value="My name"' in page
    assert "Their name" in page
    again = mine.send(
        f"/people/{person.id}", {**data, "name": "My name", "version": hidden(refused, "version")}
    )
    assert again.status_code == 303
    assert persons(world)[0].name == "My name"


def test_a_survey_is_saved_with_further_answers_and_its_hash(world: World) -> None:
    person, browser = make(world), world.client()
    path = f"/people/{person.id}/survey"
    page = browser.get(path)
    assert "Why they take the course" in page.get_data(as_text=True)
    data = {
        "version": hidden(page, "version"),
        "motivation": " To help\r\nmore ",
        "further-question": ["Shoe size", ""],
        "further-answer": ["41", ""],
    }
    assert browser.send(path, data).status_code == 303
    survey = said(world, person.id)
    assert survey is not None
    assert survey.answers == {"motivation": "To help\nmore", "Shoe size": "41"}
    assert survey.hash == survey_hash(survey.answers)
    shown = browser.get(f"/people/{person.id}").get_data(as_text=True)
    assert "Shoe size" in shown


def test_rows_of_further_answers_come_and_go_without_a_script(world: World) -> None:
    person, browser = make(world), world.client()
    path = f"/people/{person.id}/survey"
    data = {"version": "0", "fears": "typed", "further-question": ["a", "b"], "further-answer": ["1", "2"]}
    more = browser.send(path, {**data, "move": "further::add"}).get_data(as_text=True)
    assert more.count('name="further-question"') == 3
    less = browser.send(path, {**data, "move": "further:0:remove"}).get_data(as_text=True)
    assert re.findall(r'name="further-question" value="(\w*)"', less) == ["b"]
    assert "typed" in less
    assert said(world, person.id) is None


@pytest.mark.parametrize(
    ("question", "given", "sentence"),
    [
        ("", "an answer without a question", "Further answer 1: Name the question."),
        ("fears", "again", "stands above already"),
        ("q" * 81, "x", "under 80 characters"),
        ("size", "a\0b", "NUL"),
    ],
)
def test_a_further_answer_that_cannot_be_kept_is_named(
    world: World, question: str, given: str, sentence: str
) -> None:
    person = make(world)
    data = {"version": "0", "fears": "typed", "further-question": [question], "further-answer": [given]}
    refused = world.client().send(f"/people/{person.id}/survey", data)
    assert refused.status_code == 422
    page = unescape(refused.get_data(as_text=True))
    assert sentence in page
    assert "typed" in page
    assert said(world, person.id) is None


def test_long_answers_are_kept_and_longer_ones_refused_at_their_field(world: World) -> None:
    person, browser = make(world), world.client()
    path = f"/people/{person.id}/survey"
    assert browser.send(path, {"version": "0", "motivation": "я" * 100_000}).status_code == 303
    refused = browser.send(path, {"version": "1", "fears": "x" * 100_001})
    assert refused.status_code == 422
    assert '<a href="#fears">' in refused.get_data(as_text=True)
    many = {f"q{number}": "x" for number in range(61)}
    with pytest.raises(DomainError, match="60 answers at most"):
        answer(world, person, many, version=1)


def test_D1_a_survey_saved_meanwhile_stands_beside_what_was_typed(world: World) -> None:
    person, browser = make(world), world.client()
    path = f"/people/{person.id}/survey"
    version = hidden(browser.get(path), "version")
    answer(world, person, {"motivation": "theirs"})
    refused = browser.send(path, {"version": version, "motivation": "mine", "fears": "also mine"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert re.search(r"<textarea[^>]*>\s*mine</textarea>", page)
    assert '<p class="text">theirs</p>' in page
    again = browser.send(path, {"version": hidden(refused, "version"), "motivation": "mine"})
    assert again.status_code == 303
    survey = said(world, person.id)
    assert survey is not None
    assert survey.answers == {"motivation": "mine"}


def test_the_same_answers_make_no_version_and_no_trace(world: World) -> None:
    person = make(world)
    first = answer(world, person)
    assert answer(world, person, {**ANSWERS, "empty": " "}, version=1).version == 1
    entries = select(AuditEntry).where(AuditEntry.action == AuditAction.SURVEY_CHANGED)
    assert [entry.subject_id for entry in world.session.scalars(entries)] == [first.id]
    with pytest.raises(Conflict):
        answer(world, person, {"fears": "new"}, version=0)


def test_C2_payloads_come_out_as_text(world: World) -> None:
    person = make(world, PAYLOAD.replace("/", ""), name=PAYLOAD)
    answer(world, person, {"fears": PAYLOAD, PAYLOAD: PAYLOAD})
    browser = world.client()
    for path in ("/learners", f"/people/{person.id}", f"/people/{person.id}/edit"):
        assert "<script>alert" not in browser.get(path).get_data(as_text=True)
    for path in ("survey", "history"):
        page = browser.get(f"/people/{person.id}/{path}").get_data(as_text=True)
        assert "<script>alert" not in page
        assert "49" not in re.sub(r'"[^"]*"', "", page)


def test_B3_another_companys_persons_are_not_there(world: World) -> None:
    theirs = make(world, company_id=world.other_id)
    browser = world.client("admin")
    for path in ("", "/edit", "/survey", "/history"):
        assert browser.get(f"/people/{theirs.id}{path}").status_code == 404
    for path in ("", "/delete", "/survey"):
        assert browser.send(f"/people/{theirs.id}{path}", {"identifier": "x"}).status_code == 404
    assert "Marta" not in browser.get("/learners").get_data(as_text=True)
    assert "Marta" not in browser.get("/search?q=marta").get_data(as_text=True)
    world.actor()
    with pytest.raises(NotFound):
        find_person(world.session, "u-1")
    with pytest.raises(NotFound):
        save_survey(world.session, world.actor(), theirs.id, ANSWERS, 0, **clients(world))


def test_the_list_is_searched_by_name_identifier_and_address(world: World) -> None:
    make(world, "abc-1", name="Åsa Öberg", email="asa@x.example")
    answer(world, make(world, "zzz-2", name="Bo", email="bo@y.example"))
    browser = world.client()
    for query, name in (("asa o", "Åsa Öberg"), ("ZZZ", "Bo"), ("bo@", "Bo")):
        page = browser.get("/learners", query_string={"q": query}).get_data(as_text=True)
        assert "1 of 1 learner" in page
        assert name in page
    assert "Åsa" not in browser.get("/learners?survey=yes").get_data(as_text=True)
    assert "zzz-2" not in browser.get("/learners?survey=no").get_data(as_text=True)
    page = browser.get("/learners?sort=-identifier").get_data(as_text=True)
    assert page.index("zzz-2") < page.index("abc-1")
    assert "/people/" in browser.get("/search?q=zzz").get_data(as_text=True)


def test_a_list_of_many_takes_no_more_statements(world: World) -> None:
    browser = world.client()
    answer(world, make(world, "u-0"))
    few = len(browser.get("/learners").get_data())
    for number in range(1, 20):
        answer(world, make(world, f"u-{number}"))
    assert len(browser.get("/learners").get_data()) > few


def test_deleting_takes_the_survey_along(world: World) -> None:
    person = make(world)
    answer(world, person)
    assert world.client().send(f"/people/{person.id}/delete").location == "/learners"
    assert persons(world) == []
    assert world.session.scalars(select(Survey)).all() == []


def test_many_are_deleted_at_once_each_with_a_trace(world: World) -> None:
    ids = [str(make(world, f"u-{number}").id) for number in range(3)]
    browser = world.client()
    browser.send("/learners/selected", {"row": ids[:2], "deed": "delete", "sure": "1"})
    assert [person.identifier for person in persons(world)] == ["u-2"]
    gone = select(AuditEntry).where(AuditEntry.action == AuditAction.PERSON_DELETED)
    assert {str(entry.subject_id) for entry in world.session.scalars(gone)} == set(ids[:2])


def test_files_of_the_list_hold_everything_and_can_be_imported_again(world: World) -> None:
    answer(world, make(world, "u-1", name="=cmd"), {"fears": "a\nb", "Shoe size": "-41"})
    make(world, "u-2")
    browser = world.client()
    raw = browser.get("/learners/export?format=csv").get_data()
    found = json.loads(browser.get("/learners/export?format=json&q=u-1").get_data())
    assert found["items"] == [
        found["items"][0] | {"user_id": "u-1", "name": "=cmd", "fears": "a\nb", "Shoe size": "-41"}
    ]
    sent = browser.send("/imports/new/learners", {"file": (io.BytesIO(raw), "f.csv")})
    page = browser.get(sent.location).get_data(as_text=True)
    assert "Shoe size" in page
    address = sent.location.removesuffix("/columns")
    mapping = {f"to_{name}": name for name in ("user_id", "name", "email", "fears", "motivation")}
    browser.send(f"{address}/columns", {**mapping, "keep": ["Shoe size"]})
    world.work()
    assert "2 unchanged" in browser.get(address).get_data(as_text=True)
