"""The web application: settings, clients, areas in one loop, the answers to what goes wrong."""

from __future__ import annotations

from webapp.core import one_thread  # noqa: F401  # first: numpy reads what it sets

# isort: split

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_migrate import Migrate
from flask_openapi3.models import Info
from flask_openapi3.openapi import OpenAPI
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.accounts import identity
from webapp.accounts.author import author_of
from webapp.accounts.companies import zone_of, zones
from webapp.accounts.secrets import Passwords
from webapp.accounts.sign_in import Gate
from webapp.areas import AREAS
from webapp.backup import backup
from webapp.core import docs, draw, failures, guard, headers, health, logs, metrics
from webapp.core.audit import Auditor
from webapp.core.clock import Clock, SystemClock, day_begin
from webapp.core.compiled import COMPILED
from webapp.core.db import db
from webapp.core.frame import CompanyChoice, dress
from webapp.core.home import home, search, styleguide
from webapp.core.jobs.beat import Beat
from webapp.core.jobs.doorbell import Doorbell
from webapp.core.jobs.kinds import Kinds, Patience
from webapp.core.jobs.run import Runner, Sessions
from webapp.core.jobs.schedule import Scheduler
from webapp.core.jobs.start import Starter
from webapp.core.jobs.sweep import Sweeper
from webapp.core.jobs.wait import Waiting
from webapp.core.llm.door import Llm, Policy
from webapp.core.llm.ledger import Prices, Terms
from webapp.core.llm.pace import Pace
from webapp.core.llm.provider import OpenAiProvider, Provider
from webapp.core.permissions_table import permissions
from webapp.core.routes import LazyRule
from webapp.core.services import Services
from webapp.core.store import Store
from webapp.core.store.breaker import Breaker
from webapp.core.store.limits import Limits
from webapp.core.trials import Trials
from webapp.demo import demo as demo_commands
from webapp.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
LARGEST_REQUEST = 4 * 1024 * 1024
WAITING_PLACES = 20


@dataclass(frozen=True)
class Clients:
    """What tests hand over in place of the real thing."""

    clock: Clock = field(default_factory=SystemClock)
    passwords: Passwords | None = None
    provider: Provider | None = None
    ring: Callable[..., None] | None = None


def create_app(settings: Settings | None = None, clients: Clients | None = None) -> OpenAPI:
    """Build the application from its settings (the environment's by default)."""
    settings, clients = settings or load_settings(), clients or Clients()
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)  # it holds secrets
    app = OpenAPI(
        __name__,
        info=Info(title="Atelier", version="0.1.0", description=docs.ABOUT),
        security_schemes=docs.SECURITY,
        responses=docs.RESPONSES,
        doc_ui=False,
        validation_error_status=400,
        validation_error_model=docs.ErrorOut,
        validation_error_callback=docs.invalid,
        root_path=str(ROOT),
        instance_path=str(settings.instance),
        template_folder="templates",
        static_folder="static",
    )
    app.url_rule_class = LazyRule
    app.config.from_mapping(_flask_config(settings))
    logs.configure_logs(settings)
    _extend(app, settings)
    _serve(app, settings, clients)
    guard.check_declared(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret(),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SESSION_COOKIE_NAME": "atelier",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.address.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=settings.session_absolute),
        "WTF_CSRF_CHECK_DEFAULT": False,  # the guard checks, after it knows who asks
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "IMPORT_LIMIT": settings.import_limit,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1) if settings.production else None,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    # Errors name no row's values: logs must hold none. The connection used last has its pages at hand.
    common = {"hide_parameters": True, "pool_use_lifo": True}
    if settings.database.startswith("sqlite"):
        return {**common, "connect_args": {"check_same_thread": False}, "pool_size": 8, "max_overflow": 32}
    return {**common, "pool_size": 5, "max_overflow": 20, "pool_pre_ping": True}


def _extend(app: OpenAPI, settings: Settings) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = COMPILED
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "webapp" / "migrations"), render_as_batch=True)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    logs.log_requests(app)
    metrics.measure(app)


