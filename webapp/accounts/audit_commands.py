"""The audit trail from the command line: is every chain whole?"""

from __future__ import annotations

import sys
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from webapp.accounts.companies import find_company
from webapp.accounts.models import Company
from webapp.core.audit_verify import Verdict, verify
from webapp.core.cli import as_json, plainly, told
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.services import services

audit = AppGroup("audit", help="The audit log.")


@audit.command("verify")
@click.option("--company", "company_key", default="", help="Only this company (key or id).")
@as_json
@plainly
def verify_command(company_key: str, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Walk the chains; status 1 and the first broken entry when one was tampered with."""
    session = db.session()
    company = find_company(session, company_key) if company_key else None
    if company_key and company is None:
        raise NotFound(f"There is no company {company_key}.")
    verdicts = verify(session, services().auditor.chain, company.id if company else None)
    keys = {row.id: row.key for row in session.scalars(select(Company))}
    rows = [_document(one, keys.get(one.company_id, str(one.company_id))) for one in verdicts]
    whole = all(one.broken is None for one in verdicts)
    sentence = "\n".join(map(_sentence, rows)) or "No entries."
    told({"whole": whole, "companies": rows}, sentence, as_json=as_json)
    sys.exit(0 if whole else 1)


def _document(verdict: Verdict, key: str) -> dict[str, Any]:
    found = verdict.broken
    broken = {"number": found.seq, "id": found.entry_id, "why": found.why} if found else None
    return {"company": key, "sound": verdict.sound, "broken": broken}


def _sentence(row: dict[str, Any]) -> str:
    if row["broken"] is None:
        return f"{row['company']}: {row['sound']} entries, the chain is whole"
    number, entry_id, why = row["broken"].values()
    name = f" ({entry_id})" if entry_id else ""
    return f"{row['company']}: BROKEN at entry {number}{name}: {why}; {row['sound']} before it are sound"
