"""Chooses what matters for this person: themes by weight, pains and promises that touch them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.personas.rules.bank import Bank, Function, Industry, Pain, Size
from webapp.personas.rules.benefits import Promise
from webapp.personas.rules.english import with_article
from webapp.personas.rules.reading import Reading
from webapp.personas.rules.text import capital, number, words

# What each line of work looks at first, whatever is sold.
_CARES: dict[str, tuple[str, ...]] = {
    "owner": ("money", "time", "growth"),
    "management": ("growth", "insight", "money"),
    "marketing": ("growth", "insight"),
    "sales": ("growth", "time"),
    "success": ("service", "insight"),
    "finance": ("money", "insight", "risk"),
    "operations": ("time", "quality", "supply"),
    "it": ("tech", "risk"),
    "engineering": ("quality", "tech"),
    "product": ("insight", "quality"),
    "hr": ("people", "change"),
    "legal": ("risk", "admin"),
    "procurement": ("supply", "money"),
    "clinical": ("quality", "admin", "people"),
    "education": ("quality", "people"),
    "supply": ("supply", "insight"),
    "site": ("time", "risk", "supply"),
    "admin": ("admin", "service"),
    "advisory": ("time", "quality"),
    "private": ("time", "money"),
}


# What people get back to when something is taken off them; others get back to the work of the place.
_FOCUS: dict[str, dict[str, str]] = {
    "en": {
        "management": "running the company",
        "private": "the people at home",
        "marketing": "the message",
        "sales": "selling",
        "success": "talking to {clients}",
        "finance": "the figures that matter",
        "it": "the roadmap",
        "engineering": "building",
        "product": "deciding what to build",
        "hr": "people",
        "legal": "the questions that need a lawyer",
        "procurement": "negotiating",
        "supply": "planning ahead",
        "admin": "the people at the desk",
    },
}
_COMPANY_OF_OTHERS = re.compile(
    r"\bteams?\b|handover|shift|roster|\{[sS]taff\}|\breps\b|department|crews|colleagues|experts|everyone|"
    r"people stay|good people|resignation|introduc|owner (?:hears|is not)|owner's desk|its owner|bottleneck|"
    r"willing few|new people|your people|whoever is on duty|nobody around|nobody uses"
)


# A thousand people do not work in one practice: what the usual place is called when it is large.
_BY_SIZE = {
    ("en", "health", "51-200"): "clinic",
    ("en", "health", "201-1000"): "clinic",
    ("en", "health", "1001+"): "hospital",
}
_JOINING = frozenset({"work", "fit", "integrate", "connect", "sync", "run"})  # to most a condition
_EVERYWHERE = frozenset(
    {"every", "which", "their", "there", "where", "while", "people", "better", "nobody", "system"}
)


LONG_PROMISES = 11  # words; two promises with more would crowd a sentence


@dataclass(frozen=True)
class Scene:
    """A reading joined to the bank of its language: phrases at hand, slots filled, variants numbered."""

    reading: Reading
    function: Function
    industry: Industry
    size: Size
    words: Mapping[str, str]
    weights: Mapping[str, int]
    shift: int = 0

    def fill(self, phrase: str) -> str:
        """A phrase of the bank with its slots filled; nothing that was given is ever read as a phrase."""
        return phrase.format_map(self.words)

    def pick(self, options: Sequence[str], purpose: str) -> str:
        """One of the options, the same for the same reading, purpose and variant; "" of none."""
        fitting = [option for option in options if self.suits(option)] or list(options)
        if not fitting:
            return ""
        return self.fill(fitting[self.turn(purpose) % len(fitting)])

    def turn(self, purpose: str) -> int:
        """A number for choosing, the same for the same reading, purpose and variant."""
        return number(self.reading.seed, self.reading.who.function, purpose) + self.shift

    def suits(self, phrase: str) -> bool:
        """Whether a phrase makes sense here: somebody who works alone has no team and no shifts."""
        return not self.alone or _COMPANY_OF_OTHERS.search(phrase) is None

    @property
    def alone(self) -> bool:
        """Whether this is somebody who works alone."""
        return self.reading.where.size.band == "1"


def scene_of(reading: Reading, bank: Bank, shift: int = 0) -> Scene:
    """The scene for variant number `shift` of a draft."""
    industry = bank.industries[reading.where.industry]
    words = {**industry.words, **reading.where.words}
    named = reading.where.place.noun or reading.where.words.get("place")
    by_size = _BY_SIZE.get((reading.language, reading.where.industry, reading.where.size.band), "")
    words["place"] = named or by_size or words["place"]
    words |= {name.capitalize(): capital(words[name]) for name in ("clients", "staff")}
    if reading.language == "en":
        words["a_place"] = with_article(words["place"])
    focus = _FOCUS.get(reading.language, {}).get(reading.who.function, "{work}")
    words["focus"] = focus.format_map(words)
    return Scene(
        reading=reading,
        function=bank.functions[reading.who.function],
        industry=industry,
        size=bank.sizes[reading.where.size.band],
        words=words,
        weights=_weights(reading),
        shift=shift,
    )


def _weights(reading: Reading) -> dict[str, int]:
    """How much each theme counts: what the product is about first, then what hurts, then the line of work."""
    weights: dict[str, int] = {}
    for rank, theme in enumerate(reading.offer.themes[:4]):
        weights[theme] = weights.get(theme, 0) + 5 - rank
    for hint in reading.hints:
        for theme in hint.themes[:2]:
            weights[theme] = weights.get(theme, 0) + 3
    for rank, theme in enumerate(_CARES.get(reading.who.function, ())):
        weights[theme] = weights.get(theme, 0) + 3 - rank
    return weights


PRICE_MATTERS = frozenset({"owner", "finance", "procurement", "management"})


def shares_the_whole_goal(scene: Scene) -> bool:
    """Whether the goal of the whole business is this person's own; a head of finance has another one."""
    return scene.reading.who.function in {"owner", "management", "operations", ""}


