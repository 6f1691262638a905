"""Templates: each save a version; two editors; compared, restored; taken from files and written to them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.lessons.records import TEMPLATE, a_course, a_lesson, a_template, hidden, saved_lesson
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.errors import Conflict, DomainError
from webapp.lessons.facts import SECTIONS
from webapp.lessons.models import TemplateVersion
from webapp.lessons.template_exchange import folder_of
from webapp.lessons.template_files import Read, name_for, parsed, read_file
from webapp.lessons.templates import template_of

LONG = "{n}-{n}-{id}-final.json"


def test_a_lesson_without_a_template_uses_the_default_one_and_says_so(world: World) -> None:
    lesson = a_lesson(world, a_course(world), title="Neck", description="Five strokes")
    assert template_of(lesson).summary == "Neck\n\nFive strokes"
    page = world.client().get(f"/lessons/{lesson.id}").get_data(as_text=True)
    assert "built from title and description" in page
    assert "40 to 120 words; 0 now." in page


def test_a_save_makes_a_version_and_an_unchanged_one_none(world: World) -> None:
    lesson_id = a_lesson(world, a_course(world)).id
    browser, path = world.client(), f"/lessons/{lesson_id}/template"
    answer = browser.send(path, {**TEMPLATE, "version": "0", "reason": "first"}, follow_redirects=True)
    assert "The template is saved." in answer.get_data(as_text=True)
    browser.send(path, {**TEMPLATE, "version": "1"})
    lesson = saved_lesson(world, lesson_id)
    assert (lesson.template, lesson.template_number, lesson.version) == (TEMPLATE, 1, 1)
    version = world.session.scalars(select(TemplateVersion)).one()
    assert (version.number, version.reason, version.sections) == (1, "first", TEMPLATE)
    assert version.staff_id == world.staff["editor"]
    traces = select(AuditEntry).where(AuditEntry.action == AuditAction.TEMPLATE_CHANGED)
    assert [set(trace.changes) for trace in world.session.scalars(traces)] == [set(SECTIONS)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"summary": "x" * 6_001}, "Keep this under 6,000 characters."),
        ({"homework": "a\0b"}, "NUL"),
        (dict.fromkeys(SECTIONS, " "), "Write at least one section"),
        ({"reason": "r" * 301}, "under 300"),
    ],
)
def test_a_template_that_cannot_be_saved_comes_back(
    world: World, change: dict[str, str], sentence: str
) -> None:
    lesson = a_lesson(world, a_course(world))
    data = {**TEMPLATE, "version": "0", "reason": "typed reason", **change}
    answer = world.client().send(f"/lessons/{lesson.id}/template", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "typed reason" in page or "reason" in change


def test_D1_the_second_of_two_editors_of_a_template_sees_both(world: World) -> None:
    lesson = a_lesson(world, a_course(world))
    lesson_id = lesson.id
    a_template(world, lesson)
    browser, path = world.client(), f"/lessons/{lesson_id}/template"
    version = hidden(browser.get(f"/lessons/{lesson_id}"), "version")
    world.client("admin").send(path, {**TEMPLATE, "summary": "their summary", "version": version})
    refused = browser.send(path, {**TEMPLATE, "summary": "my summary", "version": version})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert re.search(r"<textarea[^>]*>\s*my summary</textarea>", page)
    assert '<p class="text">their summary</p>' in page
    again = browser.send(path, {**TEMPLATE, "summary": "my summary", "version": hidden(refused, "version")})
    assert again.status_code == 303
    assert saved_lesson(world, lesson_id).template["summary"] == "my summary"
    with pytest.raises(Conflict):
        a_template(world, saved_lesson(world, lesson_id), 1, summary="other")


def test_versions_are_compared_and_restored_as_new_ones(world: World) -> None:
    lesson = a_lesson(world, a_course(world))
    lesson_id = lesson.id
    a_template(world, lesson, summary="one old word")
    a_template(world, lesson, 1, summary="one new word")
    browser, path = world.client(), f"/lessons/{lesson_id}"
    page = browser.get(f"{path}/versions").get_data(as_text=True)
    assert "<del>old</del><ins>new</ins>" in page
    assert "Homework" not in page.split("Versions</h2>")[0].split("Version 1 → 2")[1]
    browser.send(f"{path}/restore", {"version": "1"})
    lesson = saved_lesson(world, lesson_id)
    assert (lesson.template["summary"], lesson.template_number) == ("one old word", 3)
    for word in ("9", "x", "", "9" * 30):
        assert browser.send(f"{path}/restore", {"version": word}).status_code == 404
    assert browser.get(f"{path}/versions?old=x&new=99").status_code == 200


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"3-3-abc-final.json", "3-3-zzz-final.json", "3.json"}, "3-3-abc-final.json"),
        ({"3-3-zzz-final.json", "3-3-bbb-final.json", "lesson-3.json"}, "3-3-bbb-final.json"),
        ({"3-abc-final.json", "lesson-3.json"}, "3-abc-final.json"),
        ({"lesson-3.json", "3.json"}, "lesson-3.json"),
        ({"3.json", "13.json", "3-4-abc-final.json"}, "3.json"),
        ({"33-33-abc-final.json", "3-x-final.json", "lesson-33.json"}, ""),
        (set(), ""),
    ],
)
def test_a_lessons_file_is_found_by_the_first_rule_that_finds_one(names: set[str], found: str) -> None:
    named = name_for(3, "abc", names)
    assert (named.name if named else "") == found


def test_other_files_of_the_lesson_are_named() -> None:
    names = {"3-3-abc-final.json", "3-3-b-final.json", "3.json", "4.json"}
    named = name_for(3, "abc", names)
    assert named is not None
    assert (named.rule, named.others) == (LONG, ("3-3-b-final.json", "3.json"))


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"{", "not JSON: line 1"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"[]", "one object"),
        (b'"text"', "one object"),
        (b'{"summary": 3}', "“summary” holds a number"),
        (b'{"homework": ["x"]}', "“homework” holds a list"),
        (b'{"title": "x"}', "None of the sections"),
        (b"{}", "None of the sections"),
        (b'{"summary": "\\u0000"}', "cannot be stored"),
        (b'{"summary": "\\ud800"}', "cannot be stored"),
        (json.dumps({"summary": "x" * 6_001}).encode(), "6,001 characters"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_C3_what_is_wrong_with_a_file_is_said_in_words(raw: bytes, sentence: str) -> None:
    read = parsed(raw)
    assert read.texts is None
    assert sentence in read.problem


def test_keys_that_are_no_section_are_left_out_and_named() -> None:
    read = parsed('\ufeff{"summary": "Ж", "lessonId": "x", "homework": null}'.encode())
    assert read.texts is not None
    assert (read.texts.summary, read.texts.homework) == ("Ж", "")
    assert read.notes == ("Left out, no section: lessonId.",)


def test_links_folders_and_giants_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.json").write_text('{"summary": "secret"}')
    (folder / "1.json").symlink_to(tmp_path / "secret.json")
    (folder / "2.json").mkdir()
    (folder / "3.json").write_bytes(b" " * 1_100_000)
    (folder / "4.json").symlink_to(folder / "4.json")
    (folder / "5.json").symlink_to(folder / "nowhere.json")
    for number in range(1, 6):
        read: Read = read_file(folder, f"{number}.json")
        assert read.texts is None
        assert read.problem
        assert "secret" not in read.problem


def put(world: World, name: str, content: object, *folders: str) -> Path:
    folder = world.services.settings.lesson_files.joinpath(*folders)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_the_page_shows_which_file_is_whose_and_what_it_would_change(world: World) -> None:
    course = a_course(world)
    lesson = a_lesson(world, course, 3, code="abc")
    a_template(world, lesson)
    path, lesson_id = f"/lessons/courses/{course.id}/files", lesson.id
    browser = world.client()
    assert "does not exist yet" in browser.get(path).get_data(as_text=True)
    put(world, "3-3-abc-final.json", {**TEMPLATE, "summary": "From the file"}, "acme")
    put(world, "3.json", "{", "acme")
    put(world, "9.json", TEMPLATE, "acme")
    page = browser.get(path).get_data(as_text=True)
    assert "not used: 3.json" in page
    assert "9.json" in page
    assert "<ins>" in page
    assert browser.send(f"{path}/import").status_code == 303
    assert saved_lesson(world, lesson_id).template_number == 1
    browser.send(f"{path}/import", {"lesson": str(lesson_id)})
    found = saved_lesson(world, lesson_id)
    assert (found.template["summary"], found.template_number) == ("From the file", 2)
    assert "says the same" in browser.get(path).get_data(as_text=True)


def test_a_file_that_cannot_be_read_leaves_the_template(world: World) -> None:
    course = a_course(world)
    lesson = a_lesson(world, course, 3)
    lesson_id = lesson.id
    put(world, "3.json", '{"summary": 1}', "acme")
    browser, path = world.client(), f"/lessons/courses/{course.id}/files"
    assert "“summary” holds a number" in browser.get(path).get_data(as_text=True)
    browser.send(f"{path}/import", {"all": "1"})
    assert saved_lesson(world, lesson_id).template_number == 0


def test_templates_are_written_to_files_and_come_back_as_they_were(world: World) -> None:
    course = a_course(world)
    lesson = a_lesson(world, course, 3, code="abc")
    lesson_id = lesson.id
    a_template(world, lesson, summary="Ж “quoted”\n\nlines")
    a_lesson(world, course, 4)
    browser, path = world.client(), f"/lessons/courses/{course.id}/files"
    browser.send(f"{path}/export")
    folder = world.services.settings.lesson_files / "acme"
    assert [file.name for file in folder.iterdir()] == ["3-3-abc-final.json"]
    written = json.loads((folder / "3-3-abc-final.json").read_text(encoding="utf-8"))
    assert written == {**TEMPLATE, "summary": "Ж “quoted”\n\nlines"}
    browser.send(f"{path}/import", {"all": "1"})
    assert saved_lesson(world, lesson_id).template_number == 1


def test_a_lesson_takes_its_id_from_its_file(world: World) -> None:
    course = a_course(world)
    lesson_id = a_lesson(world, course, 3).id
    put(world, "3-3-cm9x-final.json", TEMPLATE, "acme")
    world.client().send(f"/lessons/courses/{course.id}/files/import", {"all": "1"})
    assert saved_lesson(world, lesson_id).code == "cm9x"


def test_B3_companies_and_courses_have_folders_of_their_own(world: World) -> None:
    root = world.services.settings.lesson_files
    one = a_course(world, "one")
    world.actor()
    assert folder_of(world.session, root, one) == root / "acme"
    two = a_course(world, "two")
    world.actor()
    assert folder_of(world.session, root, two) == root / "acme" / "two"
    theirs = a_course(world, "one", company_id=world.other_id)
    world.actor(company_id=world.other_id)
    assert folder_of(world.session, root, theirs) == root / "other"


def test_an_empty_template_is_refused(world: World) -> None:
    lesson = a_lesson(world, a_course(world))
    with pytest.raises(DomainError):
        a_template(world, lesson, **dict.fromkeys(SECTIONS, ""))
