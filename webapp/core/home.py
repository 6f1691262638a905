"""Home and search: what every area has to say, on one page."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.area import Attention, Found, Step
from webapp.core.db import db
from webapp.core.guard import actor
from webapp.core.htmx import render
from webapp.core.services import services
from webapp.core.styleguide import sample

home = Blueprint("home", __name__)
search = Blueprint("search", __name__, url_prefix="/search")
styleguide = Blueprint("styleguide", __name__)
LONGEST_QUERY = 200


@home.get("/")
@requires(Permission.SIGNED_IN)
def index() -> Response:
    if actor().company_id is None:
        return render("home/no_company.html")
    return render("home/index.html", attention=_attention(), steps=_steps())


@search.get("", endpoint="index")
@requires(Permission.SIGNED_IN)
def results() -> Response:
    query = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    return render("home/search.html", query=query, found=_found(query) if query else [])


@styleguide.get("/styleguide")
@requires(Permission.SIGNED_IN)
def components() -> Response:
    return render("styleguide.html", None, 200, **sample())


def _attention() -> list[Attention]:
    """What has a day first, the earliest day before others; the rest by its age, the newest first."""
    told = [area.attention(db.session(), actor()) for area in services().areas if area.attention]
    lines = sorted((one for some in told for one in some), key=lambda one: str(one.since or ""), reverse=True)
    return sorted(lines, key=lambda one: (one.due is None, str(one.due)))


def _steps() -> list[Step]:
    told = [area.steps(db.session(), actor()) for area in services().areas if area.steps]
    steps = [step for steps in told for step in steps]
    return steps if any(not step.done for step in steps) else []


def _found(query: str) -> list[Found]:
    if actor().company_id is None:
        return []
    told = [area.find(db.session(), actor(), query) for area in services().areas if area.find]
    return [hit for hits in told for hit in hits]
