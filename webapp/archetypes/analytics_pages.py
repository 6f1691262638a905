"""The page of what recommendations brought, and its numbers as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from webapp.archetypes.analytics import (
    BIG_SPENDER_TARGET,
    FOLLOW_TARGET,
    MOST,
    PARTS,
    SECONDS_TARGET,
    WEEKS,
    Brought,
    Slice,
    brought,
    verdict,
)
from webapp.archetypes.blueprint import pages
from webapp.archetypes.rule_state import state_of
from webapp.archetypes.rules.measure import Estimate
from webapp.core.access import Permission, requires
from webapp.core.charts import Interval, IntervalChart, interval
from webapp.core.csv_files import csv_parts
from webapp.core.db import db
from webapp.core.htmx import render
from webapp.core.services import services

HEAD = ("part", "value", "figure", "n", "estimate", "low", "high")
FIGURES = ("follow", "seconds", "revenue")


@pages.get("/analytics")
@requires(Permission.ARCHETYPES_READ)
def analytics() -> Response:
    told = _brought()
    return render(
        "archetypes/analytics.html",
        None,
        200,
        told=told,
        verdict=verdict(told),
        weeks=_weeks(),
        choices=WEEKS,
        most=MOST,
        targets={"follow": FOLLOW_TARGET, "big": BIG_SPENDER_TARGET, "seconds": SECONDS_TARGET},
        charts={part: _follow_chart(told.by[part]) for part in PARTS if told.by[part]},
        revenue=_revenue_chart([told.personal, told.held_out], told.currency),
    )


@pages.get("/analytics/export")
@requires(Permission.ARCHETYPES_READ)
def export_analytics() -> Response:
    headers = {"Content-Disposition": 'attachment; filename="recommendations.csv"'}
    return FlaskResponse(csv_parts(HEAD, _rows(_brought())), mimetype="text/csv", headers=headers)


def _weeks() -> int:
    given = request.args.get("weeks", "")
    return next((one for one in WEEKS if str(one) == given), WEEKS[1])


def _brought() -> Brought:
    session = db.session()
    state = state_of(session)
    return brought(session, services().clock.now(), state.zone, state.currency, _weeks())


def _follow_chart(slices: Sequence[Slice]) -> IntervalChart:
    rows = [
        Interval(one.name, rate.value, rate.low, rate.high, f"{rate.value * 100:.0f} % of {rate.n:,}")
        for one in slices
        for rate in (one.follow,)
        if rate.value is not None and rate.low is not None and rate.high is not None
    ]
    return interval(rows, most=1.0, base=FOLLOW_TARGET, percent=True)


def _revenue_chart(slices: Sequence[Slice], currency: str) -> IntervalChart | None:
    rows = [
        Interval(one.name, mean.value, mean.low, mean.high, f"{mean.value:,.0f} {currency}")
        for one in slices
        for mean in (one.revenue,)
        if mean.value is not None and mean.low is not None and mean.high is not None
    ]
    return interval(rows) if len(rows) > 1 else None


def _rows(told: Brought) -> Iterator[list[str]]:
    named = [("all", told.overall), ("group", told.personal), ("group", told.held_out)]
    parted = [(part, one) for part, slices in told.by.items() for one in slices]
    for part, one in [*named, ("archetype", told.big_spenders), *parted]:
        for figure in FIGURES:
            yield [part, one.name, figure, *_cells(getattr(one, figure))]
    yield ["uplift", "Personalized over held out", "revenue", *_cells(told.uplift)]


def _cells(found: Estimate) -> list[str]:
    numbers = (found.value, found.low, found.high)
    return [str(found.n), *("" if one is None else f"{one:.6g}" for one in numbers)]
