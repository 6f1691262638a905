"""The form of an experiment: a row a variant and a metric; shares are written in percent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, Length

from webapp.core.forms import Form, put_error
from webapp.core.record_forms import RecordForm
from webapp.core.trials import Treatment
from webapp.experiments.facts import MetricKind, Role
from webapp.experiments.rules.design import FACTS, LONGEST_TEXT, NO_DECISION, Counted, Design, Variant
from webapp.experiments.rules.hashing import Namespace
from webapp.experiments.steering import LONGEST_REASON

Row = dict[str, str]
VARIANT_PARTS = ("key", "name", "weight")
METRIC_PARTS = ("key", "name", "kind", "role", "better", "event")
MOST_ROWS, LONGEST_CELL = 40, 1_000
NEW_METRIC = {"kind": MetricKind.PROPORTION.value, "role": Role.SECONDARY.value, "better": "higher"}
NUMBER = "Write a number such as 5 or 0.5."


class TableField(Field):
    """Rows of inputs; `rows` is what was typed. Buttons named `move` add and remove rows without a script."""

    def __init__(self, label: str, parts: Sequence[str], fresh: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.parts, self.fresh = tuple(parts), {**dict.fromkeys(parts, ""), **fresh}
        self.rows: list[Row] = []
        self.moved = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the rows, then do what the pressed button asks of them."""
        super().process(None, data, extra_filters)
        self.rows = [{**self.fresh, **row} for row in self.data or []]
        if formdata is not None and ("version" in formdata or "move" in formdata):
            columns = [formdata.getlist(f"{self.name}-{part}") for part in self.parts]
            cells = zip(*columns, strict=False)
            typed = [[cell.strip()[:LONGEST_CELL] for cell in row] for row in cells]
            self.rows = [dict(zip(self.parts, row, strict=True)) for row in typed][:MOST_ROWS]
            for order in formdata.getlist("move"):
                self._move(order)

    @property
    def filled(self) -> list[Row]:
        """The rows that say anything."""
        return [row for row in self.rows if row["key"] or row["name"]]

    def _move(self, order: str) -> None:
        name, _, rest = order.partition(":")
        row, _, deed = rest.partition(":")
        if name != self.name:
            return
        self.moved = True
        if deed == "add":
            self.rows.append(dict(self.fresh))
        elif row.isdecimal() and len(row) < 4 and int(row) < len(self.rows):
            self.rows.pop(int(row))


def _fits(longest: int) -> Length:
    return Length(max=longest, message=f"Keep this under {longest:,} characters.")


