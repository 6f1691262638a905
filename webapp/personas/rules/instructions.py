"""Reads what a person asks of a re-draft: shorter, for somebody else, in another tone, with a word in it."""

# ruff: noqa: E501, RUF001 - patterns of three languages, one wish a line

import re
from dataclasses import dataclass

from webapp.personas.rules.text import clean

LONGEST = 400  # characters of an instruction that are read

_INFORMAL = r"friendl|warmer|casual|informal|relaxed|lockerer|freundlich|дружелюб|теплее|мягче|неформальн"
_SHORTER = r"\bshort|\bbrief|concise|tighter|crisper|less text|kürz|knapp|короче|сократи|покороче|лаконичн"
_LONGER = r"\blonger|more detail|detailed|expand|elaborate|länger|ausführlich|подробн|длиннее|разверни"
_FORMAL = r"formal|professional|serious|formell|förmlich|официальн|формальн|строже|деловит"
_CONCRETE = r"concret|specific|tangible|konkret|конкретн|предметн"
_PLAIN = r"jargon|buzz ?word|plain|simple|simpler|einfach|жаргон|проще|простыми|без терминов"
_MENTION = re.compile(
    r"\b(?:mention|include|add|refer to|bring in|talk about|name|say something about|erwähne?|упомян\w+|добав\w+|назов\w+|скаж\w+ про)\s+"
    r"(?:(?:the|our|a|an|that|about|den|die|das|про|о|об)\s+)?[\"«“']?([^\"».;\n”]+)",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:for|aimed at|targeting|suited to|tailored to|as if for|für|для)\s+(?!example|now|once|that|this|it\b|us\b|me\b|more|less|clarity)"
    r"((?:(?:an?|the|our|eine?n?|ein)\s+)?[^.;\n]{2,80})",
    re.IGNORECASE,
)
_PRICE = r"\bprice|\bcosts?\b|pricing|\bpreis|kosten|цен[уаы]|стоимост"


@dataclass(frozen=True)
class Instruction:
    """What was asked for. `followed` is false when nothing in it was understood."""

    shorter: bool = False
    longer: bool = False
    formal: bool = False
    friendlier: bool = False
    concrete: bool = False
    plain: bool = False
    price: bool = False
    mention: str = ""
    audience: str = ""
    language: str = ""

    @property
    def rewrites(self) -> bool:
        """Whether the fields are to be drafted anew rather than changed."""
        return bool(self.audience or self.language)


def read_instruction(text: str) -> Instruction:
    """What an instruction in English, Russian or German asks for; markup in it is dropped."""
    plain = clean(text[:LONGEST]).replace("\n", " ")
    mention = _MENTION.search(plain)
    rest = plain.replace(mention[0], " ") if mention else plain
    audience = _FOR.search(rest)
    folded = plain.casefold()
    return Instruction(
        shorter=_asks(_SHORTER, folded),
        longer=_asks(_LONGER, folded),
        formal=_asks(_FORMAL, folded) and not _asks(_INFORMAL, folded),
        friendlier=_asks(_INFORMAL, folded),
        concrete=_asks(_CONCRETE, folded),
        plain=_asks(_PLAIN, folded),
        price=bool(mention) and _asks(_PRICE, mention[1].casefold() if mention else ""),
        mention=_word(mention[1]) if mention else "",
        audience=_word(audience[1]) if audience else "",
        language=_language(folded),
    )


def _asks(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def _word(text: str) -> str:
    """What is to be mentioned, or who it is for, without a second wish behind it."""
    first = re.split(r",|\band (?:make|keep|more|less|in)\b|\s(?:but|please|bitte|пожалуйста)\b", text)[0]
    return first.strip(" '\"»”.!")[:80]


def _language(text: str) -> str:
    if re.search(r"\b(?:in|into|auf)\s+russi|по-русски|на русск", text):
        return "ru"
    return "en" if re.search(r"\b(?:in|into|auf)\s+engli|по-английски|на английск", text) else ""
