"""Personalizing lessons from the command line, here and now: one job, watched line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.cli import as_json, plainly
from webapp.core.jobs.steer import cancel
from webapp.core.services import services
from webapp.lessons.batch import Choice, rows_of, start_batch, sums_of, unknown_of
from webapp.lessons.choosing import read_numbers, read_users
from webapp.lessons.commands import COMPANY, COURSE, lessons, place
from webapp.lessons.demo import DEMO_LEARNER
from webapp.lessons.lessons import lessons_of
from webapp.lessons.models import Course, Strategy
from webapp.lessons.watching import Hands, Lines, Outcome, Watch

Command = Callable[..., Any]


def making(strategy: Strategy) -> Callable[[Command], Command]:
    """The arguments that both commands share."""

    def add(command: Command) -> Command:
        options: tuple[Any, ...] = (
            click.argument("user_ids", nargs=-1, metavar="[USER_ID]..."),
            COMPANY,
            COURSE,
            click.option("--lessons", "numbers", default="", help="Only these: 1,3-5. All when left out."),
            click.option(
                "--users-file",
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help="A file of user ids: one a line, a CSV with a column user_id, or a JSON list.",
            ),
            click.option("--stale-only", is_flag=True, help="Only what is missing or stale."),
            click.option(
                "--concurrency",
                type=click.IntRange(1, 32),
                help="So many lessons at once (the setting LLM_IN_FLIGHT when left out).",
            ),
        )
        if strategy is Strategy.TEMPLATE:
            flush = click.option("--flush", is_flag=True, help="Ask anew, although it was answered before.")
            basic = click.option(
                "--fall-back", is_flag=True, help="Write the basic version where the AI service fails."
            )
            options = (*options, flush, basic)
        for option in reversed((*options, as_json, plainly)):
            command = option(command)
        return command

    return add


@lessons.command("personalize-basic")
@making(Strategy.BASIC)
def personalize_basic_command(**given: Any) -> None:
    """Write lessons by rules for the learners USER_ID… (the demo learner when none is named)."""
    _make(Strategy.BASIC, **given)


@lessons.command("personalize")
@making(Strategy.TEMPLATE)
def personalize_command(**given: Any) -> None:
    """Rewrite lessons’ templates for the learners USER_ID… (the demo learner when none is named)."""
    _make(Strategy.TEMPLATE, **given)


def _make(strategy: Strategy, **given: Any) -> None:
    session, who, course = place(given["company_key"], given["course_key"])
    lines, outcome = Lines(sys.stderr if given["as_json"] else sys.stdout), Outcome()
    choice = _choice(session, course, strategy, outcome, given)
    for told in outcome.items:
        number = f" lesson {told['lesson_number']}" if told["lesson_number"] is not None else ""
        lines.say("error", f"{told['user_id']}{number}: {told['error']}")
    cancelled = False
    if choice is not None:
        outcome.skipped = _left_out(session, choice)
        if rows_of(session, choice, 1):
            cancelled = _run(session, who, choice, given["concurrency"], lines, outcome)
    document = outcome.told(cancelled=cancelled)
    words = "{done} written, {failed} failed, {skipped} current already".format(**document)
    lines.say("completion", f"stopped; {words}" if cancelled else words)
    if given["as_json"]:
        click.echo(json.dumps(document, ensure_ascii=False))
    if not document["success"]:
        sys.exit(1)


def _choice(
    session: Session, course: Course, strategy: Strategy, outcome: Outcome, given: dict[str, Any]
) -> Choice | None:
    """What is to be written; what is unknown is put into the outcome as failed."""
    named = [*given["user_ids"], *(read_users(given["users_file"]) if given["users_file"] else ())]
    named = list(dict.fromkeys(named)) or [DEMO_LEARNER]
    unknown = unknown_of(session, named)
    for one in unknown:
        outcome.add(one, None, "failed", "There is no person with this user_id.")
    there = {one.lesson_number: one.id for one in lessons_of(session, [course.id])[course.id]}
    numbers = read_numbers(given["numbers"]) or sorted(there)
    for number in (one for one in numbers if one not in there):
        outcome.add("-", number, "failed", "There is no lesson of this number.")
    chosen = tuple(there[number] for number in numbers if number in there)
    known = tuple(one for one in named if one not in set(unknown))
    if not chosen or not known:
        return None
    return Choice(
        course_id=course.id,
        lessons=chosen,
        learners="list",
        identifiers=known,
        only="stale" if given["stale_only"] else "all",
        strategy=strategy,
        fall_back=given.get("fall_back", False),
        fresh=given.get("flush", False),
    )


def _left_out(session: Session, choice: Choice) -> int:
    """How many of the lessons asked for are current."""
    if choice.only == "all":
        return 0
    return sums_of(session, replace(choice, only="all")).items - sums_of(session, choice).items


def _run(
    session: Session, who: Actor, choice: Choice, in_flight: int | None, lines: Lines, outcome: Outcome
) -> bool:
    """Start the job, work on it here and watch it; whether it was stopped."""
    made = services()
    # Nobody is rung for: this process works on it. Should it die, the sweeper finds the job a worker.
    starter = replace(made.starter, ring=lambda _job, _queue: None)
    job, new = start_batch(session, who, choice, starter)
    runner = replace(made.runner, in_flight=in_flight) if in_flight else made.runner
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug's own way to the object

    job_id = job.id

    def hire() -> Hands:
        return Hands(app, runner, job_id)

    lines.say("progress", f"{job.title}, job {job_id}")
    if not new:
        lines.say("progress", "the same is at work already; following it")
    watch = Watch(session, made.clock, job_id, hire, lines, outcome)
    with lines.through(job.total):
        return watch.followed(lambda: cancel(session, who, job_id, made.starter), ours=new)
