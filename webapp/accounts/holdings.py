"""What the accounts hold: staff, who are no persons in the service's sense, and the company's trail."""

from __future__ import annotations

from webapp.accounts.models import ApiToken, Company, Invitation, Membership, Staff, StaffSession
from webapp.core.holdings import TRAIL_HOLDINGS
from webapp.core.privacy import nothing_personal

STAFF = "An account of the company’s own staff: it is closed by the page of staff."

HOLDINGS = (
    nothing_personal(
        Company,
        "key",
        "name",
        "about",
        "audience",
        "industry",
        "market",
        "language",
        "currency",
        "timezone",
        "consent_policy",
    ),
    nothing_personal(Staff, "email", "name", "password_hash", why=STAFF),
    nothing_personal(Membership, why=STAFF),
    nothing_personal(Invitation, "email", "token_hash", "invited_by", why=STAFF),
    nothing_personal(StaffSession, "token_hash", "chosen_company_id", "address", "agent", why=STAFF),
    nothing_personal(ApiToken, "name", "token_hash", "scopes", "created_by", "origins", why=STAFF),
    *TRAIL_HOLDINGS,
)
