"""The form of a person's preferences."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.core.record_forms import RecordForm
from webapp.leads.facts import Frequency, Tone
from webapp.leads.preferences import LONGEST, Preferences
from webapp.leads.rules.timing import read_window

TONES = {
    Tone.PROFESSIONAL: "Professional: whole sentences, to the point",
    Tone.FRIENDLY: "Friendly: warm, and in the first person",
    Tone.CONCISE: "Concise: the figures, and one sentence",
}
FREQUENCIES = {
    Frequency.DAILY: "Every day at 07:00",
    Frequency.WEEKLY: "On Mondays at 07:00",
    Frequency.OFF: "Never",
}


class PreferencesForm(RecordForm):
    """All six at once; `version` is what was read."""

    tone = RadioField(
        "Tone",
        [InputRequired("Choose a tone.")],
        choices=[SelectChoice(one.value, words) for one, words in TONES.items()],
    )
    suggests_actions = BooleanField("Suggest what to do next with each lead")
    proactive = BooleanField("Tell me unasked what needs me: leads at risk, rates and models that moved")
    contact_time = StringField("Preferred time to get in touch")
    digest = RadioField(
        "Digest",
        [InputRequired("Choose how often.")],
        choices=[SelectChoice(one.value, words) for one, words in FREQUENCIES.items()],
    )
    instructions = TextAreaField(
        "Instructions for message drafts",
        [Length(max=LONGEST, message=f"Keep this under {LONGEST} characters.")],
    )

    @classmethod
    def of(cls, known: Preferences, version: int) -> PreferencesForm:
        """The form as it is first shown."""
        values = {name: getattr(known, name) for name in ("suggests_actions", "proactive")}
        texts = {name: getattr(known, name) for name in ("contact_time", "instructions")}
        words = {"tone": known.tone.value, "digest": known.digest.value}
        return cls(formdata=None, data={**values, **texts, **words, "version": version})

    def validate_contact_time(self, field: StringField) -> None:
        """Nothing, a time, or a span."""
        try:
            read_window(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def values(self) -> dict[str, Any]:
        """What to keep. Only after `validate`."""
        return {
            "tone": Tone(self.tone.data),
            "suggests_actions": bool(self.suggests_actions.data),
            "proactive": bool(self.proactive.data),
            "contact_time": self.contact_time.data or "",
            "digest": Frequency(self.digest.data),
            "instructions": self.instructions.data or "",
        }
