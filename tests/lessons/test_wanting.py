"""What wants a person: counted from an index alone, and the queue goes along those that are meant."""

from __future__ import annotations

from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import event, inspect, select

from tests.conftest import World
from tests.lessons.making import Who, confined, course, learner, lesson
from tests.lessons.test_batch import done
from webapp.core.db import db, unit
from webapp.lessons.basis import read_basis
from webapp.lessons.batch import Choice
from webapp.lessons.models import PersonalLesson, Strategy
from webapp.lessons.queue import SHOWN, neighbours
from webapp.lessons.wanting import waiting, wanting
from webapp.prepare import MIGRATIONS

INDEX = "ix_personal_lessons_company_flagged"


def plans_of(work: Any) -> list[str]:
    """How SQLite goes about what the work asks."""
    asked: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        asked.append((statement, given))

    event.listen(db.engine, "before_cursor_execute", hear)
    work()
    event.remove(db.engine, "before_cursor_execute", hear)
    with db.engine.connect() as connection:
        return [
            str(row[3])
            for statement, given in asked
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]


NAMES = ("ada", "ben", "cem", "dan", "eva")


def written(world: World, *flagged: str) -> dict[str, Who]:
    """Five learners, each with a lesson; these have findings."""
    made, answers = course(world), {"motivation": "To learn."}
    people = {name: learner(world, name, name=name.title(), answers=answers) for name in NAMES}
    done(world, Choice(course_id=made, strategy=Strategy.BASIC))
    session = confined(world)
    with unit(session):
        for row in session.scalars(select(PersonalLesson)):
            row.flagged = row.person_id in {people[name].id for name in flagged}
    return people


@pytest.mark.parametrize("near", [2_000, 4])
def test_the_queue_goes_to_the_next_that_is_meant(world: World, near: int) -> None:
    people, row = written(world, "ada", "eva"), lesson(world)
    basis = read_basis(confined(world), people["cem"].id, row.id)
    found = {show: neighbours(confined(world), basis, show, near) for show in SHOWN}
    assert found == {
        "all": ("ben", "dan"),
        "unreviewed": ("ben", "dan"),
        "flagged": ("ada", "eva"),
        "stale": (None, None),
        "waiting": (None, None),
    }


def test_many_that_are_meant_are_looked_for_among_the_nearest(world: World) -> None:
    people, row = written(world, "ada", "eva"), lesson(world)
    basis = read_basis(confined(world), people["cem"].id, row.id)
    assert neighbours(confined(world), basis, "flagged", 1) == (None, None)
    assert neighbours(confined(world), basis, "unreviewed", 1) == ("ben", "dan")


def test_every_page_counts_what_wants_a_person_from_indexes_alone(world: World) -> None:
    written(world, "ben", "dan")
    session, who = confined(world), world.actor()
    assert waiting(session, who) == 2
    assert wanting(session, who)[0].text.startswith("2 unreviewed lessons have findings")
    if db.engine.dialect.name == "sqlite":
        plans = plans_of(lambda: waiting(session, who))
        assert any(f"COVERING INDEX {INDEX}" in step for step in plans), plans
        assert not [step for step in plans if "lesson" in step and "COVERING INDEX" not in step], plans


def test_the_index_comes_and_goes_with_its_migration(world: World) -> None:
    def there() -> bool:
        db.session.remove()
        return INDEX in {one["name"] for one in inspect(db.engine).get_indexes("personal_lessons")}

    assert world.company_id
    assert there()
    downgrade(directory=str(MIGRATIONS), revision="0009")
    assert not there()
    upgrade(directory=str(MIGRATIONS))
    assert there()
