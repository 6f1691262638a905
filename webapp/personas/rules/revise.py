"""Changes a text as asked: shorter, longer, more formal, friendlier, in plain words."""

# ruff: noqa: RUF001 - Cyrillic, and the typographic apostrophe

import re
from collections.abc import Iterable, Sequence

from webapp.personas.rules.text import alike, capital, cut, ended, sentences, small

ENOUGH = 0.75  # "shorter" stops at this share of the length
_TAILS = (
    r", which means [^.?!]+",
    r"; that makes for [^.?!]+",
    r", in other words [^.?!]+",
    r", so (?:that |you )?[^.?!]+",
    r", и тогда [^.?!]+",
    r": так [^.?!]+",
    r"; [^.?!]+",
    r" [—–] [^.?!]+",
    r": [^.?!]+",
    r", (?:and|and then|и) [^.?!,]+",
    r", [^.?!,]+",
    r" (?:with|because|while|although|without|чтобы|потому что|пока) [^.?!]+",
    r" (?:and|и) [^.?!]+",
)
_FORMAL = (
    (
        r"\bearns its place here if it can (.+?) and if, as a result, ",
        r"will be considered if it can \1 and if ",
    ),
    (r"\bWhat they want from (.+?) is plain: to\b", r"They expect \1 to"),
    (r"\bThey are looking for what (.+?) can do: ", r"They require what \1 offers: "),
    (r"\bThey need\b", "They require"),
    (r"\bBefore anyone signs, it has to\b", "Prior to any decision, it must"),
    (r"^For everyone who is tired of ", "For organisations that know "),
    (r"\bTo win them over, it has to\b", "In order to convince, it must"),
    (r"\bIt has to\b", "It must"),
    (r"\bit has to\b", "it must"),
    (r"\bwin over\b", "convince"),
    (r"\bget along with\b", "integrate with"),
    (r"\bfed up with\b", "dissatisfied with"),
    (r"^Tired of ([^?]+)\?\s*", r"Many in this position are weary of \1. "),
    (r"^Worried about ([^?]+)\?\s*", r"Many in this position are concerned about \1. "),
    (r"\bdon[’']t\b", "do not"),
    (r"\bdoesn[’']t\b", "does not"),
    (r"\bcan[’']t\b", "cannot"),
    (r"\bit[’']s\b", "it is"),
    (r"\bthey[’']re\b", "they are"),
    (r"\byou[’']re\b", "you are"),
    (r"\bwon[’']t\b", "will not"),
    (r"\ba lot of\b", "a great deal of"),
    (r"\bkids\b", "children"),
    (r"\bboss\b", "manager"),
    (r"^(?:Знакомо|Узнаёте|Бывает и у вас): ([^?]+)\?\s*", r"Во многих организациях \1. "),
    (r"\bНужно решение\b", "Требуется решение"),
    (r"\bИ придётся убедить\b", "Потребуется также убедить"),
)
_FRIENDLY = (
    (
        r"^(.+?) earns its place here if it can (.+?) and if, as a result, ",
        r"They'd make room for \1 if it can \2 and ",
    ),
    (r"^For everyone who is tired of ", "Hands up if you're tired of "),
    (r"\bWhat they want from (.+?) is plain: to\b", r"They'd love \1 to"),
    (r"\bThey are looking for what (.+?) can do: ", r"They'd be glad of what \1 can do: "),
    (r"\bThey need (.+?) to\b", r"They'd love \1 to"),
    (r"\bThey need\b", "They could really use"),
    (
        r"\bTo (?:be accepted|win them over), it has to\b|\bBefore anyone signs, it has to\b",
        "And they'll only warm to it if it manages to",
    ),
    (r"\bIt has to\b", "And it's got to"),
    (r"\bdo not\b", "don't"),
    (r"\bdoes not\b", "doesn't"),
    (r"\bcannot\b", "can't"),
    (r"\bit is\b", "it's"),
    (r"\bthey are\b", "they're"),
    (r"^Tired of ([^?]+)\?", r"Had enough of \1? We hear that a lot."),
    (r"^(?:Знакомо|Узнаёте|Бывает и у вас): ", "Скажите честно, и у вас так: "),
    (r"\bНужно решение\b", "Очень пригодилось бы решение"),
    (r"\bПри этом решение должно\b", "И хорошо бы, чтобы не мешало: решению стоит"),
)
_JARGON = (
    (r"\bleverag(?:e|es|ing)\b", "use"),
    (r"\butili[sz]e\b", "use"),
    (r"\bstreamlin(?:e|es|ing)\b", "simplify"),
    (r"\bROI\b", "what it brings in"),
    (r"\bKPIs?\b", "figures"),
    (r"\bstakeholders?\b", "the people involved"),
    (r"\bpipeline\b", "upcoming sales"),
    (r"\bchurn\b", "customers who leave"),
    (r"\bonboarding\b", "getting started"),
    (r"\bworkflows?\b", "way of working"),
    (r"\btouchpoints?\b", "contacts"),
    (r"\bseamless(?:ly)?\b", "smooth"),
    (r"\bscalable\b", "able to grow"),
    (r"\bactionable\b", "useful"),
    (r"\breal[- ]time\b", "as it happens"),
    (r"\bsolution\b", "product"),
    (r"\binterfaces\b", "links"),
    (r"\bbusiness case\b", "calculation"),
    (r"\brollout\b", "introduction"),
    (r"\blegacy systems\b", "old systems"),
    (r"\butilisation\b", "use of hours"),
    (r"\bворонк\w+", "ход продаж"),
    (r"\bинтеграци\w+", "связки"),
    (r"\bкомплаенс\w*", "требования закона"),
)


