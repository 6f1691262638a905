"""Writes the eleven fields in English from a scene."""

import re

from webapp.personas.answer import LONG, SHORT
from webapp.personas.rules.bank_en import ENGLISH
from webapp.personas.rules.choose import (
    Scene,
    bank_pains,
    scene_of,
    shares_the_whole_goal,
)
from webapp.personas.rules.hints import Hint
from webapp.personas.rules.name_en import company_type, persona_name
from webapp.personas.rules.need_en import need, pitch
from webapp.personas.rules.reading import Reading
from webapp.personas.rules.text import capital, cut, distinct, ended
from webapp.personas.rules.titles import seniority_of
from webapp.personas.rules.written import Written, from_hints, unique, written

MOST_TOLD = 4  # pains taken from what was told of the person
MOST_PAINS = 6


def write(reading: Reading, shift: int = 0) -> dict[str, Written]:
    """The fields by wire name, variant number `shift`; a field that could not be inferred is empty."""
    scene = scene_of(reading, ENGLISH, shift)
    title = _title(scene)
    return {
        "personName": persona_name(scene, str(title.value)),
        "title": title,
        "role": _role(scene),
        "seniority": _seniority(scene, title),
        "coreGoal": _goal(scene),
        "painPoints": _pains(scene),
        "needForOurProduct": need(scene),
        "potentialPitch": pitch(scene),
        "industry": _industry(scene),
        "companySize": _size(scene),
        "company": company_type(scene),
    }


def _title(scene: Scene) -> Written:
    who = scene.reading.who
    return written(who.title or scene.function.leader, SHORT, who.title_from or who.function_from)


def _is_boss(scene: Scene) -> bool:
    return scene.reading.who.seniority not in {"individual", "senior"}


def _buying(scene: Scene) -> str:
    who, size = scene.reading.who, scene.reading.where.size.band
    key = "owner" if size == "1" and who.seniority in {"individual", "senior", ""} else who.seniority
    return ENGLISH.buying[key]


def _role(scene: Scene) -> Written:
    who = scene.reading.who
    if not who.function and not who.seniority:
        return Written("")
    lead = "Answers for" if _is_boss(scene) else "Works on"
    text = f"{lead} {scene.fill(scene.function.duty)}; {_buying(scene)}."
    if not who.function and not _is_boss(scene):
        text = f"Does {scene.fill(scene.function.duty)}; {_buying(scene)}."
    if who.function == "private":
        text = f"Looks after {scene.function.duty}; decides at the kitchen table."
    if scene.alone:
        text = f"Does everything alone, from {scene.words['work']} to invoices; {_buying(scene)}."
    return written(text, SHORT, who.function_from, who.seniority_from, scene.reading.where.industry_from[:1])


def _seniority(scene: Scene, title: Written) -> Written:
    who = scene.reading.who
    if who.seniority:
        return written(ENGLISH.seniorities[who.seniority], SHORT, who.seniority_from)
    inferred = seniority_of(str(title.value)) if title.value and not who.title else ""
    return written(ENGLISH.seniorities[inferred], SHORT, who.function_from)


def _goal(scene: Scene) -> Written:
    reading = scene.reading
    own = scene.pick(ENGLISH.solo_goals if scene.alone else scene.function.goals, "goal")
    wide = shares_the_whole_goal(scene)
    business = scene.pick(scene.industry.goals, "industry goal") if reading.where.industry and wide else ""
    wishes = reading.wishes[:1]
    if wishes:
        parts = [_wish(wishes[0]), own]
    elif reading.who.function or not business:
        parts = [own, business]
    else:
        parts = [business, own]
    text = " ".join(ended(part) for part in parts if part)
    origins = (from_hints(wishes), reading.who.function_from, reading.where.industry_from)
    return written(text, LONG, *origins) if any(origins) or reading.offer.themes else Written("")


def _wish(hint: Hint) -> str:
    if hint.text.startswith("to "):
        return capital(hint.text.removeprefix("to "))
    more = re.match(r"(?:fewer|less|more|better|faster|no|peace|control|time)\b", hint.text)
    return f"{'Have' if more else hint.question} {hint.text}"


def _told(scene: Scene) -> tuple[Hint, ...]:
    return scene.reading.pains[:MOST_TOLD]


def _pains(scene: Scene) -> Written:
    reading = scene.reading
    if not (reading.who.function or reading.where.industry or reading.hints or reading.offer.themes):
        return Written(())
    texts = [
        *(hint.text for hint in _told(scene)),
        *(scene.fill(pain.text) for pain in bank_pains(scene, len(_told(scene)))),
    ]
    kept = tuple(cut(text, SHORT) for text in distinct(texts))[:MOST_PAINS]
    where, who = reading.where, reading.who
    return Written(
        kept, unique(from_hints(_told(scene)), who.function_from, where.industry_from, where.size_from)
    )


def _industry(scene: Scene) -> Written:
    where = scene.reading.where
    return written(capital(where.industry_given) or scene.industry.label, SHORT, where.industry_from)


def _size(scene: Scene) -> Written:
    where = scene.reading.where
    parts = [scene.size.label]
    parts += ["several sites"] if where.size.many_sites else []
    parts += [f"revenue around {where.revenue}"] if where.revenue else []
    text = capital(", ".join(part for part in parts if part))
    return written(text, SHORT, where.size_from, ("contact revenue",) if where.revenue else ())
