"""The calls about what customers get to see: recommendations, homepage, search."""

from __future__ import annotations

from typing import Any

from webapp.accounts.context import in_company
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.docs import errors
from webapp.core.services import services
from webapp.core.wire import CompanyQuery
from webapp.customers.apis import personalize_api
from webapp.customers.behavior_schemas import UserPath
from webapp.customers.clients import adviser, cache, recommender, service
from webapp.customers.dislikes import disliked_by, less_like, like_again
from webapp.customers.facts import Feature
from webapp.customers.front import homepage, still_there, with_offers
from webapp.customers.personalize_schemas import (
    DislikeIn,
    DislikesOut,
    HomepageOut,
    ItemPath,
    RecommendIn,
    RecommendOut,
    SearchIn,
    SearchOut,
)
from webapp.customers.recommending import Context, Suggestions
from webapp.customers.searching import in_their_order
from webapp.customers.watching import HOMEPAGE

Out = dict[str, Any]
SHAPING = (Feature.RECOMMENDATIONS, Feature.ALL, Feature.HISTORY)  # what a homepage depends on


@personalize_api.post(
    "/recommendations/<string:user_id>",
    responses={200: RecommendOut, **errors(422)},
    summary="Recommend items",
)
@requires(Permission.CUSTOMERS_READ)
def recommendations(path: UserPath, body: RecommendIn) -> Out:
    """Answer what the customer is shown, each item with a reason; writes nothing."""
    in_company(body.company_hq_id)
    told, at = service(), body.context
    context = Context(at.product_id, at.category, tuple(at.basket))
    shown, _ = adviser().advise(db.session(), told, path.user_id, body.limit, context, body.exclude)
    return _out(path.user_id, shown)


def _out(user_id: str, shown: Suggestions) -> Out:
    return {
        "user_id": user_id,
        "items": [{"product_id": one.item, "score": one.score, "reason": one.reason} for one in shown.items],
        "model": shown.model,
        "personalized": shown.personalized,
    }


@personalize_api.get("/homepage/<string:user_id>", responses={200: HomepageOut}, summary="Read a homepage")
@requires(Permission.CUSTOMERS_READ)
def read_homepage(path: UserPath, query: CompanyQuery) -> Out:
    """Answer the customer's homepage; a stranger's is the popular one, as is an experiment's control."""
    who = in_company(query.company_hq_id)
    session, told = db.session(), service()
    personal, trials = told.on(Feature.RECOMMENDATIONS), services().trials
    if personal and trials.held_back(session, who, path.user_id, HOMEPAGE):
        told = told.without(Feature.RECOMMENDATIONS)
    page = cache().kept(
        session,
        path.user_id,
        f"homepage:{told.version}:{[told.on(one) for one in SHAPING]}",
        lambda: homepage(session, told, path.user_id, adviser()),
        lambda page: not page["instead"],
    )
    return with_offers(session, told, still_there(session, page), services().clock)


@personalize_api.post(
    "/search/<string:user_id>", responses={200: SearchOut, **errors(422)}, summary="Order search results"
)
@requires(Permission.CUSTOMERS_READ)
def search(path: UserPath, body: SearchIn) -> Out:
    """Answer the same products in the customer's order: none added, none dropped, none far from its place."""
    in_company(body.company_hq_id)
    told, products = service(), body.products
    personal = told.on(Feature.SEARCH)
    if personal:
        shelf = recommender().shelf(db.session(), told, path.user_id, always=True)
        order = in_their_order(shelf, [one.product_id for one in products], told.search_shift)
        products = [products[place] for place in order]
        personal = bool(shelf.taste.strengths)
    return {
        "user_id": path.user_id,
        "products": [one.model_dump() for one in products],
        "personalized": personal,
    }


@personalize_api.post(
    "/less-like-this/<string:user_id>", responses={200: DislikesOut, **errors(422)}, summary="Less like this"
)
@requires(Permission.CUSTOMERS_WRITE)
def less_like_this(path: UserPath, body: DislikeIn) -> Out:
    """Show the customer less like this item, from the next answer on."""
    who = in_company(body.company_hq_id)
    made, kept = services(), cache()
    clients: Out = {"clock": made.clock, "auditor": made.auditor, "key": made.settings.audit_secret()}
    less_like(db.session(), who, path.user_id, body.product_id, cache=kept, **clients)
    return {"user_id": path.user_id, "items": disliked_by(db.session(), path.user_id)}


@personalize_api.delete(
    "/less-like-this/<string:user_id>/<string:product_id>",
    responses={200: DislikesOut},
    summary="Take “less like this” back",
)
@requires(Permission.CUSTOMERS_WRITE)
def like_this_again(path: ItemPath, query: CompanyQuery) -> Out:
    """Show the item, and what is like it, again."""
    who = in_company(query.company_hq_id)
    like_again(db.session(), who, path.user_id, path.product_id, auditor=services().auditor, cache=cache())
    return {"user_id": path.user_id, "items": disliked_by(db.session(), path.user_id)}
