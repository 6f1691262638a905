"""Entries that were written before there was a chain are chained by the migration (claim D6)."""

from __future__ import annotations

import json

from flask_migrate import downgrade, upgrade

from tests.conftest import World
from webapp.core.db import db
from webapp.prepare import MIGRATIONS


def test_D6_old_entries_are_chained_when_the_database_is_brought_up_to_date(world: World) -> None:
    db.session.remove()
    downgrade(directory=str(MIGRATIONS), revision="0006")
    upgrade(directory=str(MIGRATIONS))
    result = world.app.test_cli_runner().invoke(args=["audit", "verify", "--json"])
    document = json.loads(result.output)
    assert document["whole"] is True, document
    assert {row["company"]: row["sound"] for row in document["companies"]} == {"acme": 4, "other": 2}
