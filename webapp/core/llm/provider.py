"""The OpenAI-compatible provider: one HTTP call, every way it can fail mapped to one error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel

from webapp.core.llm.trouble import LlmFailed, Trouble

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI


@dataclass(frozen=True)
class Completion:
    """A model's raw answer and what it counted."""

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int


class Provider(Protocol):
    """One call to a model."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    def complete(self, messages: list[dict[str, str]], answer: type[BaseModel], timeout: float) -> Completion:
        """Answer the raw text for the messages in the answer's JSON schema. Raises LlmFailed."""
        ...


@dataclass(frozen=True)
class OpenAiProvider:
    """Any server that speaks the chat-completions API with strict JSON schemas."""

    key: str
    base_url: str
    model: str

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI  # noqa: PLC0415  # half a second that a web process never needs

        # Retries are counted by the door: its one budget would be blind to the client's own.
        return OpenAI(api_key=self.key or "none", base_url=self.base_url or None, max_retries=0)

    def complete(self, messages: list[dict[str, str]], answer: type[BaseModel], timeout: float) -> Completion:
        """Call the server once. Raises LlmFailed with what went wrong."""
        import openai  # noqa: PLC0415  # see _client

        try:
            raw = self._client.chat.completions.with_raw_response.parse(
                model=self.model,
                messages=messages,  # type: ignore[arg-type]  # role and content, as the API wants them
                response_format=answer,
                timeout=timeout,
            )
        except openai.APITimeoutError:
            raise LlmFailed(Trouble.TIMED_OUT) from None
        except openai.APIConnectionError:
            raise LlmFailed(Trouble.UNREACHABLE) from None
        except openai.APIStatusError as error:
            raise _refusal_of(error) from None
        return self._read(raw.text)

    def _read(self, body: str) -> Completion:
        try:
            envelope = json.loads(body)
            choice = envelope["choices"][0]
            refusal, text = choice["message"].get("refusal"), choice["message"].get("content") or ""
            reason, tokens = choice.get("finish_reason"), _counted(envelope.get("usage"))
            model = str(envelope.get("model") or self.model)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise LlmFailed(Trouble.BROKEN) from None
        if refusal or reason == "content_filter":
            raise LlmFailed(Trouble.REFUSED, tokens=tokens)
        if reason == "length":
            raise LlmFailed(Trouble.TRUNCATED, answer=str(text), tokens=tokens)
        return Completion(str(text), model, *tokens)


def _counted(usage: Any) -> tuple[int, int]:
    """Read what the server counted; a server that counts nothing, or nonsense, counts as nothing."""
    given = usage if isinstance(usage, dict) else {}
    numbers = (given.get(name) for name in ("prompt_tokens", "completion_tokens"))
    first, second = (number if isinstance(number, int) and number >= 0 else 0 for number in numbers)
    return first, second


def _refusal_of(error: APIStatusError) -> LlmFailed:
    status = error.status_code
    if status == 429:
        code = getattr(error, "code", None) or ""
        kind = Trouble.OVER_QUOTA if code == "insufficient_quota" else Trouble.BUSY
        return LlmFailed(kind, retry_after=_retry_after(error.response.headers.get("retry-after")))
    if status in {408, 409} or status >= 500:
        return LlmFailed(Trouble.TIMED_OUT if status in {408, 504} else Trouble.BROKEN)
    return LlmFailed(Trouble.NOT_ALLOWED)


def _retry_after(value: Any) -> float | None:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return None
