"""Finds Russian benefit phrases: what a product does in the third person, and gains as nouns."""

# ruff: noqa: E501, RUF001 - Cyrillic; patterns stay on their lines

import re

from webapp.personas.rules.phrases import Benefit
from webapp.personas.rules.text import small

MOST_WORDS = 14

_SPLIT = re.compile(
    r"(,\s+котор(?:ый|ая|ое|ые)\s+|,\s+а также\s+|,\s+|\s+и\s+|:\s+|\s+[\u2013\u2014-]\s+|,?\s+чтобы\s+|,?\s+поэтому\s+)"
)
_VERB = re.compile(r"[а-яё]+(?:[аяеу]ет|ит|ёт|ет)(?:ся)?")
_PLURAL = re.compile(r"([а-яё]+?)(ируем|уем|аем|яем|им|ем)$")
_NO_VERB = re.compile(
    r"(?:кабинет|кредит|бюджет|отч[её]т|приоритет|интернет|дефицит|лимит|аудит|пакет|билет|совет|ответ|расч[её]т|уч[её]т|"
    r"авторитет|комитет|факультет|университет|предмет|визит|транзит|нет|лет|сайт|объект|эффект|проект|комплект|процент|клиент|"
    r"пациент|продукт|рост|клиент|свет|цвет|монолит|санаторит)"
)
_NOUN = re.compile(
    r"(?:меньше|больше|быстрее|ни одно|минус|никаких|экономия|порядок|контроль|без)\b", re.IGNORECASE
)
_BACK = re.compile(r"\b(?:его|её|ее|их|ему|ей|им|они|он|она|это)\b")
_FIRST = {"им": "ит", "ем": "ет", "аем": "ает", "яем": "яет", "уем": "ует", "ируем": "ирует"}


def benefits_in(sentence: str, name: str = "") -> list[Benefit]:
    """The benefits that a sentence promises, in its order; none when it is not understood."""
    text = re.sub(r"\s*\([^)]*\)", "", sentence).strip().rstrip(".!")
    text = re.sub(rf"^[«\"]?{re.escape(name)}[»\"]?\s+", "", text) if name else text
    pieces = _SPLIT.split(text)
    found: list[Benefit] = []
    open_end = False
    for index in range(0, len(pieces), 2):
        joint = pieces[index - 1].strip(" ,") if index else ""
        benefit = None if joint in {"чтобы", "поэтому"} else _benefit(pieces[index].strip())
        if benefit and found and joint == "и" and benefit.kind == "does" and _BACK.search(benefit.plain):
            found[-1] = Benefit("does", found[-1].parts + benefit.parts)
        elif benefit:
            found.append(benefit)
        elif open_end and joint in {"", "и"} and len(pieces[index].split()) <= 5:
            verb, rest = found[-1].parts[-1]
            found[-1] = Benefit(
                found[-1].kind, (*found[-1].parts[:-1], (verb, rest + pieces[index - 1] + pieces[index]))
            )
            continue
        open_end = benefit is not None
    return [one for benefit in found if (one := _short(benefit))]


def _benefit(piece: str) -> Benefit | None:
    piece = re.sub(
        r"^(?:также|сразу|быстро|легко|автоматически|просто|ещё|затем|сам|сама|само)\s+", "", piece
    )
    if _NOUN.match(piece):
        return Benefit("noun", (("", small(piece)),))
    words = piece.split()
    for index, word in enumerate(words[:4]):
        verb = _verb(word, words[index - 1] if index else "")
        if verb and index + 1 < len(words):
            return Benefit("does", ((verb, " ".join(words[index + 1 :])),))
    return None


def _verb(word: str, before: str) -> str:
    """The verb in the third person singular, or "": "мы доставляем" becomes "доставляет"."""
    plain = word.lower()
    if before.lower() in {"мы", ""} and (plural := _PLURAL.fullmatch(plain)) and len(plain) > 4:
        return plural[1] + _FIRST[plural[2]]
    return plain if _VERB.fullmatch(plain) and not _NO_VERB.fullmatch(plain) and len(plain) > 3 else ""


def _short(benefit: Benefit) -> Benefit | None:
    if re.search(r"\b(?:вы|мы|вас|нас|нам)\b", benefit.plain) or _BACK.match(benefit.parts[0][1]):
        return None  # speaks to someone, or points to something said before
    parts = []
    for verb, rest in benefit.parts:
        plain = re.sub(
            r"\b(?:ваш|наш)\w*\s+|\bвам\s+", "", re.split(r",?\s+(?:когда|если|потому|хотя|даже)\s+", rest)[0]
        )
        words = plain.split()[:MOST_WORDS]
        while words and re.fullmatch(r"и|или|в|на|с|к|по|из|для|от|до|без|при|за|о", words[-1].strip(",")):
            words.pop()
        parts.append((verb, " ".join(words).strip(" ,;:")))
    return Benefit(benefit.kind, tuple(parts)) if all(rest for _, rest in parts) else None


def category_in(sentence: str, name: str = "") -> str:
    """What a sentence says the product is ("сервис онлайн-записи"); "" when it does not say."""
    text = (
        re.sub(rf"^[«\"]?{re.escape(name)}[»\"]?\s*(?:[\u2013\u2014-]|это)?\s*(?:это\s+)?", "", sentence)
        if name
        else sentence
    )
    text = re.split(r",|\.|:|;|\(|\s[\u2013\u2014-]\s|\s+с\s+|\s+и\s+", text)[0].strip()
    words = text.split()
    if (
        not 1 <= len(words) <= 8
        or any(_verb(word, "мы") for word in words)
        or not re.search("[а-яё]{3}", text)
    ):
        return ""
    return small(text)
