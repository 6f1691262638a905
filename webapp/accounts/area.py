"""What the accounts bring to the application."""

from __future__ import annotations

from webapp.accounts.audit_commands import audit
from webapp.accounts.audit_pages import pages as audit_pages
from webapp.accounts.check_command import check
from webapp.accounts.commands import company, confined_to, staff, tokens
from webapp.accounts.holdings import HOLDINGS
from webapp.accounts.pages import pages
from webapp.accounts.settings_pages import pages as settings_pages
from webapp.accounts.team_pages import pages as team_pages
from webapp.accounts.token_pages import pages as token_pages
from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.imports.commands import import_command
from webapp.core.list_commands import export_command

area = Area(
    name="accounts",
    pages=(pages, team_pages, token_pages, audit_pages, settings_pages),
    nav=(
        Nav(
            "Admin",
            "accounts.company",
            "admin",
            Permission.COMPANY_READ,
            also=("llm", "privacy", "keeping", "looks"),
        ),
    ),
    commands=(
        company,
        staff,
        tokens,
        audit,
        check,
        import_command(confined_to),
        export_command(confined_to),
    ),
    holdings=HOLDINGS,
)
