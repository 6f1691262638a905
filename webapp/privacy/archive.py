"""An export as a file: a page to read, and everything as JSON, in one zip."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from webapp.privacy.telling import Part, counts_of

MOST_SHOWN = 500  # rows of a table on the page; the JSON beside it holds all
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}table{border-collapse:collapse;display:block;overflow-x:auto;font-size:.9rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}"
    "pre{margin:0;white-space:pre-wrap;font:inherit}h2{margin-top:2rem}"
)


def write_archive(path: Path, who: str, company: str, at: datetime, parts: Sequence[Part]) -> int:
    """Write the zip; answers its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    names = _names(parts)
    about = {"user": who, "company": company, "made_at": at.isoformat(timespec="seconds")}
    listed = [
        {"title": part.title, "file": name, "rows": len(part.rows)}
        for part, name in zip(parts, names, strict=True)
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", _page(about, parts, names))
        archive.writestr("index.json", _json({**about, "parts": listed}))
        for part, name in zip(parts, names, strict=True):
            archive.writestr(name, _json(list(part.rows)))
    return path.stat().st_size


def _names(parts: Sequence[Part]) -> list[str]:
    """A file's name for each part; two of the same title are numbered."""
    found = list[str]()
    for part in parts:
        name = re.sub(r"[^a-z0-9]+", "-", part.title.lower()).strip("-")
        same = sum(one.split(".")[0].rstrip("-0123456789") == name for one in found)
        found.append(f"{name}{f'-{same + 1}' if same else ''}.json")
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _page(about: dict[str, str], parts: Sequence[Part], names: Sequence[str]) -> str:
    counts = sum(counts_of(parts).values())
    sections = "".join(_section(part, name) for part, name in zip(parts, names, strict=True))
    contents = "".join(
        f'<li><a href="#{name[:-5]}">{escape(part.title)}</a> ({len(part.rows):,})</li>'
        for part, name in zip(parts, names, strict=True)
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>What {escape(about["company"])} holds of you</title>'
        f"<style>{STYLE}</style><h1>What {escape(about['company'])} holds of you</h1>"
        f"<p>This is everything that is kept under <b>{escape(about['user'])}</b>, as it stood on "
        f"{escape(about['made_at'])}: {counts:,} records. Each part stands here to be read, and in a JSON "
        f"file beside this page, for programs. Nothing of anybody else is in it.</p>"
        f"<ul>{contents}</ul>{sections}"
    )


def _section(part: Part, name: str) -> str:
    head = "".join(f"<th>{escape(column.replace('_', ' '))}</th>" for column in part.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(row.get(column))}</td>" for column in part.columns) + "</tr>"
        for row in part.rows[:MOST_SHOWN]
    )
    more = len(part.rows) - MOST_SHOWN
    rest = f"<p>{more:,} more stand in {escape(name)}.</p>" if more > 0 else ""
    return f'<h2 id="{name[:-5]}">{escape(part.title)}</h2><table><tr>{head}</tr>{body}</table>{rest}'


def _cell(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, dict | list):
        return f"<pre>{escape(_json(value))}</pre>"
    return escape({True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))
