"""Who may do what: permissions, the roles that hold them, and the actor of a deed."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

View = TypeVar("View", bound=Callable[..., Any])


class Permission(enum.Enum):
    """What a route asks for. The value is `area.action`; the label says it to people."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    COMPANY_READ = "company.read"
    COMPANY_MANAGE = "company.manage"
    STAFF_MANAGE = "staff.manage"
    TOKENS_MANAGE = "tokens.manage"
    AUDIT_READ = "audit.read"
    SETTINGS_READ = "settings.read"
    JOBS_READ = "jobs.read"
    JOBS_CONTROL = "jobs.control"
    JOBS_SCHEDULE = "jobs.schedule"
    LLM_READ = "llm.read"
    LLM_MANAGE = "llm.manage"
    IMPORTS_WRITE = "imports.write"
    PERSONAS_READ = "personas.read"
    PERSONAS_WRITE = "personas.write"
    PEOPLE_READ = "people.read"
    PEOPLE_WRITE = "people.write"
    LESSONS_READ = "lessons.read"
    LESSONS_WRITE = "lessons.write"
    LESSONS_SERVE = "lessons.serve"
    ARCHETYPES_READ = "archetypes.read"
    ARCHETYPES_WRITE = "archetypes.write"
    ARCHETYPES_SERVE = "archetypes.serve"
    ARCHETYPES_MANAGE = "archetypes.manage"
    LEADS_READ = "leads.read"
    LEADS_WRITE = "leads.write"
    LEADS_MANAGE = "leads.manage"
    CUSTOMERS_READ = "customers.read"
    CUSTOMERS_WRITE = "customers.write"
    CUSTOMERS_MANAGE = "customers.manage"
    EXPERIMENTS_READ = "experiments.read"
    EXPERIMENTS_SERVE = "experiments.serve"
    EXPERIMENTS_MANAGE = "experiments.manage"
    PRIVACY_READ = "privacy.read"
    PRIVACY_MANAGE = "privacy.manage"

    @property
    def label(self) -> str:
        """Say in words what the permission allows."""
        return LABELS[self]


LABELS = {
    Permission.PUBLIC: "anyone",
    Permission.SIGNED_IN: "anyone signed in",
    Permission.COMPANY_READ: "see the company",
    Permission.COMPANY_MANAGE: "change the company's profile",
    Permission.STAFF_MANAGE: "see and change who works for the company",
    Permission.TOKENS_MANAGE: "see, make and revoke API tokens",
    Permission.AUDIT_READ: "read the audit log",
    Permission.SETTINGS_READ: "see the instance's settings",
    Permission.JOBS_READ: "see jobs",
    Permission.JOBS_CONTROL: "stop and retry jobs",
    Permission.JOBS_SCHEDULE: "run, pause and resume what is scheduled",
    Permission.LLM_READ: "see prompts and what the AI service costs",
    Permission.LLM_MANAGE: "change prompts and the daily limit",
    Permission.IMPORTS_WRITE: "import files",
    Permission.PERSONAS_READ: "see personas, products and contacts",
    Permission.PERSONAS_WRITE: "draft, edit and delete personas, products and contacts",
    Permission.PEOPLE_READ: "see persons and what they said of themselves",
    Permission.PEOPLE_WRITE: "add, change and delete persons and their surveys",
    Permission.LESSONS_READ: "see courses, templates and personalized lessons",
    Permission.LESSONS_WRITE: "edit courses and templates, personalize, edit and approve lessons",
    Permission.LESSONS_SERVE: "have a learner’s lesson served",
    Permission.ARCHETYPES_READ: "see members, their archetypes, the rules and what was recommended",
    Permission.ARCHETYPES_WRITE: "add, change and delete nights and requests, draft and simulate rules",
    Permission.ARCHETYPES_SERVE: "ask for a member’s recommendation and tell what came of it",
    Permission.ARCHETYPES_MANAGE: "override and recalculate archetypes, publish rules",
    Permission.LEADS_READ: "see leads and what is predicted for them, one’s own model and preferences",
    Permission.LEADS_WRITE: "add, change and delete leads and activities, train one’s own model",
    Permission.LEADS_MANAGE: "see, train and choose everyone’s models, score all leads anew",
    Permission.CUSTOMERS_READ: "see customers, the catalog, offers, contents and what is recommended",
    Permission.CUSTOMERS_WRITE: "change preferences, catalog, offers and contents, track what customers do",
    Permission.CUSTOMERS_MANAGE: "train the recommender, publish prices, switch features off and on",
    Permission.EXPERIMENTS_READ: "see experiments and their results",
    Permission.EXPERIMENTS_SERVE: "have a person’s variant answered and tell what they did",
    Permission.EXPERIMENTS_MANAGE: "create, start, pause and stop experiments",
    Permission.PRIVACY_READ: "see privacy requests, who looked at whom, and what is kept for how long",
    Permission.PRIVACY_MANAGE: "export and erase persons, set how long data is kept",
}


