"""What an area brings to the application: its pages, calls, jobs, drafters, and what it shows elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session

from webapp.core.access import Actor, Permission
from webapp.core.clock import Clock
from webapp.core.imports.kind import ImportKind
from webapp.core.jobs.kinds import JobKind
from webapp.core.jobs.schedule import Schedule
from webapp.core.list_desk import ListDesk
from webapp.core.llm.door import Drafter
from webapp.core.llm.prompt import PromptUse
from webapp.core.privacy import Holding, Keeper
from webapp.core.retention import Kept
from webapp.core.trials import HeldBack, Observed, Off, Traits, Treatment, Watched

if TYPE_CHECKING:
    import click


@dataclass(frozen=True)
class Attention:
    """Something on the home page that wants a person: a sentence, its link, since when, until when."""

    text: str
    href: str
    kind: str
    since: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class Found:
    """A hit of the search: what it is, what it is called, where it is."""

    kind: str
    title: str
    href: str
    detail: str = ""


@dataclass(frozen=True)
class Step:
    """A line of the first-run checklist."""

    text: str
    href: str
    done: bool


@dataclass(frozen=True)
class PersonPart:
    """What an area knows of a person, for the page that unites it: a template drawn with `part.context`."""

    title: str
    template: str
    context: Mapping[str, Any]
    permission: Permission


@dataclass(frozen=True)
class Nav:
    """The area's place in the navigation; `count` is what waits there, `also` names further blueprints."""

    label: str
    endpoint: str
    icon: str
    permission: Permission
    count: Callable[[Session, Actor], int] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Area:
    """Everything `create_app` needs to know of one area.

    The last six are where areas and experiments meet; see `webapp.core.trials`.
    """

    name: str
    pages: tuple[Blueprint, ...] = ()
    apis: tuple[APIBlueprint, ...] = ()
    nav: tuple[Nav, ...] = ()
    kinds: tuple[JobKind, ...] = ()
    imports: tuple[ImportKind, ...] = ()
    drafters: Mapping[str, Drafter] = field(default_factory=dict)
    attention: Callable[[Session, Actor], list[Attention]] | None = None
    find: Callable[[Session, Actor, str], list[Found]] | None = None
    steps: Callable[[Session, Actor], list[Step]] | None = None
    person: Callable[[Session, Actor, UUID], PersonPart | None] | None = None
    load_demo: Callable[[Session, Actor, Clock], None] | None = None
    clear_demo: Callable[[Session], None] | None = None  # of what goes beyond the company's own rows
    commands: tuple[click.Command, ...] = ()
    prompts: tuple[PromptUse, ...] = ()
    desks: tuple[ListDesk, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    trials_off: Off | None = None
    watched: Watched | None = None
    traits: Traits | None = None
    held_back: HeldBack | None = None
    observed: Observed | None = None
    kept: tuple[Kept, ...] = ()
    holdings: tuple[Holding, ...] = ()
    keeper: Keeper | None = None
