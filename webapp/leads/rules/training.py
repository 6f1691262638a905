"""Training one salesperson's model from closed leads, judging it, and saying whether it goes in force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from webapp.leads.rules.encoding import Encoder
from webapp.leads.rules.evaluation import (
    Judged,
    Sample,
    as_json,
    calibrated,
    cross_validated,
    held_out,
)
from webapp.leads.rules.explaining import cases_of, headline_weights, multipliers
from webapp.leads.rules.leaks import leaks_of
from webapp.leads.rules.metrics import Scored, difference, log_losses
from webapp.leads.rules.moments import Histories, closed_moments
from webapp.leads.rules.personal import Personal
from webapp.leads.rules.score import Floats

LEAST_CLOSED = 20
LEAST_OF_EACH = 5
LEAST_SINCE = 5  # leads closed since the version in force was trained, to hold the two against each other
MOST_ROWS = 2_000  # out-of-sample rows that a version keeps for its plots


@dataclass(frozen=True)
class Trained:
    """One trained version: what it predicts with, what it was judged to be, and whether it is to be used."""

    model: Personal
    evaluation: dict[str, Any]
    weights: dict[str, float]
    multipliers: dict[str, float]
    cases: dict[str, Any]
    adopted: bool
    reason: str
    digest: str

    def figure(self, name: str) -> tuple[float, float, float]:
        """A figure of the personal model with its interval, out of sample."""
        value, low, high = self.evaluation["figures"]["personal"][name]
        return value, low, high


def missing(won: int, lost: int) -> tuple[int, int, int]:
    """How many closed leads, won ones and lost ones are missing before a model can be trained."""
    return (
        max(0, LEAST_CLOSED - won - lost),
        max(0, LEAST_OF_EACH - won),
        max(0, LEAST_OF_EACH - lost),
    )


def missing_in_words(won: int, lost: int) -> str:
    """The same as a sentence; empty when nothing is missing."""
    closed, of_won, of_lost = missing(won, lost)
    wanted = []
    if closed:
        wanted.append(
            f"{closed} more closed {'lead' if closed == 1 else 'leads'} ({won + lost} of {LEAST_CLOSED})"
        )
    if of_won:
        wanted.append(f"{of_won} more won ({won} of {LEAST_OF_EACH})")
    if of_lost:
        wanted.append(f"{of_lost} more lost ({lost} of {LEAST_OF_EACH})")
    verb = "is" if len(wanted) == 1 and 1 in (closed, of_won, of_lost) else "are"
    return f"{' and '.join(wanted)} {verb} missing before a model can be trained." if wanted else ""


def train(
    histories: Histories,
    closed: Floats,
    won: Floats,
    ids: Sequence[str],
    champion: tuple[Personal, float] | None = None,
) -> Trained:
    """Learn from closed leads, in the order of their ids; the same leads give the same bits.

    `closed` and `ids` go along the histories, `won` is 1 or 0. `champion` is the version in force with the
    time (Unix seconds) it was trained. Raises ValueError with too few closed leads.
    """
    said = missing_in_words(int(won.sum()), int((1 - won).sum()))
    if said:
        raise ValueError(said)
    moments = closed_moments(histories, closed)
    leaks = leaks_of(Encoder.learn(moments), moments, won)
    sample = Sample(moments, won, closed, frozenset(leak.input for leak in leaks))
    found, calibrator = calibrated(cross_validated(sample), len(sample))
    model = Personal.train(moments, won, sample.without).calibrated(calibrator)
    model = Personal.from_json(model.as_json())  # what is stored is what is judged and used
    later = held_out(sample)
    evaluation = {
        **as_json(found),
        "holdout": as_json(later) if later is not None else None,
        "leaks": [{"input": leak.input, "auc": leak.auc} for leak in leaks],
        "rows": rows_as_json(found.rows["personal"]),
    }
    adopted, reason = verdict(found, _since(sample, champion))
    cases = cases_of(model, moments, won, list(ids))
    return Trained(
        model,
        evaluation,
        headline_weights(model, moments),
        multipliers(model),
        cases,
        adopted,
        reason,
        digest_of(model.as_json(), evaluation, cases),
    )


def _since(sample: Sample, champion: tuple[Personal, float] | None) -> tuple[float, float, int] | None:
    """On leads closed since: how much more log-loss than the version in force, standard error, how many.

    The challenger is one that has not seen them either.
    """
    if champion is None:
        return None
    model, trained_at = champion
    new = sample.closed > trained_at
    before = sample.won[~new]
    if new.sum() < LEAST_SINCE or not 0 < before.sum() < len(before):
        return None
    moments = sample.of(new)
    rows = Scored(
        moments.lead,
        sample.trained(~new).predict(moments).probability,
        sample.won[moments.lead],
        moments.weight,
    )
    theirs = rows.of(model.predict(moments).probability)
    worse, error = difference(rows, log_losses(rows), log_losses(theirs))
    return worse, error, int(new.sum())


def verdict(found: Judged, since: tuple[float, float, int] | None = None) -> tuple[bool, str]:
    """Whether the new version goes in force, and why: better than both by more than a standard error."""
    names = {"default": "the default", "commoner": "“always the commoner outcome”"}
    said = []
    for way, name in names.items():
        gain, error = found.against(way)
        way_off = f"{abs(gain):.3f} {'lower' if gain > 0 else 'higher'}"
        told = f"log-loss {way_off} than {name} (standard error {error:.3f})"
        if gain <= error:
            return False, f"Not better than {name} by more than one standard error: {told}."
        said.append(told)
    if since is not None:
        worse, error, leads = since
        if worse > error:
            return False, (
                f"Worse than the version in force on {leads} leads closed since: "
                f"log-loss {worse:.3f} higher (standard error {error:.3f})."
            )
    return True, f"Better on leads it had not seen: {'; '.join(said)}."


def rows_as_json(rows: Scored) -> dict[str, Any]:
    """Out-of-sample rows as they are stored for plots: at most 2,000, evenly taken."""
    places = np.arange(len(rows.lead))
    if len(places) > MOST_ROWS:
        places = np.linspace(0, len(places) - 1, MOST_ROWS).round().astype(int)
    return {
        "lead": rows.lead[places].tolist(),
        "probability": rows.probability[places].round(4).tolist(),
        "won": rows.won[places].astype(int).tolist(),
        "weight": rows.weight[places].round(4).tolist(),
    }


def rows_from_json(stored: Mapping[str, Any]) -> Scored:
    """Read what was stored."""
    return Scored(
        np.array(stored["lead"], np.int64),
        np.array(stored["probability"], float),
        np.array(stored["won"], float),
        np.array(stored["weight"], float),
    )


def digest_of(*stored: Any) -> str:
    """SHA-256 of the canonical JSON of everything a version is: it changes when a bit does."""
    written = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def improvements(old: Mapping[str, float] | None, new: Mapping[str, float], trained: Trained) -> list[str]:
    """What changed, in words: weights that moved by five points, figures beside the default's.

    `old` is None where the default was in force: its weights are of a sum, not shares of what varies.
    """
    names = {
        "score": "lead score",
        "activity": "recent activity",
        "recency": "recency",
        "funnel_time": "time in the funnel",
    }
    said = [
        f"{names[part].capitalize()} weighs {'more' if new[part] > old[part] else 'less'}: "
        f"{100 * old[part]:.0f} % before, {100 * new[part]:.0f} % now."
        for part in names
        if old is not None
        if abs(new[part] - old[part]) >= 0.05
    ]
    figures = trained.evaluation["figures"]
    mine, default = figures["personal"]["accuracy"][0], figures["default"]["accuracy"][0]
    if mine > default:
        said.append(
            f"Right in {100 * mine:.0f} % of cases it had not seen; the default in {100 * default:.0f} %."
        )
    return said
