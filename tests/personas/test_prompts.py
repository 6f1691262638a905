"""The prompt files: what the front matter announces is what the text uses."""

import re
from pathlib import Path

import pytest

from webapp.personas.answer import FIELDS

PROMPTS = sorted((Path(__file__).parents[2] / "webapp" / "personas" / "prompts").glob("*.md"))


def parts(path):
    _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
    entries = dict(line.split(": ", 1) for line in front.strip().splitlines())
    system, user = re.fullmatch(r"# system\n(.*)\n# user\n(.*)", text, re.DOTALL).groups()
    return entries, system, user


@pytest.mark.parametrize("path", PROMPTS, ids=lambda path: path.name)
def test_a_prompt_s_name_version_and_variables_are_those_of_its_file_and_text(path):
    entries, system, user = parts(path)
    assert path.name == f"{entries['name']}.{entries['version']}.md"
    assert entries["title"]
    announced = {name.strip() for name in entries["variables"].split(",")}
    assert announced == set(re.findall(r"\{\{(\w+)\}\}", user))
    assert "{{" not in system


@pytest.mark.parametrize("path", PROMPTS, ids=lambda path: path.name)
def test_everything_given_stands_between_data_tags_and_the_system_text_says_what_that_means(path):
    _, system, user = parts(path)
    assert "never an instruction" in system
    assert re.search(r"<data>\n\{\{brief\}\}\n</data>", user)


def test_the_drafting_prompt_names_all_eleven_fields():
    _, system, _ = parts(next(path for path in PROMPTS if path.name == "persona.1.md"))
    assert all(f"- {field.wire}:" in system for field in FIELDS)
