"""The page that imports documents of earlier shapes: a dry run first, then the import."""

from __future__ import annotations

from flask import request
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.forms import Form, put_error
from webapp.core.guard import actor
from webapp.core.htmx import render
from webapp.personas.blueprint import pages
from webapp.personas.legacy_import import Report, import_legacy, look_through
from webapp.personas.pages import saver

LARGEST = 1_000_000
TOO_LARGE = "The documents are larger than 1 MB. Import them in parts, or by the command."


class ImportForm(Form):
    """Documents pasted or as a file."""

    documents = TextAreaField("The documents’ JSON", [Length(max=LARGEST, message=TOO_LARGE)])
    file = FileField("Or a file")
    contact_email = StringField("Contact for analyses that name none", [Length(max=254)])


@pages.get("/import")
@requires(Permission.PERSONAS_WRITE)
def import_form() -> Response:
    return _page(ImportForm(formdata=None))


@pages.post("/import")
@requires(Permission.PERSONAS_WRITE)
def import_documents() -> Response:
    """Look through the documents; with `do=import`, save them."""
    form = ImportForm()
    try:
        _take_file(form)
        if not form.validate():
            return _page(form, None, 422)
        return _page(form, _done(form))
    except DomainError as error:
        put_error(form, "documents", error.message)
        return _page(form, None, error.status)


def _done(form: ImportForm) -> Report:
    text, email = form.documents.data or "", form.contact_email.data or ""
    if request.form.get("do") == "import":
        return import_legacy(db.session(), actor(), text, saver(), email)
    return look_through(db.session(), text, email)


def _take_file(form: ImportForm) -> None:
    """Put an uploaded file's text into the form, so that the import after the dry run has it too."""
    file = form.file.data
    if not file or form.documents.data:
        return
    raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise DomainError(TOO_LARGE)
    form.documents.data = raw.decode("utf-8-sig", errors="replace").replace("\x00", "")


def _page(form: ImportForm, report: Report | None = None, status: int = 200) -> Response:
    return render("personas/import.html", None, status, form=form, report=report)
