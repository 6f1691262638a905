"""The forms of the preview: a text by hand, and what a trial does otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from webapp.core.db import new_id
from webapp.core.forms import Form
from webapp.core.record_forms import RecordForm
from webapp.lessons.basis import Basis
from webapp.lessons.courses import LONGEST_VOICE
from webapp.lessons.facts import LONGEST_SECTION, SECTIONS, LessonTexts, Section
from webapp.lessons.models import Strategy
from webapp.lessons.review import Read
from webapp.lessons.trials import Asked
from webapp.people.questions import LONGEST_ANSWER, QUESTIONS

ANSWER = "answer_"
LONGEST_HASH = 32


class TextForm(RecordForm):
    """The six sections as a person writes them, read at `version`."""

    reason = StringField(
        "Why (for the history)", [Length(max=300, message="Keep this under 300 characters.")]
    )
    proposal = HiddenField(default="")
    waiting = HiddenField(default="")
    seen = HiddenField(default="")

    @property
    def read(self) -> Read:
        """What the author had before them; what cannot be read counts as unseen."""
        template, _, rest = (self.seen.data or "").partition(":")
        survey, _, voice = rest.partition(":")
        known = (
            template.removeprefix("-").isdecimal()
            and len(template) < 11
            and max(len(survey), len(voice)) < 33
        )
        marks = (int(template), survey, voice) if known else None
        try:
            waiting = UUID(self.waiting.data or "")
        except ValueError:
            waiting = None
        return Read(self.version.data or 0, marks, waiting)

    @property
    def texts(self) -> LessonTexts:
        """The sections."""
        return LessonTexts(**{name: self[name].data or "" for name in SECTIONS})


for _name in SECTIONS:
    _fits = Length(max=LONGEST_SECTION, message=f"Keep this under {LONGEST_SECTION:,} characters.")
    setattr(TextForm, _name, TextAreaField(Section(_name).label, [_fits]))


class TrialForm(Form):
    """What is tried: the strategy, the instructor's voice, and the six answers."""

    strategy = RadioField(
        "Strategy",
        choices=[SelectChoice(one.value, one.label) for one in reversed(Strategy)],
        default=Strategy.TEMPLATE.value,
    )
    voice = TextAreaField(
        "The instructor’s voice",
        [Length(max=LONGEST_VOICE, message=f"Keep this under {LONGEST_VOICE:,} characters.")],
    )
    once = HiddenField(default=lambda: new_id().hex)

    @classmethod
    def of(cls, basis: Basis, strategy: Strategy) -> TrialForm:
        """The form with what is saved, or with what the trial shown had asked for."""
        answers = {f"{ANSWER}{name}": basis.brief.learner.answers.get(name, "") for name in QUESTIONS}
        data = {"strategy": strategy.value, "voice": basis.brief.course.voice, **answers}
        return cls(formdata=None, data=data)

    def asked(self, basis: Basis) -> Asked:
        """What differs from what is saved; `basis` is the saved one."""
        voice = (self.voice.data or "").replace("\r\n", "\n")
        answers = self._answers(basis.brief.learner.answers)
        return Asked(
            Strategy(self.strategy.data),
            voice if self.voice.raw_data and voice != basis.brief.course.voice.strip() else None,
            answers if answers != basis.brief.learner.answers else None,
        )

    def _answers(self, saved: Mapping[str, str]) -> dict[str, str]:
        """The six as the form has them, the further ones as they are saved."""
        fields = {name: self[f"{ANSWER}{name}"] for name in QUESTIONS}
        sent = {name: field for name, field in fields.items() if field.raw_data}
        told = {name: (field.data or "").replace("\r\n", "\n") for name, field in sent.items()}
        # A form sends no space around a text; one that is saved with it is not another answer.
        same = {
            name: saved[name] for name, text in told.items() if name in saved and saved[name].strip() == text
        }
        merged = {**saved, **told, **same}
        return {name: text for name, text in merged.items() if text.strip()}


for _question, _label in QUESTIONS.items():
    _fits = Length(max=LONGEST_ANSWER, message=f"Keep this under {LONGEST_ANSWER:,} characters.")
    setattr(TrialForm, f"{ANSWER}{_question}", TextAreaField(_label, [_fits]))
