"""The pages of imports: history, upload, columns, dry run and report."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, flash, request
from flask import Response as FlaskResponse
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.access import Permission, large, requires
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.errors import DomainError, NotFound
from webapp.core.forms import Form, put_error
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.imports.deeds import Importer, find_import, is_partly_written
from webapp.core.imports.kind import FURTHER, ImportKind
from webapp.core.imports.models import Import
from webapp.core.imports.stage import DEEDS, Stage, Staged
from webapp.core.imports.work import kinds
from webapp.core.jobs.models import Job
from webapp.core.jobs.views import JobView, view_of
from webapp.core.services import services
from webapp.core.tables import Column, Filter, Listing

pages = Blueprint("imports", __name__, url_prefix="/imports")
PAGE = 50
LISTING = Listing(
    Import,
    columns=(Column("created", Import.created_at),),
    filters=(Filter("state", Import.state, "State"),),
    default_sort="-created",
)


class UploadForm(Form):
    """The file."""

    file = FileField("File")


class ColumnsForm(Form):
    """Which of the file's columns is which of ours; `for_kind` adds a select for each.

    Where a kind keeps further columns, `keep` names the headers that are kept so.
    """

    @classmethod
    def for_kind(cls, kind: ImportKind, headers: list[str]) -> type[ColumnsForm]:
        """The form for one file."""
        named = (SelectChoice(header, header) for header in headers if header)
        choices = [SelectChoice("", "Not in this file"), *named]
        fields = {
            f"to_{column.name}": SelectField(
                f"{column.label}{' (needed)' if column.required else ''}",
                choices=choices,
                validate_choice=False,
            )
            for column in kind.columns
        }
        if kind.further:
            kept = [SelectChoice(header, header) for header in kind.further_names(headers).values() if header]
            fields["keep"] = SelectMultipleField(
                kind.further.label,
                choices=kept,
                validate_choice=False,
                option_widget=CheckboxInput(),
                widget=ListWidget(prefix_label=False),
            )
        return type("ColumnsForm", (cls,), fields)


@pages.get("")
@requires(Permission.IMPORTS_WRITE)
def index() -> Response:
    mine = [name for name, kind in kinds().items() if actor().may(kind.permission)]
    page = LISTING.page(db.session(), request.args, Import.kind.in_(mine))
    return render("imports/index.html", "list", page=page, kinds=[kinds()[name] for name in mine])


@pages.get("/new/<string:kind>")
@requires(Permission.IMPORTS_WRITE)
def new(kind: str) -> Response:
    return _upload_page(_kind(kind), UploadForm(formdata=None))


@pages.post("/new/<string:kind>")
@requires(Permission.IMPORTS_WRITE)
@large
def create(kind: str) -> Response:
    form, chosen = UploadForm(), _kind(kind)
    file = form.file.data
    if not file or not file.filename:
        put_error(form, "file", "Choose a file.")
        return _upload_page(chosen, form, 422)
    try:
        made = importer().upload(db.session(), actor(), chosen, file.stream, file.filename)
    except DomainError as error:
        put_error(form, "file", error.message)
        return _upload_page(chosen, form, error.status)
    finally:
        file.close()
    return go("imports.columns", import_id=made.id)


@pages.get("/<uuid:import_id>/columns")
@requires(Permission.IMPORTS_WRITE)
def columns(import_id: UUID) -> Response:
    found, kind = _seen(import_id)
    given: dict[str, object] = {f"to_{name}": header for name, header in found.mapping.items()}
    given["keep"] = [header for name, header in found.mapping.items() if name.startswith(FURTHER)]
    return _columns_page(found, kind, ColumnsForm.for_kind(kind, found.headers)(formdata=None, data=given))


@pages.post("/<uuid:import_id>/columns")
@requires(Permission.IMPORTS_WRITE)
def check(import_id: UUID) -> Response:
    found, kind = _seen(import_id)
    form = ColumnsForm.for_kind(kind, found.headers)()
    mapping = {column.name: form[f"to_{column.name}"].data or "" for column in kind.columns}
    kept = set(form.keep.data or ()) if kind.further else set()
    further = kind.further_names(header for header in found.headers if header not in mapping.values())
    mapping |= {name: header for name, header in further.items() if header in kept}
    try:
        importer().check(db.session(), actor(), import_id, kind, mapping)
    except DomainError as error:
        for name, why in error.details.items() or [("", error.message)]:
            put_error(form, f"to_{name}", why)
        return _columns_page(found, kind, form, error.status)
    return go("imports.show", import_id=import_id)


@pages.get("/<uuid:import_id>")
@requires(Permission.IMPORTS_WRITE)
def show(import_id: UUID) -> Response:
    return _show(import_id)


@pages.post("/<uuid:import_id>/write")
@requires(Permission.IMPORTS_WRITE)
def write(import_id: UUID) -> Response:
    _, kind = _seen(import_id)
    try:
        skip = request.form.get("skip_bad") == "1"
        importer().write(db.session(), actor(), import_id, kind, skip_bad=skip)
    except DomainError as error:
        flash(error.message, "bad")
    return go("imports.show", import_id=import_id)


@pages.get("/<uuid:import_id>/report.csv")
@requires(Permission.IMPORTS_WRITE)
def report(import_id: UUID) -> Response:
    found, _ = _seen(import_id)
    path = importer().folder(db.session()).path(found.staged or "none")
    if not found.staged or not path.exists():
        raise NotFound("The report was removed with its file, after its time.")
    deeds = _deeds(request.args.get("show", ""), "all")[1]
    parts = csv_parts(("Row", "Deed", "What", "Column", "Problem"), _lines(path, deeds))
    answer = FlaskResponse(parts, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="report-{found.kind}.csv"'
    return answer


def _lines(path: object, deeds: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    with Stage(path) as stage:  # type: ignore[arg-type]  # a path
        after = 0
        while rows := stage.page(deeds, after, 500):
            after = rows[-1].number
            for row in rows:
                for place, why in row.problems or [("", "")]:
                    yield str(row.number), row.deed, row.title, place, why


def _show(import_id: UUID) -> Response:
    found, kind = _seen(import_id)
    job = db.session().get(Job, found.job_id) if found.job_id else None
    view: JobView | None = view_of(db.session(), job, services().clock.now()) if job else None
    busy = bool(found.state.busy and view and view.live)
    chosen, deeds = _deeds(request.args.get("show", ""), "bad" if found.bad else "all")
    rows, more = ([], None) if busy else _page(found, deeds)
    ignored = [header for header in found.headers if header and header not in found.mapping.values()]
    return render(
        "imports/show.html",
        "import",
        found=found,
        kind=kind,
        job=view,
        busy=busy,
        stopped=found.state.busy and not busy,
        partly=is_partly_written(found, kind),
        rows=rows,
        more=more,
        show=chosen,
        deeds=DEEDS,
        ignored=ignored,
    )


def _page(found: Import, deeds: tuple[str, ...]) -> tuple[list[Staged], int | None]:
    path = importer().folder(db.session()).path(found.staged or "none")
    if not found.staged or not path.exists():
        return [], None
    word = request.args.get("after", "")
    after = int(word) if word.isdecimal() and len(word) < 12 else 0
    with Stage(path) as stage:
        rows = stage.page(deeds, after, PAGE + 1)
    return rows[:PAGE], rows[PAGE - 1].number if len(rows) > PAGE else None


def _deeds(word: str, default: str) -> tuple[str, tuple[str, ...]]:
    chosen = word if word in {*DEEDS, "all"} else default
    return chosen, DEEDS if chosen == "all" else (chosen,)


def importer() -> Importer:
    """The deeds, with the application's clients."""
    made = services()
    return Importer(made.settings, made.clock, made.auditor, made.starter)


def _kind(name: str) -> ImportKind:
    found = kinds().get(name)
    if found is None or not actor().may(found.permission):
        raise NotFound("There is nothing of this kind to import.")
    return found


def _seen(import_id: UUID) -> tuple[Import, ImportKind]:
    found = find_import(db.session(), import_id)
    return found, _kind(found.kind)


def _upload_page(kind: ImportKind, form: UploadForm, status: int = 200) -> Response:
    limit = services().settings.import_limit // (1024 * 1024)
    keep = services().settings.import_keep
    return render("imports/new.html", None, status, form=form, kind=kind, limit=limit, keep=keep)


def _columns_page(found: Import, kind: ImportKind, form: ColumnsForm, status: int = 200) -> Response:
    sample = importer().sample(db.session(), found)
    return render("imports/columns.html", None, status, form=form, found=found, kind=kind, sample=sample)
