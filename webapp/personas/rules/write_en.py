"""Writes the eleven fields in English from a scene."""

import re

from webapp.personas.answer import LONG, SHORT
from webapp.personas.rules import english
from webapp.personas.rules.bank import Pain
from webapp.personas.rules.bank_en import ENGLISH
from webapp.personas.rules.benefits import Promise
from webapp.personas.rules.choose import (
    PRICE_MATTERS,
    Scene,
    bank_pains,
    chosen_promises,
    fit,
    further_promises,
    lead_promises,
    noun_promises,
    outcome,
    scene_of,
    shares_the_whole_goal,
    top_theme,
    weight,
)
from webapp.personas.rules.hints import Hint
from webapp.personas.rules.name_en import company_type, persona_name
from webapp.personas.rules.reading import Reading
from webapp.personas.rules.text import capital, cut, distinct, ended, listed, small
from webapp.personas.rules.titles import seniority_of
from webapp.personas.rules.written import Written, from_hints, from_promises, unique, written

_CONDITION_LEADS = (
    "It has to",
    "To be accepted, it has to",
    "To win them over, it has to",
    "Before anyone signs, it has to",
)
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
        "needForOurProduct": _need(scene),
        "potentialPitch": _pitch(scene),
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
    return f"{'Have' if more else 'Find'} {hint.text}"


def _told(scene: Scene) -> tuple[Hint, ...]:
    return scene.reading.pains[:MOST_TOLD]


def _bank_pains(scene: Scene) -> list[Pain]:
    return bank_pains(scene, len(scene.reading.pains[:MOST_TOLD]))


def _pains(scene: Scene) -> Written:
    reading = scene.reading
    if not (reading.who.function or reading.where.industry or reading.hints or reading.offer.themes):
        return Written(())
    texts = [*(hint.text for hint in _told(scene)), *(scene.fill(pain.text) for pain in _bank_pains(scene))]
    kept = tuple(cut(text, SHORT) for text in distinct(texts))[:MOST_PAINS]
    where, who = reading.where, reading.who
    return Written(
        kept, unique(from_hints(_told(scene)), who.function_from, where.industry_from, where.size_from)
    )


def _lead_pain(scene: Scene) -> tuple[str, tuple[str, ...]]:
    """What the pitch is about: what they are said to suffer from, else the pain the product touches most."""
    told = [hint for hint in scene.reading.pains if not hint.refused]
    if told:
        hint = max(told, key=lambda one: weight(scene, one.themes))
        return english.spoken_to(small(hint.question or f"tired of {hint.topic}")), (hint.origin,)
    pains = sorted(_bank_pains(scene)[:4], key=lambda pain: -fit(scene, pain))
    reading = scene.reading
    origins = unique(reading.who.function_from, reading.where.industry_from)
    return (f"tired of {scene.fill(pains[0].topic)}" if pains else ""), origins


def _need(scene: Scene) -> Written:
    first, origins = _first_need(scene)
    if not first:
        return Written("")
    sentences = [first, _conditions(scene)]
    refused = next((hint for hint in scene.reading.pains if hint.refused), None)
    if refused:
        sentences.append(f"It also has to win over someone {_as_someone(refused)}.")
    if scene.reading.technologies:
        techs = listed(scene.reading.technologies)
        sentences.append(f"It should get along with {techs}, already in use.")
    reading = scene.reading
    if reading.offer.price and reading.who.function in PRICE_MATTERS:
        sentences.append(f"The price is part of the decision: {ended(small(reading.offer.price))}")
        origins = (*origins, "product price note")
    if reading.offer.motto:
        sentences.append(f'The promise that counts for them: "{ended(reading.offer.motto)}"')
        origins = (*origins, "product value proposition")
    told = (refused.origin,) if refused else ()
    techs_from = ("contact company technologies",) if reading.technologies else ()
    where = (reading.where.industry_from, reading.where.size_from)
    return written(" ".join(sentences), LONG, origins, told, techs_from, reading.who.function_from, *where)


def _as_someone(hint: Hint) -> str:
    text = small(hint.text)
    return text if text.startswith(("once", "sceptical")) else f"who {text}"


def _conditions(scene: Scene) -> str:
    wanted = [scene.pick(scene.function.needs, "need")]
    others = [*scene.industry.needs] if scene.reading.where.industry else []
    others += scene.size.needs or scene.industry.needs
    wanted.append(scene.pick(others, "condition"))
    lead = scene.pick(_CONDITION_LEADS, "lead")
    return f"{lead} {listed([text for text in wanted if text])}."


