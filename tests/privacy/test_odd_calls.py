"""Hostile and late calls: refused with a reason, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.people.records import make
from tests.personas.test_catalog_api import Api
from tests.personas.test_importing import checked, counts, report
from tests.privacy.asking import done
from webapp.core.db import Tenant
from webapp.customers.models import Consent, Dislike, Event, PriceQuote
from webapp.experiments.models import Exposure, MetricValue, VariantOverride
from webapp.people.models import Person, Survey
from webapp.personas.models import Contact
from webapp.privacy.models import PrivacyRequest, RequestKind

WHO = "zq-late"
TABLES: tuple[type[Tenant], ...] = (
    *(Person, Survey, Consent, Event, Dislike, PriceQuote),
    *(Exposure, MetricValue, VariantOverride, PrivacyRequest),
)


def rows(world: World) -> dict[str, int]:
    world.actor()
    world.session.expire_all()
    return {one.__name__: world.session.scalar(select(func.count()).select_from(one)) or 0 for one in TABLES}


LATE: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/persons", {"user_id": WHO, "name": "Again"}),
    ("PUT", f"/api/persons/{WHO}/survey", {"answers": {"fears": "water"}, "version": 0}),
    ("PUT", f"/api/v1/preferences/{WHO}", {"theme": "dark"}),
    ("POST", "/api/v1/behavior/track", {"user_id": WHO, "event_type": "page_view"}),
    ("POST", "/api/v1/behavior/track/batch", {"events": [{"user_id": WHO, "event_type": "page_view"}]}),
    ("POST", f"/api/v1/personalize/recommendations/{WHO}", {}),
    ("GET", f"/api/v1/personalize/homepage/{WHO}", None),
    ("GET", f"/api/v1/preferences/{WHO}", None),
    ("POST", f"/api/v1/privacy/{WHO}/export", None),
)


@pytest.mark.parametrize(("method", "path", "body"), LATE)
def test_late_calls_of_an_erased_person_write_nothing(
    world: World, method: str, path: str, body: Any
) -> None:
    make(world, WHO)
    done(world, RequestKind.ERASE, WHO)
    before = rows(world)
    answer = Api(world)(method, path, body)
    assert answer.status_code < 500, answer.json
    assert rows(world) == before
    if WHO not in path or ("preferences" in path and method == "PUT"):  # others know nobody of this name
        assert "erased" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "user_id",
    [
        "a%00b",
        "%ED%A0%80",
        "%F0%9F%98%80",
        "x" * 300,
        "x" * 100_000,
        "..%2F..%2Fetc",
        "%20",
        "'%20OR%201=1--",
    ],
)
@pytest.mark.parametrize("deed", ["export", "erase"])
def test_odd_user_ids_are_refused(module_odd: Api, user_id: str, deed: str) -> None:
    answer = module_odd("POST", f"/api/v1/privacy/{user_id}/{deed}")
    assert 400 <= answer.status_code < 500, answer.get_data(as_text=True)
    assert rows(module_odd.world)["PrivacyRequest"] == 0


@pytest.fixture(scope="module")
def module_odd(module_world: Any) -> Api:
    world = module_world()
    make(world, WHO)
    return Api(world)


def test_a_prospect_is_entered_anew_by_hand_and_stays(world: World) -> None:
    api, contact = Api(world), {"name": "Zqlate Lind", "email": "zqlate@mail.example"}
    assert api("POST", "/api/contacts", contact).status_code == 201
    done(world, RequestKind.ERASE, "zqlate@mail.example")
    world.actor()
    assert list(world.session.scalars(select(Contact))) == []
    world.clock.shift(days=1)
    assert api("POST", "/api/contacts", contact).status_code == 201
    world.actor()
    assert [one.email for one in world.session.scalars(select(Contact))] == ["zqlate@mail.example"]


@pytest.mark.parametrize(
    ("kind", "head", "line"),
    [
        ("contacts", "name,email", "Zqlate Lind,{}@mail.example"),
        (
            "leads",
            "lead_id,name,email,stage,created_at",
            "{0},Lind,{0}@mail.example,NEW,2026-01-05T10:00:00Z",
        ),
    ],
)
def test_a_file_brings_nobody_back(world: World, kind: str, head: str, line: str) -> None:
    api, contact = Api(world), {"name": "Zqlate Lind", "email": "zqlate@mail.example"}
    api("POST", "/api/contacts", contact)
    done(world, RequestKind.ERASE, "zqlate@mail.example")
    browser = world.client()
    content = "\n".join([head, line.format("ZQLATE"), line.format("other")])
    address = checked(world, browser, content, kind)
    assert counts(world, address) == (1, 0, 0, 1)
    assert "erased" in report(browser, address)[0]["Problem"]
    if kind == "contacts":
        api("POST", "/api/contacts", contact)
        assert counts(world, checked(world, browser, content, kind))[3] == 0
