"""The recommender's page: its versions and what they are worth, the button, and what a customer would see."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.jobs.views import view_of
from webapp.core.services import services
from webapp.core.tables import Column, Listing
from webapp.customers.blueprint import pages
from webapp.customers.clients import adviser, cache, service
from webapp.customers.customer_view import titles_of
from webapp.customers.facts import Feature
from webapp.customers.models import RecommenderModel
from webapp.customers.recommending import Context, Shelf, Suggestions
from webapp.customers.training import choose, running_training, start_training
from webapp.people.known import person_id_of

LISTING = Listing(RecommenderModel, (Column("number", RecommenderModel.number),), default_sort="-number")
SHOWN = 20


@dataclass(frozen=True)
class Inspected:
    """What a customer would see now, with titles, and what of their own it rests on."""

    user_id: str
    known: bool
    shown: Suggestions
    titles: dict[str, str]
    strengths: list[tuple[str, float, str]]
    disliked: tuple[str, ...]


@pages.get("/recommender")
@requires(Permission.CUSTOMERS_READ)
def recommender_page() -> Response:
    session, now = db.session(), services().clock.now()
    inspected = _inspected(session)
    live = running_training(session)
    in_force = session.scalar(select(RecommenderModel).where(RecommenderModel.in_force))
    return render(
        "customers/recommender.html",
        None,
        200,
        page=LISTING.page(session, request.args),
        in_force=in_force,
        job=view_of(session, live, now) if live else None,
        inspected=inspected,
        asked=request.args,
        why_off=service().why_off(Feature.RECOMMENDATIONS),
        external=services().settings.recommendation_service_url != "",
    )


@pages.post("/recommender/train")
@requires(Permission.CUSTOMERS_MANAGE)
def train_recommender() -> Response:
    start_training(db.session(), actor(), services().starter)
    flash("The recommender is being trained.")
    return go("customers.recommender_page")


@pages.post("/recommender/choose")
@requires(Permission.CUSTOMERS_MANAGE)
def choose_recommender() -> Response:
    word = request.form.get("version", "")
    number = int(word) if word.isdecimal() and len(word) < 7 else -1
    try:
        choose(db.session(), actor(), number, services().auditor, cache())
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash(f"Version {number} is in force." if number else "Everybody gets what is popular.")
    return go("customers.recommender_page")


def _inspected(session: Session) -> Inspected | None:
    user_id = _asked("user_id", 200)
    if not user_id:
        return None
    item, category = _asked("product_id", 200) or None, _asked("category", 100) or None
    shown, shelf = adviser().advise(session, service(), user_id, SHOWN, Context(item, category))
    strengths, disliked = _strongest(shelf), tuple(sorted(shelf.taste.disliked))
    return Inspected(
        user_id,
        known=person_id_of(session, user_id) is not None,
        shown=shown,
        titles=titles_of(
            session, {*(one.item for one in shown.items), *(one[0] for one in strengths), *disliked}
        ),
        strengths=strengths,
        disliked=disliked,
    )


def _asked(name: str, longest: int) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:longest]


def _strongest(shelf: Shelf) -> list[tuple[str, float, str]]:
    taste = shelf.taste
    best = sorted(taste.strengths.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    return [(item, value, taste.deeds.get(item, "")) for item, value in best]
