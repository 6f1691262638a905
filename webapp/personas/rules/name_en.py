"""Names the type in English: what the persona is called, and what kind of company it works at."""

import re

from webapp.personas.answer import SHORT
from webapp.personas.rules.choose import Scene
from webapp.personas.rules.english import with_article
from webapp.personas.rules.hints import Hint
from webapp.personas.rules.text import capital, words
from webapp.personas.rules.titles import is_english, short_title
from webapp.personas.rules.written import Written, written

_BUSINESS = {
    "health": "healthcare",
    "saas": "software",
    "manufacturing": "manufacturing",
    "retail": "retail",
    "logistics": "logistics",
    "finance": "financial services",
    "education": "education",
    "construction": "construction",
    "hospitality": "hospitality",
    "public": "public sector",
    "nonprofit": "non-profit",
    "services": "professional services",
    "media": "agency",
    "energy": "energy",
    "agriculture": "farm",
    "fitness": "fitness",
}
_KINDS = {
    "manufacturing": "manufacturer",
    "retail": "retailer",
    "hospitality": "hospitality business",
    "public": "public authority",
    "nonprofit": "non-profit organisation",
    "finance": "financial institution",
    "services": "professional services firm",
}
_BAND = {
    "1": "solo",
    "2-10": "small-team",
    "11-50": "growing-company",
    "51-200": "mid-market",
    "201-1000": "mid-market",
    "1001+": "enterprise",
}


def persona_name(scene: Scene, title: str) -> Written:
    """A label for the type ("Enterprise CMO", "The rehab clinic head nurse"), never a person's name."""
    where, who = scene.reading.where, scene.reading.who
    origins = (who.title_from or who.function_from, where.place_from or where.industry_from, where.size_from)
    if not title:
        buyer = f"The {where.place.noun} buyer" if where.place.noun else ""
        if not buyer and (where.industry or where.size.band):
            buyer = f"The buyer at {with_article(_kind(scene))}"
        return written(buyer, SHORT, where.place_from or where.industry_from, where.size_from)
    options = _options(scene, short_title(title))
    name = options[scene.shift % len(options)]
    return written(capital(name), SHORT, *origins, (_weary(scene)[1],) if "-weary" in name else ())


def _options(scene: Scene, short: str) -> list[str]:
    where = scene.reading.where
    if not is_english(short):
        place = with_article(where.place.noun) if where.place.noun else ""
        line = f"in {scene.industry.label.lower()}" if scene.industry.label else ""
        return [f"{short} at {place}" if place else f"{short} {line}".strip()]
    options = [f"The solo {short}"] if scene.alone and "solo" not in short else []
    weary, _ = _weary(scene)
    if weary and " of " not in short:
        options.append(f"The {weary}-weary {short}")
    if where.place.noun:
        options.append(_at_place(short, where.place.noun))
    business = _BUSINESS.get(where.industry, "")
    lead = [_BAND.get(where.size.band, ""), "" if _repeats(business, short) else business]
    if any(lead) and (" of " not in short or not where.industry):
        options.append(" ".join((*(word for word in lead if word), short)))
    elif where.industry:
        options.append(f"{short} at {with_article(_kind(scene))}")
    options.append(f"The {short}")
    return options


def _at_place(short: str, place: str) -> str:
    """The two joined without saying a word twice: a physio practice's "practice owner" is its "owner"."""
    head, _, rest = short.partition(" ")
    noun = place.rsplit(maxsplit=1)[-1]
    if rest and noun == head.lower():
        return f"The {place} {rest}"
    if _repeats(noun, short):
        return f"The {short}"
    if " of " in short or " for " in short or len(short.split()) > 3:
        return f"{capital(short)} at {with_article(place)}"
    return f"The {place} {short}"


def _repeats(word: str, short: str) -> bool:
    """Whether the title says it already ("finance director" in financial services)."""
    stems = [part[:5] for part in re.split(r"[ -]", word.lower())]
    return any(own.startswith(stem) for own in words(short) for stem in stems if stem)


def _weary(scene: Scene) -> tuple[str, str]:
    """A one-word pain that a type can be named by, and the fact it came from."""
    for hint in scene.reading.pains:
        if _is_weary(hint):
            return re.sub(r"(?<=[^su])s$", "", hint.topic.lower()), hint.origin
    return "", ""


def _is_weary(hint: Hint) -> bool:
    tired = hint.text.startswith(("Drowns", "Tired", "Overwhelmed", "Struggles with", "Hates", "Frustrated"))
    return tired and re.fullmatch(r"[a-z]{3,14}", hint.topic) is not None


def company_type(scene: Scene) -> Written:
    """The kind of company ("Mid-sized rehab clinic in Tyrol"), never a company's name."""
    where = scene.reading.where
    if not (where.place.noun or where.industry or where.size.band):
        return Written("")
    text = _kind(scene)
    if where.location:
        text += f" in {where.location}"
    return written(
        capital(text), SHORT, where.place_from or where.industry_from, where.size_from, where.location_from
    )


def _kind(scene: Scene) -> str:
    """Size and kind in small letters: "larger carrier", "small multi-site bakery"."""
    where = scene.reading.where
    place = where.place.noun or where.words.get("place") or _KINDS.get(where.industry, scene.words["place"])
    sizes = (scene.size.company.lower(), "multi-site" if where.size.many_sites else "")
    return " ".join((*(size for size in sizes if size), place))
