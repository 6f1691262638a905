"""Consents from files: added to the history, the newest counts, the same file twice changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.customers.serving import Caller, consents_of, fresh, row_of
from tests.pages import CheckedClient
from tests.personas.test_importing import checked, counts, report, write
from webapp.core.audit import AuditAction, AuditEntry
from webapp.core.db import unit
from webapp.people.erased import digest_of
from webapp.people.models import Tombstone

FILE = (
    "user_id,purpose,granted,at,wording\n"
    "ann,tracking,yes,2026-01-01T10:00:00Z,v1\n"
    "ann,tracking,no,2026-02-01T10:00:00+01:00,v2\n"
    "ann,sms,true,2026-01-01T10:00:00Z,\n"
    "bo,tracking,granted,2026-03-01 10:00,v2\n"
)


@pytest.fixture
def browser(world: World) -> CheckedClient:
    return world.client()


def bring(world: World, browser: CheckedClient, content: str) -> tuple[int, int, int, int]:
    address = checked(world, browser, content, "consents")
    found = counts(world, address)
    write(world, browser, address)
    return found


def test_records_are_added_and_the_newest_counts(world: World, browser: CheckedClient) -> None:
    assert bring(world, browser, FILE) == (4, 0, 0, 0)
    said = [(purpose, granted, wording) for purpose, granted, _, wording in consents_of(world, "ann")]
    assert set(said) == {("tracking", True, "v1"), ("tracking", False, "v2"), ("sms", True, "")}
    ann, bo = row_of(world, "ann"), row_of(world, "bo")
    assert ann is not None
    assert bo is not None
    assert (ann.tracking_enabled, ann.sms, bo.tracking_enabled) == (False, True, True)
    traced = world.session.scalars(
        select(AuditEntry).where(AuditEntry.action == AuditAction.CONSENTS_IMPORTED)
    )
    assert len(traced.all()) == 2


def test_the_same_file_twice_changes_nothing(world: World, browser: CheckedClient) -> None:
    bring(world, browser, FILE)
    address = checked(world, browser, FILE, "consents")
    assert counts(world, address) == (0, 0, 4, 0)
    assert len(consents_of(world, "ann")) == 3


def test_what_a_file_exports_can_be_imported(world: World, browser: CheckedClient) -> None:
    bring(world, browser, FILE)
    text = browser.get("/customers/consents/export").get_data(as_text=True)
    assert counts(world, checked(world, browser, text, "consents")) == (0, 0, 4, 0)


def test_an_older_record_does_not_undo_what_was_said_since(world: World, browser: CheckedClient) -> None:
    Caller(world).put("ann", {"privacy": {"tracking_enabled": False}})
    bring(world, browser, "user_id,purpose,granted,at\nann,tracking,yes,2026-01-01T10:00:00Z\n")
    ann = row_of(world, "ann")
    assert ann is not None
    assert (ann.tracking_enabled, ann.version, len(consents_of(world, "ann"))) == (False, 1, 2)


def test_bad_rows_are_named_and_erased_persons_are_not_made_again(
    world: World, browser: CheckedClient
) -> None:
    bring(world, browser, FILE)
    world.actor()
    with unit(world.session) as session:
        digest = digest_of(session, world.services.settings.audit_secret(), "gone")
        session.add(Tombstone(digest=digest, at=world.clock.now()))
    rows = [
        "user_id,purpose,granted,at,wording",
        "gone,tracking,yes,2026-01-01T10:00:00Z,",
        "cy,spying,yes,2026-01-01T10:00:00Z,",
        "cy,sms,maybe,2026-01-01T10:00:00Z,",
        "cy,sms,yes,yesterday,",
        "cy,sms,yes,2199-01-01T10:00:00Z,",
        "a/b,sms,yes,2026-01-01T10:00:00Z,",
        "ann,tracking,no,2026-01-01T10:00:00Z,v1",
        "cy,push,yes,2026-01-01T10:00:00Z,",
        "cy,push,no,2026-01-01T10:00:00Z,",
    ]
    address = checked(world, browser, "\n".join(rows), "consents")
    assert counts(world, address) == (1, 0, 0, 8)
    assert [row["Column"] for row in report(browser, address)] == [
        *("User id", "Purpose", "Granted", "At", "At", "User id", "Granted", ""),
    ]
    write(world, browser, address, skip_bad="1")
    cy = row_of(world, "cy")
    assert cy is not None
    assert cy.push is True
    fresh(world)
    assert row_of(world, "gone") is None
