"""What a new experiment begins with: nothing, or something personal that is put behind it in two clicks."""

from __future__ import annotations

from datetime import datetime

from webapp.core.trials import Treatment
from webapp.experiments.facts import MetricKind, Role
from webapp.experiments.rules.design import Counted, Design, Variant


def behind(treatment: Treatment, minimum_sample: int, now: datetime) -> Design:
    """An experiment on the treatment: without it (the control) and with it, half of the users each."""
    day = now.date().isoformat()
    return Design(
        key=f"{treatment.key.replace('_', '-')}-{day}",
        name=f"{treatment.label}, {day}",
        hypothesis=f"{treatment.label} moves “{treatment.measures[0].name}” against {treatment.control}.",
        variants=(Variant("control", "Without", 0.5), Variant("personal", treatment.label, 0.5)),
        metrics=tuple(
            Counted(
                one.key,
                one.name,
                MetricKind(one.kind),
                Role.PRIMARY if place == 0 else Role.GUARD_RAIL,
                event_kind=one.event,
            )
            for place, one in enumerate(treatment.measures)
        ),
        treatment=treatment.key,
        minimum_sample=minimum_sample,
    )


def blank(minimum_sample: int) -> Design:
    """An empty experiment of two variants."""
    return Design(
        key="",
        name="",
        variants=(Variant("control", "Control", 0.5), Variant("b", "With the change", 0.5)),
        metrics=(Counted("purchase", "Bought something", role=Role.PRIMARY, event_kind="purchase"),),
        minimum_sample=minimum_sample,
    )
