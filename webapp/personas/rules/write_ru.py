"""Writes the eleven fields in Russian from a scene."""

# ruff: noqa: RUF001 - Cyrillic

import re

from webapp.personas.answer import LONG, SHORT
from webapp.personas.rules.bank import Pain
from webapp.personas.rules.bank_ru import RUSSIAN
from webapp.personas.rules.benefits import Promise
from webapp.personas.rules.choose import (
    PRICE_MATTERS,
    Scene,
    bank_pains,
    chosen_promises,
    fit,
    lead_promises,
    noun_promises,
    outcome,
    scene_of,
    shares_the_whole_goal,
    top_theme,
    weight,
)
from webapp.personas.rules.hints import Hint
from webapp.personas.rules.reading import Reading
from webapp.personas.rules.text import capital, cut, distinct, ended, listed, small
from webapp.personas.rules.titles import seniority_of
from webapp.personas.rules.written import Written, from_hints, from_promises, unique, written

MOST_TOLD = 4
MOST_PAINS = 6


def write(reading: Reading, shift: int = 0) -> dict[str, Written]:
    """The fields by wire name, variant number `shift`; a field that could not be inferred is empty."""
    scene = scene_of(reading, RUSSIAN, shift)
    title = _title(scene)
    return {
        "personName": _name(scene, str(title.value)),
        "title": title,
        "role": _role(scene),
        "seniority": _seniority(scene, title),
        "coreGoal": _goal(scene),
        "painPoints": _pains(scene),
        "needForOurProduct": _need(scene),
        "potentialPitch": _pitch(scene),
        "industry": _industry(scene),
        "companySize": _size(scene),
        "company": _company(scene),
    }


def _title(scene: Scene) -> Written:
    who = scene.reading.who
    russian = re.search("[а-яё]", who.title) is not None
    title = who.title if russian or not scene.function.leader else scene.function.leader
    return written(title, SHORT, who.title_from or who.function_from)


def _name(scene: Scene, title: str) -> Written:
    """The title with the kind of place behind it, as far as the title does not say it."""
    where, who = scene.reading.where, scene.reading.who
    if not title:
        text = f"Покупатель из {scene.words['place_gen']}" if where.place.noun else ""
        return written(text, SHORT, where.place_from or where.industry_from)
    options = [_placed(scene, title)]
    if scene.alone:
        options = [f"{title}: работа в одиночку", *options]
    elif scene.size.company:
        options.append(f"{title}, {scene.size.company}")
    text = options[scene.shift % len(options)]
    return written(text, SHORT, who.title_from or who.function_from, where.place_from or where.industry_from)


def _placed(scene: Scene, title: str) -> str:
    where = scene.reading.where
    noun = scene.words["place"].rsplit(maxsplit=1)[-1]
    if noun[: max(3, len(noun) - 2)] in title.casefold():
        return title
    if where.place.noun:
        return f"{title} {scene.words['place_gen']}"
    return f"{title}, {small(scene.industry.label)}" if where.industry else title


def _role(scene: Scene) -> Written:
    who = scene.reading.who
    if not who.function and not who.seniority:
        return Written("")
    key = "owner" if scene.alone else who.seniority
    if who.function == "private":
        return written("Отвечает за дом и семью; решает за кухонным столом.", SHORT, who.function_from)
    duty = "Делает всё в одиночку" if scene.alone else f"Отвечает за {scene.fill(scene.function.duty)}"
    return written(f"{duty}; {RUSSIAN.buying[key]}.", SHORT, who.function_from, who.seniority_from)


def _seniority(scene: Scene, title: Written) -> Written:
    who = scene.reading.who
    inferred = seniority_of(str(title.value)) if title.value and not who.title else ""
    return written(
        RUSSIAN.seniorities[who.seniority or inferred], SHORT, who.seniority_from or who.function_from
    )


