"""The company an API call is for: the one it names by id or key, else the caller's own."""

from dataclasses import replace
from uuid import UUID

from webapp.accounts import identity
from webapp.accounts.companies import find_company
from webapp.accounts.sign_in import Choice
from webapp.core.access import Actor
from webapp.core.db import db, scope_to
from webapp.core.errors import BadRequest, Forbidden, NotFound
from webapp.core.guard import actor, asked_permission


def in_company(word: str | None) -> Actor:
    """Answer the caller as the actor in the named company, and confine the session to it.

    Raises NotFound for a company that is unknown or not the caller's, BadRequest when there is none
    at all, Forbidden when the caller's role in it does not allow what the route asks for.
    """
    who = actor()
    if not word:
        if who.company_id is None:
            raise BadRequest("Company context required", code="company_required")
        return who
    company = None if "\0" in word else find_company(db.session(), word)
    if company is not None and company.id == who.company_id:
        return who
    choice = _choice(who, company.id) if company else None
    if choice is None:
        raise NotFound("There is no such company.", details={"companyHQId": "unknown"})
    return _turn_to(choice, who)


def _choice(who: Actor, company_id: UUID) -> Choice | None:
    """The caller's place in another company; a token has none."""
    found = None if who.token_id else identity.signed_in()
    return next((one for one in found.choices if one.company_id == company_id), None) if found else None


def _turn_to(choice: Choice, who: Actor) -> Actor:
    there = replace(who, company_id=choice.company_id, permissions=choice.role.permissions)
    asked = asked_permission()
    if asked is None or not there.may(asked):
        raise Forbidden(f"Your role in {choice.name} does not allow this.")
    scope_to(db.session(), choice.company_id)
    return there
