"""Finds by rules the product that fits a persona best, and says with the words of both what speaks for it."""

# ruff: noqa: E501, RUF001 - a sentence of a language stays on one line; Cyrillic

import re
from collections import Counter
from dataclasses import dataclass

from webapp.personas.answer import LONG, SHORT
from webapp.personas.fit_answer import FitBrief, FitDraft, NumberedProduct
from webapp.personas.rules.language import is_russian, language_of
from webapp.personas.rules.phrases import themes_of
from webapp.personas.rules.text import clean, cut, ended, listed, sentences, without_orders, words

SHORTEST = 3  # letters; words no longer than this tell nothing
MOST_NAMED = 3  # pain points named in one reasoning
_IDLE_WORDS = (
    "about their they them there then that this than these those what when where which while with from into over "
    "have has having been being does done each every some other more most only also half before after without "
    "within would could should will want wants need needs make makes times people person company product service "
    "works work "
    "чтобы который когда потом только может нужно нужен нужна работа работает компания сотрудники человек "
    "больше также время после перед есть этот этого"
)
_WEIGHTS = {"painPoints": 3.0, "needForOurProduct": 3.0, "coreGoal": 2.0, "potentialPitch": 2.0, "role": 1.0}


def _stem(word: str) -> str:
    """The beginning that tells a word from others; the endings of its language come after it."""
    return word[:5] if "\u0400" <= word[0] <= "\u04ff" else word.removesuffix("s")[:6]


_IDLE = frozenset(_stem(word) for word in _IDLE_WORDS.split())


@dataclass(frozen=True)
class Statement:
    """One thing the persona says, by the wire name of its field."""

    wire: str
    text: str

    @property
    def fact(self) -> str:
        """The name it goes by among the facts."""
        return f"persona {self.wire}"


@dataclass(frozen=True)
class Touch:
    """A statement that a product's texts speak to: the words both share, and how much that says."""

    statement: Statement
    shared: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class Match:
    """One product beside the persona. `weight` orders products and is never shown."""

    product: NumberedProduct
    touches: tuple[Touch, ...]
    market: tuple[str, ...]
    named: bool
    weight: float


def best_fit(brief: FitBrief) -> FitDraft:
    """The product whose texts speak most to the persona's; the same brief gives the same answer."""
    matches = ranked(brief)
    best = matches[0]
    write = _RUSSIAN if _language(brief) == "ru" else _ENGLISH
    facts = [touch.statement.fact for touch in best.touches]
    facts += ["persona needForOurProduct"] if best.named else []
    facts += [f"product {best.product.number} targetMarket"] if best.market else []
    facts += [
        f"product {best.product.number} {'valueProposition' if best.product.value_proposition else 'description'}"
    ]
    return FitDraft(
        product=best.product.number,
        value_prop_to_them=cut(_value(best, write), LONG),
        alignment_reasoning=cut(_reasoning(brief, matches, write), LONG),
        facts=list(dict.fromkeys(facts)),
    )


def ranked(brief: FitBrief) -> list[Match]:
    """The products from the one that speaks most to the persona down; equals in their given order."""
    stems = {product.number: _stems(_about(product)) for product in brief.products}
    spread = Counter(stem for found in stems.values() for stem in found)
    statements = _statements(brief)
    matches = [
        _match(brief, product, stems[product.number], statements, spread) for product in brief.products
    ]
    return sorted(matches, key=lambda match: -match.weight)


def _statements(brief: FitBrief) -> list[Statement]:
    persona = brief.persona
    single = {
        "needForOurProduct": persona.need_for_our_product,
        "coreGoal": persona.core_goal,
        "potentialPitch": persona.potential_pitch,
        "role": persona.role,
    }
    told = [Statement("painPoints", text) for text in persona.pain_points]
    told += [Statement(wire, text) for wire, text in single.items()]
    return [one for one in told if one.text.strip()]


