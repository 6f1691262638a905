"""Named points at which a test can hold a process and kill it; nothing unless ATELIER_FAULT names one."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def fault(point: str) -> None:
    """Hold this process for good at its first pass, if the environment names the point.

    ATELIER_FAULT is `POINT:FILE`. The file is made by the process that is held; whoever passes
    when it exists goes on.
    """
    wanted, _, marker = os.environ.get("ATELIER_FAULT", "").partition(":")
    if wanted != point:
        return
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return
    while True:
        signal.pause()
