"""Lessons from the command line: learners and templates in, templates out."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from webapp.accounts.commands import confined_to
from webapp.core.access import Actor
from webapp.core.cli import as_json, operator, plainly, told
from webapp.core.db import db
from webapp.core.imports.commands import run_import
from webapp.core.services import services
from webapp.lessons.api_command import personalize_via_api
from webapp.lessons.courses import course_named
from webapp.lessons.models import Course
from webapp.lessons.template_exchange import Report, export_files, import_files, look, summed

lessons = AppGroup("lessons", help="Lessons: templates, learners, and what is written for them.")
lessons.add_command(personalize_via_api)
COMPANY = click.option("--company", "company_key", required=True, help="The company’s key or id.")
COURSE = click.option(
    "--course", "course_key", default="", help="The course’s key or id; may be left out where there is one."
)


@lessons.command("import-templates")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@COMPANY
@COURSE
@as_json
@plainly
def import_templates_command(folder: Path, company_key: str, course_key: str, *, as_json: bool) -> None:
    """Save the template files of DIR as new versions of the course's templates.

    A lesson's file is found by its number: {n}-{n}-{id}-final.json, {n}-{n}-*-final.json,
    {n}-{id}-final.json, lesson-{n}.json, {n}.json; the first form that is there wins.
    """
    session, who, course = place(company_key, course_key)
    made, seen = services(), look(session, course, folder)
    report = import_files(session, who, seen, clock=made.clock, auditor=made.auditor)
    _tell(course, report, "imported", as_json=as_json)


@lessons.command("export-templates")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@COMPANY
@COURSE
@as_json
@plainly
def export_templates_command(folder: Path, company_key: str, course_key: str, *, as_json: bool) -> None:
    """Write the course's templates into DIR, one file {n}-{n}-{id}-final.json for each lesson."""
    session, who, course = place(company_key, course_key)
    report = export_files(session, who, course, folder, auditor=services().auditor)
    _tell(course, report, "exported", as_json=as_json)


@lessons.command("import-learners")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@COMPANY
@click.option(
    "--course", "course_key", default="", help="Must exist when named; learners belong to no course."
)
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@click.option("--skip-bad-rows", is_flag=True, help="Write the good rows, leave out the others.")
@as_json
@plainly
def import_learners_command(
    file: Path, company_key: str, course_key: str, *, dry_run: bool, skip_bad_rows: bool, as_json: bool
) -> None:
    """Import learners with their surveys from FILE (CSV, JSON or JSON lines).

    Columns: user_id, name, email, the six survey questions; further columns are kept as survey answers.
    """
    confined_to(db.session(), company_key)
    if course_key:
        course_named(db.session(), course_key)
    if not run_import("learners", file, dry_run=dry_run, skip_bad=skip_bad_rows, as_json=as_json):
        sys.exit(1)


def place(company_key: str, course_key: str) -> tuple[Session, Actor, Course]:
    """Where a command works: the session in the company, who acts, the course."""
    session = db.session()
    company = confined_to(session, company_key)
    return session, replace(operator(), company_id=company.id), course_named(session, course_key)


def _tell(course: Course, report: Report, verb: str, *, as_json: bool) -> None:
    document = {"course": course.key, **report.told()}
    told(document, "\n".join(summed(report, verb=verb)), as_json=as_json)
    if report.problems:
        sys.exit(1)
