"""The deeds of this area with the application's clients, for routes and jobs."""

from __future__ import annotations

from webapp.core.db import db
from webapp.core.services import services
from webapp.core.together import Together
from webapp.customers.cache import Cache, cache_of
from webapp.customers.model_files import files_in
from webapp.customers.outside import Adviser, Outside
from webapp.customers.recommending import Recommender
from webapp.customers.service import Service, service_of
from webapp.customers.tracking import Told, Tracked, Tracker

_TOGETHER: Together[Told, Tracked] = Together()  # one a process: its threads meet here


def service() -> Service:
    """How the service runs for the session's company."""
    return service_of(db.session(), services().settings)


def cache() -> Cache:
    """What keeps answers for a while."""
    return cache_of(services())


def tracker() -> Tracker:
    """What writes events down."""
    made = services()
    key, tell = made.settings.audit_secret(), made.trials.observed
    return Tracker(made.clock, made.auditor, cache(), key, tell, _TOGETHER)


def recommender() -> Recommender:
    """What answers recommendations."""
    made = services()
    return Recommender(made.clock, files_in(made.settings.instance))


def adviser() -> Adviser:
    """What answers recommendations, by the external recommender where there is one."""
    made = services()
    url, seconds = made.settings.recommendation_service_url, made.settings.recommendation_service_timeout
    there = Outside(url, seconds, made.store) if url else None
    return Adviser(recommender(), there, made.settings.audit_secret())
