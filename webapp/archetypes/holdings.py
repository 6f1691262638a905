"""What the archetypes hold of a member; of a request between two, each part is its own member's."""

from __future__ import annotations

from webapp.archetypes.models import (
    ArchetypeChange,
    ArchetypeCount,
    Member,
    MemberRequest,
    Night,
    RecalculationLog,
    Recommendation,
    RuleEvent,
    RuleSet,
    RulesInForce,
    Simulation,
)
from webapp.core.privacy import Fate, Holding, nothing_personal

SUMS = "Sums over many members."

HOLDINGS = (
    nothing_personal(Night, "identifier", "currency"),
    Holding(
        MemberRequest,
        by=(MemberRequest.requester_id,),
        title="Requests made",
        personal=("identifier",),
        plain=("currency",),
        hides=("decline_reason", "answered_at", "answer_seconds", "paid_ppm"),
    ),
    Holding(
        MemberRequest,
        by=(MemberRequest.responder_id,),
        title="Requests received",
        fate=Fate.EMPTIED,
        hides=("identifier", "offered_minor", "paid_ppm"),
        empty={"responder_id": None, "decline_reason": None, "answered_at": None, "answer_seconds": None},
        why="It is the other member’s request; this person’s answer to it goes.",
    ),
    Holding(
        Member,
        by=(Member.person_id,),
        title="Archetype",
        personal=("beliefs", "signals", "answers", "override_reason"),
        plain=("override_by",),
        hides=("override_by", "stale"),
    ),
    Holding(
        ArchetypeChange,
        by=(ArchetypeChange.person_id,),
        title="Changes of the archetype",
        personal=("reason",),
        plain=("by",),
        hides=("by",),
    ),
    Holding(
        Recommendation,
        by=(Recommendation.person_id,),
        title="Recommendations of a way",
        personal=("inputs",),
        plain=("digest", "urgency", "currency"),
        hides=("digest",),
    ),
    nothing_personal(ArchetypeCount, why=SUMS),
    nothing_personal(RuleSet, "rules", "by", mentions=("note",)),
    nothing_personal(RulesInForce, "acceptance", why=SUMS),
    nothing_personal(RuleEvent, "by", mentions=("reason",)),
    nothing_personal(Simulation, "rules_hash", "result", why=SUMS),
    nothing_personal(RecalculationLog, "by", mentions=("failures",), why=SUMS),
)
