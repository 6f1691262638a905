"""Finds what a free text says somebody suffers from, refuses or wants, ready to stand in a persona."""

# ruff: noqa: E501, RUF001 - patterns of two languages, one turn of phrase a line

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from webapp.personas.rules.phrases import themes_of
from webapp.personas.rules.text import alike, capital, sentences, without_orders

LONGEST = 14  # words of what comes after the turn of phrase


@dataclass(frozen=True)
class Hint:
    """One thing said about the person.

    `text` is a statement without a subject ("Drowns in paperwork"); `topic` what it is about; `question` the
    same spoken to the buyer, where the language needs its own form; `refused` whether they are against it.
    """

    text: str
    topic: str
    origin: str
    themes: tuple[str, ...]
    wanted: bool = False
    refused: bool = False
    question: str = ""


@dataclass(frozen=True)
class _Turn:
    pattern: str
    lead: str  # what the statement begins with; {} stands for the words found
    wanted: bool = False
    refused: bool = False
    question: str = ""


_ENGLISH = (
    _Turn(r"struggl(?:es?|ing) (?:with|to)", "Struggles with"),
    _Turn(r"(?:is |are )?(?:drown(?:s|ing)?|buried|swamped|snowed under) (?:in|under|by|with)", "Drowns in"),
    _Turn(r"(?:is |are )?overwhelmed (?:by|with)", "Overwhelmed by"),
    _Turn(r"hates?|detests?|can(?:'|no)t stand", "Hates", refused=True),
    _Turn(r"dislikes?|(?:does not|doesn't|do not|don't) like", "Dislikes", refused=True),
    _Turn(r"(?:is |are )?(?:s[ck]eptical (?:of|about|towards?)|suspicious of|wary of)|distrusts?|mistrusts?|(?:does not|doesn't) trust", "Sceptical about", refused=True),
    _Turn(r"(?:was |were |has been |got )?(?:burned|burnt) by|(?:has )?had bad experiences? with|bad experiences? with", "Once burned by", refused=True),
    _Turn(r"(?:is |are )?(?:tired|sick|fed up|weary|exhausted) (?:of|with|by|from)", "Tired of"),
    _Turn(r"(?:is |are )?(?:afraid|scared|terrified) of|fears?|dreads?", "Afraid of", question="worried about"),
    _Turn(r"(?:is |are )?(?:worried|anxious|nervous) (?:about|over)|worries (?:about|over)", "Worried about", question="worried about"),
    _Turn(r"(?:is |are )?(?:frustrated|annoyed|irritated) (?:by|with|at)", "Frustrated by"),
    _Turn(r"complains? (?:about|of)", "Complains about"),
    _Turn(r"suffers? from", "Suffers from"),
    _Turn(r"too (?:many|much|little|few)", "{}"),
    _Turn(r"(?:has |have )?no time (?:for|to)|never has time (?:for|to)", "No time for"),
    _Turn(r"lacks?|(?:is |are )?short (?:of|on)|runs out of|without enough|(?:is |are )?missing", "Short of"),
    _Turn(r"(?:has |have )?(?:trouble|problems?|difficulty|difficulties) with", "Trouble with"),
    _Turn(r"keeps? losing|los(?:es|ing)", "Keeps losing"),
    _Turn(r"wast(?:es|ing)", "Wastes"),
    _Turn(r"lost|wasted", "{}"),
    _Turn(r"spends (?:too much|hours|days|evenings|weekends|nights|half)", "{}"),
    _Turn(r"under pressure (?:to|from)", "{}", question="{}"),
    _Turn(r"can(?:'|no)t(?! stand)|(?:is |are )?unable to", "Cannot"),
    _Turn(r"feels? guilty about", "Feels guilty about", question="worried about"),
    _Turn(r"wants? to|would like to|hopes? to|plans? to|aims? to|tries to|trying to|looking to|wishes to|needs? to|(?:the |main |her |his |their )?goal is to|dreams of being able to", "to", wanted=True),
    _Turn(r"(?:is |are )?looking for|looks for|searching for|(?:is |are )?in search of|wants?|needs?|asks? for|dreams? of|longs? for", "for", wanted=True),
)  # fmt: skip
_RUSSIAN = (
    _Turn(r"устал[аи]? от", "{}", question="Устали от"),
    _Turn(r"тон(?:ет|ут) в", "{}", question="Тонете в"),
    _Turn(r"завален[аы]?", "{}", question="Вас завалило:"),
    _Turn(r"ненавид(?:ит|ят)", "{}", refused=True, question="Не любите"),
    _Turn(r"не люб(?:ит|ят)", "{}", refused=True, question="Не любите"),
    _Turn(r"не довер(?:яет|яют)", "{}", refused=True, question="Не доверяете"),
    _Turn(r"бо(?:ит|ят)ся", "{}", question="Боитесь"),
    _Turn(r"беспоко(?:ит|ят)ся (?:о|об|из-за)", "{}", question="Беспокоитесь:"),
    _Turn(r"жалу(?:ет|ют)ся на", "{}", question="Надоело жаловаться на"),
    _Turn(r"страда(?:ет|ют) от", "{}", question="Страдаете от"),
    _Turn(r"мучит?ся с|мучается с", "{}", question="Мучаетесь с"),
    _Turn(r"не хвата(?:ет|ют)", "{}", question="Не хватает"),
    _Turn(r"слишком (?:много|мало)", "{}", question="{}"),
    _Turn(r"нет времени(?: на)?", "{}", question="{}"),
    _Turn(r"теря(?:ет|ют)", "{}", question="Теряете"),
    _Turn(r"трат(?:ит|ят)", "{}", question="Тратите"),
    _Turn(r"не успева(?:ет|ют)", "{}", question="Не успеваете"),
    _Turn(r"хочет|хотят|хотел[аи]? бы|планиру(?:ет|ют)|мечта(?:ет|ют)|стрем(?:ит|ят)ся|должн[аы]?|цель\s*[—–:-]?", "to", wanted=True),
    _Turn(r"ищ(?:ет|ут)|нуж(?:ен|на|но|ны)|мечтает о", "for", wanted=True),
)  # fmt: skip

