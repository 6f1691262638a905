"""The preview: one lesson for one learner beside its template; try, edit, approve, restore, go on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from webapp.core.access import Permission, requires
from webapp.core.db import db, unit
from webapp.core.errors import BadRequest, Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor
from webapp.core.htmx import asks_for_part, go, go_to, render
from webapp.core.jobs.models import Job
from webapp.core.jobs.start import NewItem
from webapp.core.jobs.views import JobView, view_of
from webapp.core.looking import looked_at
from webapp.core.record_forms import blamed, clients, now_at
from webapp.core.services import services
from webapp.lessons.basis import Basis, read_basis
from webapp.lessons.blueprint import pages
from webapp.lessons.content import content_of, content_of_row
from webapp.lessons.courses import course_named
from webapp.lessons.facts import LessonTexts, Section
from webapp.lessons.html import lesson_html
from webapp.lessons.lessons import lesson_numbered
from webapp.lessons.models import Course, Proposal, ProposalKind, Strategy
from webapp.lessons.preview import comparison, read_preview, waiting_beside
from webapp.lessons.preview_forms import TextForm, TrialForm
from webapp.lessons.queue import SHOWN, first_learner, first_of
from webapp.lessons.review import Reviewing
from webapp.lessons.trials import start_trial
from webapp.lessons.work import SERVE, published
from webapp.people.persons import find_person

KEPT = ("person", "course", "show")  # of the address, from one page of the review to the next


@pages.get("/<int:number>/preview")
@requires(Permission.LESSONS_READ)
def preview(number: int) -> Response:
    try:
        return _page(number) if request.args.get("person") else _to_first(number)
    except BadRequest as error:
        if error.code != "course_required":
            raise
        flash("There are several courses: choose the lesson in its course.")
        return go("lessons.index")


@pages.post("/<int:number>/preview/write")
@requires(Permission.LESSONS_WRITE)
def write_preview(number: int) -> Response:
    """Have the lesson written for this learner, whether or not it is current."""
    basis, _ = _place(number)
    try:
        basis.strategy(Strategy.TEMPLATE)
    except DomainError as error:
        return _page(number, error=error)
    pair = {"person_id": str(basis.person_id), "lesson_id": str(basis.lesson_id)}
    item = NewItem(basis.subject, {**pair, "strategy": Strategy.TEMPLATE.value, "fresh": True})
    session, once = db.session(), request.form.get("once", "")[:64]
    with unit(session):
        key = f"preview:{once}" if once else None
        job = services().starter.start(session, actor(), SERVE, basis.subject, [item], key=key)
    return _back(number, job=str(job.id))


@pages.post("/<int:number>/preview/try")
@requires(Permission.LESSONS_WRITE)
def try_preview(number: int) -> Response:
    """Write it otherwise beside what is saved."""
    basis, _ = _place(number)
    form = TrialForm()
    if not form.validate():
        return _page(number, form=form, status=422)
    made, key = services(), f"trial:{(form.once.data or '')[:64]}"
    try:
        asked = form.asked(basis)
        trial = start_trial(db.session(), actor(), basis, asked, key, made.starter, made.clock)
    except DomainError as error:
        put_error(form, None, error.message)
        return _page(number, form=form, status=error.status)
    return _back(number, trial=str(trial))


@pages.post("/<int:number>/preview/approve")
@requires(Permission.LESSONS_WRITE)
def approve_preview(number: int) -> Response:
    """Vouch for what is published."""
    basis, _ = _place(number)
    pair, reason = (basis.person_id, basis.lesson_id), request.form.get("reason", "").strip()[:500]
    try:
        _reviewing().approve(db.session(), actor(), pair, _read_version(), reason)
    except DomainError as error:
        return _page(number, error=error, reason=reason)
    flash("The lesson is approved.")
    return _back(number)


@pages.post("/<int:number>/preview/take/<uuid:proposal_id>")
@requires(Permission.LESSONS_WRITE)
def take_preview(number: int, proposal_id: UUID) -> Response:
    """Put a waiting text or a trial in place of what is published."""
    basis, _ = _place(number)
    approve, reason = request.form.get("do") == "approve", request.form.get("reason", "").strip()[:500]
    try:
        _own(basis, proposal_id)
        _reviewing().take(db.session(), actor(), proposal_id, _read_version(), approve=approve, reason=reason)
    except DomainError as error:
        return _page(number, error=error, reason=reason)
    flash("The lesson is saved and approved." if approve else "The lesson is saved, unreviewed.")
    return _back(number)


@pages.post("/<int:number>/preview/dismiss/<uuid:proposal_id>")
@requires(Permission.LESSONS_WRITE)
def dismiss_preview(number: int, proposal_id: UUID) -> Response:
    """Drop a waiting text or a trial."""
    basis, _ = _place(number)
    try:
        _own(basis, proposal_id)
    except NotFound as error:
        return _page(number, error=error)
    _reviewing().dismiss(db.session(), actor(), proposal_id)
    flash("The text is dismissed. What is served stays as it is.")
    return _back(number)


@pages.post("/<int:number>/preview/restore")
@requires(Permission.LESSONS_WRITE)
def restore_preview(number: int) -> Response:
    """Put an earlier version in place as a new one."""
    basis, _ = _place(number)
    old = _number(request.form.get("number", ""))
    try:
        _reviewing().restore(db.session(), actor(), (basis.person_id, basis.lesson_id), old, _read_version())
    except DomainError as error:
        return _page(number, error=error)
    flash(f"Version {old} is restored as a new version.")
    return _back(number)


@pages.get("/<int:number>/text")
@requires(Permission.LESSONS_WRITE)
def edit_text(number: int) -> Response:
    """The form with the text that is published, or with one that waits."""
    basis, course = _place(number)
    row = published(db.session(), (basis.person_id, basis.lesson_id))
    proposal = _proposal(basis, request.args.get("proposal", ""))
    texts = basis.brief.template
    if row is not None:
        texts = content_of_row(row).texts
    if proposal is not None and proposal.content:
        texts = content_of(proposal.content).texts
    waits = waiting_beside(db.session(), basis)
    told = {
        "version": row.version if row else 0,
        "proposal": str(proposal.id) if proposal else "",
        "waiting": str(waits.id) if waits else "",
        "seen": f"{basis.template_number}:{basis.survey_hash}:{basis.voice_hash}",
    }
    form = TextForm(formdata=None, data={**texts.as_dict(), **told})
    return _text_page(basis, course, form, 200)


@pages.post("/<int:number>/text")
@requires(Permission.LESSONS_WRITE)
def save_text(number: int) -> Response:
    """Save what a person wrote; whatever stands against it, the text comes back."""
    basis, course = _place(number)
    form = TextForm()
    if not form.validate():
        return _text_page(basis, course, form, 422)
    reason = form.reason.data or ""
    try:
        _reviewing().edit(db.session(), actor(), basis, form.texts, form.read, reason=reason)
    except Conflict as error:
        row = published(db.session(), (basis.person_id, basis.lesson_id))
        now_at(form, row.version if row else 0, error)
        theirs = content_of_row(row).texts if row else LessonTexts()
        return _text_page(basis, course, form, 409, theirs=theirs)
    except DomainError as error:
        blamed(form, error)
        return _text_page(basis, course, form, error.status)
    flash("Your text is saved. It is served from now on.")
    return _back(number)


def _page(
    number: int,
    *,
    form: TrialForm | None = None,
    status: int = 200,
    error: DomainError | None = None,
    reason: str = "",
) -> Response:
    basis, course = _place(number)
    looked_at(basis.person_id)
    session = db.session()
    seen = read_preview(session, actor(), basis, request.args)
    job = seen.job or _asked_job()
    if asks_for_part() and not (job and job.state.live):
        return go_to(request.full_path)  # the page waited for this: its heading and buttons changed, too
    strategy = seen.asked.strategy if seen.asked else (seen.row.strategy if seen.row else Strategy.TEMPLATE)
    old = request.args.get("old", "")
    return render(
        "lessons/preview.html",
        "preview",
        error.status if error else status,
        seen=seen,
        number=number,
        course=course,
        form=form or TrialForm.of(seen.basis, strategy),
        opened=form is not None,
        error=error,
        reason=reason,
        job=_view(job),
        at=_kept(),
        html=lesson_html(seen.content.texts, course.language) if seen.content else "",
        compared=comparison(session, seen.row, _number(old)) if seen.row else {},
        old=old,
        shown=SHOWN,
        by_rules=services().llm.by_rules,
        go_next=_neighbour(number, seen.next),
        go_previous=_neighbour(number, seen.previous),
        back=url_for("lessons.preview", number=number, **_kept()),
    )


def _text_page(
    basis: Basis, course: Course, form: TextForm, status: int, theirs: LessonTexts | None = None
) -> Response:
    told = theirs.as_dict() if theirs else {}
    return render(
        "lessons/preview_text.html",
        None,
        status,
        basis=basis,
        course=course,
        form=form,
        number=basis.brief.number,
        at=_kept(),
        master=basis.brief.template.as_dict(),
        lengths=basis.brief.course.lengths,
        labels={section.value: section.label for section in Section},
        theirs={name: text for name, text in told.items() if text != (form[name].data or "")},
        conflict=theirs is not None,
    )


def _place(number: int) -> tuple[Basis, Course]:
    """What the address names. Raises NotFound and, where the company has several courses, BadRequest."""
    session = db.session()
    course = course_named(session, request.args.get("course"))
    lesson = lesson_numbered(session, course.id, number)
    word = request.args.get("person", "")
    person = find_person(session, word)
    return read_basis(session, person.id, lesson.id), course


def _to_first(number: int) -> Response:
    session, show = db.session(), request.args.get("show", "all")
    who = first_learner(session)
    if who is not None and show != "all":
        course = course_named(session, request.args.get("course"))
        lesson = lesson_numbered(session, course.id, number)
        someone = find_person(session, who)
        found = first_of(session, read_basis(session, someone.id, lesson.id), show)
        if found is None:
            flash(f"No learner’s lesson {number} is there: {SHOWN.get(show, show).lower()}.")
        return go("lessons.preview", number=number, **_with_person(found or who, found is None))
    if who is None:
        flash("There is no learner yet. Add or import one, then preview a lesson for them.")
        return go("learners.index")
    return go("lessons.preview", number=number, **{**_kept(), "person": who})


def _with_person(person: str, everybody: bool) -> dict[str, Any]:  # noqa: FBT001  # one of two lists
    kept = {**_kept(), "person": person}
    return {**kept, "show": "all"} if everybody else kept


def _asked_job() -> Job | None:
    """The job that this page has just started, while it lives or when it failed."""
    try:
        job = db.session().get(Job, UUID(request.args.get("job", "")))
    except ValueError:
        return None
    return job if job is not None and job.kind == SERVE.name and job.state.value != "done" else None


def _view(job: Job | None) -> JobView | None:
    return view_of(db.session(), job, services().clock.now()) if job else None


def _own(basis: Basis, proposal_id: UUID) -> None:
    if _proposal(basis, str(proposal_id)) is None:
        raise NotFound("This text is not there any more: it was taken, dismissed or replaced.")


def _proposal(basis: Basis, word: str) -> Proposal | None:
    try:
        row = db.session().get(Proposal, UUID(word))
    except ValueError:
        return None
    if row is None or (row.person_id, row.lesson_id) != (basis.person_id, basis.lesson_id):
        return None
    theirs = row.kind is ProposalKind.TRIAL and row.staff_id != actor().staff_id
    return None if theirs else row


def _reviewing() -> Reviewing:
    return Reviewing(**clients())


def _read_version() -> int:
    return _number(request.form.get("version", ""))


def _number(word: str) -> int:
    """The number as a version's; 0, which none has, for anything else."""
    return int(word) if word.isdecimal() and len(word) < 10 else 0


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def _neighbour(number: int, person: str | None) -> str | None:
    if person is None:
        return None
    return url_for("lessons.preview", number=number, **{**_kept(), "person": person})


def _back(number: int, **values: Any) -> Response:
    return go_to(url_for("lessons.preview", number=number, **_kept(), **values))
