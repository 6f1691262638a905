"""Puts a lesson together: the lesson's own sentences, what the learner said, and what leads from one to the other."""

# ruff: noqa: E501 - explanations and patterns stay on their lines

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from webapp.lessons.facts import (
    DEFAULT_LENGTHS,
    LONGEST_SECTION,
    SECTIONS,
    LessonBrief,
    LessonDraft,
    LessonTexts,
)
from webapp.lessons.rules.bank import Bank
from webapp.lessons.rules.naming import first_name
from webapp.lessons.rules.saying import Piece, pieces_of
from webapp.lessons.rules.speech import bank_of, lead, mention, share
from webapp.lessons.rules.taking import taken_up_of
from webapp.lessons.rules.words import count

Core = Callable[[LessonBrief, str, "Desk"], str]

# Which answers a section takes up, those that suit it best first. What worries somebody is not for the public.
SUITS = {
    "summary": (
        "motivation",
        "target_clients",
        "expected_results",
        "skills_wanted",
        "practice_model",
        "fears",
    ),
    "previous_lessons": (
        "skills_wanted",
        "expected_results",
        "motivation",
        "practice_model",
        "target_clients",
    ),
    "why_watch": ("fears", "motivation", "expected_results", "skills_wanted", "target_clients"),
    "quick_action": ("practice_model", "target_clients", "skills_wanted", "fears"),
    "homework": (
        "target_clients",
        "practice_model",
        "skills_wanted",
        "expected_results",
        "fears",
        "motivation",
    ),
    "social_share": ("expected_results", "target_clients", "skills_wanted", "practice_model", "motivation"),
}
ENOUGH = 9  # words of a piece that say something of their own
MOST_USES = 2  # of one piece outside of the share
# m, n and o are what the learner said, q what follows from it, c the lesson's sentences, s what leads on.
LONGEST_LAYOUTS = ("mqcnos", "nmqcos", "cmqnos", "ncmqos", "onmqcs")
LONG_LAYOUTS = ("mqcns", "ncmqs", "cmqns", "nmqcs")
SHORT_LAYOUTS = ("mcns", "cmqn", "mqcn", "nmqc", "cnmq", "cmqs")
ADDED_FIRST = "nqso"
OPENER = 6  # words that speaking to the learner by name may add


@dataclass
class Desk:
    """What is at hand while one lesson is written: the bank, the pieces, how often each was used, the dice."""

    brief: LessonBrief
    bank: Bank
    name: str
    seed: str
    pieces: dict[str, tuple[Piece, ...]]
    used: dict[str, int] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def roll(self, *keys: object) -> int:
        """A number that depends on learner, lesson and keys alone."""
        raw = "\x1f".join((self.seed, *map(str, keys))).encode("utf-8", "replace")
        return int.from_bytes(hashlib.blake2b(raw, digest_size=6).digest(), "big")

    def pick(self, options: Sequence[str], *keys: object) -> str:
        """One of the options, one that this lesson has not used yet as long as there is one; "" of none."""
        first = self.roll(*keys)
        ordered = [options[(first + step) % len(options)] for step in range(len(options))]
        chosen = next(
            (option for option in ordered if option not in self.said), ordered[0] if ordered else ""
        )
        self.said.add(chosen)
        return chosen

    def next_piece(self, section: str, but: Sequence[Piece] = ()) -> Piece | None:
        """The piece to take up next: of the answer that suits and was used least; None when all are worn out."""
        suits = [question for question in SUITS[section] if question in self.pieces]
        further = [question for question in self.pieces if question not in SUITS["summary"]]
        turn = self.roll(section, "turn") % (3 if section == "social_share" else 2) if len(suits) > 3 else 0
        order = suits[turn : turn + 1] + suits[:turn] + suits[turn + 1 :]
        order += [] if section == "social_share" else further
        least = sorted(order, key=lambda question: (self.used.get(question, 0) > 0, order.index(question)))
        if section == "social_share":
            least = order
        for question in least:
            if all(question != piece.question for piece in but) and self._worn(question, section) < MOST_USES:
                return self._take(question, section)
        return None

    def _worn(self, question: str, section: str) -> int:
        return 0 if section == "social_share" else self.used.get(question, 0) // len(self.pieces[question])

    def _take(self, question: str, section: str) -> Piece:
        pieces, at = self.pieces[question], self.used.get(question, 0)
        if section == "social_share":  # short enough to post, long enough to say something
            return max(pieces, key=lambda piece: (min(count(piece.own), ENOUGH), piece.whole))
        self.used[question] = at + 1
        start = self.roll(question) % len(pieces) if len(pieces) > 2 else 0
        return pieces[(start + at) % len(pieces)]