_END = re.compile(
    r"[.,;:!?()\"\n«»]|\s[—–-]\s|\s(?:but|who|which|he|she|I|we|because|while|although|though|whereas|since|yet)\s|\s(?:но|потому|который|которая|чтобы|хотя)\s"
)
_JOINED = re.compile(
    r"(?:\b(?:and|or|but|who|и|или)|,)\s+(?:also |is |are |has |he |she |they )*\Z", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?:\s*\b(?:and|or|also|but|is|are|who|she|he|they|the|a|an|to|of|with|и|а|или|тоже|также|в|на))+$",
    re.IGNORECASE,
)
_NO_START = re.compile(
    r"(?:that|it|this|them|him|her$|nothing|anything|something|everything|what|how|why|if|when|whether|you|me|us|что|это|как|ничего|всё|все$|его|её|их)\b",
    re.IGNORECASE,
)
_PERSONS = re.compile(r"\b(?:he|she|i|we|i'm|i've)\b|\b(?:он|она|мы|я)\b", re.IGNORECASE)


def hints_in(facts: Iterable[tuple[str, str]], language: str) -> tuple[Hint, ...]:
    """The hints in (fact name, text) pairs, in their order, near-repetitions left out."""
    turns = _RUSSIAN if language == "ru" else _ENGLISH
    found: list[Hint] = []
    for origin, text in facts:
        for sentence in sentences(without_orders(text.replace("\u2019", "'"))):
            for hint in _in_sentence(sentence, turns, origin):
                if not any(alike(hint.topic, one.topic) for one in found):
                    found.append(hint)
    return tuple(found)


