"""What the list of learners offers beside its page: files that can be imported again, deeds on many."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.access import Permission
from webapp.core.audit import AuditAction
from webapp.core.list_desk import ListDesk
from webapp.people.models import Person, Survey
from webapp.people.persons import LISTING
from webapp.people.questions import QUESTIONS
from webapp.people.surveys import answers_of

OURS = ("user_id", "name", "email", *QUESTIONS)
MOST_COLUMNS = 400


def further_questions(session: Session) -> tuple[str, ...]:
    """The questions beside the six that anybody of the company answered, in the order of the alphabet."""
    found = set[str]()
    for answers in session.scalars(select(Survey.answers).execution_options(yield_per=500)):
        found.update(answers)
    return tuple(sorted(found.difference(OURS))[:MOST_COLUMNS])


def _texts(person: Person) -> dict[str, str]:
    return {"user_id": person.identifier, "name": person.name, "email": person.email}


LEARNER_DESK = ListDesk(
    name="learners",
    noun="learner",
    listing=LISTING,
    read=Permission.PEOPLE_READ,
    write=Permission.PEOPLE_WRITE,
    columns=OURS,
    texts=_texts,
    endpoint="learners.index",
    deleted=AuditAction.PERSON_DELETED,
    also=answers_of,
    further=further_questions,
    whose=lambda person: person.id,
)
