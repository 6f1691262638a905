"""Commands around the AI service."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.core.llm.stand_in import serve

llm = AppGroup("llm", help="The AI service.")


@llm.command("stand-in")
@click.option("--port", type=click.IntRange(1, 65535), default=9100, show_default=True)
@click.option(
    "--mode", default="ok", show_default=True, help="ok, slow, 429, quota, 500, hang, reset, malformed, …"
)
@click.option(
    "--delay", type=click.FloatRange(0), default=0.5, show_default=True, help="Seconds a slow answer takes."
)
@click.option(
    "--failing",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="The share of calls that fail, by each way in turn.",
)
def stand_in(port: int, mode: str, delay: float, failing: float) -> None:
    """Serve a scripted stand-in for an OpenAI-compatible server until Ctrl-C."""
    try:
        serve(port, mode, delay, failing)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--mode") from None
