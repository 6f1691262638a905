"""Reads the JSON of people-enrichment services: a person with an organization somewhere around it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webapp.personas.facts import PersonFacts

LONGEST_FIELD = 300  # characters of a name, a title, an industry
LONGEST_STORY = 2_000  # characters of a summary or a company's description
MOST_ENTRIES = 12  # of a list of skills, keywords, technologies
DEEPEST = 6  # wrappers around the person
MOST_KEYS = 2_000  # of one object; above that only exact spellings are found

WRAPPERS = ("person", "data", "contact", "result", "payload", "response", "record", "profile", "enrichment")
LISTS = ("matches", "people", "results", "contacts", "data", "persons", "items", "records")
SIGNS = (
    "name",
    "first_name",
    "last_name",
    "full_name",
    "title",
    "job_title",
    "headline",
    "seniority",
    "job_title_levels",
    "employment",
    "email",
    "work_email",
    "organization",
    "job_company_name",
    "job_company_industry",
    "departments",
)
ORGANIZATIONS = ("organization", "company", "employer", "account", "current_employer", "org")

# Where each field may stand, best first. "org." looks into the organization, dots step into objects.
PLACES: dict[str, tuple[str, ...]] = {
    "name": ("full_name", "name", "name.full_name", "display_name"),
    "email": ("email", "work_email", "recommended_personal_email", "emails", "email_address"),
    "title": ("title", "job_title", "employment.title", "position", "occupation", "current_title"),
    "seniority": ("seniority", "employment.seniority", "job_title_levels", "management_level", "level"),
    "department": ("departments", "department", "job_title_role", "employment.role", "functions", "function"),
    "company": ("org.name", "job_company_name", "employment.name", "company_name", "company", "organization"),
    "industry": (
        "org.industry",
        "job_company_industry",
        "org.category.industry",
        "org.industries",
        "industry",
        "org.category.sector",
    ),
    "headcount": (
        "org.estimated_num_employees",
        "job_company_size",
        "org.metrics.employees",
        "org.metrics.employees_range",
        "org.employee_count",
        "org.employees",
        "org.headcount",
        "org.size",
        "job_company_employee_count",
        "headcount",
        "company_size",
    ),
    "revenue": (
        "org.annual_revenue_printed",
        "org.annual_revenue",
        "job_company_inferred_revenue",
        "org.metrics.estimated_annual_revenue",
        "org.metrics.annual_revenue",
        "org.revenue",
        "revenue",
    ),
    "headline": ("headline", "job_summary", "tagline"),
    "notes": ("summary", "bio", "about", "notes", "description"),
}
FURTHER: dict[str, tuple[str, ...]] = {
    "company description": ("org.short_description", "org.description", "job_company_summary", "org.summary"),
    "company keywords": ("org.keywords", "org.tags", "job_company_tags"),
    "company technologies": (
        "org.technologies",
        "org.technology_names",
        "org.tech",
        "org.current_technologies",
    ),
    "company founded": ("org.founded_year", "job_company_founded", "org.founded"),
    "functions": ("functions",),
    "skills": ("skills",),
    "interests": ("interests",),
}
STORIES = frozenset({"notes", "headline", "company description"})
LOCATIONS = ("city", "locality", "state", "region", "country")
JOINERS = "\u200c\u200d"  # letters of Persian and Indic names join or part at these
NAMED_BY = ("name", "full_name", "title", "address", "value", "label", "text")


class EnrichmentUnreadable(ValueError):
    """The document holds no person that could be read. The message is a sentence for people."""


@dataclass
class _Reader:
    person: Mapping[str, object]
    organization: Mapping[str, object]
    warnings: list[str] = field(default_factory=list)

    def first(self, name: str, places: Sequence[str]) -> str | None:
        """The first place that holds a text; what stands there and is no text is warned of once."""
        odd = False
        for place in places:
            found = self._at(place)
            text = self._bounded(name, _text(found))
            if text:
                return text
            odd = odd or (found not in (None, "", [], {}) and not isinstance(found, bool | Mapping))
        if odd:
            self.warnings.append(f"The {name} could not be read and was left out.")
        return None

    def _at(self, place: str) -> object:
        within, _, path = place.partition("org.")
        found: object = self.person if within else self.organization
        for step in (path or place).split("."):
            found = _get(found, step)
        return found

    def _bounded(self, name: str, text: str) -> str:
        longest = LONGEST_STORY if name in STORIES or name in FURTHER else LONGEST_FIELD
        if len(text) <= longest:
            return text
        self.warnings.append(f"The {name} was very long; its first {longest:,} characters were kept.")
        return text[:longest].rsplit(" ", 1)[0].strip()

    def location(self) -> str | None:
        """The place as written, or put together from city, region and country."""
        whole = self.first("location", ("location_name", "location", "formatted_address", "geo.formatted"))
        if whole:
            return whole
        for base in (self.person, _get(self.person, "location"), _get(self.person, "geo")):
            parts = [_text(_get(base, part)) for part in LOCATIONS]
            if any(parts):
                return self._bounded("location", ", ".join(dict.fromkeys(part for part in parts if part)))
        return None

    def full_name(self) -> str | None:
        """The name as written, or put together from its parts."""
        whole = self.first("name", PLACES["name"])
        if whole:
            return whole
        for base in (self.person, _get(self.person, "name")):
            parts = [
                _text(_get(base, part)) for part in ("first_name", "given_name", "last_name", "family_name")
            ]
            if any(parts):
                return self._bounded("name", " ".join(part for part in parts if part))
        return None

    def history(self) -> str | None:
        """Titles held before, without employers' names; the current one stands in the title already."""
        jobs = _get(self.person, "employment_history") or _get(self.person, "experience")
        past = [job for job in _sequence(jobs) if isinstance(job, Mapping) and not _is_current(job)]
        titles = dict.fromkeys(_text(_get(job, "title")) for job in past[:MOST_ENTRIES])
        return self._bounded("earlier titles", ", ".join(title for title in titles if title)) or None


