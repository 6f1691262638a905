"""Rows, their company's scope, and the unit of work."""

from webapp.core.db.base import Model, Row, Tenant, db, new_id, new_ids
from webapp.core.db.scope import (
    EveryCompany,
    ForeignCompany,
    NoCompany,
    UnscopedStatement,
    company_of,
    every_company,
    read,
    scope_to,
)
from webapp.core.db.unit import after_commit, insert_new, lock_key, unit, widen_cache

__all__ = [
    "EveryCompany",
    "ForeignCompany",
    "Model",
    "NoCompany",
    "Row",
    "Tenant",
    "UnscopedStatement",
    "after_commit",
    "company_of",
    "db",
    "every_company",
    "insert_new",
    "lock_key",
    "new_id",
    "new_ids",
    "read",
    "scope_to",
    "unit",
    "widen_cache",
]
