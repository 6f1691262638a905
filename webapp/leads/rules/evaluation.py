"""Judging a way of training on leads it did not see, beside the default and “always the commoner outcome”."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webapp.leads.rules.calibration import Calibrator, calibrator_for
from webapp.leads.rules.metrics import Draws, Estimate, Scored, difference, judged, log_losses
from webapp.leads.rules.moments import DAY, Moments, chosen, reweighted
from webapp.leads.rules.personal import Personal, by_default
from webapp.leads.rules.score import Floats

FOLDS = 5
# How much wider than leads apart would make them intervals from folds are, whose trainings share leads:
# 1 + folds · (tested ÷ trained) (Nadeau and Bengio, 2003, Machine Learning 52:239-281).
INFLATION = 1 + FOLDS * (1 / FOLDS) / (1 - 1 / FOLDS)
HISTORY_LEADS, HISTORY_DAYS = 100, 180.0  # from which on folds are taken in time order
SURE = 2.0  # standard errors that a calibration must bring: what is put right without need is put wrong
Mask = NDArray[np.bool_]
WAYS = ("personal", "default", "commoner")


@dataclass(frozen=True)
class Sample:
    """Closed leads at their moments; `won` (1 or 0) and `closed` (Unix seconds) along the histories."""

    moments: Moments
    won: Floats
    closed: Floats
    without: frozenset[str] = frozenset()  # inputs that leak

    def __len__(self) -> int:
        return len(self.won)

    def of(self, leads: Mask) -> Moments:
        """The moments of some of the leads."""
        return chosen(self.moments, leads[self.moments.lead])

    def trained(self, leads: Mask) -> Personal:
        """A model that saw these leads only."""
        return Personal.train(self.of(leads), self.won, self.without)


@dataclass(frozen=True)
class Judged:
    """Out-of-sample predictions of the three ways on the same rows."""

    method: str  # "repeated" or "in_time_order"
    rounds: int
    rows: Mapping[str, Scored]

    @property
    def inflation(self) -> float:
        """How much larger the variances are than between leads that have nothing to do with each other."""
        return INFLATION if self.method == "repeated" else 1.0

    @property
    def figures(self) -> dict[str, Mapping[str, Estimate]]:
        """Every figure of every way, with intervals that hold for leads yet to come."""
        draws = Draws.of(self.rows["personal"])  # the ways' rows are the same
        return {way: judged(rows, self.inflation, draws) for way, rows in self.rows.items()}

    def against(self, way: str) -> tuple[float, float]:
        """How much less log-loss than this way, and its standard error for leads yet to come."""
        mine, theirs = log_losses(self.rows["personal"]), log_losses(self.rows[way])
        gain, error = difference(self.rows["personal"], theirs, mine)
        return gain, error * math.sqrt(self.inflation)


def cross_validated(sample: Sample, seed: int = 0) -> Judged:
    """Train and predict leads left out: in time order where there is enough history, else repeatedly.

    In time order each of five later parts is predicted, at its moments after that, from everything closed
    before it. Otherwise, or where those parts would show one outcome only, five folds with won and lost
    alike in each, drawn anew for each round: three under 60 leads, two under 150.
    """
    if in_time_order(sample.closed):
        tested = [_tested(sample, train, test) for train, test in _later_parts(sample)]
        tested = [one for one in tested if len(one["personal"].lead)]
        if tested and _both(np.concatenate([one["personal"].won for one in tested])):
            return Judged("in_time_order", 1, {way: _joined([one[way] for one in tested], 1) for way in WAYS})
    rounds = 3 if len(sample) < 60 else 2 if len(sample) < 150 else 1
    splits = [one for turn in range(rounds) for one in _folds(sample.won, seed + turn)]
    tested = [_tested(sample, train, test, later=False) for train, test in splits]
    return Judged("repeated", rounds, {way: _joined([one[way] for one in tested], rounds) for way in WAYS})


def in_time_order(closed: Floats) -> bool:
    """Whether there is enough history: a hundred leads closed over half a year."""
    return len(closed) >= HISTORY_LEADS and float(closed.max() - closed.min()) >= HISTORY_DAYS * DAY


def held_out(sample: Sample) -> Judged | None:
    """The last fifth in time, predicted from what was closed before; None when a side has one outcome."""
    order = np.argsort(sample.closed, kind="stable")
    test = np.zeros(len(sample), bool)
    test[order[-(len(sample) // 5) :]] = True
    if not (_both(sample.won[test]) and _both(sample.won[~test])):
        return None
    tested = _tested(sample, ~test, test)
    if not _both(tested["personal"].won):
        return None
    return Judged("held_out", 1, {way: tested[way] for way in WAYS})


def _both(won: Floats) -> bool:
    return 0 < float(won.sum()) < len(won)


def _later_parts(sample: Sample) -> Iterator[tuple[Mask, Mask]]:
    order = np.argsort(sample.closed, kind="stable")
    start = max(20, len(sample) // 3)
    for part in np.array_split(order[start:], FOLDS):
        test = np.zeros(len(sample), bool)
        test[part] = True
        train = sample.closed < sample.closed[part].min()
        if _both(sample.won[train]):
            yield train, test


def _folds(won: Floats, seed: int) -> Iterator[tuple[Mask, Mask]]:
    rng = np.random.default_rng(seed)
    fold = np.empty(len(won), np.int64)
    for outcome in (0.0, 1.0):
        places = np.flatnonzero(won == outcome)
        fold[rng.permutation(places)] = np.arange(len(places)) % FOLDS
    for one in range(FOLDS):
        yield fold != one, fold == one


def _tested(sample: Sample, train: Mask, test: Mask, *, later: bool = True) -> dict[str, Scored]:
    """The ways' predictions of the tested leads; with `later` at moments after all that was trained on."""
    moments = sample.of(test)
    if later and moments.at is not None:
        moments = reweighted(chosen(moments, moments.at > sample.closed[train].max()))
    won = sample.won[moments.lead]
    rate = (sample.won[train].sum() + 1) / (train.sum() + 2)  # of the training leads, one of each added
    said = {
        "personal": sample.trained(train).predict(moments).probability,
        "default": by_default(moments).probability,
        "commoner": np.full(len(moments), rate),
    }
    return {way: Scored(moments.lead, p, won, moments.weight) for way, p in said.items()}


