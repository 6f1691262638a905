"""Loads the demo company's courses, templates and learners with their surveys."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.core.access import Actor
from webapp.core.clock import Clock
from webapp.core.db import unit
from webapp.lessons.courses import course_facts
from webapp.lessons.demo import COURSES, LEARNERS, DemoCourse, DemoLearner, DemoLesson
from webapp.lessons.facts import voice_hash
from webapp.lessons.models import Course, Lesson, TemplateVersion
from webapp.people.models import Person, Survey
from webapp.people.questions import survey_hash

AUTHOR = "Ines Brandt"


def load_lessons_demo(session: Session, actor: Actor, clock: Clock) -> None:
    """Fill the session's company, in one unit. Rows are minutes apart, so that lists have an order."""
    del actor  # the demo's own audit row says who loaded it
    now = clock.now()
    with unit(session):
        for age, course in enumerate(COURSES):
            _add_course(session, course, now - timedelta(days=40 + age))
        for age, learner in enumerate(LEARNERS):
            _add_learner(session, learner, now - timedelta(minutes=10 * age, days=12))


def _add_course(session: Session, demo: DemoCourse, at: datetime) -> None:
    course = Course(
        key=demo.key,
        name=demo.name,
        language=demo.language,
        voice=demo.voice,
        required_words=list(demo.required_words),
        banned_words=list(demo.banned_words),
        created_at=at,
        updated_at=at,
    )
    course.voice_hash = voice_hash(course_facts(course))
    session.add(course)
    session.flush()
    for lesson in demo.lessons:
        _add_lesson(session, course, lesson, at)


def _add_lesson(session: Session, course: Course, demo: DemoLesson, at: datetime) -> None:
    lesson = Lesson(
        course_id=course.id,
        lesson_number=demo.number,
        code=demo.code,
        title=demo.title,
        description=demo.description,
        template=demo.template.as_dict(),
        template_number=1,
        created_at=at,
        updated_at=at,
    )
    session.add(lesson)
    session.flush()
    sections = demo.template.as_dict()
    session.add(
        TemplateVersion(lesson_id=lesson.id, number=1, sections=sections, saved_at=at, saved_by=AUTHOR)
    )


def _add_learner(session: Session, demo: DemoLearner, at: datetime) -> None:
    person = Person(
        identifier=demo.identifier,
        name=demo.name,
        email=demo.email,
        language=demo.language,
        timezone=demo.timezone,
        created_at=at,
        updated_at=at,
    )
    session.add(person)
    session.flush()
    if demo.answers:
        answers = dict(demo.answers)
        mark = survey_hash(answers)
        session.add(Survey(person_id=person.id, answers=answers, hash=mark, created_at=at, updated_at=at))
