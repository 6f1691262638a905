"""What the preview page shows of one lesson and one learner: plain values, read in a few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.diff import Token, diff
from webapp.core.jobs.models import Job
from webapp.lessons.basis import Basis
from webapp.lessons.content import Content, content_of, content_of_row
from webapp.lessons.facts import Finding, Section, Severity
from webapp.lessons.models import (
    HELD,
    WAITING,
    Lesson,
    PersonalLesson,
    PersonalLessonVersion,
    Proposal,
)
from webapp.lessons.queue import neighbours
from webapp.lessons.trials import Asked, find_trial
from webapp.lessons.turns import holder
from webapp.lessons.work import published
from webapp.people.questions import question_label

LONGEST_SHOWN = 160  # characters of an answer beside the text
MOST_VERSIONS = 20
ORDER = (Severity.FIX, Severity.LOOK, Severity.OK)


@dataclass(frozen=True)
class Pair:
    """One section: the template's text, the learner's with its changes marked, and what it took up."""

    label: str
    template: str
    tokens: tuple[Token, ...]
    text: str
    taken_up: tuple[str, ...]
    findings: tuple[Finding, ...]
    missing: bool


@dataclass(frozen=True)
class Said:
    """A survey answer and the sections that took it up."""

    label: str
    answer: str
    more: bool
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """The page. `which` says what stands on the right: published, candidate, blocked, trial or none.

    `version` is the published row's, 0 when there is none; `writing` the job that is at it.
    """

    basis: Basis
    row: PersonalLesson | None
    which: str
    content: Content | None
    proposal: Proposal | None
    waiting: Proposal | None
    asked: Asked | None
    job: Job | None
    pairs: tuple[Pair, ...]
    findings: tuple[Finding, ...]
    survey: tuple[Said, ...]
    stale: tuple[str, ...]
    versions: tuple[PersonalLessonVersion, ...]
    previous: str | None
    next: str | None
    approved: int
    lessons: int

    @property
    def version(self) -> int:
        """The published row's version, as forms send it back."""
        return self.row.version if self.row else 0

    @property
    def red(self) -> tuple[Finding, ...]:
        """The failed hard checks of the text that is shown."""
        return self.content.red if self.content else ()


def read_preview(session: Session, actor: Actor, basis: Basis, shown: Mapping[str, str]) -> Preview:
    """Read the page that `shown` (trial, see, show of the address) asks for."""
    row = published(session, (basis.person_id, basis.lesson_id))
    trial = find_trial(session, actor, UUID(shown["trial"])) if _is_id(shown.get("trial", "")) else None
    waiting = waiting_beside(session, basis)
    see = waiting if waiting and (shown.get("see") == "waiting" or row is None) else None
    proposal = trial or see
    asked = Asked.of(trial.asked) if trial else None
    effective = asked.applied(basis) if asked else basis
    content = _content(row, proposal)
    before, after = neighbours(session, basis, shown.get("show", "all"))
    approved, lessons = _progress(session, basis)
    return Preview(
        basis=effective,
        row=row,
        which=proposal.kind.value if proposal else ("published" if row else "none"),
        content=content,
        proposal=proposal,
        waiting=waiting,
        asked=asked,
        job=_job(session, basis, trial),
        pairs=_pairs(effective, content),
        findings=tuple(
            sorted(content.findings, key=lambda one: ORDER.index(one.severity)) if content else ()
        ),
        survey=_survey(effective, content),
        stale=basis.why_stale(row) if row else (),
        versions=_versions(session, row),
        previous=before,
        next=after,
        approved=approved,
        lessons=lessons,
    )


def _is_id(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True


def waiting_beside(session: Session, basis: Basis) -> Proposal | None:
    """The candidate or blocked text that waits for this lesson."""
    pair = (Proposal.person_id == basis.person_id, Proposal.lesson_id == basis.lesson_id)
    newest = select(Proposal).where(*pair, Proposal.kind.in_(WAITING)).order_by(Proposal.id.desc())
    return session.scalar(newest.limit(1))


def _content(row: PersonalLesson | None, proposal: Proposal | None) -> Content | None:
    if proposal is not None:
        return content_of(proposal.content) if proposal.content else None
    return content_of_row(row) if row else None


def _job(session: Session, basis: Basis, trial: Proposal | None) -> Job | None:
    """The job of the trial that is shown, or the one that writes the lesson at this moment."""
    if trial is not None:
        return session.get(Job, trial.job_id) if trial.job_id and not trial.content else None
    running = holder(session, (basis.person_id, basis.lesson_id))
    return session.get(Job, running) if running else None


def _pairs(basis: Basis, content: Content | None) -> tuple[Pair, ...]:
    template = basis.brief.template.as_dict()
    texts = content.texts.as_dict() if content else {}
    pairs = []
    for section in Section:
        before, after = template[section.value], texts.get(section.value, "")
        if not before and not after:
            continue
        taken = [one for one in content.taken_up if one.section is section] if content else []
        found = [one for one in content.findings if one.section == section.value] if content else []
        pairs.append(
            Pair(
                label=section.label,
                template=before,
                tokens=tuple(one for one in diff(before, after) if one.kind != "del"),
                text=after,
                taken_up=tuple(question_label(one.answer) for one in taken),
                findings=tuple(one for one in found if one.severity is not Severity.OK),
                missing=content is not None and not after,
            )
        )
    return tuple(pairs)


def _survey(basis: Basis, content: Content | None) -> tuple[Said, ...]:
    places: dict[str, list[str]] = {}
    for one in content.taken_up if content else ():
        places.setdefault(one.answer, []).append(one.section.label)
    return tuple(
        Said(
            question_label(question),
            answer[:LONGEST_SHOWN],
            len(answer) > LONGEST_SHOWN,
            tuple(places.get(question, ())),
        )
        for question, answer in basis.brief.learner.answers.items()
    )


def _versions(session: Session, row: PersonalLesson | None) -> tuple[PersonalLessonVersion, ...]:
    if row is None:
        return ()
    mine = select(PersonalLessonVersion).where(PersonalLessonVersion.personal_lesson_id == row.id)
    return tuple(session.scalars(mine.order_by(PersonalLessonVersion.number.desc()).limit(MOST_VERSIONS)))


def _progress(session: Session, basis: Basis) -> tuple[int, int]:
    """How many of the course's lessons somebody approved or edited for this learner, and of how many."""
    course = select(Lesson.course_id).where(Lesson.id == basis.lesson_id).scalar_subquery()
    lessons = session.scalar(select(func.count(Lesson.id)).where(Lesson.course_id == course)) or 0
    done = session.scalar(
        select(func.count(PersonalLesson.id))
        .join(Lesson, Lesson.id == PersonalLesson.lesson_id)
        .where(
            Lesson.course_id == course,
            PersonalLesson.person_id == basis.person_id,
            PersonalLesson.state.in_(HELD),
        )
    )
    return done or 0, lessons


def comparison(session: Session, row: PersonalLesson, number: int) -> dict[str, Any]:
    """What became of each section between that version and the published one."""
    mine = (PersonalLessonVersion.personal_lesson_id == row.id, PersonalLessonVersion.number == number)
    old = session.scalar(select(PersonalLessonVersion).where(*mine))
    if old is None:
        return {}
    before, after = content_of(old.content).texts.as_dict(), content_of_row(row).texts.as_dict()
    return {
        Section(name).label: diff(before[name], after[name]) for name in after if before[name] != after[name]
    }
