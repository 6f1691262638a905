"""What experiments hold of a person: which variants they met, and what was counted of them."""

from __future__ import annotations

from webapp.core.privacy import Holding, nothing_personal
from webapp.experiments.models import Experiment, Exposure, Metric, MetricValue, VariantOverride

HOLDINGS = (
    nothing_personal(
        Experiment,
        "key",
        "seed",
        "variants",
        "namespace",
        "audience",
        "treatment",
        "decision",
        "concluded",
        "by",
        mentions=("name", "hypothesis", "reason"),
        why="It is about a question; what it found are counts.",
    ),
    nothing_personal(Metric, "key", "name", "event_kind"),
    Holding(
        VariantOverride,
        by=(VariantOverride.person_id,),
        title="Variants set by staff",
        plain=("variant", "by"),
        hides=("by",),
    ),
    Holding(Exposure, by=(Exposure.person_id,), title="Variants of experiments", plain=("variant",)),
    Holding(
        MetricValue,
        by=(MetricValue.person_id,),
        title="Counted in experiments",
        personal=("identifier",),
    ),
)
