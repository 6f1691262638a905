"""Export and erasure from the command line, and erasures done again after a restore."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.accounts.by_command import place, quiet_starter, worked
from webapp.core.cli import as_json, plainly, told
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.jobs.models import Job
from webapp.core.services import services
from webapp.core.text import plural
from webapp.privacy.models import PrivacyRequest, RequestKind, RequestState
from webapp.privacy.replay import replay
from webapp.privacy.requests import Requests, find_request
from webapp.privacy.work import KINDS, folder

privacy = AppGroup("privacy", help="Everything of a person: exported, erased.")
COMPANY = click.option("--company", "company_key", required=True, help="The company’s key or id.")


@privacy.command("export")
@click.argument("user_id")
@COMPANY
@click.option(
    "--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The zip to write."
)
@as_json
@plainly
def export_command(user_id: str, company_key: str, target: Path, *, as_json: bool) -> None:
    """Write everything of a person, by user id or e-mail address, into a zip."""
    found = _done(RequestKind.EXPORT, user_id, company_key)
    target.touch(mode=0o600)
    shutil.copyfile(folder(db.session()).path(found.file), target)
    rows = sum(found.report.values())
    document = {"success": True, "request": str(found.id), "file": str(target), "report": found.report}
    told(document, f"{plural(rows, 'record')} written to {target}.", as_json=as_json)


@privacy.command("erase")
@click.argument("user_id")
@COMPANY
@click.option("--yes", is_flag=True, help="Do not ask for the user id once more.")
@as_json
@plainly
def erase_command(user_id: str, company_key: str, *, yes: bool, as_json: bool) -> None:
    """Take a person, by user id or e-mail address, out of everything, for good."""
    if not yes and click.prompt("This cannot be undone. Type the same once more", err=True) != user_id:
        raise DomainError("Not the same: nothing was erased.", code="not_confirmed")
    found = _done(RequestKind.ERASE, user_id, company_key)
    document = {"success": True, "request": str(found.id), "report": found.report}
    lines = [f"{count:,} {name}" for name, count in found.report.items()]
    told(document, "\n".join(["Erased. Removed or anonymised:", *lines]), as_json=as_json)


@privacy.command("replay")
@as_json
@plainly
def replay_command(*, as_json: bool) -> None:
    """Erase again whoever stands in a database that was put back, although they were erased."""
    done = replay(db.session())
    sentence = "\n".join(f"{key}: {plural(count, 'person')} erased again" for key, count in done.items())
    told({"success": True, "companies": done}, sentence or "There is no company.", as_json=as_json)


def _done(kind: RequestKind, user_id: str, company_key: str) -> PrivacyRequest:
    """Ask, and work on it here and now. Ends with status 1 where it could not be done."""
    session, who = place(company_key)
    made = services()
    requests = Requests(made.clock, made.auditor, quiet_starter(), KINDS)
    asked = requests.ask(session, who, kind, user_id)
    started = requests.start(session, who, asked.id, confirmed=asked.known_as)
    request_id, job = asked.id, session.get_one(Job, started.job_id)
    worked(session, who, job)
    found = find_request(session, request_id)
    if found.state is not RequestState.DONE:
        click.echo(found.problem or "Another process is at it.", err=True)
        sys.exit(1)
    return found
