"""Errors that carry a sentence fit for people and a code fit for programs."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """Something asked for cannot be done, and the person who asked should read why.

    `code` is stable for programs, `status` is the HTTP status, `details` names fields,
    `retryable` says whether the same call may succeed later.
    """

    code = "cannot_be_done"
    status = 422
    retryable = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        details: Mapping[str, str] | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.details = dict(details or {})
        self.retryable = self.retryable if retryable is None else retryable


class NotFound(DomainError):
    """No such thing here: unknown, gone, or another company's."""

    code = "not_found"
    status = 404


class BadRequest(DomainError):
    """The request cannot be read, or lacks something."""

    code = "bad_request"
    status = 400


class Forbidden(DomainError):
    """The role or the token does not allow this."""

    code = "forbidden"
    status = 403


class Conflict(DomainError):
    """Somebody else changed it in the meantime."""

    code = "conflict"
    status = 409


class TooMany(DomainError):
    """A limit is reached; `seconds` says when to come back."""

    code = "too_many"
    status = 429
    retryable = True

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = max(1, seconds)


class Unavailable(DomainError):
    """A part this needs is away for the moment; nothing was changed."""

    code = "unavailable"
    status = 503
    retryable = True
