"""How a draft changes: what a person typed, what a drafter answered, what is taken, kept or undone.

A form is drawn from one state of the draft and posted against a later one. It carries a digest of
each field as it was drawn, so that only what a person really typed counts as typed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from webapp.personas.answer import FIELDS, FIELDS_BY_WIRE, FieldSpec, PersonaDraft
from webapp.personas.provenance import Origin, drafted, edited, origin_of, stored

Value = str | list[str]
Fields = dict[str, Value]
DIGEST = 10


@dataclass(frozen=True)
class State:
    """A draft's contents: fields by wire name, their origins, offers not yet taken, what can be undone."""

    fields: Fields = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    proposals: dict[str, Any] = field(default_factory=dict)
    undo: dict[str, Any] = field(default_factory=dict)

    def value(self, wire: str) -> Value:
        """Answer the field's value, empty when it has none."""
        return self.fields.get(wire) or empty(wire)

    def origin(self, wire: str) -> Origin | None:
        """Answer where the field's text came from, or None when it is empty."""
        return origin_of(self.provenance, wire)

    @property
    def by_hand(self) -> frozenset[str]:
        """The fields a person wrote or edited."""
        origins = {spec.wire: self.origin(spec.wire) for spec in FIELDS if self.fields.get(spec.wire)}
        return frozenset(wire for wire, origin in origins.items() if origin and origin.by_hand)


def empty(wire: str) -> Value:
    """Answer the empty value of a field."""
    return [] if FIELDS_BY_WIRE[wire].many else ""


def clean(wire: str, value: object) -> Value:
    """Bring a value into the field's shape: trimmed, one kind of line end, no empty rows."""
    if FIELDS_BY_WIRE[wire].many:
        rows = value if isinstance(value, list) else [value]
        return [text for text in (_trim(row) for row in rows) if text]
    return _trim(value)


def _trim(value: object) -> str:
    return str(value or "").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def digests(fields: Mapping[str, Value]) -> str:
    """Spell the fields' digests for the form that is drawn from them."""
    return " ".join(f"{spec.wire}:{_digest(fields.get(spec.wire) or empty(spec.wire))}" for spec in FIELDS)


def _digest(value: Value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST]


def typed(
    state: State, posted: Mapping[str, Value], base: str, who: str, when: datetime, window: str = ""
) -> State:
    """Take over what a person typed since the form was drawn; the rest of the form is old news.

    A text that was meanwhile typed into another window is not seen in this one: it can be undone to.
    """
    drawn = dict(pair.split(":", 1) for pair in base.split() if ":" in pair)
    fields, provenance, undo = dict(state.fields), dict(state.provenance), dict(state.undo)
    for wire, raw in posted.items():
        value = clean(wire, raw)
        if _digest(value) == drawn.get(wire) or value == state.value(wire):
            continue
        if _digest(state.value(wire)) != drawn.get(wire) and _from_elsewhere(state.origin(wire), window):
            undo[wire] = {**_before(state, wire), "unseen": True}
        fields[wire] = value
        if value:
            before = state.origin(wire) if _kin(state.value(wire), value) else None
            provenance[wire] = stored(edited(before, who, when, window))
        else:
            provenance.pop(wire, None)
    return replace(state, fields=fields, provenance=provenance, undo=undo)


def _kin(old: Value, new: Value) -> bool:
    """Whether a quarter of the new text's words stood in the old one: edited then, not written anew."""
    before, after = (set(json.dumps(value, ensure_ascii=False).lower().split()) for value in (old, new))
    return len(before & after) * 4 >= len(after)


def _from_elsewhere(origin: Origin | None, window: str) -> bool:
    return bool(origin and origin.by_hand and origin.window and origin.window != window)


def fill(
    state: State,
    answer: PersonaDraft,
    model: str,
    prompt: str,
    when: datetime,
    also: AbstractSet[str] = frozenset(),
) -> State:
    """Put a drafter's answer into the draft, around what a person wrote unless `also` names it.

    What is replaced can be undone; a field the answer leaves empty keeps what it has.
    """
    kept = state.by_hand - also
    sources = {source.field.value: tuple(source.facts) for source in answer.sources}
    fields, provenance, undo = dict(state.fields), dict(state.provenance), dict(state.undo)
    for spec in FIELDS:
        value = clean(spec.wire, getattr(answer, spec.name))
        if spec.wire in kept or not value:
            continue
        if state.fields.get(spec.wire) and state.fields[spec.wire] != value:
            undo[spec.wire] = _before(state, spec.wire)
        fields[spec.wire] = value
        provenance[spec.wire] = stored(drafted(model, prompt, when, sources.get(spec.wire, ())))
    return replace(state, fields=fields, provenance=provenance, undo=undo)


def offer(
    state: State, offers: Mapping[str, Value], instruction: str, model: str, prompt: str, when: datetime
) -> State:
    """Keep re-drafted texts beside the fields until a person takes them or keeps their own."""
    origin = stored(drafted(model, prompt, when))
    fresh = {
        wire: {"value": clean(wire, value), "instruction": instruction, "origin": origin}
        for wire, value in offers.items()
        if clean(wire, value) and clean(wire, value) != state.value(wire)
    }
    return replace(state, proposals={**state.proposals, **fresh})


def take(state: State, wire: str) -> State:
    """Take an offered text; what it replaces can be undone. Nothing offered changes nothing."""
    offered = state.proposals.get(wire)
    if offered is None:
        return state
    return replace(
        keep(state, wire),
        fields={**state.fields, wire: offered["value"]},
        provenance={**state.provenance, wire: offered["origin"]},
        undo={**state.undo, wire: _before(state, wire)},
    )


def keep(state: State, wire: str) -> State:
    """Decline an offered text."""
    return replace(state, proposals={name: kept for name, kept in state.proposals.items() if name != wire})


def undo(state: State, wire: str) -> State:
    """Bring back what a draft or an offer replaced."""
    before = state.undo.get(wire)
    if before is None:
        return state
    provenance = {name: kept for name, kept in state.provenance.items() if name != wire}
    if before["origin"]:
        provenance[wire] = before["origin"]
    return replace(
        state,
        fields={**state.fields, wire: before["value"]},
        provenance=provenance,
        undo={name: kept for name, kept in state.undo.items() if name != wire},
    )


def _before(state: State, wire: str) -> dict[str, Any]:
    return {"value": state.value(wire), "origin": state.provenance.get(wire)}


@dataclass(frozen=True)
class Collision:
    """A field on which a draft and a later save differ. `default` is "theirs" where only they changed it."""

    spec: FieldSpec
    mine: Value
    theirs: Value
    default: Literal["mine", "theirs"]


def collide(mine: Fields, base: Fields, theirs: Fields) -> list[Collision]:
    """Compare a draft and a later save with the version both began from."""
    found = []
    for wire, spec in FIELDS_BY_WIRE.items():
        ours, old, new = (clean(wire, fields.get(wire) or empty(wire)) for fields in (mine, base, theirs))
        if ours != new:
            found.append(Collision(spec, ours, new, "theirs" if ours == old else "mine"))
    return found


def take_theirs(state: State, theirs: State, wires: AbstractSet[str]) -> State:
    """Take fields of a saved version, with where their texts came from."""
    fields, provenance = dict(state.fields), dict(state.provenance)
    for wire in wires:
        fields[wire] = theirs.value(wire)
        provenance.pop(wire, None)
        if wire in theirs.provenance and fields[wire]:
            provenance[wire] = theirs.provenance[wire]
    return replace(state, fields=fields, provenance=provenance)
