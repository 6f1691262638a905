"""Reads how many people work somewhere, and in how many places, from the ways that people write it."""

# ruff: noqa: E501, RUF001 - long patterns; Cyrillic and typographic dashes are read here

import re
from dataclasses import dataclass

BANDS: tuple[tuple[str, int], ...] = (
    ("1", 1),
    ("2-10", 10),
    ("11-50", 50),
    ("51-200", 200),
    ("201-1000", 1000),
)
LARGEST = "1001+"

_NUMBER = r"(?<!\d)(?:\d{1,3}(?:[ .,'\u2019\u00a0\u202f]\d{3}){1,3}|\d{1,9}(?:[.,]\d{1,3})?)(?!\d)"
_SIMPLE = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
_AMOUNT = re.compile(rf"({_NUMBER})\s*(k|tsd|тыс|m\b|mio)?", re.IGNORECASE)
_PEOPLE = (
    r"people|persons?|employees?|staff|technicians|carers|lawyers|consultants|colleagues|therapists|nurses|doctors|physicians|teachers|developers|"
    r"engineers|workers|drivers|agents|fte|ftes|mitarbeit\w*|beschäftigte\w*|leute|angestellte\w*|"
    r"человек\w*|сотрудник\w*|врач\w*|работник\w*|чел\b"
)
_SITES = (
    r"sites?|locations?|branches|branch|stores|shops|clinics|practices|clubs|gyms|studios|schools|plants|hotels|restaurants|offices|"
    r"standorte?n?|filialen?|praxen|häuser|филиал\w*|клиник\w*|магазин\w*|точ(?:ек|ки)|кофе(?:ен|йни)|отел\w*|школ\w*"
)
_COUNTED = re.compile(
    rf"({_NUMBER})\s*(k|тыс\.?)?\s*(?:\+\s*)?-?(?:[\w-]+\s+)?(?:{_PEOPLE})\b", re.IGNORECASE
)
_SITED = re.compile(rf"(?<![\d-])(\d{{1,4}})\s*(?:[\w-]+\s+)?(?:{_SITES})\b", re.IGNORECASE)
_SPELLED_SITES = re.compile(
    rf"\b(two|three|four|five|six|seven|eight|several|zwei|drei|vier|mehrere|два|две|тр[иёе]\w*|четыр\w*|"
    rf"несколько|нескольк\w+)\s+(?:[\w-]+\s+)?(?:{_SITES})\b|\bchain of\b|\bсет[ьи]\b",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"({_NUMBER})\s*(k)?\s*(?:-|–|—|to|bis|до|\.\.)\s*({_NUMBER})\s*(k)?", re.IGNORECASE)
_SOLO = re.compile(
    r"\b(solo|self[- ]employed|one[- ](?:man|woman|person)|freelanc\w+|sole (?:trader|proprietor)|"
    r"on (?:her|his|their) own|works alone|einzel(?:unternehmer\w*|praxis|kämpfer\w*)|selbstständig\w*|самозанят\w*|фрилансер\w*|"
    r"работает одна?|в одиночку|myself only|just me)\b",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"\b(enterprise|multinational|large group|konzern\w*|fortune 500|корпораци\w+|холдинг\w*)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"\b(family[- ]run|small (?:business|firm|company|practice|team|shop)|kleinbetrieb\w*|startup|start-up|"
    r"стартап\w*|небольш\w+|маленьк\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CompanySize:
    """A size band ("11-50"; "" when unknown) and whether there are several places of work."""

    band: str = ""
    many_sites: bool = False


def read_headcount(text: str) -> CompanySize:
    """The size from a field that holds a headcount: every number in it is taken for people."""
    found = read_size(text)
    if found.band:
        return found
    ranged = _RANGE.search(text)
    if ranged:
        people = max(_count(ranged[1], ranged[2] or ""), _count(ranged[3], ranged[4] or ""))
        return CompanySize(band_of(people), found.many_sites)
    amount = _AMOUNT.search(text)
    people = _count(amount[1], amount[2] or "") if amount else 0
    return CompanySize(band_of(people), found.many_sites)


def read_size(text: str) -> CompanySize:
    """The size from running text: numbers count only with a word for people or places beside them."""
    sites = [int(one[1]) for one in _SITED.finditer(text)]
    many = any(count > 1 for count in sites) or bool(_SPELLED_SITES.search(text))
    counted = [_count(one[1], one[2] or "") for one in _COUNTED.finditer(text)]
    if counted:
        return CompanySize(band_of(max(counted)), many)
    for pattern, band in ((_SOLO, "1"), (_LARGE, LARGEST), (_SMALL, "2-10")):
        if pattern.search(text):
            return CompanySize(band, many)
    return CompanySize("", many)


def band_of(people: int) -> str:
    """The band of a number of people; "" for none."""
    if people < 1:
        return ""
    return next((band for band, most in BANDS if people <= most), LARGEST)


def _count(digits: str, unit: str) -> int:
    """The number meant: "1.200", "1 200" and "1.2k" are all twelve hundred; absurd lengths are none."""
    if unit:
        factor = 1_000_000 if unit.casefold() in {"m", "mio"} else 1_000
        return int(min(float(digits.replace(",", ".")), 1e6) * factor) if _SIMPLE.fullmatch(digits) else 0
    plain = re.sub(r"[ .,'\u2019\u00a0\u202f](?=\d{3})", "", digits)
    whole = re.split(r"[.,]", plain)[0]
    return int(whole) if len(whole) < 10 else 0
