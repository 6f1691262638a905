"""The door for answers, and the forms that come in through it."""

import pytest
from flask import Flask
from jinja2 import DictLoader
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from webapp.core.forms import Form, LinesField, put_error
from webapp.core.htmx import go, go_to, render

PAGE = "<html>{% block part %}<p>{{ word }}</p>{% endblock %}</html>"
ASKS = {"HX-Request": "true"}


@pytest.fixture
def app():
    app = Flask("doors")
    app.config["SECRET_KEY"] = "test"
    app.jinja_loader = DictLoader({"page.html": PAGE})
    app.add_url_rule("/", "page", lambda: render("page.html", fragment="part", status=422, word="<b>"))
    app.add_url_rule("/whole", "whole", lambda: render("page.html", word="all"))
    app.add_url_rule("/go/<int:number>", "go", lambda number: go("go", number=number + 1))
    app.add_url_rule("/away", "away", lambda: go_to("/whole"))
    return app


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HX-Request": "false"},
        ASKS | {"HX-Boosted": "true"},
        ASKS | {"HX-History-Restore-Request": "true"},
    ],
    ids=["browser", "not htmx", "boosted", "history"],
)
def test_the_whole_page_is_answered(app, headers):
    answer = app.test_client().get("/", headers=headers)
    assert answer.text == "<html><p>&lt;b&gt;</p></html>"
    assert answer.status_code == 422
    assert "HX-Request" in answer.vary


def test_htmx_gets_the_block_that_the_server_names(app):
    answer = app.test_client().get("/", headers=ASKS | {"HX-Target": "div#other"})
    assert (answer.text, answer.status_code) == ("<p>&lt;b&gt;</p>", 422)
    assert "HX-Request" in answer.vary


def test_without_a_fragment_htmx_gets_the_page(app):
    assert app.test_client().get("/whole", headers=ASKS).text.startswith("<html>")


def test_a_browser_is_redirected(app):
    answer = app.test_client().get("/go/1")
    assert (answer.status_code, answer.location) == (303, "/go/2")


@pytest.mark.parametrize(("path", "to"), [("/go/1", "/go/2"), ("/away", "/whole")])
def test_htmx_is_sent_by_header(app, path, to):
    answer = app.test_client().get(path, headers=ASKS)
    assert (answer.status_code, answer.headers["HX-Redirect"], answer.data) == (204, to, b"")


class PersonaForm(Form):
    name = StringField("Name", [InputRequired("Give a name.")])
    secret = PasswordField("Secret")
    pains = LinesField("Pain points", most=3, longest=10)


def posted(app, data):
    with app.test_request_context(method="POST", data=data):
        form = PersonaForm(meta={"csrf": False})
        form.validate()
        return form


def test_texts_are_stripped_and_passwords_are_not(app):
    form = posted(app, {"name": "  Clara ", "secret": " s ", "unknown": "x"})
    assert (form.name.data, form.secret.data) == ("Clara", " s ")


def test_lines_keep_their_order_and_drop_blank_rows(app):
    form = posted(app, {"name": "x", "pains": [" b ", "", "a"]})
    assert form.pains.data == ["b", "a"]
    assert not form.moved
    assert not form.problems


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ("pains:1:up", ["b", "a", "c"]),
        ("pains:0:up", ["a", "b", "c"]),
        ("pains:1:down", ["a", "c", "b"]),
        ("pains:2:down", ["a", "b", "c"]),
        ("pains:0:remove", ["b", "c"]),
        ("pains::add", ["a", "b", "c", ""]),
        ("pains:9:up", ["a", "b", "c"]),
        ("pains:x:remove", ["a", "b", "c"]),
        ("pains", ["a", "b", "c"]),
    ],
)
def test_rows_move_without_a_script(app, order, rows):
    form = posted(app, {"name": "x", "pains": ["a", "b", "c"], "move": order})
    assert form.moved
    assert form.pains.rows == rows


def test_an_order_for_another_list_changes_nothing(app):
    form = posted(app, {"name": "x", "pains": ["a", "b"], "move": "others:0:remove"})
    assert (form.pains.rows, form.moved) == (["a", "b"], False)


@pytest.mark.parametrize(("rows", "word"), [(["a"] * 4, "at most 3"), (["x" * 11], "under 10")])
def test_too_much_is_refused_in_words(app, rows, word):
    form = posted(app, {"name": "x", "pains": rows})
    assert word in form.pains.errors[0]
    assert form.pains.rows == rows


def test_stored_lines_are_shown(app):
    with app.test_request_context():
        form = PersonaForm(data={"pains": ["a", "b"]}, meta={"csrf": False})
    assert form.pains.rows == form.pains.data == ["a", "b"]


def test_the_summary_names_every_problem_once(app):
    form = posted(app, {"name": ""})
    put_error(form, "pains", "One is needed.")
    put_error(form, None, "Somebody else saved this.")
    put_error(form, "nowhere", "A rule said no.")
    assert form.problems == [
        ("", "Somebody else saved this."),
        ("", "A rule said no."),
        ("name", "Give a name."),
        ("pains", "One is needed."),
    ]
