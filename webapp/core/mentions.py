"""Rows in whose words a person stands: looked for by the database, made sure of here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from webapp.core.db import Row
from webapp.core.privacy import Holding, Subject

M = TypeVar("M", bound=Row)


def mentioning(session: Session, model: type[M], columns: Sequence[str], subject: Subject) -> list[M]:
    """The company's rows that mention the person in one of these columns."""
    words = {spelling.lower() for word in subject.words for spelling in word.spellings}
    if not words:
        return []
    texts = [func.lower(cast(getattr(model, name), String)) for name in columns]
    hits = or_(*(text.contains(word, autoescape=True) for text in texts for word in sorted(words)))
    rows = session.scalars(select(model).where(hits))
    return [row for row in rows if any(subject.mentioned(getattr(row, name)) for name in columns)]


def unmention(session: Session, holding: Holding, subject: Subject) -> int:
    """Take the person out of the words of others; answers in how many rows they stood."""
    rows: list[Any] = mentioning(session, holding.model, holding.mentions, subject)
    for row in rows:
        for name in holding.mentions:
            value = getattr(row, name)
            cleaned = subject.without(value)
            if cleaned is not value:
                setattr(row, name, _fitting(holding, name, cleaned))
    session.flush()
    return len(rows)


def _fitting(holding: Holding, name: str, value: Any) -> Any:
    longest = getattr(holding.table.c[name].type, "length", None)
    return value[:longest] if longest and isinstance(value, str) else value
