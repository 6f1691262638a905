"""Draws the frame: who is signed in, where they are, what waits in each area."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, g, request, url_for

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.db import db
from webapp.core.frame import CompanyChoice, Frame, NavItem
from webapp.core.guard import NOBODY, actor
from webapp.core.services import services

Who = Callable[[], tuple[str, str, tuple[CompanyChoice, ...], bool] | None]


def draw_frames(app: Flask, who: Who) -> None:
    """Give every template its frame. `who` answers name, e-mail, companies and whether this one is a demo."""

    @app.context_processor
    def _values() -> dict[str, object]:
        return {"frame": _frame(who), "may": _may}


def _frame(who: Who) -> Frame:
    person = who() if "actor" in g else None
    theme = request.cookies.get("theme")
    if person is None:
        return Frame(theme=theme)
    name, email, companies, demo = person
    current = next((company.name for company in companies if company.current), None)
    return Frame(
        nav=tuple(_nav()),
        staff_name=name,
        staff_email=email,
        company_name=current,
        companies=companies,
        demo=demo,
        drafted_by_rules=services().llm.by_rules,
        theme=theme,
    )


def _nav() -> list[NavItem]:
    home = NavItem("Home", url_for("home.index"), "home", request.endpoint == "home.index")
    entries = [(area, nav) for area in services().areas for nav in area.nav if actor().may(nav.permission)]
    return [home, *(_item(area, nav) for area, nav in entries)]


def _item(area: Area, nav: Nav) -> NavItem:
    own = nav.endpoint.split(".")[0]
    # An area with one entry is where any of its pages is; with several, each entry has its own.
    pages = {page.name for page in area.pages} if len(area.nav) == 1 else {own}
    here = request.blueprint in pages | {own, *nav.also}
    count = nav.count(db.session(), actor()) if nav.count and actor().company_id else 0
    return NavItem(nav.label, url_for(nav.endpoint), nav.icon, here, count)


def _may(name: str) -> bool:
    """Whether a button is worth showing; the route behind it checks for itself."""
    who = actor() if "actor" in g else NOBODY
    return who.may(Permission(name))
