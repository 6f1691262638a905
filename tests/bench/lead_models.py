"""Judges the personal lead model beside the default, naive Bayes, logistic regression and boosting.

`python -m tests.bench.lead_models [--seeds N] [--sizes N …] [--csv FILE --outcome COLUMN] [--plot FILE]`

Without a file: worlds whose true probabilities are known; each seed trains on so many leads of a world and
is judged on 4,000 others by expected log-loss and Brier score under the truth, by AUC and calibration error
on outcomes. With a CSV of real leads: each seed trains on so many random rows and is judged on the rest;
columns named like kinds of activity are counts, `source`, `value` and `stage` are themselves, everything
else is an attribute. The status is 0 when the personal model is nowhere worse than the best other way by
more than a standard error over seeds; where that way is the default, what is in force is held against it.
Not part of any suite.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from tests.bench.lead_plot import plotted
from tests.bench.lead_worlds import WORLDS, Drawn
from webapp.leads.facts import ACTIVITY_LABELS
from webapp.leads.rules.encoding import number_of
from webapp.leads.rules.evaluation import Sample, calibrated, cross_validated
from webapp.leads.rules.leaks import auc
from webapp.leads.rules.metrics import BINS, bin_of
from webapp.leads.rules.moments import STAGES, Moments, chosen
from webapp.leads.rules.personal import Personal, by_default
from webapp.leads.rules.score import Floats, Standing
from webapp.leads.rules.training import LEAST_OF_EACH, verdict

SIZES = (20, 50, 200, 1_000)
TESTED = 4_000
FRESH = 10_000  # a seed of the leads that are judged on, apart from those of the training
WAYS = ("personal", "in force", "default", "naive Bayes", "logistic", "boosting")
RIVALS = ("default", "naive Bayes", "logistic", "boosting")
Figures = dict[str, list[dict[str, float]]]


def main() -> int:
    """Draw, train, judge, print; see the module's sentence for the status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--outcome", default="converted")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")  # of scikit-learn, about fits that did not converge
    tables = list(_of_file(given) if given.csv else _of_worlds(given))
    if given.plot:
        given.plot.write_text(plotted(tables, WAYS), "utf-8")
    sys.stdout.write(json.dumps(tables) if given.json else _as_text(tables))
    return int(any(row["worse"] for row in tables))


