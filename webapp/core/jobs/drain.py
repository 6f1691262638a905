"""Whether this process was asked to end: the item at hand is finished, the rest handed back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Drain:
    """A flag that a signal handler may set: a plain attribute, for it must not wait for any lock."""

    asked: bool = False

    def ask(self, *_signal: object) -> None:
        """Ask for the end after the item at hand."""
        self.asked = True
