"""The command that has a running server personalize lessons, call by call, and says how it went."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from webapp.core.cli import as_json, plainly
from webapp.core.errors import BadRequest
from webapp.core.services import services
from webapp.lessons.choosing import read_numbers, read_users
from webapp.lessons.demo import DEMO_LEARNER
from webapp.lessons.driving import Call, Server, Wish, drive, report


@click.command("personalize-via-api")
@click.argument("user_ids", metavar="[USER_ID]...", nargs=-1)
@click.option("--url", default="", help="The server’s address; left out, this instance’s own.")
@click.option("--token", required=True, envvar="ATELIER_TOKEN", help="An API token; or ATELIER_TOKEN.")
@click.option(
    "--delay", default=1.0, show_default=True, type=click.FloatRange(0), help="Seconds between calls."
)
@click.option("--flush", is_flag=True, help="Have every lesson written anew.")
@click.option("--lessons", "numbers", default="", help="Such as 1,2,5-7; left out, all of the course.")
@click.option(
    "--users-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="More user ids: one a line, CSV with user_id, or a JSON list.",
)
@click.option(
    "--company", "company_key", default="", help="The company’s key or id; the token’s own if left out."
)
@click.option("--course", "course_key", default="", help="The course’s key or id, where there are several.")
@as_json
@plainly
def personalize_via_api(  # noqa: PLR0913  # each is an option
    user_ids: tuple[str, ...],
    url: str,
    token: str,
    delay: float,
    numbers: str,
    users_file: Path | None,
    company_key: str,
    course_key: str,
    *,
    flush: bool,
    as_json: bool,
) -> None:
    """Ask a running server for the lessons of each USER_ID (the demo's learner if none is given).

    It goes on after a failure, waits as long as the server asks it to, and tries a call five times at
    most. The status is 0 only when every lesson came.
    """
    server = Server(url or services().settings.address, token, company_key)
    users = tuple(dict.fromkeys([*user_ids, *(read_users(users_file) if users_file else ())]))
    lessons = tuple(read_numbers(numbers) if numbers else server.lessons(course_key))
    wish = Wish(users or (DEMO_LEARNER,), lessons, course_key, flush, delay)
    if not lessons:
        raise BadRequest("There is no lesson to ask for: the course has none.")
    stream = sys.stderr if as_json else sys.stdout
    found = report(list(_shown(drive(server, wish), len(wish), stream)))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo("\n".join(_summed(found)))
    if not found["success"]:
        sys.exit(1)


def _shown(calls: Iterator[Call], total: int, stream: TextIO) -> Iterator[Call]:
    """The calls as they end: a bar on a terminal, a line each in a pipe; failures are lines in both."""
    if not stream.isatty():
        for number, call in enumerate(calls, start=1):
            click.echo(f"{_line(call)}  [{number}/{total}]", file=stream)
            yield call
        return
    with click.progressbar(length=total, label="Personalizing", file=stream) as bar:
        for call in calls:
            if not call.answer.good:
                click.echo(f"\r\033[K{_line(call)}", file=stream)
            bar.update(1)
            yield call


def _line(call: Call) -> str:
    place = f"{call.user_id} lesson {call.lesson}"
    if not call.answer.good:
        return f"error    {place}: {call.answer.why}"
    notes = [word for word in ("cached", "stale") if call.answer.told.get(word)]
    notes += [f"{call.tries} tries"] if call.tries > 1 else []
    return f"success  {place}: {call.seconds * 1000:.0f} ms{', ' if notes else ''}{', '.join(notes)}"


def _summed(found: dict[str, Any]) -> list[str]:
    rows = [f"{'lesson':>6} {'served':>7} {'failed':>7} {'median ms':>10} {'p95 ms':>10}"]
    for one in [*found["lessons"], {**found, "lesson_number": "all"}]:
        times = (one["median_ms"], one["p95_ms"])
        middle, late = ("–" if value is None else f"{value:,.1f}" for value in times)
        rows.append(
            f"{one['lesson_number']:>6} {one['served']:>7} {one['failed']:>7} {middle:>10} {late:>10}"
        )
    end = (
        "Completed: every lesson came." if found["success"] else f"Completed with {found['failed']} failures."
    )
    return [*rows, end]
