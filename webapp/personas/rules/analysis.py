"""Prepares by rules a conversation with a contact: every given fact is used, or listed as unused."""

from collections.abc import Iterable, Sequence

from webapp.personas.analysis_answer import (
    LONG,
    MOST,
    AnalysisDraft,
    AnalysisField,
    AnalysisSource,
    Objection,
)
from webapp.personas.answer import SHORT
from webapp.personas.facts import Brief
from webapp.personas.rules.analysis_words import ENGLISH, RUSSIAN, Words
from webapp.personas.rules.bank_en import ENGLISH as ENGLISH_BANK
from webapp.personas.rules.bank_ru import RUSSIAN as RUSSIAN_BANK
from webapp.personas.rules.choose import Scene, bank_pains, scene_of
from webapp.personas.rules.draft import write
from webapp.personas.rules.given import named
from webapp.personas.rules.phrases import themes_of
from webapp.personas.rules.reading import Reading, read
from webapp.personas.rules.text import clean, cut, distinct, ended, listed, sentences, small, without_orders
from webapp.personas.rules.written import Written

Told = tuple[str, tuple[str, ...]]  # a text, and the facts it was drawn from
ABOUT = (
    "contact industry",
    "contact headcount",
    "contact revenue",
    "contact location",
    "contact department",
    "contact seniority",
)
WORTH_KNOWING = ("title", "company", "industry", "headcount", "notes")
DECIDES = frozenset({"owner", "c_level", "founder"})
MOST_NOTES = 5  # sentences quoted from the notes


