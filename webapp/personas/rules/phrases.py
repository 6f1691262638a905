"""Phrases that can be bent: a benefit in its forms, and the themes that a text touches."""

# ruff: noqa: E501, RUF001 - patterns of several languages, Cyrillic among them, one theme a line

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["does", "lets", "noun"]

_THEMES: tuple[tuple[str, str], ...] = (
    ("time", r"(?<!first-)(?<!full-)(?<!part-)\btime\b|faster|quick|minute|\bhours?\b|speed|delay|wait|instant|same[- ]day|next[- ]day|overnight|schedul|slot|\bplan|schnell|zeit|minuten|срок|быстр|врем|минут|\bчас"),
    ("admin", r"paper|\bforms?\b|document|typing|manual|admin|\bnotes?\b|invoic|routine|automat|data entry|spreadsheet|reminder|bureau|formular|rechnung|бумаг|бумаж|документ|отч[её]т|рутин|автомат|заполн|счет|счёт"),
    ("money", r"\bcosts?\b|price|budget|\bsav(e|es|ing|ings)\b|spend|margin|cheap|\bfees?\b|\bwaste|cash|profit|kosten|preis|spar|эконом|затрат|расход|стоим|\bцен|бюджет|дешевл|прибыл"),
    ("growth", r"revenue|sales\b|\bleads?\b|conver|booking|\bfill|\bwin(s|ning)?\b|pipeline|campaign|demand|no-show|upsell|\bgrow|empty|cancel|umsatz|buchung|auslast|выручк|продаж|заявк|рост|неяв|запис(ь|ей|и)\b|\bлид|пуст"),
    ("risk", r"complian|audit|secur|gdpr|privacy|\bsafe|risk|certif|\blegal|regulat|hygien|inspect|sterile|protect|steril|sicher|dsgvo|безопас|риск|закон|провер|аудит|сертиф|защи[тщ]"),
    ("quality", r"error|mistake|quality|consisten|accura|defect|reliab|standard|precis|durable|last(s|ing)\b|wrong|fehler|qualität|ошиб|качеств|точн|над[её]жн|брак"),
    ("insight", r"dashboard|insight|report|\bsee\b|shows?\b|visib|track|monitor|overview|analy|forecast|\bdata\b|real[- ]time|measur|where things|überblick|auswert|вид(ит|но|ят|еть)|показыва|аналит|данн|прогноз|контрол|отслеж"),
    ("people", r"\bstaff|\bteams?\b|nurses|therapist|employee|\bhir(e|ing)|retain|burnout|roster|\bshift|workload|newcomer|mitarbeit|personal|dienstplan|сотрудник|персонал|команд|смен[аыу]|\bврач|мастер"),
    ("service", r"customer|client|patient|guest|resident|member|experience|satisf|answer|response|comfort|kunden|patient|сервис|пациент|гост|обслуж|удоб|клиент"),
    ("supply", r"stock|deliver|suppl(y|ies)|\border|reorder|run(s|ning)? out|consumable|availab|\bship|warehouse|restock|spare part|liefer|lager|bestell|поставк|поставля|склад|достав|запас|наличи"),
    ("tech", r"integrat|system|software|\bapis?\b|connect|cloud|platform|interface|\bsync|import|migrat|server|schnittstell|интеграц|систем|платформ|облак"),
    ("change", r"onboard|training|\beasy\b|simpl|adopt|learn|set ?up|intuitive|without a course|einfach|schulung|внедр|прост(о|ой|ая)\b|обуч|легк"),
)  # fmt: skip


@dataclass(frozen=True)
class Benefit:
    """One promise as verb phrases or a noun phrase.

    kind "does": the product is the subject ("cut", "no-shows"); "lets": the buyer is ("see", "every bed");
    "noun": `parts` holds one phrase with an empty verb. Several parts belong together ("turn x into y and
    file it"). Russian verbs are stored as they stand, in the third person.
    """

    kind: Kind
    parts: tuple[tuple[str, str], ...]

    @property
    def plain(self) -> str:
        """The words alone, for finding themes and repetitions."""
        return " ".join(f"{verb} {rest}" for verb, rest in self.parts)


def themes_of(text: str) -> tuple[str, ...]:
    """The themes that a text touches, most touched first."""
    plain = text.casefold()
    counted = [(len(re.findall(pattern, plain)), -order, key) for order, (key, pattern) in enumerate(_THEMES)]
    return tuple(key for count, _, key in sorted(counted, reverse=True) if count)
