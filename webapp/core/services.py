"""The clients an application is built with, made once and handed on as arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Session

from webapp.core.area import Area
from webapp.core.audit import Auditor
from webapp.core.clock import Clock
from webapp.core.jobs.doorbell import Doorbell
from webapp.core.jobs.kinds import Kinds
from webapp.core.jobs.run import Runner
from webapp.core.jobs.schedule import Scheduler
from webapp.core.jobs.start import Starter
from webapp.core.jobs.sweep import Sweeper
from webapp.core.jobs.wait import Waiting
from webapp.core.llm.door import Llm
from webapp.core.llm.prompt import PromptUse
from webapp.core.store import Store
from webapp.core.store.limits import Limits
from webapp.core.trials import Trials
from webapp.settings import Settings


@dataclass(frozen=True)
class Services:
    """What routes and commands pass to the services of an area."""

    settings: Settings
    areas: tuple[Area, ...]
    clock: Clock
    auditor: Auditor
    store: Store
    limits: Limits
    doorbell: Doorbell
    kinds: Kinds
    llm: Llm
    starter: Starter
    runner: Runner
    sweeper: Sweeper
    scheduler: Scheduler
    waiting: Waiting
    zone: Callable[[Session], ZoneInfo]
    prompts: Mapping[str, PromptUse]
    trials: Trials


def services() -> Services:
    """Answer the current application's clients."""
    return cast("Services", current_app.extensions["atelier"])
