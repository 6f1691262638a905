"""The numbers of trained recommenders: files of the instance, mapped into memory and shared by processes."""

from __future__ import annotations

import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]
OPEN = 8  # companies' models that one process holds open


@dataclass(frozen=True)
class Numbers:
    """A model as it is asked: `items` names, `weights` items by items (ease) or items by factors (als).

    `popular` is how much customers did with each item lately; `gram` is the factors' own product, als alone.
    """

    method: str
    items: Sequence[str]
    places: Mapping[str, int]
    weights: Singles
    popular: Singles
    ranked: NDArray[np.int64]  # places, the most popular first
    gram: Singles | None


class ModelFiles:
    """Keeps models below one folder, each written whole before it is named."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[Path, Numbers] = OrderedDict()
        self._lock = Lock()

    def keep(
        self, company_id: UUID, number: int, method: str, items: Sequence[str], weights: Singles, popular: Any
    ) -> None:
        """Write a model's files; nobody sees them before all are there."""
        place = self._place(company_id, number)
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        np.save(fresh / "weights.npy", np.ascontiguousarray(weights, np.float32))
        np.save(fresh / "popular.npy", np.asarray(popular, np.float32))
        told = json.dumps({"method": method, "items": list(items)}, ensure_ascii=False)
        (fresh / "model.json").write_text(told, encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)

    def read(self, company_id: UUID, number: int) -> Numbers | None:
        """The model, mapped into memory; None when its files are gone."""
        place = self._place(company_id, number)
        with self._lock:
            known = self._open.get(place)
            if known is not None:
                self._open.move_to_end(place)
                return known
        try:
            found = _opened(place)
        except FileNotFoundError:
            return None
        with self._lock:
            self._open[place] = found
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
        return found

    def remove(self, company_id: UUID, keep: Sequence[int] = ()) -> None:
        """Remove the company's models but these; a process that has one open may go on reading it."""
        folder = self._folder / company_id.hex
        kept = {f"{number}" for number in keep}
        for place in folder.glob("*"):
            if place.name not in kept:
                shutil.rmtree(place, ignore_errors=True)
        with self._lock:
            gone = [one for one in self._open if one.parent == folder and one.name not in kept]
            for one in gone:
                del self._open[one]

    def count(self, company_id: UUID) -> int:
        """How many of the company's models are kept."""
        return sum(1 for _ in (self._folder / company_id.hex).glob("*"))

    def companies(self) -> list[UUID]:
        """The companies that have a model here, or had one."""
        return [UUID(hex=place.name) for place in self._folder.glob("*")]

    def _place(self, company_id: UUID, number: int) -> Path:
        return self._folder / company_id.hex / str(number)


def _opened(place: Path) -> Numbers:
    told = json.loads((place / "model.json").read_text(encoding="utf-8"))
    weights = np.asarray(np.load(place / "weights.npy", mmap_mode="r"))  # a plain array over the map: faster
    popular = np.load(place / "popular.npy")
    return numbers(told["method"], told["items"], weights, popular)


def numbers(method: str, items: Sequence[str], weights: Singles, popular: Singles) -> Numbers:
    """The model of these arrays, with what is asked of it again and again."""
    return Numbers(
        method,
        items,
        {item: place for place, item in enumerate(items)},
        weights,
        popular,
        np.argsort(-popular, kind="stable"),
        weights.T @ weights if method == "als" else None,
    )


@cache
def files_in(instance: Path) -> ModelFiles:
    """The models of an instance; one keeper a process, so that each is opened once."""
    return ModelFiles(instance / "recommenders")
