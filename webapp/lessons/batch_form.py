"""The form of a batch: lessons, learners, what is written and how."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.errors import BadRequest
from webapp.core.forms import Form, put_error
from webapp.core.id_lists import users_in
from webapp.lessons.batch import Choice
from webapp.lessons.models import Course, Lesson, Strategy

LEARNERS = [
    SelectChoice("all", "All learners"),
    SelectChoice("answered", "All who answered the survey"),
    SelectChoice("search", "Those a search finds"),
    SelectChoice("list", "A list of user ids"),
]
ONLY = [
    SelectChoice("stale", "Only what is missing or stale"),
    SelectChoice("missing", "Only what is missing"),
    SelectChoice("all", "All, also what is current"),
]


class BatchForm(Form):
    """What a batch is about; `offer` gives it the course's lessons."""

    course = HiddenField()
    lessons = SelectMultipleField(
        "Lessons (none marked: all)",
        choices=[],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    learners = RadioField("Learners", choices=LEARNERS, default="all")
    q = StringField("Search", [Length(max=200, message="Keep this under 200 characters.")])
    ids = TextAreaField("User ids")
    file = FileField("Or a file of user ids")
    only = RadioField("Which", choices=ONLY, default="stale")
    strategy = RadioField(
        "How",
        choices=[SelectChoice(one.value, one.label) for one in (Strategy.TEMPLATE, Strategy.BASIC)],
        default=Strategy.TEMPLATE.value,
    )
    fall_back = BooleanField("Write the basic version where the AI service fails")

    def offer(self, lessons: Sequence[Lesson]) -> BatchForm:
        """Let these lessons be chosen from."""
        self.lessons.choices = [
            SelectChoice(str(one.id), f"{one.lesson_number} {one.title}") for one in lessons
        ]
        return self

    def read_file(self) -> str:
        """Put the ids of an uploaded file among those that were typed, so that the next press has them too.

        Answers what is wrong with the file, in words.
        """
        file = self.file.data
        if not file or not file.filename:
            return ""
        try:
            found = users_in(file.stream.read().decode("utf-8-sig"), file.filename)
        except UnicodeDecodeError:
            return "This file is no text in UTF-8."
        except BadRequest as error:
            return error.message
        finally:
            file.close()
        self.ids.raw_data, self.ids.data = None, "\n".join([self.ids.data or "", *found]).strip()
        self.learners.raw_data, self.learners.data = None, "list"
        return ""

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The ids that were typed, each once. Raises BadRequest where they cannot be read."""
        return tuple(users_in(self.ids.data or "", "The list"))

    def choice(self, course: Course) -> Choice | None:
        """What was chosen; None with the errors at their fields."""
        unread = self.read_file()
        sound = self.validate()
        if unread:
            put_error(self, "file", unread)
        if unread or not sound:
            return None
        learners = str(self.learners.data)
        if learners == "search" and not self.q.data:
            put_error(self, "q", "Write what the search looks for, or choose all learners.")
            return None
        try:
            named = self.identifiers if learners == "list" else ()
        except BadRequest as error:
            put_error(self, "ids", error.message)
            return None
        if learners == "list" and not named:
            put_error(self, "ids", "Write the user ids of the learners, one a line, or choose a file.")
            return None
        return Choice(
            course_id=course.id,
            lessons=tuple(UUID(one) for one in self.lessons.data or ()),
            learners=learners,
            q=(self.q.data or "") if learners == "search" else "",
            identifiers=named,
            only=str(self.only.data),
            strategy=Strategy(self.strategy.data),
            fall_back=bool(self.fall_back.data),
        )
