"""The frame around every page: the plain values it is drawn from, and the words templates may use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask, request
from markupsafe import Markup
from wtforms.widgets import html_params

from webapp.core import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class NavItem:
    """One area in the navigation. `icon` names a symbol of the sprite, `count` is what waits there."""

    label: str
    href: str
    icon: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class CompanyChoice:
    """A company the signed-in person may switch to."""

    id: str
    name: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """All that base.html needs to know. Without `staff_name` nobody is signed in: the bare frame is drawn."""

    nav: tuple[NavItem, ...] = ()
    staff_name: str | None = None
    staff_email: str | None = None
    company_name: str | None = None
    companies: tuple[CompanyChoice, ...] = ()
    demo: bool = False
    drafted_by_rules: bool = False
    theme: str | None = None


def here(**changes: object) -> str:
    """This page's address with some of its query changed; None takes a part out."""
    query = request.args.to_dict(flat=False)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = [str(value)]
    return f"{request.path}?{urlencode(query, doseq=True)}" if query else request.path


def after_switch() -> str:
    """Where to land after another company is chosen: the same list, but never a page about one object."""
    is_list = request.method == "GET" and request.url_rule is not None and not request.view_args
    return request.path if is_list else "/"


def dashed(values: "Mapping[str, object]") -> dict[str, object]:
    """Keyword arguments of a macro as attributes: `hx_get` is `hx-get`; None is left out."""
    return {k.rstrip("_").replace("_", "-"): v for k, v in values.items() if v is not None}


def attributes(values: "Mapping[str, object]") -> Markup:
    """The same, written out and escaped, with a space before; True is a bare attribute, False none."""
    written = html_params(**dashed(values))
    return Markup(f" {written}") if written else Markup("")  # noqa: S704  # html_params escapes each value


def dress(app: Flask, now: "Callable[[], datetime] | None" = None) -> None:
    """Give templates the macros as `ui`, the formatters as filters, and `here`. `now` is the app's clock."""
    clock = now or text.now
    app.jinja_env.filters.update(
        attributes=attributes,
        dashed=dashed,
        ago=lambda when: text.ago(when, clock()),
        exact=text.exact,
        number=text.number,
        money=text.money,
        plural=text.plural,
        words=text.words,
    )
    app.jinja_env.globals.update(here=here, after_switch=after_switch)
    # The macros are a global because a block rendered alone does not see what its page imports.
    app.jinja_env.globals["ui"] = app.jinja_env.get_template("ui.html").module
