"""The commands: status 0 only when all succeeded, one JSON document on request."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import Result

from tests.conftest import World
from tests.lessons.records import TEMPLATE, a_course, a_lesson, saved_lesson


def run(world: World, *words: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["lessons", *words])


def test_templates_go_out_and_come_in(world: World, tmp_path: Path) -> None:
    course = a_course(world)
    lesson_id = a_lesson(world, course, 3, code="abc").id
    (tmp_path / "3.json").write_text(json.dumps(TEMPLATE))
    result = run(world, "import-templates", str(tmp_path), "--company", "acme", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert (told["course"], told["done"], told["problems"], told["success"]) == ("massage", [3], [], True)
    assert saved_lesson(world, lesson_id).template == TEMPLATE
    out = tmp_path / "out"
    result = run(world, "export-templates", str(out), "--company", "acme", "--course", "massage")
    assert (result.exit_code, result.output) == (0, "1 lesson exported.\n")
    assert json.loads((out / "3-3-abc-final.json").read_text()) == TEMPLATE
    again = run(world, "import-templates", str(out), "--company", "acme")
    assert again.output == "0 lessons imported.\n1 lesson unchanged.\n"


def test_a_file_that_cannot_be_taken_in_is_named_and_the_status_says_so(world: World, tmp_path: Path) -> None:
    course = a_course(world)
    a_lesson(world, course, 1)
    good = a_lesson(world, course, 2).id
    (tmp_path / "1.json").write_text("{")
    (tmp_path / "2.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "9.json").write_text(json.dumps(TEMPLATE))
    result = run(world, "import-templates", str(tmp_path), "--company", "acme", "--json")
    assert result.exit_code == 1
    problems = json.loads(result.output)["problems"]
    assert [(one["lesson_number"], one["file"]) for one in problems] == [(9, "9.json"), (1, "1.json")]
    assert saved_lesson(world, good).template == TEMPLATE


def test_a_course_must_be_named_where_there_are_several(world: World, tmp_path: Path) -> None:
    a_course(world, "one")
    a_course(world, "two")
    result = run(world, "export-templates", str(tmp_path / "out"), "--company", "acme", "--json")
    assert result.exit_code == 1
    assert "several courses" in result.output
    assert run(world, "export-templates", str(tmp_path), "--company", "nobody").exit_code == 1


def test_learners_are_imported_with_a_machine_readable_summary(world: World, tmp_path: Path) -> None:
    file = tmp_path / "learners.csv"
    file.write_text("user_id,name,fears,Shoe size\nu-1,Marta,Hurting,41\nu-2,,,\n")
    result = run(world, "import-learners", str(file), "--company", "acme", "--json")
    assert result.exit_code == 1
    result = run(world, "import-learners", str(file), "--company", "acme", "--json", "--skip-bad-rows")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert (told["written"], told["created"], told["bad"]) == (True, 1, 1)
    page = world.client().get("/learners").get_data(as_text=True)
    assert "2 answers" in page


def test_learners_belong_to_no_course_but_the_one_named_must_exist(world: World, tmp_path: Path) -> None:
    file = tmp_path / "learners.csv"
    file.write_text("user_id,name\nu-1,Marta\n")
    words = ("import-learners", str(file), "--company", "acme", "--course")
    result = run(world, *words, "nowhere")
    assert result.exit_code == 1
    assert "course" in result.output
    made = a_course(world)
    assert run(world, *words, made.key).exit_code == 0


def test_every_command_helps(world: World) -> None:
    for name in ("import-templates", "export-templates", "import-learners"):
        result = run(world, name, "--help")
        assert result.exit_code == 0
        assert "--company" in result.output
        assert "--course" in result.output
        assert "--json" in result.output