def weight(scene: Scene, themes: Iterable[str]) -> int:
    """What a thing with these themes counts for this person and product."""
    return sum(scene.weights.get(theme, 0) for theme in themes)


def closeness(scene: Scene, text: str) -> int:
    """How much a text speaks of the very things that the product's texts speak of, by stems of words."""
    return 4 * min(2, len(_stems(text) & scene.reading.offer.stems))


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words, by which two texts are seen to speak of the same thing."""
    return {word[:6] for word in words(text) if len(word) > 4} - _EVERYWHERE


def outcome(scene: Scene, bank: Bank) -> str:
    """What should come of it, told for this person: at a desk it is their own work that gets easier."""
    options = bank.themes[top_theme(scene)].outcomes
    desk = scene.reading.who.function in _FOCUS.get(scene.reading.language, {})
    if desk:
        mine = [one.replace("{work}", "{focus}") for one in options if "{staff" not in one]
        options = tuple(mine) or options
    return scene.pick(options, "outcome")


def top_theme(scene: Scene) -> str:
    """The theme that an outcome should speak of: one the product touches, weighed for this person."""
    if scene.reading.who.function == "private":
        return ""
    about = [theme for one in chosen_promises(scene) for theme in one.themes] or scene.reading.offer.themes
    touched = list(dict.fromkeys(theme for theme in about if scene.weights.get(theme)))
    ranked = sorted(touched or scene.weights, key=lambda theme: -scene.weights[theme])
    return ranked[scene.shift % min(3, len(ranked))] if ranked else ""


def fit(scene: Scene, pain: Pain) -> int:
    """How much a pain of the bank is this person's, and one that the product has to do with."""
    return weight(scene, pain.themes) + closeness(scene, pain.text)