def _in_sentence(sentence: str, turns: tuple[_Turn, ...], origin: str) -> Iterable[Hint]:
    spans = sorted(
        (match.start(), -match.end(), order)
        for order, turn in enumerate(turns)
        for match in re.finditer(rf"\b(?:{turn.pattern})(?=\s)", sentence, re.IGNORECASE)
    )
    last = 0
    for start, minus_end, order in spans:
        if start < last:
            continue  # inside what an earlier turn of phrase is about
        last = _end_of_topic(sentence, -minus_end, [one[0] for one in spans])
        hint = _hint(turns[order], sentence[start:-minus_end], sentence[-minus_end:last], origin)
        if hint:
            yield _of_others(hint, sentence[:start], sentence[start:-minus_end])


def _of_others(hint: Hint, before: str, verb: str) -> Hint:
    """A hint about the person's people ("her reps hate …") says so, and is nobody's refusal to buy."""
    others = re.search(r"\b(?:her|his|their|our|my) ((?:[\w-]+ )?[\w-]+s) $", before)
    if hint.wanted or not others or verb.split(maxsplit=1)[0].endswith(("s", "ing", "ed")):
        return hint
    said = f"{others[1]} {verb.strip().lower()} {hint.topic}"
    about = f"{others[1]} who {verb.strip().lower()} {hint.topic}"
    return replace(hint, text=f"Their {said}", topic=about, refused=False, question="")


def _end_of_topic(sentence: str, start: int, turns: list[int]) -> int:
    """Where a topic that begins at `start` ends: at a stop, or at "and" before the next turn of phrase."""
    stop = _END.search(sentence, start)
    ends = [stop.start() if stop else len(sentence)]
    joined = (turn for turn in turns if turn > start and _JOINED.search(sentence, start, turn))
    return min([*ends, *joined])


def _hint(turn: _Turn, words: str, after: str, origin: str) -> Hint | None:
    topic = _topic(after)
    if not topic:
        return None
    said = words.strip().lower()
    if turn.wanted:
        verb = said.endswith(" to") or bool(re.match(r"\S+(?:ть|ти|чь)(?:ся)?\b", topic))
        text = f"to {topic}" if verb else topic
        lead = "Найти" if said.startswith("ищ") else capital(said)
        if said.isascii():
            lead = "Find" if re.search("look|search", said) else "Get"
        return Hint(text, topic, origin, themes_of(topic), wanted=True, question=lead)
    lead = said if turn.lead == "{}" else turn.lead
    lead = re.sub(r"^(?:is|are|has|have) ", "", lead)
    question = turn.question.replace("{}", capital(said)) if turn.question else ""
    if turn.lead == "Struggles with" and said.endswith(" to"):
        lead, question = "Struggles to", "struggling to"
    if turn.lead == "No time for" and said.endswith(" to"):
        lead = "No time to"
    about = f"{lead} {topic}" if lead.startswith(("too ", "слишком")) or lead == "Short of" else topic
    return Hint(
        f"{capital(lead)} {topic}",
        _about(lead, about),
        origin,
        themes_of(topic),
        refused=turn.refused,
        question=_asked(question, topic),
    )


def _asked(question: str, topic: str) -> str:
    return f"{question} {topic}".strip() if question else ""


def _about(lead: str, topic: str) -> str:
    """The noun phrase for "tired of …?": verbs become "having to …"."""
    if lead == "Cannot":
        return f"not being able to {topic}"
    if lead in {"Struggles to", "No time to", "under pressure to"}:
        return f"having to {topic}" if lead != "No time to" else f"never having time to {topic}"
    if lead == "Short of":
        return f"being short of {topic.removeprefix('Short of ')}"
    if lead.startswith("spends "):
        return f"spending {lead.removeprefix('spends ')} {topic}"
    if lead in {"Keeps losing", "Wastes", "lost", "wasted"}:
        return f"{'losing' if 'los' in lead else 'wasting'} {topic}"
    return topic


def _topic(after: str) -> str:
    text = _END.split(f"{after} ")[0].strip()
    words = _TAIL.sub("", text).split()[:LONGEST]
    topic = _TAIL.sub("", " ".join(words)).strip(" '\u2019-")
    topic = re.sub(r"\b(?:her|his|my|our)\b", "their", topic)
    if not re.search(r"\w{2}", topic) or _NO_START.match(topic) or _PERSONS.search(topic) or len(topic) > 120:
        return ""
    return topic
