"""What all commands share: who acts, the company they act for, one JSON document on request."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from webapp.core.access import Actor, Permission
from webapp.core.errors import DomainError

Command = TypeVar("Command", bound=Callable[..., Any])
OPERATOR = "command line"


def operator() -> Actor:
    """Whoever has the machine acts with every right; the trail says it was a command."""
    return Actor(company_id=None, permissions=frozenset(Permission), name=OPERATOR)


def as_json(command: Command) -> Command:
    """Add `--json`: one machine-readable document on standard output instead of sentences."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def told(document: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """Print the outcome in the form asked for."""
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)


def _refused(message: str, code: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"success": False, "error": message, "code": code}, ensure_ascii=False))
    click.echo(message, err=True)
    sys.exit(1)


def plainly(command: Command) -> Command:
    """End with status 1 and a sentence when something cannot be done; never with a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except DomainError as error:
            _refused(error.message, error.code, as_json=bool(kwargs.get("as_json")))
        except (OperationalError, ProgrammingError) as error:
            message = f"The database does not serve: {error.orig}. Is it prepared? flask --app app db upgrade"
            _refused(message, "database", as_json=bool(kwargs.get("as_json")))

    return run  # type: ignore[return-value]  # functools.wraps keeps the signature
