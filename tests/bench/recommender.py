"""Holds the recommender beside other ways, on a generated world or on any file of ratings.

`python -m tests.bench.recommender [--csv FILE --user COLUMN --item COLUMN [--rating COLUMN] [--time COLUMN]]
[--split random|newest] [--json]`

Every way learns from the same 80 % of each customer's deeds and is judged on the other 20 %, by Recall@20,
NDCG@10 and coverage: the service's own way of learning, EASE and ALS as published (with the ratings as they
are), item cosine, popularity. Then times one training of a million events over 10,000 items, in a process of
its own. Not part of any suite.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array

from webapp.customers.rules.ease import ease
from webapp.customers.rules.factors import Settings, als, folded
from webapp.customers.rules.interactions import Deeds, last_of_each, popularity, tastes
from webapp.customers.rules.learning import learn
from webapp.customers.rules.quality import Quality, judged

DAY = 86_400.0
NOW = 1_790_000_000.0
SHARE = 0.2
LAMBDAS = (10.0, 50.0, 100.0, 250.0, 500.0, 1_000.0)
ALS_TRIED = [
    Settings(factors=factors, regularization=held, alpha=alpha)
    for factors in (16, 64)
    for held in (1.0, 10.0, 50.0)
    for alpha in (1.0, 10.0)
]
MOST_TRAINED_S, MOST_MB = 60.0, 2_048.0
Lists = Callable[[csr_array], np.ndarray[Any, Any]]


def main() -> int:
    """Compare, time, print; the status is 0 when the service's way is best or within an error of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--user", default="user")
    parser.add_argument("--item", default="item")
    parser.add_argument("--rating", default="")
    parser.add_argument("--time", default="")
    parser.add_argument("--split", choices=("random", "newest"), default="")
    parser.add_argument("--no-training", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    deeds, shape = _read(given) if given.csv else planted()
    split = given.split or ("newest" if not given.csv or given.time else "random")
    told: dict[str, Any] = {"ways": compare(deeds, shape, split)}
    if not given.no_training:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            told["training"] = pool.apply(train_large)
    sys.stdout.write(json.dumps(told) + "\n" if given.json else _table(told))
    ours = told["ways"]["Atelier"]
    best = max(one["NDCG@10"] for one in told["ways"].values())
    slow = "training" in told and (
        told["training"]["seconds"] > MOST_TRAINED_S or told["training"]["peak MB"] > MOST_MB
    )
    return int(ours["NDCG@10"] + ours["error"] < best or slow)


def compare(deeds: Deeds, shape: tuple[int, int], split: str) -> dict[str, dict[str, float]]:
    """Judge every way on the same split. Settings of the published ways are tuned on a slice of the past."""
    held = last_of_each(deeds, SHARE) if split == "newest" else _drawn(deeds)
    past, wanted = _some(deeds, ~held), _some(deeds, held)
    inner = last_of_each(past, SHARE) if split == "newest" else _drawn(past)
    earlier, tuned_on = _some(past, ~inner), _some(past, inner)
    now = float(deeds.at.max())
    plain, plain_earlier = _plain(past, shape), _plain(earlier, shape)

    def tuned(make: Callable[[csr_array, Any], Lists], tries: Any) -> Lists:
        best = max(
            tries, key=lambda one: _judged(make(plain_earlier, one), plain_earlier, tuned_on, shape).ndcg
        )
        return make(plain, best)

    learned = learn(past, now, shape, lambda: None)
    own = tastes(past, now, shape)
    ways: dict[str, tuple[Lists, csr_array]] = {
        "Atelier": (_own(learned), own),
        "EASE": (tuned(_ease, LAMBDAS), plain),
        "ALS": (tuned(_als, ALS_TRIED), plain),
        "item cosine": (_cosine(plain), plain),
        "popularity": (_popular(popularity(past, now, shape[1])), plain),
    }
    return {name: _figures(_judged(*way, wanted, shape)) for name, way in ways.items()}


def _own(learned: Any) -> Lists:
    if learned.method == "ease":
        return lambda rows: np.asarray(rows @ learned.weights)
    return _folding(learned.weights, Settings())


def _ease(matrix: csr_array, held: float) -> Lists:
    weights = ease(matrix, held)
    return lambda rows: np.asarray(rows @ weights)


def _als(matrix: csr_array, settings: Settings) -> Lists:
    return _folding(als(matrix, settings), settings)


def _folding(items: Any, settings: Settings) -> Lists:
    gram = items.T @ items

    def scores(rows: csr_array) -> np.ndarray[Any, Any]:
        found = np.zeros((rows.shape[0], len(items)), np.float32)
        for row in range(rows.shape[0]):
            span = slice(rows.indptr[row], rows.indptr[row + 1])
            left, right = folded(gram, items[rows.indices[span]], rows.data[span], settings)
            found[row] = items @ np.linalg.solve(left, right.sum(axis=1))
        return found

    return scores


def _cosine(matrix: csr_array) -> Lists:
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel())
    scaled = matrix @ diags_array(np.divide(1.0, length, out=np.zeros_like(length), where=length > 0))
    alike = (scaled.T @ scaled).toarray()
    np.fill_diagonal(alike, 0.0)
    return lambda rows: np.asarray(rows @ alike)


def _popular(popular: np.ndarray[Any, Any]) -> Lists:
    return lambda rows: np.tile(popular, (rows.shape[0], 1))


