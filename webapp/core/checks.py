"""Texts that must be something: an address, a language, a time zone; refused in sentences for people."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def checked_email(text: str) -> str:
    """The address in its normal form. Raises ValueError saying what is wrong with it."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"This is no e-mail address: {error}") from None


def checked_language(text: str) -> str:
    """A language's tag such as en or pt-BR, as it is usually written. Raises ValueError."""
    if not LANGUAGE.fullmatch(text):
        raise ValueError("Write the language as a tag such as en, de or pt-BR.")
    language, *rest = text.split("-")
    return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)])


def checked_identifier(text: str) -> str:
    """A company's own id of a person. Raises ValueError for one that no address could name."""
    if "/" in text or text in {".", ".."}:
        raise ValueError("A user id stands in addresses of the API: it cannot hold a slash.")
    return text


def checked_zone(text: str) -> str:
    """The name of a time zone such as Europe/Berlin. Raises ValueError when there is none of it."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise ValueError("There is no such time zone. Write it like Europe/Berlin.") from None
