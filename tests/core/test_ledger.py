"""The ledger: nothing beyond the day's limit, no question paid for twice, a pause when it is down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from tests.conftest import World
from webapp.core.db import scope_to, unit
from webapp.core.llm.item import ItemLlm
from webapp.core.llm.ledger import LlmCall, LlmLimit, Prices, Terms, forget_answers, purse
from webapp.core.llm.prompt import Prompt, PromptFile
from webapp.core.llm.provider import OpenAiProvider
from webapp.core.llm.stand_in import StandIn
from webapp.core.llm.trouble import LlmFailed, Trouble

FILE = PromptFile("greeting", 3, "A greeting", "Greet.", "Say hello to {{who}}.")
TERMS = Terms(Prices(1.0, 2.0), daily=1.0, reuse=timedelta(hours=1))


class Greeting(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    text: str


Make = Callable[..., ItemLlm]


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A scripted server over HTTP."""
    with StandIn(delay=0.05) as running:
        yield running


@pytest.fixture
def world(make_world: Callable[..., World], server: StandIn) -> World:
    """A world whose drafts a model writes."""
    return make_world(
        OpenAiProvider("key", server.base_url, "gpt-4o-mini"), llm_breaker_failures=2, llm_attempts=1
    )


@pytest.fixture
def make(world: World) -> Make:
    """Make the door of a new item in the first company."""

    def item(company_id: UUID | None = None, **changes: Any) -> ItemLlm:
        scope_to(world.session, company_id or world.company_id)
        made = ItemLlm(
            llm=world.services.llm,
            session=world.session,
            clock=world.clock,
            terms=TERMS,
            day=lambda _session: world.clock.now() - timedelta(hours=12),
            job_id=uuid4(),
            item_id=uuid4(),
            round=0,
            request_id="r1",
            stop=threading.Event(),
        )
        return replace(made, **changes)

    return item


def greet(item: ItemLlm, who: str = "Ada") -> str:
    return item.ask(Prompt(FILE, {"who": who}), Greeting).value.text


def rows(world: World) -> list[LlmCall]:
    return list(world.session.scalars(select(LlmCall).order_by(LlmCall.at, LlmCall.id)))


def test_L4_the_ledger_equals_what_the_provider_counted(world: World, server: StandIn, make: Make) -> None:
    for who in ("Ada", "Bo", "Cem"):
        greet(make(), who)
    counted = [(call.prompt_tokens, call.completion_tokens) for call in rows(world)]
    assert counted == [(call.prompt_tokens, call.completion_tokens) for call in server.calls]
    assert sum(call.cost for call in rows(world)) == sum(first + 2 * second for first, second in counted)
    assert all(call.reserved == 0 for call in rows(world))


def test_L4_a_call_beyond_the_days_limit_is_never_made(world: World, server: StandIn, make: Make) -> None:
    with pytest.raises(LlmFailed) as failed:
        greet(make(terms=replace(TERMS, daily=0.0001)))
    assert failed.value.trouble is Trouble.OVER_CAP
    assert server.calls == []
    assert rows(world) == []


def test_L4_what_is_put_aside_counts_against_the_limit(world: World, server: StandIn, make: Make) -> None:
    item = make(terms=replace(TERMS, daily=0.0120))  # one call of 4,096 tokens at 2 a million and a bit
    item.reserve(Prompt(FILE, {"who": "Ada"}), "f" * 64, "m", (100, 4096))
    with pytest.raises(LlmFailed):
        greet(item)
    assert server.calls == []
    assert purse(world.session, item.terms, world.clock.now() - timedelta(days=1)).reserved == 100 + 2 * 4096


def test_L4_simultaneous_calls_never_see_the_same_rest(world: World, make: Make) -> None:
    terms = replace(TERMS, daily=0.0120)
    item = make(terms=terms)
    one, two = (item.reserve(Prompt(FILE, {"who": "Ada"}), f"{n}" * 64, "m", (0, 2048)) for n in (1, 2))
    assert one != two
    with pytest.raises(LlmFailed):
        item.reserve(Prompt(FILE, {"who": "Ada"}), "3" * 64, "m", (0, 2048))


def test_L4_a_company_sets_its_own_limit_and_another_days_spending_is_not_counted(
    world: World, make: Make
) -> None:
    item = make()
    with unit(item.session) as session:
        session.add(LlmLimit(daily=3_000, changed_at=world.clock.now()))
    question = Prompt(FILE, {"who": "Ada"})
    item.reserve(question, "1" * 64, "m", (2_000, 0))
    with pytest.raises(LlmFailed):
        item.reserve(question, "2" * 64, "m", (2_000, 0))
    tomorrow = replace(item, day=lambda _session: world.clock.now() + timedelta(seconds=1))
    assert tomorrow.reserve(question, "3" * 64, "m", (2_000, 0))


def test_the_same_question_is_answered_once_for_a_company(world: World, server: StandIn, make: Make) -> None:
    first, second = greet(make()), greet(make())
    assert first == second
    assert len(server.calls) == 1
    assert [(call.outcome, call.cost > 0) for call in rows(world)] == [("ok", True), ("cached", False)]


def test_a_person_who_asks_once_more_gets_another_answer(server: StandIn, make: Make) -> None:
    greet(make())
    greet(make(fresh=True))
    greet(make(round=1))
    assert len(server.calls) == 3


def test_an_answer_serves_no_other_company_and_not_for_ever(
    world: World, server: StandIn, make: Make
) -> None:
    greet(make())
    greet(make(world.other_id))
    assert len(server.calls) == 2
    world.clock.shift(hours=2)
    greet(make())
    assert len(server.calls) == 3


def test_texts_are_forgotten_and_figures_stay(world: World, make: Make) -> None:
    greet(make())
    cost = rows(world)[0].cost
    world.clock.shift(days=31)
    assert forget_answers(make().session, world.clock.now() - timedelta(days=30)) == 1
    assert (rows(world)[0].answer, rows(world)[0].cost) == ("", cost)


def test_L3_a_service_that_is_down_is_left_alone_for_a_while(
    world: World, server: StandIn, make: Make
) -> None:
    server.mode = "500"
    for who in ("Ada", "Bo"):
        with pytest.raises(LlmFailed):
            greet(make(), who)
    calls = len(server.calls)
    with pytest.raises(LlmFailed) as failed:
        greet(make(), "Cem")
    assert failed.value.trouble is Trouble.PAUSED
    assert len(server.calls) == calls
    world.services.store.redis.delete("breaker:llm:open")  # the pause is over
    server.mode = "ok"
    assert greet(make(), "Cem")
    assert greet(make(), "Dee")


def test_a_service_that_refuses_is_not_down(server: StandIn, make: Make) -> None:
    server.mode = "refusal"
    for who in ("Ada", "Bo", "Cem"):
        with pytest.raises(LlmFailed) as failed:
            greet(make(), who)
        assert failed.value.trouble is Trouble.REFUSED


def test_L5_what_names_somebody_does_not_leave(server: StandIn, make: Make) -> None:
    greet(make(), "Ada, ada@lovelace.example, +44 20 7946 0958")
    sent = str(server.calls[0].messages)
    assert "lovelace" not in sent
    assert "7946" not in sent
    assert "[e-mail]" in sent
