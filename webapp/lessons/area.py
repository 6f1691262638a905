"""What the lessons bring to the application."""

from __future__ import annotations

from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.retention import Kept
from webapp.lessons import (  # noqa: F401  # routes and tables register
    batch_pages,
    course_pages,
    coverage_pages,
    making_commands,
    models,
    preview_pages,
    template_pages,
)
from webapp.lessons.blueprint import pages
from webapp.lessons.commands import lessons
from webapp.lessons.course_pages import find
from webapp.lessons.drafters import DRAFTERS
from webapp.lessons.holdings import HOLDINGS
from webapp.lessons.importing import COURSE_IMPORT, LESSON_IMPORT, TEMPLATE_IMPORT
from webapp.lessons.load_demo import load_lessons_demo
from webapp.lessons.models import Attempt, Proposal
from webapp.lessons.nightly import REFRESH, SCHEDULES, TIDY
from webapp.lessons.person_part import lessons_of_person
from webapp.lessons.prompt_uses import PROMPT_USES
from webapp.lessons.record_api import courses_api, lessons_api
from webapp.lessons.serve_api import personalizations_api, preflights, serve_api
from webapp.lessons.trials import TRY
from webapp.lessons.wanting import waiting, wanting
from webapp.lessons.work import BATCH, SERVE

KEPT = (
    Kept(
        "lesson_proposals",
        "Proposed lesson texts",
        "Trials and candidates that nobody took.",
        Proposal,
        Proposal.created_at,
        180,
    ),
    Kept(
        "lesson_attempts",
        "Tries to write lessons",
        "How each try ended, for the statistics of lessons.",
        Attempt,
        Attempt.at,
        365,
    ),
)
area = Area(
    name="lessons",
    kept=KEPT,
    pages=(pages, preflights),
    apis=(courses_api, lessons_api, serve_api, personalizations_api),
    nav=(
        Nav(
            "Lessons",
            "lessons.index",
            "lessons",
            Permission.LESSONS_READ,
            waiting,
            also=("learners", "people"),
        ),
    ),
    kinds=(SERVE, BATCH, TRY, REFRESH, TIDY),
    schedules=SCHEDULES,
    imports=(COURSE_IMPORT, LESSON_IMPORT, TEMPLATE_IMPORT),
    drafters=DRAFTERS,
    prompts=PROMPT_USES,
    load_demo=load_lessons_demo,
    find=find,
    attention=wanting,
    person=lessons_of_person,
    commands=(lessons,),
    holdings=HOLDINGS,
)
