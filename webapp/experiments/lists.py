"""The list of experiments: how it is searched, filtered and sorted, and its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.core.access import Permission
from webapp.core.list_desk import ListDesk
from webapp.core.reading import moment_text
from webapp.core.tables import Column, Filter, Listing
from webapp.experiments.models import Experiment

LISTING = Listing(
    model=Experiment,
    columns=(
        Column("name", Experiment.name),
        Column("key", Experiment.key),
        Column("started", Experiment.started_at),
        Column("updated", Experiment.updated_at),
    ),
    search=(Experiment.name, Experiment.key),
    filters=(Filter("state", Experiment.state, "State"),),
    default_sort="-updated",
)
COLUMNS = ("key", "name", "state", "variants", "coverage", "started_at", "stopped_at", "decision", "reason")


def _texts(row: Any) -> Mapping[str, str]:
    return {
        "key": row.key,
        "name": row.name,
        "state": row.state.value,
        "variants": ", ".join(f"{one['key']} {one['weight']:.4g}" for one in row.variants),
        "coverage": f"{row.coverage:.4g}",
        "started_at": moment_text(row.started_at),
        "stopped_at": moment_text(row.stopped_at),
        "decision": row.decision,
        "reason": row.reason,
    }


EXPERIMENT_DESK = ListDesk(
    name="experiments",
    noun="experiment",
    listing=LISTING,
    read=Permission.EXPERIMENTS_READ,
    write=Permission.EXPERIMENTS_MANAGE,
    columns=COLUMNS,
    texts=_texts,
    endpoint="experiments.index",
)