def _serve(app: OpenAPI, settings: Settings, clients: Clients) -> None:
    made = build_services(settings, clients)
    app.extensions["atelier"] = made
    identity.init_app(app, _gate(settings, clients, made))
    guard.watch(app, identity.identify)
    headers.dress_answers(app, secure=settings.production)
    failures.answer_failures(app)
    dress(app, made.clock.now)
    draw.draw_frames(app, _person)
    for blueprint in (home, search, styleguide, health.pages, metrics.pages, docs.pages, *docs.assets):
        app.register_blueprint(blueprint)
    for area in made.areas:
        for pages in area.pages:
            app.register_blueprint(pages)
        for api in area.apis:
            app.register_api(api)
        for command in area.commands:
            app.cli.add_command(command)
    app.cli.add_command(demo_commands)
    app.cli.add_command(backup)
    app.cli.add_command(permissions)


def build_services(settings: Settings, clients: Clients) -> Services:
    """Build the clients once, each from the ones before it."""
    clock, store = clients.clock, Store(settings.redis)
    auditor = Auditor(clock.now, settings.audit_secret())
    doorbell = Doorbell(store)
    ring = clients.ring or doorbell.ring
    kinds = Kinds()
    for area in AREAS:
        for kind in area.kinds:
            kinds.add(kind)
    limits = Limits(settings.redis)
    llm = _llm(settings, clients, store, limits)
    starter = Starter(clock, auditor, ring)
    schedules = tuple(one for area in AREAS for one in area.schedules)
    runner = Runner(
        session=_session,
        kinds=kinds,
        llm=llm,
        terms=_terms(settings),
        day=lambda session: day_begin(clock.now(), zone_of(session)),
        clock=clock,
        lease_seconds=settings.job_lease,
        author=author_of,
        beat=Beat(settings.database, clock),
        auditor=auditor,
        ring=ring,
        sessions=_sessions,
        in_flight=settings.llm_in_flight,
    )
    return Services(
        settings=settings,
        areas=AREAS,
        clock=clock,
        auditor=auditor,
        store=store,
        limits=limits,
        doorbell=doorbell,
        kinds=kinds,
        llm=llm,
        starter=starter,
        runner=runner,
        sweeper=Sweeper(clock, ring, doorbell.waiting, Patience(kinds, settings.job_limit)),
        scheduler=Scheduler(starter, settings, schedules, zones, zone_of),
        zone=zone_of,
        prompts={use.name: use for area in AREAS for use in area.prompts},
        trials=Trials(AREAS),
        waiting=Waiting(settings.generation_wait, min(WAITING_PLACES, settings.web_threads - 1)),
    )


def _terms(settings: Settings) -> Terms:
    prices = Prices(settings.llm_price_in, settings.llm_price_out)
    return Terms(prices, settings.llm_daily_limit, timedelta(seconds=settings.llm_reuse))


def _llm(settings: Settings, clients: Clients, store: Store, limits: Limits) -> Llm:
    drafters = {name: draft for area in AREAS for name, draft in area.drafters.items()}
    provider: Provider | None = clients.provider
    if provider is None and not settings.drafts_by_rules:
        provider = OpenAiProvider(settings.openai_api_key, settings.openai_base_url, settings.openai_model)
    policy = Policy(
        settings.llm_timeout, settings.llm_budget, settings.llm_attempts, settings.llm_most_tokens
    )
    circuit = Breaker(store, "llm", settings.llm_breaker_failures, settings.llm_breaker_pause)
    rate = settings.llm_calls_per_minute
    return Llm(provider, drafters, policy, circuit, Pace(limits, rate) if rate else None)


def _session() -> Session:
    return db.session()


def _sessions() -> Sessions:
    """Answer what makes a session of its own in any thread of this application."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug's own way to the object

    @contextmanager
    def own() -> Iterator[Session]:
        with app.app_context():
            yield db.session()

    return own


def _gate(settings: Settings, clients: Clients, made: Services) -> Gate:
    return Gate(
        passwords=clients.passwords or Passwords(),
        limits=made.limits,
        clock=made.clock,
        auditor=made.auditor,
        failures_a_minute=settings.sign_in_failures_per_minute,
        idle=timedelta(seconds=settings.session_idle),
        absolute=timedelta(seconds=settings.session_absolute),
    )


def _person() -> tuple[str, str, tuple[CompanyChoice, ...], bool] | None:
    found = identity.signed_in()
    if found is None:
        return None
    companies = tuple(
        CompanyChoice(str(choice.company_id), choice.name, choice == found.chosen) for choice in found.choices
    )
    return found.name, found.email, companies, bool(found.chosen and found.chosen.demo)
