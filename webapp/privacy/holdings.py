"""What the requests themselves hold of who made them."""

from __future__ import annotations

from webapp.core.privacy import Fate, Holding, nothing_personal
from webapp.privacy.keeping_models import Look, RetentionRule
from webapp.privacy.models import PrivacyRequest

HOLDINGS = (
    nothing_personal(RetentionRule, "kind"),
    Holding(
        Look,
        by=(Look.person_id, Look.contact_id, Look.lead_id),
        title="Who of the staff looked",
        plain=("page", "subject_id"),
    ),
    Holding(
        PrivacyRequest,
        by=(PrivacyRequest.digest,),
        title="Privacy requests",
        fate=Fate.EMPTIED,
        personal=("known_as", "note"),
        plain=("asked_by", "done_by", "report", "file", "problem"),
        hides=("asked_by", "done_by", "report", "file", "size", "problem", "digest"),
        empty={"known_as": "", "note": "", "problem": "", "file": "", "size": 0, "expires_at": None},
        why="That something was asked for and done stays, with counts; who asked does not.",
    ),
)
