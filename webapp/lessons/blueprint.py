"""The blueprint that the pages of courses, lessons and what was written for learners share."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("lessons", __name__, url_prefix="/lessons")
