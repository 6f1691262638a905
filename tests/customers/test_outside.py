"""An external recommender is used, and given up within its time when it is late, fails or talks nonsense."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.conftest import World
from tests.customers.records import an_item
from tests.customers.serving import Caller
from webapp.core.db import db, unit
from webapp.people.erased import digest_of
from webapp.people.models import Person, Tombstone

ITEMS = [{"product_id": f"x{n}", "score": 1.0 - n / 10, "reason": "they know"} for n in range(4)]


class StandIn:
    """A recommender that answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.status, self.body = 200, json.dumps({"items": ITEMS, "model": "theirs", "more": 1}).encode()
        self.released = threading.Event()
        self.released.set()

    @contextmanager
    def serving(self) -> Iterator[str]:
        handler = type("Handler", (_Handler,), {"told": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/recommendations"
        finally:
            self.released.set()
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    told: StandIn

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.told.asked.append((self.path, json.loads(self.rfile.read(length))))
        self.told.released.wait(20)
        self.send_response(self.told.status)
        self.end_headers()
        self.wfile.write(self.told.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def outside() -> StandIn:
    return StandIn()


@pytest.fixture
def caller(make_world: Callable[..., World], outside: StandIn) -> Iterator[Caller]:
    with outside.serving() as url:
        made = Caller(make_world(recommendation_service_url=url, recommendation_service_timeout=2.0))
        sharing(made, "anna")
        yield made


def sharing(caller: Caller, user_id: str, **privacy: bool) -> None:
    said = {"tracking_enabled": True, "data_sharing": True, **privacy}
    assert caller.put(user_id, {"privacy": said}).status_code == 200


def ask(caller: Caller, user_id: str = "anna", **body: Any) -> Any:
    answer = caller.call("POST", f"/api/v1/personalize/recommendations/{user_id}", json=body)
    assert answer.status_code == 200
    return answer.json


def test_its_items_are_answered_without_what_is_excluded(caller: Caller, outside: StandIn) -> None:
    told = ask(caller, limit=2, exclude=["x0"], context={"category": "garden"})
    assert [one["product_id"] for one in told["items"]] == ["x1", "x2"]
    assert told["items"][0]["reason"] == "they know"
    assert told["model"] == "theirs"
    path, body = outside.asked[0]
    assert path == "/recommendations/anna"
    assert (body["limit"], body["context"]["category"]) == (2, "garden")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (200, b"not JSON"),
        (200, b'{"items": [{"product_id": ""}]}'),
        (200, b'{"items": 3}'),
        (200, b'{"items": [{"product_id": "x1", "score": NaN}]}'),
        (200, b'{"items": [{"product_id": "x\\u0000", "score": 1}]}'),
        (200, b"[" * 200_000),
    ],
)
def test_a_failing_one_is_replaced_by_the_built_in(
    caller: Caller, outside: StandIn, status: int, body: bytes
) -> None:
    outside.status, outside.body = status, body
    assert ask(caller)["model"] == "popular"
    assert len(outside.asked) == 1


@pytest.mark.thorough
def test_a_late_one_is_given_up_within_its_time(caller: Caller, outside: StandIn) -> None:
    outside.released.clear()
    assert ask(caller)["model"] == "popular"  # it would answer after 20 s


def test_after_five_failures_in_a_row_it_is_left_alone(caller: Caller, outside: StandIn) -> None:
    outside.status = 500
    for _ in range(7):
        assert ask(caller)["model"] == "popular"
    assert len(outside.asked) == 5


def test_nobody_is_asked_where_recommendations_are_off(
    make_world: Callable[..., World], outside: StandIn
) -> None:
    with outside.serving() as url:
        world = make_world(
            recommendation_service_url=url, enable_personalized_recommendations=False, gdpr_compliant=False
        )
        caller = Caller(world)
        sharing(caller, "anna")
        assert ask(caller)["personalized"] is False
    assert outside.asked == []


def test_nobody_is_told_of_who_does_not_share_data(caller: Caller, outside: StandIn) -> None:
    sharing(caller, "ben", data_sharing=False)
    sharing(caller, "carl", tracking_enabled=False)
    caller.put("dora", {"theme": "dark"})
    sharing(caller, "erased")
    world, session = caller.world, caller.world.session
    world.actor()
    with unit(session):
        digest = digest_of(session, world.services.settings.audit_secret(), "erased")
        session.add(Tombstone(digest=digest, at=world.clock.now()))
    for user_id in ("ben", "carl", "dora", "erased", "stranger"):
        assert ask(caller, user_id)["model"] == "popular"
    assert outside.asked == []


def test_what_may_not_be_shown_is_left_out_and_the_rest_filled_up(caller: Caller, outside: StandIn) -> None:
    world = caller.world
    for name in ("x0", "x1", "x2", "ours", "basket", "viewed", "disliked"):
        an_item(world, product_id=name, category="garden")
    an_item(world, product_id="other", category="kitchen")
    view = {"user_id": "anna", "event_type": "product_view", "product_id": "viewed"}
    assert caller.call("POST", "/api/v1/behavior/track", json=view).json["tracked"]
    dislike = "/api/v1/personalize/less-like-this/anna"
    assert caller.call("POST", dislike, json={"product_id": "disliked"}).status_code == 200
    names = ["viewed", "x1", "x1", "basket", "disliked", "other", "gone", "x0", "x2"]
    said = [{"product_id": name, "score": 1.0} for name in names]
    outside.body = json.dumps({"items": said, "model": "theirs"}).encode()
    there = {"category": "garden", "basket": ["basket"]}
    told = ask(caller, limit=5, exclude=["x0"], context=there)
    assert [one["product_id"] for one in told["items"]] == ["x1", "x2", "ours"]
    assert (told["model"], told["personalized"]) == ("theirs", True)
    alone = ask(caller, limit=5, exclude=["x0", "x1", "x2"], context=there)
    assert [one["product_id"] for one in alone["items"]] == ["ours"]
    assert alone["model"] == "popular"


def recommended(caller: Caller, user_id: str = "anna") -> list[str]:
    page = caller.call("GET", f"/api/v1/personalize/homepage/{user_id}").json
    part = next(one for one in page["sections"] if one["type"] == "recommended_products")
    return [one["product_id"] for one in part["products"]]


def test_homepages_and_the_inspector_show_what_it_says(caller: Caller, outside: StandIn) -> None:
    for name in ("x0", "x1", "ours"):
        an_item(caller.world, product_id=name)
    assert recommended(caller)[:2] == ["x0", "x1"]
    assert outside.asked[0][1]["limit"] == 12
    page = caller.world.client("editor").get("/customers/recommender?user_id=anna%00&product_id=x1")
    assert page.status_code == 200
    assert "they know" in page.get_data(as_text=True)
    assert outside.asked[1][1]["context"] == {"product_id": "x1", "category": None, "basket": []}
    assert "x0" in recommended(caller, "stranger")  # by what is popular: of strangers nothing is told
    assert len(outside.asked) == 2


def test_a_homepage_is_the_built_in_one_when_it_fails(caller: Caller, outside: StandIn) -> None:
    an_item(caller.world, product_id="ours")
    outside.status = 500
    assert recommended(caller) == ["ours"]
    assert len(outside.asked) == 1


def test_a_customers_page_shows_what_it_says(caller: Caller, outside: StandIn) -> None:
    an_item(caller.world, product_id="x0")
    person = caller.world.session.scalar(select(Person.id).where(Person.identifier == "anna"))
    page = caller.world.client("editor").get(f"/customers/{person}").get_data(as_text=True)
    assert "they know" in page
    assert len(outside.asked) == 1


@pytest.fixture
def keeping(make_world: Callable[..., World], outside: StandIn) -> Iterator[Caller]:
    """One whose answers are kept for an hour."""
    with outside.serving() as url:
        made = Caller(make_world(recommendation_service_url=url, cache_ttl=3600))
        sharing(made, "anna")
        yield made


def test_a_homepage_that_stands_in_is_not_kept(keeping: Caller, outside: StandIn) -> None:
    for name in ("x0", "ours"):
        an_item(keeping.world, product_id=name)
    outside.status = 500
    recommended(keeping)
    outside.status = 200
    assert recommended(keeping)[0] == "x0"
    recommended(keeping)
    assert len(outside.asked) == 2  # the last one was kept


def test_a_customers_page_reads_everything_after_it_waited(caller: Caller, outside: StandIn) -> None:
    world = caller.world
    person = world.session.scalar(select(Person.id).where(Person.identifier == "anna"))
    client, asked = world.client("editor"), list[str]()
    client.get(f"/customers/{person}")
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert client.get(f"/customers/{person}").status_code == 200
    assert [one for one in asked if "WHERE consents.id = " in one] == []
    assert len(outside.asked) == 2
