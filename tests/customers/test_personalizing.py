"""What customers are shown: learned from what they do, true in its reasons, and never what is sold out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.customers.serving import Caller
from webapp.core.access import Role
from webapp.core.db import unit
from webapp.customers.clients import recommender, service
from webapp.customers.facts import Feature
from webapp.customers.models import CatalogItem, CustomerSettings, RecommenderModel
from webapp.customers.recommending import suggest
from webapp.customers.rules.scoring import scored
from webapp.customers.training import start_training

TRACK = "/api/v1/behavior/track"
SHOW = "/api/v1/personalize"
KINDS = ("garden", "kitchen", "music")
EACH = 8  # items of a kind


@pytest.fixture
def caller(make_world: Callable[..., World]) -> Caller:
    return Caller(make_world(gdpr_compliant=False))


@pytest.fixture
def shop(caller: Caller) -> Caller:
    """A catalog of three kinds, and thirty customers who each turn to one."""
    stock(caller.world)
    chance = np.random.default_rng(8)
    events = []
    for person in range(30):
        kind = KINDS[person % 3]
        for place, number in enumerate(chance.permutation(EACH)[:6]):
            events.append(viewed(caller.world, f"c{person}", f"{kind}-{number}", days=20 - place))
    answer = caller.call("POST", f"{TRACK}/batch", json={"events": events})
    assert answer.json["tracked"] == len(events), answer.json
    return caller


def stock(world: World) -> None:
    now = world.clock.now()
    world.actor(Role.ADMIN)
    with unit(world.session) as session:
        session.add_all(
            CatalogItem(
                identifier=f"{kind}-{number}",
                title=f"{kind} {number}",
                category=kind,
                price_minor=1_000,
                currency="EUR",
                created_at=now,
                updated_at=now,
            )
            for kind in KINDS
            for number in range(EACH)
        )


def viewed(
    world: World, who: str, item: str, *, days: float = 0.0, kind: str = "product_view"
) -> dict[str, Any]:
    at = (world.clock.now() - timedelta(days=days)).isoformat()
    return {"user_id": who, "event_type": kind, "product_id": item, "timestamp": at}


def trained(caller: Caller) -> RecommenderModel:
    world = caller.world
    actor = world.actor(Role.ADMIN)
    job = start_training(world.session, actor, world.services.starter)
    world.services.runner.run(job.id)
    world.actor(Role.ADMIN)
    newest = select(RecommenderModel).order_by(RecommenderModel.number.desc()).limit(1)
    return world.session.scalars(newest).one()


def ask(caller: Caller, who: str, **body: Any) -> Any:
    answer = caller.call("POST", f"{SHOW}/recommendations/{who}", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def sell_out(world: World, item: str) -> None:
    world.actor(Role.ADMIN)
    with unit(world.session) as session:
        session.scalars(select(CatalogItem).where(CatalogItem.identifier == item)).one().available = False


def test_planted_tastes_are_learned_and_beat_what_is_popular(shop: Caller) -> None:
    row = trained(shop)
    assert (row.in_force, row.adopted, row.items, row.customers) == (True, True, 24, 30)
    assert row.quality["ndcg"] > row.quality["popularity"]["ndcg"]
    told = ask(shop, "c1", limit=2)
    assert told["personalized"]
    assert told["model"] == f"{row.method}-1"
    assert {one["product_id"].split("-")[0] for one in told["items"]} == {"kitchen"}


def test_a_new_event_changes_the_next_answer_without_training(shop: Caller) -> None:
    trained(shop)
    shop.call("POST", TRACK, json=viewed(shop.world, "newcomer", "music-1"))
    first = ask(shop, "newcomer", limit=3)
    assert {one["product_id"].split("-")[0] for one in first["items"]} == {"music"}
    shop.call("POST", TRACK, json=viewed(shop.world, "newcomer", "garden-1", kind="purchase"))
    second = ask(shop, "newcomer", limit=3)
    assert "garden" in {one["product_id"].split("-")[0] for one in second["items"]}
    assert "garden-1" not in {one["product_id"] for one in second["items"]}


def test_the_named_past_item_is_the_one_that_brought_most(shop: Caller) -> None:
    trained(shop)
    world = shop.world
    world.actor(Role.ADMIN)
    with world.app.test_request_context():
        shelf = recommender().shelf(world.session, service(), "c2")
        found = scored(shelf.numbers.weights, shelf.numbers.gram, shelf.numbers.places, shelf.taste.strengths)
        shown = [one for one in suggest(shelf, 10).items if one.because]
    assert shown
    for one in shown:
        parts = found.brought(shelf.numbers.places[one.item])
        best = shelf.numbers.items[found.known[int(np.argmax(parts))]]
        assert one.because == best
        assert one.reason == f"because you viewed {best}"
        assert parts.sum() == pytest.approx(found.scores[shelf.numbers.places[one.item]], rel=1e-4)


def test_sold_out_items_never_appear_also_not_on_a_kept_homepage(shop: Caller) -> None:
    trained(shop)
    before = shop.call("GET", f"{SHOW}/homepage/c1").json
    best = before["sections"][0]["products"][0]["product_id"]
    viewed_last = before["sections"][1]["products"][0]["product_id"]
    for item in (best, viewed_last):
        sell_out(shop.world, item)
    shown = {one["product_id"] for one in ask(shop, "c1", limit=100)["items"]}
    assert shown
    assert best not in shown
    after = shop.call("GET", f"{SHOW}/homepage/c1").json
    listed = [one["product_id"] for part in after["sections"] for one in part["products"]]
    assert not {best, viewed_last} & set(listed)


def test_a_homepage_has_its_sections_without_an_item_twice(shop: Caller) -> None:
    trained(shop)
    shop.put("c1", {"language": "de-AT", "layout": "list", "theme": "dark"})
    page = shop.call("GET", f"{SHOW}/homepage/c1").json
    assert [part["type"] for part in page["sections"]] == [
        "recommended_products",
        "recently_viewed",
        "trending",
    ]
    assert [part["title"] for part in page["sections"]] == [
        "Für Sie empfohlen",
        "Zuletzt angesehen",
        "Im Trend: kitchen",
    ]
    listed = [one["product_id"] for part in page["sections"] for one in part["products"]]
    assert len(listed) == len(set(listed)) > 6
    assert (page["layout"], page["theme"], page["personalized"]) == ("list", "dark", True)


def test_a_stranger_gets_the_popular_page_and_leaves_nothing(shop: Caller) -> None:
    trained(shop)
    page = shop.call("GET", f"{SHOW}/homepage/nobody").json
    assert page["personalized"] is False
    assert page["sections"][0]["title"] == "Popular"
    told = ask(shop, "nobody", limit=5)
    assert (told["personalized"], told["model"], len(told["items"])) == (False, "popular", 5)
    assert all(one["reason"] == "popular" for one in told["items"])


def test_a_kept_homepage_is_dropped_by_an_event_a_change_and_a_switch(shop: Caller) -> None:
    trained(shop)
    first = shop.call("GET", f"{SHOW}/homepage/c1").json
    shop.call("POST", TRACK, json=viewed(shop.world, "c1", "music-2"))
    second = shop.call("GET", f"{SHOW}/homepage/c1").json
    assert second != first
    shop.put("c1", {"theme": "dark"})
    assert shop.call("GET", f"{SHOW}/homepage/c1").json["theme"] == "dark"
    switched(shop.world, [Feature.ALL.value])
    assert shop.call("GET", f"{SHOW}/homepage/c1").json["personalized"] is False


def switched(world: World, off: list[str]) -> None:
    world.actor(Role.ADMIN)
    with unit(world.session) as session:
        row = session.scalar(select(CustomerSettings))
        if row is None:
            row = CustomerSettings(updated_at=world.clock.now())
            session.add(row)
        row.off, row.version = off, (row.version or 0) + 1


@pytest.mark.parametrize("off", [Feature.RECOMMENDATIONS, Feature.ALL])
def test_switched_off_everybody_gets_what_is_popular_at_once(shop: Caller, off: Feature) -> None:
    trained(shop)
    assert ask(shop, "c1")["personalized"]
    switched(shop.world, [off.value])
    told = ask(shop, "c1")
    assert (told["personalized"], told["model"]) == (False, "popular")


def test_less_like_this_acts_at_once_and_can_be_taken_back(shop: Caller) -> None:
    trained(shop)
    best = ask(shop, "c1", limit=1)["items"][0]["product_id"]
    told = shop.call("POST", f"{SHOW}/less-like-this/c1", json={"product_id": best}).json
    assert told["items"] == [best]
    assert best not in {one["product_id"] for one in ask(shop, "c1", limit=100)["items"]}
    shop.call("DELETE", f"{SHOW}/less-like-this/c1/{best}")
    assert best in {one["product_id"] for one in ask(shop, "c1", limit=100)["items"]}


def test_context_and_exclusions_count(shop: Caller) -> None:
    trained(shop)
    told = ask(shop, "nobody", limit=3, context={"product_id": "garden-3"})
    assert {one["product_id"].split("-")[0] for one in told["items"]} == {"garden"}
    assert told["items"][0]["reason"] == "goes with garden-3"
    kitchen = ask(shop, "c0", limit=20, context={"category": "kitchen"})["items"]
    assert {one["product_id"].split("-")[0] for one in kitchen} == {"kitchen"}
    left = ask(shop, "c1", limit=100, exclude=["kitchen-1", "kitchen-2"])["items"]
    assert not {"kitchen-1", "kitchen-2"} & {one["product_id"] for one in left}


def test_search_is_reordered_within_the_bound_and_left_alone_when_off(shop: Caller) -> None:
    trained(shop)
    found = [
        {"product_id": f"{kind}-{n}", "score": 9.0 - n} for n in range(4) for kind in ("garden", "kitchen")
    ]
    told = shop.call("POST", f"{SHOW}/search/c1", json={"query": "pot", "products": found}).json
    names = [one["product_id"] for one in told["products"]]
    before = [one["product_id"] for one in found]
    assert sorted(names) == sorted(before)
    assert names != before
    assert all(abs(names.index(one) - place) <= 5 for place, one in enumerate(before))
    assert all(one in found for one in told["products"])
    switched(shop.world, [Feature.SEARCH.value])
    left = shop.call("POST", f"{SHOW}/search/c1", json={"query": "pot", "products": found}).json
    assert (left["products"], left["personalized"]) == (found, False)


def test_too_few_events_train_nothing_and_say_what_is_missing(caller: Caller) -> None:
    stock(caller.world)
    caller.call("POST", TRACK, json=viewed(caller.world, "one", "music-1"))
    world = caller.world
    job = start_training(world.session, world.actor(Role.ADMIN), world.services.starter)
    world.services.runner.run(job.id)
    world.actor(Role.ADMIN)
    assert world.session.scalars(select(RecommenderModel)).all() == []
    assert ask(caller, "one", limit=5)["model"] == "popular"


def test_the_page_says_what_is_in_force_and_why_a_customer_sees_an_item(shop: Caller) -> None:
    trained(shop)
    page = shop.world.client("editor").get("/customers/recommender?user_id=c1").get_data(as_text=True)
    assert "Version 1 is in force" in page
    assert "because you viewed kitchen-" in page
    assert _post(shop.world, "editor", "train").status_code == 403
    assert _post(shop.world, "admin", "choose", version="0").status_code == 303
    assert ask(shop, "c1")["model"] == "popular"
    _post(shop.world, "admin", "choose", version="1")
    assert ask(shop, "c1")["personalized"]


def _post(world: World, role: str, deed: str, **given: str) -> Any:
    browser = world.client(role)
    return browser.send(f"/customers/recommender/{deed}", given)


def test_whoever_refuses_is_shown_what_is_popular_and_leaves_the_model(shop: Caller) -> None:
    trained(shop)
    shop.put("c1", {"privacy": {"tracking_enabled": False}})
    assert ask(shop, "c1")["personalized"] is False
    page = shop.call("GET", f"{SHOW}/homepage/c1").json
    assert (page["personalized"], page["sections"][1]["products"]) == (False, [])
    assert trained(shop).customers == 29


def test_what_is_disliked_is_not_among_what_was_viewed(shop: Caller) -> None:
    before = shop.call("GET", f"{SHOW}/homepage/c1").json["sections"][1]["products"]
    item = before[0]["product_id"]
    shop.call("POST", f"{SHOW}/less-like-this/c1", json={"product_id": item})
    after = shop.call("GET", f"{SHOW}/homepage/c1").json
    assert item not in {one["product_id"] for part in after["sections"] for one in part["products"]}


def test_one_customer_does_not_make_an_item_popular(shop: Caller) -> None:
    events = [viewed(shop.world, "fan", "garden-0", kind="purchase") for _ in range(300)]
    shop.call("POST", f"{TRACK}/batch", json={"events": events})
    assert ask(shop, "nobody", limit=1)["items"][0]["score"] < 30
    trained(shop)
    assert ask(shop, "nobody", limit=1)["items"][0]["score"] < 30


def test_an_offer_that_is_gone_is_gone_from_a_kept_homepage(shop: Caller) -> None:
    body = {"offer_id": "spring", "title": "Ten off"}
    assert shop.call("POST", "/api/v1/offers", json=body).status_code == 201
    page = shop.call("GET", f"{SHOW}/homepage/c1").json
    assert page["sections"][-1]["products"][0]["offer_id"] == "spring"
    assert shop.call("DELETE", "/api/v1/offers/spring").status_code == 204
    assert shop.call("GET", f"{SHOW}/homepage/c1").json["sections"][-1]["type"] == "trending"


def test_trending_is_what_customers_turned_to_these_days(shop: Caller) -> None:
    trained(shop)
    events = [viewed(shop.world, f"c{n}", "garden-7", days=0.5) for n in range(12)]
    shop.call("POST", f"{TRACK}/batch", json={"events": events})
    page = shop.call("GET", f"{SHOW}/homepage/nobody").json
    first, trend = page["sections"][0]["products"], page["sections"][2]["products"]
    shown = [one["product_id"] for one in (*first, *trend)]
    assert "garden-7" in shown
    assert trend
