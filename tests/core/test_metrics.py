"""What a monitor reads, and that nobody else does (O2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import World

TOKEN = "a token for the monitor, long enough to pass"  # a test's


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world with a monitor."""
    return make_world(metrics_token=TOKEN)


def figures(world: World) -> dict[str, float]:
    answer = world.client(None).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_O2_requests_jobs_calls_and_refused_sign_ins_are_counted(world: World) -> None:
    world.client(None).send("/sign-in", {"email": "x@test.example", "password": "wrong"})
    token = world.token("all")
    world.client(None).post(
        "/api/personas/generate",
        json={"companyHQId": "acme", "productDescription": "Couches", "mode": "hydrate"},
        headers={"Authorization": f"Bearer {token}", "Prefer": "respond-async"},
    )
    world.clock.shift(seconds=90)
    told = figures(world)
    assert told["atelier_sign_in_failures_total"] == 1
    assert told['atelier_requests_total{method="POST",status="202"}'] == 1
    assert told['atelier_jobs{state="queued"}'] == 1
    assert told["atelier_oldest_queued_job_seconds"] >= 90
    world.work()
    told = figures(world)
    assert told['atelier_jobs{state="done"}'] == 1
    assert told['atelier_llm_calls_total{outcome="ok"}'] == 1
    assert told["atelier_llm_cost_total"] == 0
    assert told["atelier_oldest_queued_job_seconds"] == 0


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN[:-1]}])
def test_O2_without_the_token_there_is_no_such_page(world: World, headers: dict[str, str]) -> None:
    assert world.client(None).get("/metrics", headers=headers).status_code == 404
    assert world.client("admin").get("/metrics", headers=headers).status_code == 404


def test_O2_without_the_setting_there_is_no_such_page(make_world: Callable[..., World]) -> None:
    world = make_world()
    assert world.client(None).get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
