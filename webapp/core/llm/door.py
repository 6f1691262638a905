"""`ask(prompt, Answer) -> Answer`: one retry budget, one repair try, every call recorded."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from webapp.core.llm.prompt import BY_RULES, Answered, Prompt, fingerprint
from webapp.core.llm.provider import Completion, Provider
from webapp.core.llm.trouble import BY_CODE, LlmFailed, Trouble

Answer = TypeVar("Answer", bound=BaseModel)
Drafter = Callable[[Mapping[str, Any]], BaseModel]
LOOK_AGAIN = 0.1  # seconds between two looks at whether a waiting call is still wanted
GRACE = 0.5  # seconds; the client tells its own time-out better, so it goes first
SHORTEST_CALL = 1.0  # seconds; with less left in the budget a call is not begun
PAID_IN_VAIN = frozenset({Trouble.TRUNCATED.code, Trouble.REFUSED.code})
REPAIR = (
    "That answer cannot be used: {errors}. Answer again, whole, as one JSON object in the schema, "
    "keeping to its lengths."
)


class Stopped(Exception):
    """The caller was told to stop while the model was writing."""


@dataclass(frozen=True)
class Call:
    """One call as the ledger keeps it. `ms` is its duration, `outcome` "ok" or a trouble's code."""

    prompt: Prompt
    fingerprint: str
    model: str
    outcome: str
    ms: int
    tokens: tuple[int, int] = (0, 0)
    answer: str = ""


class Recorder(Protocol):
    """Where calls are written down, and where an answer already paid for is found."""

    def reserve(self, prompt: Prompt, fingerprint: str, model: str, tokens: tuple[int, int]) -> UUID:
        """Put aside what a call with so many tokens at most may cost; answers the call's id.

        Raises LlmFailed when the day's limit does not allow it.
        """
        ...

    def settle(self, call_id: UUID, call: Call) -> None:
        """Write down how the call ended, in place of what was put aside."""
        ...

    def record(self, call: Call) -> UUID:
        """Write down an answer that cost nothing; answers its id."""
        ...

    def recall(self, fingerprint: str) -> tuple[UUID, str, str, str] | None:
        """Answer the id, model, text and outcome of an answer to the same question that was paid for already.

        One that did not fit counts too, after a crash: it is repaired, not asked for again. When a
        person tries again it does not: they want another answer.
        """
        ...


class Circuit(Protocol):
    """Keeps calls from a service that fails again and again."""

    def seconds(self) -> float | None:
        """Answer for how long no call may go, or None."""
        ...

    def failed(self) -> None:
        """Count a question that the service did not answer."""
        ...

    def succeeded(self) -> None:
        """Tell that it answered."""
        ...


@dataclass(frozen=True)
class Policy:
    """Bounds of one `ask`: seconds a call, seconds in all, calls in all, tokens of an answer."""

    timeout: float = 20.0
    budget: float = 28.0
    attempts: int = 3
    tokens: int = 4096


@dataclass(frozen=True)
class Llm:
    """The door. Without a provider the built-in drafters answer: same door, same schema.

    `places` are how many calls may be under way at once; None for any number.
    """

    provider: Provider | None
    drafters: Mapping[str, Drafter]
    policy: Policy = field(default_factory=Policy)
    circuit: Circuit | None = None
    pace: Callable[[threading.Event], float | None] | None = None
    places: threading.Semaphore | None = None

    @property
    def by_rules(self) -> bool:
        """Whether drafts are written by rules."""
        return self.provider is None

    def ask(
        self, prompt: Prompt, answer: type[Answer], recorder: Recorder, stop: threading.Event
    ) -> Answered[Answer]:
        """Answer the prompt in the answer's shape.

        Raises LlmFailed when the budget ends without a usable answer, Stopped when `stop` is set.
        """
        if self.provider is None:
            return self._by_rules(prompt, answer, recorder)
        asking = _Asking(self.provider, self.policy, prompt, answer, recorder, stop, self.pace, self.places)
        return asking.run() if self.circuit is None else _guarded(self.circuit, asking)

    def _by_rules(self, prompt: Prompt, answer: type[Answer], recorder: Recorder) -> Answered[Answer]:
        began = time.monotonic()
        value = answer.model_validate(
            self.drafters[prompt.file.name](prompt.values).model_dump(by_alias=True)
        )
        mark = fingerprint(BY_RULES, prompt.messages(), answer.__name__)
        text = value.model_dump_json(by_alias=True)
        call_id = recorder.record(Call(prompt, mark, BY_RULES, "ok", _since(began), answer=text))
        return Answered(value, BY_RULES, prompt.file.name, prompt.file.label, call_id)


def _guarded(circuit: Circuit, asking: _Asking) -> Answered[Any]:
    seconds = circuit.seconds()
    if seconds is not None:
        raise LlmFailed(Trouble.PAUSED, retry_after=seconds)
    try:
        answered = asking.run()
    except LlmFailed as failure:
        if failure.trouble.down:
            circuit.failed()
        elif asking.calls:
            circuit.succeeded()
        raise
    circuit.succeeded()
    return answered