class ExperimentForm(RecordForm):
    """An experiment as it is laid out."""

    name = StringField("Name", [InputRequired("Say what the experiment is called."), _fits(200)])
    key = StringField("Key", [_fits(100)])
    hypothesis = TextAreaField("Hypothesis", [_fits(LONGEST_TEXT)])
    treatment = SelectField("What the control is held back from", validate_choice=False)
    variants = TableField("Variants", VARIANT_PARTS, {})
    metrics = TableField("Metrics", METRIC_PARTS, NEW_METRIC)
    coverage = StringField("Coverage", default="100")
    seed = StringField("Seed", [_fits(200)])
    namespace_id = StringField("Namespace", [_fits(100)])
    namespace_begin = StringField("From", default="0")
    namespace_end = StringField("To", default="100")
    audience_archetype = StringField("Archetype", [_fits(2_000)])
    audience_lifecycle = StringField("Lifecycle", [_fits(2_000)])
    audience_category = StringField("Favourite category", [_fits(6_000)])
    audience_locale = StringField("Language", [_fits(2_000)])
    audience_segment = StringField("Segment", [_fits(2_000)])
    minimum_effect = StringField("Smallest effect that matters", default="5")
    baseline = StringField("Baseline of the metric that decides")
    deviation = StringField("Standard deviation of a user’s number")
    a_day = StringField("Users a day")
    minimum_sample = StringField("Minimum sample")
    alpha = StringField("Chance of a false alarm", default="5")
    power = StringField("Power", default="80")

    @classmethod
    def of(cls, design: Design, version: int) -> ExperimentForm:
        """The form with what is saved."""
        return cls(formdata=None, data={**texts_of(design), "version": version})

    def offer(self, treatments: Mapping[str, Treatment]) -> ExperimentForm:
        """Offer what can be held back."""
        known = [SelectChoice(one.key, one.label) for one in treatments.values()]
        self.treatment.choices = [
            SelectChoice("", "Nothing here: our own programs act on the variant"),
            *known,
        ]
        return self

    @property
    def moved(self) -> bool:
        """Whether the submit only added or removed a row: draw the form again, save nothing."""
        return bool(self.variants.moved or self.metrics.moved)

    def design(self, usual_sample: int) -> Design | None:
        """What the form says; None after blaming what cannot be read."""
        fine = self.validate()
        found = {name: self._number(name) for name in ("coverage", "minimum_effect", "alpha", "power")}
        plain = {name: self._number(name) for name in ("baseline", "deviation", "a_day")}
        whole = self._number("minimum_sample")
        part = self._namespace()
        variants, metrics = self._variants(), self._metrics()
        if not fine or self.problems:
            return None
        usual = {"coverage": 100.0, "minimum_effect": 5.0, "alpha": 5.0, "power": 80.0}
        shares = {name: (usual[name] if given is None else given) / 100 for name, given in found.items()}
        return Design(
            key=self.key.data or made_key(self.name.data or ""),
            name=self.name.data or "",
            hypothesis=(self.hypothesis.data or "").replace("\r\n", "\n"),
            treatment=self.treatment.data or "",
            variants=variants,
            metrics=metrics,
            seed=self.seed.data or "",
            namespace=part,
            audience=self._audience(),
            minimum_sample=usual_sample if whole is None else int(max(min(whole, 1e9), -1)),
            baseline=plain["baseline"],
            deviation=plain["deviation"],
            a_day=plain["a_day"],
            coverage=shares["coverage"],
            minimum_effect=shares["minimum_effect"],
            alpha=shares["alpha"],
            power=shares["power"],
        )

    def _number(self, name: str) -> float | None:
        text = (self[name].data or "").strip().removesuffix("%").replace(",", "").strip()
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not isfinite(number) or len(text) > 30:
            put_error(self, name, NUMBER)
            return None
        return number

    def _namespace(self) -> Namespace | None:
        if not self.namespace_id.data:
            return None
        begin, end = self._number("namespace_begin"), self._number("namespace_end")
        return Namespace(self.namespace_id.data, (begin or 0.0) / 100, 1.0 if end is None else end / 100)

    def _audience(self) -> dict[str, tuple[str, ...]]:
        words = {fact: _words(self[f"audience_{fact}"].data or "") for fact in FACTS}
        return {fact: some for fact, some in words.items() if some}

    def _variants(self) -> tuple[Variant, ...]:
        found = []
        for row in self.variants.filled:
            try:
                weight = float(row["weight"].removesuffix("%") or "1") / 100
            except ValueError:
                put_error(self, "variants", f"The weight of “{row['name'] or row['key']}” is no number.")
                weight = 0.0
            found.append(Variant(row["key"] or made_key(row["name"]), row["name"], weight))
        return tuple(found)

    def _metrics(self) -> tuple[Counted, ...]:
        found = []
        for row in self.metrics.filled:
            try:
                kind, role = MetricKind(row["kind"]), Role(row["role"])
            except ValueError:
                put_error(self, "metrics", f"Choose how “{row['name'] or row['key']}” counts, and what for.")
                continue
            key = row["key"] or made_key(row["name"])
            found.append(Counted(key, row["name"], kind, role, row["better"] != "lower", row["event"]))
        return tuple(found)


class StopForm(Form):
    """What is decided, and why."""

    decision = SelectField("Decision", validate_choice=False)
    reason = TextAreaField("Why", [_fits(LONGEST_REASON)])

    def offer(self, variants: Sequence[Mapping[str, Any]]) -> StopForm:
        """Offer what can be decided; nothing is chosen beforehand."""
        ship = [SelectChoice(one["key"], f"Ship “{one['name']}”") for one in variants[1:]]
        keep = SelectChoice(variants[0]["key"], f"Keep the control, “{variants[0]['name']}”")
        self.decision.choices = [
            SelectChoice("", "Choose…"),
            *ship,
            keep,
            SelectChoice(NO_DECISION, "No decision"),
        ]
        return self


def texts_of(design: Design) -> dict[str, Any]:
    """What stands in the fields for a design."""
    part = design.namespace
    return {
        "name": design.name,
        "key": design.key,
        "hypothesis": design.hypothesis,
        "treatment": design.treatment,
        "seed": "" if design.seed == design.key else design.seed,
        "variants": [
            {"key": one.key, "name": one.name, "weight": plain(one.weight * 100)} for one in design.variants
        ],
        "metrics": [
            {
                "key": one.key,
                "name": one.name,
                "kind": one.kind.value,
                "role": one.role.value,
                "better": "higher" if one.higher_is_better else "lower",
                "event": one.event_kind,
            }
            for one in design.metrics
        ],
        "coverage": plain(design.coverage * 100),
        "namespace_id": part.id if part else "",
        "namespace_begin": plain(part.begin * 100) if part else "0",
        "namespace_end": plain(part.end * 100) if part else "100",
        **{f"audience_{fact}": ", ".join(design.audience.get(fact, ())) for fact in FACTS},
        "minimum_effect": plain(design.minimum_effect * 100),
        "minimum_sample": str(design.minimum_sample),
        "alpha": plain(design.alpha * 100),
        "power": plain(design.power * 100),
        **{name: _said(getattr(design, name)) for name in ("baseline", "deviation", "a_day")},
    }


def plain(number: float) -> str:
    """A number with the digits it has, at most six behind the point."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def made_key(name: str) -> str:
    """A key made of a name: small letters and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]


def _said(number: float | None) -> str:
    return "" if number is None else plain(number)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for one in text.split(",") if (word := " ".join(one.split()))))
