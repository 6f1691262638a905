"""Companies, staff and tokens from the command line."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import identity
from webapp.accounts.companies import create_company, find_company
from webapp.accounts.models import Company, Membership, Staff
from webapp.accounts.staff import clean_email, create_staff, set_password
from webapp.accounts.tokens import create_token, is_origin, signing_key
from webapp.core.access import Role
from webapp.core.cli import as_json, operator, plainly, told
from webapp.core.db import db, every_company, scope_to
from webapp.core.errors import BadRequest, NotFound
from webapp.core.services import services

company = AppGroup("company", help="Companies.")
staff = AppGroup("staff", help="Staff accounts.")
tokens = AppGroup("tokens", help="API tokens.")


def confined_to(session: Session, word: str) -> Company:
    """Confine the session to the company with this id or key. Raises NotFound."""
    found = find_company(session, word)
    if found is None:
        raise NotFound(f"There is no company {word}. Create one with: company create {word} --name NAME")
    scope_to(session, found.id)
    return found


@company.command("create")
@click.argument("key")
@click.option("--name", required=True, help="What the company is called.")
@as_json
@plainly
def create_company_command(key: str, name: str, as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """Create a company with the key KEY."""
    made = create_company(
        db.session(), operator(), key, name, clock=services().clock, auditor=services().auditor
    )
    told({"id": str(made.id), "key": made.key}, f"Company {made.key} is created.", as_json=as_json)


@company.command("list")
@as_json
@plainly
def list_companies_command(as_json: bool) -> None:  # noqa: FBT001  # click hands it over
    """List the companies with their keys."""
    with every_company(db.session()):
        found = list(db.session().scalars(select(Company).order_by(Company.key)))
    rows = [{"id": str(row.id), "key": row.key, "name": row.name} for row in found]
    told({"items": rows}, "\n".join(f"{row['key']}  {row['name']}" for row in rows), as_json=as_json)


@staff.command("create")
@click.argument("email")
@click.option("--company", "company_key", required=True, help="The company’s key or id.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="The person’s name.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@as_json
@plainly
def create_staff_command(
    email: str,
    company_key: str,
    role: str,
    name: str,
    password_stdin: bool,  # noqa: FBT001  # click hands it over
    as_json: bool,  # noqa: FBT001  # click hands it over
) -> None:
    """Give the person with the address EMAIL a role in a company."""
    del password_stdin  # there is no other way to give one: arguments show in process lists
    confined_to(db.session(), company_key)
    made = create_staff(
        db.session(),
        operator(),
        email,
        Role(role),
        sys.stdin.readline().rstrip("\r\n"),
        passwords=identity.gate().passwords,
        clock=services().clock,
        auditor=services().auditor,
        name=name,
    )
    told(
        {"id": str(made.id), "email": made.email, "role": role},
        f"{made.email} is {role} now.",
        as_json=as_json,
    )


@staff.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@as_json
@plainly
def set_password_command(email: str, password_stdin: bool, as_json: bool) -> None:  # noqa: FBT001  # click's
    """Set a new password for the account EMAIL and end its sessions."""
    del password_stdin
    session = db.session()
    found = session.scalar(select(Staff).where(Staff.email == clean_email(email)))
    if found is None:
        raise NotFound(f"There is no account {email}.")
    password = sys.stdin.readline().rstrip("\r\n")
    set_password(session, found.id, password, passwords=identity.gate().passwords, clock=services().clock)
    told({"email": found.email}, f"The password of {found.email} is set.", as_json=as_json)


@tokens.command("create")
@click.option("--company", "company_key", required=True, help="The company’s key or id.")
@click.option("--scope", "scopes", multiple=True, help="all, AREA:read or AREA:write; repeatable.")
@click.option("--staff", "email", default="", help="Bind the token to this person’s rights.")
@click.option("--name", default="command line", help="What the token is for.")
@click.option("--publishable", is_flag=True, help="For browsers: the lesson call alone, from --origin.")
@click.option("--origin", "origins", multiple=True, help="A site, such as https://example.com; repeatable.")
@as_json
@plainly
def create_token_command(
    company_key: str,
    scopes: tuple[str, ...],
    email: str,
    name: str,
    *,
    publishable: bool,
    origins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make an API token and print it, for the only time.

    A publishable one comes with the key that the course site's server signs its learners' proofs with.
    """
    session = db.session()
    _check_publishable(scopes, origins, publishable=publishable)
    confined_to(session, company_key)
    bound = _member(session, email) if email else None
    made = create_token(
        session,
        operator(),
        name,
        scopes,
        clock=services().clock,
        auditor=services().auditor,
        staff_id=bound.id if bound else None,
        publishable=publishable,
        origins=origins,
    )
    document, sentence = {"token": made.secret}, f"This token is shown only now:\n{made.secret}"
    if publishable:
        document["signing_key"] = signing_key(str(current_app.config["SECRET_KEY"]), made.id)
        sentence += f"\nSign the proofs of persons with this key, on the server:\n{document['signing_key']}"
    told(document, sentence, as_json=as_json)


def _check_publishable(scopes: tuple[str, ...], origins: tuple[str, ...], *, publishable: bool) -> None:
    if publishable and (scopes or not origins or not all(map(is_origin, origins))):
        raise BadRequest("A publishable token has no --scope, and an --origin such as https://example.com.")
    if not publishable and (origins or not scopes):
        raise BadRequest("Say with --scope what the token may do; --origin is for publishable ones.")


def _member(session: Session, email: str) -> Staff:
    found = session.scalar(
        select(Staff)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Staff.email == clean_email(email))
    )
    if found is None:
        raise NotFound(f"{email} does not belong to this company.")
    return found
