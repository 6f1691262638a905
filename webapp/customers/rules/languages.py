"""Tags of languages as RFC 5646 (BCP 47) has them: well formed, and in their usual case."""

from __future__ import annotations

import re

LONGEST = 35  # characters, as the RFC asks of whoever keeps tags
# Language, extended languages, script, region, variants, the two registered extensions, private use.
TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<extended>(-[a-z]{3}){0,3})(-(?P<script>[a-z]{4}))?"
    r"(-(?P<region>[a-z]{2}|\d{3}))?(?P<rest>(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(-[ut](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?)",
    re.IGNORECASE,
)
# ISO 639-1, with the withdrawn codes that browsers still send; of three letters there are thousands.
CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz "
    "ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la "
    "lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj "
    "om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
)
TWO_LETTERS = frozenset(CODES.split())
WHY = "Write the language as a tag (BCP 47) such as en, de-CH or zh-Hant."


def language_tag(text: str) -> str:
    """The tag in its usual case. Raises ValueError for one that is none."""
    found = TAG.fullmatch(text.strip())
    if found is None or len(text.strip()) > LONGEST:
        raise ValueError(WHY)
    language = found["language"].lower()
    if len(language) == 2 and language not in TWO_LETTERS:
        raise ValueError(f"There is no language {language}. {WHY}")
    parts = [language + found["extended"].lower(), (found["script"] or "").title()]
    parts.append((found["region"] or "").upper())
    return "-".join(part for part in parts if part) + found["rest"].lower()