def _of_worlds(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for name, draw in WORLDS.items():
        tested = draw(TESTED, np.random.default_rng(FRESH))
        for size in given.sizes:
            figures = _seeds(
                given.seeds,
                lambda seed, size=size, draw=draw, tested=tested: _tried(  # type: ignore[misc]  # defaults bind the loops' values
                    draw(size, np.random.default_rng(seed)), tested
                ),
            )
            yield _row(name, size, figures)


def _of_file(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    rows = list(csv.DictReader(given.csv.read_text("utf-8-sig").splitlines()))
    leads = read_leads(rows, given.outcome)
    for size in (one for one in given.sizes if one <= 0.7 * len(rows)):
        figures = _seeds(given.seeds, lambda seed, size=size: _tried(*_split(leads, size, seed)))  # type: ignore[misc]  # a default binds the loop's value
        yield _row(given.csv.name, size, figures)


def _split(leads: Drawn, size: int, seed: int) -> tuple[Drawn, Drawn]:
    order = np.random.default_rng(seed).permutation(len(leads.won))
    return _some(leads, order[:size]), _some(leads, order[size:])


def _some(leads: Drawn, places: Any) -> Drawn:
    rows = np.zeros(len(leads.won), bool)
    rows[places] = True
    moments = chosen(leads.moments, rows)
    numbered = Moments(
        np.arange(int(rows.sum())),
        moments.weight,
        moments.standing,
        moments.stage,
        moments.sources,
        moments.values,
        moments.attributes,
    )
    return Drawn(numbered, leads.won[rows], leads.truth[rows])


def read_leads(rows: Sequence[dict[str, str]], outcome: str) -> Drawn:
    """Real closed leads from the rows of a CSV; the outcome is 1, yes, true or WON for a won one."""
    if not rows or outcome not in rows[0]:
        raise SystemExit(f"The file has no column {outcome}.")
    won = np.array([row[outcome].strip().lower() in {"1", "yes", "true", "won"} for row in rows], float)
    kinds = tuple(name for name in rows[0] if name in ACTIVITY_LABELS)
    known = {outcome, *kinds, "source", "value", "stage", "days_since_last_activity", "age_days"}
    counts = np.array([[number_of(row[kind]) or 0.0 for kind in kinds] for row in rows], float)
    quiet = [number_of(row.get("days_since_last_activity", "")) for row in rows]
    standing = Standing(
        kinds,
        counts.reshape(len(rows), len(kinds)),
        recent=counts.sum(axis=1) if kinds else np.zeros(len(rows)),
        quiet_days=np.array([np.inf if one is None else one for one in quiet], float),
        age_days=np.array([number_of(row.get("age_days", "")) or 0.0 for row in rows], float),
    )
    stages = {stage.value: place for place, stage in enumerate(STAGES)}
    values = [number_of(row.get("value", "")) for row in rows]
    moments = Moments(
        np.arange(len(rows)),
        np.ones(len(rows)),
        standing,
        np.array([stages.get(row.get("stage", "").upper(), 0) for row in rows], np.int64),
        [row.get("source", "") for row in rows],
        np.array([np.nan if one is None else one for one in values], float),
        [{name: value for name, value in row.items() if name not in known and value} for row in rows],
    )
    return Drawn(moments, won, won)


def _seeds(seeds: int, tried: Callable[[int], dict[str, dict[str, float]] | None]) -> Figures:
    figures: Figures = {way: [] for way in WAYS}
    seed = 0
    while min(len(one) for one in figures.values()) < seeds:
        found = tried(seed)
        seed += 1
        if found is not None:
            for way, told in found.items():
                figures[way].append(told)
    return figures


def _tried(learned: Drawn, tested: Drawn) -> dict[str, dict[str, float]] | None:
    """Train every way on the one and judge it on the other; None when only one outcome was drawn."""
    won = learned.won
    if not 0 < won.sum() < len(won):
        return None
    sample = Sample(learned.moments, won, np.zeros(len(won)))
    model = Personal.train(learned.moments, won)
    default = by_default(tested.moments).probability
    personal, in_force = model.predict(tested.moments).probability, default
    if min(won.sum(), len(won) - won.sum()) >= LEAST_OF_EACH:
        found, calibrator = calibrated(cross_validated(sample), len(won))
        personal = model.calibrated(calibrator).predict(tested.moments).probability
        if verdict(found)[0]:
            in_force = personal
    x, fresh = model.encoder.encode(learned.moments), model.encoder.encode(tested.moments)
    said = {
        "personal": personal,
        "in force": in_force,
        "default": default,
        "naive Bayes": naive_bayes(x, won, fresh),
        "logistic": LogisticRegression(max_iter=1000).fit(x, won).predict_proba(fresh)[:, 1],
        "boosting": GradientBoostingClassifier(random_state=0).fit(x, won).predict_proba(fresh)[:, 1],
    }
    return {way: _judged(p, tested) for way, p in said.items()}


def naive_bayes(x: Floats, won: Floats, fresh: Floats) -> Floats:
    """Each column in thirds, counted by outcome with one imagined lead in each (Laplace's rule)."""
    odds = np.full(len(fresh), logit((won.sum() + 1) / (len(won) + 2)))
    for place in range(x.shape[1]):
        edges = np.unique(np.quantile(x[:, place], [1 / 3, 2 / 3]))
        seen, new = np.searchsorted(edges, x[:, place]), np.searchsorted(edges, fresh[:, place])
        of_won = np.bincount(seen[won > 0], minlength=len(edges) + 1) + 1.0
        of_lost = np.bincount(seen[won == 0], minlength=len(edges) + 1) + 1.0
        odds += np.log(of_won / of_won.sum())[new] - np.log(of_lost / of_lost.sum())[new]
    answer: Floats = expit(odds)
    return answer


def _judged(probability: Floats, tested: Drawn) -> dict[str, float]:
    q, p = np.clip(probability, 1e-6, 1 - 1e-6), tested.truth
    away = np.bincount(bin_of(q), q - tested.won, BINS)
    return {
        "log_loss": float(-(p * np.log(q) + (1 - p) * np.log1p(-q)).mean()),
        "brier": float((p * (1 - q) ** 2 + (1 - p) * q**2).mean()),
        "auc": auc(q, tested.won),
        "calibration": float(np.abs(away).sum() / len(q)),
    }


def _row(world: str, size: int, figures: Figures) -> dict[str, Any]:
    """Means over seeds, and how the personal model stands to the best other way, by log-loss and Brier."""
    means = {
        way: {name: float(np.mean([one[name] for one in told])) for name in told[0]}
        for way, told in figures.items()
    }
    beside = {name: _beside(figures, means, name) for name in ("log_loss", "brier")}
    worse = any(gap > error for _, gap, error in beside.values())
    return {"world": world, "leads": size, "figures": means, "beside": beside, "worse": worse}


def _beside(figures: Figures, means: dict[str, dict[str, float]], name: str) -> tuple[str, float, float]:
    """The best other way, how much worse the personal model is, and that gap's standard error over seeds.

    Where the default is best, what counts is what is in force: the default stays until it is beaten.
    """
    best = min(RIVALS, key=lambda way: means[way][name])
    used = "in force" if best == "default" else "personal"
    gaps = [mine[name] - theirs[name] for mine, theirs in zip(figures[used], figures[best], strict=True)]
    return best, float(np.mean(gaps)), float(np.std(gaps, ddof=1) / np.sqrt(len(gaps)))


def _as_text(tables: Sequence[dict[str, Any]]) -> str:
    lines = [f"| world | leads | figure | {' | '.join(WAYS)} | beside the best other |"]
    lines.append("|" + " --- |" * (len(WAYS) + 4))
    for row in tables:
        for name in ("log_loss", "brier", "auc", "calibration"):
            told = " | ".join(f"{row['figures'][way][name]:.3f}" for way in WAYS)
            beside = ""
            if name in row["beside"]:
                best, gap, error = row["beside"][name]
                beside = f"{gap:+.4f} ± {error:.4f} ({best})"
            lines.append(
                f"| {row['world']} | {row['leads']:,} | {name.replace('_', '-')} | {told} | {beside} |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