def ranked_pains(scene: Scene, pains: Sequence[Pain], purpose: str) -> list[Pain]:
    """Pains by weight; equals by hash; a variant starts further down the list."""
    ranked = sorted(
        filter(lambda pain: scene.suits(pain.text), pains),
        key=lambda pain: (-(fit(scene, pain) // 2), number(scene.reading.seed, purpose, pain.text)),
    )
    start = scene.shift % len(ranked) if ranked else 0
    return ranked[start:] + ranked[:start]


def bank_pains(scene: Scene, told: int) -> list[Pain]:
    """Pains of the line of work, the line of business and the size, closest first; fewer if much was told.

    The first of each kind is the one the product touches most, the second what this line of work minds most.
    """
    work = ranked_pains(scene, scene.function.pains, "work")[:2]
    if scene.reading.who.function == "private":
        return ranked_pains(scene, scene.function.pains, "work")[: 3 if told < 2 else 2]
    business = ranked_pains(scene, scene.industry.pains, "business")
    business = business[:1] + sorted(business[1:], key=lambda pain: -_minded(scene, pain))[:1]
    size = ranked_pains(scene, scene.size.pains, "size")[: 2 if scene.alone else 1]
    if told > 1 or scene.alone:
        return [*(work[1:] if scene.alone else work[:1]), *business[: 2 if told < 2 else 1], *size]
    return [pain for pair in zip(work, business, strict=False) for pain in pair] + size


def _minded(scene: Scene, pain: Pain) -> int:
    """How much this line of work minds a pain, whatever is sold; equals are told apart by hash."""
    cares = _CARES.get(scene.reading.who.function, ())
    return 1000 * sum(theme in cares for theme in pain.themes) + scene.turn(pain.text) % 1000


def _appeal(scene: Scene, promise: Promise) -> int:
    """What a promise counts for this person: first by what their line of work looks at, then by the rest."""
    cares = _CARES.get(scene.reading.who.function, ())
    own = sum(len(cares) - cares.index(theme) for theme in promise.themes if theme in cares)
    told = sum(1 for hint in scene.reading.hints for theme in hint.themes if theme in promise.themes)
    stems = {stem for hint in scene.reading.hints for stem in _stems(hint.topic)}
    named = bool(stems & _stems(promise.benefit.plain))
    joins = promise.benefit.parts[0][0] in _JOINING and scene.reading.who.function != "it"
    return 10 * own + 10 * told + 30 * named - 60 * joins + weight(scene, promise.themes)


def lead_promises(scene: Scene) -> list[Promise]:
    """The promise that matters most, with the next one where both together stay short."""
    chosen = chosen_promises(scene)
    long = sum(len(one.benefit.plain.split()) for one in chosen) > LONG_PROMISES
    return chosen[:1] if long else chosen


def chosen_promises(scene: Scene, most: int = 2) -> list[Promise]:
    """The promises that matter most here, of one grammatical kind, verbs before nouns."""
    promises = scene.reading.offer.promises
    verbs = [one for one in promises if one.benefit.kind != "noun"] or list(promises)
    order = {id(one): place for place, one in enumerate(promises)}
    ranked = sorted(verbs, key=lambda one: (-_appeal(scene, one), order[id(one)]))
    start = scene.shift % len(ranked) if ranked else 0
    ranked = ranked[start:] + ranked[:start]
    return [one for one in ranked if one.benefit.kind == ranked[0].benefit.kind][:most]


def further_promises(scene: Scene, most: int = 2) -> list[Promise]:
    """What the product lets people do, where the chosen promises say what it does itself."""
    chosen = chosen_promises(scene)
    if not chosen or chosen[0].benefit.kind != "does":
        return []
    return [one for one in scene.reading.offer.promises if one.benefit.kind == "lets"][:most]


def noun_promises(scene: Scene, most: int = 2) -> list[Promise]:
    """The gains that are told as nouns ("fewer empty slots"), in the order given."""
    return [one for one in scene.reading.offer.promises if one.benefit.kind == "noun"][:most]
