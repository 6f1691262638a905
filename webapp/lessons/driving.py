"""Driving a running server: the serving call for many learners and lessons, patiently, with a report."""

from __future__ import annotations

import http.client
import json
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit

from webapp.core.errors import BadRequest, DomainError

MOST_TRIES = 5
FIRST_PAUSE = 1.0  # seconds, doubled with each further try
LONGEST_PAUSE = 60.0
PATIENCE = 90.0  # seconds for one answer; a lesson takes at most half of it
AGAIN = frozenset({429, 502, 503, 504})
MOST_PAGES = 1_000


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves a redirection as the answer it is: the token is for the server that was named."""

    def redirect_request(self, *_told: Any) -> None:
        """Follow nothing."""


CALLS = urllib.request.build_opener(_NoRedirects)


@dataclass(frozen=True)
class Answer:
    """What the server answered, or why it did not: then the status is 0."""

    status: int
    told: Mapping[str, Any]
    retry_after: float | None = None

    @property
    def good(self) -> bool:
        """Whether the lesson came."""
        return self.status == 200

    @property
    def why(self) -> str:
        """The failure in words."""
        code = f" ({self.told['code']})" if self.told.get("code") else ""
        return f"{self.status or 'no answer'}: {self.told.get('error', 'cannot be read')}{code}"


@dataclass(frozen=True)
class Server:
    """A running instance and the token to call it with. `pause` waits so many seconds."""

    url: str
    token: str
    company: str = ""
    pause: Callable[[float], object] = field(default_factory=lambda: Event().wait)

    def __post_init__(self) -> None:
        """Refuse an address that is none. Raises BadRequest."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise BadRequest(
                f"--url needs an address such as http://127.0.0.1:8000; this is none: {self.url}"
            )

    def serve(self, body: Mapping[str, Any]) -> tuple[Answer, float, int]:
        """Call until an answer is final; also the seconds of the last try, and how many there were."""
        tries, pause = 0, FIRST_PAUSE
        while True:
            tries, began = tries + 1, time.perf_counter()
            answer = self._send("POST", "/api/persona/personalize-template", self._of_company(body))
            seconds = time.perf_counter() - began
            if not _worth_another(answer) or tries == MOST_TRIES:
                return answer, seconds, tries
            self.pause(min(LONGEST_PAUSE, pause if answer.retry_after is None else answer.retry_after))
            pause *= 2

    def lessons(self, course: str) -> list[int]:
        """The numbers of the course's lessons. Raises DomainError when the server does not tell them."""
        found, cursor = [], ""
        for _ in range(MOST_PAGES):
            told = {"limit": "200", "course": course, "cursor": cursor, "companyHQId": self.company}
            query = "&".join(f"{name}={quote(value)}" for name, value in told.items() if value)
            answer = self._send("GET", f"/api/lessons?{query}", None)
            if not answer.good:
                raise DomainError(f"The server does not tell its lessons: {answer.why}")
            found += [int(one["lesson_number"]) for one in answer.told["items"]]
            cursor = str(answer.told["next"] or "")
            if not cursor:
                break
        return sorted(set(found))

    def _of_company(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "companyHQId": self.company} if self.company else dict(body)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            self.url.rstrip("/") + path, data=data, method=method, headers=headers
        )
        try:
            return _answered(request)
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = str(getattr(error, "reason", error)) or type(error).__name__
            return Answer(0, {"error": why, "retryable": True})


@dataclass(frozen=True)
class Call:
    """One learner's lesson as it was asked for, and how that ended."""

    user_id: str
    lesson: int
    answer: Answer
    seconds: float
    tries: int

    def told(self) -> dict[str, Any]:
        """The failure for programs."""
        return {"user_id": self.user_id, "lesson_number": self.lesson, "why": self.answer.why}


@dataclass(frozen=True)
class Wish:
    """Whom to ask for, which lessons, and how."""

    users: tuple[str, ...]
    lessons: tuple[int, ...]
    course: str = ""
    flush: bool = False
    delay: float = 1.0

    def __len__(self) -> int:
        return len(self.users) * len(self.lessons)


def drive(server: Server, wish: Wish) -> Iterator[Call]:
    """Ask for one lesson after the other, so many seconds apart."""
    first = True
    for user_id in wish.users:
        for number in wish.lessons:
            if not first and wish.delay:
                server.pause(wish.delay)
            first = False
            body: dict[str, Any] = {"user_id": user_id, "lesson_number": number}
            body |= {"flush": True} if wish.flush else {}
            body |= {"course": wish.course} if wish.course else {}
            yield Call(user_id, number, *server.serve(body))


def report(calls: list[Call]) -> dict[str, Any]:
    """Latency (milliseconds, of the answers that came) and failures, in all and for each lesson."""
    numbers = sorted({call.lesson for call in calls})
    failed = [call.told() for call in calls if not call.answer.good]
    return {
        "success": not failed,
        **_summed(calls),
        "lessons": [
            {"lesson_number": number, **_summed([call for call in calls if call.lesson == number])}
            for number in numbers
        ],
        "failures": failed,
    }


def _summed(calls: list[Call]) -> dict[str, Any]:
    good = [call for call in calls if call.answer.good]
    times = sorted(call.seconds * 1000 for call in good)
    return {
        "calls": len(calls),
        "served": len(good),
        "cached": sum(1 for call in good if call.answer.told.get("cached")),
        "stale": sum(1 for call in good if call.answer.told.get("stale")),
        "failed": len(calls) - len(good),
        "tries": sum(call.tries for call in calls),
        "median_ms": round(statistics.median(times), 1) if times else None,
        "p95_ms": round(times[min(len(times) - 1, int(len(times) * 0.95))], 1) if times else None,
    }


def _worth_another(answer: Answer) -> bool:
    return answer.status == 0 or (answer.status in AGAIN and answer.told.get("retryable") is not False)


def _answered(request: urllib.request.Request) -> Answer:
    """What the server answers, of whatever status. A redirection is told, not followed."""
    try:
        with CALLS.open(request, timeout=PATIENCE) as got:
            return Answer(got.status, _read(got.read()))
    except urllib.error.HTTPError as error:
        with error:
            told, where = _read(error.read()), error.headers.get("Location")
            if where and error.code < 400:
                told = {"error": f"It redirects to {where}; name that address if it is the right one"}
            return Answer(error.code, told, _seconds(error.headers.get("Retry-After")))


def _read(sent: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(sent)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(header: str | None) -> float | None:
    """What Retry-After says, in seconds from now; None when it says nothing."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
