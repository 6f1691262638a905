"""The form of a night."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from webapp.archetypes.models import Night
from webapp.archetypes.nights import NIGHT_COLUMNS, night_texts
from webapp.core.record_forms import RecordForm


def _fits(longest: int) -> Length:
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


class NightForm(RecordForm):
    """A night, in the wire's names; what the texts mean is read where they are saved."""

    night_id = StringField("Night", [InputRequired("Say how you know this night."), _fits(200)])
    date = StringField("Date", [InputRequired("Say which date."), _fits(10)], widget=DateInput())
    base_price = StringField(
        "Base price",
        [InputRequired("Say what the night costs."), _fits(40)],
        render_kw={"inputmode": "decimal"},
    )
    currency = StringField("Currency", [InputRequired("Say in which currency."), _fits(3)])
    market_demand = StringField("Market demand", [_fits(12)], render_kw={"inputmode": "decimal"})

    @classmethod
    def of(cls, night: Night) -> NightForm:
        """The form with what is saved."""
        return cls(formdata=None, data={**night_texts(night), "version": night.version})

    @property
    def texts(self) -> dict[str, str]:
        """What the form says of the night."""
        return {name: self[name].data or "" for name in NIGHT_COLUMNS}
