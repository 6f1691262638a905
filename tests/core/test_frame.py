"""The frame around the pages, drawn in a small application of its own."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, flash
from flask_wtf import CSRFProtect

from webapp.core.frame import CompanyChoice, Frame, NavItem, attributes, dress, here
from webapp.core.htmx import render
from webapp.core.styleguide import sample

ROOT = Path(__file__).parents[2]
ENDPOINTS = [
    ("/", "home.index"),
    ("/search", "search.index"),
    ("/password", "accounts.password"),
    ("/sessions", "team.sessions"),
    ("/sign-out", "accounts.sign_out"),
    ("/company", "accounts.switch_company"),
    ("/theme", "accounts.theme"),
]
SIGNED_IN = Frame(
    nav=(NavItem("Home", "/", "home"), NavItem("Personas", "/personas", "personas", current=True, count=2)),
    staff_name="Ines <Marquardt>",
    staff_email="ines@example.org",
    company_name="Hanseatic Physio",
    companies=(CompanyChoice("1", "Hanseatic Physio", current=True), CompanyChoice("2", "Alpine Retreats")),
    drafted_by_rules=True,
    theme="dark",
)
KEPT = {
    "action": "/personas/3",
    "fields": [("csrf_token", "old"), ("coreGoal", "A < B"), ("password", "p4ss")],
}
ERROR = {
    "title": "Busy",
    "happened": "It did not answer.",
    "safe": "Your draft is safe.",
    "request_id": "r-1",
}


class Outline(HTMLParser):
    """What the tests look at: elements, ids, what labels and descriptions point to."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.ids, self.points_to, self.attributes = [], [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes.append((tag, given))
        self.ids += [given["id"]] if "id" in given else []
        for name in ("for", "aria-describedby", "aria-labelledby", "popovertarget", "data-opens"):
            self.points_to.update((given.get(name) or "").split())


def answer(frame, path, **headers):
    app = Flask("frame", template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.config["SECRET_KEY"] = "test"
    CSRFProtect(app)
    for rule, endpoint in ENDPOINTS:
        app.add_url_rule(rule, endpoint, lambda: "", methods=["GET", "POST"])
    app.context_processor(lambda: {"frame": frame})
    app.add_url_rule("/guide", "guide", lambda: render("styleguide.html", **sample()))
    app.add_url_rule(
        "/error", "error", lambda: render("error.html", fragment="fragment", status=503, **ERROR)
    )
    app.add_url_rule("/kept", "kept", lambda: render("kept.html", fragment="fragment", **KEPT))
    app.add_url_rule(
        "/flash", "flash", lambda: flash({"text": "Archived.", "undo": "/undo"}) or render("error.html")
    )
    dress(app)
    return app.test_client().get(path, headers=headers)


PAGES = [(SIGNED_IN, "/guide")] + [
    (frame, path) for frame in (SIGNED_IN, Frame()) for path in ("/error", "/kept", "/flash")
]


@pytest.mark.parametrize(("frame", "path"), PAGES)
def test_pages_are_sound(frame, path):
    page = Outline(answer(frame, path).text)
    figures = page.tags.count("desc") > 0  # a figure has titles of its own
    assert page.tags.count("h1") == page.tags.count("main") == 1
    assert page.tags.count("title") == 1 or figures
    assert len(page.ids) == len(set(page.ids))
    assert page.points_to <= set(page.ids)


def test_every_post_form_carries_the_token():
    html = answer(SIGNED_IN, "/guide").text
    forms = [part.split("</form>")[0] for part in html.split('method="post"')[1:]]
    assert forms
    assert all('name="csrf_token"' in form for form in forms)


def test_the_frame_says_where_one_is():
    html = answer(SIGNED_IN, "/guide").text
    assert 'data-theme="dark"' in html
    assert '<a href="/personas" aria-current="page">' in html
    assert "Ines &lt;Marquardt&gt;" in html
    assert "drafts are written by rules" in html
    assert "Alpine Retreats" in html


def test_nobody_signed_in_gets_the_bare_frame():
    html = answer(Frame(), "/error").text
    assert "Areas" not in html
    assert "Sign out" not in html
    assert "Your draft is safe." in html


def test_an_error_for_htmx_is_a_part():
    part = answer(SIGNED_IN, "/error", **{"HX-Request": "true"})
    assert part.status_code == 503
    assert "<html" not in part.text
    assert "r-1" in part.text


def test_what_was_typed_comes_back_but_no_password():
    html = answer(SIGNED_IN, "/kept").text
    assert 'name="coreGoal" value="A &lt; B"' in html
    assert "Core goal" in html
    assert "p4ss" not in html
    assert "old" not in [given.get("value") for _, given in Outline(html).attributes]


def test_a_flashed_message_can_offer_undo():
    html = answer(SIGNED_IN, "/flash").text
    assert "Archived." in html
    assert 'action="/undo"' in html


def test_here_changes_one_part_of_the_address():
    with Flask("here").test_request_context("/list?q=a%26b&tag=x&tag=y&after=9"):
        assert here(sort="-name", after=None) == "/list?q=a%26b&tag=x&tag=y&sort=-name"
        assert here(q=None, tag=None, after=None) == "/list"


def test_attributes_are_escaped_and_dashed():
    written = attributes({"hx_get": '/x?"<', "disabled": True, "hidden": False, "class_": "a", "none": None})
    assert str(written) == ' class="a" disabled hx-get="/x?&#34;&lt;"'
