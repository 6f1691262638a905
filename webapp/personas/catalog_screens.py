"""What the pages of products and of contacts have in common: list, show, new, edit, delete."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from flask import flash, request
from werkzeug.wrappers import Response

from webapp.core.catalog import Catalog, M
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.forms import put_error
from webapp.core.guard import actor, safe_path
from webapp.core.htmx import go, go_to, render
from webapp.core.idempotency import Sent, answer_once, digest
from webapp.core.list_desk import ListDesk
from webapp.core.list_pages import views_of
from webapp.core.services import services
from webapp.core.tables import Listing
from webapp.personas.catalog_forms import CatalogForm


@dataclass(frozen=True)
class Screens(Generic[M]):
    """The pages of one catalog. `folder` names its blueprint and templates, `argument` its ids in addresses.

    `asked` is what the page that sent people here calls the id of what they made.
    """

    catalog: Catalog[M]
    listing: Listing[M]
    form: type[CatalogForm]
    folder: str
    argument: str
    asked: str
    desk: ListDesk

    def index(self) -> Response:
        """The list, or only its part when htmx asks."""
        page = self.listing.page(db.session(), request.args)
        return self._draw("index", 200, "list", page=page, views=views_of(self.desk))

    def show(self, row_id: UUID) -> Response:
        """One row. Raises NotFound."""
        return self._draw("show", row=self.catalog.find(db.session(), row_id))

    def new(self, values: Mapping[str, str] | None = None, status: int = 200, **context: object) -> Response:
        """The empty form, or one filled with `values`; nothing is saved."""
        return self._new(self.form(formdata=None, data=dict(values or {})), status, **context)

    def create(self) -> Response:
        """Save a new row and go to it, or back to the page that asked for one."""
        form = self.form()
        if not form.validate():
            return self._new(form, 422)
        try:
            row_id = self._created_once(form)
        except DomainError as error:
            return self._new(_blamed(form, error), error.status)
        flash(f"The {self.catalog.noun} is saved.")
        back = _return_path()
        return go_to(_with(back, self.asked, row_id)) if back else self._to(row_id)

    def edit(self, row_id: UUID) -> Response:
        """The form with what is saved. Raises NotFound."""
        row = self.catalog.find(db.session(), row_id)
        return self._draw("edit", form=self.form(formdata=None, obj=row), row=row)

    def save(self, row_id: UUID) -> Response:
        """Save what was edited; whatever stands against it, the text comes back."""
        form = self.form()
        try:
            row = self.catalog.find(db.session(), row_id)
        except NotFound:
            return self._gone(form)
        if not form.validate():
            return self._draw("edit", 422, form=form, row=row)
        try:
            read = form.version.data or 0
            self.catalog.change(db.session(), actor(), row_id, self._values(form), read, **_clients())
        except Conflict as error:
            put_error(form, None, f"{error.message} Theirs stands beside the form, yours is in it.")
            return self._conflict(form, row_id)
        except NotFound:
            return self._gone(form)
        except DomainError as error:
            return self._draw("edit", error.status, form=_blamed(form, error), row=row)
        flash(f"The {self.catalog.noun} is saved.")
        return self._to(row_id)

    def delete(self, row_id: UUID) -> Response:
        """Delete the row and go to the list. Raises NotFound."""
        self.catalog.delete(db.session(), actor(), row_id, auditor=services().auditor)
        flash(f"The {self.catalog.noun} is deleted.")
        return go(f"{self.folder}.index")

    def _created_once(self, form: CatalogForm) -> str:
        """Save, unless this form with these texts was sent before: a second press finds the first row."""
        values, once = self._values(form), str(form.once.data)[:64]
        texts = digest(json.dumps(values, sort_keys=True).encode())

        def work() -> tuple[int, dict[str, Any]]:
            row = self.catalog.create(db.session(), actor(), values, **_clients())
            return 303, {"id": str(row.id)}

        sent = Sent(f"form:{digest(f'{once}:{texts}'.encode())}", f"POST {request.path}", texts)
        _, kept = answer_once(db.session(), sent, services().clock.now(), work)
        return str(kept["id"])

    def _conflict(self, form: CatalogForm, row_id: UUID) -> Response:
        """Both texts: theirs beside the form, the author's own in it; saving again replaces theirs."""
        row = self.catalog.find(db.session(), row_id)
        mine = {name: form[name].data or "" for name in self.catalog.fields}
        differences = self.catalog.differences(row, mine)
        theirs = [(form[name].label.text, saved or "(empty)") for name, (saved, _) in differences.items()]
        saved: Any = row
        form.version.raw_data, form.version.data = None, saved.version
        return self._draw("edit", 409, form=form, row=row, theirs=theirs)

    def _gone(self, form: CatalogForm) -> Response:
        """Another person deleted it meanwhile, or it never was: the text can be saved as a new one."""
        put_error(form, None, f"There is no such {self.catalog.noun}: it may have been deleted meanwhile.")
        return self._new(form, 404)

    def _new(self, form: CatalogForm, status: int = 200, **context: object) -> Response:
        return self._draw("new", status, None, form=form, back=_return_path(), **context)

    def _to(self, row_id: UUID | str) -> Response:
        return go(f"{self.folder}.show", **{self.argument: row_id})

    def _values(self, form: CatalogForm) -> dict[str, str]:
        return {name: form[name].data or "" for name in self.catalog.fields}

    def _draw(self, name: str, status: int = 200, fragment: str | None = None, **context: object) -> Response:
        return render(f"{self.folder}/{name}.html", fragment, status, **context)


def _clients() -> dict[str, Any]:
    return {"clock": services().clock, "auditor": services().auditor}


def _blamed(form: CatalogForm, error: DomainError) -> CatalogForm:
    """The form with the refusal at the fields it names, or above them."""
    for name, why in error.details.items() or [("", error.message)]:
        put_error(form, name, why)
    return form


def _return_path() -> str | None:
    """The page that asked for a new row, when it is one of ours."""
    return safe_path(request.args.get("return"))


def _with(path: str, name: str, value: str) -> str:
    parts = urlsplit(path)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return parts._replace(query=urlencode([*query, (name, value)])).geturl()
