"""Made-up values for the style guide, so that the page shows each component in each state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webapp.core import text
from webapp.core.charts import (
    Bin,
    CalibrationChart,
    LineChart,
    Marker,
    Point,
    RocChart,
    Threshold,
    calibration,
    line,
    roc,
)
from webapp.core.diff import diff
from webapp.core.forms import Form, LinesField, put_error

OLD = "Patients who finish their plan at home, and a number to show the insurers that they did."
NEW = "Proof, for insurers, that patients finish their plan at home."
TOKENS = tuple(
    "paper surface sunken ink muted line edge accent accent-wash draft draft-wash "  # noqa: SIM905  # reads better
    "bad bad-wash info info-wash".split()
)
JOBS = (
    ("queued", "Waiting", "plain", "3 jobs are before it.", None),
    ("running", "Running", "info", "148 of 200 done, 3 need attention. About 2 minutes left.", 148),
    ("done", "Done", "own", "200 of 200 done in 6 minutes.", 200),
    ("done with failures", "Done, 3 left", "draft", "2 without a survey, 1: the service was busy.", 197),
    ("failed", "Failed", "bad", "The AI key was refused after 12. Nothing was overwritten.", 12),
    ("cancelled", "Stopped by Ines", "plain", "60 of 200 were done and are kept.", 60),
    ("interrupted", "Interrupted", "draft", "The machine restarted. It goes on by itself.", 90),
)


class SampleForm(Form):
    """One field of each kind."""

    name = StringField("Name")
    title = StringField("Title")
    goal = TextAreaField("Core goal")
    pains = LinesField("Pain points", row_label="Pain point")
    size = SelectField("Size", choices=["", "1 to 9 people", "10 to 49 people"])
    days = IntegerField("Runs for")
    tone = RadioField(
        "Tone", choices=[SelectChoice("warm", "Warm"), SelectChoice("exact", "Exact")], default="warm"
    )
    again = BooleanField("Also redraft the two fields I edited")


@dataclass(frozen=True, slots=True)
class SampleSource:
    """Where a text comes from, as `ui.provenance` reads it."""

    state: str
    model: str | None = None
    prompt: str | None = None
    at: object = None
    edited_by: str | None = None
    edited_at: object = None


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A page of a list, as `ui.pager` reads it."""

    count: int = 10_000
    capped: bool = True
    size: int = 25
    shown: int = 25
    next: str | None = "b"
    previous: str | None = None


def sample() -> dict[str, object]:
    """All that styleguide.html needs; call it inside a request."""
    now = text.now()
    earlier = now - timedelta(minutes=3)
    return {
        "fine": filled("a"),
        "wrong": wrong(),
        "tokens": diff(OLD, NEW),
        "drafted": SampleSource("drafted", "gpt-4o-mini", "persona 3", earlier),
        "edited": SampleSource("edited", "gpt-4o-mini", "persona 3", earlier, "Ines Marquardt", now),
        "own": SampleSource("own", edited_by="Ines Marquardt", edited_at=earlier),
        "by_rules": SampleSource("drafted"),
        "page": SamplePage(),
        "last_page": SamplePage(count=312, capped=False, shown=12, next=None, previous="a"),
        "colours": TOKENS,
        "jobs": JOBS,
        "earlier": earlier,
        "accuracy": accuracy(),
        "reliability": reliability(),
        "curve": curve(),
        "later": now + timedelta(days=2, minutes=1),
    }


def accuracy() -> LineChart:
    """A line with its interval, what it is compared with, and three marked moments."""
    shares = (0.57, 0.6, 0.66, 0.65, 0.7, 0.74)
    months = [datetime(2026, 6 + number, 1, tzinfo=UTC) for number in range(len(shares))]
    points = [
        Point(month, share, share - 0.12 + number * 0.01, share + 0.12 - number * 0.01)
        for number, (month, share) in enumerate(zip(months, shares, strict=True))
    ]
    versions = [Marker(months[place], f"v{number}") for place, number in ((1, 2), (2, 3), (4, 4))]
    return line(points, versions, base=0.61, percent=True)


def reliability() -> CalibrationChart:
    """A reliability diagram of five bins."""
    bins = ((0.1, 4, 38), (0.3, 7, 25), (0.5, 12, 24), (0.7, 10, 17), (0.88, 7, 10))
    return calibration([Bin(*one) for one in bins])


def curve() -> RocChart:
    """A ROC curve with its threshold."""
    points = ((0.0, 0.2), (0.05, 0.45), (0.12, 0.62), (0.22, 0.8), (0.4, 0.9), (0.7, 0.97))
    return roc(points, Threshold(0.22, 0.8, "50 %"))


def filled(prefix: str) -> SampleForm:
    """A form in order."""
    return SampleForm(
        formdata=None,
        prefix=prefix,
        meta={"csrf": False},
        data={
            "name": "The chain-practice owner",
            "title": "Managing partner, physiotherapy group",
            "goal": "Keep four practices full without hiring a fifth front-desk person.",
            "pains": ["No-shows after the third session", "Three calendars that never agree"],
            "days": 14,
            "size": "10 to 49 people",
        },
    )


def wrong() -> SampleForm:
    """A form with something to mend."""
    form = filled("b")
    put_error(form, "name", "Give the persona a name.")
    put_error(form, "pains", "Keep at most 20; these are 21.")
    put_error(form, "size", "Choose one of the sizes.")
    return form