def _match(
    brief: FitBrief,
    product: NumberedProduct,
    stems: dict[str, str],
    statements: list[Statement],
    spread: Counter[str],
) -> Match:
    themes = set(themes_of(_about(product))[:4])
    touches = [touch for one in statements if (touch := _touch(one, stems, themes, spread))]
    persona = brief.persona
    where = (
        f"{persona.title} {persona.industry} {persona.company} {persona.company_size} {persona.person_name}"
    )
    reached = _stems(product.target_market)
    market = tuple(reached[stem] for stem in _stems(where) if stem in reached)
    name = (product.name or "").casefold()
    said = f"{persona.need_for_our_product} {persona.potential_pitch}".casefold()
    named = bool(name) and name in said
    weight = sum(touch.weight for touch in touches) + len(market) + (6 if named else 0)
    return Match(product, tuple(sorted(touches, key=lambda touch: -touch.weight)), market, named, weight)


def _touch(one: Statement, stems: dict[str, str], themes: set[str], spread: Counter[str]) -> Touch | None:
    found = _stems(one.text)
    shared = [stem for stem in found if stem in stems]
    if not shared:
        return None
    rare = sum(1 / spread[stem] for stem in shared)
    near = 0.2 * len(themes & set(themes_of(one.text)))
    return Touch(one, tuple(found[stem] for stem in shared), _WEIGHTS[one.wire] * (rare + near))


def _about(product: NumberedProduct) -> str:
    return "\n".join((product.name or "", product.value_proposition, product.description))


def _stems(text: str) -> dict[str, str]:
    """The beginnings of a text's longer words, each with the first word that has it."""
    found: dict[str, str] = {}
    for word in words(without_orders(clean(text))):
        plain = word.strip("-'’")
        if len(plain) > SHORTEST and _stem(plain) not in _IDLE and not plain.isdigit():
            found.setdefault(_stem(plain), plain)
    return found


def _language(brief: FitBrief) -> str:
    if brief.company.language:
        return "ru" if is_russian(brief.company.language) else "en"
    return "ru" if language_of(" ".join(one.text for one in _statements(brief))) == "ru" else "en"


@dataclass(frozen=True)
class _Words:
    """The sentences of one language. Slots: name, text, shared, others."""

    joined: str
    answers: str
    plain: str
    pains: str
    further: str
    named: str
    market: str
    silent: str
    next_one: str
    only: str
    nothing: str
    nothing_only: str
    quote: str
    fields: dict[str, str]


_ENGLISH = _Words(
    joined="and",
    answers="Where they say {text}, the answer is {name}: {offer}",
    plain="{name}: {offer}",
    pains="What is written about {name} speaks to {text} (both mention {shared}).",
    further="It also touches {text}.",
    named="The persona’s own texts name {name}.",
    market="Its market “{market}” agrees with the persona in: {shared}.",
    silent="No word in common was found with {text}.",
    next_one="{count} products were compared by their words; the next nearest is {other}.",
    only="It is the company’s only product.",
    nothing="Nothing in the texts of the {count} products speaks of this persona’s pain points, need or goal. {name} merely stands first: decide by hand.",
    nothing_only="Nothing in {name}’s texts speaks of this persona’s pain points, need or goal; it is proposed because it is the company’s only product. Decide by hand.",
    quote="“{}”",
    fields={"needForOurProduct": "their need", "coreGoal": "their goal", "potentialPitch": "the pitch", "role": "their role"},
)  # fmt: skip
_RUSSIAN = _Words(
    joined="и",
    answers="На слова {text} ответ — {name}: {offer}",
    plain="{name}: {offer}",
    pains="Описание «{name}» отвечает на {text} (общие слова: {shared}).",
    further="Затрагивает и {text}.",
    named="Тексты персоны сами называют «{name}».",
    market="Рынок продукта «{market}» совпадает с персоной: {shared}.",
    silent="Общих слов не нашлось с {text}.",
    next_one="Сравнили слова {count} продуктов; следующий по близости — {other}.",
    only="Это единственный продукт компании.",
    nothing="Ни в одном из {count} продуктов не говорится о проблемах, потребности или цели этой персоны. {name} просто стоит первым: решать человеку.",
    nothing_only="В текстах «{name}» не говорится о проблемах, потребности или цели этой персоны; он предложен как единственный продукт компании. Решать человеку.",
    quote="«{}»",
    fields={"needForOurProduct": "потребность", "coreGoal": "цель", "potentialPitch": "питч", "role": "роль"},
)  # fmt: skip


