"""Writes in English what a buyer needs from the product, and how it would be pitched to them."""

from webapp.personas.answer import LONG
from webapp.personas.rules import english
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
    top_theme,
    weight,
)
from webapp.personas.rules.hints import Hint
from webapp.personas.rules.text import capital, ended, listed, small
from webapp.personas.rules.written import Written, from_promises, unique, written

_CONDITION_LEADS = (
    "It has to",
    "To be accepted, it has to",
    "To win them over, it has to",
    "Before anyone signs, it has to",
)


def _lead_pain(scene: Scene) -> tuple[str, tuple[str, ...]]:
    """What the pitch is about: what they are said to suffer from, else the pain the product touches most."""
    told = [hint for hint in scene.reading.pains if not hint.refused]
    if told:
        hint = max(told, key=lambda one: weight(scene, one.themes))
        return english.spoken_to(small(hint.question or f"tired of {hint.topic}")), (hint.origin,)
    pains = sorted(bank_pains(scene, len(scene.reading.pains))[:4], key=lambda pain: -fit(scene, pain))
    reading = scene.reading
    origins = unique(reading.who.function_from, reading.where.industry_from)
    return (f"tired of {scene.fill(pains[0].topic)}" if pains else ""), origins


def need(scene: Scene) -> Written:
    """What they need from the product, under which conditions, in two to five sentences."""
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
    private = scene.reading.who.function == "private"
    others += () if private else scene.size.needs or scene.industry.needs
    wanted.append(scene.pick(others, "condition"))
    lead = _CONDITION_LEADS[0] if private else scene.pick(_CONDITION_LEADS, "lead")
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


def pitch(scene: Scene) -> Written:
    """How to pitch it: the pain, the product, what comes of it, in one or two sentences."""
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
    promises = lead_promises(scene) if gains or further_promises(scene) else chosen_promises(scene)
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
