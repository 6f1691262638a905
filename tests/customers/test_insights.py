"""What a customer's events say: over the API, kept and dropped; and on the customer's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import World
from tests.customers.records import a_person, all_of, an_item, an_offer, did
from tests.customers.serving import Caller
from tests.personas.test_catalog_api import Api, told
from webapp.core.db import unit
from webapp.customers.models import Dislike, Event, Preference

CALL = "/api/v1/behavior/{}/insights"
PARTS = (
    "lifecycle",
    "rfm",
    "categories",
    "price_band",
    "searches",
    "active_hours",
    "active_days",
    "trend",
)


def insights(api: Api, user_id: str = "ann") -> dict[str, Any]:
    answer = api("GET", CALL.format(user_id))
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def search(world: World, person_id: Any, query: str) -> None:
    did(world, person_id, ("search", None, 0.01 * len(query)), query=query)


def consent(world: World, person_id: Any, **said: Any) -> None:
    now = world.clock.now()
    with unit(world.session) as session:
        session.add(
            Preference(person_id=person_id, tracking_enabled=True, created_at=now, updated_at=now, **said)
        )


def test_each_part_says_what_it_rests_on(world: World) -> None:
    an_item(world, price="100")
    an_item(world, product_id="p-2", price="50", category="Hats")
    ann = a_person(world)
    did(world, ann, *[("product_view", "p-1", day) for day in range(1, 21)], ("product_view", "p-2", 40))
    did(world, ann, ("purchase", "p-1", 3), ("purchase", "p-1", 30))
    search(world, ann, "boots")
    for number in range(20):
        did(world, a_person(world, f"b-{number}"), ("purchase", "p-2", number + 1))
    found = insights(Api(world, "customers"))
    assert found["events"] == 24
    assert found["lifecycle"] == {"name": "active", "sample_size": 24}
    assert found["categories"] == {
        "items": [{"name": "Shoes", "count": 22}, {"name": "Hats", "count": 1}],
        "sample_size": 23,
    }
    assert found["price_band"] == {"low": 100.0, "high": 100.0, "currency": "EUR", "sample_size": 23}
    assert found["searches"] == {"items": [{"name": "boots", "count": 1}], "sample_size": 1}
    assert found["trend"]["direction"] == "rising"
    assert found["trend"]["sample_size"] == found["trend"]["last_28_days"] + found["trend"]["before"]
    assert found["rfm"] == found["rfm"] | {"frequency": 5, "monetary": 5, "currency": "EUR", "sample_size": 2}
    assert (len(found["active_hours"]["counts"]), len(found["active_days"]["counts"])) == (24, 7)
    assert sum(found["active_hours"]["counts"]) == found["active_hours"]["sample_size"] == 24


def test_hours_and_days_are_by_the_customers_clock(world: World) -> None:
    ann, now = a_person(world), world.clock.now()
    consent(world, ann, timezone="Asia/Tokyo")
    at = (now - timedelta(days=2)).replace(hour=20, minute=30)
    with unit(world.session) as session:
        event = Event(identifier="e", person_id=ann, kind="page_view", at=at, received_at=now)
        session.add(event)
    found = insights(Api(world, "customers"))
    assert found["timezone"] == "Asia/Tokyo"
    assert found["active_hours"]["counts"][5] == 1
    assert found["active_days"]["counts"][(at.weekday() + 1) % 7] == 1


def test_a_stranger_and_who_did_nothing_get_nulls(world: World) -> None:
    a_person(world)
    for user_id in ("ann", "nobody"):
        found = insights(Api(world, "customers"), user_id)
        assert found["events"] == 0
        assert [found[part] for part in PARTS] == [None] * len(PARTS)
    assert told(Api(world, "leads")("GET", CALL.format("ann")))[0] == 403


def test_another_companys_events_are_not_seen(world: World) -> None:
    theirs = a_person(world, "ann", world.other_id)
    did(world, theirs, ("page_view", None, 1), company_id=world.other_id)
    assert insights(Api(world, "customers"))["events"] == 0


def test_insights_are_kept_until_the_customer_does_something(make_world: Callable[..., World]) -> None:
    world = make_world(cache_ttl=3600)
    api, ann = Api(world, "customers"), a_person(world)
    consent(world, ann)
    did(world, ann, ("page_view", None, 1))
    assert insights(api)["events"] == 1
    did(world, ann, ("page_view", None, 2))  # behind the tracker's back
    assert insights(api)["events"] == 1
    body = {"user_id": "ann", "event_type": "page_view"}
    assert Caller(world).call("POST", "/api/v1/behavior/track", json=body).json["tracked"] is True
    assert insights(api)["events"] == 3


def test_nothing_is_kept_with_the_cache_off(make_world: Callable[..., World]) -> None:
    world = make_world(cache_ttl=0)
    api, ann = Api(world, "customers"), a_person(world)
    did(world, ann, ("page_view", None, 1))
    assert insights(api)["events"] == 1
    did(world, ann, ("page_view", None, 2))
    assert insights(api)["events"] == 2


@pytest.fixture
def page_of(world: World) -> Callable[[Any], str]:
    browser = world.client("viewer")

    def read(person_id: Any) -> str:
        answer = browser.get(f"/customers/{person_id}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return read


def test_the_customers_page_tells_what_they_do_and_would_see(
    world: World, page_of: Callable[[Any], str]
) -> None:
    an_item(world)
    an_item(world, product_id="p-2", title="Sun hat")
    an_offer(world)
    ann = a_person(world)
    did(world, ann, *[("product_view", "p-1", day) for day in range(1, 8)])
    search(world, ann, "<boots>")
    api = Api(world, "customers")
    assert api("GET", "/api/v1/personalize/offers/ann").status_code == 200
    disliked = {"product_id": "p-2"}
    assert api("POST", "/api/v1/personalize/less-like-this/ann", disliked).status_code == 200
    page = page_of(ann)
    assert "New, by 8 events" in page
    assert "Shoes (7); of 7 events" in page
    assert "&lt;boots&gt;" in page
    assert "Most active on" in page
    assert "Product view" in page
    assert "Ten off" in page
    assert re.search(r'id="disliked".*?Sun hat', page, re.DOTALL)
    assert "Show again" not in page
    assert "What they would be recommended" in page


def test_what_was_disliked_is_shown_again_by_an_editor(world: World) -> None:
    an_item(world)
    ann = a_person(world)
    body = {"product_id": "p-1"}
    assert Api(world, "customers")("POST", "/api/v1/personalize/less-like-this/ann", body).status_code == 200
    editor, viewer = world.client("editor"), world.client("viewer")
    here = f"/customers/{ann}/like-again"
    assert "Show again" in editor.get(f"/customers/{ann}").get_data(as_text=True)
    assert viewer.send(here, {"item": "p-1"}).status_code == 403
    theirs = a_person(world, "bob", world.other_id)
    assert editor.send(f"/customers/{theirs}/like-again", {"item": "p-1"}).status_code == 404
    assert editor.send(here, {"item": "p-1"}).status_code == 303
    assert all_of(world, Dislike) == []
    assert editor.send(here, {"item": "p-1"}).status_code == 303  # twice is once


@pytest.mark.thorough
def test_all_events_are_paged_and_filtered_by_kind(make_world: Callable[..., World]) -> None:
    world = make_world(browsing_history_limit=30)
    ann = a_person(world)
    did(world, ann, *[("page_view", None, day / 10) for day in range(1, 51)], ("rating", "p-1", 400))
    viewer = world.client("viewer")
    here = f"/customers/{ann}/history"
    page = viewer.get(here).get_data(as_text=True)
    assert "25 of 31 events" in page
    following = re.findall(r'rel="next" href="([^"]+)"', page)[0].replace("&amp;", "&")
    assert "6 of 31 events" in viewer.get(following).get_data(as_text=True)
    ratings = viewer.get(f"{here}?kind=rating").get_data(as_text=True)
    assert "1 of 1 event" in ratings
    assert viewer.get(f"{here}?kind=nothing").status_code == 200
    part = viewer.get(f"{here}?kind=rating", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    assert "No events" in viewer.get(f"/customers/{a_person(world, 'bob')}/history").get_data(as_text=True)
    theirs = a_person(world, "eve", world.other_id)
    assert viewer.get(f"/customers/{theirs}/history").status_code == 404


def test_a_customer_of_whom_nothing_is_known_has_a_page(world: World, page_of: Callable[[Any], str]) -> None:
    page = page_of(a_person(world))
    assert "They did nothing yet" in page
    assert "No events." in page
