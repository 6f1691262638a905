"""What a monitor reads: requests and sign-ins as the processes count them, and what the rows say."""

from __future__ import annotations

import hmac
import os
import time

from flask import Blueprint, Flask, current_app, g, request
from werkzeug.wrappers import Response

from webapp.core.access import Permission, admits_itself, requires
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.services import services

pages = Blueprint("metrics", __name__)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the processes add up; the library looks for it when it is loaded
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Measures:
    """The counters of one application."""

    def __init__(self) -> None:
        # Loaded here and not above: the folder must be named before.
        from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415

        self.registry = CollectorRegistry()
        self._requests = Counter(
            "atelier_requests", "Requests answered.", ["method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "atelier_request_seconds",
            "How long requests took.",
            ["part"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._refused = Counter("atelier_sign_in_failures", "Sign-ins refused.", registry=self.registry)

    def answered(self, answer: Response, seconds: float) -> None:
        """Count a request, and its seconds by the part of the application."""
        method = request.method if request.method in METHODS else "other"
        self._requests.labels(method, str(answer.status_code)).inc()
        self._seconds.labels(request.blueprint or "none").observe(seconds)
        if request.endpoint == "accounts.enter" and answer.status_code in {422, 429}:
            self._refused.inc()


def measure(app: Flask) -> None:
    """Count each request of the application."""
    measures = app.extensions["atelier.measures"] = Measures()

    @app.before_request
    def _begin() -> None:
        g.measured_from = time.perf_counter()

    @app.after_request
    def _count(answer: Response) -> Response:
        measures.answered(answer, time.perf_counter() - g.get("measured_from", time.perf_counter()))
        return answer


@pages.get("/metrics")
@requires(Permission.PUBLIC)
@admits_itself
def metrics() -> Response:
    """Answer all figures to whoever brings METRICS_TOKEN; without the setting there is no such page."""
    token = services().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound("There is nothing at this address.")
    return Response(_counted() + _rows(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _counted() -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415  # see Measures
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    if not os.environ.get(FOLDER):
        return generate_latest(current_app.extensions["atelier.measures"].registry)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's
    return generate_latest(registry)


def _rows() -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415  # see Measures

    from webapp.core.metrics_rows import Rows  # noqa: PLC0415

    registry = CollectorRegistry()
    registry.register(Rows(db.session(), services().clock.now()))
    return generate_latest(registry)
