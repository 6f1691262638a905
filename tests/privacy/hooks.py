"""Something that happens while something else is under way: at a statement, or at the commit after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session


class Once:
    """Does something one time: when a statement with the sign ran, or `after` it.

    At the next "commit" of any session, or at the "begin" of the transaction behind that. Only what the
    thread does that made it counts: a heartbeat has transactions of its own.
    """

    def __init__(self, sign: str, deed: Callable[[], None], after: str) -> None:
        self.sign, self.deed, self.after = sign, deed, after
        self.met = self.over = False
        self.begun: list[bool] = []
        self.thread = get_ident()

    def executed(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self.sign in statement and not self.met and self._mine():
            self.met = True
            self._do("")

    def committed(self, _session: Any) -> None:
        if self.met and self._mine():
            self.over = True
            self._do("commit")

    def began(self, *_told: Any) -> None:
        if self.over and self._mine():
            self._do("begin")

    def _mine(self) -> bool:
        return get_ident() == self.thread

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
