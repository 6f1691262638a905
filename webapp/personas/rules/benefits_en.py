"""Finds English benefit phrases: what a product does, what it lets people do, and gains as nouns."""

# ruff: noqa: E501 - word lists and patterns stay on their lines

import re

from webapp.personas.rules.phrases import Benefit, Kind
from webapp.personas.rules.text import small

MOST_WORDS = 15  # of one benefit; longer ones are cut at the next preposition that ends a thought

_DOES = (
    "cut reduce save lower shorten eliminate remove prevent avoid stop automate turn replace fill remind protect secure "
    "track monitor alert warn detect show reveal visualise visualize schedule route match connect integrate link sync "
    "combine bring deliver ship supply provide offer give make keep accelerate simplify streamline improve increase boost "
    "raise double strengthen support guide teach train coach answer translate write draft generate create build design test "
    "measure calculate forecast predict recommend personalise personalize collect gather record store archive sort organise "
    "organize manage handle process check verify validate approve send share publish print label scan read recognise "
    "recognize fix repair clean cool heat power last adapt scale run free relieve guarantee ensure meet cover carry lift "
    "move open close lock identify flag catch spot surface unify centralise centralize consolidate standardise standardize "
    "digitise digitize restore encrypt comply pay reward attract convert retain engage reach file hold fit come stay grow "
    "suggest propose explain summarise summarize update refill reorder restock pack sell rent install maintain inspect "
    "certify stand speed take let help highlight compare prepare assign allocate distribute pull push load charge find "
    "learn work listen transcribe tailor prove survive replenish break estimate embed host issue accept"
)
_LETS = "see know plan book order get spend focus start hire choose decide buy understand discover enjoy return forget"
_SUBJECTS = re.compile(
    r"^(?:it|which|that|this|we|they|our|the (?:app|software|system|service|platform|tool|kit|product|module|team)s?|"
    r"(?:each|every|one) [\w-]+|the [\w-]+)\b",
    re.IGNORECASE,
)
_PLURAL_SUBJECT = re.compile(r"(?:we|they|these|our (?:[\w-]+ )?[\w-]+s)\b", re.IGNORECASE)
_TRADES = frozenset({"make", "sell", "offer", "provide", "supply", "build", "design"})  # tells what is sold
_WAY = re.compile(r"\bways? to ([a-z]+) ([^,;.]+)")
_USERS = re.compile(
    r"^(?:you|your [\w-]+|users?|teams?|staff|people|everyone|anyone|managers|nurses|therapists|doctors|teachers|customers|"
    r"clients|patients|guests|drivers|dispatchers|owners|employees|crews|engineers|reps)\b",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"^(?:(?:up to )?\d+ ?%\s+)?(?:fewer|less|more|no|zero|better|faster|quicker|shorter|lower|higher|safer|happier|"
    r"fresher|cleaner|calmer|steadier|clearer|reliable|half the|twice the|one [\w-]+ for|peace of mind|an end to)\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(,\s+and\s+|,\s+|\s+and\s+|\s+but\s+|\s+that\s+|\s+which\s+|:\s+|\s+[\u2013\u2014-]+\s+|\s+so that\s+|,?\s+so\s+|\s+because\s+)"
)
_ASKS = re.compile(
    r"\b(?:shows?|sees?|tells?|knows?|flags?|predicts?|reveals?|explains?|ensures?|proves?|finds?|learns?)\s"
    r"(?:[\w'-]+\s){0,2}?(?:which|that|who|what|where|how|when|whether)\b"
)
_PREPOSITIONS = "|to|of|with|by|from|for|in|on|at|into|per|is|are"
_GLUE = "\x00"  # keeps "shows which" in one piece
_DETERMINED = (
    r"(?:the|an?|every|each|all|any|your|their|its|which|who|what|where|no|one|both|everything|everyone)"
)
_SKIP = re.compile(r"so|because|but")
_BACK = re.compile(r"\b(?:them|it|its|they|this|these|those|there)\b")
_MASS = re.compile(
    r"\b(?:software|equipment|training|consulting|furniture|insurance|support|advice|coaching|hosting|packaging|machinery|"
    r"financing|maintenance|clothing|hardware|staffing|catering|coffee|food|data|lighting|storage|logistics|analytics)$",
    re.IGNORECASE,
)
GOODS = re.compile(
    r"bands|pads|tapes|supplies|boxes|kits|tools|services|courses|sets|shoes|gloves|lessons|workshops|packs|aids|tables|"
    r"chairs|beds|mats|consumables|machines|sensors|lamps|parts|bags|cards|materials|products|devices|trainings|aligners"
)
_THING = re.compile(  # "scheduling software" is a thing, "scheduling visits" is not
    r"(?:for|of|and|software|tools?|systems?|platforms?|apps?|services?|kits?|solutions?|products?|programmes?|programs?|"
    r"courses?|equipment|machines?|devices?|agency|company|sessions?|workshops?|packages?|materials?)\b"
)
_NAMES = re.compile(r"[A-ZÄÖÜ]\w+")


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def _gerund(verb: str) -> str:
    if verb in {"cut", "stop", "fit", "scan", "get", "let", "plan", "run", "spot", "flag", "ship", "label"}:
        return verb + ("ling" if verb == "label" else verb[-1] + "ing")
    return (verb[:-1] if verb.endswith("e") and verb not in {"see", "free"} else verb) + "ing"


