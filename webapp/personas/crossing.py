"""Personas by industry and company size in one matrix, and the products that no persona fits yet."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from webapp.personas.models import Persona, Product, ProductFit

MOST_ROWS = 30  # industries shown; the rest is counted in one line
MOST_COLUMNS = 10  # company sizes shown
MOST_PRODUCTS = 200
MOST_GROUPS = 5_000  # different pairs that are read
UNSTATED = {"industry": Persona.industry, "size": Persona.company_size}


@dataclass(frozen=True)
class Row:
    """One industry: its count for each size of the matrix, and in all."""

    industry: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class Fitting:
    """A product and how many personas it fits."""

    id: UUID
    name: str
    count: int


@dataclass(frozen=True)
class Matrix:
    """Personas by industry (rows) and size (columns); "" stands for not stated.

    `total` counts all personas, `beyond` those in no shown cell, `without_fit` those of no product.
    """

    sizes: tuple[str, ...]
    rows: tuple[Row, ...]
    size_totals: tuple[int, ...]
    total: int
    beyond: int
    without_fit: int


def no_fit() -> ColumnElement[bool]:
    """The criterion of personas that no product is linked to."""
    return ~exists().where(ProductFit.persona_id == Persona.id, ProductFit.removed_at.is_(None))


def matrix_of(session: Session) -> Matrix:
    """Count the company's personas by industry and size, in three statements."""
    pair = (Persona.industry, Persona.company_size)
    found = session.execute(
        select(*pair, func.count()).group_by(*pair).order_by(func.count().desc()).limit(MOST_GROUPS)
    )
    counts = {(industry, size): count for industry, size, count in found}
    industries, sizes = Counter[str](), Counter[str]()
    for (industry, size), count in counts.items():
        industries[industry] += count
        sizes[size] += count
    shown = sorted((name for name, _ in industries.most_common(MOST_ROWS)), key=lambda name: (not name, name))
    columns = sorted((name for name, _ in sizes.most_common(MOST_COLUMNS)), key=_by_number)
    rows = tuple(
        Row(one, tuple(counts.get((one, size), 0) for size in columns), industries[one]) for one in shown
    )
    total = session.scalar(select(func.count(Persona.id))) or 0
    seen = sum(sum(row.counts) for row in rows)
    bare = session.scalar(select(func.count(Persona.id)).where(no_fit())) or 0
    totals = tuple(sizes[size] for size in columns)
    return Matrix(tuple(columns), rows, totals, total, total - seen, bare)


def fittings_of(session: Session) -> list[Fitting]:
    """The products with how many personas each fits, those that fit none first."""
    fits = and_(ProductFit.product_id == Product.id, ProductFit.removed_at.is_(None))
    count = func.count(ProductFit.id)
    statement = (
        select(Product.id, Product.name, count)
        .outerjoin(ProductFit, fits)
        .group_by(Product.id, Product.name)
        .order_by(count, Product.name)
        .limit(MOST_PRODUCTS)
    )
    return [Fitting(row_id, name, fitting) for row_id, name, fitting in session.execute(statement)]


def _by_number(size: str) -> tuple[bool, float, str]:
    """Sizes by the first number they name; those without one after them, not stated last."""
    found = re.search(r"\d[\d.,\u202f\u00a0 ]*", size)
    digits = re.sub(r"\D", "", found[0])[:12] if found else ""
    more = (
        0.5
        if re.match(r"(?i)more|over|\u0431\u043e\u043b\u0435\u0435|\u0441\u0432\u044b\u0448\u0435", size)
        else 0.0
    )
    return not size, float(digits) + more if digits else float("inf"), size
