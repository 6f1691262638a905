"""The calls about predictions and training beside the two salespeople: batches, closings, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.leads.selling import Sold, habits, write
from tests.personas.test_catalog_api import Api, told
from webapp.core.db import scope_to
from webapp.leads.models import Lead, Prediction

CALLS = "/api/intelligence"


@pytest.fixture
def api(world: World) -> Api:
    return Api(world, token=world.token("leads:write", staff="editor"))


def data(answer: Any, status: int = 200) -> Any:
    assert (answer.status_code, answer.json["success"]) == (status, True), answer.json
    return answer.json["data"]


def logged(world: World) -> int:
    scope_to(world.session, world.company_id)
    return world.session.scalar(select(func.count(Prediction.id))) or 0


def test_without_a_model_the_default_answers_and_nothing_of_it_is_ones_own(world: World, api: Api) -> None:
    write(world, None, [Sold({"call": 2}, life=10)], "open")
    said = data(api("GET", f"{CALLS}/leads/open-0/prediction"))
    assert (said["modelVersion"], said["ownDataShare"], said["baseProbability"]) == (0, 0, 0)
    assert said["confidence"] == "low"
    assert {one["name"] for one in said["factors"]} == {"score", "activity", "recency", "funnel_time"}
    assert sum(one["points"] for one in said["factors"]) == pytest.approx(
        said["conversionProbability"], abs=0.01
    )
    model = data(api("GET", f"{CALLS}/scoring-model"))
    assert (model["exists"], model["personalized"], model["weights"]) == (False, False, None)
    assert model["defaultWeights"]["scoreWeight"] == 0.4
    assert model["message"].startswith("20 more closed leads")
    assert logged(world) == 1


def test_too_few_closed_leads_are_refused_with_how_many_are_missing(world: World, api: Api) -> None:
    write(world, world.staff["editor"], habits("call", 5, leads=19))
    answer = api("POST", f"{CALLS}/optimize-scoring", {})
    assert told(answer) == (409, "too_few_closed_leads")
    assert answer.json["details"] == {"missingClosed": "1", "missingWon": "0", "missingLost": "0"}


def test_a_training_that_is_not_waited_for_answers_with_its_job(world: World, api: Api) -> None:
    write(world, world.staff["editor"], [*habits("call", 9), *habits("email_open", 2)])
    job_id = data(api("POST", f"{CALLS}/optimize-scoring", {}, Prefer="respond-async"), 202)["jobId"]
    world.work()
    assert data(api("GET", f"{CALLS}/scoring-model"))["modelVersion"] == 1
    assert job_id


def test_one_key_trains_once_and_closes_once(world: World, api: Api) -> None:
    write(world, world.staff["editor"], [*habits("call", 9), *habits("email_open", 2)])
    write(world, None, [Sold({"call": 1}, life=5)], "open")
    asked = {"Prefer": "respond-async", "Idempotency-Key": "train-1"}
    first = data(api("POST", f"{CALLS}/optimize-scoring", {}, **asked), 202)
    world.work()
    assert data(api("POST", f"{CALLS}/optimize-scoring", {}, **asked), 202) == first
    body = {"leadId": "open-0", "converted": True}
    said = data(api("POST", f"{CALLS}/record-conversion", body, **{"Idempotency-Key": "won-1"}))
    assert data(api("POST", f"{CALLS}/record-conversion", body, **{"Idempotency-Key": "won-1"})) == said
    other = api(
        "POST", f"{CALLS}/record-conversion", {**body, "converted": False}, **{"Idempotency-Key": "won-1"}
    )
    assert told(other)[1] == "idempotency_key_reused"


def test_a_batch_answers_both_for_each_lead_and_names_what_is_not_there(world: World, api: Api) -> None:
    write(world, None, [Sold({"call": n}, life=10) for n in range(3)], "open")
    write(world, None, [Sold({"call": 1}, won=True)], "closed")
    body = {"leadIds": ["open-2", "open-0", "nobody", "closed-0", "open-2"]}
    said = data(api("POST", f"{CALLS}/analyze-batch", body))
    assert [one["leadId"] for one in said["leads"]] == ["open-2", "open-0", "closed-0"]
    assert said["notFound"] == ["nobody"]
    assert [one["nextAction"] is None for one in said["leads"]] == [False, False, True]
    single = data(api("GET", f"{CALLS}/leads/open-2/prediction"))
    assert said["leads"][0]["prediction"]["conversionProbability"] == pytest.approx(
        single["conversionProbability"], abs=0.01
    )
    assert logged(world) == 3  # two open ones of the batch, and one alone


def test_a_batch_takes_500_leads_and_no_more(world: World, api: Api) -> None:
    write(world, None, [Sold({"call": 1}, life=10)] * 30, "open")
    assert (
        len(data(api("POST", f"{CALLS}/analyze-batch", {"leadIds": [f"open-{n}" for n in range(500)]}))) == 2
    )
    refused = api("POST", f"{CALLS}/analyze-batch", {"leadIds": [f"l{n}" for n in range(501)]})
    assert refused.status_code in {400, 422}
    assert "leadIds" in refused.json["details"]


def test_a_conversion_closes_the_lead_once(world: World, api: Api) -> None:
    write(world, None, [Sold({"call": 1}, life=10)], "open")
    for _ in range(2):
        said = data(api("POST", f"{CALLS}/record-conversion", {"leadId": "open-0", "converted": True}))
        assert said == {"leadId": "open-0", "converted": True, "stage": "WON"}
    scope_to(world.session, world.company_id)
    lead = world.session.scalars(select(Lead).where(Lead.identifier == "open-0")).one()
    assert lead.closed_at is not None
    assert lead.version == 2
    assert told(api("GET", f"{CALLS}/leads/open-0/next-action")) == (409, "lead_closed")
    assert data(api("POST", f"{CALLS}/record-conversion", {"leadId": "open-0", "converted": False}))


def test_a_lead_of_another_company_is_not_there(world: World, api: Api) -> None:
    for path in ("prediction", "next-action"):
        assert told(api("GET", f"{CALLS}/leads/theirs/{path}")) == (404, "not_found")
    body = {"leadId": "theirs", "converted": True}
    assert told(api("POST", f"{CALLS}/record-conversion", body)) == (404, "not_found")


def test_readers_are_answered_and_train_nothing(world: World) -> None:
    reader = Api(world, token=world.token("leads:read", staff="viewer"))
    write(world, None, [Sold({"call": 1}, life=10)], "open")
    assert data(reader("GET", f"{CALLS}/leads/open-0/prediction"))
    assert reader("POST", f"{CALLS}/optimize-scoring", {}).status_code == 403
    body = {"leadId": "open-0", "converted": True}
    assert reader("POST", f"{CALLS}/record-conversion", body).status_code == 403