def _first_need(scene: Scene) -> tuple[str, tuple[str, ...]]:
    offer, result = scene.reading.offer, outcome(scene, ENGLISH)
    promises = lead_promises(scene)
    if promises:
        text = _need_of_promises(scene, result)
        return text, (*from_promises(promises), *offer.name_from)
    if offer.category:
        lead = f"With {offer.name} they want" if offer.name else "They need"
        return f"{lead} {offer.category}, so that {result}.", ("product description", *offer.name_from)
    if offer.quote:
        named = offer.name or "the product"
        return f'They need what {named} promises ("{offer.quote}"), so that {result}.', (
            *offer.quote_from,
            *offer.name_from,
        )
    if offer.name:
        return f"They will look at {offer.name} if it means that {result}.", offer.name_from
    return "", ()


def _need_of_promises(scene: Scene, result: str) -> str:
    offer, promises = scene.reading.offer, lead_promises(scene)
    benefits = [one.benefit for one in promises]
    kind = benefits[0].kind
    say = english.spoken_of
    if kind == "noun":
        whence = f" from {offer.name}" if offer.name else ""
        return f"They expect {say(english.nouns(benefits))}{whence}, so that {result}."
    verbs = say(english.base(benefits))
    if kind == "lets":
        lead = f"With {offer.name} they want to" if offer.name else "They need a way to"
        return f"{lead} {verbs}, so that {result}."
    if not offer.name:
        return f"They need something that {say(english.third(benefits))}, so that {result}."
    frames = (
        f"They need {offer.name} to {verbs}, so that {result}.",
        f"What they want from {offer.name} is plain: to {verbs}, so that {result}.",
        f"They are looking for what {offer.name} can do: {verbs}, so that {result}.",
        f"{offer.name} earns its place here if it can {verbs} and if, as a result, {result}.",
    )
    singular = frames if not offer.several else frames[:3]
    return singular[scene.turn("need frame") % len(singular)]


def _pitch(scene: Scene) -> Written:
    topic, pain_from = _lead_pain(scene)
    claim, origins = _claim(scene)
    if not claim:
        return Written("")
    opener = scene.pick(scene.function.openers, "opener")
    frames = [f"{capital(topic)}? {claim}" if topic else f"{opener} {claim}"]
    if topic and opener:
        inside = claim if scene.reading.offer.name else small(claim)
        frames += [f"{opener} If you are {topic}, {inside}", f"For everyone who is {topic}: {inside}"]
    text = frames[scene.turn("pitch frame") % len(frames)]
    return written(text, LONG, pain_from, origins)


def _claim(scene: Scene) -> tuple[str, tuple[str, ...]]:
    """What the product does for them and what comes of it, as one sentence."""
    offer = scene.reading.offer
    name, several = _subject(scene)
    gains = noun_promises(scene)
    promises = lead_promises(scene) if gains else chosen_promises(scene)
    promise = scene.pick(ENGLISH.themes[top_theme(scene)].promises, f"promise {scene.reading.who.function}")
    benefits = [one.benefit for one in promises]
    if benefits and benefits[0].kind != "noun":
        lets = ("let you " if several else "lets you ") + english.base(benefits)
        verbs = english.third(benefits, several=several) if benefits[0].kind == "does" else lets
        result, told = _result(scene, promise)
        return f"{name} {verbs}{result}.", (*from_promises([*promises, *told]), *_subject_from(scene))
    if gains:
        stands = "stand for" if several else "stands for"
        text = f"{name} {stands} {english.nouns([one.benefit for one in gains])}, so {promise}."
        return text, (*from_promises(gains), *offer.name_from)
    if offer.category and offer.name:
        offers = "offer" if several else "offers"
        be = offers if english.is_plural(offer.category) and not several else ("are" if several else "is")
        return f"{name} {be} {offer.category}, made so that {promise}.", (
            "product description",
            "product name",
        )
    if offer.category:
        return f"We offer {offer.category}, so that {promise}.", ("product description",)
    if offer.quote:
        return f'{name} {"promise" if several else "promises"} just this: "{offer.quote}".', (
            *offer.quote_from,
            *offer.name_from,
        )
    return "", ()


def _subject(scene: Scene) -> tuple[str, bool]:
    offer = scene.reading.offer
    if offer.name:
        return offer.name, offer.several
    if offer.category:
        return f"Our {english.without_article(offer.category)}", english.is_plural(offer.category)
    return "Our product", False


def _result(scene: Scene, promise: str) -> tuple[str, list[Promise]]:
    """What comes of it, in the product's own words where it has some, else the outcome of the theme."""
    gains, further = noun_promises(scene), further_promises(scene)
    if gains:
        means = scene.pick((", which means ", "; that makes for ", ", in other words "), "means")
        return f"{means}{english.nouns([one.benefit for one in gains])}", gains
    if further:
        return f", so you can {english.base([one.benefit for one in further])}", further
    return f", so {promise}", []


def _subject_from(scene: Scene) -> tuple[str, ...]:
    offer = scene.reading.offer
    return offer.name_from or (("product description",) if offer.category else ())


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