def _name(match: Match) -> str:
    return cut(clean(match.product.name or "").replace("\n", " "), 120) or "?"


def _value(match: Match, write: _Words) -> str:
    offer = _offer(match)
    pain = next((touch for touch in match.touches if touch.statement.wire == "painPoints"), None)
    if pain is None:
        return write.plain.format(name=_name(match), offer=offer)
    text = write.quote.format(_short(pain.statement.text))
    return write.answers.format(text=text, name=_name(match), offer=offer)


def _offer(match: Match) -> str:
    """The sentence of the product that shares most with what it answers; its value proposition on a tie."""
    met = [touch for touch in match.touches if touch.statement.wire == "painPoints"] or match.touches
    wanted = set().union(*(_stems(touch.statement.text) for touch in met[:2]))
    told = [*sentences(clean(match.product.value_proposition)), *sentences(clean(match.product.description))]
    if not told:
        return ended(_name(match))
    order = {text: -place for place, text in enumerate(told)}
    return ended(cut(max(told, key=lambda text: (len(wanted & set(_stems(text))), order[text])), SHORT))


def _reasoning(brief: FitBrief, matches: list[Match], write: _Words) -> str:
    best, name, count = matches[0], _name(matches[0]), len(matches)
    if not best.touches and not best.named and not best.market:
        return (write.nothing if count > 1 else write.nothing_only).format(name=name, count=count)
    said = list(_spoken(best, name, write))
    silent = _unanswered(brief, best)
    if silent:
        quoted = [write.quote.format(_short(text)) for text in silent[:2]]
        said.append(write.silent.format(text=listed(quoted, write.joined)))
    said.append(write.next_one.format(count=count, other=_name(matches[1])) if count > 1 else write.only)
    return " ".join(said)


def _spoken(best: Match, name: str, write: _Words) -> list[str]:
    said = []
    pains = [touch for touch in best.touches if touch.statement.wire == "painPoints"][:MOST_NAMED]
    others = [touch for touch in best.touches if touch.statement.wire != "painPoints"]
    lead, rest = (pains, others) if pains else (others[:1], others[1:])
    if lead:
        texts = [_quoted(touch, write) for touch in lead]
        shared = list(dict.fromkeys(word for touch in lead for word in touch.shared))[:6]
        said.append(write.pains.format(name=name, text=listed(texts, write.joined), shared=", ".join(shared)))
    if rest:
        fields = list(dict.fromkeys(write.fields[touch.statement.wire] for touch in rest))
        said.append(write.further.format(text=listed(fields, write.joined)))
    if best.named:
        said.append(write.named.format(name=name))
    if best.market:
        market = _short(clean(best.product.target_market).replace("\n", " "))
        said.append(write.market.format(market=market, shared=", ".join(best.market[:4])))
    return said


def _quoted(touch: Touch, write: _Words) -> str:
    if touch.statement.wire == "painPoints":
        return write.quote.format(_short(touch.statement.text))
    return write.fields[touch.statement.wire]


def _unanswered(brief: FitBrief, best: Match) -> list[str]:
    met = {touch.statement.text for touch in best.touches}
    return [text for text in brief.persona.pain_points if text not in met]


def _short(text: str) -> str:
    return re.sub(r"[.…]+$", "", cut(clean(text).replace("\n", " "), 140))
