"""The test browser: it checks the HTML of every page it is given."""

from __future__ import annotations

import contextvars
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "use",
}


class Page(HTMLParser):
    """A page's parts as the checks need them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.headings = 0
        self.titles = 0
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.stack: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()
        self.unbalanced += self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.stack.append(tag)
        if given.get("id"):
            self.ids[given["id"] or ""] += 1
        self.headings += tag == "h1"
        self.titles += tag == "title" and "svg" not in self.stack
        if tag == "label" and given.get("for"):
            self.labels.add(given["for"] or "")
        if tag in {"input", "textarea", "select"} and given.get("type") not in {"hidden", "submit"}:
            self.inputs.append({**given, "inside": "label" if "label" in self.stack else None})
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in given:
            self.inline.append("script")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.stack and self.stack[-1] == tag:
            self.stack.pop()
        elif tag in self.stack:
            while self.stack.pop() != tag:
                self.unbalanced.append(tag)

    def problems(self) -> list[str]:
        """Everything that is wrong with the page."""
        found = [f"id {name} stands {count} times" for name, count in self.ids.items() if count > 1]
        found += [f"inline: {what}" for what in self.inline]
        found += [f"{self.headings} h1"] if self.headings != 1 else []
        found += [f"{self.titles} titles"] if self.titles != 1 else []
        found += [
            f"not closed: {tag}"
            for tag in self.unbalanced
            if tag not in {"p", "li", "tr", "td", "th", "option"}
        ]
        return found + [f"no label: {given}" for given in self.inputs if not self._named(given)]

    def _named(self, given: dict[str, str | None]) -> bool:
        by_label = given.get("id") in self.labels or given.get("inside") == "label"
        return bool(by_label or given.get("aria-label") or given.get("aria-labelledby"))


class CheckedClient(FlaskClient):
    """A browser for tests. Each whole HTML page it receives must be well made."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request, check the page."""
        # A context of its own: inside the test's application context Flask would share `g` between requests.
        response = contextvars.Context().run(super().open, *args, **kwargs)
        response.request.environ["wsgi.input"].close()  # a large form is kept in a file while it is sent
        page = response.mimetype == "text/html" and not 300 <= response.status_code < 400
        text = response.get_data(as_text=True) if page else ""
        if text.lstrip().lower().startswith("<!doctype"):
            problems = Page(text).problems()
            assert not problems, f"{response.request.path}: {problems}"
        return response

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form."""
        response = self.send("/sign-in", {"email": email, "password": password})
        assert response.status_code == 303, response.get_data(as_text=True)

    def send(
        self, path: str, data: dict[str, Any] | None = None, *, at: str | None = None, **kwargs: Any
    ) -> TestResponse:
        """Post a form with the token of the page `at` (by default the sign-in or password page)."""
        return self.post(path, data={**(data or {}), "csrf_token": self.form_token(at)}, **kwargs)

    def form_token(self, at: str | None = None) -> str:
        """The form token of this browser's session."""
        for path in [at] if at else ["/account/password", "/sign-in"]:
            page = self.get(path)
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
            if found:
                return found.group(1)
        raise AssertionError("no page with a form token")

    def part(self, path: str, **kwargs: Any) -> TestResponse:
        """Ask for a part of a page, as htmx does."""
        return self.get(path, headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/"}, **kwargs)
