"""Taking personas along: each form holds everything, names are safe, texts stay texts."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.personas.fits import OWNER, PLANTED, persona, product
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import scope_to
from webapp.personas.card_pdf import as_pdf
from webapp.personas.cards import Card, as_markdown, file_name
from webapp.personas.models import Persona


def card(**fields: object) -> Card:
    empty = dict.fromkeys(("role", "seniority", "potentialPitch", "company"), "")
    return Card(uuid4(), 1, "2026-11-21", {**empty, **OWNER, **fields}, ())  # type: ignore[arg-type]  # as fields are


def test_markdown_and_json_hold_every_field_and_fit(world: World) -> None:
    here, shelf = persona(world), product(world)
    browser = world.client("viewer")
    world.client().send(
        f"/personas/{here.id}/fits", {"product_id": str(shelf.id), "valuePropToThem": "Worth it"}
    )
    text = browser.get(f"/personas/{here.id}/export/md")
    assert text.mimetype == "text/markdown"
    assert (
        "attachment; filename=persona-the-two-site-practice-owner.md" in text.headers["Content-Disposition"]
    )
    for said in (*OWNER["painPoints"], OWNER["coreGoal"], "ShelfSense", "Worth it"):
        assert said in text.get_data(as_text=True)
    told = browser.get(f"/personas/{here.id}/export/json").json
    assert told == told | OWNER
    assert told["productFits"][0]["valuePropToThem"] == "Worth it"
    page = browser.get(f"/personas/{here.id}/card").get_data(as_text=True)
    assert OWNER["coreGoal"] in page


def test_marks_of_markdown_inside_texts_stay_text() -> None:
    text = as_markdown(card(coreGoal="# not a heading\n- not a list\n*plain* [x](javascript:y) <b>")).decode()
    assert "\\# not a heading" in text
    assert "\n\\- not a list" in text
    assert "\\*plain\\* \\[x\\](javascript:y) \\<b\\>" in text


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("../../etc/passwd", "persona-etc-passwd"),
        ("CON", "persona-con"),
        ("", "persona"),
        ("\u202egpj.exe", "persona-gpj-exe"),
        ("Владелец сети", "persona-владелец-сети"),
        ("a" * 300, "persona-" + "a" * 60),
        ('x";\r\nSet-Cookie: y', "persona-x-set-cookie-y"),
    ],
)
def test_file_names_are_safe(name: str, wanted: str) -> None:
    assert file_name(name) == wanted


NOBODY = "0191a8a0-0000-7000-8000-000000000000"
NAMES = ["Ольга Белова", "نادية الخطيب", "נעמה כהן", "Łukasz Żółkiewski", "日本 😀", PLANTED]


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_is_one_page_whatever_the_script_and_length(name: str) -> None:
    body = as_pdf(card(personName=name[:300], coreGoal="Long words. " * 100, painPoints=["pain " * 60] * 8))
    assert body.startswith(b"%PDF-")
    assert body.count(b"/Type /Page\n") == 1


def test_several_come_in_a_zip_ticked_or_all_that_match(world: World) -> None:
    first = persona(world)
    persona(world, industry="Sports")
    theirs = persona(world, world.other_id)
    browser = world.client("viewer")

    def taken(**form: str) -> zipfile.ZipFile:
        answer = browser.send("/personas/cards", form)
        assert answer.mimetype == "application/zip", answer.get_data(as_text=True)
        return zipfile.ZipFile(io.BytesIO(answer.data))

    everything = taken(form="json", all="1").namelist()
    assert len(set(everything)) == 2
    assert everything[0] == "persona-the-two-site-practice-owner.json"
    marked = browser.send("/personas/cards", {"form": "md", "row": [str(first.id), str(theirs.id)]})
    assert len(zipfile.ZipFile(io.BytesIO(marked.data)).namelist()) == 1
    assert len(taken(form="json", all="1", query="industry=Sports").namelist()) == 1
    assert len(taken(form="json", all="1", query="q=the two").namelist()) == 2
    scope_to(world.session, world.company_id)
    reasons = select(AuditEntry.reason).where(AuditEntry.action == AuditAction.LIST_EXPORTED)
    assert world.session.scalars(reasons.order_by(AuditEntry.seq)).first() == "2 cards"
    held = taken(form="json", all="1", query="fit=none")
    assert json.loads(held.read(held.namelist()[0]))["personName"] == OWNER["personName"]


def test_all_that_match_is_what_the_list_shows(world: World) -> None:
    persona(world)
    persona(world, industry="")
    editor = world.client("editor")
    listed = editor.get("/personas?unstated=industry").get_data(as_text=True)
    assert "Select all 1 persona that match" in listed
    sure = editor.send(
        "/personas/selected", {"deed": "delete", "all": "1", "sure": "1", "query": "unstated=industry"}
    )
    assert sure.status_code == 303
    scope_to(world.session, world.company_id)
    assert world.session.scalars(select(Persona.industry)).all() == [OWNER["industry"]]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"form": "md"}, 422),
        ({"form": "exe", "all": "1"}, 404),
        ({"form": "md", "row": str(NOBODY)}, 422),
    ],
)
def test_what_cannot_be_taken_along_is_told(world: World, form: dict[str, str], status: int) -> None:
    persona(world)
    assert world.client("viewer").send("/personas/cards", form).status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [(f"/personas/{NOBODY}/export/md", 404), (f"/personas/{NOBODY}/card", 404)],
)
def test_what_cannot_be_taken_is_told(world: World, path: str, status: int) -> None:
    persona(world)
    assert world.client("viewer").get(path).status_code == status


def test_B3_and_C2(world: World) -> None:
    theirs = persona(world, world.other_id)
    mine = persona(world, personName=PLANTED, coreGoal=PLANTED)
    browser = world.client()
    for path in ("card", "export/md", "export/json", "export/pdf"):
        assert browser.get(f"/personas/{theirs.id}/{path}").status_code == 404
    page = browser.get(f"/personas/{mine.id}/card").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<b hx-get" not in page
