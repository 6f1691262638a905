"""Every table and every column that may hold somebody's data is declared; a new one that is not fails."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Text, Uuid

from webapp.accounts.models import Company
from webapp.areas import AREAS
from webapp.core.db import db
from webapp.core.privacy import Fate, Holding, undeclared
from webapp.customers.models import Dislike
from webapp.people.models import Person

HOLDINGS = [one for area in AREAS for one in area.holdings]
TABLES = list(db.Model.metadata.tables.values())


def test_every_table_and_column_is_spoken_of() -> None:
    assert undeclared(TABLES, HOLDINGS) == []


def test_every_reference_to_a_person_is_found_by_export_and_erasure() -> None:
    for table in TABLES:
        reached = {one.key for holding in HOLDINGS if holding.table is table for one in holding.by}
        for column in table.c.values():
            if any(key.column.table.name == "persons" for key in column.foreign_keys):
                assert column.name in reached, f"{table.name}.{column.name}"


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        (Column("nickname", String(80)), "nickname: is it"),
        (Column("about", Text()), "about: is it"),
        (Column("user_number", Uuid()), "user_number: is it"),
        (Column("friend_id", Uuid(), ForeignKey("persons.id")), "friend_id: is it"),
    ],
)
def test_a_new_column_that_nobody_declared_fails(column: Column[Any], problem: str) -> None:
    other = MetaData()
    Company.__table__.to_metadata(other)
    Person.__table__.to_metadata(other)
    table = Dislike.__table__.to_metadata(other)
    table.append_column(column)
    found = undeclared([table], HOLDINGS)
    assert any(problem in one for one in found), found


def test_a_new_table_that_nobody_declared_fails() -> None:
    table = Table("diaries", MetaData(), Column("id", Uuid(), primary_key=True), Column("text", Text()))
    assert undeclared([table], HOLDINGS) == ["diaries: no area says what it holds of a person"]


@pytest.mark.parametrize(
    ("holding", "problem"),
    [
        (Holding(Dislike, personal=("item",), title="x"), "nothing says whose its rows are"),
        (Holding(Dislike, by=(Dislike.person_id,), personal=("item",)), "needs a title"),
        (Holding(Dislike, fate=Fate.KEPT, plain=("item",)), "say why"),
        (Holding(Dislike, fate=Fate.KEPT, plain=("item",), why="x"), "refers to a person"),
        (Holding(Dislike, by=(Dislike.person_id,), title="x", plain=("itme",)), "no such column"),
        (
            Holding(Dislike, by=(Dislike.person_id,), title="x", plain=("item",), personal=("item",)),
            "as plain and as something else",
        ),
    ],
)
def test_a_declaration_that_cannot_be_right_fails(holding: Holding, problem: str) -> None:
    found = undeclared([Dislike.__table__], [holding])
    assert any(problem in one for one in found), found
