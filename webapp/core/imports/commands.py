"""Imports from the command line: the same steps as on the pages, worked on at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.cli import as_json, operator, plainly, told
from webapp.core.db import db
from webapp.core.db.scope import company_of
from webapp.core.errors import BadRequest, DomainError
from webapp.core.imports.deeds import Importer, find_import
from webapp.core.imports.models import Import, ImportState
from webapp.core.imports.stage import Stage
from webapp.core.imports.work import kinds
from webapp.core.jobs.models import Job
from webapp.core.services import services

Confine = Callable[[Session, str], object]
MOST_TOLD = 100  # bad rows whose problems stand in the document
MOST_LINES = 10


@dataclass(frozen=True)
class Outcome:
    """What the command prints. `problems` are those of the first bad rows."""

    success: bool
    id: str
    kind: str
    written: bool
    rows: int
    created: int
    updated: int
    unchanged: int
    bad: int
    problems: tuple[dict[str, object], ...] = ()


def import_command(confined_to: Confine) -> click.Command:
    """The command; `confined_to` finds the company, which the core does not know."""

    @click.command("import")
    @click.argument("kind")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--company", "company_key", required=True, help="The company’s key or id.")
    @click.option("--dry-run", is_flag=True, help="Only say what it would do.")
    @click.option("--skip-bad-rows", is_flag=True, help="Write the good rows, leave out the others.")
    @as_json
    @plainly
    def run(
        kind: str,
        file: Path,
        company_key: str,
        *,
        dry_run: bool,
        skip_bad_rows: bool,
        as_json: bool,
    ) -> None:
        """Import the rows of FILE (CSV, JSON or JSON lines) of the kind KIND, such as contacts."""
        confined_to(db.session(), company_key)
        if not run_import(kind, file, dry_run=dry_run, skip_bad=skip_bad_rows, as_json=as_json):
            sys.exit(1)

    return run


def run_import(kind: str, file: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> bool:
    """Import a file into the session's company and print the outcome; answers whether all went well."""
    found = _import(db.session(), kind, file, dry_run=dry_run, skip_bad=skip_bad)
    well = not found.bad or skip_bad
    _tell(found, well, _problems(db.session(), found), as_json=as_json)
    return well


def _import(session: Session, name: str, file: Path, *, dry_run: bool, skip_bad: bool) -> Import:
    kind = kinds().get(name)
    if kind is None:
        raise BadRequest(f"There is nothing called {name} to import; there is {', '.join(sorted(kinds()))}.")
    made, who = services(), replace(operator(), company_id=company_of(session))
    # Nobody else is told of the job: this process works on it.
    quiet = replace(made.starter, ring=lambda *_: None)
    importer = Importer(made.settings, made.clock, made.auditor, quiet)
    with file.open("rb") as source:
        found = importer.upload(session, who, kind, source, file.name)
    importer.check(session, who, found.id, kind, found.mapping)
    found = _worked(session, who, found.id)
    if not dry_run and (skip_bad or not found.bad):
        importer.write(session, who, found.id, kind, skip_bad=skip_bad)
        found = _worked(session, who, found.id)
    return found


def _worked(session: Session, who: Actor, import_id: UUID) -> Import:
    """Do the import's job here. Raises DomainError with the job's own sentence when it failed."""
    job_id = find_import(session, import_id).job_id
    assert job_id is not None
    assert who.company_id is not None
    session.commit()
    services().runner.run(job_id)
    session.expire_all()
    job = session.get_one(Job, job_id)
    if job.failed:
        raise DomainError(job.problem, code=job.problem_code)
    return find_import(session, import_id)


def _problems(session: Session, found: Import) -> tuple[dict[str, object], ...]:
    """What is wrong with the first bad rows, row by row."""
    made = services()
    folder = Importer(made.settings, made.clock, made.auditor, made.starter).folder(session)
    if not found.bad or not found.staged:
        return ()
    with Stage(folder.path(found.staged)) as stage:
        rows = stage.page(("bad",), 0, MOST_TOLD)
    return tuple(
        {"row": row.number, "title": row.title, "column": place, "problem": why}
        for row in rows
        for place, why in row.problems
    )


def _tell(found: Import, well: bool, problems: tuple[dict[str, object], ...], *, as_json: bool) -> None:  # noqa: FBT001  # the outcome
    written = found.state is ImportState.DONE
    outcome = Outcome(
        well,
        str(found.id),
        found.kind,
        written,
        found.rows,
        found.creates,
        found.updates,
        found.unchanged,
        found.bad,
        problems,
    )
    did = "Written" if written else "Nothing is written"
    sentence = (
        f"{did}. {found.rows:,} rows: {found.creates:,} new, {found.updates:,} changed, "
        f"{found.unchanged:,} unchanged, {found.bad:,} wrong. See /imports/{found.id}"
    )
    told(asdict(outcome), sentence, as_json=as_json)
    if not as_json:
        for one in problems[:MOST_LINES]:
            click.echo(f"row {one['row']}: {one['problem']}", err=True)
