"""What can go wrong with a model, as one error with a kind, in words for people."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from webapp.core.errors import DomainError


class Trouble(enum.Enum):
    """The kinds of failure.

    `status` is the API's answer, `again` whether trying again may help, `advice` what a person does next.
    """

    UNREACHABLE = (
        "llm_unreachable",
        503,
        True,
        "The AI service cannot be reached.",
        "Try again in a moment; if it stays so, tell your admin that the service is away.",
    )
    TIMED_OUT = (
        "llm_timed_out",
        504,
        True,
        "The AI service did not answer in time.",
        "Try again; a shorter description or fewer fields answer faster.",
    )
    BUSY = (
        "llm_busy",
        503,
        True,
        "The AI service is busy.",
        "It usually passes within a minute: try again then.",
    )
    OVER_QUOTA = (
        "llm_over_quota",
        503,
        True,
        "The AI service’s quota is used up.",
        "Ask an admin to raise the quota with the AI provider.",
    )
    BROKEN = (
        "llm_broken",
        502,
        True,
        "The AI service had an error of its own.",
        "Try again in a moment; the fault is theirs and usually passes.",
    )
    REFUSED = (
        "llm_refused",
        502,
        True,
        "The AI service declined to write this.",
        "Reword the description or the instruction, then try again.",
    )
    TRUNCATED = (
        "llm_truncated",
        502,
        True,
        "The AI service’s answer broke off before its end.",
        "Try again, or ask for fewer fields at once.",
    )
    UNREADABLE = (
        "llm_unreadable",
        502,
        True,
        "The AI service’s answer could not be read.",
        "Try again: the next answer is often readable. If not, tell your admin.",
    )
    MISFIT = (
        "llm_misfit",
        502,
        True,
        "The AI service’s answer did not have the fields asked for.",
        "Try again: the next answer often fits. If not, tell your admin.",
    )
    NOT_ALLOWED = (
        "llm_not_allowed",
        502,
        False,
        "The AI service does not accept this key or model.",
        "Ask an admin to check the AI key and the model’s name.",
    )

    def __init__(self, code: str, status: int, again: bool, sentence: str, advice: str) -> None:  # noqa: FBT001  # a row of a table
        self.code = code
        self.status = status
        self.again = again
        self.sentence = sentence
        self.advice = advice

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed a moment later."""
        return self in {Trouble.UNREACHABLE, Trouble.TIMED_OUT, Trouble.BUSY, Trouble.BROKEN}

    @property
    def mendable(self) -> bool:
        """Whether showing the model its errors may help."""
        return self in {Trouble.UNREADABLE, Trouble.MISFIT, Trouble.TRUNCATED}


class LlmFailed(DomainError):
    """No usable answer. `trouble` is the kind, `details` the fields at fault of a misfit."""

    def __init__(
        self,
        trouble: Trouble,
        *,
        details: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        answer: str = "",
        tokens: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(
            trouble.sentence,
            code=trouble.code,
            status=trouble.status,
            details=details,
            retryable=trouble.again,
        )
        self.trouble = trouble
        self.retry_after = retry_after
        self.answer = answer
        self.tokens = tokens


BY_CODE = {trouble.code: trouble for trouble in Trouble}
