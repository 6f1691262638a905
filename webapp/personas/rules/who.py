"""Reads who the person is: job title, line of work and seniority, each with the facts behind it."""

# ruff: noqa: RUF001 - Cyrillic

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.personas.rules.given import Given
from webapp.personas.rules.titles import function_of, present_title, seniority_of, title_in

_TELLING = ("description", "contact headline", "contact notes")
_MARKET = ("product target market", "company audience")

# What a product's own words say about who usually buys it, when nobody is named.
_BUYERS: tuple[tuple[str, str], ...] = (
    ("hr", r"recruit|payroll|onboarding|employer|applicant|shift plan|подбор персонал|кадров|зарплат"),
    (
        "finance",
        r"accounting|month-end|closing the books|expense|invoice|receivable|бухгалтер|счет[ао]в|счёт",
    ),
    ("marketing", r"campaign|brand|newsletter|social media|marketing|реклам|маркетинг"),
    ("sales", r"\bcrm\b|sales team|\breps?\b|pipeline|\bleads?\b|отдел\w* продаж|лид[ыо]"),
    ("it", r"\bit\b|cyber|backup|identity|server|network|devops|кибер|сервер"),
    ("supply", r"truck|trailer|freight|fleet|warehouse|shipment|грузо|склад|перевоз"),
    ("education", r"classroom|pupils|lesson|урок|учеников"),
    ("site", r"building crews|construction site|facility|стройк"),
    ("operations", r"production|machine|plant\b|schedul|roster|производств|расписани|смен"),
)


@dataclass(frozen=True)
class Who:
    """The person as a type. Keys are those of the phrase bank; "" is unknown."""

    title: str = ""
    function: str = ""
    seniority: str = ""
    title_from: tuple[str, ...] = ()
    function_from: tuple[str, ...] = ()
    seniority_from: tuple[str, ...] = ()


def read_who(facts: Given) -> Who:
    """The person that a contact, a description or else the product's market describes."""
    title, title_from = _title(facts)
    told = [
        (title_from, title),
        *((name, facts.get(name, "")) for name in ("contact department", "contact functions")),
    ]
    function, function_from = _first_key([*told, ("contact headline", facts.get("contact headline", ""))])
    if not function and not title:
        function, function_from = _usual_buyer(facts)
    if function != "owner" and (owned := _owns(facts)):
        title, title_from = title or "Owner", title_from or owned
        function, function_from = "owner", owned
    stated = facts.get("contact seniority", "")
    if stated and not re.search(r"^\W*$", stated):
        seniority, seniority_from = seniority_of(stated), "contact seniority"
    else:
        seniority, seniority_from = "owner" if function == "owner" else seniority_of(title), title_from
    if function == "private":
        seniority = ""
    return Who(
        title,
        function,
        seniority,
        _names(title_from),
        _agreeing(facts, function, function_from),
        _names(seniority_from if seniority else ""),
    )


def _owns(facts: Given) -> str:
    """The fact that says somebody owns the place, whatever their trade is; "" when none does."""
    owns = (
        r"\b(?:owns|has (?:her|his|their) own) (?:an?|the|two|three|\d+|several|small|practice|clinic|shop)\b"
    )
    return next((name for name in _TELLING if re.search(owns, facts.get(name, ""))), "")


def _agreeing(facts: Given, function: str, first: str) -> tuple[str, ...]:
    """The fact that told the line of work, and the fields of the contact that say the same."""
    fields = ("contact department", "contact functions", "contact headline")
    also = (name for name in fields if function and function_of(facts.get(name, "")) == function)
    return tuple(dict.fromkeys((*_names(first), *also)))


def _names(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _title(facts: Given) -> tuple[str, str]:
    if "contact title" in facts and (title := present_title(facts["contact title"])):
        return title, "contact title"
    source = any(name.startswith("contact") or name == "description" for name in facts)
    for name in _TELLING if source else _MARKET:
        if title := title_in(facts.get(name, "")):
            return title, name
    return "", ""


def _first_key(places: Sequence[tuple[str, str]]) -> tuple[str, str]:
    return next(((key, name) for name, text in places if name and (key := function_of(text))), ("", ""))


def _usual_buyer(facts: Given) -> tuple[str, str]:
    for name in ("product description", "product value proposition", "product target market"):
        plain = facts.get(name, "").casefold()
        for key, pattern in _BUYERS:
            if re.search(pattern, plain):
                return key, name
    return "", ""
