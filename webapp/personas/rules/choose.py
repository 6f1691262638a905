"""Chooses what matters for this person: themes by weight, pains and promises that touch them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.personas.rules.bank import Bank, Function, Industry, Pain, Size
from webapp.personas.rules.benefits import Promise
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
}


# What people get back to when something is taken off them; others get back to the work of the place.
_FOCUS: dict[str, dict[str, str]] = {
    "en": {
        "management": "running the company",
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


_EVERYWHERE = frozenset(
    {"every", "which", "their", "there", "where", "while", "people", "better", "nobody", "system"}
)


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
        return self.fill(fitting[(number(self.reading.seed, purpose) + self.shift) % len(fitting)])

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
    if reading.where.place.noun:
        words |= {"place": reading.where.place.noun}
    words |= {name.capitalize(): capital(words[name]) for name in ("clients", "staff")}
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
    return scene.alone or scene.reading.who.function in {"owner", "management", "operations", ""}


def weight(scene: Scene, themes: Iterable[str]) -> int:
    """What a thing with these themes counts for this person and product."""
    return sum(scene.weights.get(theme, 0) for theme in themes)


def closeness(scene: Scene, text: str) -> int:
    """How much a text speaks of the very things that the product's texts speak of, by stems of words."""
    stems = {word[:6] for word in words(text) if len(word) > 4} - _EVERYWHERE
    return 4 * min(2, len(stems & scene.reading.offer.stems))


def top_theme(scene: Scene) -> str:
    """The theme that an outcome should speak of: one the product touches, weighed for this person."""
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
        key=lambda pain: (-fit(scene, pain), number(scene.reading.seed, purpose, pain.text)),
    )
    start = scene.shift % len(ranked) if ranked else 0
    return ranked[start:] + ranked[:start]


def chosen_promises(scene: Scene, most: int = 2) -> list[Promise]:
    """The promises that matter most here, of one grammatical kind, verbs before nouns."""
    promises = scene.reading.offer.promises
    verbs = [one for one in promises if one.benefit.kind != "noun"] or list(promises)
    order = {id(one): place for place, one in enumerate(promises)}
    ranked = sorted(verbs, key=lambda one: (-weight(scene, one.themes), order[id(one)]))
    start = scene.shift % len(ranked) if ranked else 0
    ranked = ranked[start:] + ranked[:start]
    return [one for one in ranked if one.benefit.kind == ranked[0].benefit.kind][:most]


def noun_promises(scene: Scene, most: int = 2) -> list[Promise]:
    """The gains that are told as nouns ("fewer empty slots"), in the order given."""
    return [one for one in scene.reading.offer.promises if one.benefit.kind == "noun"][:most]
