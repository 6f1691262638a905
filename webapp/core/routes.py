"""Routes whose address builders are compiled when the first address is built, not at the start."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
_compiling = threading.Lock()


class LazyRule(Rule):
    """A rule that is matched like any other; most of hundreds are never built in one process."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002  # as werkzeug calls it
        compiled: list[Builder] = []
        now = super()._compile_builder

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                with _undisturbed():
                    compiled.append(now(append_unknown))
            return compiled[0](rule, **values)

        return build


@contextmanager
def _undisturbed() -> Iterator[None]:
    """One thread at a time, and no finalizer in between: CPython 3.11's compiler minds (106905)."""
    with _compiling:
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()
