"""A member as the API and the pages tell of them: what they are, why, and what staff said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.archetypes.detecting import beliefs_of, overridden
from webapp.archetypes.facts import Archetype
from webapp.archetypes.models import Member
from webapp.archetypes.rule_state import State, rules_numbered
from webapp.archetypes.rules.explain import Part, explain, reasons
from webapp.archetypes.rules.ruleset import SHIPPED, Rules


@dataclass(frozen=True)
class Told:
    """A member's archetype with what it rests on. `manual` while an override is in force."""

    archetype: Archetype
    confidence: float
    manual: bool
    detected: Archetype
    detected_confidence: float
    new: bool
    parts: tuple[Part, ...]
    reasons: tuple[str, ...]
    rules: Rules
    number: int


def tell(session: Session, member: Member, state: State, now: datetime) -> Told:
    """What is known of a member, by the version of the rules that the detection was made with."""
    number = member.rule_set or state.number
    rules = rules_numbered(session, number) if state.stored else SHIPPED
    manual = overridden(member, now)
    parts = explain(member.signals, rules.detection)
    found = member.archetype
    why = reasons(parts, found, beliefs_of(member), member.transactions, rules.detection, state.currency)
    said = f"{member.override_by or 'Staff'} set this by hand: {member.override_reason}"
    return Told(
        archetype=member.override if manual and member.override else found,
        confidence=1.0 if manual else member.confidence,
        manual=manual,
        detected=found,
        detected_confidence=member.confidence,
        new=member.transactions < rules.detection.new_below,
        parts=parts,
        reasons=(said, *why) if manual else why,
        rules=rules,
        number=number,
    )
