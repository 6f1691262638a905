"""Settings fail early, in words that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.settings import SettingsError, load_settings


def test_without_anything_set_the_instance_is_embedded(tmp_path: Path) -> None:
    settings = load_settings(instance_path=str(tmp_path))
    assert settings.embedded_queue
    assert settings.embedded_database
    assert settings.drafts_by_rules
    assert settings.database == f"sqlite:///{tmp_path}/atelier.db"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"port": 0}, "PORT"),
        ({"atelier_env": "staging"}, "ATELIER_ENV"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"llm_timeout": -1}, "LLM_TIMEOUT"),
        ({"atelier_env": "production"}, "DATABASE_URL"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(**given)


def test_production_is_served_over_https_only() -> None:
    given = {
        "atelier_env": "production",
        "secret_key": "x" * 40,
        "database_url": "postgres://db/atelier",
        "redis_url": "redis://queue",
        "public_url": "http://atelier.example",
    }
    with pytest.raises(SettingsError, match="https"):
        load_settings(**given)
    made = load_settings(**{**given, "public_url": "https://atelier.example"})
    assert made.database == "postgresql+psycopg://db/atelier"


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    settings = load_settings(instance_path=str(tmp_path))
    assert settings.secret() == settings.secret()
    assert len(settings.secret()) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_socket_path_too_long_for_the_kernel_moves(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(str(load_settings(instance_path=str(deep)).socket)) < 104


def test_a_variable_of_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9123")
    assert load_settings().port == 9123
    assert load_settings(port=9124).port == 9124