def read_enrichment(document: Mapping[str, object]) -> tuple[PersonFacts, tuple[str, ...]]:
    """The person that a document describes, and sentences about what was missing, odd or cut.

    Raises EnrichmentUnreadable, and nothing else, when no person can be found in it.
    """
    person, around = _person_in(document)
    reader = _Reader(person, _organization(person, around))
    found = {name: reader.first(name, places) for name, places in PLACES.items() if name != "name"}
    found["email"] = (found["email"] or "").partition(",")[0] or None
    facts = PersonFacts(
        name=reader.full_name(), location=reader.location(), facts=tuple(_further(reader)), **found
    )
    if facts == PersonFacts():
        raise EnrichmentUnreadable("The document names a person but nothing about them could be read.")
    return facts, (*reader.warnings, *_missing(facts))


def _further(reader: _Reader) -> list[str]:
    facts = [f"{name}: {text}" for name, places in FURTHER.items() if (text := reader.first(name, places))]
    history = reader.history()
    return [*facts, f"earlier titles: {history}"] if history else facts


def _missing(facts: PersonFacts) -> list[str]:
    wanted = (("title", "job title"), ("industry", "industry"), ("headcount", "company size"))
    return [f"The document has no {label}." for name, label in wanted if not getattr(facts, name)]


def _person_in(document: object) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """The object that describes the person, and the one around it (some services put the company there)."""
    found = _search(document, {}, 0)
    if found is not None:
        return found
    if isinstance(document, Mapping) and (_get(document, "error") or _get(document, "errors")):
        raise EnrichmentUnreadable("The enrichment service found nobody: the document holds only its error.")
    if not isinstance(document, Mapping | list):
        raise EnrichmentUnreadable("An enrichment document is a JSON object; this is something else.")
    raise EnrichmentUnreadable("The document holds no person with a name, a title or a company.")


def _search(
    value: object, around: Mapping[str, object], depth: int
) -> tuple[Mapping[str, object], Mapping[str, object]] | None:
    if depth > DEEPEST:
        return None
    if isinstance(value, list):
        return next((hit for one in value[:5] if (hit := _search(one, around, depth + 1))), None)
    if not isinstance(value, Mapping):
        return None
    for key in dict.fromkeys((*WRAPPERS, *LISTS)):
        inner = _get(value, key)
        hit = _search(inner, value, depth + 1) if isinstance(inner, Mapping | list) else None
        if hit is not None:
            return hit
    return (value, around) if _describes_a_person(value) else None


def _describes_a_person(value: Mapping[str, object]) -> bool:
    return any(_text(_get(value, sign)) or isinstance(_get(value, sign), Mapping) for sign in SIGNS)


def _organization(person: Mapping[str, object], around: Mapping[str, object]) -> Mapping[str, object]:
    for base in (person, around):
        for key in ORGANIZATIONS:
            found = _get(base, key)
            if isinstance(found, Mapping):
                return found
    return {}


def _is_current(job: Mapping[str, object]) -> bool:
    return _get(job, "current") is True or _get(job, "is_primary") is True


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _plain_key(key: str) -> str:
    return re.sub(r"[\s_-]", "", key).casefold()


def _get(value: object, key: str) -> object:
    """The entry of a mapping whose key is `key` in any of the usual spellings (first_name, firstName)."""
    if not isinstance(value, Mapping):
        return None
    if value.get(key) is not None:
        return value[key]
    if len(value) > MOST_KEYS:  # a flood of keys is not worth reading key by key
        return None
    wanted = _plain_key(key)
    return next((v for k, v in value.items() if isinstance(k, str) and _plain_key(k) == wanted), None)


def _text(value: object, depth: int = 0) -> str:
    """A value as one line of text: numbers as written, objects by their name, lists joined by commas."""
    if isinstance(value, str):
        shown = "".join(c if c.isprintable() or c in JOINERS else " " for c in value)
        return " ".join((shown.replace("_", " ") if _is_code(shown) else shown).split())
    if isinstance(value, bool) or depth > 2:
        return ""
    if isinstance(value, int | float):
        return f"{value:.0f}" if abs(value) < 1e15 and value == int(value) else ""
    if isinstance(value, Mapping):
        return next((text for key in NAMED_BY if (text := _text(_get(value, key), depth + 1))), "")
    entries = [_text(one, depth + 1) for one in _sequence(value)[:MOST_ENTRIES]]
    return ", ".join(dict.fromkeys(entry for entry in entries if entry))


def _is_code(text: str) -> bool:
    """Whether a text is a code such as `c_suite` or `master_sales`, to be read as words."""
    return re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", text) is not None