def _joined(pieces: list[Scored], rounds: int) -> Scored:
    lead, probability, won, weight = (
        np.concatenate([getattr(one, name) for one in pieces])
        for name in ("lead", "probability", "won", "weight")
    )
    return Scored(lead, probability, won, weight / rounds)


def calibrated(judged_rows: Judged, leads: int) -> tuple[Judged, Calibrator | None]:
    """Calibrate where there are enough leads and it helps: learned on half of them, tried on the rest.

    It is kept when the log-loss falls by more than two standard errors; then the tried rows are answered.
    """
    rows = judged_rows.rows["personal"]
    whole = calibrator_for(leads, rows.probability, rows.won, rows.weight)
    if whole is None:
        return judged_rows, None
    tried, half = np.empty_like(rows.probability), rows.lead % 2 == 0
    for learn, use in ((half, ~half), (~half, half)):
        put_right = calibrator_for(leads, rows.probability[learn], rows.won[learn], rows.weight[learn])
        assert put_right is not None
        tried[use] = put_right(rows.probability[use])
    better = rows.of(tried)
    gain, error = difference(rows, log_losses(rows), log_losses(better))
    if gain <= SURE * error:
        return judged_rows, None
    return Judged(judged_rows.method, judged_rows.rounds, {**judged_rows.rows, "personal": better}), whole


def as_json(judged_rows: Judged) -> dict[str, Any]:
    """How an evaluation is stored: the figures of each way, and how they compare."""
    return {
        "method": judged_rows.method,
        "rounds": judged_rows.rounds,
        "leads": len(np.unique(judged_rows.rows["personal"].lead)),
        "figures": {
            way: {name: [round(number, 6) for number in one] for name, one in figures.items()}
            for way, figures in judged_rows.figures.items()
        },
        "against": {way: [round(number, 6) for number in judged_rows.against(way)] for way in WAYS[1:]},
    }
