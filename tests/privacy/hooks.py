"""Something that happens while something else is under way: at a statement, or at the commit after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session


class Once:
    """Does something one time: when a statement with the sign ran, or `after` it.

    At the next "commit" of any session, or at the "begin" of the transaction behind that.
    """

    def __init__(self, sign: str, deed: Callable[[], None], after: str) -> None:
        self.sign, self.deed, self.after = sign, deed, after
        self.met = self.over = False
        self.begun: list[bool] = []

    def executed(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self.sign in statement and not self.met:
            self.met = True
            self._do("")

    def committed(self, _session: Any) -> None:
        if self.met:
            self.over = True
            self._do("commit")

    def began(self, *_told: Any) -> None:
        if self.over:
            self._do("begin")

    def _do(self, moment: str) -> None:
        if moment == self.after and not self.begun:
            self.begun.append(True)
            self.deed()


@contextmanager
def once(sign: str, deed: Callable[[], None], after: str = "") -> Iterator[list[bool]]:
    """Have it done while the body runs; answers whether it was."""
    hook = Once(sign, deed, after)
    heard = [
        (Engine, "after_cursor_execute", hook.executed),
        (Session, "after_commit", hook.committed),
        (Session, "after_begin", hook.began),
    ]
    for one in heard:
        event.listen(*one)
    try:
        yield hook.begun
    finally:
        for one in heard:
            event.remove(*one)