def _goal(scene: Scene) -> Written:
    reading = scene.reading
    own = scene.pick(RUSSIAN.solo_goals if scene.alone else scene.function.goals, "goal")
    wide = shares_the_whole_goal(scene) and reading.where.industry
    business = scene.pick(scene.industry.goals, "industry goal") if wide else ""
    wishes = reading.wishes[:1]
    parts = [_wish(wishes[0]), own] if wishes else [own, business]
    origins = (from_hints(wishes), reading.who.function_from, reading.where.industry_from)
    text = " ".join(ended(part) for part in parts if part)
    return written(text, LONG, *origins) if any(origins) or reading.offer.themes else Written("")


def _wish(hint: Hint) -> str:
    if hint.text.startswith("to "):
        return capital(hint.text.removeprefix("to "))
    return f"Найти {hint.text}" if hint.question == "Найти" else f"{hint.question} {hint.text}"


def _bank_pains(scene: Scene) -> list[Pain]:
    return bank_pains(scene, len(scene.reading.pains[:MOST_TOLD]))


def _pains(scene: Scene) -> Written:
    reading = scene.reading
    if not (reading.who.function or reading.where.industry or reading.hints or reading.offer.themes):
        return Written(())
    told = reading.pains[:MOST_TOLD]
    texts = [*(hint.text for hint in told), *(scene.fill(pain.text) for pain in _bank_pains(scene))]
    kept = tuple(cut(text, SHORT) for text in distinct(texts))[:MOST_PAINS]
    where, who = reading.where, reading.who
    return Written(kept, unique(from_hints(told), who.function_from, where.industry_from, where.size_from))


def _verbs(promises: list[Promise]) -> str:
    return listed([f"{verb} {rest}" for one in promises for verb, rest in one.benefit.parts], "и")


def _nouns(promises: list[Promise]) -> str:
    return listed([rest for one in promises for _, rest in one.benefit.parts], "и")


def _quoted(name: str) -> str:
    return name if re.search(r"[«»\"]", name) else f"«{name}»"


def _need(scene: Scene) -> Written:
    first, origins = _first_need(scene)
    if not first:
        return Written("")
    reading, offer = scene.reading, scene.reading.offer
    sentences = [first, _conditions(scene)]
    refused = next((hint for hint in reading.pains if hint.refused), None)
    if refused:
        sentences.append(f"И придётся убедить человека, который {small(refused.text)}.")
        origins = (*origins, refused.origin)
    if reading.technologies:
        sentences.append(f"Нужна связка с тем, что уже работает: {listed(reading.technologies, 'и')}.")
        origins = (*origins, "contact company technologies")
    if offer.price and reading.who.function in PRICE_MATTERS:
        sentences.append(f"Цена — часть решения: {ended(small(offer.price))}")
        origins = (*origins, "product price note")
    if offer.motto:
        sentences.append(f"Обещание, которое здесь важно: «{offer.motto}».")
        origins = (*origins, "product value proposition")
    where = (reading.where.industry_from, reading.where.size_from)
    return written(" ".join(sentences), LONG, origins, reading.who.function_from, *where)


def _conditions(scene: Scene) -> str:
    others = [*scene.industry.needs] if scene.reading.where.industry else []
    private = scene.reading.who.function == "private"
    others += () if private else scene.size.needs or scene.industry.needs
    wanted = [scene.pick(scene.function.needs, "need"), scene.pick(others, "condition")]
    lead = scene.pick(("При этом решение должно", "Чтобы его приняли, решение должно"), "lead")
    return f"{lead} {listed([text for text in wanted if text], 'и')}."


def _first_need(scene: Scene) -> tuple[str, tuple[str, ...]]:
    offer = scene.reading.offer
    result = outcome(scene, RUSSIAN)
    promises = lead_promises(scene)
    named = _quoted(offer.name) if offer.name else ""
    if promises:
        return _promised(scene, promises, named, result), (*from_promises(promises), *offer.name_from)
    if offer.category:
        what = f"{named} — это {offer.category}" if named else f"Предлагается {offer.category}"
        return f"{what}; важно, чтобы результат был виден: {result}.", (
            "product description",
            *offer.name_from,
        )
    if offer.quote:
        return f"Здесь важно обещание {named or 'продукта'}: «{offer.quote}».", (
            *offer.quote_from,
            *offer.name_from,
        )
    if offer.name:
        return f"К {named} присмотрятся, если станет ясно, чем это поможет в обычный день.", offer.name_from
    return "", ()


