"""Documents of earlier shapes, read into today's fields, with an account of what went where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from webapp.personas.analysis_answer import ANALYSIS_BY_WIRE, ANALYSIS_FIELDS, MOST
from webapp.personas.answer import FIELDS, FIELDS_BY_WIRE, MOST_PAINS
from webapp.personas.merge import BY_WIRE, Fields, clean

Kind = Literal["persona", "analysis", "unknown"]
Moves = Mapping[str, tuple[str, ...]]  # an old name: the fields it goes to, the first one that is still empty

PERSONA_MOVES: Moves = {
    "persona_name": ("personName",),
    "personName": ("personName",),
    "title": ("title",),
    "ideal_roles": ("title",),
    "headline": ("role",),
    "role": ("role",),
    "seniority": ("seniority",),
    "core_goals": ("coreGoal",),
    "coreGoal": ("coreGoal",),
    "description": ("coreGoal",),
    "pain_points": ("painPoints",),
    "painPoints": ("painPoints",),
    "value_prop": ("needForOurProduct",),
    "whatTheyWant": ("needForOurProduct",),
    "needForOurProduct": ("needForOurProduct",),
    "impact_statement": ("potentialPitch",),
    "potentialPitch": ("potentialPitch",),
    "industry": ("industry",),
    "subIndustries": ("industry",),
    "companySize": ("companySize",),
    "annualRevenue": ("companySize",),
    "company": ("company",),
    "location": ("company",),
    "risks": ("painPoints",),
    "decisionDrivers": ("needForOurProduct",),
    "buyerTriggers": ("coreGoal",),
}
ANALYSIS_MOVES: Moves = {
    "finalSummary": ("summary",),
    "summary": ("summary",),
    "recommendedTalkTrack": ("talkTrack",),
    "talkTrack": ("talkTrack",),
    "opportunities": ("talkTrack",),
    "questions": ("questions",),
    "risks": ("objections",),
    "objections": ("objections",),
    "recommendedSequence": ("nextSteps",),
    "nextSteps": ("nextSteps",),
}
LEADS = {
    "decisionDrivers": "Decides by: ",
    "buyerTriggers": "Begins to look when: ",
    "annualRevenue": "revenue ",
    "opportunities": "Opportunities: ",
}
MARKS: Mapping[Kind, frozenset[str]] = {
    "persona": frozenset({"persona_name", "personName"}),
    "analysis": frozenset(
        {"finalSummary", "recommendedTalkTrack", "recommendedSequence", "talkTrack", "fitScore"}
    ),
    "unknown": frozenset(),
}
IDS = frozenset(
    {"id", "_id", "createdAt", "updatedAt", "created_at", "updated_at", "companyHQId", "personaId"}
)
WHO = frozenset({"contactId", "contact", "contactEmail", "contact_email", "email"})
MOST_DOCUMENTS = 1_000


class LegacyUnreadable(ValueError):
    """The text holds no documents; the sentence says what is wrong with it."""


@dataclass
class Read:
    """One document as it was read. `went` pairs an old name with today's field, `dropped` says why not."""

    kind: Kind
    number: int
    fields: Fields = field(default_factory=dict)
    went: list[tuple[str, str]] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    who: dict[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the document is called in a report."""
        return str(self.fields.get("personName") or self.fields.get("summary") or "")[:80] or "(no name)"


def documents_in(text: str) -> list[Any]:
    """The documents of a text: one object, an array, or one a line. Raises LegacyUnreadable."""
    stripped = text.strip().removeprefix("\ufeff")
    if not stripped:
        raise LegacyUnreadable("There is nothing to read. Paste documents, or choose a file.")
    try:
        whole = json.loads(stripped)
        found = whole if isinstance(whole, list) else [whole]
    except (ValueError, RecursionError):
        found = _lines(stripped)
    if len(found) > MOST_DOCUMENTS:
        raise LegacyUnreadable(f"{len(found):,} documents are too many at once: at most {MOST_DOCUMENTS:,}.")
    for number, document in enumerate(found, start=1):
        _check_signs(document, number)
    return found


def _check_signs(document: Any, number: int) -> None:
    """Refuse halves of signs (lone surrogates), which no database keeps."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise LegacyUnreadable(f"Document {number} holds half of a sign. Mend it and try again.") from None
    except RecursionError:
        raise LegacyUnreadable(f"Document {number} is nested too deeply.") from None


def _lines(text: str) -> list[Any]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            message = f"This is neither a JSON document nor one a line: line {number} cannot be read."
            raise LegacyUnreadable(message) from None
    return found


def read_documents(documents: Iterable[Any]) -> list[Read]:
    """Each document in today's fields; nothing is saved."""
    return [read_document(document, number) for number, document in enumerate(documents, start=1)]


def read_document(document: Any, number: int = 1) -> Read:
    """One document in today's fields, with what went where, what was dropped and what stands against it."""
    if not isinstance(document, Mapping):
        return Read("unknown", number, problems=["It is not a JSON object."])
    kind: Kind = next((kind for kind in MARKS if MARKS[kind] & document.keys()), "unknown")
    found = Read(kind, number, document=document)
    if kind == "unknown":
        found.problems.append("It is neither a persona nor a bd_intels document of a shape that is known.")
        return found
    moves = PERSONA_MOVES if kind == "persona" else ANALYSIS_MOVES
    for name in sorted(document, key=lambda name: list(moves).index(name) if name in moves else len(moves)):
        _move(found, str(name), document[name], moves)
    specs = FIELDS if kind == "persona" else ANALYSIS_FIELDS
    found.problems += [
        f"{spec.label} is missing." for spec in specs if spec.required and not found.fields.get(spec.wire)
    ]
    return found


def _move(found: Read, name: str, value: Any, moves: Moves) -> None:
    if found.kind == "analysis" and name in WHO:
        found.who |= _who(name, value)
        return
    if name not in moves:
        found.dropped.append((name, _why(name)))
        return
    texts = [text for text in _texts(value) if text]
    if not texts:
        found.dropped.append((name, "it is empty"))
        return
    _put(found, name, moves[name][0], texts)


def _why(name: str) -> str:
    if name.lower().endswith("score") or name.lower().startswith("score"):
        return "scores are not kept"
    return "ids and times are made anew" if name in IDS else "no field of today takes it"


def _put(found: Read, name: str, wire: str, texts: list[str]) -> None:
    """Put the texts into the field: added to what is there, cut where it is full, and told."""
    spec = FIELDS_BY_WIRE.get(wire) or ANALYSIS_BY_WIRE[wire]
    if spec.many:
        most = MOST_PAINS if found.kind == "persona" else MOST
        before = list(found.fields.get(wire, []))
        kept = [*before, *(text[: spec.longest] for text in texts)][:most]
        lost = len(before) + len(texts) - len(kept)
        shortened = any(len(text) > spec.longest for text in texts)
        found.fields[wire] = clean(wire, kept)
    else:
        text = LEADS.get(name, "") + (", " if spec.longest <= 300 else "; ").join(texts)
        earlier = str(found.fields.get(wire, ""))
        joined = f"{earlier}{', ' if spec.longest <= 300 else chr(10)}{text}" if earlier else text
        lost, shortened = 0, len(joined) > spec.longest
        found.fields[wire] = clean(wire, joined[: spec.longest])
    found.went.append((name, BY_WIRE[wire].label))
    if lost:
        found.dropped.append((name, f"{lost} of {len(texts)} entries: the list is full"))
    if shortened:
        found.dropped.append((name, f"what goes beyond {spec.longest:,} characters"))


def _texts(value: Any) -> list[str]:
    """The texts inside a value, whatever its shape."""
    if isinstance(value, str):
        return [value.replace("\x00", "").strip()]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, Mapping):
        objection, answer = (
            value.get("objection") or value.get("title"),
            value.get("answer") or value.get("description"),
        )
        if isinstance(objection, str):
            return ["\n".join(part.strip() for part in (objection, answer) if isinstance(part, str))]
        return [f"{key}: {text}" for key, one in value.items() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _who(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        known = {"id": "id", "email": "email", "name": "name"}
        return {known[key]: str(text) for key, text in value.items() if key in known and text}
    if not isinstance(value, str) or not value.strip():
        return {}
    return {"id" if name == "contactId" else "email": value.strip()}
