"""The rate of calls that all workers keep together."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from webapp.core.errors import TooMany
from webapp.core.store.limits import Limit, Limits

LONGEST_WAIT = 1.0  # seconds between two looks


@dataclass(frozen=True)
class Pace:
    """Lets so many calls a minute go, over all processes."""

    limits: Limits
    a_minute: int

    def __call__(self, stop: threading.Event) -> float | None:
        """Wait for this call's turn; answers the seconds waited, or None when `stop` was set meanwhile."""
        began = time.monotonic()
        while True:
            try:
                self.limits.hit(Limit("llm-calls", self.a_minute), "all")
            except TooMany as full:
                if stop.wait(min(LONGEST_WAIT, full.seconds)):
                    return None
            else:
                return time.monotonic() - began