class _Asking:
    """One question on its way through retries and repair."""

    def __init__(
        self,
        provider: Provider,
        policy: Policy,
        prompt: Prompt,
        answer: type[BaseModel],
        recorder: Recorder,
        stop: threading.Event,
        pace: Callable[[threading.Event], float | None] | None = None,
        places: threading.Semaphore | None = None,
    ) -> None:
        self.pace, self.places = pace, places
        self.provider, self.policy, self.prompt = provider, policy, prompt
        self.answer, self.recorder, self.stop = answer, recorder, stop
        self.deadline = time.monotonic() + policy.budget
        self.messages = prompt.messages()
        self.calls = 0
        self.repaired = False

    def run(self) -> Answered[Any]:
        while True:
            try:
                return self._once()
            except LlmFailed as failure:
                self._prepare_next(failure)

    def _once(self) -> Answered[Any]:
        mark = fingerprint(self.provider.model, self.messages, _schema(self.answer))
        known = self.recorder.recall(mark)
        if known:
            call_id, model, text, outcome = known
            if outcome in PAID_IN_VAIN:
                raise LlmFailed(BY_CODE[outcome], answer=text)
            return self._answered(self._validated(text), model, call_id)
        with self._place():
            completion, ms = self._paid_call(mark)
        try:
            value = self._validated(completion.text)
        except LlmFailed as misfit:
            self._settle(mark, misfit.code, ms, completion)
            raise
        return self._answered(value, completion.model, self._settle(mark, "ok", ms, completion))

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Wait until one call fewer is under way; the time is not taken from this question's budget."""
        if self.places is None:
            yield
            return
        began = time.monotonic()
        while not self.places.acquire(timeout=LOOK_AGAIN):
            if self.stop.is_set():
                raise Stopped
        self.deadline += time.monotonic() - began
        try:
            yield
        finally:
            self.places.release()

    def _paid_call(self, mark: str) -> tuple[Completion, int]:
        if self.pace:
            waited = self.pace(self.stop)
            if waited is None:
                raise Stopped
            self.deadline += waited  # standing in line is not the service's slowness
        self.call_id = self.recorder.reserve(self.prompt, mark, self.provider.model, self._at_most())
        began = time.monotonic()
        self.calls += 1
        timeout = max(SHORTEST_CALL, min(self.policy.timeout, self.deadline - began))
        try:
            completion = _interruptible(
                lambda: self.provider.complete(self.messages, self.answer, timeout, self.policy.tokens),
                self.stop,
                timeout + GRACE,
            )
        except LlmFailed as failure:
            lost = Completion(failure.answer, self.provider.model, *failure.tokens)
            self._settle(mark, failure.code, _since(began), lost)
            raise
        except Stopped:
            self._settle(mark, "abandoned", _since(began), Completion("", self.provider.model, 0, 0))
            raise
        return completion, _since(began)

    def _at_most(self) -> tuple[int, int]:
        """Bound the tokens of a call: no tokenizer makes more tokens than its text has bytes."""
        sent = sum(len(message["content"].encode()) for message in self.messages)
        return sent + len(_schema(self.answer)), self.policy.tokens

    def _settle(self, mark: str, outcome: str, ms: int, completion: Completion) -> UUID:
        tokens = (completion.prompt_tokens, completion.completion_tokens)
        call = Call(self.prompt, mark, completion.model, outcome, ms, tokens, answer=completion.text)
        self.recorder.settle(self.call_id, call)
        return self.call_id

    def _validated(self, text: str) -> BaseModel:
        try:
            return self.answer.model_validate_json(text)
        except ValidationError as error:
            problems = {_where(problem["loc"]): problem["msg"] for problem in error.errors()}
            unreadable = any(problem["type"] == "json_invalid" for problem in error.errors())
            kind = Trouble.UNREADABLE if unreadable else Trouble.MISFIT
            raise LlmFailed(kind, details={} if unreadable else problems, answer=text) from None

    def _answered(self, value: BaseModel, model: str, call_id: UUID) -> Answered[Any]:
        return Answered(value, model, self.prompt.file.name, self.prompt.file.label, call_id)

    def _prepare_next(self, failure: LlmFailed) -> None:
        """Make ready for another call, or raise the failure when the budget is spent."""
        left = self.deadline - time.monotonic()
        if self.calls >= self.policy.attempts or left < SHORTEST_CALL:
            raise failure
        if failure.trouble.passing:
            self._pause(failure, left)
        elif failure.trouble.mendable and not self.repaired:
            self.repaired = True
            self.messages = [*self.messages, *_repair(failure)]
        else:
            raise failure

    def _pause(self, failure: LlmFailed, left: float) -> None:
        backoff = 0.4 * 2 ** (self.calls - 1) * random.uniform(0.75, 1.25)  # noqa: S311  # jitter, no secret
        seconds = backoff if failure.retry_after is None else failure.retry_after
        if seconds > left - SHORTEST_CALL:
            raise failure
        if self.stop.wait(seconds):
            raise Stopped


def _repair(failure: LlmFailed) -> list[dict[str, str]]:
    errors = "; ".join(f"{where}: {why}" for where, why in failure.details.items()) or failure.message
    return [
        {"role": "assistant", "content": failure.answer[:4000] or "(nothing)"},
        {"role": "user", "content": REPAIR.format(errors=errors)},
    ]


def _interruptible(deed: Callable[[], Completion], stop: threading.Event, seconds: float) -> Completion:
    """Run the call in a thread, and give it up when told to stop or when its seconds are over.

    The client's own time-out counts from byte to byte: a server that drips would never meet it.
    """
    deadline = time.monotonic() + seconds
    done = threading.Event()
    box: list[Completion | BaseException] = []

    def run() -> None:
        try:
            box.append(deed())
        except BaseException as error:  # noqa: BLE001  # carried over to the waiting thread
            box.append(error)
        done.set()

    threading.Thread(target=run, name="llm-call", daemon=True).start()
    while not done.wait(0.1):
        if stop.is_set():
            raise Stopped
        if time.monotonic() > deadline:
            raise LlmFailed(Trouble.TIMED_OUT)
    result = box[0]
    if isinstance(result, BaseException):
        raise result
    return result


def _schema(answer: type[BaseModel]) -> str:
    return json.dumps(answer.model_json_schema(by_alias=True), sort_keys=True)


def _where(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "answer"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