def shorter(text: str) -> str:
    """The text with whole sentences or clauses left out, the core kept; "" when nothing can be left out."""
    goal = max(20, int(len(text) * ENOUGH))
    kept = _sentences(text)
    while len(" ".join(kept)) > goal and len(kept) > 1 and not kept[-2].endswith("?"):
        kept = kept[:-1]
    short = " ".join(kept)
    for tail in _TAILS:
        if len(short) <= goal:
            break
        short = _without_tail(short, tail)
    return short if len(short) < len(text) else ""


def _without_tail(text: str, tail: str) -> str:
    """Cut one kind of tail off the last sentence, unless what is left says too little."""
    head, last = text[: -len(_sentences(text)[-1])], _sentences(text)[-1]
    cut_off = re.sub(rf"{tail}(?=[.?!]?$)", "", last, count=1)
    if len(cut_off.split()) < 3 or cut_off == last or re.search(r"\b(?:to|that|что|чтобы)\W*$", cut_off):
        return text
    return head + (cut_off if last[-1] not in ".?!" or cut_off[-1] in ".?!" else cut_off + last[-1])


def shorter_list(items: Sequence[str]) -> list[str]:
    """Fewer entries, the long ones cut after their first clause."""
    kept = items[: max(1, (len(items) * 2 + 2) // 3)] if len(items) > 1 else items
    return [(shorter(item) if len(item) > 60 else "") or item for item in kept]


def longer(text: str, more: Iterable[str], longest: int) -> str:
    """The text with up to two further sentences that say something new; "" when there is nothing to add."""
    added: list[str] = []
    said = _sentences(text)
    for sentence in (one for other in more for one in _sentences(other)):
        fits = len(" ".join((text, *added, sentence))) < longest
        if fits and len(added) < 2 and not any(alike(sentence, one) for one in (*said, *added)):
            added.append(ended(capital(sentence)))
    return " ".join((ended(text), *added)) if added else ""


def formal(text: str) -> str:
    """The text in a more formal tone; unchanged where no phrase of it is known."""
    return _replaced(text, _FORMAL)


def friendlier(text: str) -> str:
    """The text in a warmer tone; unchanged where no phrase of it is known."""
    return _replaced(text, _FRIENDLY)


def plain(text: str) -> str:
    """The text with jargon replaced; unchanged where there is none that is known."""
    return _replaced(text, _JARGON)


def with_remark(text: str, remark: str, longest: int) -> str:
    """The text with a further sentence, the text cut to make room for it."""
    room = longest - len(remark) - 1
    return f"{ended(cut(text, room))} {remark}".strip() if room > 0 else text


def _replaced(text: str, table: Sequence[tuple[str, str]]) -> str:
    for pattern, replacement in table:
        text = re.sub(pattern, replacement, text)
    return " ".join(text.split())


def _sentences(text: str) -> list[str]:
    return sentences(text) or [text]


def lowered(text: str) -> str:
    """A sentence to stand inside another one."""
    return small(text.rstrip(". "))
