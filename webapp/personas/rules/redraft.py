"""Drafts some fields of a persona again, following an instruction as far as rules can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from webapp.personas.answer import (
    FIELDS_BY_WIRE,
    MOST_PAINS,
    SHORT,
    FieldName,
    FieldRedraft,
    FieldSpec,
    RedraftedField,
)
from webapp.personas.facts import Brief
from webapp.personas.rules import revise
from webapp.personas.rules.draft import write
from webapp.personas.rules.identity import identity_of
from webapp.personas.rules.instructions import Instruction, read_instruction
from webapp.personas.rules.language import language_of
from webapp.personas.rules.reading import Reading, read
from webapp.personas.rules.remarks import concrete_remark, elaborations, mention_remark, price_remark
from webapp.personas.rules.text import alike, cut, distinct
from webapp.personas.rules.variants import short_variants
from webapp.personas.rules.where import read_where
from webapp.personas.rules.who import read_who
from webapp.personas.rules.written import Written

VARIANTS = 7  # drafts that are looked through for one that differs

Value = str | list[str]


@dataclass(frozen=True)
class _Task:
    reading: Reading
    drafts: Sequence[Mapping[str, Written]]
    asked: Instruction
    spec: FieldSpec
    now: Value

    @property
    def text(self) -> str:
        return self.now if isinstance(self.now, str) else ""

    @property
    def items(self) -> list[str]:
        return self.now if isinstance(self.now, list) else []


def redraft(
    brief: Brief, current: Mapping[str, Value], fields: Sequence[str], instruction: str
) -> FieldRedraft:
    """New wordings for the fields asked for (wire names; unknown ones are left out), in their order.

    An instruction that is understood is followed; of one that is not, another sensible variant comes back.
    No wording equals the current one: where rules have no other, the field's text is null (list: empty).
    """
    asked = read_instruction(instruction)
    reading = _reading(brief, asked, current)
    drafts = [write(reading, shift) for shift in range(VARIANTS)]
    answers = []
    for wire in dict.fromkeys(wire for wire in fields if wire in FIELDS_BY_WIRE):
        spec = FIELDS_BY_WIRE[wire]
        task = _Task(reading, drafts, asked, spec, _tidied(current.get(wire), spec))
        value = _new_list(task) if spec.many else _new_text(task)
        answers.append(_answer(spec, value, identity_leaks(brief, value)))
    return FieldRedraft(fields=answers)


def identity_leaks(brief: Brief, value: Value) -> bool:
    """Whether a wording would tell who the real contact is."""
    texts = value if isinstance(value, list) else [value]
    identity = identity_of(brief.person)
    return bool(identity.wholes) and any(identity.shows_in(text) for text in texts)


def _answer(spec: FieldSpec, value: Value, leaks: bool) -> RedraftedField:  # noqa: FBT001 - read at its one call
    kept: Value = ([] if spec.many else "") if leaks else value
    text = kept if isinstance(kept, str) and kept else None
    items = kept if isinstance(kept, list) else None
    return RedraftedField(field=FieldName(spec.wire), text=text, items=items)


def _reading(brief: Brief, asked: Instruction, current: Mapping[str, Value]) -> Reading:
    """The brief as read for this re-draft: in the language asked for, or that of the texts at hand."""
    texts = " ".join(text for text in current.values() if isinstance(text, str))
    spoken = asked.language or (language_of(texts) if texts.strip() else "")
    reading = read(brief, spoken if spoken in {"en", "ru"} else None)
    return _for_audience(reading, asked.audience) if asked.audience else reading


def _for_audience(reading: Reading, audience: str) -> Reading:
    """The reading moved to another kind of company or person; as it was when the words name neither."""
    facts = {"description": audience}
    where, who = read_where(facts, reading.language), read_who(facts)
    if where.industry or where.place.noun or where.size.band:
        size = where.size if where.size.band else replace(reading.where.size, many_sites=False)
        kept = replace(where, size=size)
        reading = replace(reading, where=kept, seed=f"{reading.seed}\x1f{audience}")
    if who.title:
        reading = replace(reading, who=who, seed=f"{reading.seed}\x1f{audience}")
    return reading


def _tidied(value: Value | None, spec: FieldSpec) -> Value:
    if spec.many:
        return [text for text in value if text.strip()] if isinstance(value, list) else []
    return value.strip() if isinstance(value, str) else ""


def _variants(task: _Task) -> list[Value]:
    """What the drafter would write, variant by variant."""
    values = (draft[task.spec.wire].value for draft in task.drafts)
    return [list(value) if isinstance(value, tuple) else value for value in values]


def _texts(task: _Task) -> list[str]:
    return [value for value in _variants(task) if isinstance(value, str) and value]


def _new_text(task: _Task) -> str:
    texts = _texts(task)
    if not task.text or task.asked.rewrites:
        base = next((text for text in texts if not _same(text, task.text)), "")
    else:
        base = task.text
    changed = cut(_changed(task, base, texts), task.spec.longest) if base else ""
    if changed and not _same(changed, task.text):
        return changed
    others = [*texts, *short_variants(task.spec.wire, task.text, task.reading)]
    if task.asked.shorter:
        others = [text for text in others if len(text) < len(task.text)]
    if task.asked.longer:
        others.sort(key=lambda text: len(text) <= len(task.text))
    return next((cut(text, task.spec.longest) for text in others if not _same(text, task.text)), "")


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _changed(task: _Task, text: str, texts: Sequence[str]) -> str:
    """The text after every wish that concerns a wording; unchanged where none of them took hold."""
    asked, longest = task.asked, task.spec.longest
    if task.spec.longest == SHORT:
        return _changed_tone(asked, text)
    if asked.shorter:
        text = revise.shorter(text) or text
    if asked.longer:
        more = elaborations(task.reading, texts[1:], task.spec.wire)
        text = revise.longer(text, more, longest) or text
    text = _changed_tone(asked, text)
    for remark in _remarks(task):
        text = revise.with_remark(text, remark, longest)
    return text


def _changed_tone(asked: Instruction, text: str) -> str:
    if asked.formal:
        text = revise.formal(text)
    if asked.friendlier:
        text = revise.friendlier(text)
    if asked.plain:
        text = revise.plain(text)
    return text


def _remarks(task: _Task) -> list[str]:
    """Sentences that the wishes add: what something costs, a word to mention, the case at hand."""
    asked, reading, wire = task.asked, task.reading, task.spec.wire
    said = " ".join([task.text, *task.items])
    remarks = []
    if asked.price:
        remarks.append(price_remark(reading, wire))
    elif asked.mention:
        remarks.append(mention_remark(reading, asked.mention, wire))
    if asked.concrete:
        remarks.append(concrete_remark(reading, said, wire))
    return [remark for remark in remarks if remark and not alike(remark, said)]


def _new_list(task: _Task) -> list[str]:
    lists = [value for value in _variants(task) if isinstance(value, list)]
    base = task.items if task.items and not task.asked.rewrites else (lists[0] if lists else [])
    pool = distinct(text for one in lists for text in one)
    changed = _changed_list(task, base, pool)
    if changed != task.items:
        return changed[:MOST_PAINS]
    return next((one[:MOST_PAINS] for one in lists if one != task.items), [])


def _changed_list(task: _Task, items: list[str], pool: Sequence[str]) -> list[str]:
    asked = task.asked
    new = [text for text in pool if not any(alike(text, item) for item in items)]
    if asked.shorter:
        items = revise.shorter_list(items)
    if asked.longer or asked.concrete:
        items = [*items, *new[:2]]
    for wanted, change in ((asked.formal, revise.formal), (asked.friendlier, revise.friendlier)):
        items = [change(item) for item in items] if wanted else items
    if asked.plain:
        items = [revise.plain(item) for item in items]
    if asked.mention:
        items = [cut(remark, 300) for remark in _remarks(task)[:1]] + items
    return items
