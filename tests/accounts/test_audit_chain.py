"""The audit trail cannot be changed, and a change by hand is named (claim D6)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from tests.conftest import OPERATOR, World
from webapp.accounts.companies import change_profile, current_company
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import db, scope_to, unit

FORGED = "0" * 64
SIGNED_OUT = AuditAction.SIGNED_OUT


def verified(world: World, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and document of the command."""
    db.session.remove()
    result = world.app.test_cli_runner().invoke(args=["audit", "verify", "--json", *words])
    return result.exit_code, json.loads(result.output)


def some_entries(world: World) -> None:
    scope_to(world.session, world.company_id)
    for name in ("One", "Two", "Three"):
        version = current_company(world.session).version
        change_profile(
            world.session, world.actor(), {"name": name, "about": "ärger 🙂"}, version, world.services.auditor
        )


@pytest.fixture
def by_hand(world: World) -> Iterator[sqlite3.Connection]:
    """The database file in the hands of somebody who removed its guards."""
    database = db.engine.url
    if database.get_backend_name() != "sqlite":
        pytest.skip("the file is edited by hand")
    some_entries(world)
    db.session.remove()
    connection = sqlite3.connect(database.database or "", isolation_level=None)
    connection.execute("DROP TRIGGER audit_entries_kept")
    connection.execute("DROP TRIGGER audit_entries_unchanged")
    yield connection
    connection.close()


def acme(world: World) -> str:
    return f"company_id = '{world.company_id.hex}'"


def test_D6_an_untouched_trail_is_whole(world: World) -> None:
    some_entries(world)
    status, document = verified(world)
    assert (status, document["whole"]) == (0, True)
    assert {row["company"]: row["broken"] for row in document["companies"]} == {"acme": None, "other": None}


@pytest.mark.parametrize(
    ("deed", "number"),
    [
        ("UPDATE audit_entries SET reason = 'never mind' WHERE {acme} AND seq = 3", 3),
        ("UPDATE audit_entries SET changes = '{{\"name\": []}}' WHERE {acme} AND seq = 6", 6),
        ("UPDATE audit_entries SET changes = 'no json' WHERE {acme} AND seq = 6", 6),
        ("UPDATE audit_entries SET at = 'some day' WHERE {acme} AND seq = 2", 2),
        ("UPDATE audit_entries SET action = 'nothing.happened' WHERE {acme} AND seq = 2", 2),
        ("UPDATE audit_entries SET staff_id = NULL, address = '1.2.3.4' WHERE {acme} AND seq = 7", 7),
        ("UPDATE audit_entries SET id = 'nonsense' WHERE {acme} AND seq = 4", 4),
        ("DELETE FROM audit_entries WHERE {acme} AND seq = 4", 4),
        ("DELETE FROM audit_entries WHERE {acme} AND seq >= 6", 6),
        ("DELETE FROM audit_entries WHERE {acme}", 1),
        (
            """DELETE FROM audit_entries WHERE {acme} AND seq = 7; UPDATE audit_heads SET seq = 6, hash =
            (SELECT hash FROM audit_entries WHERE {acme} AND seq = 6) WHERE {acme}""",
            6,
        ),
        ("DELETE FROM audit_heads WHERE {acme}", 0),
        (
            """INSERT INTO audit_entries SELECT at, action, subject, subject_id, staff_id, token_id, address,
            request_id, changes, reason, company_id, 'f' || substr(id, 2), 8, hash, hash
            FROM audit_entries WHERE {acme} AND seq = 7""",
            8,
        ),
    ],
)
def test_D6_a_deed_by_hand_is_named(
    world: World, by_hand: sqlite3.Connection, deed: str, number: int
) -> None:
    by_hand.executescript(deed.format(acme=acme(world)))
    status, document = verified(world)
    broken = {row["company"]: row["broken"] for row in document["companies"]}
    assert status == 1
    assert broken["other"] is None
    assert broken["acme"]["number"] == number, broken
    assert verified(world, "--company", "other")[0] == 0


def test_D6_a_chain_computed_anew_without_the_secret_is_noticed(
    world: World, by_hand: sqlite3.Connection
) -> None:
    by_hand.execute(f"UPDATE audit_entries SET hash = '{FORGED}' WHERE {acme(world)} AND seq = 7")
    by_hand.execute(f"UPDATE audit_heads SET hash = '{FORGED}' WHERE {acme(world)}")
    assert verified(world)[0] == 1


@pytest.mark.parametrize("statement", [update(AuditEntry).values(reason="x"), delete(AuditEntry)])
def test_D6_the_application_cannot_change_or_remove_entries(world: World, statement: Any) -> None:
    scope_to(world.session, world.company_id)
    with pytest.raises(DBAPIError), unit(world.session):
        world.session.execute(statement)
    assert verified(world)[0] == 0


def test_D6_raw_sql_cannot_either(world: World) -> None:
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('app.company', '*', true)"))
        with pytest.raises(DBAPIError):
            connection.execute(text("UPDATE audit_entries SET reason = 'x'"))


def test_writers_at_once_chain_one_after_the_other(world: World) -> None:
    def write() -> None:
        with world.app.app_context():
            scope_to(db.session(), world.company_id)
            for _ in range(5):
                with unit(db.session()) as session:
                    company = current_company(session)
                    for _ in range(2):
                        world.services.auditor.record(session, OPERATOR, SIGNED_OUT, company)
            db.session.remove()

    writers = [Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    status, document = verified(world, "--company", "acme")
    assert (status, document["companies"][0]["sound"]) == (0, 4 + 40)


def test_a_unit_that_fails_leaves_no_entry_for_the_next(world: World) -> None:
    scope_to(world.session, world.company_id)
    session = db.session()

    def fail() -> None:
        with unit(session):
            world.services.auditor.record(session, OPERATOR, SIGNED_OUT, current_company(session))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    some_entries(world)
    assert verified(world, "--company", "acme")[1]["companies"][0]["sound"] == 7


def test_a_persons_values_are_hashed_under_a_key_of_their_own(world: World) -> None:
    scope_to(world.session, world.company_id)
    session = db.session()
    for person in (None, world.staff["editor"], world.staff["viewer"], world.staff["viewer"]):
        with unit(session):
            company = current_company(session)
            world.services.auditor.record(
                session, OPERATOR, SIGNED_OUT, company, changes={"name": ("Ann", None)}, person=person
            )
    rows = session.query(AuditEntry).filter_by(action=SIGNED_OUT).order_by(AuditEntry.seq)
    hashes = [row.changes["name"][0] for row in rows]
    assert len(set(hashes)) == 3
    assert hashes[2] == hashes[3]
