"""What logs may hold: one id through request, job and call; no secret, also not in tracebacks (O3)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from tests.conftest import World
from webapp.core.logs import configure_logs
from webapp.settings import Settings


@pytest.fixture
def production(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Logs as in production, for one test; capsys first, so that they are written into it."""
    del capsys
    configure_logs(settings.model_copy(update={"atelier_env": "production", "log_level": "INFO"}))
    yield
    configure_logs(settings)


def told(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.mark.usefixtures("production")
def test_O3_a_traceback_holds_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    def sign_in(password: str) -> None:
        raise RuntimeError("it broke")

    try:
        sign_in("hunter2-hunter2")
    except RuntimeError:
        structlog.get_logger().exception("a request failed")
    text = capsys.readouterr().err
    assert "it broke" in text
    assert "hunter2" not in text


def test_O3_a_link_that_is_a_secret_is_not_logged(
    world: World, production: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.client(None).get("/invitations/atl-very-secret").status_code == 404
    world.client(None).get("/sign-in")
    lines = told(capsys.readouterr().err)
    paths = [line.get("path") for line in lines]
    assert "/sign-in" in paths
    assert not any("very-secret" in str(line) for line in lines)


def test_O3_one_id_leads_from_the_request_to_the_job(
    world: World, production: None, capsys: pytest.CaptureFixture[str]
) -> None:
    token = world.token("all")
    world.client(None).post(
        "/api/personas/generate",
        json={"companyHQId": "acme", "productDescription": "Couches", "mode": "hydrate"},
        headers={"Authorization": f"Bearer {token}", "Prefer": "respond-async"},
    )
    world.work()
    lines = told(capsys.readouterr().err)
    asked = next(line for line in lines if line.get("path") == "/api/personas/generate")
    begun = next(line for line in lines if line["event"] == "job begun")
    assert asked["request"] == begun["request"]
    assert begun["job"]
    assert token not in str(lines)