class Role(enum.Enum):
    """What a staff account is in one company."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the role allows."""
        return ROLE_PERMISSIONS[self]


_VIEWER = frozenset(
    {
        Permission.PUBLIC,
        Permission.SIGNED_IN,
        Permission.COMPANY_READ,
        Permission.JOBS_READ,
        Permission.PERSONAS_READ,
        Permission.PEOPLE_READ,
        Permission.LESSONS_READ,
        Permission.ARCHETYPES_READ,
        Permission.LEADS_READ,
        Permission.CUSTOMERS_READ,
        Permission.EXPERIMENTS_READ,
    }
)
_EDITOR = _VIEWER | {
    Permission.JOBS_CONTROL,
    Permission.IMPORTS_WRITE,
    Permission.LLM_READ,
    Permission.PERSONAS_WRITE,
    Permission.PEOPLE_WRITE,
    Permission.LESSONS_WRITE,
    Permission.LESSONS_SERVE,
    Permission.ARCHETYPES_WRITE,
    Permission.ARCHETYPES_SERVE,
    Permission.LEADS_WRITE,
    Permission.CUSTOMERS_WRITE,
    Permission.EXPERIMENTS_SERVE,
}
ROLE_PERMISSIONS = {Role.VIEWER: _VIEWER, Role.EDITOR: _EDITOR, Role.ADMIN: frozenset(Permission)}

SCOPE_AREAS = (
    "personas",
    "lessons",
    "archetypes",
    "leads",
    "customers",
    "experiments",
    "privacy",
    "admin",
)
_OF_ADMIN = {"company", "staff", "tokens", "audit", "settings", "llm"}
_OF_PEOPLE = ("lessons", "archetypes", "customers")  # whose records persons are
_ANY_TOKEN = frozenset({Permission.PUBLIC, Permission.JOBS_READ})


def scopes_of(word: str) -> tuple[str, ...]:
    """Spell out a scope: `all`, `personas`, `personas:read` or `personas:write`. Raises ValueError."""
    if word == "all":
        return tuple(f"{area}:write" for area in SCOPE_AREAS)
    area, _, action = word.partition(":")
    if area not in SCOPE_AREAS or action not in {"", "read", "write"}:
        raise ValueError(
            f"“{word}” is no scope: write all, or one of {', '.join(SCOPE_AREAS)} with :read or :write"
        )
    return (f"{area}:{action or 'write'}",)


def permissions_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """Answer what a token with these scopes may do; write includes read."""
    return _permissions_of(frozenset(scopes))


@cache
def _permissions_of(held: frozenset[str]) -> frozenset[Permission]:

    def covered(permission: Permission) -> bool:
        area, _, action = permission.value.partition(".")
        area = "admin" if area in _OF_ADMIN else area
        if area == "people":
            return any(f"{one}:{action}" in held or f"{one}:write" in held for one in _OF_PEOPLE)
        if action == "read":
            return f"{area}:read" in held or f"{area}:write" in held
        return bool(action) and f"{area}:write" in held

    return _ANY_TOKEN | {permission for permission in Permission if covered(permission)}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The one who acts: a staff account or a token, in one company, from one request."""

    company_id: UUID | None
    permissions: frozenset[Permission]
    staff_id: UUID | None = None
    token_id: UUID | None = None
    name: str = ""
    address: str = ""
    request_id: str = ""
    origins: frozenset[str] | None = None  # the sites of a publishable token; None for anyone else

    def may(self, permission: Permission) -> bool:
        """Whether the actor holds the permission here."""
        return permission in self.permissions


def background(view: View) -> View:
    """Mark a route that a page calls by itself: a refusal must leave the page as it is."""
    view.background = True  # type: ignore[attr-defined]  # read where refusals are answered
    return view


def admits_itself(view: View) -> View:
    """Mark a public route that checks a credential of its own: nobody's session or token is looked up."""
    view.admits_itself = True  # type: ignore[attr-defined]  # read by the guard
    return view


def large(view: View) -> View:
    """Mark a route that takes files up to the import limit instead of what a form may hold."""
    view.large = True  # type: ignore[attr-defined]  # read by the guard
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare what a route asks for; a route that declares nothing is never served."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]  # read by the guard
        return view

    return declare
