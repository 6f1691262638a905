"""Sentences that an instruction adds to a field, made of given facts only."""

# ruff: noqa: RUF001 - Cyrillic

import re
from collections.abc import Sequence

from webapp.personas.rules import english
from webapp.personas.rules.bank_en import ENGLISH
from webapp.personas.rules.bank_ru import RUSSIAN
from webapp.personas.rules.benefits import Promise
from webapp.personas.rules.choose import scene_of, top_theme
from webapp.personas.rules.reading import Reading
from webapp.personas.rules.text import capital, ended, listed, sentences, small, words

PITCH, NEED, PAINS = "potentialPitch", "needForOurProduct", "painPoints"


def price_remark(reading: Reading, wire: str) -> str:
    """What it costs, as given; where no price is given, that they will ask. "" for fields without a price."""
    price, russian = reading.offer.price, reading.language == "ru"
    if wire == PAINS:
        return "Хочет заранее знать цену" if russian else "Wants to know the price early"
    if wire not in {PITCH, NEED}:
        return ""
    if price:
        return f"{'Цена' if russian else 'Price'}: {ended(small(price))}"
    return "О цене спросят сразу." if russian else "The first question will be the price."


def mention_remark(reading: Reading, word: str, wire: str) -> str:
    """A sentence with what was to be mentioned, in the product's own words where it has some."""
    known = next((one for one in reading.offer.promises if _speaks_of(one, word)), None)
    if wire == PAINS:
        return capital(word)
    if known is not None and known.benefit.kind != "noun" and wire in {PITCH, NEED}:
        return _said(reading, [known], wire)
    russian = reading.language == "ru"
    if wire == PITCH:
        return f"Спросите нас: {word}." if russian else f"Ask us about {word}."
    if wire == NEED:
        return f"О чём ещё спросят: {word}." if russian else f"They will also ask about {word}."
    return f"Сюда же относится: {word}." if russian else f"{capital(word)} belongs to it."


def _speaks_of(promise: Promise, word: str) -> bool:
    stems = {part[:6] for part in words(word) if len(part) > 3}
    return bool(stems & {part[:6] for part in words(promise.benefit.plain)})


def _said(reading: Reading, promises: list[Promise], wire: str) -> str:
    benefits = [one.benefit for one in promises]
    if reading.language == "ru":
        name = f"«{reading.offer.name}»" if reading.offer.name else "Решение"
        return f"{name} {listed([f'{verb} {rest}' for one in benefits for verb, rest in one.parts], 'и')}."
    name, several = reading.offer.name or "The product", reading.offer.several
    told = str if wire == PITCH else english.spoken_of
    if benefits[0].kind == "lets":
        lets = "let" if several else "lets"
        return f"{name} {lets} {'you' if wire == PITCH else 'them'} {told(english.base(benefits))}."
    return f"{name} {told(english.third(benefits, several=several))}."


def concrete_remark(reading: Reading, said: str, wire: str) -> str:
    """The case at hand in given facts not yet said, or one more thing the product does; "" if all is said."""
    where, folded = reading.where, said.casefold()
    place, band = where.place.noun, where.size.band.replace("-", "–")
    unsaid = [one for one in reading.offer.promises if one.benefit.kind == "does" and not _known(one, folded)]
    if unsaid and wire in {PITCH, NEED}:
        return _said(reading, unsaid[:1], wire)
    if (place and place.casefold() not in folded) or (band and band not in folded):
        return _picture(reading, place, band, wire)
    return ""


def _known(promise: Promise, said: str) -> bool:
    return all(rest.casefold() in said for _, rest in promise.benefit.parts)


def _picture(reading: Reading, place: str, band: str, wire: str) -> str:
    location = reading.where.location
    if reading.language == "ru":
        parts = [place or "компания", f"{band} человек" if band else "", location]
        return f"Представьте: {', '.join(part for part in parts if part)}."
    kind = english.with_article(place or "company")
    people = f" with {band} people" if band not in {"", "1"} else ""
    lead = "Picture it in" if wire == PITCH else "Picture"
    return f"{lead} {kind}{f' in {location}' if location else ''}{people}."


def elaborations(reading: Reading, drafts: Sequence[str], wire: str) -> list[str]:
    """Sentences that a longer text may take up: goals, conditions, an outcome; never a second opening."""
    if wire == NEED:
        return [more for draft in drafts for one in sentences(draft) if (more := _condition(one))]
    if wire != PITCH:
        return list(drafts)
    scene = scene_of(reading, RUSSIAN if reading.language == "ru" else ENGLISH)
    themes = RUSSIAN.themes if reading.language == "ru" else ENGLISH.themes
    lead = "Тогда" if reading.language == "ru" else "That way,"
    return [f"{lead} {scene.fill(themes[top_theme(scene)].promises[0])}."]


def _condition(sentence: str) -> str:
    """A condition of another draft as a further one."""
    found = re.match(r"(?:(?:(?:To|Before) .+?, )?[Ii]t has to|.*?решение должно) (.+)", sentence)
    if not found:
        return ""
    return f"{'Ещё оно должно' if 'решение должно' in sentence else 'It should also'} {found[1]}"
