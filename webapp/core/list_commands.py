"""Lists from the command line: the same files as on their pages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

import click
from sqlalchemy.orm import Session

from webapp.core.audit import AuditAction
from webapp.core.cli import operator, plainly
from webapp.core.db import db, unit
from webapp.core.db.scope import company_of
from webapp.core.errors import BadRequest
from webapp.core.list_desk import ListDesk
from webapp.core.services import services

Confine = Callable[[Session, str], object]


def export_command(confined_to: Confine) -> click.Command:
    """The command; `confined_to` finds the company, which the core does not know."""

    @click.command("export")
    @click.argument("name", metavar="LIST")
    @click.option("--company", "company_key", required=True, help="The company’s key or id.")
    @click.option(
        "--query", default="", help="The list’s search and filters as in its address: q=a&industry=…"
    )
    @click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
    @plainly
    def run(name: str, company_key: str, query: str, form: str) -> None:
        """Write the rows of LIST, such as contacts, to standard output."""
        confined_to(db.session(), company_key)
        desk, session = _desk(name), db.session()
        company_id = company_of(session)
        with unit(session):
            who = replace(operator(), company_id=company_id)
            services().auditor.record(session, who, AuditAction.LIST_EXPORTED, desk, reason=desk.name)
        rows = desk.rows(db.engine, company_id, dict(parse_qsl(query)))
        for part in desk.as_json(rows) if form == "json" else desk.as_csv(rows):
            sys.stdout.buffer.write(part)

    return run


def _desk(name: str) -> ListDesk:
    desks = {desk.name: desk for area in services().areas for desk in area.desks}
    if name not in desks:
        raise BadRequest(f"There is no list called {name}; there is {', '.join(sorted(desks))}.")
    return desks[name]
