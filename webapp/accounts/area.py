"""What the accounts bring to the application."""

from __future__ import annotations

from webapp.accounts.audit_commands import audit
from webapp.accounts.commands import company, staff, tokens
from webapp.accounts.pages import pages
from webapp.core.access import Permission
from webapp.core.area import Area, Nav

area = Area(
    name="accounts",
    pages=(pages,),
    nav=(Nav("Admin", "accounts.company", "admin", Permission.COMPANY_READ, also=("llm",)),),
    commands=(company, staff, tokens, audit),
)
