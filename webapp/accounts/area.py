"""What the accounts bring to the application."""

from __future__ import annotations

from webapp.accounts.commands import company, confined_to, staff, tokens
from webapp.accounts.pages import pages
from webapp.core.access import Permission
from webapp.core.area import Area, Nav
from webapp.core.imports.commands import import_command
from webapp.core.list_commands import export_command

area = Area(
    name="accounts",
    pages=(pages,),
    nav=(Nav("Admin", "accounts.company", "admin", Permission.COMPANY_READ, also=("llm",)),),
    commands=(company, staff, tokens, import_command(confined_to), export_command(confined_to)),
)
