"""Where each field of a persona came from: drafted, drafted then edited, or written by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

State = Literal["drafted", "edited", "own"]
TIMES = ("at", "edited_at")


@dataclass(frozen=True)
class Origin:
    """One field's origin. `sources` names the given facts that the drafted text used.

    `window` is the key of the form that a person typed into: a text from another one was not seen in this.
    """

    state: State
    model: str = ""
    prompt: str = ""
    at: datetime | None = None
    edited_by: str = ""
    edited_at: datetime | None = None
    sources: tuple[str, ...] = field(default_factory=tuple)
    window: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether a person wrote or edited the text, so that no draft may replace it unasked."""
        return self.state != "drafted"


def origin_of(kept: Mapping[str, Any], name: str) -> Origin | None:
    """Read the origin of a field from what is stored, or None when the field is empty."""
    row = kept.get(name)
    if not row:
        return None
    times = {key: datetime.fromisoformat(row[key]) if row.get(key) else None for key in TIMES}
    return Origin(**{**row, **times, "sources": tuple(row.get("sources", ()))})


def stored(origin: Origin) -> dict[str, Any]:
    """The origin as it is stored."""
    row = asdict(origin)
    times = {key: row[key].isoformat() if row[key] else None for key in TIMES}
    return {**row, **times, "sources": list(origin.sources)}


def edited(before: Origin | None, who: str, when: datetime, window: str = "") -> Origin:
    """The origin after a person changed the text."""
    if before is None or before.state == "own":
        return Origin("own", edited_by=who, edited_at=when, window=window)
    return Origin("edited", before.model, before.prompt, before.at, who, when, before.sources, window)


def drafted(model: str, prompt: str, when: datetime, sources: tuple[str, ...] = ()) -> Origin:
    """The origin of a text that a drafter wrote."""
    return Origin("drafted", model, prompt, when, sources=sources)
