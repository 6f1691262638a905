"""The demo company: loaded area by area, marked as demo, removable."""

from __future__ import annotations

from flask.cli import AppGroup
from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.accounts.companies import change_profile, create_company, find_company
from webapp.accounts.models import Company
from webapp.core.access import Actor
from webapp.core.audit import AuditAction
from webapp.core.cli import as_json, operator, plainly, told
from webapp.core.db import db, every_company, scope_to, unit
from webapp.core.errors import Conflict, NotFound
from webapp.core.services import Services, services
from webapp.personas.demo import COMPANY

demo = AppGroup("demo", help="The demo company.")
KEY = "demo"


def load_demo(session: Session, made: Services) -> Company:
    """Create the demo company with every area's data. Raises Conflict when it is there."""
    if find_company(session, KEY):
        raise Conflict("The demo company is loaded already. Clear it first: demo clear")
    company = create_company(
        session, operator(), KEY, COMPANY.name, clock=made.clock, auditor=made.auditor, demo=True
    )
    who = Actor(company_id=company.id, permissions=operator().permissions, name="demo")
    profile = COMPANY.model_dump()
    profile |= {"language": "en", "currency": "EUR", "timezone": "Europe/Berlin"}
    change_profile(session, who, profile, company.version, made.auditor)
    for area in made.areas:
        if area.load_demo:
            area.load_demo(session, who, made.clock)
    with unit(session):
        made.auditor.record(session, who, AuditAction.DEMO_LOADED, company)
    return company


def clear_demo(session: Session, made: Services) -> None:
    """Remove the demo company and everything of it. Raises NotFound when it is not there."""
    company = find_company(session, KEY)
    if company is None or not company.demo:
        raise NotFound("There is no demo company.")
    scope_to(session, company.id)
    with unit(session):
        session.execute(delete(Company).where(Company.id == company.id, Company.demo.is_(True)))
        with every_company(session):  # whoever came with the demo goes, unless another company took them in
            for area in made.areas:
                if area.clear_demo:
                    area.clear_demo(session)


@demo.command("load")
@as_json
@plainly
def load_command(as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Load the demo company."""
    made = load_demo(db.session(), services())
    told({"id": str(made.id), "key": made.key}, "The demo company is loaded.", as_json=as_json)


@demo.command("clear")
@as_json
@plainly
def clear_command(as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Remove the demo company and all its data."""
    clear_demo(db.session(), services())
    told({"cleared": True}, "The demo company is gone.", as_json=as_json)
