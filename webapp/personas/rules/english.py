"""English grammar for the writer: benefits bent into sentences, you into they, names of types of people."""

import re
from collections.abc import Sequence

from webapp.personas.rules.benefits_en import third_person
from webapp.personas.rules.phrases import Benefit
from webapp.personas.rules.text import listed

_YOU_SUBJECT = re.compile(
    r"\byou(?= (?:can|could|need|want|have|are|already|use|do|see|get|know|will|would|should|never)\b)",
    re.IGNORECASE,
)


def base(benefits: Sequence[Benefit]) -> str:
    """Verb phrases after "to": "cut no-shows and fill cancelled slots"."""
    return listed([f"{verb} {rest}".strip() for benefit in benefits for verb, rest in benefit.parts])


def third(benefits: Sequence[Benefit], *, several: bool = False) -> str:
    """Verb phrases after "it": "cuts no-shows and fills cancelled slots" ("cut", "fill" after a plural)."""
    return listed(
        [
            f"{verb if several else third_person(verb)} {rest}".strip()
            for benefit in benefits
            for verb, rest in benefit.parts
        ]
    )


def nouns(benefits: Sequence[Benefit]) -> str:
    """Noun phrases as a list."""
    return listed([rest for benefit in benefits for _, rest in benefit.parts])


def spoken_of(text: str) -> str:
    """A text addressed to "you", told about "them"."""
    plain = re.sub(r"\byou're\b", "they are", text, flags=re.IGNORECASE)
    plain = re.sub(r"\byours\b", "theirs", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<!-)\byour\b", "their", plain, flags=re.IGNORECASE)
    plain = _YOU_SUBJECT.sub("they", plain)
    plain = re.sub(r"(?<!-)\byou\b(?!-)", "them", plain, flags=re.IGNORECASE)
    return re.sub(r"\b(?:our|my)\b", "the", plain, flags=re.IGNORECASE)


def spoken_to(text: str) -> str:
    """A text about "them", addressed to "you"."""
    return re.sub(r"\btheir\b", "your", re.sub(r"\bthemselves\b", "yourself", text))


def is_plural(phrase: str) -> bool:
    """Whether a noun phrase takes a plural verb."""
    if re.match(r"(?:an?|one|the)\s", phrase):
        return False
    head = re.split(r"\s(?:for|of|in|on|from|against)\s", phrase)[0]
    return bool(re.search(r"[^sui]s$", head)) or " and " in head


def without_article(phrase: str) -> str:
    """The phrase without "a", "an", "the"."""
    return re.sub(r"^(?:an?|the)\s+", "", phrase)


def with_article(phrase: str) -> str:
    """The phrase after "a" or "an", by its sound as far as spelling tells."""
    sign = re.match(r"[A-Z]{2,4}\b", phrase)  # spelt out: an HR team, a CRM
    sounds = r"[AEFHILMNORSX]" if sign else r"(?:[aeioAEIO]|[uU](?!ni|se|ti)|hour|honest)"
    vowel = re.match(sounds, phrase)
    return f"{'an' if vowel else 'a'} {phrase}"