def analyse(brief: Brief) -> AnalysisDraft:
    """Meeting preparation from nothing but the brief; the same brief gives the same answer.

    Raises nothing for any valid brief.
    """
    work = _Work(brief)
    parts: dict[str, list[Told]] = {
        "summary": work.summary(),
        "talkTrack": work.talk_track(),
        "questions": work.questions(),
        "nextSteps": work.next_steps(),
    }
    objections = work.objections()
    origins = {wire: _origins(told) for wire, told in parts.items()}
    origins["objections"] = _origins([(answer, facts) for _, answer, facts in objections])
    used = {fact for facts in origins.values() for fact in facts}
    return AnalysisDraft(
        summary=cut(" ".join(_texts(parts["summary"])), LONG),
        talk_track="\n\n".join(cut(text, LONG // 5) for text in _texts(parts["talkTrack"])),
        questions=[cut(text, SHORT) for text in distinct(_texts(parts["questions"]))][:MOST],
        objections=[
            Objection(objection=cut(said, SHORT), answer=cut(answer, LONG // 2))
            for said, answer, _ in objections
        ][:MOST],
        next_steps=[cut(text, SHORT) for text in _texts(parts["nextSteps"])][:MOST],
        sources=[
            AnalysisSource(field=AnalysisField(wire), facts=list(facts))
            for wire, facts in origins.items()
            if facts
        ],
        unused_facts=[fact for fact in named(brief) if fact not in used],
    )


class _Work:
    """One brief with what was read out of it."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.facts = named(brief)
        self.reading: Reading = read(brief)
        russian = self.reading.language == "ru"
        self.words: Words = RUSSIAN if russian else ENGLISH
        self.scene: Scene = scene_of(self.reading, RUSSIAN_BANK if russian else ENGLISH_BANK)
        self.drafted = write(self.reading)
        name = _plain(self.facts.get("product name", ""))
        self.product = self.words.named.format(name) if name else self.words.our_product

    def summary(self) -> list[Told]:
        """Who they are, what is noted, what they answer for, what is not known."""
        found = [self._who(), self._about(), *self._notes(), self._further(), self._role()]
        missing = self._missing()
        if missing:
            found.append((self.words.unknown.format(listed(missing, self.words.joined)), ()))
        return [told for told in found if told[0]]

    def talk_track(self) -> list[Told]:
        """Opening, bridge, what they will look at, close."""
        found = [self._opening(), self._bridge(), self._conditions(), (self.words.close, ())]
        return [told for told in found if told[0]]

    def questions(self) -> list[Told]:
        """What is told is asked after first, then what is usual in such a job, then what is not known."""
        write_as = self.words
        asked: list[Told] = [
            (write_as.ask_pain.format(hint.text), (hint.origin,)) for hint in self.reading.pains[:2]
        ]
        asked += [
            (write_as.ask_wish.format(_wish(hint.text)), (hint.origin,)) for hint in self.reading.wishes[:1]
        ]
        told = len(self.reading.pains)
        usual = [self.scene.fill(pain.text) for pain in bank_pains(self.scene, told)[:2]]
        origins = (*self.reading.who.function_from, *self.reading.where.industry_from)
        asked += [(write_as.ask_usual.format(text), origins) for text in usual]
        if "contact headcount" not in self.facts:
            asked.append((write_as.ask_size, ()))
        asked.append((write_as.ask_today.format(self.product), self._named_product()))
        asked.append(self._ask_decision())
        return asked

    def objections(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """What they may say, each with an answer in given facts; where there is none, it says so."""
        found = [self._refusal(hint.text, hint.origin) for hint in self.reading.pains if hint.refused][:2]
        found += [self._price(), self._effort(), self._already()]
        if self.reading.who.seniority and self.reading.who.seniority not in DECIDES:
            found.append((self.words.not_alone, self.words.not_alone_answer, self.reading.who.seniority_from))
        return found

    def next_steps(self) -> list[Told]:
        """Before and after the meeting."""
        steps: list[Told] = []
        missing = self._missing()
        if missing:
            steps.append((self.words.find_out.format(listed(missing, self.words.joined)), ()))
        if "contact e-mail" in self.facts:
            steps.append((self.words.confirm.format(self._fact("contact e-mail")), ("contact e-mail",)))
        if "contact location" in self.facts:
            steps.append((self.words.place.format(self._fact("contact location")), ("contact location",)))
        example = self._said(self.reading.offer.themes)
        if example:
            steps.append((self.words.bring.format(example[0].rstrip(".")), example[1]))
        return [*steps, (self.words.afterwards, ())]

    def _who(self) -> Told:
        names = [name for name in ("contact name", "contact title", "contact company") if name in self.facts]
        name, title, company = (self._fact(f"contact {one}") for one in ("name", "title", "company"))
        text = ", ".join(part for part in (name, title) if part) or self.words.somebody
        text = self.words.at.format(text, company) if company else text
        return ended(text), tuple(names)

    def _about(self) -> Told:
        names = [name for name in ABOUT if name in self.facts]
        texts = [self._labelled(name) for name in names]
        return (ended("; ".join(texts)) if texts else ""), tuple(names)

    def _labelled(self, name: str) -> str:
        label = self.words.labels.get(name, "")
        return f"{label}: {self._fact(name)}" if label else self._fact(name)

    def _notes(self) -> list[Told]:
        found: list[Told] = []
        for name in ("contact headline", "contact notes", "description"):
            said = sentences(without_orders(clean(self.facts.get(name, ""))))[:MOST_NOTES]
            if said:
                found.append((self.words.noted.format(" ".join(ended(text) for text in said)), (name,)))
        return found

    def _further(self) -> Told:
        """Single facts that an enrichment document brought, by their names."""
        known = {*ABOUT, "contact name", "contact title", "contact company", "contact e-mail"}
        names = [
            name
            for name in self.facts
            if name.startswith("contact ") and name not in known | {"contact notes", "contact headline"}
        ][:6]
        texts = [f"{name.removeprefix('contact ')}: {cut(self._fact(name), 120)}" for name in names]
        return (ended("; ".join(texts)) if texts else ""), tuple(names)

    def _role(self) -> Told:
        role = self.drafted["role"]
        return (f"{self.words.usually} {small(ended(str(role.value)))}" if role.value else ""), role.origins

    def _opening(self) -> Told:
        told = self.reading.pains[:1] or self.reading.wishes[:1]
        if told:
            return self.words.open_told.format(told[0].text, self.product), (told[0].origin,)
        usual = bank_pains(self.scene, 0)[:1]
        origins = (*self.reading.who.function_from, *self.reading.where.industry_from)
        text = self.words.open_usual.format(self.scene.fill(usual[0].text)) if usual and origins else ""
        return (text or self.words.open_nothing), origins

    def _bridge(self) -> Told:
        pitch: Written = self.drafted["potentialPitch"]
        if pitch.value:
            return f"{self.words.bridge} {pitch.value}", pitch.origins
        about = next(iter(sentences(clean(self.facts.get("company about", "")))), "")
        if about:
            return f"{self.words.bridge} {ended(about)} {self.words.which_part}", ("company about",)
        return self.words.no_offer, ()

    def _conditions(self) -> Told:
        need: Written = self.drafted["needForOurProduct"]
        said = sentences(str(need.value))[1:3]
        return (f"{self.words.look_at} {' '.join(said)}" if said else ""), need.origins if said else ()

    def _ask_decision(self) -> Told:
        who = self.reading.who
        if who.seniority in DECIDES:
            return self.words.ask_owner, who.seniority_from
        return self.words.ask_others, ()

    def _refusal(self, text: str, origin: str) -> tuple[str, str, tuple[str, ...]]:
        return self.words.quote.format(text), self.words.refused_answer, (origin,)

    def _price(self) -> tuple[str, str, tuple[str, ...]]:
        price = self._fact("product price note")
        if price:
            answer = self.words.price_answer.format(cut(price, 200).rstrip("."))
            return self.words.price, answer, ("product price note",)
        return self.words.price, self.words.price_unknown, ()

    def _effort(self) -> tuple[str, str, tuple[str, ...]]:
        said = self._said(("change", "time"))
        if said:
            return self.words.effort, self.words.effort_answer.format(said[0].rstrip(".")), said[1]
        return self.words.effort, self.words.effort_unknown, ()

    def _already(self) -> tuple[str, str, tuple[str, ...]]:
        if self.reading.technologies:
            used = listed(self.reading.technologies, self.words.joined)
            return (
                self.words.already,
                self.words.already_known.format(used),
                ("contact company technologies",),
            )
        return self.words.already, self.words.already_answer, ()

    def _said(self, themes: Sequence[str]) -> Told | None:
        """A sentence of the product's own texts that touches one of the themes."""
        for name in ("product value proposition", "product description"):
            for text in sentences(clean(self.facts.get(name, ""))):
                if set(themes) & set(themes_of(text)):
                    return cut(text, 200), (name, *self._named_product())
        return None

    def _named_product(self) -> tuple[str, ...]:
        return ("product name",) if "product name" in self.facts else ()

    def _missing(self) -> list[str]:
        return [self.words.missing[one] for one in WORTH_KNOWING if f"contact {one}" not in self.facts]

    def _fact(self, name: str) -> str:
        if name == "contact e-mail":
            return self.facts.get(name, "").strip()
        return _plain(self.facts.get(name, ""))


def _plain(text: str) -> str:
    return cut(clean(text).replace("\n", " "), SHORT)


def _wish(text: str) -> str:
    return text.removeprefix("to ")


def _texts(told: Iterable[Told]) -> list[str]:
    return [text for text, _ in told]


def _origins(told: Iterable[Told]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact for _, facts in told for fact in facts))
