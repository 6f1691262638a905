"""The forms of persons and of their surveys."""

from __future__ import annotations

from typing import Any

from wtforms import Field, HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.core.db import new_id
from webapp.core.forms import Form
from webapp.people.persons import PERSONS
from webapp.people.questions import LONGEST_ANSWER, MOST_ANSWERS, QUESTIONS
from webapp.people.surveys import read_answer, read_question

Pairs = list[tuple[str, str]]


def _fits(name: str) -> Length:
    longest = PERSONS.longest(name)
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


class PersonForm(Form):
    """A person."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    once = HiddenField(default=lambda: new_id().hex)
    identifier = StringField("User id", [InputRequired("Say how you know this person."), _fits("identifier")])
    name = StringField("Name", [_fits("name")])
    email = StringField("E-mail", [_fits("email")], render_kw={"inputmode": "email"})
    language = StringField("Language", [_fits("language")])
    timezone = StringField("Time zone", [_fits("timezone")])


class PairsField(Field):
    """Further questions with their answers, in two inputs a row, named by `parts`.

    `data` holds the pairs that say anything, `rows` what the page shows. A submit button named `move`
    with the value `name:row:remove`, or `name::add`, changes the rows without a script.
    """

    parts = ("question", "answer")
    row_label = "Further answer"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.data: Pairs = []
        self.moved = False
        self.rows: Pairs = []

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the rows, then do what the pressed button asks of them."""
        super().process(None, data, extra_filters)
        self.rows = list(self.data or [])
        if formdata is not None and ("version" in formdata or "move" in formdata):
            questions, answers = (formdata.getlist(f"{self.name}-{part}") for part in self.parts)
            texts = [text.replace("\r\n", "\n") for text in answers]
            self.rows = list(zip(questions, texts, strict=False))[: MOST_ANSWERS * 2]
            for order in formdata.getlist("move"):
                self._move(order)
        self.data = [pair for pair in self.rows if any(text.strip() for text in pair)]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms hands over the form
        """Refuse rows that cannot be kept, each by its number."""
        problems, seen = list[str](), set[str]()
        for number, (question, answer) in enumerate(self.rows, start=1):
            if question.strip() or answer.strip():
                problems += [
                    f"{self.row_label} {number}: {why}" for why in self.wrong(question, answer, seen)
                ]
        if problems:
            self.errors = [*problems[:-1]]
            raise ValidationError(problems[-1])

    def _move(self, order: str) -> None:
        name, _, rest = order.partition(":")
        row, _, deed = rest.partition(":")
        if name != self.name:
            return
        self.moved = True
        if deed == "add":
            self.rows.append(("", ""))
        elif row.isdecimal() and len(row) < 4 and int(row) < len(self.rows):
            self.rows.pop(int(row))

    def wrong(self, question: str, answer: str, seen: set[str]) -> list[str]:
        """Say what is wrong with a row; `seen` holds the questions above it."""
        found = []
        try:
            key = read_question(question)
            if key in QUESTIONS or key in seen:
                found.append("This question stands above already.")
            seen.add(key)
        except ValueError as error:
            found.append(str(error))
        try:
            read_answer(answer)
        except ValueError as error:
            found.append(str(error))
        return found


class SurveyForm(Form):
    """A survey: the six questions, and further ones."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()], default=0)
    further = PairsField("Further answers")

    @property
    def moved(self) -> bool:
        """Whether the submit only added or removed a row: draw the form again, save nothing."""
        return self.further.moved

    @property
    def answers(self) -> dict[str, str]:
        """Everything that was typed, by question."""
        return {
            **{question: self[question].data or "" for question in QUESTIONS},
            **{" ".join(question.split()): answer for question, answer in self.further.data},
        }


def _question(label: str) -> TextAreaField:
    longest = f"Keep this under {LONGEST_ANSWER:,} characters."
    return TextAreaField(label, [Length(max=LONGEST_ANSWER, message=longest)])


for _key, _label in QUESTIONS.items():
    setattr(SurveyForm, _key, _question(_label))
