"""Personalizing lessons from the command line, here and now: one job, watched line by line."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import click
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.cli import as_json, plainly
from webapp.core.jobs.models import ItemState, Job, JobItem, JobState
from webapp.core.jobs.steer import cancel
from webapp.core.services import services
from webapp.lessons.batch import Choice, rows_of, start_batch, sums_of, unknown_of
from webapp.lessons.choosing import read_numbers, read_users
from webapp.lessons.commands import COMPANY, COURSE, lessons, place
from webapp.lessons.lessons import lessons_of
from webapp.lessons.models import Course, Strategy

DEMO_LEARNER = "21179358"
LOOK_AGAIN = 0.2  # seconds
SKIPPED = frozenset({"current", "gone"})
Command = Callable[..., Any]


@dataclass
class Outcome:
    """What a run came to, as `--json` tells it."""

    items: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0

    def add(self, user_id: str, number: int | None, result: str, error: str | None = None) -> None:
        """Note how one lesson ended."""
        told = {"user_id": user_id, "lesson_number": number, "result": result, "error": error}
        self.items.append(told)

    @property
    def failed(self) -> int:
        """How many did not come to be."""
        return sum(one["result"] == "failed" for one in self.items)

    def told(self, *, cancelled: bool) -> dict[str, Any]:
        """The whole document."""
        skipped = self.skipped + sum(one["result"] in SKIPPED for one in self.items)
        written = sum(one["result"] not in {"failed", *SKIPPED} for one in self.items)
        document = {"done": written, "failed": self.failed, "skipped": skipped, "items": self.items}
        return {**document, "cancelled": cancelled, "success": not (self.failed or cancelled)}


class Lines:
    """What is said while it runs: plain lines in a pipe, a bar on a terminal."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.bar: Any = None

    @contextmanager
    def through(self, total: int) -> Iterator[Lines]:
        """Count up to the total."""
        if not self.out.isatty():
            self.say("progress", f"0 of {total}")
            yield self
            return
        with click.progressbar(length=total, file=self.out, label="Lessons") as self.bar:
            yield self
        self.bar = None

    def say(self, mark: str, text: str) -> None:
        """Print a status line: progress, success, error, deletion or completion."""
        click.echo(f"{mark}: {text}", file=self.out)

    def ended(self, seen: int, total: int, told: dict[str, Any]) -> None:
        """Tell of one more that ended."""
        if self.bar is not None:
            self.bar.update(1)
        where = f"{told['user_id']} lesson {told['lesson_number']}"
        if told["result"] == "failed":
            self.say("error", f"{where}: {told['error']}")
        elif self.bar is None:
            mark = "deletion" if told["result"] == "gone" else "success"
            self.say(mark, f"{where}: {told['result']} ({seen} of {total})")


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
    session: Session, who: Actor, choice: Choice, hands: int | None, lines: Lines, outcome: Outcome
) -> bool:
    """Start the job, work on it here and watch it; whether it was stopped."""
    made = services()
    # Nobody is rung for: this process works on it. Should it die, the sweeper finds the job a worker.
    starter = replace(made.starter, ring=lambda _job, _queue: None)
    job, _ = start_batch(session, who, choice, starter)
    runner = replace(made.runner, in_flight=hands) if hands else made.runner
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug's own way to the object

    def work() -> None:
        with app.app_context():
            runner.run(job.id)

    lines.say("progress", f"{job.title}, job {job.id}")
    worker = threading.Thread(target=work, name="personalize")
    with lines.through(job.total):
        worker.start()
        stopped = _watched(session, who, job.id, worker, lines, outcome)
    worker.join()
    return stopped


def _watched(
    session: Session, who: Actor, job_id: UUID, worker: threading.Thread, lines: Lines, outcome: Outcome
) -> bool:
    seen = set[UUID]()
    while True:
        try:
            ended = _ended(session, job_id)
            _tell(session, job_id, seen, lines, outcome)
            if ended:
                return ended is JobState.CANCELLED
            worker.join(LOOK_AGAIN)
        except KeyboardInterrupt:
            lines.say("progress", "stopping; what is written stays")
            cancel(session, who, job_id, services().starter)


def _ended(session: Session, job_id: UUID) -> JobState | None:
    """The job's last state, once it has one; another process may have taken it over."""
    session.rollback()
    state = session.scalar(select(Job.state).where(Job.id == job_id))
    assert state is not None
    return None if state.live else state


def _tell(session: Session, job_id: UUID, seen: set[UUID], lines: Lines, outcome: Outcome) -> None:
    """Note and print the items that ended since the last look."""
    ended = select(JobItem).where(JobItem.job_id == job_id, JobItem.state != ItemState.WAITING)
    total = session.scalar(select(Job.total).where(Job.id == job_id)) or 0
    for item in session.scalars(ended.order_by(JobItem.finished_at, JobItem.position)):
        if item.id in seen:
            continue
        seen.add(item.id)
        failed = item.state is ItemState.FAILED
        result = "failed" if failed else str(item.outcome.get("result", "published"))
        outcome.add(str(item.params["user_id"]), int(item.params["number"]), result, item.problem or None)
        lines.ended(len(seen), total, outcome.items[-1])
    session.commit()
