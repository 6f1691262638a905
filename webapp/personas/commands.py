"""Personas from the command line: import documents of earlier shapes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.accounts.commands import confined_to
from webapp.core.cli import as_json, operator, plainly, told
from webapp.core.db import db
from webapp.core.services import services
from webapp.personas.legacy_import import import_legacy, look_through
from webapp.personas.saving import Saver

personas = AppGroup("personas", help="Personas.")


@personas.command("import-legacy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--company", "company_key", required=True, help="The company’s key or id.")
@click.option("--contact", default="", help="E-mail of the contact for analyses that name none.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
@as_json
@plainly
def import_legacy_command(
    file: Path,
    company_key: str,
    contact: str,
    dry_run: bool,  # noqa: FBT001  # click hands it over
    as_json: bool,  # noqa: FBT001  # click hands it over
) -> None:
    """Import persona and bd_intels documents of earlier shapes from FILE (JSON, or one document a line)."""
    company = confined_to(db.session(), company_key)
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    if dry_run:
        report = look_through(db.session(), text, contact)
    else:
        who = replace(operator(), company_id=company.id)
        report = import_legacy(db.session(), who, text, Saver(services().clock, services().auditor), contact)
    refused = "".join(
        f"\nDocument {line.read.number}: {' '.join(line.why)}"
        for line in report.lines
        if line.state == "refused"
    )
    done = report.count("ready") if dry_run else report.count("imported")
    verb = "would be imported" if dry_run else "imported"
    sentence = (
        f"{done} of {len(report.lines)} documents {verb}, {report.count('known')} known already.{refused}"
    )
    told(report.told(), sentence, as_json=as_json)
