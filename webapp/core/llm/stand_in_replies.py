"""What the stand-in LLM server answers in each mode: status, headers and body, in OpenAI's own shapes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webapp.core.llm.stand_in_answers import Writer

CREATED = 1_741_944_600  # a fixed moment: the same request gets the same bytes


class Mode(StrEnum):
    """How the stand-in behaves; the values are what the command line and the control call take."""

    OK = "ok"
    SLOW = "slow"
    BUSY = "429"
    QUOTA = "quota"
    BROKEN = "500"
    HANG = "hang"
    RESET = "reset"
    MALFORMED = "malformed"
    WRONG = "wrong"
    TRUNCATED = "truncated"
    REFUSAL = "refusal"
    HTML = "html"
    INJECTION = "injection"


@dataclass(frozen=True)
class Reply:
    """One HTTP answer, with the tokens it reports (0 and 0 where it reports none)."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class Request:
    """A chat completion as asked: the model without its mode, the messages, the schema when there is one."""

    model: str
    messages: tuple[Mapping[str, Any], ...]
    response_format: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The words of the user's messages (of all messages where there are none from the user)."""
        users = [one for one in self.messages if one.get("role") == "user"] or self.messages
        return "\n".join(words_of(one.get("content")) for one in users)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema that the answer must fit, or None."""
        described = self.response_format.get("json_schema")
        found = described.get("schema") if isinstance(described, dict) else None
        return found if isinstance(found, dict) else None


def words_of(content: object) -> str:
    """The text of a message's content, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    parts: Sequence[object] = content if isinstance(content, list) else ()
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def failure(status: int, message: str, kind: str, code: str | None, **headers: str) -> Reply:
    """An error in the shape of OpenAI's."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": error}).encode(), headers=named)


def reply_for(request: Request, mode: Mode, seed: int) -> Reply:
    """The answer to `request` in `mode`; the modes that only delay answer as "ok" does."""
    if mode is Mode.BUSY:
        text = f"Rate limit reached for {request.model} on requests per min. Please try again in 1s."
        return failure(429, text, "requests", "rate_limit_exceeded", Retry_After="1")
    if mode is Mode.QUOTA:
        text = "You exceeded your current quota, please check your plan and billing details."
        return failure(429, text, "insufficient_quota", "insufficient_quota")
    if mode is Mode.BROKEN:
        return failure(500, "The server had an error while processing your request.", "server_error", None)
    if mode is Mode.HTML:
        page = "<!doctype html><title>Sign in</title><h1>Sign in to the guest network</h1>"
        return Reply(200, page.encode(), content_type="text/html; charset=utf-8")
    return _completion(request, mode, seed)


def _completion(request: Request, mode: Mode, seed: int) -> Reply:
    refused = "I'm sorry, I can't help with that request." if mode is Mode.REFUSAL else None
    content = None if refused else _content(request, mode, seed)
    usage = _usage(request, content or refused or "")
    message: dict[str, object] = {
        "role": "assistant",
        "content": content,
        "refusal": refused,
        "annotations": [],
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "length" if mode is Mode.TRUNCATED else "stop",
    }
    body = {
        "id": f"chatcmpl-stand-in-{Writer({}, request.text, seed).number('id'):x}",
        "object": "chat.completion",
        "created": CREATED,
        "model": request.model,
        "choices": [choice],
        "usage": usage,
        "system_fingerprint": "fp_stand_in",
    }
    sent = json.dumps(body, ensure_ascii=False).encode()
    return Reply(
        200, sent, prompt_tokens=usage["prompt_tokens"], completion_tokens=usage["completion_tokens"]
    )


def _content(request: Request, mode: Mode, seed: int) -> str:
    if mode is Mode.MALFORMED:
        return 'Of course! Here is the answer you asked for: {"text": "'
    if mode is Mode.WRONG:
        return json.dumps({"stand_in": "an object of another shape", "number": 7})
    whole = _fitting(request, seed, planted=mode is Mode.INJECTION)
    return whole[: max(1, len(whole) * 2 // 3)] if mode is Mode.TRUNCATED else whole


def _fitting(request: Request, seed: int, *, planted: bool) -> str:
    writer = Writer(request.schema or {}, request.text, seed, planted=planted)
    if request.schema is not None:
        return json.dumps(writer.value(request.schema), ensure_ascii=False)
    text = str(writer.value({"type": "string"}))
    is_object = request.response_format.get("type") == "json_object"
    return json.dumps({"answer": text}, ensure_ascii=False) if is_object else text


def _usage(request: Request, answer: str) -> dict[str, int]:
    """Tokens at four characters each, the rule of thumb for English; never 0."""
    asked = sum(len(words_of(one.get("content"))) for one in request.messages)
    prompt, completion = max(1, asked // 4), max(1, len(answer) // 4)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
