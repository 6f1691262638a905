"""Taking personas along: each form holds everything, names are safe, texts stay texts."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import uuid4

import pytest

from tests.conftest import World
from tests.personas.fits import OWNER, PLANTED, persona, product
from webapp.personas.card_pdf import as_pdf
from webapp.personas.cards import Card, as_markdown, file_name


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

    def names(query: str) -> list[str]:
        answer = browser.get(f"/personas/export?{query}")
        assert answer.mimetype == "application/zip", answer.get_data(as_text=True)
        return zipfile.ZipFile(io.BytesIO(answer.data)).namelist()

    everything = names("form=json&take=all")
    assert len(set(everything)) == 2
    assert everything[0] == "persona-the-two-site-practice-owner.json"
    assert len(names(f"form=md&id={first.id}&id={theirs.id}")) == 1
    assert len(names("form=json&take=all&industry=Sports")) == 1
    held = zipfile.ZipFile(io.BytesIO(browser.get("/personas/export?form=json&take=all&fit=none").data))
    assert json.loads(held.read(held.namelist()[0]))["personName"] == OWNER["personName"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/personas/export?form=md", 422),
        ("/personas/export?form=exe&take=all", 404),
        (f"/personas/export?form=md&id={NOBODY}", 422),
        (f"/personas/{NOBODY}/export/md", 404),
        (f"/personas/{NOBODY}/card", 404),
    ],
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
