"""The pages that items, offers and blocks have alike: a new one, an edited one, saved, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, flash
from werkzeug.wrappers import Response

from webapp.accounts.companies import zone_of
from webapp.core.access import Permission, requires
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.guard import actor
from webapp.core.htmx import go, render
from webapp.core.imports.kind import FURTHER
from webapp.core.record_forms import blamed, clients, created_once, now_at
from webapp.core.services import services
from webapp.customers.forms import KeptForm
from webapp.customers.records import Records, around_of


@dataclass(frozen=True)
class Screen:
    """What the pages of one list are made of; `fields` is the template of the form's fields.

    `shown` is the page that a saved row leads to: the list, or a page of its own.
    """

    pages: Blueprint
    records: Records[Any]
    form: type[KeptForm]
    title: str
    fields: str
    shown: str = "index"

    @property
    def name(self) -> str:
        """The blueprint's name, which its endpoints begin with."""
        return self.pages.name

    def new(self, form: KeptForm, status: int) -> Response:
        """The page of a new row."""
        return render("customers/record_new.html", None, status, screen=self, form=form)

    def edit(self, form: KeptForm, row: Any, status: int, **context: object) -> Response:
        """The page of a saved row."""
        return render("customers/record_edit.html", None, status, screen=self, form=form, row=row, **context)

    def create(self, form: KeptForm) -> Response:
        """Save the new row, once, or show the form again."""
        if form.moved:
            return self.new(form, 200)
        if not form.validate():
            return self.new(form, 422)
        texts = form.texts
        try:
            made = created_once(
                form, texts, lambda: self.records.create(db.session(), actor(), texts, **clients()).id
            )
        except DomainError as error:
            _blame(form, error)
            return self.new(form, error.status)
        return self.saved(made)

    def save(self, form: KeptForm, row_id: UUID) -> Response:
        """Save the row as read at a version, or show the form again."""
        try:
            row = self.records.find(db.session(), row_id)
            if form.moved:
                return self.edit(form, row, 200)
            if not form.validate():
                return self.edit(form, row, 422)
            version = form.version.data or 0
            self.records.change(db.session(), actor(), row_id, form.texts, version, **clients())
        except Conflict as error:
            return self._conflict(form, row_id, error)
        except NotFound as error:
            blamed(form, error)
            return self.new(form, 404)
        except DomainError as error:
            _blame(form, error)
            return self.edit(form, row, error.status)
        return self.saved(row_id)

    def saved(self, row_id: UUID) -> Response:
        """Say so, and lead on."""
        flash(f"The {self.records.noun} is saved.")
        place = {} if self.shown == "index" else {"row_id": row_id}
        return go(f"{self.name}.{self.shown}", **place)

    def _conflict(self, form: KeptForm, row_id: UUID, error: Conflict) -> Response:
        session = db.session()
        row = self.records.find(session, row_id)
        given = self.records.clean(form.texts, around_of(session))
        changes = self.records.differences(row, given)
        theirs = [(_label(form, name), saved or "(empty)") for name, (saved, _) in changes.items()]
        now_at(form, row.version, error)
        return self.edit(form, row, 409, theirs=theirs)


def add_record_routes(screen: Screen) -> None:
    """Give the blueprint the pages of a new and of an edited row."""
    pages, records = screen.pages, screen.records

    @pages.get("/new", endpoint="new")
    @requires(Permission.CUSTOMERS_WRITE)
    def new() -> Response:
        return screen.new(screen.form(formdata=None), 200)

    @pages.post("", endpoint="create")
    @requires(Permission.CUSTOMERS_WRITE)
    def create() -> Response:
        return screen.create(screen.form())

    @pages.get("/<uuid:row_id>/edit", endpoint="edit")
    @requires(Permission.CUSTOMERS_WRITE)
    def edit(row_id: UUID) -> Response:
        session = db.session()
        row = records.find(session, row_id)
        return screen.edit(screen.form.of(records.texts(row), row.version, zone_of(session)), row, 200)

    @pages.post("/<uuid:row_id>", endpoint="save")
    @requires(Permission.CUSTOMERS_WRITE)
    def save(row_id: UUID) -> Response:
        return screen.save(screen.form(), row_id)

    @pages.post("/<uuid:row_id>/delete", endpoint="delete")
    @requires(Permission.CUSTOMERS_WRITE)
    def delete(row_id: UUID) -> Response:
        records.delete(db.session(), actor(), row_id, auditor=services().auditor)
        flash(f"The {records.noun} is deleted.")
        return go(f"{screen.name}.index")


def _blame(form: KeptForm, error: DomainError) -> None:
    """Show the refusal at the fields: `audience.locale` is the field `audience_locale`."""
    details = {name.replace(".", "_"): why for name, why in error.details.items()}
    blamed(form, DomainError(error.message, details=details))


def _label(form: KeptForm, name: str) -> str:
    if name in form:
        return str(form[name].label.text)
    return name.removeprefix(FURTHER).capitalize()
