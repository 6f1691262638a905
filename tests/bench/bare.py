"""A bare Flask view that does the serving call's SELECT and nothing else: what the bench compares with.

`BARE_DATABASE` names the SQLAlchemy address.
"""

from __future__ import annotations

import os
from uuid import UUID

from flask import Flask, jsonify, request
from sqlalchemy import create_engine
from werkzeug.wrappers import Response

from webapp.lessons.facts import texts_of
from webapp.lessons.html import lesson_html
from webapp.lessons.stored import serving_statement

engine = create_engine(os.environ["BARE_DATABASE"], pool_size=8, max_overflow=32)
app = Flask(__name__)


@app.post("/lesson")
def lesson() -> Response:
    """Answer the stored lesson to whoever asks."""
    asked = request.get_json()
    values = {"user": asked["user_id"], "number": asked["lesson_number"], "key": asked["course"]}
    with engine.connect() as connection:
        row = connection.execute(serving_statement(named=True), {**values, "course": UUID(int=0)}).one()
    texts = texts_of(row.sections)
    return jsonify({"html": lesson_html(texts, row.language), "personalization": texts.as_dict()})
