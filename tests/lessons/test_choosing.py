"""Files and lists of user ids, as people write them and as nobody should."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from webapp.core.errors import BadRequest
from webapp.core.id_lists import users_in
from webapp.lessons.choosing import read_numbers, read_users
from webapp.lessons.template_files import names_in, read_file


def test_ids_come_from_lines_tables_and_json_each_once() -> None:
    assert users_in("a\nb\na\n", "it") == ["a", "b"]
    assert users_in("name;user_id\nAda;17\nBen;18\n", "it") == ["17", "18"]
    assert users_in('[17, "18", {"user_id": "19"}]', "it") == ["17", "18", "19"]


@pytest.mark.parametrize("text", ["[" * 100_000, '["\\ud800"]', '["a\\u0000b"]', '{"a": 1}', "[true]"])
def test_what_is_no_list_of_ids_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadRequest, match="it "):
        users_in(text, "it")


def test_a_file_that_names_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    path.write_text("\n \n")
    with pytest.raises(BadRequest, match="names no user id"):
        read_users(path)


def test_numbers_and_ranges_are_read() -> None:
    assert read_numbers("3, 1-2,2") == [1, 2, 3]
    with pytest.raises(BadRequest, match="no lesson number"):
        read_numbers("3-1")


def test_a_file_name_that_is_not_utf8_is_told_as_unreadable(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/1-1-\xff-final.json")).write_text("{}")
    (name,) = names_in(tmp_path)
    assert name.encode("utf-8")
    assert read_file(tmp_path, name).problem
