"""Reads where the person works: line of business, kind of place, size, region, with the facts behind each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.personas.rules.given import Given
from webapp.personas.rules.places import Place, industry_in, place_in, words_for
from webapp.personas.rules.places_ru import place_in_russian
from webapp.personas.rules.sizes import CompanySize, read_headcount, read_size
from webapp.personas.rules.text import cut

_TOLD = ("description", "contact title", "contact headline", "contact notes")
_COMPANY = ("contact industry", "contact company description", "contact company keywords", *_TOLD)
_MARKET = ("product target market", "company audience", "product description")
_STATED = "contact industry"
_REGION = re.compile(
    r"\b(?:in|from|near) ((?:(?:the|northern|southern|eastern|western|rural|central) ){0,2}[A-ZÄÖÜ][\w-]+"
    r"(?:,? [A-ZÄÖÜ][\w-]+)?)"
)
_NO_REGION = re.compile(
    r"^(?:the )?(?:IT|HR|PR|B2B|SAP|CRM|ERP|January|February|March|April|May|June|July|August|September|"
    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Excel|Word|Outlook|Teams)\b"
)


@dataclass(frozen=True)
class Where:
    """The company as a type. Keys are those of the phrase bank; "" is unknown."""

    industry: str = ""
    industry_given: str = ""
    place: Place = field(default_factory=Place)
    words: Mapping[str, str] = field(default_factory=dict)
    size: CompanySize = field(default_factory=CompanySize)
    revenue: str = ""
    location: str = ""
    industry_from: tuple[str, ...] = ()
    place_from: tuple[str, ...] = ()
    size_from: tuple[str, ...] = ()
    location_from: tuple[str, ...] = ()


def read_where(facts: Given, language: str) -> Where:
    """The kind of company that the source describes, or the one that the product is made for."""
    place, place_from, industry, industry_from = _business(facts, language)
    stated = facts.get(_STATED, "")
    size, size_from = _size(facts)
    location, location_from = _location(facts)
    words = place.words if language == "ru" else _words(facts, place.noun, industry)
    return Where(
        industry=industry,
        industry_given=cut(stated, 120),
        place=place,
        words=words,
        size=size,
        revenue=_revenue(facts.get("contact revenue", "")),
        location=location,
        industry_from=tuple(dict.fromkeys((*([_STATED] if stated else []), *industry_from))),
        place_from=place_from,
        size_from=size_from,
        location_from=location_from,
    )


def _business(facts: Given, language: str) -> tuple[Place, tuple[str, ...], str, tuple[str, ...]]:
    """Kind of place and line of business, from the first fact that speaks of either; they never disagree."""
    find = place_in_russian if language == "ru" else place_in
    names = _COMPANY if _STATED in facts else (*_COMPANY, *_MARKET)
    read = [(name, find(facts[name]), _industry(name, facts[name])) for name in names if name in facts]
    lines = ((name, place.industry if name != _STATED else "", key) for name, place, key in read)
    industry_from, industry = next(
        ((name, one or other) for name, one, other in lines if one or other), ("", "")
    )
    stated = bool(read) and read[0][0] == _STATED
    label_last = [*read[1:], *read[:1]] if stated else read  # labels are vague about places
    fitting = (one for one in label_last if one[1].noun and one[1].industry in {"", industry})
    place_from, place, _ = next(fitting, ("", Place(), ""))
    also = (name for name in _COMPANY[:3] if industry and _industry(name, facts.get(name, "")) == industry)
    return place, _names(place_from), industry, tuple(dict.fromkeys((*_names(industry_from), *also)))


def _industry(name: str, text: str) -> str:
    """Running text may mention software or shops in passing; a field that states the industry means it."""
    return industry_in(text, stated=name.startswith("contact ") and name not in _TOLD)


def _words(facts: Given, place: str, industry: str) -> Mapping[str, str]:
    """The vocabulary nearest to the person: by title, else by kind of place, else by all that was said."""
    names = _COMPANY if _has_source(facts) else (*_COMPANY, *_MARKET[:2])
    about = (facts.get(name, "") for name in names)
    texts = (facts.get("contact title", ""), facts.get("description", ""), place, " ".join(about))
    words = next((hit for text in texts if (hit := words_for(text, industry))), {})
    return {name: word for name, word in words.items() if not place or name not in {"place", "places"}}


def _names(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _size(facts: Given) -> tuple[CompanySize, tuple[str, ...]]:
    size = CompanySize()
    names: tuple[str, ...] = ()
    for name in ("contact headcount", *_TOLD):
        if name not in facts:
            continue
        found = read_headcount(facts[name]) if name == "contact headcount" else read_size(facts[name])
        if (found.band and not size.band) or (found.many_sites and not size.many_sites):
            size = CompanySize(size.band or found.band, size.many_sites or found.many_sites)
            names = (*names, name)
    if not size.band and not _has_source(facts):
        market = ((read_size(facts[name]), (name,)) for name in _MARKET[:2] if name in facts)
        return next((hit for hit in market if hit[0].band), (size, names))
    return size, names


def _has_source(facts: Given) -> bool:
    return any(name.startswith("contact") or name == "description" for name in facts)


def _revenue(text: str) -> str:
    """A revenue as people say it: a bare number gets its millions, nothing is converted."""
    plain = cut(text, 60)
    if re.fullmatch(r"\d{7,15}", plain):
        value = int(plain)
        return f"{value / 1e9:.3g} billion" if value >= 10**9 else f"{value / 1e6:.3g} million"
    return plain if re.search(r"\d", plain) else ""


def _location(facts: Given) -> tuple[str, tuple[str, ...]]:
    stated = facts.get("contact location", "")
    if stated and len(stated) <= 60 and not re.search(r"[\d\n]", stated):
        return stated.title() if stated.islower() else stated, ("contact location",)
    for name in ("description", "contact notes") if _has_source(facts) else ("product target market",):
        found = _REGION.search(facts.get(name, ""))
        if found and not _NO_REGION.match(found[1]):
            return found[1], (name,)
    return "", ()
