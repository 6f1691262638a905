"""The forms of courses, lessons and templates."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from webapp.core.forms import LinesField
from webapp.core.record_forms import RecordForm
from webapp.lessons.courses import LONGEST_VOICE, LONGEST_WORD, MOST_LENGTH, MOST_WORDS, course_values
from webapp.lessons.facts import DEFAULT_LENGTHS, LONGEST_SECTION, SECTIONS, Section
from webapp.lessons.lessons import LONGEST_DESCRIPTION, MOST_NUMBER
from webapp.lessons.models import Course
from webapp.lessons.templates import LONGEST_REASON


def _fits(longest: int) -> Length:
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


class CourseForm(RecordForm):
    """A course. The words of each section stand in two fields, `…_least` and `…_most`."""

    name = StringField("Name", [InputRequired("Name the course."), _fits(200)])
    key = StringField("Key", [InputRequired("Give the course a key."), _fits(60)])
    language = StringField("Language", [_fits(20)], default="en")
    voice = TextAreaField("The instructor’s voice", [_fits(LONGEST_VOICE)])
    required_words = LinesField("Required words", most=MOST_WORDS, longest=LONGEST_WORD, row_label="Word")
    banned_words = LinesField("Banned words", most=MOST_WORDS, longest=LONGEST_WORD, row_label="Word")
    basic_allowed = BooleanField("Write by rules where the AI service cannot")
    serve_unreviewed = BooleanField("Serve lessons that nobody has reviewed", default=True)
    nightly = BooleanField("Refresh stale lessons every night, within the daily limit")

    @classmethod
    def of(cls, course: Course) -> CourseForm:
        """The form with what is saved."""
        values = course_values(course)
        lengths = values.pop("lengths")
        pairs = {f"{name}_{end}": number for name in SECTIONS for end, number in _ends(lengths[name])}
        return cls(formdata=None, data={**values, **pairs, "version": course.version})

    @property
    def values(self) -> dict[str, Any]:
        """What the form says of the course, by field."""
        lengths = {name: [self[f"{name}_least"].data, self[f"{name}_most"].data] for name in SECTIONS}
        plain = ("name", "key", "language", "voice", "basic_allowed", "serve_unreviewed", "nightly")
        return {
            **{name: self[name].data if self[name].data is not None else "" for name in plain},
            "required_words": self.required_words.data,
            "banned_words": self.banned_words.data,
            "lengths": lengths,
        }


def _ends(pair: list[int]) -> list[tuple[str, int]]:
    return [("least", pair[0]), ("most", pair[1])]


def _words(section: str, end: str) -> IntegerField:
    label = f"{Section(section).label}, {'at least' if end == 'least' else 'at most'}"
    usual = dict(_ends(list(DEFAULT_LENGTHS[section])))[end]
    asked = InputRequired(f"{label}: write a number of words.")
    bounds = NumberRange(0, MOST_LENGTH, f"{label}: write a number of words from 0 to {MOST_LENGTH:,}.")
    return IntegerField(label, [asked, bounds], default=usual, render_kw={"inputmode": "numeric"})


for _name in SECTIONS:
    for _end in ("least", "most"):
        setattr(CourseForm, f"{_name}_{_end}", _words(_name, _end))


class LessonForm(RecordForm):
    """A lesson."""

    lesson_number = IntegerField(
        "Number",
        [
            InputRequired("Give the lesson its number in the course."),
            NumberRange(0, MOST_NUMBER, f"Write a whole number from 0 to {MOST_NUMBER:,}."),
        ],
        render_kw={"inputmode": "numeric"},
    )
    title = StringField("Title", [InputRequired("Give the lesson a title."), _fits(300)])
    description = TextAreaField("What it is about", [_fits(LONGEST_DESCRIPTION)])
    code = StringField("Id in files’ names", [_fits(80)])

    @property
    def values(self) -> dict[str, Any]:
        """What the form says of the lesson, by field."""
        names = ("lesson_number", "title", "description", "code")
        return {name: self[name].data if self[name].data is not None else "" for name in names}


class TemplateForm(RecordForm):
    """A template: the six sections, and why they changed. `version` is the number that was read."""

    reason = StringField("Why (for the history)", [_fits(LONGEST_REASON)])

    @property
    def values(self) -> dict[str, str]:
        """The sections' texts."""
        return {name: self[name].data or "" for name in SECTIONS}


for _name in SECTIONS:
    setattr(TemplateForm, _name, TextAreaField(Section(_name).label, [_fits(LONGEST_SECTION)]))
