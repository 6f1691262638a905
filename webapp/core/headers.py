"""The headers on every answer: a strict content policy, no sniffing, no framing, no caching of pages."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.wrappers import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
SECURE = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
UNKEPT = {"Cache-Control": "no-store"}


def dress_answers(app: Flask, *, secure: bool) -> None:
    """Add the headers to every answer of the application."""
    usual = {**HEADERS, **(SECURE if secure else {})}

    @app.after_request
    def _dress(answer: Response) -> Response:
        own = {name.lower() for name in answer.headers.keys()}  # noqa: SIM118  # these are not a dict's
        asset = f".{request.endpoint}".endswith(".static")
        wanted = usual if asset else {**usual, **UNKEPT}
        told = [(name, value) for name, value in wanted.items() if name.lower() not in own]
        answer.headers.extend([*told, ("X-Request-ID", g.get("request_id", ""))])
        return answer
