"""The table of routes and who may use them, written from the routes themselves."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.core.access import Permission, Role

HEAD = """# Who may do what

Written by `make docs` from the routes; a test compares it with them. A token may do what its scopes cover.

| route | permission | roles |
| --- | --- | --- |"""


@click.command("permissions")
@with_appcontext
def permissions() -> None:
    """Print the table of routes, permissions and roles as Markdown."""
    click.echo(HEAD)
    for line in sorted(_lines()):
        click.echo(line)


def _lines() -> list[str]:
    views = current_app.view_functions
    return [
        f"| `{method} {rule.rule}` | {permission.label} | {_roles(permission)} |"
        for rule in current_app.url_map.iter_rules()
        if (permission := getattr(views[rule.endpoint], "permission", None))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def _roles(permission: Permission) -> str:
    if permission is Permission.PUBLIC:
        return ""
    return ", ".join(role.value for role in Role if permission in role.permissions)
