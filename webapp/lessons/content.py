"""A personalized text with everything it was made from, as rows and versions keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.lessons.facts import Finding, LessonTexts, Severity, TakenUp, texts_of
from webapp.lessons.models import PersonalLesson, Strategy


@dataclass(frozen=True, kw_only=True)
class Content:
    """The six sections, their strategy, what they were made from, and what the checks saw.

    `template_number`, `survey_hash`, `voice_hash` and `prompt_version` are what staleness is judged by.
    """

    texts: LessonTexts
    strategy: Strategy
    template_number: int
    survey_hash: str
    voice_hash: str
    prompt_version: str
    model: str
    findings: tuple[Finding, ...]
    taken_up: tuple[TakenUp, ...]
    call_id: UUID | None
    written_at: datetime

    @property
    def red(self) -> tuple[Finding, ...]:
        """The failed hard checks."""
        return tuple(one for one in self.findings if one.severity is Severity.FIX)

    @property
    def flagged(self) -> bool:
        """Whether a check wants a person to look."""
        return any(one.severity is not Severity.OK for one in self.findings)

    def stored(self) -> dict[str, Any]:
        """The content as JSON can hold it."""
        return {
            "sections": self.texts.as_dict(),
            "strategy": self.strategy.value,
            "template_number": self.template_number,
            "survey_hash": self.survey_hash,
            "voice_hash": self.voice_hash,
            "prompt_version": self.prompt_version,
            "model": self.model,
            "findings": [one.model_dump(mode="json") for one in self.findings],
            "taken_up": [one.model_dump(mode="json") for one in self.taken_up],
            "call_id": str(self.call_id) if self.call_id else None,
            "written_at": self.written_at.isoformat(),
        }

    def put(self, row: PersonalLesson) -> None:
        """Set the row's content."""
        told = self.stored()
        row.sections, row.findings, row.taken_up = told["sections"], told["findings"], told["taken_up"]
        row.strategy, row.model, row.call_id = self.strategy, self.model, self.call_id
        row.template_number, row.survey_hash = self.template_number, self.survey_hash
        row.voice_hash, row.prompt_version = self.voice_hash, self.prompt_version
        row.flagged, row.written_at = self.flagged, self.written_at


def content_of(stored: Mapping[str, Any]) -> Content:
    """Read a content that `Content.stored` wrote."""
    return Content(
        texts=texts_of(stored["sections"]),
        strategy=Strategy(stored["strategy"]),
        template_number=int(stored["template_number"]),
        survey_hash=str(stored["survey_hash"]),
        voice_hash=str(stored["voice_hash"]),
        prompt_version=str(stored["prompt_version"]),
        model=str(stored["model"]),
        findings=findings_of(stored["findings"]),
        taken_up=taken_up_from(stored["taken_up"]),
        call_id=UUID(stored["call_id"]) if stored["call_id"] else None,
        written_at=datetime.fromisoformat(stored["written_at"]),
    )


def content_of_row(row: PersonalLesson) -> Content:
    """The content of a published row."""
    plain = {one.name for one in fields(Content)} - {"texts", "findings", "taken_up"}
    return Content(
        texts=texts_of(row.sections),
        findings=findings_of(row.findings),
        taken_up=taken_up_from(row.taken_up),
        **{name: getattr(row, name) for name in plain},
    )


def findings_of(stored: Sequence[Any]) -> tuple[Finding, ...]:
    """Read stored findings."""
    return tuple(Finding.model_validate(one) for one in stored)


def taken_up_from(stored: Sequence[Any]) -> tuple[TakenUp, ...]:
    """Read which answers were taken up where."""
    return tuple(TakenUp.model_validate(one) for one in stored)
