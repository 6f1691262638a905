"""Templates between the database and a folder: what stands where, taking files in, writing them out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Company
from webapp.core.access import Actor
from webapp.core.audit import AuditAction, Auditor
from webapp.core.clock import Clock
from webapp.core.db import company_of, unit
from webapp.core.errors import DomainError
from webapp.lessons.facts import texts_of
from webapp.lessons.lessons import CODE, held_lesson, lessons_of
from webapp.lessons.models import Course, Lesson
from webapp.lessons.template_files import (
    FolderUnreadable,
    Named,
    Read,
    code_in,
    file_name,
    name_for,
    names_in,
    number_in,
    read_file,
    write_file,
)
from webapp.lessons.templates import template_differences, write_template


@dataclass(frozen=True)
class Line:
    """One lesson beside its file: which it is, what it says, what taking it in would change."""

    lesson: Lesson
    named: Named | None = None
    read: Read = field(default_factory=Read)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """`missing`, `unreadable`, `same` or `changed`."""
        if self.named is None:
            return "missing"
        if self.read.texts is None:
            return "unreadable"
        return "changed" if self.changes else "same"


@dataclass(frozen=True)
class Look:
    """A folder beside a course's lessons. `strays` look like templates of lessons that are not there."""

    folder: Path
    lines: tuple[Line, ...] = ()
    strays: tuple[str, ...] = ()
    problem: str = ""


@dataclass
class Report:
    """What became of it, by lesson number; `problems` are (number or none, file, sentence)."""

    done: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    without: list[int] = field(default_factory=list)
    problems: list[tuple[int | None, str, str]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The report for programs."""
        problems = [
            {"lesson_number": number, "file": name, "problem": why} for number, name, why in self.problems
        ]
        return {
            "done": self.done,
            "unchanged": self.unchanged,
            "without": self.without,
            "problems": problems,
            "success": not self.problems,
        }


def folder_of(session: Session, root: Path, course: Course) -> Path:
    """Where a course's files are: `root`, or the company's folder in it, and in that the course's.

    A folder of the company's key is used when there is one, and always when the instance has several
    companies: none sees another's files. Likewise for the company's courses.
    """
    company = session.get_one(Company, company_of(session))
    several = (session.scalar(select(func.count(Company.id))) or 0) > 1
    base = _inner(root, company.key, several=several)
    courses = session.scalar(select(func.count()).select_from(select(Course.id).limit(2).subquery())) or 0
    return _inner(base, course.key, several=courses > 1)


def _inner(base: Path, key: str, *, several: bool) -> Path:
    return base / key if several or (base / key).is_dir() else base


def look(session: Session, course: Course, folder: Path) -> Look:
    """Find and read each lesson's file. Whatever is wrong with folder or files is a sentence."""
    lessons = lessons_of(session, [course.id])[course.id]
    try:
        names = set(names_in(folder))
    except FolderUnreadable as error:
        return Look(folder, tuple(Line(lesson) for lesson in lessons), problem=str(error))
    lines = tuple(_line(folder, lesson, names) for lesson in lessons)
    numbers = {lesson.lesson_number for lesson in lessons} | {None}
    strays = [name for name in sorted(names) if number_in(name) not in numbers]
    return Look(folder, lines, tuple(strays))


def _line(folder: Path, lesson: Lesson, names: Collection[str]) -> Line:
    named = name_for(lesson.lesson_number, lesson.code, names)
    if named is None:
        return Line(lesson)
    read = read_file(folder, named.name)
    return Line(lesson, named, read, template_differences(lesson, read.texts) if read.texts else {})


def import_files(
    session: Session,
    actor: Actor,
    seen: Look,
    *,
    only: Collection[UUID] | None = None,
    clock: Clock,
    auditor: Auditor,
) -> Report:
    """Save what readable files say as new template versions, all in one transaction.

    A lesson that has no id of its own in files' names yet takes the one of its file.
    """
    report = Report(problems=[(number_in(name), name, _stray(name)) for name in seen.strays])
    if seen.problem:
        report.problems.append((None, str(seen.folder), seen.problem))
    with unit(session):
        for line in seen.lines:
            if only is None or line.lesson.id in only:
                _import(session, actor, line, report, clock, auditor)
    return report


def _stray(name: str) -> str:
    return f"The course has no lesson {number_in(name)}."


def _import(
    session: Session, actor: Actor, line: Line, report: Report, clock: Clock, auditor: Auditor
) -> None:
    number, named = line.lesson.lesson_number, line.named
    if named is None:
        report.without.append(number)
    elif line.read.texts is None:
        report.problems.append((number, named.name, line.read.problem))
    else:
        lesson = held_lesson(session, line.lesson.id)
        _take_code(session, actor, lesson, named.name, auditor)
        texts, reason = line.read.texts, f"From the file {named.name}"[:300]
        wrote = write_template(session, actor, lesson, texts, reason, clock=clock, auditor=auditor)
        (report.done if wrote else report.unchanged).append(number)


def _take_code(session: Session, actor: Actor, lesson: Lesson, name: str, auditor: Auditor) -> None:
    code = code_in(name, lesson.lesson_number)
    if lesson.code == lesson.id.hex and code != lesson.code and CODE.fullmatch(code):
        changes = {"code": (lesson.code, code)}
        lesson.code = code
        auditor.record(session, actor, AuditAction.LESSON_CHANGED, lesson, changes=changes)


def export_files(session: Session, actor: Actor, course: Course, folder: Path, *, auditor: Auditor) -> Report:
    """Write each lesson's own template to its file; lessons without one are left out.

    Raises DomainError when the folder cannot be written. Files written till then stay.
    """
    report, lessons = Report(), lessons_of(session, [course.id])[course.id]
    for lesson in lessons:
        if lesson.template_number == 0:
            report.without.append(lesson.lesson_number)
            continue
        try:
            name = file_name(lesson.lesson_number, lesson.code)
            write_file(folder, name, texts_of(lesson.template))
        except OSError as error:
            why = f"The folder {folder} cannot be written: {error.strerror}."
            raise DomainError(why, code="folder_unwritable") from None
        report.done.append(lesson.lesson_number)
    with unit(session):
        reason = f"{len(report.done)} files"
        auditor.record(session, actor, AuditAction.TEMPLATES_EXPORTED, course, reason=reason)
    return report


def summed(report: Report, *, verb: str) -> Iterator[str]:
    """The report as lines for people."""
    yield f"{_lessons(report.done)} {verb}."
    if report.unchanged:
        yield f"{_lessons(report.unchanged)} unchanged."
    if report.without:
        what = "had no file" if verb == "imported" else "had no template of their own"
        yield f"{_lessons(report.without)} {what}."
    for _, name, why in report.problems:
        yield f"{name}: {why}"


def _lessons(numbers: list[int]) -> str:
    return f"{len(numbers)} lesson{'' if len(numbers) == 1 else 's'}"