DOES = frozenset(_DOES.split())
LETS = frozenset(_LETS.split())
_THIRDS = {_third(verb): verb for verb in DOES | LETS}
_GERUNDS = {_gerund(verb): verb for verb in DOES | LETS}
_NO_CATEGORY = DOES | LETS | _THIRDS.keys() | _GERUNDS.keys() | {"it", "we", "you", "our", "your", "helping"}


def third_person(verb: str) -> str:
    """The form after a singular subject: "cut" becomes "cuts"."""
    return _third(verb)


def benefits_in(sentence: str, name: str = "") -> list[Benefit]:
    """The benefits that a sentence promises, in its order; none when it is not understood."""
    text = re.sub(r"\s*\([^)]*\)", "", sentence).strip().rstrip(".!")
    text = re.sub(rf"^{re.escape(name)}\b", "it", text) if name else text
    text = _ASKS.sub(lambda found: found[0].replace(" ", _GLUE), text)
    pieces = [piece.replace(_GLUE, " ") for piece in _SPLIT.split(text)]
    plural = _PLURAL_SUBJECT.match(text) is not None
    found: list[Benefit] = []
    skipping = False
    open_end = False
    for index in range(0, len(pieces), 2):
        joint = pieces[index - 1] if index else ""
        skipping = bool(_SKIP.search(joint)) or (skipping and "," not in joint)
        urged = index == 0 or bool(found and found[-1].kind == "lets")
        benefit = None if skipping else _benefit(pieces[index].strip(), urged=urged, plural=plural)
        if benefit and _belongs(benefit, found, joint):
            found[-1] = Benefit(found[-1].kind, found[-1].parts + benefit.parts)
        elif benefit:
            found.append(benefit)
        elif open_end and not skipping and _may_continue(pieces[index], joint):
            found[-1] = _continued(found[-1], joint, pieces[index].strip())
            continue
        open_end = benefit is not None
    found = found or _way(text) or _features(text)
    return [short for benefit in found if (short := _short(benefit))]


def _way(text: str) -> list[Benefit]:
    """What "the easiest way to embed payments" lets people do."""
    way = _WAY.search(text)
    return [Benefit("lets", ((way[1], way[2]),))] if way and way[1] in DOES | LETS else []


