"""What the requests themselves hold of who made them."""

from __future__ import annotations

from webapp.core.privacy import Fate, Holding
from webapp.privacy.models import PrivacyRequest

HOLDINGS = (
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
