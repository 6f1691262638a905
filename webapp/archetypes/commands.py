"""Archetypes from the command line: find them all anew, try a version of the rules on the stored history."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.by_command import place, quiet_starter, worked
from webapp.archetypes.models import RecalculationLog, RuleSet
from webapp.archetypes.recalculating import start_recalculation
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.ruleset import Rules
from webapp.archetypes.simulating import latest_simulation, simulate, start_simulation
from webapp.archetypes.simulation_words import caveats, verdict
from webapp.core.access import Actor
from webapp.core.cli import as_json, plainly, told
from webapp.core.errors import Conflict, DomainError
from webapp.core.jobs.models import Job, JobState
from webapp.core.services import services
from webapp.core.text import plural

archetypes = AppGroup("archetypes", help="Archetypes: members found anew, rules tried on history.")
COMPANY = click.option("--company", "company_key", required=True, help="The company’s key or id.")


@archetypes.command("recalculate")
@COMPANY
@click.option("--all", "everyone", is_flag=True, help="Everybody, not only those no longer fresh.")
@as_json
@plainly
def recalculate_command(company_key: str, *, everyone: bool, as_json: bool) -> None:
    """Find members' archetypes anew, here and now, to the end."""
    session, who = place(company_key)
    size = services().settings.archetype_set
    job = start_recalculation(session, who, quiet_starter(), everyone=everyone, size=size)
    state = worked(session, who, job)
    if state.live:
        raise Conflict(f"Another process recalculates already: job {job.id}.")
    run = session.scalars(select(RecalculationLog).where(RecalculationLog.job_id == job.id)).one()
    names = ("found", "processed", "changed", "unchanged", "kept", "failed", "reverted")
    document: dict[str, Any] = {name: getattr(run, name) for name in names}
    document |= {"success": state is JobState.DONE and not run.failed, "failures": run.failures}
    told(
        document,
        f"{plural(run.processed, 'member')} found, {run.changed:,} changed, {run.unchanged:,} unchanged, "
        f"{run.failed:,} failed, {run.kept:,} overrides kept.",
        as_json=as_json,
    )
    if not document["success"]:
        sys.exit(1)


@archetypes.command("simulate")
@COMPANY
@click.option(
    "--rules",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A version as JSON; nothing of it is stored. The newest draft when left out.",
)
@as_json
@plainly
def simulate_command(company_key: str, file: Path | None, *, as_json: bool) -> None:
    """Say what a version of the rules would have done with two years of requests, beside the one in force."""
    session, who = place(company_key)
    state = state_of(session)
    number, found = _of_file(session, file) if file else _of_draft(session, who)
    document = {"success": True, "version": number or None, "against": state.number, **found}
    sentence = verdict(found, number, state.number) if number else _without_number(found, state.number)
    told(document, "\n".join([sentence, *caveats(found)]), as_json=as_json)


def _of_file(session: Session, file: Path) -> tuple[int, dict[str, Any]]:
    try:
        rules = Rules.model_validate(json.loads(file.read_bytes()))
    except (ValueError, ValidationError) as error:
        raise DomainError(f"{file.name} holds no version of the rules: {error}", code="invalid") from None
    return 0, simulate(session, state_of(session), rules, services().clock.now())


def _of_draft(session: Session, who: Actor) -> tuple[int, dict[str, Any]]:
    newest = select(RuleSet).where(RuleSet.published_at.is_(None)).order_by(RuleSet.number.desc())
    draft = session.scalar(newest.limit(1))
    if draft is None:
        raise DomainError("There is no draft of the rules to simulate. Name a file with --rules.")
    set_id, number = draft.id, draft.number
    job = start_simulation(session, who, draft, quiet_starter())
    state = worked(session, who, job)
    done = latest_simulation(session, set_id)
    if state is not JobState.DONE or done is None:
        why = session.get_one(Job, job.id).problem or "the log has the details"
        raise DomainError(f"The simulation did not come to its end: {why}", code="broken_off")
    return number, done.result


def _without_number(found: dict[str, Any], against: int) -> str:
    return verdict(found, 0, against).replace("Version 0 would", "These rules would", 1)