def _features(text: str) -> list[Benefit]:
    """A list of features after a colon: "an app for crews: scheduling, photos, invoices"."""
    head, colon, tail = text.partition(": ")
    parts = [part.strip() for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", tail)] if colon and head else []
    plain = all(0 < len(part.split()) <= 5 and not _USERS.match(part) for part in parts)
    return [Benefit("noun", (("", small(part)),)) for part in parts] if plain and 2 <= len(parts) <= 6 else []


def _benefit(piece: str, *, urged: bool, plural: bool) -> Benefit | None:
    """The benefit in a piece. A bare verb counts where the sentence urges the reader, or after "our fitters"."""
    piece = re.sub(
        r"^(?:also|then|even|and|automatically|simply|quickly|easily|always|reliably|finally|now)\s+",
        "",
        piece,
    )
    if _NOUN.match(piece):
        return Benefit("noun", (("", small(piece)),))
    enabled = _enabled(piece)
    if enabled:
        return enabled
    if _USERS.match(piece):
        return None
    led = _led_by_verb(piece, bare="lets" if urged else "does" if plural else None)
    return led or (_after_subject(piece) if _SUBJECTS.match(piece) else None)


def _enabled(piece: str) -> Benefit | None:
    """What the buyer does with it, from "helps clinics to cut no-shows"."""
    words = piece.split()
    start = next(
        (
            i
            for i, word in enumerate(words[:4])
            if re.fullmatch(r"(help|let|allow|enabl)(s|es|e|ing|ting)?", word.lower())
        ),
        None,
    )
    if start is None or (start and not _SUBJECTS.match(piece)):
        return None
    for index in range(start + 1, min(start + 6, len(words))):
        verb = words[index].lower()
        named = words[index - 1] == "to" and re.fullmatch("[a-z]+", verb)
        if (named or verb in DOES | LETS) and index + 1 < len(words):
            return Benefit("lets", ((verb, " ".join(words[index + 1 :])),))
    return None


def _led_by_verb(piece: str, bare: Kind | None) -> Benefit | None:
    head, _, rest = piece.partition(" ")
    word = head.lower()
    if word in _THIRDS and rest:
        return Benefit(_kind(_THIRDS[word]), ((_THIRDS[word], rest),))
    if word in _GERUNDS and rest and not _THING.match(rest):
        return Benefit(_kind(_GERUNDS[word]), ((_GERUNDS[word], rest),))
    if bare and word in DOES | LETS and rest and not _NAMES.match(rest):
        return Benefit(bare, ((word, rest),))
    if re.fullmatch(r"[a-z]{2,}s", word) and re.match(rf"{_DETERMINED}\b", rest):
        return Benefit("does", ((_lemma(word), rest),))
    return None


def _lemma(third: str) -> str:
    """The base form of a verb that is in no list: "ties" is "tie", "matches" is "match"."""
    if third.endswith("ies") and len(third) > 4:
        return third[:-3] + "y"
    return third[:-2] if re.search(r"(?:ch|sh|x|z|ss|o)es$", third) else third[:-1]


def _after_subject(piece: str) -> Benefit | None:
    """The first verb after a short subject that stands for the product ("our couriers deliver by eight")."""
    words = piece.split()
    for index in range(1, min(len(words) - 1, 5)):
        word, before = words[index].lower(), words[index - 1].lower()
        if re.fullmatch(r"is|are|was|were|will|can|has|have|to|for|of|with|in|by|from|as|you|your|not", word):
            return None
        bound = re.fullmatch(r"the|an?|our|your|every|each|this|that|and|or|of|for", before)
        if word in _THIRDS and not bound:
            return Benefit(_kind(_THIRDS[word]), ((_THIRDS[word], " ".join(words[index + 1 :])),))
        if (
            index == 1
            and before in {"it", "which", "that"}
            and re.fullmatch(r"[a-z]{2,}(?<!ha)(?<!doe)s", word)
        ):
            return Benefit("does", ((_lemma(word), " ".join(words[index + 1 :])),))
        if before == "we" and word in _TRADES:
            return None
        ours = words[0].lower() == "our" and before.endswith("s")
        if word in DOES and (ours or before in {"we", "they"}):
            return Benefit("does", ((word, " ".join(words[index + 1 :])),))
    return None


def _kind(verb: str) -> Kind:
    return "does" if verb in DOES else "lets"


def _belongs(benefit: Benefit, found: list[Benefit], joint: str) -> bool:
    """Whether a verb phrase points back ("and files them") and would dangle alone."""
    points = _BACK.search(benefit.parts[0][1]) is not None and "and" in joint
    return points and bool(found) and found[-1].kind == benefit.kind != "noun"


def _may_continue(piece: str, joint: str) -> bool:
    """Whether a piece without a verb of its own goes on listing ("no-shows and late arrivals")."""
    listing = joint.strip() in {",", "and", ", and"}
    clause = re.search(r"\b(?:is|are|can|will|has|have|who|what|where|when|if|you|we|they|it)\b", piece)
    return listing and len(piece.split()) <= 6 and clause is None


def _continued(benefit: Benefit, joint: str, piece: str) -> Benefit:
    verb, rest = benefit.parts[-1]
    return Benefit(benefit.kind, (*benefit.parts[:-1], (verb, f"{rest}{joint}{piece}")))


def _short(benefit: Benefit) -> Benefit | None:
    if re.match(r"(?:them|it|this|these|those)\b", benefit.parts[0][1]):
        return None  # points to something said before
    parts = tuple((verb, _trimmed(rest)) for verb, rest in benefit.parts)
    return Benefit(benefit.kind, parts) if all(rest or verb == "scale" for verb, rest in parts) else None


def _trimmed(rest: str) -> str:
    whole = rest
    rest = re.split(r"\s+(?:when|if|unless|whether|although|though|where|thanks to|even)\s+", rest)[0]
    words = rest.split()
    if len(words) > MOST_WORDS:
        stops = [
            i
            for i, word in enumerate(words[:MOST_WORDS])
            if word in {"with", "by", "from", "for", "in", "into", "at", "on"}
        ]
        words = words[: stops[-1] if stops and stops[-1] > 3 else MOST_WORDS]
    loose = r"and|or|the|an?|as|than|your|their" + (_PREPOSITIONS if len(words) < len(whole.split()) else "")
    while words and re.fullmatch(loose, words[-1].strip(",")):
        words.pop()
    return " ".join(words).strip(" ,;:-\u2013\u2014")


def category_in(sentence: str, name: str = "") -> str:
    """What a sentence says the product is ("a planning tool for crews"); "" when it does not say."""
    text = re.sub(rf"^{re.escape(name)}\b", "it", sentence) if name else sentence
    text = re.sub(
        r"^(?:it|this|we) (?:is|are|offers?|sells?|provides?|makes?)\s+", "", text, flags=re.IGNORECASE
    )
    text = re.split(
        r"\s+(?:that|which|who|to|with|so|where|made|built|designed|and (?:an?|the) )\b|[,.:;(]|\s[\u2013\u2014-]\s",
        text,
    )[0].strip()
    words = text.split()
    while words and re.fullmatch(r"and|or|the|an?|for|of|in|on|is|are", words[-1]):
        words.pop()
    if (
        not 1 <= len(words) <= 10
        or words[-1] in {"way", "ways", "place"}
        or words[0].lower()
        in DOES
        | LETS
        | set(_THIRDS)
        | {
            "it",
            "we",
            "you",
            "our",
            "your",
        }
    ):
        return ""
    if (
        _USERS.match(text)
        or re.search(r"\b(?:is|are|can|will|has|have|you|we)\b", text)
        or not re.search(r"[a-z]{3}", text)
    ):
        return ""
    return _with_article(" ".join(words))


def _with_article(phrase: str) -> str:
    if re.match(r"(?:an?|the|one|two|three|\d+)\s", phrase, re.IGNORECASE):
        return small(phrase)
    head = re.split(r"\s(?:for|of|in|on|from|against)\s", phrase)[0]
    last = head.split()[-1].lower()
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    if plural or _MASS.search(head) or last.endswith("ing"):
        return small(phrase)
    return f"{'an' if phrase[0].lower() in 'aeiou' else 'a'} {small(phrase)}"
