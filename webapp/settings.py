"""What an instance is told from outside: typed, frozen, and refused when incomplete."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SHORTEST_SECRET = 32
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes with its NUL; some systems stop at 104


class SettingsError(Exception):
    """The environment cannot be started from; the message names each variable at fault."""


class Settings(BaseSettings):
    """Every environment variable Atelier reads, with its default. Durations are in seconds unless said."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    atelier_env: Literal["development", "production", "test"] = "development"
    instance_path: Path = Path("instance")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    secret_key: str = ""
    audit_key: str = ""
    database_url: str = ""
    database_owner_url: str = ""
    redis_url: str = ""
    redis_password: str = ""
    public_url: str = ""
    trusted_proxies: int = Field(0, ge=0, le=8)
    web_workers: int = Field(2, ge=1, le=64)
    web_threads: int = Field(24, ge=2, le=256)
    workers: int = Field(2, ge=1, le=64)

    openai_api_key: str = ""
    openai_base_url: str = ""
    openai_model: str = "gpt-4o-mini"
    llm_timeout: float = Field(20.0, gt=0)
    llm_budget: float = Field(28.0, gt=0)
    llm_attempts: int = Field(3, ge=1, le=10)
    llm_price_in: float = Field(0.15, ge=0)
    llm_price_out: float = Field(0.60, ge=0)
    llm_currency: str = Field("USD", min_length=3, max_length=3)
    llm_most_tokens: int = Field(4096, ge=64)
    llm_daily_limit: float = Field(20.0, ge=0)
    llm_reuse: int = Field(24 * 3600, ge=0)
    llm_text_days: int = Field(30, ge=0)
    llm_in_flight: int = Field(4, ge=1, le=32)
    lead_set: int = Field(25_000, ge=1, le=100_000)  # leads that a scoring looks at in one go
    archetype_set: int = Field(10_000, ge=1, le=100_000)  # members that a recalculation looks at in one go
    llm_calls_per_minute: int = Field(0, ge=0)
    llm_breaker_failures: int = Field(5, ge=1)
    llm_breaker_pause: int = Field(30, ge=1)

    generation_wait: float = Field(30.0, gt=0)
    job_lease: float = Field(12.0, gt=0)
    job_limit: float = Field(3600.0, gt=0)
    job_days: int = Field(90, ge=1)
    job_sweep: float = Field(2.0, gt=0)
    session_idle: int = Field(8 * 3600, gt=0)
    session_absolute: int = Field(7 * 24 * 3600, gt=0)
    sign_in_failures_per_minute: int = Field(5, ge=1)
    api_calls_per_minute: int = Field(600, ge=1)
    publishable_generations_per_day: int = Field(200, ge=0)
    metrics_token: str = ""
    import_limit: int = Field(512 * 1024 * 1024, ge=1)  # bytes
    lesson_folder: Path = Path("store/lessons")
    import_keep: float = Field(7.0, gt=0)  # days
    export_keep: float = Field(7.0, gt=0)  # days that the file of a person's export can be fetched

    cache_ttl: int = Field(3600, ge=0)  # seconds that homepages, insights and contents may be old; 0 is never
    enable_behavioral_tracking: bool = True
    enable_preference_center: bool = True
    track_browsing_history: bool = True
    browsing_history_limit: int = Field(100, ge=1, le=1000)
    respect_do_not_track: bool = True
    gdpr_compliant: bool = True
    allow_opt_out: bool = True
    enable_personalized_recommendations: bool = True
    recommendation_service_url: str = ""
    recommendation_service_timeout: float = Field(0.5, gt=0)
    enable_ab_testing: bool = True
    ab_test_sample_size: int = Field(1000, ge=1)  # customers of each variant, before there is a verdict
    enable_dynamic_pricing: bool = False
    enable_personalized_search: bool = True
    enable_smart_notifications: bool = True
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.secret_key and len(self.secret_key) < SHORTEST_SECRET:
            raise ValueError(f"SECRET_KEY is too short: {SHORTEST_SECRET} characters at least")
        if self.audit_key and len(self.audit_key) < SHORTEST_SECRET:
            raise ValueError(f"AUDIT_KEY is too short: {SHORTEST_SECRET} characters at least")
        if self.metrics_token and len(self.metrics_token) < SHORTEST_SECRET:
            raise ValueError(f"METRICS_TOKEN is too short: {SHORTEST_SECRET} characters at least")
        if self.atelier_env == "production":
            needed = ("secret_key", "database_url", "redis_url", "public_url")
            missing = [name.upper() for name in needed if not getattr(self, name)]
            if missing:
                raise ValueError(f"production needs {', '.join(missing)}")
            if os.environ.get("ATELIER_FAULT"):
                raise ValueError("ATELIER_FAULT is for tests, not for production")
            if not self.public_url.startswith("https://"):
                raise ValueError("PUBLIC_URL must start with https:// in production")
        return self

    @property
    def production(self) -> bool:
        """Whether this instance serves real users: secure cookies, JSON logs, no demo."""
        return self.atelier_env == "production"

    @property
    def embedded_queue(self) -> bool:
        """Whether the instance starts its own queue server."""
        return not self.redis_url

    @property
    def embedded_database(self) -> bool:
        """Whether the instance keeps its rows in its own SQLite file."""
        return not self.database_url

    @property
    def drafts_by_rules(self) -> bool:
        """Whether no model is configured, so that the built-in drafter writes."""
        return not (self.openai_api_key or self.openai_base_url)

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        if not self.database_url:
            return f"sqlite:///{self.instance.joinpath('atelier.db')}"
        return _with_driver(self.database_url)

    @property
    def owner_database(self) -> str:
        """The address migrations run under: the tables' owner, else the same."""
        return _with_driver(self.database_owner_url) if self.database_owner_url else self.database

    @property
    def redis(self) -> str:
        """The queue server's address, with its password: the one given, or the embedded server's socket."""
        if self.redis_url and self.redis_password and "@" not in self.redis_url:
            return self.redis_url.replace("://", f"://:{quote(self.redis_password, safe='')}@", 1)
        return self.redis_url or f"unix://{self.socket}"

    @property
    def instance(self) -> Path:
        """The folder that holds everything the embedded mode writes, absolute."""
        return self.instance_path.absolute()

    @property
    def imports(self) -> Path:
        """Where uploaded files wait for their import."""
        return self.instance / "imports"

    @property
    def lesson_files(self) -> Path:
        """The folder of template files, absolute; a relative setting stands below the instance's folder."""
        return self.instance / self.lesson_folder

    @property
    def socket(self) -> Path:
        """The embedded server's socket: in the instance folder unless that path is too long."""
        near = self.instance / "valkey.sock"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
            return near
        name = hashlib.sha256(os.fsencode(near)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"atelier-{os.getuid()}-{name}" / "valkey.sock"

    @property
    def address(self) -> str:
        """Where people reach the application."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def secret(self) -> str:
        """The signing key: given, or made once and kept in the instance folder (mode 600)."""
        return self.secret_key or self.kept_secret

    @cached_property
    def kept_secret(self) -> str:
        """The signing key in the instance folder, read once: each event that is tracked asks for it."""
        return _kept_secret(self.instance / "secret_key")

    def audit_secret(self) -> bytes:
        """The key of the audit chain: its own, so that the signing key can change, else that one."""
        return (self.audit_key or self.secret()).encode()


def _with_driver(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        os.link(fresh, path)  # the first of several starting processes wins, whole
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def load_settings(**given: object) -> Settings:
    """Read the environment (`given` wins over it). Raises SettingsError in plain words."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic validates what the caller gives
    except ValidationError as error:
        raise SettingsError("; ".join(_plain(problem) for problem in error.errors())) from None


def _plain(problem: object) -> str:
    assert isinstance(problem, dict)
    where = ".".join(str(part) for part in problem["loc"]).upper()
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