def _judged(scores: Lists, known: csr_array, wanted: Deeds, shape: tuple[int, int]) -> Quality:
    theirs: dict[int, set[int]] = {}
    liked = wanted.strength > 0
    for person, item in zip(wanted.person[liked].tolist(), wanted.item[liked].tolist(), strict=True):
        theirs.setdefault(person, set()).add(item)
    persons, lists = sorted(theirs), []
    for begin in range(0, len(persons), 500):
        some = persons[begin : begin + 500]
        rows = known[some]
        found = np.array(scores(rows), float)
        for place, person in enumerate(some):
            seen = rows.indices[rows.indptr[place] : rows.indptr[place + 1]]
            found[place, seen] = -np.inf
            size = min(20, shape[1])
            top = np.argpartition(-found[place], size - 1)[:size]
            order = top[np.argsort(-found[place][top], kind="stable")].tolist()
            lists.append((order, theirs[person].difference(seen.tolist())))
    return judged(lists, shape[1])


def _figures(quality: Quality) -> dict[str, float]:
    return {
        "Recall@20": round(quality.recall, 4),
        "NDCG@10": round(quality.ndcg, 4),
        "error": round(quality.ndcg_error, 4),
        "coverage": round(quality.coverage, 4),
    }


def _plain(deeds: Deeds, shape: tuple[int, int]) -> csr_array:
    """Whether a customer did anything good with an item: what the published ways learn from."""
    liked = deeds.strength > 0
    ones = np.ones(int(liked.sum()), np.float32)
    matrix = csr_array((ones, (deeds.person[liked], deeds.item[liked])), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def _drawn(deeds: Deeds) -> np.ndarray[Any, Any]:
    """A fifth of each customer's deeds by chance, as the published figures are made."""
    chance = np.random.default_rng(42).random(len(deeds))
    return last_of_each(replace(deeds, at=chance), SHARE)


def _some(deeds: Deeds, rows: np.ndarray[Any, Any]) -> Deeds:
    return Deeds(deeds.person[rows], deeds.item[rows], deeds.strength[rows], deeds.at[rows])


def planted(
    customers: int = 3_000, items: int = 1_000, each: int = 60, kinds: int = 12, seed: int = 4
) -> tuple[Deeds, tuple[int, int]]:
    """Customers with two tastes out of twelve, which drift; popular items for all; views, carts, buys."""
    chance = np.random.default_rng(seed)
    kind_of = chance.integers(0, kinds, items)
    fame = chance.zipf(1.6, items).clip(max=200).astype(float)
    by_kind = [np.flatnonzero(kind_of == kind) for kind in range(kinds)]
    person = np.repeat(np.arange(customers), each)
    tastes_of = chance.integers(0, kinds, (customers, 2))
    late = np.tile(np.arange(each) >= each // 2, customers)
    favour = np.where(chance.random(len(person)) < np.where(late, 0.75, 0.35), 1, 0)
    kind = tastes_of[person, favour]
    item = np.empty(len(person), np.int64)
    for one, names in enumerate(by_kind):
        rows = np.flatnonzero(kind == one)
        item[rows] = chance.choice(names, len(rows), p=fame[names] / fame[names].sum())
    anything = chance.random(len(person)) < 0.2
    item[anything] = chance.choice(items, int(anything.sum()), p=fame / fame.sum())
    strength = chance.choice([1.0, 3.0, 5.0], len(person), p=[0.8, 0.12, 0.08])
    at = NOW - DAY * (180.0 - 180.0 * np.tile(np.arange(each) / each, customers))
    return Deeds(person, item, strength, at), (customers, items)


def _read(given: argparse.Namespace) -> tuple[Deeds, tuple[int, int]]:
    persons: dict[str, int] = {}
    items: dict[str, int] = {}
    who, what, ratings, times = [], [], [], []
    with given.csv.open(encoding="utf-8-sig", newline="") as file:
        for place, row in enumerate(csv.DictReader(file)):
            who.append(persons.setdefault(row[given.user], len(persons)))
            what.append(items.setdefault(row[given.item], len(items)))
            ratings.append(float(row[given.rating]) if given.rating else 1.0)
            times.append(float(row[given.time]) if given.time else float(place) * 0.0 + NOW)
    strength = np.where(np.array(ratings) > 0, 1.0, 0.0)
    return (
        Deeds(np.array(who, np.int64), np.array(what, np.int64), strength, np.array(times, float)),
        (len(persons), len(items)),
    )


def train_large() -> dict[str, float]:
    """A million events of 20,000 customers over 10,000 items, learned, judged and learned anew."""
    deeds, shape = planted(20_000, 10_000, 50, 60)
    begun = time.perf_counter()
    learn(deeds, NOW, shape, lambda: None)
    return {
        "events": len(deeds),
        "seconds": round(time.perf_counter() - begun, 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _table(told: dict[str, Any]) -> str:
    lines = [f"{'way':14}{'Recall@20':>10}{'NDCG@10':>10}{'±':>8}{'coverage':>10}"]
    for name, one in told["ways"].items():
        lines.append(
            f"{name:14}{one['Recall@20']:>10}{one['NDCG@10']:>10}{one['error']:>8}{one['coverage']:>10}"
        )
    if "training" in told:
        lines.append("  ".join(f"{name} {value:,}" for name, value in told["training"].items()))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
