"""Bare Flask views with the SELECT and the INSERT of a recommendation: what the bench compares with.

`BARE_DATABASE` names the SQLAlchemy address.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import Flask, jsonify, request
from sqlalchemy import MetaData, Table, create_engine, insert, select
from werkzeug.wrappers import Response

from webapp.core.db import unit  # noqa: F401  # its listeners set the database up as the application has it

engine = create_engine(os.environ["BARE_DATABASE"], pool_size=8, max_overflow=32)
known = MetaData()
persons, members, logs = (
    Table(name, known, autoload_with=engine) for name in ("persons", "members", "recommendations")
)
found = select(persons.c.id, persons.c.company_id, members).join(members, members.c.person_id == persons.c.id)
app = Flask(__name__)


def _member(connection: Any, user_id: str) -> Any:
    return connection.execute(found.where(persons.c.identifier == user_id)).mappings().one()


@app.get("/archetype/<string:user_id>")
def archetype(user_id: str) -> Response:
    """Answer the stored archetype to whoever asks."""
    with engine.connect() as connection:
        row = _member(connection, user_id)
    return jsonify({"type": row["in_force"], "confidence": row["confidence"], "signals": row["signals"]})


@app.post("/recommend")
def recommend() -> Response:
    """Read the member, log a row as large as the real one, answer as much as the real call does."""
    asked = request.get_json()
    now = datetime.now(UTC).replace(tzinfo=None)
    with engine.connect().execution_options(begin_immediate=True) as connection, connection.begin():
        row = _member(connection, asked["userId"])
        values = {
            "id": uuid4().hex, "company_id": row["company_id"], "person_id": row["person_id"], "at": now,
            "rule_set": 1, "inputs": {"user": asked, "beliefs": row["beliefs"], "padding": "x" * 600},
            "digest": "0" * 64, "archetype": row["in_force"], "overridden": False, "held_out": False,
            "new_member": False, "urgency": "low", "rule": 1, "recommended": "buyout", "currency": "EUR",
        }  # fmt: skip
        connection.execute(insert(logs), values)
    return jsonify({"options": [{"type": "buyout", "reasoning": ["x" * 300]}] * 3, "logId": values["id"]})
