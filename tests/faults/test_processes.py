"""An instance as a whole: it starts, survives the death of its parts, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instance import Instance, until
from webapp.core.llm.stand_in import StandIn

pytestmark = pytest.mark.fault


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A model that answers after two seconds."""
    with StandIn(mode="slow", delay=2.0) as running:
        yield running


def generation(instance: Instance) -> tuple[dict[str, str], str]:
    """Start a generation by the API; answers its headers and the job's address."""
    api = instance.api("personas")
    product = api.call("GET", "/api/products").json["items"][0]["id"]
    body = {"productId": product, "description": "A head nurse who hates paperwork", "mode": "save"}
    answer = api.call("POST", "/api/personas/generate", body, Prefer="respond-async")
    assert answer.status == 202, answer.text
    return api.headers, answer.json["href"]


def test_it_starts_says_how_to_sign_in_and_leaves_no_process(tmp_path: Path) -> None:
    with Instance(tmp_path / "instance") as instance:
        home = instance.signed_in().get("/")
        assert home.status == 200
        assert "Needs you" in home.text or "First steps" in home.text or "All clear" in home.text
        commands = " ".join(instance.processes().values())
        for part in ("web:", "worker 1:", "worker 2:", "scheduler:", "valkey"):
            assert part in commands
    assert instance.process.returncode == 0
    assert instance.processes() == {}


def test_a_second_start_finds_the_data(tmp_path: Path) -> None:
    with Instance(tmp_path / "instance") as instance:
        password, email = instance.password, instance.email
    instance.start()
    instance.email, instance.password = email, password
    assert "RehaFlow" not in instance.signed_in().get("/jobs").text
    assert instance.signed_in().get("/personas").text.count("/personas/") > 3
    instance.stop()


def test_a_second_instance_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with Instance(tmp_path / "instance"):
        twin = Instance(tmp_path / "instance")
        twin.start()
        assert twin.process.wait(30) == 2
        assert "runs already" in "".join(twin.lines)
        twin.stop()


@pytest.mark.parametrize("part", ["worker 1:", "scheduler:", "web:", "valkey"])
def test_a_part_that_dies_is_started_again(tmp_path: Path, part: str) -> None:
    with Instance(tmp_path / "instance") as instance:
        before = set(instance.kill(part))
        assert before
        until(lambda: {pid for pid, command in instance.processes().items() if part in command} - before)
        until(lambda: _ready(instance))


def _ready(instance: Instance) -> bool:
    try:
        return instance.http().get("/health/ready").status == 200
    except OSError:
        return False


def test_J1_a_generation_survives_the_death_of_its_worker_and_horse(
    tmp_path: Path, stand_in: StandIn
) -> None:
    with Instance(tmp_path / "instance", OPENAI_BASE_URL=stand_in.base_url) as instance:
        headers, href = generation(instance)
        assert stand_in.wait_for_calls(1)
        instance.kill("worker 1:")  # the worker and its forked horse share a name
        done = until(lambda: _finished(instance, headers, href), 30)
        assert done["success"] is True
        api = instance.http(**headers)
        saved = [row for row in api.call("GET", "/api/personas?limit=200").json["items"] if row["unreviewed"]]
        assert [row["id"] for row in saved] == [done["persona"]["id"]]


def test_L6_an_answer_that_arrived_is_not_paid_for_twice(tmp_path: Path, stand_in: StandIn) -> None:
    stand_in.mode = "ok"
    marker = tmp_path / "held"
    fault = f"llm.recorded:{marker}"
    with Instance(tmp_path / "instance", OPENAI_BASE_URL=stand_in.base_url, ATELIER_FAULT=fault) as instance:
        headers, href = generation(instance)
        until(marker.exists)  # the answer is recorded, its effect is not
        instance.kill("worker ")
        done = until(lambda: _finished(instance, headers, href), 30)
        assert done["success"] is True
    assert len(stand_in.calls) == 1


def _finished(instance: Instance, headers: dict[str, str], href: str) -> dict[str, dict[str, str]] | None:
    answer = instance.http(**headers).call("GET", href)
    assert answer.status in {200, 202}, answer.text
    return answer.json if answer.status == 200 else None
