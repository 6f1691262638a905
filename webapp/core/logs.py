"""Structured logs: readable in development, JSON in production, one id from request to job to call."""

from __future__ import annotations

import logging
import sys
import time

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

from webapp.settings import Settings

# Without the values of local variables: passwords, tokens and prompts are among them.
PLAIN_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure_logs(settings: Settings) -> None:
    """Set the process's logging up; everything goes to standard error."""
    logging.basicConfig(stream=sys.stderr, level=settings.log_level, format="%(message)s")
    logging.getLogger("rq").setLevel("WARNING")
    logging.getLogger("alembic").setLevel("WARNING")
    logging.getLogger("httpx2").setLevel("WARNING")
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = (
        [PLAIN_TRACEBACKS, structlog.processors.JSONRenderer()]
        if settings.production
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, *last],  # type: ignore[list-item]  # renderers and processors share a protocol
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),  # whatever it is at that moment
        cache_logger_on_first_use=False,
    )


def told_path() -> str:
    """Answer the request's address as logs may hold it: ids of rows stand in it, texts do not.

    A link that is a secret, and a company's own id of a person, are told by the rule they came by; of an
    address that leads nowhere the first step is told.
    """
    rule = request.url_rule
    if rule is None:
        return "/".join(request.path.split("/")[:2]) + ("/…" if request.path.count("/") > 1 else "")
    texts = any(isinstance(value, str) for value in (request.view_args or {}).values())
    return str(rule) if texts else request.path


def log_requests(app: Flask) -> None:
    """Write a line for each answer: method, path without its query, status, milliseconds."""
    log = structlog.get_logger()

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _line(answer: Response) -> Response:
        if request.endpoint != "static" and not (request.endpoint or "").endswith(".static"):
            ms = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
            log.info("request", method=request.method, path=told_path(), status=answer.status_code, ms=ms)
        return answer
