"""Things that several threads bring at once: done in one go, each answered for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from tests.instance import until
from webapp.core.errors import Conflict, DomainError
from webapp.core.together import Together


class Deed:
    """Doubles numbers; the first call waits until it is let go. 13 is refused, 99 breaks."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun, self.go = Event(), Event()

    def __call__(self, some: Sequence[int]) -> list[int]:
        self.calls.append(list(some))
        if len(self.calls) == 1:
            self.begun.set()
            self.go.wait(20)
        if 13 in some:
            raise Conflict("Not 13.")
        if 99 in some:
            raise OSError("broken")
        return [2 * one for one in some]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def brought(threads: ThreadPoolExecutor, deed: Deed, *things: int) -> list[Future[int]]:
    """What becomes of these, all waiting while another of their key is done."""
    together = Together[int, int]()
    first = threads.submit(together.do, "a", 1, deed)
    assert deed.begun.wait(20)
    others = [threads.submit(together.do, "a", thing, deed) for thing in things]
    until(lambda: len(together) == len(things))
    deed.go.set()
    assert first.result(20) == 2
    return others


def test_what_waits_is_done_in_one_go(threads: ThreadPoolExecutor) -> None:
    deed = Deed()
    found = brought(threads, deed, 2, 3, 4)
    assert [one.result(20) for one in found] == [4, 6, 8]
    assert [sorted(some) for some in deed.calls] == [[1], [2, 3, 4]]


def test_nobody_waits_for_those_of_another_key(threads: ThreadPoolExecutor) -> None:
    deed, together = Deed(), Together[int, int]()
    first = threads.submit(together.do, "a", 1, deed)
    assert deed.begun.wait(20)
    assert threads.submit(together.do, "b", 2, deed).result(20) == 4
    assert not first.done()
    deed.go.set()
    assert first.result(20) == 2


def test_a_refusal_is_told_to_the_one_it_is_for(threads: ThreadPoolExecutor) -> None:
    deed = Deed()
    found = brought(threads, deed, 2, 13, 4)
    assert (found[0].result(20), found[2].result(20)) == (4, 8)
    with pytest.raises(DomainError, match="Not 13"):
        found[1].result(20)
    assert sorted(map(sorted, deed.calls)) == [[1], [2], [2, 4, 13], [4], [13]]


def test_what_breaks_breaks_for_all_and_is_not_tried_again(threads: ThreadPoolExecutor) -> None:
    deed = Deed()
    found = brought(threads, deed, 2, 99)
    for one in found:
        with pytest.raises(OSError, match="broken"):
            one.result(20)
    assert len(deed.calls) == 2


def test_a_refusal_alone_is_asked_once(threads: ThreadPoolExecutor) -> None:
    deed = Deed()
    found = brought(threads, deed, 13)
    with pytest.raises(DomainError, match="Not 13"):
        found[0].result(20)
    assert deed.calls == [[1], [13]]
