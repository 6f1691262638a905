"""Reads what a learner said so that it can be repeated: short pieces, reshaped or quoted, never markup or orders."""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from webapp.lessons.facts import LessonBrief
from webapp.lessons.rules.stop_words import STOP_WORDS
from webapp.lessons.rules.taking import answered
from webapp.lessons.rules.told import links
from webapp.lessons.rules.tongue import code_of, other_language
from webapp.lessons.rules.unfit import markup, order, placeholder, plain
from webapp.lessons.rules.vocabulary import stands_in
from webapp.lessons.rules.words import folded, sentences, words

MOST_PIECES = 8  # of one answer
LONGEST = 28  # words of a piece; a longer one is cut
_NOTHING = frozenset(
    "none no nothing n/a na idk nope nil - нет ничего не знаю keine nichts nein nada ninguno rien aucun".split()  # noqa: SIM905
)
_MARKS = frozenset(
    "a an the of with and who that my to for i on at from when after without how what not me where or by i'm we".split()  # noqa: SIM905
)
_FOREIGN = (
    frozenset().union(*(stops for code, stops in STOP_WORDS.items() if code != "en")) - STOP_WORDS["en"]
)
_SWAPPED = {
    "i": "you", "i'm": "you’re", "i've": "you’ve", "i'd": "you’d", "i'll": "you’ll", "my": "your", "mine": "yours",
    "me": "you", "myself": "yourself", "we": "you", "we're": "you’re", "we've": "you’ve", "our": "your", "us": "you",
    "ours": "yours", "ourselves": "yourselves", "am": "are",
}  # fmt: skip
_SPEAKS = re.compile(r"(?:i|i['’](?:m|ve|d|ll)|my|we|our)\b", re.IGNORECASE)
_ADDRESSES = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|had|have|can|cannot|could|will|would|does|did|do|don['’]t|come|comes|came|want|wants"
    r"|need|needs|says|said|makes|made|gets|got|keeps|kept|changed|expect|hope|ask|asks)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:who|that|which|where|when|how|what|to|as if|than)\b", re.IGNORECASE)
_LEANS = re.compile(
    r"(?:that|this|these|those|it|he|she|they|there|это|этот|он|она|они|das|es|eso)\b", re.IGNORECASE
)
_LEAVES = re.compile(
    r"^(?:because|and|but|so|if|it|there|they|he|she|this|these|also|please|yes|well)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Piece:
    """A part of an answer. `text` may stand in a sentence after a colon; `own` is the learner's own wording.

    `form`: "you" a clause that begins with you or your; "that" what comes after "that"; "phrase" a phrase without
    quotation marks; "quote" in quotation marks.
    """

    question: str
    form: str
    text: str
    own: str
    whole: bool  # a sentence, which the learner could say as it stands


def pieces_of(brief: LessonBrief) -> dict[str, tuple[Piece, ...]]:
    """What can be repeated of each answer, in the answer's order; answers with nothing to repeat are left out."""
    found = {}
    for question, answer in answered(brief).items():
        pieces = _pieces(question, answer, brief.course.language, brief.course.banned_words)
        if pieces:
            found[question] = pieces
    return found


@lru_cache(maxsize=1_024)  # the same answers are read for every lesson of a batch
def _pieces(question: str, answer: str, language: str, banned: tuple[str, ...]) -> tuple[Piece, ...]:
    return tuple(islice(_each_piece(question, answer, language, banned), MOST_PIECES))


def _each_piece(question: str, answer: str, language: str, banned: tuple[str, ...]) -> Iterator[Piece]:
    for at, sentence in enumerate(sentences(plain(answer))):
        said = sentence.strip(" \t•·▪*-–—_,;:\"“”«»„'.!?…")
        alone = at == 0 or (len(said.split()) > 8 and not _LEANS.match(said))
        if alone and _fit(said, sentence, banned):
            yield _piece(question, said, sentence, language)


def _fit(said: str, sentence: str, banned: tuple[str, ...]) -> bool:
    """Whether a sentence may be repeated: words, no order, no link, no word that the course bans."""
    if not re.search(r"[^\W\d_]{2}|[\u3400-\u9fff]", said) or folded(said) in _NOTHING:
        return False
    if (
        order(sentence)
        or markup(said)
        or placeholder(said)
        or links(said)
        or len(max(said.split(), key=len)) > 60
    ):
        return False
    return not any(stands_in(word, said) for word in banned if word.strip())


def _piece(question: str, said: str, sentence: str, language: str) -> Piece:
    code, cut = code_of(language), _cut(said)
    marks = "«{}»" if code in {"ru", "uk"} else "„{}“" if code == "de" else "“{}”"
    quote = marks.format(re.sub(r"[\"“”«»„]", "’", cut))
    known = (
        _english(said)
        if code == "en"
        else code == "ru" and not other_language(said, "ru") and _cyrillic(said)
    )
    whole = known and cut == said and (sentence[-1:] in ".!?" or (code == "en" and bool(_SPEAKS.match(said))))
    if code != "en" or not known or cut != said:
        return Piece(question, "quote", quote, cut if known else quote, whole)
    form, text = _reshaped(question, said)
    return Piece(question, form, text or quote, cut, whole)


def _reshaped(question: str, said: str) -> tuple[str, str]:
    """An English piece as it is said to whoever wrote it; what cannot safely be turned is quoted."""
    if _ADDRESSES.search(said) or _LEAVES.match(said):
        return "quote", ""
    if re.match(r"that\s", said, re.IGNORECASE):
        return "that", _turned(said[5:])
    if _SPEAKS.match(said):
        return "you", _turned(said)
    if question == "motivation" or (_VERB.search(said) and not _RELATIVE.search(said)):
        return "quote", ""
    return "phrase", _small(_turned(said))


def _turned(said: str) -> str:
    """The words turned from the one who says them to the one who is spoken to."""
    turned = re.sub(r"\b(i|we)\s+was\b", r"you were", said, flags=re.IGNORECASE)

    def swapped(found: re.Match[str]) -> str:
        return _SWAPPED.get(found[0].casefold().replace("’", "'"), found[0])

    return re.sub(r"[A-Za-z]+(?:['’][a-z]+)?", swapped, turned)


def _small(text: str) -> str:
    first = text.split(" ", 1)[0]
    return (
        text if any(sign.isupper() or sign.isdigit() for sign in first[1:]) else text[:1].lower() + text[1:]
    )


def _cut(text: str) -> str:
    said = text.split()
    if len(said) <= LONGEST and len(text) <= 200:
        return text
    kept = " ".join(said[: LONGEST - 2])[:160]
    stop = max(kept.rfind(sign) for sign in (",", ";", " –"))
    kept = kept[:stop] if stop > len(kept) // 2 else kept
    return kept.rstrip(" ,;:–—-’'") + "…"


def _english(text: str) -> bool:
    """Whether a short text is English, as far as its small words and letters tell."""
    said = words(folded(text))
    foreign, marks = sum(word in _FOREIGN for word in said), sum(word in _MARKS for word in said)
    if other_language(text, "en") or not re.search(r"[A-Za-z]", text):
        return False
    return marks > foreign or (text.isascii() and not foreign and len(said) < 3)


def _cyrillic(text: str) -> bool:
    return len(re.findall(r"[\u0400-\u04ff]", text)) * 2 > sum(map(str.isalpha, text))