def compose(brief: LessonBrief, core: Core, kind: str) -> LessonDraft:
    """A whole lesson; `core` gives each section's own sentences, `kind` names the strategy."""
    name = first_name(brief.learner.name)
    said = "\x1f".join(
        f"{question}={answer[:200]}" for question, answer in sorted(brief.learner.answers.items())
    )
    seed = "\x1f".join((kind, brief.learner.name, said, str(brief.number), brief.title))
    desk = Desk(brief, bank_of(brief), name, seed, pieces_of(brief))
    texts = {section: _section(desk, section, core(brief, section, desk)) for section in SECTIONS}
    cut = {
        section: text if len(text) <= LONGEST_SECTION else text[:LONGEST_SECTION]
        for section, text in texts.items()
    }
    return LessonDraft(**cut, taken_up=taken_up_of(brief, LessonTexts(**cut))[:60])


def _section(desk: Desk, section: str, core: str) -> str:
    """One section: its own sentences with what the learner said around them; "" where there is nothing of its own."""
    if not core:
        return ""
    least, most = desk.brief.course.lengths.get(section) or DEFAULT_LENGTHS[section]
    if section == "social_share":
        return _shared(desk, core, most)
    layouts = LONGEST_LAYOUTS if most > 80 else LONG_LAYOUTS if most > 60 else SHORT_LAYOUTS
    layout = desk.pick(layouts, section, "layout")
    parts, later = _parts(desk, section, core, layout)
    kept = _kept(parts, layout, most - OPENER)
    _given_back(desk, [piece for key, piece in later.items() if parts[key] not in kept])
    if count(" ".join(kept)) < least and (
        more := desk.pick(desk.bank.ties.get(section, ()), section, "more")
    ):
        kept = [*kept, more] if more not in kept else kept
    return _spoken(desk, section, kept, core)


def _given_back(desk: Desk, dropped: Sequence[Piece | None]) -> None:
    """What found no room in a section may stand in a later one."""
    for piece in dropped:
        if piece:
            desk.used[piece.question] -= 1


def _parts(
    desk: Desk, section: str, core: str, layout: str
) -> tuple[dict[str, str], dict[str, Piece | None]]:
    first = desk.next_piece(section)
    second = desk.next_piece(section, (first,)) if first else None
    third = desk.next_piece(section, (first, second)) if first and second and "o" in layout else None
    said = {
        key: mention(desk, section, piece) if piece else ""
        for key, piece in (("m", first), ("n", second), ("o", third))
    }
    tie = desk.pick(desk.bank.ties.get(first.question, ()), section, "q") if first else ""
    return said | {"c": core, "q": tie, "s": lead(desk, section, first)}, {"n": second, "o": third}


def _kept(parts: dict[str, str], layout: str, most: int) -> list[str]:
    """The parts that fit into the section, in the layout's order; its own sentences and one mention always do."""
    chosen, said = {"c", "m"}, count(f"{parts['c']} {parts['m']}")
    for key in ADDED_FIRST:
        more = count(parts.get(key, ""))
        if key in layout and more and said + more <= most:
            chosen.add(key)
            said += more
    return [parts[key] for key in layout if key in chosen and parts[key]]


def _spoken(desk: Desk, section: str, kept: Sequence[str], core: str) -> str:
    """The parts as a text; the summary and some other sections speak to the learner by name."""
    text = " ".join(kept)
    if not desk.name or (section != "summary" and desk.roll(section, "name") % 4):
        return text
    if section != "summary" and kept[0] == core:
        return text
    if kept[0] == core or not desk.bank.mentions:
        opener = desk.pick(desk.bank.openers, section, "opener").format(name=desk.name)
        return f"{opener} {text}"
    return desk.bank.vocative.format(name=desk.name) + text[:1].lower() + text[1:]


def _shared(desk: Desk, core: str, most: int) -> str:
    """What the learner may post: the template's sentence and their own words, as if they said it themselves."""
    text, before = core, desk.roll("share") % 3 == 0
    taken: list[Piece] = []
    for _ in desk.pieces:
        piece = desk.next_piece("social_share", taken)
        said = share(desk, piece) if piece else ""
        if not piece:
            break
        if count(f"{text} {said}") <= most:
            text = f"{said} {text}" if before and text == core else f"{text} {said}"
        taken.append(piece)
    return text