def _promised(scene: Scene, promises: list[Promise], named: str, result: str) -> str:
    if promises[0].benefit.kind == "noun":
        whence = f"От {named} ждут" if named else "Ждут"
        return f"{whence} простых вещей: {_nouns(promises)}, и тогда {result}."
    verbs = _verbs(promises)
    if not named:
        return f"Нужно решение, которое {verbs}: так {result}."
    frames = (
        f"Важно, что {named} {verbs}: так {result}.",
        f"Ценность {named} здесь проста: решение {verbs}, и {result}.",
        f"Нужно именно то, что делает {named}: {verbs}, и тогда {result}.",
    )
    return frames[scene.turn("need frame") % len(frames)]


def _question(scene: Scene) -> tuple[str, tuple[str, ...]]:
    """The pain as a question: told ones in their own form, the bank's as "does this sound familiar"."""
    told = [hint for hint in scene.reading.pains if not hint.refused and hint.question]
    if told:
        hint = max(told, key=lambda one: weight(scene, one.themes))
        return f"{hint.question}?", (hint.origin,)
    pains = sorted(_bank_pains(scene)[:4], key=lambda pain: -fit(scene, pain))
    start = scene.shift % len(pains) if pains else 0
    reading = scene.reading
    origins = unique(reading.who.function_from, reading.where.industry_from)
    lead = scene.pick(("Знакомо", "Узнаёте", "Бывает и у вас"), "familiar")
    return (f"{lead}: {small(scene.fill(pains[start].text))}?" if pains else ""), origins


def _pitch(scene: Scene) -> Written:
    claim, origins = _claim(scene)
    question, pain_from = _question(scene)
    return written(f"{question} {claim}".strip(), LONG, pain_from, origins) if claim else Written("")


def _claim(scene: Scene) -> tuple[str, tuple[str, ...]]:
    offer = scene.reading.offer
    named = _quoted(offer.name) if offer.name else "Наше решение"
    gains = noun_promises(scene)
    promises = lead_promises(scene) if gains else chosen_promises(scene)
    promise = scene.pick(RUSSIAN.themes[top_theme(scene)].promises, f"promise {scene.reading.who.function}")
    if promises and promises[0].benefit.kind != "noun":
        result = f": {_nouns(gains)}" if gains else f", и {promise}"
        return f"{named} {_verbs(promises)}{result}.", (*from_promises([*promises, *gains]), *offer.name_from)
    if gains:
        return f"{named} — это {_nouns(gains)}, и {promise}.", (*from_promises(gains), *offer.name_from)
    if offer.category:
        return f"{named} — {offer.category}: {promise}.", ("product description", *offer.name_from)
    if offer.quote:
        return f"{named} обещает именно это: «{offer.quote}».", (*offer.quote_from, *offer.name_from)
    return "", ()


def _industry(scene: Scene) -> Written:
    where = scene.reading.where
    return written(capital(where.industry_given) or scene.industry.label, SHORT, where.industry_from)


def _size(scene: Scene) -> Written:
    where = scene.reading.where
    parts = [scene.size.label]
    parts += ["несколько площадок"] if where.size.many_sites else []
    parts += [f"выручка около {where.revenue}"] if where.revenue else []
    text = capital(", ".join(part for part in parts if part))
    return written(text, SHORT, where.size_from, ("contact revenue",) if where.revenue else ())


def _company(scene: Scene) -> Written:
    where = scene.reading.where
    if not (where.place.noun or where.industry or where.size.band):
        return Written("")
    kind = scene.words["place"] if where.place.noun else "компания"
    if not where.place.noun and where.industry:
        kind = f"компания из отрасли «{scene.industry.label}»"
    parts = [kind, scene.size.company if not where.place.noun else "", where.location]
    text = capital(", ".join(part for part in parts if part))
    return written(text, SHORT, where.place_from or where.industry_from, where.size_from, where.location_from)
